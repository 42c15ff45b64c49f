#ifndef SR_CORE_ACCESS_SETUP_INTERNAL_H
#define SR_CORE_ACCESS_SETUP_INTERNAL_H

/* The one row of table setup, for setup.c and account.c alone. */

#include "core/audit/audit.h"
#include "core/keys/token.h"
#include "core/store/db.h"

struct setup_state {
	bool has_token;
	uint8_t token_hash[MAC_LEN];
	sr_time token_expires_at;
	bool has_cookie;
	uint8_t cookie_hash[MAC_LEN];
	sr_time cookie_expires_at;
	sr_time completed_at;		/* SR_TIME_NONE: set-up is open. */
	sr_time providers_done_at;	/* SR_TIME_NONE: its second step is. */
	bool found;
};

/**
 * setup_read(db, stmt, out):
 * Read the row with SETUP_READ, or with SETUP_LOCK in a transaction. Errors:
 * as db_query; SCHEMA_MISMATCH when there is no row.
 */
SR_NODISCARD enum sr_error setup_read(struct db * db, enum stmt stmt,
    struct setup_state * out);

/**
 * setup_judge(has, stored, expires_at, given, now):
 * Whether the hash ${given} (NULL: none was given) is the stored one and in
 * its time. Errors: SETUP_TOKEN_INVALID, SETUP_TOKEN_EXPIRED.
 */
SR_NODISCARD enum sr_error setup_judge(bool has,
    const uint8_t stored[MAC_LEN], sr_time expires_at, const uint8_t * given,
    sr_time now);

/**
 * setup_take_keys(store, keys):
 * Hold the keys that the audit row of a step of set-up is sealed with; end with
 * keyset_release. Errors: DATABASE_UNAVAILABLE, and those of
 * keystore_write_error; ${keys} is NULL then.
 */
SR_NODISCARD enum sr_error setup_take_keys(const struct store * store,
    const struct keyset ** keys);

/**
 * setup_wrong_token(store, audit, error, retry_after):
 * A token or cookie was refused with ${error}: count it against the actor's
 * address and write the row ${audit}; while the address is blocked do neither.
 * Returns what is to be answered: ${error}, SIGN_IN_THROTTLED (with the seconds
 * in ${retry_after}), or that of a database that fails.
 */
enum sr_error setup_wrong_token(const struct store * store,
    struct audit_entry * audit, enum sr_error error, unsigned * retry_after);

#endif /* !SR_CORE_ACCESS_SETUP_INTERNAL_H */
