#include <string.h>

#include "core/redact/known_search_internal.h"

/* Marks so near to each other are read together. */
#define NEAR		((size_t)96)

/* The longest that a token of a marked lens is. */
#define TOKEN_LEN	((size_t)14)

/* Escapes within escapes reach so far back of a mark. */
#define TWICE		((size_t)440)

/* A line's end and what may stand around it, and a first window. */
#define WRAP_AROUND	((size_t)110)

/* Context of which a part is surely no escape; within VIEW_BEHIND. */
#define IN_STEP		((size_t)200)

static void
read_twice(struct search * s, const struct lens_text * once, size_t start,
    bool whole);

/* What is not settled of ${text}, which was read up to the view's end. */
static void
hold_rest(struct search * s, const struct lens_text * text, size_t start)
{

	search_hold(s, text->n < s->span ? start :
	    text->from[text->n - s->span + 1]);
}

static bool
at_end(const struct search * s, const struct lens_text * text, size_t limit)
{

	return (limit == s->view.n && (text->stop == LENS_STOP_END ||
	    text->stop == LENS_STOP_MORE));
}

/** search_read(s, lens, at, limit, back, restart): windows through a lens. */
unsigned
search_read(struct search * s, enum lens lens, size_t at, size_t limit,
    size_t back, bool restart)
{
	struct lens_text * text = &s->read.text[0];
	unsigned seen = 0;
	size_t keep;

	while (at < limit && s->cause == REDACT_CAUSE_NONE) {
		lens_read(lens, &s->view, at, limit, text);
		if (s->read.used == 0)
			s->read.used = 1;
		search_text(s, text, lens == LENS_HEX);
		if (text->letters)
			seen |= 1U << LENS_SHELL;
		if ((unsigned)lens < LENS_MARKED && text->marks != 0)
			read_twice(s, text, at, at_end(s, text, limit));
		if (at_end(s, text, limit))
			hold_rest(s, text, at);
		if (text->stop == LENS_STOP_FULL) {
			keep = text->marks != 0 ? back : s->span;
			/* Not within what a second lens reads as one. */
			while (keep < text->n / 2 && (text->bytes[text->n -
			    keep] == '\\' || text->bytes[text->n - keep - 1] ==
			    '\\'))
				keep++;
			at = text->from[text->n - keep];
		} else if (text->stop == LENS_STOP_BREAK && restart) {
			at = text->next + 1;
		} else {
			break;
		}
	}
	return (seen);
}

static void
read_second(struct search * s, const struct lens_source * once,
    enum lens lens, size_t start, bool whole)
{
	struct lens_text * text = &s->read.text[1];
	size_t at = 0, first = start;

	s->read.used = 2;
	while (at < once->n && s->cause == REDACT_CAUSE_NONE) {
		lens_read(lens, once, at, once->n, text);
		search_text(s, text, false);
		if (text->stop == LENS_STOP_FULL)
			at = text->next > s->span ? text->next - s->span :
			    text->next;
		else if (text->stop == LENS_STOP_BREAK)
			at = text->next + 1;
		else
			break;
		first = at < once->n ? once->from[at] : first;
	}
	if (whole && text->stop != LENS_STOP_BREAK)
		hold_rest(s, text, first);
}

/* Through each lens that what came of the first one asks for. */
static void
read_twice(struct search * s, const struct lens_text * once, size_t start,
    bool whole)
{
	struct lens_source src = { .p = once->bytes, .n = once->n,
	    .from = once->from, .to = once->to,
	    .ends = whole && s->view.ends };
	unsigned lens, marks = once->marks;

	for (lens = 0; lens < LENS__MAX; lens++) {
		if ((marks & 1U << lens) == 0)
			continue;
		read_second(s, &src, (enum lens)lens, start, whole);
		if (lens == LENS_CODE && s->read.text[1].letters)
			marks |= 1U << LENS_SHELL;
	}
}

/* Read [first, end), where marks ask for some lenses, through each. */
static void
read_cluster(struct search * s, size_t first, size_t end, unsigned marks)
{
	const uint8_t * p = s->view.p;
	size_t at, mark, back;
	unsigned lens;

	back = (marks & (marks - 1)) == 0 ? s->span : TWICE;
	for (lens = 0; lens < LENS_MARKED; lens++) {
		if ((marks & 1U << lens) == 0)
			continue;
		/* Marks of its own may begin late. */
		at = first;
		mark = at;
		while (mark < end && (lens_marks(p[mark]) & 1U << lens) == 0)
			mark++;
		if (mark - at > back)
			at = mark - back;
		if (marks == 1U << LENS_PLUS && !search_plus_may_be(s, at, end))
			continue;
		marks |= search_read(s, (enum lens)lens, at, end, TWICE,
		    false);
	}
}

/*
 * Reading begins so far before what is looked at that escapes within escapes
 * are read in step, however the view was cut.
 */
static size_t
in_step(const struct search * s)
{
	size_t at = s->from < IN_STEP ? 0 : s->from - IN_STEP;

	while (at > 0 && at < s->from && s->view.p[at - 1] == '\\')
		at++;
	return (at);
}

/** search_marks(s): through the lenses that marks ask for. */
void
search_marks(struct search * s)
{
	const uint8_t * p = s->view.p;
	size_t start = in_step(s), mark, next, last, first, end;
	size_t n = s->view.n;
	unsigned marks;

	mark = lens_next_mark(p, start, n);
	while (mark < n && s->cause == REDACT_CAUSE_NONE) {
		first = mark - start < s->span ? start : mark - s->span;
		marks = 0;
		next = mark;
		do {
			last = next;
			marks |= lens_marks(p[last]);
			next = lens_next_mark(p, last + 1, n);
		} while (next < n && next - last <= NEAR);
		end = last + TOKEN_LEN + s->span;
		/* Nothing of it may begin where it is looked at. */
		if (end > s->from)
			read_cluster(s, first, end < n ? end : n,
			    marks);
		mark = next;
	}
}

/* A run of digits in [at, end) from ${at} on: its end. */
static size_t
digits_end(const uint8_t * p, size_t at, size_t end)
{

	while (at < end && lens_hex_digit(p[at]) >= 0)
		at++;
	return (at);
}

/* Pairs may begin at either digit: read both ways where it matters. */
static void
read_hex(struct search * s, size_t first, size_t end)
{
	const uint8_t * p = s->view.p;
	size_t at = first, to;

	(void)search_read(s, LENS_HEX, first, end, s->span, true);
	for (; at < end && s->cause == REDACT_CAUSE_NONE; at = to + 1) {
		to = digits_end(p, at, end);
		/* A run that goes on may turn out to be either. */
		if (to - at >= 3 && ((to - at) % 2 == 1 || to - at > 16 ||
		    (to == s->view.n && !s->view.ends)))
			(void)search_read(s, LENS_HEX, at + 1, end, s->span,
			    false);
	}
}

/* The begin of what may become hex is too short to be looked at. */
static void
hold_hex(struct search * s, size_t least)
{
	const uint8_t * p = s->view.p;
	size_t at = s->view.n;

	while (at > least && lens_is(p[at - 1], LENS_IS_HEXISH))
		at--;
	while (at < s->view.n && lens_hex_digit(p[at]) < 0 && p[at] != '\\')
		at++;
	search_hold(s, at);
}

/** search_hex(s): through HEX. */
void
search_hex(struct search * s)
{
	const uint8_t * p = s->view.p;
	size_t at = s->from, first, digits, n = s->view.n;

	while (s->cause == REDACT_CAUSE_NONE &&
	    (first = lens_next_hex(p, at, n)) < n) {
		digits = 0;
		for (at = first; at < n && lens_is(p[at], LENS_IS_HEXISH); at++)
			digits += lens_hex_digit(p[at]) >= 0;
		if (at == n || (digits >= 2 * s->shortest &&
		    search_hex_may_be(s, first, at)))
			read_hex(s, first, at);
		if (at == first)
			at++;
	}
	if (at < n)
		hold_hex(s, at);
}

/*
 * Where a first window that ends behind the line's end at ${at} may begin: so
 * many characters back, over the ends of short lines before it too.
 */
static size_t
wrapped_from(const struct search * s, size_t at)
{
	const uint8_t * p = s->view.p;
	size_t n, end;

	for (n = 0; n < s->span && at > s->from; ) {
		if (lens_is(p[at - 1], LENS_IS_BASE64)) {
			at--;
			n++;
			continue;
		}
		for (end = at; end > s->from && at - end < LENS_TOKEN_MAX &&
		    !lens_is(p[end - 1], LENS_IS_BASE64); )
			end--;
		if (memchr(&p[end], '\n', at - end) == NULL ||
		    !lens_wraps(p, end))
			break;
		at = end;
	}
	return (at);
}

/** search_wrap(s, end): base64 that goes on behind the line's end there. */
void
search_wrap(struct search * s, size_t end)
{
	const uint8_t * p = s->view.p;
	size_t last = end, first, limit, n = s->view.n;

	while (last > 0 && end - last < LENS_WRAP_MARKS &&
	    lens_is(p[last - 1], LENS_IS_WRAP))
		last--;
	if (!lens_wraps(p, last))
		return;
	limit = end + WRAP_AROUND < n ? end + WRAP_AROUND : n;
	first = wrapped_from(s, last);
	if (search_wrap_may_be(s, first, last, limit))
		(void)search_read(s, LENS_BASE64, first, limit, s->span,
		    false);
}
