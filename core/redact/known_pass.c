#include <string.h>

#include "core/redact/known_search_internal.h"

/* Bytes of the view that are looked at together, and how many more of it. */
#define STRETCH		((size_t)4096)
#define BEYOND		((size_t)64)

/*
 * MACs are computed only where a window of a form is. A text made of nothing
 * but beginnings of secrets would still cost much: past this budget the gate
 * gives up, closed.
 */
#define BUDGET_BASE	((uint64_t)16 * 1024 * 1024)
#define BUDGET_PER_BYTE	((uint64_t)16)

#define FOLDED_MAX	((size_t)64)

/* Sixteen bytes at once, in the compilers' portable notation. */
typedef uint8_t bytes16 __attribute__((vector_size(FINGERPRINT_BLOCK)));

/* A stretch of the view, its base64 in the standard alphabet. */
struct stretch {
	uint8_t folded[STRETCH + BEYOND];
	struct lens_bits bits[(STRETCH + BEYOND) / 64 + 1];
	size_t at, end;		/* Windows begin here, in the view. */
	bool url;		/* Any of the URL-safe alphabet. */
};

/* Windows that are of base64 but not of its standard alphabet. */
struct folded {
	uint8_t blocks[FOLDED_MAX * FINGERPRINT_BLOCK];
	uint32_t at[FOLDED_MAX];
	size_t n;
};

/* Base64 forms are known in the standard alphabet. */
static void
fold(struct stretch * x, const uint8_t * p, size_t n)
{
	bytes16 b;
	size_t i;

	memset(x->folded, 0, sizeof(x->folded));
	for (i = 0; i < n; i += sizeof(b)) {
		if (n - i < sizeof(b)) {
			memcpy(&x->folded[i], &p[i], n - i);
			memcpy(&b, &x->folded[i], sizeof(b));
		} else {
			memcpy(&b, &p[i], sizeof(b));
		}
		b ^= ((bytes16)(b == '-') & ('-' ^ '+')) ^
		    ((bytes16)(b == '_') & ('_' ^ '/'));
		memcpy(&x->folded[i], &b, sizeof(b));
	}
}

static void
flush_folded(struct search * s, enum window_class class, struct folded * f)
{
	struct search_place place = { .p = f->blocks, .at = f->at,
	    .step = FINGERPRINT_BLOCK, .n = f->n };

	if (f->n != 0)
		search_windows(s, class, &place);
	f->n = 0;
}

/* 128 bits, the first in the lowest; ${n} is a constant from 1 to 63. */
#define DOWN(low, high, n)	((low) >> (n) | (high) << (64 - (n)))

#define BOTH(op, low, high, n) do {					\
	low op DOWN(low, high, n);					\
	high op (high) >> (n);						\
} while (0)

/*
 * Of 64 places: where a window is all of base64 and part of its URL-safe
 * alphabet. The shortest form in base64 has two bytes more than a window.
 */
static uint64_t
where_folded(const struct lens_bits * bits, enum window_class class)
{
	uint64_t all = bits[0].base64, more = bits[1].base64;
	uint64_t any = bits[0].url, later = bits[1].url;

	BOTH(&=, all, more, 1);
	BOTH(|=, any, later, 1);
	BOTH(&=, all, more, 2);
	BOTH(|=, any, later, 2);
	BOTH(&=, all, more, 4);
	BOTH(|=, any, later, 4);
	if (class == WINDOW_LONG) {
		all &= DOWN(all, more, 8);
		any |= DOWN(any, later, 8);
	} else if (class == WINDOW_SHORT) {
		all &= DOWN(all, more, 2);
	}
	return (all & any);
}

/* The windows of one class that begin in the stretch and are to be folded. */
static void
search_folded(struct search * s, enum window_class class,
    const struct stretch * x)
{
	const struct window_shape * shape = &window_shapes[class];
	const struct lens_bits * bits = x->bits;
	struct folded f;
	uint64_t places, every = UINT64_MAX;
	size_t i, at;

	if (shape->count > 1)
		every = (shape->count == 8 ? UINT64_C(0x0101010101010101) :
		    UINT64_C(0x0001000100010001)) <<
		    (shape->count - (s->at + x->at) % shape->count) %
		    shape->count;
	f.n = 0;
	for (at = x->at; at < x->end; at += 64, bits++) {
		if ((bits[0].url | bits[1].url) == 0)
			continue;
		places = where_folded(bits, class) & every;
		if (x->end - at < 64)
			places &= (UINT64_C(1) << (x->end - at)) - 1;
		for (; places != 0; places &= places - 1) {
			i = at + (size_t)__builtin_ctzll(places);
			memcpy(&f.blocks[f.n * FINGERPRINT_BLOCK],
			    &x->folded[i - x->at], FINGERPRINT_BLOCK);
			f.at[f.n++] = (uint32_t)i;
			if (f.n == FOLDED_MAX)
				flush_folded(s, class, &f);
		}
	}
	flush_folded(s, class, &f);
}

/* The windows of one class that begin in [at, end), as they stand. */
static void
search_plain(struct search * s, enum window_class class, size_t at, size_t end)
{
	const struct window_shape * shape = &window_shapes[class];
	struct search_place place = { .step = shape->count };
	uint8_t tail[2 * FINGERPRINT_BLOCK];
	size_t n = s->view.n;

	at += (size_t)(-(s->at + at) & (shape->count - 1));
	if (n < shape->width || at > n - shape->width)
		return;
	if (end > n - shape->width + 1)
		end = n - shape->width + 1;
	/* Those with a whole block behind them, then the last few. */
	place.base = at;
	place.p = &s->view.p[at];
	if (n >= FINGERPRINT_BLOCK && at <= n - FINGERPRINT_BLOCK) {
		place.n = ((end < n - FINGERPRINT_BLOCK + 1 ? end :
		    n - FINGERPRINT_BLOCK + 1) - at + shape->count - 1) /
		    shape->count;
		search_windows(s, class, &place);
		at += place.n * shape->count;
	}
	if (at >= end)
		return;
	memset(tail, 0, sizeof(tail));
	memcpy(tail, &s->view.p[at], n - at);
	place.base = at;
	place.p = tail;
	place.n = (end - at + shape->count - 1) / shape->count;
	search_windows(s, class, &place);
	explicit_bzero(tail, sizeof(tail));
}

/* All windows that begin in the stretch. */
static void
search_stretch(struct search * s, struct stretch * x)
{
	size_t i, class, n = s->view.n - x->at;

	if (n > x->end - x->at + BEYOND)
		n = x->end - x->at + BEYOND;
	memset(&x->bits[n / 64], 0, sizeof(x->bits) -
	    n / 64 * sizeof(x->bits[0]));
	lens_base64_bits(&s->view.p[x->at], n, x->bits);
	x->url = false;
	for (i = 0; i < n; i += 64)
		x->url |= x->bits[i / 64].url != 0;
	if (x->url)
		fold(x, &s->view.p[x->at], n);
	for (class = 0; class < WINDOW__MAX; class++) {
		if (atomic_load(&s->known->windows[class].used) == 0)
			continue;
		search_plain(s, (enum window_class)class, x->at, x->end);
		if (x->url)
			search_folded(s, (enum window_class)class, x);
	}
}

static void
search_all(struct search * s, bool lenses)
{
	const struct window_shape * shape;
	struct stretch x;
	size_t class, n = s->view.n;

	for (class = 0; class < WINDOW__MAX; class++) {
		shape = &window_shapes[class];
		if (atomic_load(&s->known->windows[class].used) != 0)
			s->span = shape->width + shape->count - 1;
	}
	if (s->span == 0)
		return;
	search_hold(s, n - s->from < s->span ? s->from : n - s->span + 1);
	for (x.at = s->from; x.at < n && s->cause == REDACT_CAUSE_NONE;
	    x.at = x.end) {
		x.end = n - x.at < STRETCH ? n : x.at + STRETCH;
		search_stretch(s, &x);
	}
	if (!lenses)
		return;
	search_marks(s);
	search_hex(s);
	search_wraps(s);
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
	s.span = 0;
	s.past_n = 0;
	s.read.used = s.tried.used = 0;
	side = known_enter(k);
	search_all(&s, lenses);
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
