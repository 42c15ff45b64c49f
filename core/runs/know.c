#include "core/runs/run_alert.h"
#include "core/runs/runs_internal.h"
#include "core/vault/liveset.h"

/** runs_know(store): bring the redactor's live set up to date. */
enum sr_error
runs_know(const struct store * store)
{

	return (store->live == NULL ? SR_OK :
	    liveset_refresh(store->live, store));
}

/** runs_guess(store, actor, run, channel, hits): run_guess of a large text. */
enum sr_error
runs_guess(const struct store * store, const struct actor * actor,
    const struct run * run, enum redact_channel channel,
    const struct redact_hits * hits)
{
	struct redact_hits fewer = *hits;

	fewer.known = hits->unnamed + (hits->known > hits->unnamed);
	return (run_guess(store, actor, run, channel, &fewer));
}
