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
	bool factor;			/* The account has a second factor. */
};

/* How long the second step of a sign-in may take. */
#define SIGN_IN_STEP_MINUTES	10

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
 * Check throttle and password; make a session with a new token. A disabled
 * account is as one that is not there. Errors: SECOND_FACTOR_ASKED (the
 * password is right, and ${token} is that of the second step, session_step),
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

/* The second step of a sign-in. */
struct sign_in_step {
	const struct secbuf * token;	/* NULL: none came. */
	const struct secbuf * code;	/* As typed: of either kind. */
	const char * address;		/* REMOTE_ADDR */
};

/**
 * session_step(store, actor, step, limits, token, left, retry_after):
 * Take the code of an authenticator, or a recovery code, which is used up, and
 * make the session. A code that was taken is not taken again, whatever worker
 * it is sent to. ${left}, if a recovery code was used, receives how many are
 * left, else -1. Success and refusal are audited (the row's name says by
 * what). Errors: SIGN_IN_STEP_EXPIRED, SECOND_FACTOR_REFUSED,
 * SECOND_FACTOR_THROTTLED; SECRET_ENCRYPTION_UNAVAILABLE or ROOT_KEY_MISMATCH
 * (a recovery code needs no root key), DATABASE_*,
 * SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error session_step(const struct store * store,
    const struct actor * actor, const struct sign_in_step * step,
    const struct session_limits * limits, struct disclosed ** token,
    int * left, unsigned * retry_after);

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

/* What is known of a session, for a list. */
struct session_row {
	struct sr_id id;
	struct sr_id account_id;
	char email[EMAIL_MAX + 1];
	char address[46];
	sr_time created_at;
	sr_time last_seen_at;
	sr_time expires_at;
	sr_time ended_at;		/* SR_TIME_NONE: nobody ended it. */
	bool revoked;			/* Ended by somebody else's decision. */
};

/** session_status_name(row, limits, now): "active", "expired", "ended" (it was
 * signed out), "revoked". */
const char * session_status_name(const struct session_row * row,
    const struct session_limits * limits, sr_time now);

typedef enum sr_error session_fn(const struct session_row * row,
    void * cookie);

/**
 * session_list(db, account, after, limit, fn, cookie):
 * Sessions of ${account} (NULL: of all), the newest first, after the session
 * ${after} (NULL: from the first on). Errors: as db_query.
 */
SR_NODISCARD enum sr_error session_list(struct db * db,
    const struct sr_id * account, const struct sr_id * after, unsigned limit,
    session_fn * fn, void * cookie);

/**
 * session_revoke(store, actor, id, account, limits, out):
 * End a session, at once; of ${account} alone, if it is not NULL: another's is
 * as one that is not there. A refusal is audited and changes nothing. Errors:
 * SESSION_NOT_FOUND, SESSION_ALREADY_REVOKED (also if it was signed out or its
 * time is over); SECRET_ENCRYPTION_UNAVAILABLE or ROOT_KEY_MISMATCH (its audit
 * row needs a root key), DATABASE_*, SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error session_revoke(const struct store * store,
    const struct actor * actor, const struct sr_id * id,
    const struct sr_id * account, const struct session_limits * limits,
    struct session_row * out);

struct password_change {
	const struct secbuf * current;
	const struct secbuf * wanted;
	const char * address;		/* REMOTE_ADDR */
	unsigned cost;
};

/**
 * password_change(store, actor, session, change, ended, retry_after):
 * Give the session's account a new password and end all its other sessions.
 * Wrong current passwords are counted and audited as failed sign-ins are.
 * ${ended}: how many sessions. Errors: PASSWORD_WRONG, PASSWORD_INVALID,
 * SIGN_IN_THROTTLED, SERVER_BUSY; those of session_revoke's transaction.
 */
SR_NODISCARD enum sr_error password_change(const struct store * store,
    const struct actor * actor, const struct session * session,
    const struct password_change * change, uint64_t * ended,
    unsigned * retry_after);

/**
 * password_ask(store, actor, session, current, address, retry_after):
 * Before a second factor is begun: whether ${current} is the password of the
 * session's account. Counted and audited as above. Errors: PASSWORD_WRONG,
 * SIGN_IN_THROTTLED, SERVER_BUSY, DATABASE_*.
 */
SR_NODISCARD enum sr_error password_ask(const struct store * store,
    const struct actor * actor, const struct session * session,
    const struct secbuf * current, const char * address,
    unsigned * retry_after);

#endif /* !SR_CORE_ACCESS_SESSION_H */
