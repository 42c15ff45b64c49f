#include "core/redact/known_search_internal.h"
#include "core/redact/sieve_internal.h"

/* Of the windows of one place that the filter lets through: together. */
#define THROUGH		((size_t)32)

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

	if (place->rows)
		at = place->at[i / FINGERPRINT_ROW] + i % FINGERPRINT_ROW;
	else if (place->at != NULL)
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
		if (place->folded && !window_base64(wheres[first]))
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

/* First for what says how many slots there are, then for the slot. */
static void
ask_for(const struct window_table * t, uint64_t hash)
{

	__builtin_prefetch(slots_of(t, hash));
}

static void
ask_for_slot(const struct window_table * t, uint64_t hash)
{
	const struct window_slots * slots = slots_of(t, hash);

	if (slots != NULL)
		__builtin_prefetch(&slots->v[window_first(hash) &
		    slots->mask]);
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

/* What the filter let through, and what of the place it is. */
struct through {
	uint64_t hash;
	size_t index;
};

/* Their slots are asked for together, and are near when the last is. */
static void
look_up_all(struct search * s, const struct window_table * t,
    const struct search_place * place, const struct through * v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		ask_for_slot(t, v[i].hash);
	for (i = 0; i < n && s->cause == REDACT_CAUSE_NONE; i++)
		look_up(s, t, place, v[i].hash, v[i].index);
}

/* Sieves take sixteen at once: where there is room, do not stop before. */
static size_t
round_up(size_t n)
{

	return ((n + 15) / 16 * 16);
}

/* No more than the first ${n}. */
static void
cut(struct sieved * sieved, size_t n)
{

	if (n % 16 != 0)
		sieved->pass[n / 64] &= (UINT64_C(1) << n % 64) - 1;
}

/* Windows [at, at + n) of the place. */
static void
sieve(const struct search * s, const struct window_filter * f,
    const struct search_place * place, size_t at, size_t n,
    struct sieved * out)
{

	if (place->rows) {
		s->keys->row_sieve(s->keys, f, place->p,
		    &place->at[at / FINGERPRINT_ROW], n / FINGERPRINT_ROW,
		    place->fold, out);
		return;
	}
	s->keys->sieve(s->keys, f, &place->p[at * place->step], place->step,
	    place->padded ? round_up(n) : n, out);
	cut(out, n);
}

/** search_windows(s, class, place): look up, try what is found. */
void
search_windows(struct search * s, enum window_class class,
    const struct search_place * place)
{
	const struct window_table * t = &s->known->windows[class];
	const struct window_filter * f = atomic_load_explicit(&t->filter,
	    memory_order_acquire);
	struct through through[THROUGH];
	struct sieved sieved;
	uint64_t left;
	size_t i, j, at, n, had = 0;

	for (at = 0; f != NULL && at < place->n; at += n) {
		n = place->n - at < SIEVE_MAX ? place->n - at : SIEVE_MAX;
		sieve(s, f, place, at, n, &sieved);
		for (i = 0; i < n; i += 64) {
			for (left = sieved.pass[i / 64]; left != 0;
			    left &= left - 1) {
				j = i + (size_t)__builtin_ctzll(left);
				ask_for(t, sieved.hashes[j]);
				through[had++] = (struct through){
				    sieved.hashes[j], at + j };
				if (had < THROUGH)
					continue;
				look_up_all(s, t, place, through, had);
				had = 0;
			}
		}
	}
	look_up_all(s, t, place, through, had);
}

/** search_text(s, text, hex): look up the windows of all that was read. */
void
search_text(struct search * s, const struct lens_text * text, bool hex)
{
	struct search_place place = { .text = text, .p = text->bytes,
	    .hex = hex, .padded = true };
	size_t class;

	for (class = 0; class < WINDOW__MAX; class++) {
		if (atomic_load(&s->known->windows[class].used) == 0 ||
		    text->n < window_shapes[class].width)
			continue;
		place.step = window_shapes[class].count;
		place.n = ((text->n - window_shapes[class].width) >>
		    __builtin_ctzll(place.step)) + 1;
		search_windows(s, (enum window_class)class, &place);
	}
}

static bool
sifts(const struct search * s, enum window_class class, const uint8_t * p,
    size_t len)
{
	const struct window_shape * shape = &window_shapes[class];
	const struct window_filter * f = atomic_load_explicit(
	    &s->known->windows[class].filter, memory_order_acquire);
	struct sieved sieved;
	size_t i, at, n, windows;

	if (f == NULL || len < shape->width ||
	    atomic_load(&s->known->windows[class].used) == 0)
		return (false);
	windows = (len - shape->width) / shape->count + 1;
	for (at = 0; at < windows; at += n) {
		n = windows - at < SIEVE_MAX ? windows - at : SIEVE_MAX;
		s->keys->sieve(s->keys, f, &p[at * shape->count],
		    shape->count, round_up(n), &sieved);
		cut(&sieved, n);
		for (i = 0; i < SIEVE_MAX / 64; i++) {
			if (sieved.pass[i] != 0)
				return (true);
		}
	}
	return (false);
}

/** search_sifts(s, p, len, most): whether any window is let through. */
bool
search_sifts(const struct search * s, const uint8_t * p, size_t len,
    size_t most)
{

	return ((most >= window_shapes[WINDOW_MEDIUM].least &&
	    sifts(s, WINDOW_MEDIUM, p, len)) ||
	    (most >= window_shapes[WINDOW_LONG].least &&
	    sifts(s, WINDOW_LONG, p, len)));
}

/** search_sifts_short(s, p, len): the same of short forms. */
bool
search_sifts_short(const struct search * s, const uint8_t * p, size_t len)
{

	return (sifts(s, WINDOW_SHORT, p, len));
}
