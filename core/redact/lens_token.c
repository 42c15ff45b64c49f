#include <string.h>

#include "core/redact/lens_internal.h"

/* Entities that HTML and XML writers use. */
static const struct {
	const char * name;
	uint8_t c;
} entities[] = {
	{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
	{ "&quot;", '"' }, { "&apos;", '\'' },
};

/* "&#x0010ffff;" */
#define ENTITY_MAX	((size_t)14)

static enum lens_what
one(struct lens_token * t, size_t used, uint8_t c)
{

	t->used = used;
	t->n = 1;
	t->b[0] = c;
	return (LENS_TOKEN);
}

static enum lens_what
more(bool ends)
{

	return (ends ? LENS_PLAIN : LENS_MORE);
}

static enum lens_what
utf8(struct lens_token * t, size_t used, uint32_t c)
{
	uint8_t lead = 0xc0;

	if (c < 0x80)
		return (one(t, used, (uint8_t)c));
	t->used = used;
	t->n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	lead = t->n == 2 ? 0xc0 : t->n == 3 ? 0xe0 : 0xf0;
	t->b[0] = (uint8_t)(lead | c >> 6 * (t->n - 1));
	t->b[1] = (uint8_t)(0x80 | (c >> 6 * (t->n - 2) & 0x3f));
	if (t->n > 2)
		t->b[2] = (uint8_t)(0x80 | (c >> 6 * (t->n - 3) & 0x3f));
	if (t->n > 3)
		t->b[3] = (uint8_t)(0x80 | (c & 0x3f));
	return (LENS_TOKEN);
}

/* The value of ${n} hex digits, or -1; ${*have} of them are there. */
static int32_t
hex(const uint8_t * p, size_t left, size_t n, size_t * have)
{
	int32_t value = 0;
	size_t i;

	for (i = 0; i < n && i < left; i++) {
		if (lens_hex_digit(p[i]) < 0) {
			*have = n;
			return (-1);
		}
		value = value << 4 | lens_hex_digit(p[i]);
	}
	*have = i;
	return (i == n ? value : -1);
}

/* \uXXXX, or two of them for one character. */
static enum lens_what
read_unicode(const uint8_t * p, size_t left, bool ends, struct lens_token * t)
{
	int32_t high, low;
	size_t have;

	high = hex(&p[2], left - 2, 4, &have);
	if (have < 4 && !ends)
		return (LENS_MORE);
	if (high < 0)
		return (one(t, 2, 'u'));
	if ((high & 0xfc00) != 0xd800)
		return (utf8(t, 6, (uint32_t)high));
	if (left < 12 && !ends && (left < 7 || (p[6] == '\\' && (left < 8 ||
	    p[7] == 'u'))))
		return (LENS_MORE);
	if (left < 12 || p[6] != '\\' || p[7] != 'u')
		return (utf8(t, 6, (uint32_t)high));
	low = hex(&p[8], left - 8, 4, &have);
	if (low < 0 || (low & 0xfc00) != 0xdc00)
		return (utf8(t, 6, (uint32_t)high));
	return (utf8(t, 12, 0x10000 + (((uint32_t)high & 0x3ff) << 10) +
	    ((uint32_t)low & 0x3ff)));
}

static enum lens_what
read_octal(const uint8_t * p, size_t left, bool ends, struct lens_token * t)
{
	unsigned value = 0;
	size_t i;

	for (i = 1; i < 4 && i < left && p[i] >= '0' && p[i] <= '7'; i++)
		value = value << 3 | (unsigned)(p[i] - '0');
	if (i < 4 && i == left && !ends)
		return (LENS_MORE);
	return (one(t, i, (uint8_t)value));
}

/** lens_read_code: backslashes as in JSON and C. */
enum lens_what
lens_read_code(const uint8_t * p, size_t left, bool ends,
    struct lens_token * t)
{
	static const char from[] = "abefnrtv", to[] = "\a\b\033\f\n\r\t\v";
	const char * letter;
	int32_t value;
	size_t have;

	if (p[0] != '\\')
		return (LENS_PLAIN);
	if (left < 2)
		return (more(ends));
	if (p[1] == 'u')
		return (read_unicode(p, left, ends, t));
	if (p[1] >= '0' && p[1] <= '7')
		return (read_octal(p, left, ends, t));
	if (p[1] == 'x') {
		value = hex(&p[2], left - 2, 2, &have);
		if (have < 2 && !ends)
			return (LENS_MORE);
		return (one(t, value < 0 ? 2 : 4, value < 0 ? 'x' :
		    (uint8_t)value));
	}
	if (p[1] != '\0' && (letter = strchr(from, p[1])) != NULL)
		return (one(t, 2, (uint8_t)to[letter - from]));
	return (one(t, 2, p[1]));
}

/** lens_read_quote: ' as '\\'' or '"'"'. */
enum lens_what
lens_read_quote(const uint8_t * p, size_t left, bool ends,
    struct lens_token * t)
{
	static const char * const quotes[] = { "'\\''", "'\"'\"'" };
	size_t i, n;

	for (i = 0; p[0] == '\'' && i < COUNTOF(quotes); i++) {
		n = strlen(quotes[i]);
		if (left >= n && strncmp((const char *)p, quotes[i], n) == 0)
			return (one(t, n, '\''));
		if (left < n && !ends &&
		    strncmp((const char *)p, quotes[i], left) == 0)
			return (LENS_MORE);
	}
	return (LENS_PLAIN);
}

/** lens_read_shell: \c as well. */
enum lens_what
lens_read_shell(const uint8_t * p, size_t left, bool ends,
    struct lens_token * t)
{

	if (p[0] != '\\')
		return (lens_read_quote(p, left, ends, t));
	if (left < 2)
		return (more(ends));
	return (one(t, 2, p[1]));
}

/** lens_read_percent: %XX. */
enum lens_what
lens_read_percent(const uint8_t * p, size_t left, bool ends,
    struct lens_token * t)
{
	int32_t value;
	size_t have;

	if (p[0] != '%')
		return (LENS_PLAIN);
	value = hex(&p[1], left - 1, 2, &have);
	if (have < 2)
		return (more(ends));
	if (value < 0)
		return (LENS_PLAIN);
	return (one(t, 3, (uint8_t)value));
}

/** lens_read_plus: %XX, and + is a space. */
enum lens_what
lens_read_plus(const uint8_t * p, size_t left, bool ends,
    struct lens_token * t)
{

	if (p[0] == '+')
		return (one(t, 1, ' '));
	return (lens_read_percent(p, left, ends, t));
}

/* &#N; and &#xN;, complete up to ${end}, where its semicolon is. */
static enum lens_what
read_number(const uint8_t * p, size_t end, struct lens_token * t)
{
	uint32_t value = 0, base = 10;
	size_t i = 2;
	int digit;

	if (p[i] == 'x' || p[i] == 'X') {
		base = 16;
		i++;
	}
	if (i == end)
		return (LENS_PLAIN);
	for (; i < end; i++) {
		digit = lens_hex_digit(p[i]);
		if (digit < 0 || (uint32_t)digit >= base)
			return (LENS_PLAIN);
		value = value * base + (uint32_t)digit;
		if (value > 0x10ffff)
			return (LENS_PLAIN);
	}
	return (utf8(t, end + 1, value));
}

/** lens_read_markup: entities. */
enum lens_what
lens_read_markup(const uint8_t * p, size_t left, bool ends,
    struct lens_token * t)
{
	size_t i, n, end;

	if (p[0] != '&')
		return (LENS_PLAIN);
	for (end = 1; end < left && end < ENTITY_MAX && p[end] != ';'; end++) {
		if (p[end] != '#' && lens_hex_digit(p[end]) < 0 &&
		    (p[end] | 0x20) < 'a')
			return (LENS_PLAIN);
	}
	if (end == left && end < ENTITY_MAX)
		return (more(ends));
	if (end == ENTITY_MAX || p[end] != ';' || end < 2)
		return (LENS_PLAIN);
	if (p[1] == '#')
		return (end < 3 ? LENS_PLAIN : read_number(p, end, t));
	for (i = 0; i < COUNTOF(entities); i++) {
		n = strlen(entities[i].name);
		if (n == end + 1 && strncmp((const char *)p, entities[i].name,
		    n) == 0)
			return (one(t, n, entities[i].c));
	}
	return (LENS_PLAIN);
}
