#include "core/base/strbuf.h"

/* The second byte of a sequence decides between overlong, surrogate, good. */
static bool
second_byte_good(uint8_t first, uint8_t second)
{
	uint8_t least = 0x80, most = 0xbf;

	if (first == 0xe0)
		least = 0xa0;
	else if (first == 0xed)
		most = 0x9f;
	else if (first == 0xf0)
		least = 0x90;
	else if (first == 0xf4)
		most = 0x8f;
	return (second >= least && second <= most);
}

/**
 * utf8_next(text, len):
 * The length of the well-formed character that ${text} starts with, 0 if it
 * starts with none.
 */
size_t
utf8_next(const char * text, size_t len)
{
	const uint8_t * s = (const uint8_t *)text;
	size_t n, i;

	if (len == 0)
		return (0);
	if (s[0] < 0x80)
		return (1);
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return (0);
	if (len < n || !second_byte_good(s[0], s[1]))
		return (0);
	for (i = 2; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return (0);
	}
	return (n);
}

/** utf8_valid(text, len): whether ${text} is well-formed UTF-8 (RFC 3629). */
bool
utf8_valid(const char * text, size_t len)
{
	size_t i, n;

	for (i = 0; i < len; i += n) {
		if ((n = utf8_next(&text[i], len - i)) == 0)
			return (false);
	}
	return (true);
}

/** utf8_has_control(text, len): whether it holds U+0000..1F, 7F..9F. */
bool
utf8_has_control(const char * text, size_t len)
{
	const uint8_t * s = (const uint8_t *)text;
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] < 0x20 || s[i] == 0x7f)
			return (true);
		if (s[i] == 0xc2 && i + 1 < len && s[i + 1] >= 0x80 &&
		    s[i + 1] <= 0x9f)
			return (true);
	}
	return (false);
}
