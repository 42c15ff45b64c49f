#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/window_internal.h"

#define SLOTS_MIN	((size_t)16)
#define WORDS_MIN	((size_t)1024)
#define STALE_MIN	((size_t)1024)

/* Shards that one change moves to the filter that is to come. */
#define TEND_SHARDS	((size_t)1)

/* Words of it that one change makes zero before. */
#define TEND_WORDS	((size_t)1 << 15)

/* Words of a filter that stay within a core's cache; see words_for. */
#define WORDS_NEAR	((size_t)1 << 15)

static uint64_t
get64(const _Atomic uint64_t * p)
{

	return (atomic_load_explicit(p, memory_order_relaxed));
}

static uint32_t
get32(const _Atomic uint32_t * p)
{

	return (atomic_load_explicit(p, memory_order_relaxed));
}

static struct window_slots *
slots_of(const struct window_shard * s)
{

	return (atomic_load_explicit(&s->slots, memory_order_relaxed));
}

/* Sparse while it is small; a few bits an entry when there are many. */
static size_t
words_for(size_t used)
{
	size_t words = WORDS_MIN;

	while (words < WORDS_NEAR ? words < used / 2 : words < used / 4)
		words *= 2;
	return (words);
}

static void
release(struct epoch_grave * grave)
{

	free(grave);
}

static struct window_slots *
slots_new(size_t n)
{
	struct window_slots * s;
	size_t size = sizeof(*s) + n * sizeof(s->v[0]);

	if ((s = redact_alloc(size)) != NULL) {
		memset(s, 0, size);
		s->mask = n - 1;
	}
	return (s);
}

/* Its words are not zero yet. */
static struct window_filter *
filter_new(size_t words)
{
	struct window_filter * f;

	f = redact_alloc(sizeof(*f) + words * sizeof(f->v[0]));
	if (f != NULL)
		f->mask = words - 1;
	return (f);
}

static void
filter_add(struct window_filter * f, uint64_t hash)
{

	(void)atomic_fetch_or_explicit(&f->v[window_word(hash) & f->mask],
	    window_bits(hash), memory_order_relaxed);
}

/* The slot of (hash, where), or the one where it belongs. */
static struct window_slot *
find(struct window_slots * s, uint64_t hash, uint32_t where)
{
	struct window_slot * grave = NULL;
	struct window_slot * slot;
	size_t i;

	for (i = window_first(hash) & s->mask;; i = (i + 1) & s->mask) {
		slot = &s->v[i];
		if (get32(&slot->where) == 0)
			return (grave != NULL ? grave : slot);
		if (get64(&slot->hash) == hash && get32(&slot->where) == where)
			return (slot);
		if (get32(&slot->refs) == 0 && grave == NULL)
			grave = slot;
	}
}

static void
place(struct window_shard * shard, struct window_slots * s, uint64_t hash,
    uint32_t where, uint32_t refs)
{
	struct window_slot * slot = find(s, hash, where);
	uint32_t was = get32(&slot->refs);

	if (get32(&slot->where) == 0)
		shard->taken++;
	if (was == 0)
		shard->used++;
	/* A reader that sees where sees the hash before it. */
	atomic_store_explicit(&slot->hash, hash, memory_order_relaxed);
	atomic_store_explicit(&slot->refs, was + refs, memory_order_relaxed);
	atomic_store_explicit(&slot->where, where, memory_order_release);
}

/* Move a shard to ${cap} slots. */
static enum sr_error
resize(struct window_shard * shard, struct epoch * e, size_t cap)
{
	struct window_shard larger = { .used = 0 };
	struct window_slots * old = slots_of(shard);
	struct window_slots * s;
	const struct window_slot * slot;
	size_t i;

	if ((s = slots_new(cap)) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	for (i = 0; old != NULL && i <= old->mask; i++) {
		slot = &old->v[i];
		if (get32(&slot->refs) != 0)
			place(&larger, s, get64(&slot->hash),
			    get32(&slot->where), get32(&slot->refs));
	}
	atomic_store(&shard->slots, s);
	shard->used = larger.used;
	shard->taken = larger.taken;
	if (old != NULL)
		epoch_retire(e, &old->grave, release);
	return (SR_OK);
}

static enum sr_error
reserve_shard(struct window_shard * shard, struct epoch * e, size_t more)
{
	const struct window_slots * s = slots_of(shard);
	size_t cap = SLOTS_MIN;

	/* One slot at least stays free: searches end there. */
	if (s != NULL && shard->taken + more <= (s->mask + 1) / 8 * 6)
		return (SR_OK);
	while (shard->used + more > cap / 2)
		cap *= 2;
	return (resize(shard, e, cap));
}

/* Begin a filter for ${used} entries. */
static bool
begin_filter(struct window_table * t, size_t used)
{

	if (t->coming == NULL) {
		t->coming = filter_new(words_for(used));
		t->done = t->zeroed = 0;
		t->stale = 0;
	}
	return (t->coming != NULL);
}

/** window_reserve(t, e, more): make room for what is to come. */
enum sr_error
window_reserve(struct window_table * t, struct epoch * e,
    const struct window_more * more)
{
	struct window_filter * f = atomic_load(&t->filter);
	size_t i, used = atomic_load(&t->used) + more->all;
	enum sr_error err;

	for (i = 0; i < WINDOW_SHARDS; i++) {
		if (more->n[i] != 0 && (err = reserve_shard(&t->shards[i], e,
		    more->n[i])) != SR_OK)
			return (err);
	}
	if (f == NULL) {
		if ((f = filter_new(words_for(used))) == NULL)
			return (SR_E_OUT_OF_MEMORY);
		memset(&f->v[0], 0, (f->mask + 1) * sizeof(f->v[0]));
		atomic_store(&t->filter, f);
	} else if (words_for(used) > f->mask + 1 && !begin_filter(t, used)) {
		return (SR_E_OUT_OF_MEMORY);
	}
	return (SR_OK);
}

/** window_insert(t, hash, where): cannot fail after window_reserve. */
void
window_insert(struct window_table * t, uint64_t hash, uint32_t where)
{
	struct window_shard * shard = &t->shards[window_shard_of(hash)];
	uint32_t used = shard->used;

	place(shard, slots_of(shard), hash, where, 1);
	filter_add(atomic_load_explicit(&t->filter, memory_order_relaxed),
	    hash);
	/* What is in later shards will be added with them. */
	if (t->coming != NULL && window_shard_of(hash) < t->done)
		filter_add(t->coming, hash);
	atomic_store(&t->used, atomic_load(&t->used) + shard->used - used);
}

/** window_remove(t, hash, where): undo one window_insert. */
void
window_remove(struct window_table * t, uint64_t hash, uint32_t where)
{
	struct window_shard * shard = &t->shards[window_shard_of(hash)];
	struct window_slot * slot = find(slots_of(shard), hash, where);
	uint32_t refs = get32(&slot->refs);

	must(get64(&slot->hash) == hash && get32(&slot->where) == where &&
	    refs > 0);
	atomic_store_explicit(&slot->refs, refs - 1, memory_order_relaxed);
	if (refs > 1)
		return;
	shard->used--;
	t->stale++;
	atomic_store(&t->used, atomic_load(&t->used) - 1);
}

/** window_tend(t, e): a little of the work on a filter that is to come. */
void
window_tend(struct window_table * t, struct epoch * e)
{
	struct window_filter * old = atomic_load(&t->filter);
	const struct window_slots * s;
	size_t i, end, words, used = atomic_load(&t->used);

	/* A filter cannot forget one hash; it is made anew now and then. */
	if (t->coming == NULL && t->stale > STALE_MIN && t->stale > used)
		(void)begin_filter(t, used);
	if (t->coming == NULL)
		return;
	words = t->coming->mask + 1;
	if (t->zeroed < words) {
		end = words - t->zeroed < TEND_WORDS ? words :
		    t->zeroed + TEND_WORDS;
		memset(&t->coming->v[t->zeroed], 0,
		    (end - t->zeroed) * sizeof(t->coming->v[0]));
		t->zeroed = end;
		return;
	}
	for (end = t->done + TEND_SHARDS; t->done < end; t->done++) {
		s = slots_of(&t->shards[t->done]);
		for (i = 0; s != NULL && i <= s->mask; i++) {
			if (get32(&s->v[i].refs) != 0)
				filter_add(t->coming, get64(&s->v[i].hash));
		}
	}
	if (t->done < WINDOW_SHARDS)
		return;
	atomic_store(&t->filter, t->coming);
	t->coming = NULL;
	if (old != NULL)
		epoch_retire(e, &old->grave, release);
}

/** window_free(t): release; there are no readers. */
void
window_free(struct window_table * t)
{
	size_t i;

	for (i = 0; i < WINDOW_SHARDS; i++)
		free(slots_of(&t->shards[i]));
	free(atomic_load(&t->filter));
	free(t->coming);
}
