#include <stdlib.h>
#include <string.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/window_internal.h"

#define SLOTS_MIN	((size_t)1024)
#define STALE_MIN	((size_t)1024)

static void
filter_add(struct window_table * t, uint64_t hash)
{

	t->filter[hash >> 12 & t->filter_mask] |= window_bits(hash);
}

/* The slot of (hash, where), or the one where it belongs. */
static struct window_slot *
find(const struct window_table * t, uint64_t hash, uint32_t where)
{
	struct window_slot * grave = NULL;
	struct window_slot * slot;
	size_t i;

	for (i = window_first(t, hash);; i = (i + 1) & t->mask) {
		slot = &t->slots[i];
		if (slot->where == 0)
			return (grave != NULL ? grave : slot);
		if (slot->hash == hash && slot->where == where)
			return (slot);
		if (slot->refs == 0 && grave == NULL)
			grave = slot;
	}
}

static void
place(struct window_table * t, uint64_t hash, uint32_t where, uint32_t refs)
{
	struct window_slot * slot = find(t, hash, where);

	if (slot->where == 0)
		t->taken++;
	if (slot->refs == 0)
		t->used++;
	if (slot->where != where || slot->hash != hash)
		slot->refs = 0;
	slot->hash = hash;
	slot->where = where;
	slot->refs += refs;
	filter_add(t, hash);
}

static void *
zeroed(size_t n, size_t size)
{
	void * p = redact_alloc(n * size);

	if (p != NULL)
		memset(p, 0, n * size);
	return (p);
}

/* Move to a table of ${cap} slots. */
static enum sr_error
resize(struct window_table * t, size_t cap)
{
	struct window_table larger = { .mask = cap - 1,
	    .filter_mask = cap / 4 - 1 };
	size_t i;

	larger.slots = zeroed(cap, sizeof(*larger.slots));
	larger.filter = zeroed(cap / 4, sizeof(*larger.filter));
	if (larger.slots == NULL || larger.filter == NULL) {
		window_free(&larger);
		return (SR_E_OUT_OF_MEMORY);
	}
	for (i = 0; t->slots != NULL && i <= t->mask; i++) {
		if (t->slots[i].refs != 0)
			place(&larger, t->slots[i].hash, t->slots[i].where,
			    t->slots[i].refs);
	}
	window_free(t);
	*t = larger;
	return (SR_OK);
}

/** window_reserve(t, more): make room for ${more} entries. */
enum sr_error
window_reserve(struct window_table * t, size_t more)
{
	size_t cap = SLOTS_MIN;

	if (t->slots != NULL && t->taken + more <= (t->mask + 1) / 8 * 5)
		return (SR_OK);
	while (t->used + more > cap / 2)
		cap *= 2;
	return (resize(t, cap));
}

/** window_insert(t, hash, where): cannot fail after window_reserve. */
void
window_insert(struct window_table * t, uint64_t hash, uint32_t where)
{

	place(t, hash, where, 1);
}

static void
refilter(struct window_table * t)
{
	size_t i;

	memset(t->filter, 0, (t->filter_mask + 1) * sizeof(*t->filter));
	for (i = 0; i <= t->mask; i++) {
		if (t->slots[i].refs != 0)
			filter_add(t, t->slots[i].hash);
	}
	t->stale = 0;
}

/** window_remove(t, hash, where): undo one window_insert. */
void
window_remove(struct window_table * t, uint64_t hash, uint32_t where)
{
	struct window_slot * slot = find(t, hash, where);

	must(slot->hash == hash && slot->where == where && slot->refs > 0);
	if (--slot->refs > 0)
		return;
	t->used--;
	/* A filter cannot forget one hash; it is made anew now and then. */
	if (++t->stale > STALE_MIN && t->stale > t->used)
		refilter(t);
}

/** window_free(t): release. */
void
window_free(struct window_table * t)
{

	free(t->slots);
	free(t->filter);
	*t = (struct window_table){ .used = 0 };
}
