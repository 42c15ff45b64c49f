#include <string.h>

#include "core/redact/lens_internal.h"

/*
 * Readers of what is a run of one alphabet: hex and base64. A form in it has
 * nothing but its alphabet from its first to its last byte.
 */

/* Bytes between two of hex: ", 0x" and a line's end with its indentation. */
#define BETWEEN_MAX	((size_t)24)

static bool
is_between(uint8_t c)
{

	return (c == ' ' || c == ',' || c == ':' || c == '-' || c == '\n' ||
	    c == '\r' || c == '\t');
}

static bool
is_prefix(const uint8_t * p)
{

	return ((p[0] == '0' || p[0] == '\\') && (p[1] | 0x20) == 'x');
}

/* What stands between two bytes of hex: passed over. */
static enum lens_what
read_between(const uint8_t * p, size_t left, bool ends, struct lens_token * t)
{
	size_t i = 0;

	while (i < left && i < BETWEEN_MAX && is_between(p[i]))
		i++;
	if (i == left && !ends)
		return (LENS_MORE);
	if (i == 0 || i == left || i == BETWEEN_MAX)
		return (LENS_BREAK);
	t->used = i;
	t->n = 0;
	return (LENS_TOKEN);
}

/** lens_read_hex: pairs of digits. */
enum lens_what
lens_read_hex(const uint8_t * p, size_t left, bool ends, struct lens_token * t)
{
	size_t at = 0;

	if (lens_hex_digit(p[0]) < 0 && p[0] != '\\')
		return (read_between(p, left, ends, t));
	if (left >= 2 && is_prefix(p))
		at = 2;
	if (left < at + 2)
		return (ends ? LENS_BREAK : LENS_MORE);
	if (lens_hex_digit(p[at]) < 0 || lens_hex_digit(p[at + 1]) < 0)
		return (LENS_BREAK);
	t->used = at + 2;
	t->n = 1;
	t->b[0] = (uint8_t)(lens_hex_digit(p[at]) << 4 |
	    lens_hex_digit(p[at + 1]));
	return (LENS_TOKEN);
}

static size_t
skip(const uint8_t * p, size_t left, size_t i, const char * set)
{

	while (i < left && i < LENS_TOKEN_MAX && p[i] != '\0' &&
	    strchr(set, p[i]) != NULL)
		i++;
	return (i);
}

/* A line's end, with what writers put before and behind it. */
static enum lens_what
read_wrap(const uint8_t * p, size_t left, bool ends, struct lens_token * t)
{
	size_t i, line;

	for (line = 0; line < left && line < LENS_TOKEN_MAX &&
	    lens_is(p[line], LENS_IS_WRAP); )
		line++;
	if (line == left)
		return (ends ? LENS_BREAK : LENS_MORE);
	if (line == LENS_TOKEN_MAX || p[line] != '\n')
		return (LENS_BREAK);
	i = skip(p, left, line + 1, " \t>|#*\"'\r\n");
	if (i == left && !ends)
		return (LENS_MORE);
	if (i >= LENS_TOKEN_MAX)
		return (LENS_BREAK);
	t->used = i;
	t->n = 0;
	return (LENS_TOKEN);
}

/** lens_read_base64: one alphabet, lines joined. */
enum lens_what
lens_read_base64(const uint8_t * p, size_t left, bool ends,
    struct lens_token * t)
{

	if (!lens_is(p[0], LENS_IS_BASE64))
		return (read_wrap(p, left, ends, t));
	if (p[0] != '-' && p[0] != '_')
		return (LENS_PLAIN);
	t->used = 1;
	t->n = 1;
	t->b[0] = p[0] == '-' ? '+' : '/';
	return (LENS_TOKEN);
}
