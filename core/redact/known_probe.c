#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

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

/* Which of ${n} <= BATCH hashes the filter lets through: bits. */
static uint64_t
sift_portable(const struct window_filter * f, const uint64_t * hashes,
    size_t n)
{
	uint64_t word, pass = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		word = atomic_load_explicit(&f->v[window_word(hashes[i]) &
		    f->mask], memory_order_relaxed);
		pass |= (word >> (hashes[i] & 63) &
		    word >> (hashes[i] >> 6 & 63) & 1) << i;
	}
	return (pass);
}

#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
/*
 * The same, four at a time. Writers change words as a whole, which an aligned
 * load of eight bytes, as a gather makes them, sees as it was or as it is.
 */
__attribute__((target("avx2"))) static uint64_t
sift_avx2(const struct window_filter * f, const uint64_t * hashes, size_t n)
{
	const __m256i mask = _mm256_set1_epi64x((long long)f->mask);
	const __m256i six = _mm256_set1_epi64x(63);
	__m256i h, w;
	uint64_t pass = 0;
	size_t i;

	for (i = 0; i < n; i += 4) {
		h = _mm256_loadu_si256((const void *)&hashes[i]);
		w = _mm256_i64gather_epi64((const void *)(uintptr_t)f->v,
		    _mm256_and_si256(_mm256_srli_epi64(h, 12), mask), 8);
		w = _mm256_and_si256(
		    _mm256_srlv_epi64(w, _mm256_and_si256(h, six)),
		    _mm256_srlv_epi64(w, _mm256_and_si256(
		    _mm256_srli_epi64(h, 6), six)));
		w = _mm256_slli_epi64(w, 63);
		pass |= (uint64_t)(unsigned)_mm256_movemask_pd(
		    _mm256_castsi256_pd(w)) << i;
	}
	/* Zeros stand behind the last hash. */
	return (n == BATCH ? pass : pass & ((UINT64_C(1) << n) - 1));
}

static uint64_t
sift(const struct window_filter * f, const uint64_t * hashes, size_t n)
{

	return (__builtin_cpu_supports("avx2") ? sift_avx2(f, hashes, n) :
	    sift_portable(f, hashes, n));
}
#else
#define sift	sift_portable
#endif

/* Filters of more words than this are not near; ask for them early. */
#define FAR_WORDS	((size_t)1 << 15)

static void
ask_for(const struct window_filter * f, const uint64_t * hashes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		__builtin_prefetch((const void *)(uintptr_t)&f->v[
		    window_word(hashes[i]) &
		    f->mask]);
}

/* A batch on its way: hashed, sifted, looked up, one turn after another. */
struct batch {
	struct search_place place;
	uint64_t hashes[BATCH];
	uint64_t pass;		/* What the filter lets through: bits. */
};

static void
hash_batch(struct search * s, enum window_class class,
    const struct window_filter * f, struct batch * b)
{
	size_t i;

	s->keys->hasher(s->keys, b->place.p, b->place.step,
	    window_shapes[class].width, b->place.n, b->hashes);
	for (i = b->place.n; i % 4 != 0; i++)
		b->hashes[i] = 0;
	if (f->mask >= FAR_WORDS)
		ask_for(f, b->hashes, b->place.n);
}

static void
sift_batch(const struct window_table * t, const struct window_filter * f,
    struct batch * b)
{
	const struct window_slots * slots;
	uint64_t left, hash;

	b->pass = sift(f, b->hashes, b->place.n);
	for (left = b->pass; left != 0; left &= left - 1) {
		hash = b->hashes[__builtin_ctzll(left)];
		slots = slots_of(t, hash);
		if (slots != NULL)
			__builtin_prefetch(&slots->v[window_first(hash) &
			    slots->mask]);
	}
}

static void
look_up_batch(struct search * s, const struct window_table * t,
    struct batch * b)
{
	size_t i;

	for (; b->pass != 0 && s->cause == REDACT_CAUSE_NONE;
	    b->pass &= b->pass - 1) {
		i = (size_t)__builtin_ctzll(b->pass);
		look_up(s, t, &b->place, b->hashes[i], i);
	}
}

static void
advance(struct search_place * place, size_t n)
{

	place->p += n * place->step;
	place->base += n * place->step;
	if (place->at != NULL)
		place->at += n;
}

/**
 * search_windows(s, class, place):
 * Look up, try what is found. What one batch needs of memory comes while the
 * others are worked on.
 */
void
search_windows(struct search * s, enum window_class class,
    const struct search_place * place)
{
	const struct window_table * t = &s->known->windows[class];
	const struct window_filter * f = atomic_load_explicit(&t->filter,
	    memory_order_acquire);
	struct batch ring[3];
	struct search_place next = *place;
	size_t i, left = place->n, batches = (place->n + BATCH - 1) / BATCH;

	if (f == NULL)
		return;
	for (i = 0; i < batches + 2 && s->cause == REDACT_CAUSE_NONE; i++) {
		if (i < batches) {
			ring[i % 3].place = next;
			ring[i % 3].place.n = left < BATCH ? left : BATCH;
			left -= ring[i % 3].place.n;
			advance(&next, ring[i % 3].place.n);
			hash_batch(s, class, f, &ring[i % 3]);
		}
		if (i >= 1 && i < batches + 1)
			sift_batch(t, f, &ring[(i - 1) % 3]);
		if (i >= 2)
			look_up_batch(s, t, &ring[(i - 2) % 3]);
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
		place.n = ((text->n - window_shapes[class].width) >>
		    __builtin_ctzll(place.step)) + 1;
		search_windows(s, (enum window_class)class, &place);
	}
}
