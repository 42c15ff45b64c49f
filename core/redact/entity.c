#include <ctype.h>
#include <string.h>

#include "core/redact/entity_internal.h"

static const struct {
	const char * name;
	char c;
} names[] = {
	{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
	{ "&quot;", '"' }, { "&apos;", '\'' },
};

static size_t
utf8_encode(char * to, uint32_t c)
{

	if (c < 0x80) {
		to[0] = (char)c;
		return (1);
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return (2);
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return (3);
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return (4);
}

static int
digit(char c, bool hex)
{

	if (c >= '0' && c <= '9')
		return (c - '0');
	if (hex && isxdigit((unsigned char)c))
		return (tolower((unsigned char)c) - 'a' + 10);
	return (-1);
}

/* The length of the numeric entity at ${p}, its character in ${c}; or 0. */
static size_t
numeric(const char * p, size_t len, uint32_t * c)
{
	size_t i = 2, first;
	bool hex;

	if (len < 4 || p[1] != '#')
		return (0);
	hex = p[2] == 'x' || p[2] == 'X';
	first = i += hex ? 1 : 0;
	for (*c = 0; i < len && digit(p[i], hex) >= 0; i++) {
		*c = *c * (hex ? 16 : 10) + (uint32_t)digit(p[i], hex);
		if (*c > 0x10ffff)
			return (0);
	}
	if (i == first || i >= len || p[i] != ';')
		return (0);
	return (i + 1);
}

/* The length of the entity at ${p}; its character goes to ${to}. Or 0. */
static size_t
entity(char * to, size_t * to_len, const char * p, size_t len)
{
	uint32_t c;
	size_t i, n;

	for (i = 0; i < COUNTOF(names); i++) {
		n = strlen(names[i].name);
		if (len >= n && strncmp(p, names[i].name, n) == 0) {
			to[(*to_len)++] = names[i].c;
			return (n);
		}
	}
	if ((n = numeric(p, len, &c)) != 0)
		*to_len += utf8_encode(&to[*to_len], c);
	return (n);
}

/** entity_decode(to, text, len): undo entities. */
size_t
entity_decode(char * to, const char * text, size_t len)
{
	const char * amp;
	size_t at = 0, n = 0, plain, used;

	while (at < len) {
		amp = memchr(&text[at], '&', len - at);
		plain = amp == NULL ? len - at : (size_t)(amp - &text[at]);
		memcpy(&to[n], &text[at], plain);
		n += plain;
		at += plain;
		if (at == len)
			break;
		used = entity(to, &n, &text[at], len - at);
		if (used == 0) {
			to[n++] = '&';
			used = 1;
		}
		at += used;
	}
	return (n);
}
