#ifndef SR_CORE_REDACT_WINDOW_INTERNAL_H
#define SR_CORE_REDACT_WINDOW_INTERNAL_H

/*
 * For core/redact alone: the table of window hashes of one class of forms.
 * Open addressing with tombstones. In front of it a filter: each hash sets two
 * bits of one 64-bit word, so that most windows of a text cost one load.
 * Forms that begin alike and have one length share an entry, whatever their
 * number: a hundred keys in PEM cost what one does.
 */

#include "core/base/error.h"

#define WINDOW_LENGTH_MAX	((size_t)1 << 23)

struct window_slot {
	uint64_t hash;
	uint32_t where;		/* window_where(); 0: never used. */
	uint32_t refs;		/* Forms that share it; 0: a tombstone. */
};

struct window_table {
	uint64_t * filter;
	size_t filter_mask;	/* Words of it - 1; a power of two. */
	struct window_slot * slots;
	size_t mask;		/* Slots - 1; a power of two. */
	size_t used;		/* Slots with refs. */
	size_t taken;		/* Slots with refs or tombstones. */
	size_t stale;		/* Removals since the filter was made. */
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

	return (UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63));
}

static inline bool
window_maybe(const struct window_table * t, uint64_t hash)
{
	uint64_t bits = window_bits(hash);

	return ((t->filter[hash >> 12 & t->filter_mask] & bits) == bits);
}

static inline size_t
window_first(const struct window_table * t, uint64_t hash)
{

	return (hash >> 20 & t->mask);
}

/**
 * window_reserve(t, more):
 * Make room for ${more} entries. Errors: OUT_OF_MEMORY, ${t} as it was.
 */
SR_NODISCARD enum sr_error window_reserve(struct window_table * t,
    size_t more);

/** window_insert(t, hash, where): cannot fail after window_reserve. */
void window_insert(struct window_table * t, uint64_t hash, uint32_t where);

/** window_remove(t, hash, where): undo one window_insert. */
void window_remove(struct window_table * t, uint64_t hash, uint32_t where);

/** window_free(t): release. */
void window_free(struct window_table * t);

#endif /* !SR_CORE_REDACT_WINDOW_INTERNAL_H */
