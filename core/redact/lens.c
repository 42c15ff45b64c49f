#include <string.h>

#include "core/redact/lens_internal.h"

static lens_reader * const readers[LENS__MAX] = {
	[LENS_CODE] = lens_read_code,
	[LENS_SHELL] = lens_read_shell,
	[LENS_QUOTE] = lens_read_quote,
	[LENS_PERCENT] = lens_read_percent,
	[LENS_PLUS] = lens_read_plus,
	[LENS_MARKUP] = lens_read_markup,
	[LENS_HEX] = lens_read_hex,
	[LENS_BASE64] = lens_read_base64,
};

#define MARK(lens)	(1U << LENS_##lens)

/*
 * By byte: bits of the lenses to which it does not stand for itself, and above
 * them of those it asks for: SHELL and PLUS where it matters.
 */
#define NEEDS(c, begins, asks)	[c] = (begins) | (asks) << 8
static const uint16_t kinds[256] = {
	NEEDS('\\', MARK(CODE) | MARK(SHELL), MARK(CODE)),
	NEEDS('\'', MARK(SHELL) | MARK(QUOTE), MARK(QUOTE)),
	NEEDS('%', MARK(PERCENT) | MARK(PLUS), MARK(PERCENT)),
	NEEDS('+', MARK(PLUS), MARK(PLUS)),
	NEEDS('&', MARK(MARKUP), MARK(MARKUP)),
};

/** lens_marks(c): which LENS_MARKED lenses ${c} asks for. */
unsigned
lens_marks(uint8_t c)
{

	return (kinds[c] >> 8);
}

/* Where the view has byte ${i} of ${src}, and where it ends there. */
static uint32_t
from_of(const struct lens_source * src, size_t i)
{

	return (src->from == NULL ? (uint32_t)i : src->from[i]);
}

static uint32_t
to_of(const struct lens_source * src, size_t i)
{

	return (src->to == NULL ? (uint32_t)(i + 1) : src->to[i]);
}

static void
append(struct lens_text * out, const struct lens_source * src, size_t at,
    const struct lens_token * t)
{
	uint32_t from = from_of(src, at), to = to_of(src, at + t->used - 1);
	size_t i;

	for (i = 0; i < t->n; i++) {
		out->bytes[out->n] = t->b[i];
		out->from[out->n] = from;
		out->to[out->n] = to;
		out->marks |= lens_marks(t->b[i]);
		/* BASE64 would join lines here. */
		if (t->b[i] == '\n' && lens_wraps(out->bytes, out->n))
			out->marks |= 1U << LENS_BASE64;
		out->n++;
	}
}

/* What SHELL reads otherwise than CODE. */
static bool
is_letter(const uint8_t * p, size_t used)
{

	return (used > 2 || (p[1] >= 'a' && p[1] <= 'z') ||
	    (p[1] >= '0' && p[1] <= '7'));
}

/* Eight at once, in the compilers' portable notation. */
typedef uint32_t offsets8 __attribute__((vector_size(32)));

/* ${n} bytes that stand for themselves; the arrays have room for 8 more. */
static void
copy_plain(const struct lens_source * src, size_t at, size_t n,
    struct lens_text * out)
{
	offsets8 x = { 0, 1, 2, 3, 4, 5, 6, 7 }, y;
	size_t i;

	memcpy(&out->bytes[out->n], &src->p[at], n);
	if (src->from != NULL) {
		memcpy(&out->from[out->n], &src->from[at],
		    n * sizeof(out->from[0]));
		memcpy(&out->to[out->n], &src->to[at],
		    n * sizeof(out->to[0]));
	} else {
		x += (uint32_t)at;
		for (i = 0; i < n; i += 8, x += 8) {
			y = x + 1;
			memcpy(&out->from[out->n + i], &x, sizeof(x));
			memcpy(&out->to[out->n + i], &y, sizeof(y));
		}
	}
	out->n += n;
}

static size_t
count_base64(const uint8_t * p, size_t n)
{
	size_t i;

	for (i = 0; i < n && lens_is(p[i], LENS_IS_BASE64) && p[i] != '-' &&
	    p[i] != '_'; i++)
		;
	return (i);
}

/* The next bytes that are plain to ${lens}; return how many. */
static size_t
append_plain(enum lens lens, const struct lens_source * src, size_t at,
    size_t limit, struct lens_text * out)
{
	const uint8_t * p = &src->p[at];
	const unsigned bit = 1U << lens;
	size_t i, n = limit - at;
	unsigned kind, seen = 0;

	if (n > LENS_ROOM - out->n)
		n = LENS_ROOM - out->n;
	if (lens == LENS_BASE64) {
		i = count_base64(p, n);
		/* Its + asks for PLUS, as any other does. */
		if (memchr(p, '+', i) != NULL)
			seen = lens_marks('+');
	} else {
		for (i = 0; i < n; i++) {
			kind = kinds[p[i]];
			if ((kind & bit) != 0)
				break;
			seen |= kind;
		}
		seen >>= 8;
	}
	copy_plain(src, at, i, out);
	out->marks |= seen;
	return (i);
}

/* The next pairs of hex digits; return how many bytes they have. */
static size_t
append_hex(const struct lens_source * src, size_t at, size_t limit,
    struct lens_text * out)
{
	const uint8_t * p = src->p;
	size_t first = at;
	int high, low;

	while (at + 2 <= limit && out->n < LENS_ROOM - 4) {
		high = lens_hex_digit(p[at]);
		low = lens_hex_digit(p[at + 1]);
		if (high < 0 || low < 0)
			break;
		out->bytes[out->n] = (uint8_t)(high << 4 | low);
		out->from[out->n] = from_of(src, at);
		out->to[out->n++] = to_of(src, at + 1);
		at += 2;
	}
	return (at - first);
}

/** lens_read(lens, src, at, limit, out): read tokens. */
void
lens_read(enum lens lens, const struct lens_source * src, size_t at,
    size_t limit, struct lens_text * out)
{
	lens_reader * const reader = readers[lens];
	struct lens_token t;
	enum lens_what what;

	out->n = 0;
	out->marks = 0;
	out->letters = false;
	out->stop = LENS_STOP_END;
	for (; at < limit; at += t.used) {
		at += lens == LENS_HEX ? append_hex(src, at, limit, out) :
		    append_plain(lens, src, at, limit, out);
		if (at == limit)
			break;
		if (out->n + sizeof(t.b) > LENS_ROOM) {
			out->stop = LENS_STOP_FULL;
			break;
		}
		what = reader(&src->p[at], src->n - at, src->ends, &t);
		if (what == LENS_BREAK || what == LENS_MORE) {
			out->stop = what == LENS_BREAK ? LENS_STOP_BREAK :
			    LENS_STOP_MORE;
			break;
		}
		if (what == LENS_PLAIN)
			t = (struct lens_token){ .used = 1, .n = 1,
			    .b = { src->p[at] } };
		else if (lens == LENS_CODE && is_letter(&src->p[at], t.used))
			out->letters = true;
		append(out, src, at, &t);
	}
	out->next = at;
	memset(&out->bytes[out->n], 0, sizeof(out->bytes) - out->n <
	    LENS_PAD ? sizeof(out->bytes) - out->n : LENS_PAD);
}

/** lens_chain_read(c, view, at, limit, w): read through all of ${c}. */
struct lens_text *
lens_chain_read(const struct lens_chain * c, const struct lens_source * view,
    size_t at, size_t limit, struct lens_work * w)
{
	struct lens_source src = *view;
	struct lens_text * out = &w->text[0];
	const struct lens_text * last = NULL;
	enum lens_stop before;
	size_t i, next;

	lens_read(c->v[0], &src, at, limit, out);
	next = out->next;
	for (i = 1; i < c->n; i++) {
		before = out->stop;
		last = out;
		src = (struct lens_source){ .p = out->bytes, .n = out->n,
		    .from = out->from, .to = out->to,
		    .ends = before == LENS_STOP_BREAK ||
		    (before == LENS_STOP_END && view->ends) };
		out = &w->text[i];
		lens_read(c->v[i], &src, 0, src.n, out);
		if (out->next < last->n)
			next = last->from[out->next];
		/* More is there, or not, as the lens before has it. */
		if (out->stop != LENS_STOP_BREAK)
			out->stop = before;
		if (out->next == 0 && last->n > 0 && before == LENS_STOP_FULL)
			out->stop = LENS_STOP_BREAK;
	}
	if (c->n > w->used)
		w->used = c->n;
	out->next = next;
	return (out);
}
