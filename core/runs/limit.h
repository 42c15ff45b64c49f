#ifndef SR_CORE_RUNS_LIMIT_H
#define SR_CORE_RUNS_LIMIT_H

/*
 * How much a run may store: run.events, run.event_bytes, run.streams and
 * run.prompt_bytes (those of artifacts are in artifact.h). At a limit nothing
 * more is taken, but for what moves the run (event.h) and for the end of a
 * stream with what it held back, so that a run can always be brought to its
 * end. The first refusal is an event of the run: limit_reached.
 */

#include "core/runs/event_internal.h"

struct config;

/** limit_settings(config, store): what ${store} needs to know of them. */
void limit_settings(const struct config * config, struct store * store);

/** limit_events(store, log): Errors: RUN_EVENTS_LIMIT_REACHED. */
SR_NODISCARD enum sr_error limit_events(const struct store * store,
    const struct event_log * log);

/**
 * limit_streams(store, log): before one that is not there yet. Errors:
 * RUN_STREAMS_LIMIT_REACHED; as db_query.
 */
SR_NODISCARD enum sr_error limit_streams(const struct store * store,
    const struct event_log * log);

/**
 * limit_prompt(store, db, run_id, bytes): charge the run for a prompt, in the
 * transaction that keeps it. Errors: RUN_PROMPTS_LIMIT_REACHED; as db_exec.
 */
SR_NODISCARD enum sr_error limit_prompt(const struct store * store,
    struct db * db, const struct sr_id * run_id, size_t bytes);

/**
 * limit_refused(store, run_id, error): count it; of events, say so in the run,
 * once. In a transaction of its own; what fails is tried by the next refusal.
 */
void limit_refused(const struct store * store, const struct sr_id * run_id,
    enum sr_error error);

#endif /* !SR_CORE_RUNS_LIMIT_H */
