#ifndef SR_CORE_RUNS_STEP_H
#define SR_CORE_RUNS_STEP_H

/* The steps of a run, told from its events. */

#include "core/runs/event.h"

struct run_step {
	char name[EVENT_STEP_MAX + 1];
	sr_time started_at;		/* SR_TIME_NONE: nobody said so. */
	sr_time ended_at;		/* SR_TIME_NONE: it goes on. */
	bool failed;
};

typedef enum sr_error run_step_fn(const struct run_step * step, void * cookie);

/**
 * run_steps(db, run_id, limit, fn, cookie):
 * In the order in which they were first heard of. Of a step that was started
 * again the last begin and end count. Errors: RUN_UNAVAILABLE, and what ${fn}
 * returns.
 */
SR_NODISCARD enum sr_error run_steps(struct db * db,
    const struct sr_id * run_id, unsigned limit, run_step_fn * fn,
    void * cookie);

/** run_last_seq(db, run_id, seq): of its newest event; 0: it has none. */
SR_NODISCARD enum sr_error run_last_seq(struct db * db,
    const struct sr_id * run_id, uint64_t * seq);

#endif /* !SR_CORE_RUNS_STEP_H */
