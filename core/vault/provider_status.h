#ifndef SR_CORE_VAULT_PROVIDER_STATUS_H
#define SR_CORE_VAULT_PROVIDER_STATUS_H

/*
 * What is known about each provider's credential, and the check that finds it
 * out. A check is: source (source.h), question (provider_check.h), transition
 * and audit row in one transaction.
 *
 *   no credential at either source  not_set  <p>_secret_unavailable
 *   the reference does not open     invalid  <p>_secret_resolution_failed
 *   the provider took it            active
 *   the provider refused it         invalid  <p>_credentials_invalid
 *   it could not be asked           invalid  <p>_provider_check_failed and a
 *                                            class of failure
 *
 * checked_at moves by every check, verified_at by those that the provider's yes
 * ends. While a rotation is going on the status stays rotating, whatever a
 * check finds; the rotation ends it.
 */

#include "core/vault/provider.h"
#include "core/vault/provider_check.h"
#include "core/vault/source.h"

enum provider_status { PROVIDER_ACTIVE, PROVIDER_INVALID, PROVIDER_NOT_SET,
    PROVIDER_ROTATING, PROVIDER_STATUS__MAX };

/* A row of provider_credential; safe to show. */
struct provider_state {
	enum provider_status status;
	bool has_former;		/* Whether it ever changed. */
	enum provider_status former;	/* "Not set -> Active" */
	sr_time changed_at;		/* SR_TIME_NONE: never looked at. */
	sr_time verified_at;		/* Of the last success. */
	sr_time checked_at;
	enum sr_error error;		/* Of the last check; SR_OK: none. */
	enum provider_failure failure;
	enum source_kind source;	/* What was checked. */
	uint32_t checked_version;	/* 0: the environment's, or none. */
	sr_time due_at;			/* The next check of the schedule. */
};

/** provider_status_name(s): "not_set"; _title(s): "Not set". */
const char * provider_status_name(enum provider_status s);
const char * provider_status_title(enum provider_status s);

/**
 * provider_state_read(db, provider, out):
 * A provider that was never looked at is PROVIDER_NOT_SET without times.
 * Errors: PROVIDER_CREDENTIAL_UNAVAILABLE (the row cannot be read).
 */
SR_NODISCARD enum sr_error provider_state_read(struct db * db,
    const struct provider * provider, struct provider_state * out);

/** provider_binding(provider): where its credential is looked for. */
struct source_binding provider_binding(const struct provider * provider);

/* What a check works with. */
struct provider_checking {
	const struct store * store;
	const struct environment * environment;
	const struct provider_limits * limits;
	const struct actor * actor;
	unsigned every_seconds;		/* Until the next one is due. */
};

/**
 * provider_check(with, provider, state, answer):
 * Check the credential that wins, now. SR_OK: it was checked, or found missing,
 * and ${state} says how it went; ${answer} (may be NULL) where it came from.
 * Errors, with nothing changed: PROVIDER_CREDENTIAL_UNAVAILABLE,
 * SECRET_AUDIT_PERSISTENCE_FAILED, SECRET_ENCRYPTION_UNAVAILABLE (its audit row
 * needs a root key), DATABASE_*, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error provider_check(const struct provider_checking * with,
    const struct provider * provider, struct provider_state * state,
    struct source_answer * answer);

/**
 * provider_check_due(state, answer, now):
 * Whether a check would tell something: its time has come, or the credential
 * that wins (source_resolve's ${answer}) is not the one that was checked. Not
 * while a rotation checks it, nor where nothing was and nothing is.
 */
SR_NODISCARD bool provider_check_due(const struct provider_state * state,
    const struct source_answer * answer, sr_time now);

#define PROVIDER_CHORE	"check"

/**
 * provider_check_soon(db): a secret that may be a provider's was changed, so
 * the next worker that looks asks all providers that are due. It is not told if
 * that could not be noted: the schedule comes to it too.
 */
void provider_check_soon(struct db * db);

#endif /* !SR_CORE_VAULT_PROVIDER_STATUS_H */
