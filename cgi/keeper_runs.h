#ifndef SR_CGI_KEEPER_RUNS_H
#define SR_CGI_KEEPER_RUNS_H

/* What the keeper does for runs, by one worker for all. */

#include "core/store/store.h"

struct worker;

/**
 * keeper_runs(w, store):
 * If it is due: publish what was held back of streams whose sender is gone, end
 * runs whose program is, and delete events, prompts and artifacts that are old.
 * Errors: those of event_streams_end, run_reap, event_purge, prompt_purge and
 * artifact_purge.
 */
SR_NODISCARD enum sr_error keeper_runs(const struct worker * w,
    const struct store * store);

#endif /* !SR_CGI_KEEPER_RUNS_H */
