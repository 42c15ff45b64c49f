#ifndef SR_CORE_RUNS_CREDENTIAL_H
#define SR_CORE_RUNS_CREDENTIAL_H

/*
 * What a run may read: the credentials of providers, and the values that its
 * project binds. The source is found as source.h says; of a stored secret the
 * version that the run holds is given (lease.h). Each value leaves as a struct
 * disclosed, after its audit row.
 */

#include "core/audit/disclose.h"
#include "core/runs/run.h"
#include "core/vault/source.h"

struct provider;

/* Who asks, for which run. */
struct run_asking {
	const struct store * store;
	const struct environment * environment;
	const struct actor * actor;
	struct sr_id run_id;
	unsigned lease_minutes;
};

/* Where a value came from; safe to show. */
struct run_source {
	enum source_kind kind;
	uint32_t key_version;		/* 0: the environment's. */
};

/**
 * run_credential(asking, provider, source, out):
 * The run is extended by it (run_beat). Caller frees ${out}. Errors:
 * RUN_NOT_FOUND, RUN_NOT_STARTED, RUN_FINISHED, RUN_UNAVAILABLE,
 * PROVIDER_SECRET_UNAVAILABLE, PROVIDER_SECRET_RESOLUTION_FAILED,
 * SECRET_AUDIT_PERSISTENCE_FAILED, TRANSACTION_CONFLICT,
 * COMMIT_OUTCOME_UNKNOWN, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error run_credential(const struct run_asking * asking,
    const struct provider * provider, struct run_source * source,
    struct disclosed ** out);

/* ${value} is NULL with an error, of those above. Takes *value over. */
typedef enum sr_error run_value_fn(const struct binding * binding,
    const struct run_source * source, enum sr_error err,
    struct disclosed ** value, void * cookie);

/**
 * run_values(asking, fn, cookie):
 * All bindings of the run's project, by variable; one that gives no value does
 * not keep the others back. Errors: RUN_*, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error run_values(const struct run_asking * asking,
    run_value_fn * fn, void * cookie);

#endif /* !SR_CORE_RUNS_CREDENTIAL_H */
