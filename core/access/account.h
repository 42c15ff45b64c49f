#ifndef SR_CORE_ACCESS_ACCOUNT_H
#define SR_CORE_ACCESS_ACCOUNT_H

/* Accounts and the bootstrap of the owner. */

#include "core/audit/audit.h"
#include "core/audit/disclose.h"

struct secbuf;

/*
 * Of accounts: auditor (reads and exports, changes nothing), operator, owner.
 * The others are what a page asks for: ACCOUNT is whoever is signed in, also
 * without the second factor that is required, for what concerns himself;
 * PROGRAM is nobody's: what asks for it is for API keys alone.
 */
enum role { ROLE_ANYONE, ROLE_ACCOUNT, ROLE_AUDITOR, ROLE_OPERATOR, ROLE_OWNER,
    ROLE_PROGRAM };

#define EMAIL_MAX	254

/** email_valid(text): the form of an address; see error email_invalid. */
SR_NODISCARD bool email_valid(const char * text);

/**
 * email_fold(text, out):
 * The form in which addresses are stored and looked up: ASCII letters in lower
 * case. False, ${out} "", if ${text} is NULL or not email_valid.
 */
SR_NODISCARD bool email_fold(const char * text, char out[EMAIL_MAX + 1]);

/**
 * access_set_parallel(n):
 * How many password hashes this process computes at a time (each takes the
 * memory of its cost); at least 1. Default 2. A call that finds too many others
 * waiting, or waits too long, fails with SERVER_BUSY. Thread-safe.
 */
void access_set_parallel(unsigned n);

/** role_name(role): "auditor", "operator", "owner". */
const char * role_name(enum role role);
SR_NODISCARD bool role_parse(const char * text, enum role * out);

/**
 * setup_open(db, open):
 * Whether the instance still waits for its owner. Errors: DATABASE_*,
 * SCHEMA_MISMATCH.
 */
SR_NODISCARD enum sr_error setup_open(struct db * db, bool * open);

/**
 * setup_providers_done(db, done):
 * Whether the second step of set-up, a provider whose credential is good, was
 * completed. Errors: as setup_open.
 */
SR_NODISCARD enum sr_error setup_providers_done(struct db * db, bool * done);

struct providers;

/**
 * setup_complete(store, actor, providers):
 * Complete it, if one of ${providers} is active; with its audit row. Completed
 * already: nothing happens. Errors: SETUP_PROVIDER_REQUIRED,
 * PROVIDER_CREDENTIAL_UNAVAILABLE, SECRET_ENCRYPTION_UNAVAILABLE or
 * ROOT_KEY_MISMATCH, DATABASE_*, SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error setup_complete(const struct store * store,
    const struct actor * actor, const struct providers * providers);

/**
 * setup_link(store, actor, minutes, out):
 * Make a one-time set-up token that is valid for ${minutes}; the former link
 * and a set-up cookie in use end. ${out} is the token's text; caller frees.
 * Errors: SETUP_CLOSED, SECRET_ENCRYPTION_UNAVAILABLE or ROOT_KEY_MISMATCH (its
 * audit row needs a root key), DATABASE_*, SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error setup_link(const struct store * store,
    const struct actor * actor, unsigned minutes, struct disclosed ** out);

/**
 * setup_exchange(store, actor, token, minutes, cookie, retry_after):
 * Trade the link's token, once, for a cookie that may create the owner.
 * Errors: SETUP_TOKEN_INVALID, SETUP_TOKEN_EXPIRED, SETUP_CLOSED,
 * SECRET_ENCRYPTION_UNAVAILABLE or ROOT_KEY_MISMATCH (the token stays good),
 * DATABASE_*, SECRET_AUDIT_PERSISTENCE_FAILED. A wrong token is counted against
 * the address (throttle.h), which is the anonymous actor's label, and audited
 * while set-up is open; from an address that is blocked it is
 * SIGN_IN_THROTTLED, with the seconds to wait in ${retry_after} (may be NULL),
 * and logged alone: strangers cannot fill the table. The right token passes in
 * any case.
 */
SR_NODISCARD enum sr_error setup_exchange(const struct store * store,
    const struct actor * actor, const struct secbuf * token, unsigned minutes,
    struct disclosed ** cookie, unsigned * retry_after);

/** setup_admitted(db, cookie): SR_OK if the cookie may create the owner. */
SR_NODISCARD enum sr_error setup_admitted(struct db * db,
    const struct secbuf * cookie);

/**
 * owner_create(store, actor, cookie, email, password, cost, id):
 * Make the owner's account and close set-up. ${cookie} NULL and an
 * ACTOR_OPERATOR: the command line. Exactly one of several at once succeeds.
 * Errors: EMAIL_INVALID, PASSWORD_INVALID, SETUP_TOKEN_INVALID,
 * SETUP_TOKEN_EXPIRED, SETUP_CLOSED (OWNER_EXISTS at the command line),
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, SECRET_ENCRYPTION_UNAVAILABLE or
 * ROOT_KEY_MISMATCH, SERVER_BUSY, DATABASE_*, SECRET_AUDIT_PERSISTENCE_FAILED.
 * Refused by policy it is audited; for its cookie, as setup_exchange.
 */
SR_NODISCARD enum sr_error owner_create(const struct store * store,
    const struct actor * actor, const struct secbuf * cookie,
    const char * email, const struct secbuf * password, unsigned cost,
    struct sr_id * id);

/**
 * owner_reset(store, actor, password, cost, email, sessions):
 * Give the owner a new password and end all sessions of the owner, in one
 * transaction with its audit row (OWNER_RESET, by ${actor}, an
 * ACTOR_OPERATOR). ${email} receives the owner's address, ${sessions} how many
 * were ended. Errors: OWNER_MISSING, PASSWORD_INVALID,
 * SECRET_ENCRYPTION_UNAVAILABLE or ROOT_KEY_MISMATCH, SERVER_BUSY, DATABASE_*,
 * SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error owner_reset(const struct store * store,
    const struct actor * actor, const struct secbuf * password, unsigned cost,
    char email[EMAIL_MAX + 1], uint64_t * sessions);

#endif /* !SR_CORE_ACCESS_ACCOUNT_H */
