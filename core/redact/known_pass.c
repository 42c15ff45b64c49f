#include <string.h>

#include "core/redact/known_search_internal.h"

/*
 * MACs are computed only where a window of a form is. A text made of nothing
 * but beginnings of secrets would still cost much: past this budget the gate
 * gives up, closed.
 */
#define BUDGET_BASE	((uint64_t)16 * 1024 * 1024)
#define BUDGET_PER_BYTE	((uint64_t)16)

static void
search_all(struct search * s)
{
	const struct window_shape * shape;
	size_t class, at, end, n = s->view.n;

	for (class = 0; class < WINDOW__MAX; class++) {
		shape = &window_shapes[class];
		if (atomic_load(&s->known->windows[class].used) == 0)
			continue;
		s->span = shape->width + shape->count - 1;
		if (s->shortest == 0)
			s->shortest = shape->least;
		/* Where its base64 is looked for. */
		if (class == WINDOW_SHORT)
			s->span = FINGERPRINT_BASE64_MIN;
	}
	if (s->span == 0)
		return;
	search_hold(s, n - s->from < s->span ? s->from : n - s->span + 1);
	for (at = s->from; at < n && s->cause == REDACT_CAUSE_NONE; at = end) {
		end = n - at < SEARCH_STRETCH ? n : at + SEARCH_STRETCH;
		search_stretch(s, at, end);
	}
	if (!s->lenses)
		return;
	search_marks(s);
	search_hex(s);
}

/* The stack holds what lenses made of the text. */
static void
wipe(struct lens_work * w)
{
	size_t i;

	for (i = 0; i < w->used; i++)
		explicit_bzero(w->text[i].bytes, sizeof(w->text[i].bytes));
}

static bool
search(const struct known * k, const struct fingerprint * f,
    const struct view * view, struct span_list * spans, size_t * open,
    enum redact_cause * cause, bool lenses)
{
	struct search s;
	unsigned side;

	*cause = REDACT_CAUSE_NONE;
	*open = view->len;
	if (known_count(k) == 0)
		return (false);
	s.known = k;
	s.keys = fingerprint_keys(f);
	s.view = (struct lens_source){ .p = (const uint8_t *)view->text,
	    .n = view->len, .ends = view->last };
	s.from = view->from;
	s.at = view->at;
	s.spans = spans;
	s.found = false;
	s.budget = BUDGET_BASE + BUDGET_PER_BYTE * (view->len - view->from);
	s.cause = REDACT_CAUSE_NONE;
	s.open = view->len;
	s.span = s.shortest = 0;
	s.lenses = lenses;
	s.past_n = 0;
	s.read.used = s.tried.used = 0;
	side = known_enter(k);
	search_all(&s);
	known_leave(k, side);
	wipe(&s.read);
	wipe(&s.tried);
	*cause = s.cause;
	*open = s.open;
	return (s.found);
}

/** known_pass(k, f, view, spans, open): append the span of every form. */
enum redact_cause
known_pass(const struct known * k, const struct fingerprint * f,
    const struct view * view, struct span_list * spans, size_t * open)
{
	enum redact_cause cause;

	(void)search(k, f, view, spans, open, &cause, true);
	return (cause);
}

/** known_pass_plain: the same without lenses. */
enum redact_cause
known_pass_plain(const struct known * k, const struct fingerprint * f,
    const struct view * view, struct span_list * spans, size_t * open)
{
	enum redact_cause cause;

	(void)search(k, f, view, spans, open, &cause, false);
	return (cause);
}

/** known_scan(k, f, text, len, spans): append the span of every form. */
enum redact_cause
known_scan(const struct known * k, const struct fingerprint * f,
    const char * text, size_t len, struct span_list * spans)
{
	struct view view = { .text = text, .len = len, .last = true };
	size_t open;

	return (known_pass(k, f, &view, spans, &open));
}

/** known_within(k, f, text, len): whether any form is in a short ${text}. */
bool
known_within(const struct known * k, const struct fingerprint * f,
    const char * text, size_t len)
{
	struct view view = { .text = text, .len = len, .last = true };
	enum redact_cause cause;
	size_t open;

	/* Not looked at to the end is as good as found. */
	return (search(k, f, &view, NULL, &open, &cause, true) ||
	    cause != REDACT_CAUSE_NONE);
}
