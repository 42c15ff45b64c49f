#include <string.h>

#include "core/redact/known_search_internal.h"

/* The windows of a stretch of the view, as they stand and folded. */

/* Bytes behind a stretch that its last windows and their runs reach into. */
#define BEYOND		((size_t)64)
#define BLOCKS		((SEARCH_STRETCH + BEYOND) / 64)

/* Windows that are copied together before they are looked up, and 64 more. */
#define PICKED		((size_t)512)

/* Sixteen bytes at once, in the compilers' portable notation. */
typedef uint8_t bytes16 __attribute__((vector_size(FINGERPRINT_BLOCK)));

typedef uint32_t offsets8 __attribute__((vector_size(32)));

/* By place, 64 to an element: where eight bytes in a row are of a kind. */
struct stretch {
	size_t at, end;		/* Windows begin here, in the view. */
	uint64_t base64[BLOCKS + 1];
	uint64_t url[BLOCKS + 1];	/* Any of eight, of its URL-safe part. */
	uint64_t word[BLOCKS + 1];
	uint64_t graphic[BLOCKS + 1];
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

/* 128 bits, the first in the lowest; ${n} is a constant from 1 to 63. */
#define DOWN(low, high, n)	((low) >> (n) | (high) << (64 - (n)))

/* Where eight in a row are set, or any of eight. */
#define EIGHT(op, low, high) do {					\
	low op DOWN(low, high, 1);					\
	high op (high) >> 1;						\
	low op DOWN(low, high, 2);					\
	high op (high) >> 2;						\
	low op DOWN(low, high, 4);					\
} while (0)

static uint64_t
all_eight(uint64_t low, uint64_t high)
{

	EIGHT(&=, low, high);
	return (low);
}

static uint64_t
any_eight(uint64_t low, uint64_t high)
{

	EIGHT(|=, low, high);
	return (low);
}

/* Base64 forms are known in the standard alphabet. */
static void
fold(uint8_t * p, size_t len)
{
	bytes16 b;
	size_t i;

	for (i = 0; i < len; i += sizeof(b)) {
		memcpy(&b, &p[i], sizeof(b));
		b ^= ((bytes16)(b == '-') & ('-' ^ '+')) ^
		    ((bytes16)(b == '_') & ('_' ^ '/'));
		memcpy(&p[i], &b, sizeof(b));
	}
}

/* Look up what was picked. */
static void
look_up_picked(struct search * s, enum window_class class, enum pick pick,
    struct picked * f)
{
	const size_t width = window_shapes[class].width;
	struct search_place place = { .p = f->bytes, .at = f->at,
	    .step = width, .n = f->n, .folded = pick == PICK_URL };

	if (f->n == 0)
		return;
	/* Windows of eight bytes have some room behind them here as well. */
	memset(&f->bytes[f->n * width], 0, FINGERPRINT_BLOCK);
	if (pick != PICK_GRAPHIC)
		fold(f->bytes, f->n * width + 8);
	search_windows(s, class, &place);
	f->n = 0;
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
		return ((base64[0] & DOWN(base64[0], base64[1], 2)) |
		    x->word[i]);
	case PICK_URL:
		break;
	}
	more = DOWN(url[0], url[1], 8);
	if (class == WINDOW_LONG)
		return (base64[0] & DOWN(base64[0], base64[1], 8) &
		    (url[0] | more));
	/* The shortest form in base64 has two bytes more than a window. */
	if (class == WINDOW_SHORT)
		return (base64[0] & DOWN(base64[0], base64[1], 2) & url[0]);
	return (base64[0] & url[0]);
}

/*
 * Windows of eight bytes at ${places} from ${first} on, which stand in rows:
 * eight of a row at a time, whether it has as many or not.
 */
static void
add_rows(struct picked * f, const uint8_t * p, uint64_t places, size_t first)
{
	const offsets8 each = { 0, 1, 2, 3, 4, 5, 6, 7 };
	offsets8 at;
	size_t i, j, begin, row;

	for (; places != 0; f->n += row) {
		begin = (size_t)__builtin_ctzll(places);
		row = places >> begin == UINT64_MAX ? 64 :
		    (size_t)__builtin_ctzll(~(places >> begin));
		for (i = 0; i < row; i += 8) {
			at = each + (uint32_t)(first + begin + i);
			memcpy(&f->at[f->n + i], &at, sizeof(at));
			for (j = 0; j < 8; j++)
				memcpy(&f->bytes[(f->n + i + j) * 8],
				    &p[first + begin + i + j], 8);
		}
		places &= places + (places & -places);
	}
}

/* Windows of ${width} bytes at ${places}, which stand here and there. */
static inline void
add_places(struct picked * f, const uint8_t * p, uint64_t places,
    size_t first, size_t width)
{
	size_t at;

	for (; places != 0; places &= places - 1, f->n++) {
		at = first + (size_t)__builtin_ctzll(places);
		f->at[f->n] = (uint32_t)at;
		memcpy(&f->bytes[f->n * width], &p[at], width);
	}
}

/* Every so many of 64 places, where the stream has a window. */
static uint64_t
places_every(const struct search * s, const struct stretch * x, size_t count)
{
	const size_t first = (count - (s->at + x->at) % count) % count;

	switch (count) {
	case 1:
		return (UINT64_MAX);
	case 8:
		return (UINT64_C(0x0101010101010101) << first);
	default:
		return (UINT64_C(0x0001000100010001) << first);
	}
}

static void
search_picked(struct search * s, enum window_class class,
    const struct stretch * x, enum pick pick)
{
	const uint64_t every = places_every(s, x, window_shapes[class].count);
	const uint8_t * p = s->view.p;
	struct picked f;
	uint64_t places;
	size_t i, at;

	f.n = 0;
	for (i = 0, at = x->at; at < x->end; at += 64, i++) {
		places = places_of(x, i, class, pick) & every;
		if (x->end - at < 64)
			places &= (UINT64_C(1) << (x->end - at)) - 1;
		if (class == WINDOW_LONG)
			add_places(&f, p, places, at, 16);
		else if (class == WINDOW_MEDIUM)
			add_places(&f, p, places, at, 8);
		else if (s->view.n - at >= 64 + 16)
			add_rows(&f, p, places, at);
		else
			add_places(&f, p, places, at, 8);
		if (f.n > PICKED)
			look_up_picked(s, class, pick, &f);
	}
	look_up_picked(s, class, pick, &f);
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

static void
classify(const struct search * s, struct stretch * x, bool graphic)
{
	struct lens_bits bits[BLOCKS + 2];
	size_t i, n = s->view.n - x->at, blocks;
	uint64_t url = 0;

	if (n > x->end - x->at + BEYOND)
		n = x->end - x->at + BEYOND;
	lens_bits(&s->view.p[x->at], n, bits);
	blocks = (n + 63) / 64;
	memset(&bits[blocks], 0, 2 * sizeof(bits[0]));
	for (i = 0; i < blocks; i++) {
		x->base64[i] = all_eight(bits[i].base64, bits[i + 1].base64);
		x->url[i] = any_eight(bits[i].url, bits[i + 1].url);
		x->word[i] = all_eight(bits[i].word, bits[i + 1].word);
		url |= bits[i].url;
	}
	x->base64[i] = x->url[i] = x->word[i] = 0;
	x->any_url = url != 0;
	for (i = 0; graphic && i < blocks; i++)
		x->graphic[i] = all_eight(bits[i].graphic,
		    bits[i + 1].graphic);
}

/* Short forms are looked for byte by byte, where they can be. */
static void
search_short(struct search * s, const struct stretch * x,
    enum fingerprint_begin least)
{

	if (least == FINGERPRINT_WORD) {
		search_picked(s, WINDOW_SHORT, x, PICK_WORD);
		return;
	}
	if (least == FINGERPRINT_GRAPHIC)
		search_picked(s, WINDOW_SHORT, x, PICK_GRAPHIC);
	else
		search_plain(s, WINDOW_SHORT, x->at, x->end);
	if (x->any_url)
		search_picked(s, WINDOW_SHORT, x, PICK_URL);
}

/** search_stretch(s, at, end): all windows that begin in [at, end). */
void
search_stretch(struct search * s, size_t at, size_t end)
{
	const enum fingerprint_begin least = known_least_begin(s->known);
	struct stretch x = { .at = at, .end = end };
	size_t class;

	classify(s, &x, least == FINGERPRINT_GRAPHIC);
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
			    PICK_URL);
	}
}
