#include <ctype.h>
#include <string.h>

#include "core/redact/piece_internal.h"

static unsigned
hex(const uint8_t * p, size_t digits)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < digits; i++)
		n = n << 4 | (unsigned)(isdigit(p[i]) ? p[i] - '0' :
		    (p[i] | 0x20) - 'a' + 10);
	return (n);
}

static bool
are_hex(const uint8_t * p, size_t len, size_t digits)
{
	size_t i;

	for (i = 0; i < digits; i++) {
		if (i >= len || !isxdigit(p[i]))
			return (false);
	}
	return (true);
}

/* ${c} in UTF-8, which is never longer than its escape. */
static size_t
put(uint8_t * to, unsigned c)
{

	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return (1);
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 0x3f));
		return (2);
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c & 0x3f));
		return (3);
	}
	to[0] = (uint8_t)(0xf0 | (c >> 18 & 7));
	to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (c & 0x3f));
	return (4);
}

/* What \uXXXX at ${p} is, with its second half; ${used} is its length. */
static unsigned
unicode(const uint8_t * p, size_t len, size_t * used)
{
	unsigned c = hex(&p[2], 4), low;

	*used = 6;
	if (c < 0xd800 || c > 0xdbff || len < 12 || p[6] != '\\' ||
	    p[7] != 'u' || !are_hex(&p[8], len - 8, 4))
		return (c);
	low = hex(&p[8], 4);
	if (low < 0xdc00 || low > 0xdfff)
		return (c);
	*used = 12;
	return (0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff)));
}

/* Undo the escape at ${p}; return the length of it. */
static size_t
undo(const uint8_t * p, size_t len, uint8_t * to, size_t * n)
{
	static const char from[] = "nrtbf0ae", into[] = "\n\r\t\b\f\0\a\033";
	const char * at;
	size_t used;

	if (len < 2) {
		to[(*n)++] = p[0];
		return (1);
	}
	if (p[1] == 'u' && are_hex(&p[2], len - 2, 4)) {
		*n += put(&to[*n], unicode(p, len, &used));
		return (used);
	}
	if (p[1] == 'U' && are_hex(&p[2], len - 2, 8)) {
		*n += put(&to[*n], hex(&p[2], 8));
		return (10);
	}
	if (p[1] == 'x' && are_hex(&p[2], len - 2, 2)) {
		*n += put(&to[*n], hex(&p[2], 2));
		return (4);
	}
	at = p[1] == '\0' ? NULL : strchr(from, p[1]);
	to[(*n)++] = at != NULL ? (uint8_t)into[at - from] : p[1];
	return (2);
}

/** piece_unescape(out, p, len, depth): the text of a leaf with escapes. */
void
piece_unescape(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth)
{
	uint8_t * to = piece_room(out, len);
	size_t i = 0, n = 0;

	if (to == NULL)
		return;
	while (i < len) {
		if (p[i] == '\\')
			i += undo(&p[i], len - i, to, &n);
		else
			to[n++] = p[i++];
	}
	piece_leaf(out, to, n, depth);
}
