#include <string.h>

#include "core/runs/runs_internal.h"
#include "core/runs/step.h"

struct reading {
	run_step_fn * fn;
	void * cookie;
	enum sr_error said;
};

static enum sr_error
take(const struct db_row * row, void * cookie)
{
	struct reading * r = cookie;
	struct run_step step = { .started_at = db_col_time(row, 1),
	    .ended_at = db_col_time(row, 2),
	    .failed = db_col_int(row, 3) != 0 };

	(void)snprintf(step.name, sizeof(step.name), "%s",
	    db_col_text(row, 0));
	/* It was started once more. */
	if (step.ended_at != SR_TIME_NONE &&
	    step.started_at != SR_TIME_NONE && step.ended_at < step.started_at)
		step.ended_at = SR_TIME_NONE;
	if (step.ended_at == SR_TIME_NONE)
		step.failed = false;
	return (r->said = r->fn(&step, r->cookie));
}

/** run_steps(db, run_id, limit, fn, cookie): in the order of their begins. */
enum sr_error
run_steps(struct db * db, const struct sr_id * run_id, unsigned limit,
    run_step_fn * fn, void * cookie)
{
	struct reading r = { .fn = fn, .cookie = cookie, .said = SR_OK };
	enum sr_error err;

	err = db_query(db, STMT_RUN_STEPS, DB_ARGS(DB_UUID(run_id),
	    DB_INT(limit)), take, &r);
	return (r.said != SR_OK ? r.said : runs_error(err));
}

static enum sr_error
take_seq(const struct db_row * row, void * cookie)
{

	*(uint64_t *)cookie = (uint64_t)db_col_int(row, 0);
	return (SR_OK);
}

/** run_last_seq(db, run_id, seq): of its newest event. */
enum sr_error
run_last_seq(struct db * db, const struct sr_id * run_id, uint64_t * seq)
{

	*seq = 0;
	return (runs_error(db_query(db, STMT_RUN_LAST_SEQ,
	    DB_ARGS(DB_UUID(run_id)), take_seq, seq)));
}
