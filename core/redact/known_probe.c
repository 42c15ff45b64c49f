#include <string.h>

#include "core/redact/known_search_internal.h"

/* Windows that are hashed at once. */
#define BATCH		((size_t)64)

/* Candidates of one window that are tried together. */
#define WHERES		64

/* Order by where the form begins and its kind, then by length. */
static uint32_t
rank(uint32_t where)
{

	return (where << 24 | where >> 8);
}

static void
sort_wheres(uint32_t * v, size_t n)
{
	uint32_t x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j > 0 && rank(v[j - 1]) > rank(x); j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* Where in the view a form begins whose window ${i} of ${place} this is. */
static bool
start_of(const struct search * s, const struct search_place * place, size_t i,
    size_t offset, size_t * start)
{
	size_t at = place->base + i * place->step;

	if (place->at != NULL)
		at = place->at[i];
	if (at < offset)
		return (false);
	at -= offset;
	if (place->text != NULL) {
		/* Not in the middle of what one token gives. */
		if (at > 0 && place->text->from[at - 1] ==
		    place->text->from[at])
			return (false);
		at = place->text->from[at];
	}
	*start = at;
	return (at >= s->from);
}

/* Window ${i} may be one of any of these: try them. */
static void
try_wheres(struct search * s, const struct search_place * place, size_t i,
    uint32_t * wheres, size_t n)
{
	size_t j, first, start;

	sort_wheres(wheres, n);
	for (first = 0; first < n; first = j) {
		for (j = first + 1; j < n; j++) {
			if ((wheres[j] & 0xff) != (wheres[first] & 0xff))
				break;
		}
		/* What had to be folded is no form but one in base64. */
		if (place->at != NULL && !window_base64(wheres[first]))
			continue;
		if (start_of(s, place, i, window_offset(wheres[first]), &start))
			search_try(s, start, &wheres[first], j - first,
			    place->hex);
	}
}

static const struct window_slots *
slots_of(const struct window_table * t, uint64_t hash)
{

	return (atomic_load_explicit(&t->shards[window_shard_of(hash)].slots,
	    memory_order_acquire));
}

static void
look_up(struct search * s, const struct window_table * t,
    const struct search_place * place, uint64_t hash, size_t index)
{
	const struct window_slots * slots = slots_of(t, hash);
	const struct window_slot * slot;
	uint32_t where, wheres[WHERES];
	size_t i, n = 0;

	if (slots == NULL)
		return;
	for (i = window_first(hash) & slots->mask;; i = (i + 1) & slots->mask) {
		slot = &slots->v[i];
		where = atomic_load_explicit(&slot->where,
		    memory_order_acquire);
		if (where == 0)
			break;
		if (atomic_load_explicit(&slot->hash,
		    memory_order_relaxed) != hash ||
		    atomic_load_explicit(&slot->refs,
		    memory_order_relaxed) == 0)
			continue;
		wheres[n++] = where;
		if (n == WHERES) {
			try_wheres(s, place, index, wheres, n);
			n = 0;
		}
	}
	if (n != 0)
		try_wheres(s, place, index, wheres, n);
}

/* What the filter lets through of ${n} hashes; their indices to ${pass}. */
static size_t
sift(const struct window_filter * f, const uint64_t * hashes, size_t n,
    uint8_t * pass)
{
	const size_t mask = f->mask;
	uint64_t hash, word;
	size_t i, m = 0;

	for (i = 0; i < n; i++) {
		hash = hashes[i];
		word = atomic_load_explicit(&f->v[window_word(hash) & mask],
		    memory_order_relaxed);
		pass[m] = (uint8_t)i;
		m += word >> (hash & 63) & word >> (hash >> 6 & 63) & 1;
	}
	return (m);
}

static void
search_batch(struct search * s, enum window_class class,
    const struct window_filter * f, const struct search_place * place)
{
	const struct window_table * t = &s->known->windows[class];
	const struct window_slots * slots;
	uint64_t hashes[BATCH];
	uint8_t pass[BATCH + 1];
	size_t i, n;

	s->keys->hasher(s->keys, place->p, place->step,
	    window_shapes[class].width, place->n, hashes);
	n = sift(f, hashes, place->n, pass);
	for (i = 0; n > 1 && i < n; i++) {
		slots = slots_of(t, hashes[pass[i]]);
		if (slots != NULL)
			__builtin_prefetch(&slots->v[window_first(
			    hashes[pass[i]]) & slots->mask]);
	}
	for (i = 0; i < n && s->cause == REDACT_CAUSE_NONE; i++)
		look_up(s, t, place, hashes[pass[i]], pass[i]);
}

/** search_windows(s, class, place): look up, try what is found. */
void
search_windows(struct search * s, enum window_class class,
    const struct search_place * place)
{
	const struct window_filter * f = atomic_load_explicit(
	    &s->known->windows[class].filter, memory_order_acquire);
	struct search_place part = *place;
	size_t left = place->n;

	if (f == NULL)
		return;
	while (left > 0 && s->cause == REDACT_CAUSE_NONE) {
		part.n = left < BATCH ? left : BATCH;
		search_batch(s, class, f, &part);
		left -= part.n;
		part.p += part.n * part.step;
		part.base += part.n * part.step;
		if (part.at != NULL)
			part.at += part.n;
	}
}

/** search_text(s, text, hex): look up the windows of all that was read. */
void
search_text(struct search * s, const struct lens_text * text, bool hex)
{
	struct search_place place = { .text = text, .p = text->bytes,
	    .hex = hex };
	size_t class;

	/* The bytes have some room behind them, as the hasher wants it. */
	for (class = 0; class < WINDOW__MAX; class++) {
		if (atomic_load(&s->known->windows[class].used) == 0 ||
		    text->n < window_shapes[class].width)
			continue;
		place.step = window_shapes[class].count;
		place.n = (text->n - window_shapes[class].width) / place.step +
		    1;
		search_windows(s, (enum window_class)class, &place);
	}
}
