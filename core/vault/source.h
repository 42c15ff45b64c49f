#ifndef SR_CORE_VAULT_SOURCE_H
#define SR_CORE_VAULT_SOURCE_H

/*
 * Where a credential comes from: the environment as the program was started,
 * else the encrypted reference, always in this order. The one that wins is
 * used or fails; the other is never tried in its place. This is the only place
 * that decides it, and that can say why.
 *
 *   environment  reference            wins         answer
 *   set          any                  environment  the environment's value
 *   not set      opens                reference    the active version's value
 *   not set      none                 none         PROVIDER_SECRET_UNAVAILABLE
 *   not set      revoked or expired   none         PROVIDER_SECRET_UNAVAILABLE
 *   not set      does not open        reference    PROVIDER_SECRET_RESOLUTION_
 *                                                  FAILED
 *   not set      cannot be read       reference    the same
 */

#include "core/vault/secret.h"

struct environment;

enum source_kind { SOURCE_NONE, SOURCE_ENVIRONMENT, SOURCE_REFERENCE,
    SOURCE__MAX };

/* What stands at each of the two places. */
enum source_state { SOURCE_ABSENT, SOURCE_PRESENT, SOURCE_REVOKED,
    SOURCE_EXPIRED, SOURCE_CLOSED, SOURCE_UNREADABLE, SOURCE_STATE__MAX };

/* Where to look. */
struct source_binding {
	const char * variable;		/* "ANTHROPIC_API_KEY" */
	enum secret_scope scope;
	struct sr_id project_id;
	const char * name;
};

/* The diagnosis; safe to show. */
struct source_answer {
	enum source_kind winner;
	enum source_state environment;
	enum source_state reference;
	struct secret_meta meta;	/* Of the reference, if it is there. */
	enum sr_error error;		/* SR_OK: there is a value. */
	enum sr_error cause;		/* Why the reference gives none. */
};

/** source_kind_name / source_state_name: "environment", "absent" … */
const char * source_kind_name(enum source_kind kind);
const char * source_state_name(enum source_state state);

/**
 * source_why(answer): a sentence of ours that says which won, which lost, and
 * why. Static storage.
 */
const char * source_why(const struct source_answer * answer);

/**
 * source_resolve(store, environment, binding, answer, value):
 * ${value} receives the value, a copy that the caller frees; NULL: explain
 * alone, which opens the reference and forgets it. ${answer} is filled in
 * whatever is returned. Errors: PROVIDER_SECRET_UNAVAILABLE,
 * PROVIDER_SECRET_RESOLUTION_FAILED, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error source_resolve(const struct store * store,
    const struct environment * environment,
    const struct source_binding * binding, struct source_answer * answer,
    struct secbuf ** value);

#endif /* !SR_CORE_VAULT_SOURCE_H */
