#include <string.h>

#include "core/redact/known_search_internal.h"
#include "core/redact/sieve_internal.h"

/* The windows of a stretch of the view, as they stand and folded. */

/* Bytes behind a stretch that its last windows and their runs reach into. */
#define BEYOND		((size_t)64)
#define BLOCKS		((SEARCH_STRETCH + BEYOND) / 64)

/* Windows that are copied and looked up together, and 64 more. */
#define PICKED		((size_t)512)

/* By place, 64 to an element: where eight bytes in a row are of a kind. */
struct stretch {
	size_t at, end;		/* Windows begin here, in the view. */
	uint64_t base64[BLOCKS + 1];
	uint64_t url[BLOCKS + 1];	/* Any of eight is - or _. */
	uint64_t word[BLOCKS + 1];
	uint64_t graphic[BLOCKS + 1];
	uint64_t wrap[BLOCKS + 1];	/* Where lines may end in base64. */
	bool any_url;
};

/* Which windows of a class are picked out. */
enum pick {
	PICK_URL,	/* Of base64, and not of its standard alphabet. */
	PICK_WORD,	/* Short ones: of base64 or all letters and digits. */
	PICK_GRAPHIC	/* Short ones: without blanks, as they stand. */
};

struct picked {
	uint8_t bytes[(PICKED + 64 + 8) * FINGERPRINT_BLOCK];
	uint32_t at[PICKED + 64 + 8];
	size_t n;
};

/* As LENS_DOWN upwards, ${before} being the 64 before ${bits}. */
#define UP(bits, before, n)	((bits) << (n) | (before) >> (64 - (n)))

/* Look up what was picked. */
static void
look_up_picked(struct search * s, enum window_class class, enum pick pick,
    struct picked * f)
{
	const size_t width = window_shapes[class].width;
	struct search_place place = { .p = f->bytes, .at = f->at,
	    .step = width, .n = f->n, .folded = pick == PICK_URL };
	const uint8_t * p = s->view.p;
	size_t i;

	if (f->n == 0)
		return;
	/* Both are so many moves, and no calls. */
	for (i = 0; width == 8 && i < f->n; i++)
		memcpy(&f->bytes[i * 8], &p[f->at[i]], 8);
	for (; i < f->n; i++)
		memcpy(&f->bytes[i * 16], &p[f->at[i]], 16);
	/* Windows of eight bytes have some room behind them here as well. */
	memset(&f->bytes[f->n * width], 0, FINGERPRINT_BLOCK);
	if (pick != PICK_GRAPHIC)
		sieve_fold(f->bytes, f->n * width + 8);
	search_windows(s, class, &place);
	f->n = 0;
}

/*
 * Of block ${i}: where a form in base64 may have a window, because one that
 * begins there or a few places before, as far as windows of it do, would be
 * all base64 for the 15 or 31 bytes that it has at least. What is before the
 * stretch is not known, and may be.
 */
static inline uint64_t
in_runs(const struct stretch * x, size_t i, enum window_class class)
{
	const uint64_t * b = &x->base64[i];
	uint64_t here, before, last = i == 0 ? UINT64_MAX : b[-1];

	if (class == WINDOW_MEDIUM) {
		here = b[0] & LENS_DOWN(b[0], b[1], 7);
		before = i == 0 ? last : last & LENS_DOWN(last, b[0], 7);
	} else {
		here = b[0] & LENS_DOWN(b[0], b[1], 8) &
		    LENS_DOWN(b[0], b[1], 16) & LENS_DOWN(b[0], b[1], 23);
		before = i == 0 ? last : last & LENS_DOWN(last, b[0], 8) &
		    LENS_DOWN(last, b[0], 16) & LENS_DOWN(last, b[0], 23);
	}
	here |= UP(here, before, 1);
	before |= before << 1;
	here |= UP(here, before, 2);
	before |= before << 2;
	here |= UP(here, before, 4);
	before |= before << 4;
	return (class == WINDOW_MEDIUM ? here : here | UP(here, before, 8));
}

/* Of the 64 places of block ${i}: those to pick. */
static inline uint64_t
places_of(const struct stretch * x, size_t i, enum window_class class,
    enum pick pick)
{
	const uint64_t * base64 = &x->base64[i];
	const uint64_t * url = &x->url[i];
	uint64_t more;

	switch (pick) {
	case PICK_GRAPHIC:
		return (x->graphic[i]);
	case PICK_WORD:
		return ((base64[0] & LENS_DOWN(base64[0], base64[1], 2)) |
		    x->word[i]);
	case PICK_URL:
		break;
	}
	more = LENS_DOWN(url[0], url[1], 8);
	if (class == WINDOW_LONG)
		return (base64[0] & LENS_DOWN(base64[0], base64[1], 8) &
		    (url[0] | more));
	/* The shortest form in base64 has two bytes more than a window. */
	if (class == WINDOW_SHORT)
		return (base64[0] & LENS_DOWN(base64[0], base64[1], 2) &
		    url[0]);
	return (base64[0] & url[0]);
}

/* Those of every ${step}th place: what counts or does not is no branch. */
static inline size_t
add_places(uint64_t places, size_t first, size_t step, uint32_t * at)
{
	size_t i, n = 0;

	for (i = 0; i < 64; i += step) {
		at[n] = (uint32_t)(first + i);
		n += places >> i & 1;
	}
	return (n);
}

/* Of a class whose windows are not everywhere: few, if any. */
static inline size_t
add_few(uint64_t places, size_t first, uint32_t * at)
{
	size_t n = 0;

	for (; places != 0; places &= places - 1)
		at[n++] = (uint32_t)(first + (size_t)__builtin_ctzll(places));
	return (n);
}

/* From block ${i} of the stretch on. */
static void
search_picked(struct search * s, enum window_class class,
    const struct stretch * x, enum pick pick, size_t i)
{
	const size_t count = window_shapes[class].count;
	const size_t off = (size_t)(-(s->at + x->at) & (count - 1));
	/* Every ${count}th place. */
	const uint64_t step = (count == 16 ? UINT64_C(0x0001000100010001) :
	    count == 8 ? UINT64_C(0x0101010101010101) : UINT64_MAX) << off;
	struct picked f;
	uint64_t places;
	size_t at;

	f.n = 0;
	for (at = x->at + 64 * i; at < x->end; at += 64, i++) {
		if (pick == PICK_URL && (x->url[i] | x->url[i + 1]) == 0)
			continue;
		places = places_of(x, i, class, pick) & step;
		if (x->end - at < 64)
			places &= (UINT64_C(1) << (x->end - at)) - 1;
		if (places == 0)
			continue;
		if (class == WINDOW_SHORT)
			f.n += add_places(places, at, 1, &f.at[f.n]);
		else
			f.n += add_few(places & in_runs(x, i, class), at,
			    &f.at[f.n]);
		if (f.n > PICKED)
			look_up_picked(s, class, pick, &f);
	}
	look_up_picked(s, class, pick, &f);
}

/* Rows with any place. */
static size_t
add_rows(uint64_t places, size_t first, uint32_t * at)
{

	places |= places >> 1;
	places |= places >> 2;
	return (add_places(places, first, FINGERPRINT_ROW, at));
}

/*
 * The same for short forms, whose windows stand close together: by rows. What
 * else a row has is looked up as well, which does no harm.
 */
static void
search_rows(struct search * s, const struct stretch * x, enum pick pick)
{
	uint32_t at[SEARCH_STRETCH / FINGERPRINT_ROW + 1];
	struct search_place place = { .p = s->view.p, .at = at, .rows = true,
	    .fold = pick != PICK_GRAPHIC, .folded = pick == PICK_URL };
	size_t i, first = x->at, n = 0;

	for (i = 0; first + 64 <= x->end && s->view.n - first >= 64 +
	    FINGERPRINT_BLOCK; i++, first += 64)
		n += add_rows(places_of(x, i, WINDOW_SHORT, pick), first,
		    &at[n]);
	place.n = n * FINGERPRINT_ROW;
	search_windows(s, WINDOW_SHORT, &place);
	search_picked(s, WINDOW_SHORT, x, pick, i);
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

/*
 * Ends of lines with LENS_WRAP_MIN of base64 and at most LENS_WRAP_MARKS others
 * before them, and some more.
 */
static void
find_wraps(struct stretch * x, const struct lens_bits * bits, size_t blocks)
{
	uint64_t before = UINT64_MAX, runs, ends, last = UINT64_MAX;
	size_t i;

	for (i = 0; i < blocks; i++) {
		runs = x->base64[i] & LENS_DOWN(x->base64[i],
		    x->base64[i + 1], 8);
		ends = runs << LENS_WRAP_MIN | before >> (64 - LENS_WRAP_MIN);
		x->wrap[i] = bits[i].newline & (ends |
		    (ends << 1 | last >> 63) | (ends << 2 | last >> 62) |
		    (ends << 3 | last >> 61) | (ends << 4 | last >> 60));
		before = runs;
		last = ends;
	}
}

static void
search_wraps(struct search * s, const struct stretch * x)
{
	uint64_t wraps;
	size_t i, at;

	for (i = 0, at = x->at; at < x->end; at += 64, i++) {
		wraps = x->wrap[i];
		if (x->end - at < 64)
			wraps &= (UINT64_C(1) << (x->end - at)) - 1;
		for (; wraps != 0 && s->cause == REDACT_CAUSE_NONE;
		    wraps &= wraps - 1)
			search_wrap(s, at + (size_t)__builtin_ctzll(wraps));
	}
}

static void
classify(const struct search * s, size_t at, size_t end, bool shorts,
    struct stretch * x)
{
	struct lens_bits bits[BLOCKS + 2];
	size_t i, n = s->view.n - at, blocks;
	uint64_t url = 0;

	x->at = at;
	x->end = end;
	if (n > end - at + BEYOND)
		n = end - at + BEYOND;
	lens_bits(&s->view.p[at], n, bits, shorts);
	blocks = (n + 63) / 64;
	bits[blocks] = (struct lens_bits){ .base64 = 0 };
	for (i = 0; i < blocks; i++) {
		x->base64[i] = lens_all_eight(bits[i].base64,
		    bits[i + 1].base64);
		x->url[i] = lens_any_eight(bits[i].url, bits[i + 1].url);
		url |= bits[i].url;
	}
	x->base64[i] = x->url[i] = 0;
	x->any_url = url != 0;
	for (i = 0; shorts && i < blocks; i++) {
		x->word[i] = lens_all_eight(bits[i].word, bits[i + 1].word);
		x->graphic[i] = lens_all_eight(bits[i].graphic,
		    bits[i + 1].graphic);
	}
	if (s->lenses)
		find_wraps(x, bits, blocks);
}

/* Short forms are looked for byte by byte, where they can be. */
static void
search_short(struct search * s, const struct stretch * x,
    enum fingerprint_begin least)
{

	if (least == FINGERPRINT_WORD) {
		search_rows(s, x, PICK_WORD);
		return;
	}
	if (least == FINGERPRINT_GRAPHIC)
		search_rows(s, x, PICK_GRAPHIC);
	else
		search_plain(s, WINDOW_SHORT, x->at, x->end);
	if (x->any_url)
		search_rows(s, x, PICK_URL);
}

/** search_stretch(s, at, end): all windows that begin in [at, end). */
void
search_stretch(struct search * s, size_t at, size_t end)
{
	const enum fingerprint_begin least = known_least_begin(s->known);
	struct stretch x;
	size_t class;

	classify(s, at, end,
	    atomic_load(&s->known->windows[WINDOW_SHORT].used) != 0, &x);
	for (class = 0; class < WINDOW__MAX; class++) {
		if (atomic_load(&s->known->windows[class].used) == 0)
			continue;
		if (class == WINDOW_SHORT) {
			search_short(s, &x, least);
			continue;
		}
		search_plain(s, (enum window_class)class, at, end);
		if (x.any_url)
			search_picked(s, (enum window_class)class, &x,
			    PICK_URL, 0);
	}
	if (s->lenses)
		search_wraps(s, &x);
}
