#include <ctype.h>
#include <string.h>

#include "core/redact/json_internal.h"
#include "core/redact/piece_internal.h"

/* Deeper nesting is no shape that programs write. */
#define NESTED_MAX	512

/* Where leaves go; a first walk, with none, tells whether it is JSON. */
struct walk {
	struct json_text t;
	struct pieces * out;
	unsigned depth;
	unsigned nested;
	bool object[NESTED_MAX];
};

static void
blanks(struct json_text * t)
{

	while (t->at < t->len && isspace((unsigned char)t->p[t->at]))
		t->at++;
}

static void
leaf(const struct walk * w, size_t from)
{
	const uint8_t * p = (const uint8_t *)&w->t.p[from];
	size_t len = w->t.at - from;

	if (w->out == NULL || w->out->too_many)
		return;
	if (*p != '"') {
		/* 3.14159265 is no secret; a number of digits may be one. */
		if (memchr(p, '.', len) == NULL)
			piece_add(w->out, REDACT_LEAF, p, len);
		return;
	}
	if (memchr(p, '\\', len) != NULL)
		piece_unescape(w->out, &p[1], len - 2, w->depth);
	else
		piece_leaf(w->out, &p[1], len - 2, w->depth);
}

/* Past a value, or the begin of one that holds others. */
static bool
value(struct walk * w)
{
	size_t from;
	char c;

	blanks(&w->t);
	if (w->t.at == w->t.len)
		return (false);
	from = w->t.at;
	c = w->t.p[from];
	if (c == '{' || c == '[') {
		if (w->nested == NESTED_MAX)
			return (false);
		w->object[w->nested++] = c == '{';
		w->t.at++;
		return (true);
	}
	if (c == '"' ? !json_text_string(&w->t) : !json_number(&w->t) &&
	    !json_word(&w->t))
		return (false);
	leaf(w, from);
	return (true);
}

/* Past "key": if an object is open. */
static bool
key(struct walk * w)
{

	if (!w->object[w->nested - 1])
		return (true);
	blanks(&w->t);
	if (!json_text_string(&w->t))
		return (false);
	blanks(&w->t);
	return (json_char(&w->t, ':'));
}

/* Past the ends of what is complete, and a comma. True: a value follows. */
static bool
between(struct walk * w, bool first, bool * good)
{

	while (w->nested != 0) {
		blanks(&w->t);
		if (json_char(&w->t, w->object[w->nested - 1] ? '}' : ']')) {
			w->nested--;
			first = false;
			continue;
		}
		*good = (first || json_char(&w->t, ',')) && key(w);
		return (*good);
	}
	return (false);
}

/* Past one object or array. */
static bool
document(struct walk * w)
{
	unsigned nested;
	bool good = true, first = true;

	if (!value(w) || w->nested == 0)
		return (false);
	while (between(w, first, &good)) {
		nested = w->nested;
		if (!value(w))
			return (false);
		first = w->nested > nested;
	}
	return (good);
}

/* One or several objects and arrays, and nothing else. */
static bool
documents(struct walk * w)
{

	blanks(&w->t);
	if (w->t.at == w->t.len)
		return (false);
	while (w->t.at < w->t.len) {
		if (w->t.p[w->t.at] != '{' && w->t.p[w->t.at] != '[')
			return (false);
		if (!document(w))
			return (false);
		blanks(&w->t);
	}
	return (true);
}

/** piece_json: objects or arrays, one or several (JSON Lines). */
bool
piece_json(struct pieces * out, const uint8_t * p, size_t len, unsigned depth)
{
	struct walk w = { .t = { .p = (const char *)p, .len = len } };

	if (!documents(&w))
		return (false);
	w = (struct walk){ .t = { .p = (const char *)p, .len = len },
	    .out = out, .depth = depth };
	return (documents(&w));
}
