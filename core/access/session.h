#ifndef SR_CORE_ACCESS_SESSION_H
#define SR_CORE_ACCESS_SESSION_H

/* Sign-in, sessions, sign-out. Stored are only hashes of tokens. */

#include "core/access/account.h"

struct session {
	struct sr_id id;
	struct sr_id account_id;
	char email[EMAIL_MAX + 1];
	enum role role;
	sr_time created_at;
	sr_time expires_at;		/* Absolute end. */
};

struct session_limits {
	unsigned idle_minutes;
	unsigned max_hours;
	bool unattended;	/* A request that a page makes by itself: the
				   idle time does not start anew. */
};

struct sign_in {
	const char * email;
	const struct secbuf * password;
	const char * address;		/* REMOTE_ADDR */
	unsigned cost;			/* Of the decoy of unknown accounts. */
};

/**
 * session_begin(store, actor, sign_in, limits, token, retry_after):
 * Check throttle and password; make a session with a new token. Errors:
 * SIGN_IN_REFUSED, SIGN_IN_THROTTLED (*retry_after seconds; it may be NULL),
 * SERVER_BUSY, DATABASE_*, SECRET_AUDIT_PERSISTENCE_FAILED.
 *
 * Success and refusal are audited: a refusal names an account that exists, and
 * else nothing that was typed, because people type passwords into the wrong
 * field. An attempt while throttled is logged, not audited; the failures that
 * led to it are.
 *
 * Throttling counts failures per address and per account and address, in the
 * database; it never blocks an account for other addresses, so that nobody
 * can lock the owner out.
 */
SR_NODISCARD enum sr_error session_begin(const struct store * store,
    const struct actor * actor, const struct sign_in * sign_in,
    const struct session_limits * limits, struct disclosed ** token,
    unsigned * retry_after);

/**
 * session_find(db, token, limits, out):
 * The session of a cookie; its idle time starts anew (written at most once a
 * minute). Errors: SESSION_REQUIRED (no such session), SESSION_EXPIRED,
 * DATABASE_UNAVAILABLE, …
 */
SR_NODISCARD enum sr_error session_find(struct db * db,
    const struct secbuf * token, const struct session_limits * limits,
    struct session * out);

/**
 * session_end(store, actor, session):
 * Sign out; audited, unless it has ended already. Errors: DATABASE_*,
 * SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error session_end(const struct store * store,
    const struct actor * actor, const struct session * session);

#endif /* !SR_CORE_ACCESS_SESSION_H */
