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

__extension__ typedef unsigned __int128 bits128;

/* Base64 forms are known in the standard alphabet. */
static uint8_t
fold(uint8_t c)
{

	return (c == '-' ? '+' : c == '_' ? '/' : c);
}

/* Windows that are of base64 but not of its standard alphabet. */
struct folded {
	uint8_t blocks[FOLDED_MAX * FINGERPRINT_BLOCK];
	uint32_t at[FOLDED_MAX];
	size_t n;
};

static void
flush_folded(struct search * s, enum window_class class, struct folded * f)
{
	struct search_place place = { .p = f->blocks, .at = f->at,
	    .step = FINGERPRINT_BLOCK, .n = f->n };

	if (f->n != 0)
		search_windows(s, class, &place);
	f->n = 0;
}

static void
add_folded(struct search * s, enum window_class class, struct folded * f,
    size_t at)
{
	uint8_t * block = &f->blocks[f->n * FINGERPRINT_BLOCK];
	size_t i;

	memset(block, 0, FINGERPRINT_BLOCK);
	for (i = 0; i < window_shapes[class].width; i++)
		block[i] = fold(s->view.p[at + i]);
	f->at[f->n++] = (uint32_t)at;
	if (f->n == FOLDED_MAX)
		flush_folded(s, class, f);
}

/* Of 64 places: where a window of ${width} is all base64 and part URL-safe. */
static uint64_t
where_folded(const struct lens_bits * bits, size_t width)
{
	bits128 all = (bits128)bits[1].base64 << 64 | bits[0].base64;
	bits128 any = (bits128)bits[1].url << 64 | bits[0].url;
	size_t i;

	for (i = 1; i < width; i *= 2) {
		all &= all >> i;
		any |= any >> i;
	}
	return ((uint64_t)(all & any));
}

/* The windows of one class that begin in [at, end) and are to be folded. */
static void
search_folded(struct search * s, enum window_class class, size_t at,
    size_t end, const struct lens_bits * bits)
{
	const struct window_shape * shape = &window_shapes[class];
	struct folded f;
	uint64_t places, every = UINT64_MAX;
	size_t i;

	if (shape->count > 1)
		every = (shape->count == 8 ? UINT64_C(0x0101010101010101) :
		    UINT64_C(0x0001000100010001)) <<
		    (shape->count - (s->at + at) % shape->count) %
		    shape->count;
	f.n = 0;
	for (; at < end; at += 64, bits++) {
		if ((bits[0].url | bits[1].url) == 0)
			continue;
		places = where_folded(bits, shape->width) & every;
		if (end - at < 64)
			places &= (UINT64_C(1) << (end - at)) - 1;
		for (; places != 0; places &= places - 1) {
			i = at + (size_t)__builtin_ctzll(places);
			add_folded(s, class, &f, i);
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

/* All windows that begin in [at, end). */
static void
search_stretch(struct search * s, size_t at, size_t end)
{
	struct lens_bits bits[(STRETCH + BEYOND) / 64 + 2];
	size_t class, more = end + BEYOND < s->view.n ? end + BEYOND :
	    s->view.n;

	memset(bits, 0, sizeof(bits));
	lens_base64_bits(&s->view.p[at], more - at, bits);
	for (class = 0; class < WINDOW__MAX; class++) {
		if (atomic_load(&s->known->windows[class].used) == 0)
			continue;
		search_plain(s, (enum window_class)class, at, end);
		search_folded(s, (enum window_class)class, at, end, bits);
	}
}

static void
search_all(struct search * s, bool lenses)
{
	const struct window_shape * shape;
	size_t class, at, end, n = s->view.n;

	for (class = 0; class < WINDOW__MAX; class++) {
		shape = &window_shapes[class];
		if (atomic_load(&s->known->windows[class].used) != 0)
			s->span = shape->width + shape->count - 1;
	}
	if (s->span == 0)
		return;
	search_hold(s, n - s->from < s->span ? s->from : n - s->span + 1);
	for (at = s->from; at < n && s->cause == REDACT_CAUSE_NONE; at = end) {
		end = n - at < STRETCH ? n : at + STRETCH;
		search_stretch(s, at, end);
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
