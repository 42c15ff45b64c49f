#ifndef SR_CORE_REDACT_WINDOW_INTERNAL_H
#define SR_CORE_REDACT_WINDOW_INTERNAL_H

/*
 * For core/redact alone: the table of window hashes of one class of forms.
 * Open addressing with tombstones, in shards that grow one by one, so that no
 * change waits for the whole table. In front of it a filter: each hash sets
 * three bits of one 64-bit word, so that most windows of a text cost one load.
 * Forms that begin alike and have one length share an entry, whatever their
 * number: a hundred keys in PEM cost what one does.
 *
 * One writer at a time; readers at any time, between epoch_enter and _leave. A
 * reader may miss an entry that comes or goes meanwhile, and may get a where
 * that belongs to another hash, which the MAC then tells.
 */

#include "core/base/error.h"
#include "core/redact/epoch_internal.h"

#define WINDOW_LENGTH_MAX	((size_t)1 << 23)
#define WINDOW_SHARDS		((size_t)256)

struct window_slot {
	_Atomic uint64_t hash;
	_Atomic uint32_t where;	/* window_where(); 0: never used. */
	_Atomic uint32_t refs;	/* Forms that share it; 0: a tombstone. */
};

struct window_slots {
	struct epoch_grave grave;
	size_t mask;		/* Slots - 1; a power of two. */
	struct window_slot v[];
};

struct window_filter {
	struct epoch_grave grave;
	size_t mask;		/* Words - 1; a power of two. */
	_Atomic uint64_t v[];
};

struct window_shard {
	_Atomic(struct window_slots *) slots;	/* NULL: empty. */
	uint32_t used;		/* Slots with refs. */
	uint32_t taken;		/* Slots with refs or tombstones. */
};

struct window_table {
	_Atomic(struct window_filter *) filter;	/* NULL: empty. */
	atomic_size_t used;	/* Slots with refs. */
	/* The filter that will be next; shards before ${done} are in it. */
	struct window_filter * coming;
	size_t zeroed, done;
	size_t stale;		/* Removals since the filter was begun. */
	struct window_shard shards[WINDOW_SHARDS];
};

/* What a window says about its form: length, base64 or not, its offset. */
static inline uint32_t
window_where(size_t length, bool base64, size_t offset)
{

	return ((uint32_t)(length << 8 | (base64 ? 0x10U : 0U) | offset));
}

static inline size_t
window_length(uint32_t where)
{

	return (where >> 8);
}

static inline bool
window_base64(uint32_t where)
{

	return ((where & 0x10) != 0);
}

static inline size_t
window_offset(uint32_t where)
{

	return (where & 0x0f);
}

static inline uint64_t
window_bits(uint64_t hash)
{

	return (UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63) |
	    UINT64_C(1) << (hash >> 46 & 63));
}

/* Bit 0: whether ${word} of a filter has all of them. */
static inline uint64_t
window_has(uint64_t word, uint64_t hash)
{

	return (word >> (hash & 63) & word >> (hash >> 6 & 63) &
	    word >> (hash >> 46 & 63));
}

static inline size_t
window_word(uint64_t hash)
{

	return ((size_t)(hash >> 12));
}

static inline size_t
window_shard_of(uint64_t hash)
{

	return (hash >> 56);
}

static inline size_t
window_first(uint64_t hash)
{

	return ((size_t)(hash >> 20));
}

/* Entries that are to come, counted by shard. */
struct window_more {
	uint32_t n[WINDOW_SHARDS];
	size_t all;
};

/**
 * window_reserve(t, e, more):
 * Make room for them. Errors: OUT_OF_MEMORY, ${t} holds what it held.
 */
SR_NODISCARD enum sr_error window_reserve(struct window_table * t,
    struct epoch * e, const struct window_more * more);

/** window_insert(t, hash, where): cannot fail after window_reserve. */
void window_insert(struct window_table * t, uint64_t hash, uint32_t where);

/** window_remove(t, hash, where): undo one window_insert. */
void window_remove(struct window_table * t, uint64_t hash, uint32_t where);

/** window_tend(t, e): a little of the work on a filter that is to come. */
void window_tend(struct window_table * t, struct epoch * e);

/** window_free(t): release; there are no readers. */
void window_free(struct window_table * t);

#endif /* !SR_CORE_REDACT_WINDOW_INTERNAL_H */
