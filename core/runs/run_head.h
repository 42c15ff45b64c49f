#ifndef SR_CORE_RUNS_RUN_HEAD_H
#define SR_CORE_RUNS_RUN_HEAD_H

/* Where runs stand, for who follows many of them: one query for all. */

#include "core/runs/run.h"

struct run_head {
	struct sr_id id;
	struct sr_id project_id;
	enum run_status status;
	uint64_t last_seq;	/* Of its newest event; 0: none so far. */
};

typedef enum sr_error run_head_fn(const struct run_head * head, void * cookie);

/**
 * run_heads(db, ids, n, fn, cookie):
 * Of each of the runs that is there, in any order. Errors: RUN_UNAVAILABLE,
 * OUT_OF_MEMORY, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error run_heads(struct db * db, const struct sr_id * ids,
    size_t n, run_head_fn * fn, void * cookie);

/** run_head_of(db, id, out): of one. Errors: + RUN_NOT_FOUND. */
SR_NODISCARD enum sr_error run_head_of(struct db * db, const struct sr_id * id,
    struct run_head * out);

#endif /* !SR_CORE_RUNS_RUN_HEAD_H */
