#ifndef SR_CORE_RUNS_RUNS_INTERNAL_H
#define SR_CORE_RUNS_RUNS_INTERNAL_H

/* What the files of this room share. */

#include <stdio.h>

#include "core/runs/run.h"
#include "core/store/tx.h"

/** runs_text(text, least, most): text of so many bytes, without controls. */
SR_NODISCARD bool runs_text(const char * text, size_t least, size_t most);

/** runs_error(err): what a failed statement is called up here. */
SR_NODISCARD enum sr_error runs_error(enum sr_error err);

/** run_of_row(row, out): from the columns RUN_COLS, the first of a row. */
SR_NODISCARD enum sr_error run_of_row(const struct db_row * row,
    struct run * out);

/**
 * run_shift(tx, run, to, until):
 * Move a run whose row is locked, with its leases. Errors:
 * RUN_TRANSITION_INVALID, and those of db_exec.
 */
SR_NODISCARD enum sr_error run_shift(struct tx * tx, struct run * run,
    enum run_status to, sr_time until);

#endif /* !SR_CORE_RUNS_RUNS_INTERNAL_H */
