#ifndef SR_CORE_REDACT_EPOCH_INTERNAL_H
#define SR_CORE_REDACT_EPOCH_INTERNAL_H

/*
 * For core/redact alone: memory that readers may still look at when a writer
 * has taken it out of the set. Readers take no lock and wait for nobody: they
 * count themselves in and out. What is taken out is freed once both counters
 * were seen at zero since; new readers are sent to the other counter, so that
 * each comes to zero however many come. Writers are kept apart by the caller.
 */

#include <stdatomic.h>

#include "core/base/base.h"

/* At the begin of whatever may be retired. */
struct epoch_grave {
	struct epoch_grave * next;
	void (*release)(struct epoch_grave *);
	bool seen[2];
};

struct epoch {
	atomic_size_t readers[2];
	atomic_uint turn;
	struct epoch_grave * graves;
};

/** epoch_enter(e) / epoch_leave(e, side): what a reader gets stays between. */
static inline unsigned
epoch_enter(struct epoch * e)
{
	unsigned side = atomic_load(&e->turn) & 1;

	(void)atomic_fetch_add(&e->readers[side], 1);
	return (side);
}

static inline void
epoch_leave(struct epoch * e, unsigned side)
{

	(void)atomic_fetch_sub(&e->readers[side], 1);
}

/** epoch_retire(e, grave, release): ${release} it when no reader has it. */
void epoch_retire(struct epoch * e, struct epoch_grave * grave,
    void (*release)(struct epoch_grave *));

/** epoch_sweep(e): release what nobody has any more. */
void epoch_sweep(struct epoch * e);

/** epoch_end(e): release all; there are no readers. */
void epoch_end(struct epoch * e);

#endif /* !SR_CORE_REDACT_EPOCH_INTERNAL_H */
