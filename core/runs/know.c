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

/* What a rule has found is known to whoever wrote it. */
static bool
hits_secret(struct redact * redact, const struct policy_field * fields,
    size_t n)
{
	struct redact_hits hits;
	size_t i;

	for (i = 0; i < n; i++) {
		hits = (struct redact_hits){ .known = 0 };
		if (fields[i].text != NULL && redact_scan(redact, REDACT_UI,
		    fields[i].text, strlen(fields[i].text), &hits) == SR_OK &&
		    hits.known != 0)
			return (true);
	}
	return (false);
}

/** runs_blocked(store, actor, run_id, channel, fields, n): it is a guess. */
enum sr_error
runs_blocked(const struct store * store, const struct actor * actor,
    const struct sr_id * run_id, enum redact_channel channel,
    const struct policy_field * fields, size_t n)
{
	static const struct redact_hits one = { .known = 1, .unnamed = 1 };
	struct run run;
	enum sr_error held = SR_OK;

	if (hits_secret(store->redact, fields, n) &&
	    run_show(store->db, run_id, &run) == SR_OK)
		held = run_guess(store, actor, &run, channel, &one);
	return (held == SR_OK ? SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED :
	    held);
}

/** runs_plain(store, about, channel, fields, n, complaint). */
enum sr_error
runs_plain(const struct store * store, const struct audit_entry * about,
    enum redact_channel channel, const struct policy_field * fields, size_t n,
    struct secret_complaint * complaint)
{
	enum sr_error err;

	err = policy_admit_within(store, about, fields, n, complaint);
	return (err != SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED ? err :
	    runs_blocked(store, about->actor, &about->target_id, channel,
	    fields, n));
}
