#include <ctype.h>
#include <string.h>

#include "core/redact/piece_internal.h"

/* Where ${end} begins at or behind ${at}; ${len} if nowhere. */
static size_t
find(const uint8_t * p, size_t len, size_t at, const char * end)
{
	const uint8_t * found = at >= len ? NULL :
	    memmem(&p[at], len - at, end, strlen(end));

	return (found == NULL ? len : (size_t)(found - p));
}

/* Write what the entity at ${p} is; return its length, 0 if it is none. */
static size_t
entity(const uint8_t * p, size_t len, uint8_t * to)
{
	static const struct {
		const char * name;
		char c;
	} known[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
	    { "&quot;", '"' }, { "&apos;", '\'' } };
	unsigned c = 0;
	size_t i;

	for (i = 0; i < COUNTOF(known); i++) {
		if (len >= strlen(known[i].name) && strncmp((const char *)p,
		    known[i].name, strlen(known[i].name)) == 0) {
			*to = (uint8_t)known[i].c;
			return (strlen(known[i].name));
		}
	}
	/* Numbers of one byte; others are seen through the scan's lens. */
	for (i = 2; len > 3 && p[1] == '#' && i < len && i < 6 &&
	    isdigit(p[i]); i++)
		c = c * 10 + (unsigned)(p[i] - '0');
	if (i <= 2 || i >= len || p[i] != ';' || c > 0x7f)
		return (0);
	*to = (uint8_t)c;
	return (i + 1);
}

static void
add_text(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	uint8_t * to;
	size_t i, n = 0, used;

	while (len > 0 && isspace(p[len - 1]))
		len--;
	for (; len > 0 && isspace(*p); p++)
		len--;
	if (memchr(p, '&', len) == NULL) {
		piece_leaf(out, p, len, depth);
		return;
	}
	if ((to = piece_room(out, len)) == NULL)
		return;
	for (i = 0; i < len;) {
		if (p[i] == '&' && (used = entity(&p[i], len - i,
		    &to[n])) != 0) {
			i += used;
			n++;
		} else {
			to[n++] = p[i++];
		}
	}
	piece_leaf(out, to, n, depth);
}

/* The attributes of the tag [${p}, ${p} + ${len}). */
static void
add_attributes(struct pieces * out, const uint8_t * p, size_t len,
    unsigned depth)
{
	const uint8_t * end;
	size_t i;

	for (i = 1; i < len; i++) {
		if ((p[i] != '"' && p[i] != '\'') || p[i - 1] != '=')
			continue;
		end = memchr(&p[i + 1], p[i], len - i - 1);
		if (end == NULL)
			return;
		add_text(out, &p[i + 1], (size_t)(end - &p[i + 1]), depth);
		i = (size_t)(end - p);
	}
}

/* Past what begins with the < at ${at}. */
static size_t
markup(struct pieces * out, const uint8_t * p, size_t len, size_t at,
    unsigned depth)
{
	size_t end;

	if (len - at > 4 && strncmp((const char *)&p[at], "<!--", 4) == 0) {
		end = find(p, len, at + 4, "-->");
		return (end == len ? len : end + 3);
	}
	if (len - at > 9 && strncmp((const char *)&p[at], "<![CDATA[",
	    9) == 0) {
		end = find(p, len, at + 9, "]]>");
		piece_leaf(out, &p[at + 9], end - at - 9, depth);
		return (end == len ? len : end + 3);
	}
	end = find(p, len, at, ">");
	add_attributes(out, &p[at], end - at, depth);
	return (end == len ? len : end + 1);
}

/** piece_xml: elements; their text and attributes. */
bool
piece_xml(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	size_t at = 0, end = len;

	while (at < end && isspace(p[at]))
		at++;
	while (end > at && isspace(p[end - 1]))
		end--;
	if (end - at < 5 || p[at] != '<' || p[end - 1] != '>' ||
	    (!isalpha(p[at + 1]) && p[at + 1] != '?' && p[at + 1] != '!') ||
	    (find(p, end, at, "</") == end && find(p, end, at, "/>") == end))
		return (false);
	while (at < end && !out->too_many) {
		len = find(p, end, at, "<");
		add_text(out, &p[at], len - at, depth);
		at = len == end ? end : markup(out, p, end, len, depth);
	}
	return (true);
}
