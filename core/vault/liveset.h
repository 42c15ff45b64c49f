#ifndef SR_CORE_VAULT_LIVESET_H
#define SR_CORE_VAULT_LIVESET_H

/*
 * Keeping the redactor's live set current: read how far the log of changes is
 * (change.h), load the forms (redaction_variant) of what changed since, and
 * only of that.
 */

#include "core/store/store.h"

struct environment;
struct liveset;

/** liveset_new(out) / liveset_free(l): one per process; thread-safe. */
SR_NODISCARD enum sr_error liveset_new(struct liveset ** out);
void liveset_free(struct liveset ** l);

/* Days for which former values stay masked, unless something else is set. */
#define LIVESET_RETENTION	30

/**
 * liveset_retain(l, days): how long forms of former values are loaded. Call
 * before threads use ${l}.
 */
void liveset_retain(struct liveset * l, unsigned days);

/**
 * liveset_patience(l, ms): for so long after a refresh the redactor stays
 * READY although the database does not answer: for a command that goes on
 * meanwhile. 0, as it is at first, for whoever stores or publishes text. Call
 * before threads use ${l}.
 */
void liveset_patience(struct liveset * l, int64_t ms);

/**
 * liveset_environment(l, environment):
 * From the next time the redactor is unlocked on, it knows the secrets of
 * ${environment} (environment.h), which must outlive ${l}. Call before
 * threads use ${l}.
 */
void liveset_environment(struct liveset * l,
    const struct environment * environment);

/**
 * liveset_refresh(l, store):
 * Bring store->redact up to date: bind the keys if they are not, unlock the
 * redactor with the redaction key, load all forms the first time and changes
 * after. On success the redactor is REDACT_READY; on failure REDACT_STALE (or
 * it stays REDACT_LOCKED without a key). Call at the begin of each request
 * that may show or store text. Errors: the keystore's reason,
 * DATABASE_UNAVAILABLE, DATABASE_REFUSED, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error liveset_refresh(struct liveset * l,
    const struct store * store);

#endif /* !SR_CORE_VAULT_LIVESET_H */
