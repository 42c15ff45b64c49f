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

#endif /* !SR_CORE_RUNS_RUNS_INTERNAL_H */
