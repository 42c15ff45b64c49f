#ifndef SR_CORE_VAULT_RESOLVE_H
#define SR_CORE_VAULT_RESOLVE_H

/*
 * Giving a value out: to the program of a run, never to a person. The value
 * leaves as a struct disclosed, which exists only when the audit row that says
 * so is committed.
 */

#include "core/audit/disclose.h"
#include "core/vault/secret.h"

/**
 * resolve_value(store, actor, scope, project_id, name, meta, out):
 * The value of the active version. The secret's row is locked while the audit
 * row is written, so what is given out was active and not expired then. ${meta}
 * (may be NULL) receives what is known about it; the caller frees ${out}.
 * Refused attempts are audited, with the name if there is such a secret or the
 * name may be stored. Errors: SECRET_NOT_FOUND, SECRET_REVOKED, SECRET_EXPIRED,
 * SECRET_METADATA_UNAVAILABLE, SECRET_ENCRYPTION_UNAVAILABLE,
 * ROOT_KEY_MISMATCH, SECRET_ENCRYPTION_FAILED,
 * SECRET_AUDIT_PERSISTENCE_FAILED, TRANSACTION_CONFLICT,
 * COMMIT_OUTCOME_UNKNOWN, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error resolve_value(const struct store * store,
    const struct actor * actor, enum secret_scope scope,
    const struct sr_id * project_id, const char * name,
    struct secret_meta * meta, struct disclosed ** out);

struct environment;

/* The run that asks. */
struct resolve_run {
	const struct actor * actor;
	struct sr_id run_id;
	sr_time until;			/* A lease taken now is held to then. */
};

/**
 * resolve_leased(store, run, secret_id, version, out):
 * The version that the run holds (lease.h), which is pinned now if it holds
 * none; ${version} receives it. The secret's row is shared while the audit row
 * is written. That row is a chain of its own, so that runs do not queue for the
 * end of the secret's. The run's row is shared too: a run that has ended gets
 * nothing. Refused attempts are audited. Errors: as resolve_value, and
 * RUN_FINISHED.
 */
SR_NODISCARD enum sr_error resolve_leased(const struct store * store,
    const struct resolve_run * run, const struct sr_id * secret_id,
    uint32_t * version, struct disclosed ** out);

/**
 * resolve_environment(store, run, environment, variable, name, out):
 * The value of a variable of the environment, after its audit row, in which
 * ${name} stands for it. Errors: SECRET_NOT_FOUND (not set),
 * SECRET_AUDIT_PERSISTENCE_FAILED, SECRET_METADATA_UNAVAILABLE, ….
 */
SR_NODISCARD enum sr_error resolve_environment(const struct store * store,
    const struct resolve_run * run, const struct environment * environment,
    const char * variable, const char * name, struct disclosed ** out);

#endif /* !SR_CORE_VAULT_RESOLVE_H */
