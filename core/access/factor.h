#ifndef SR_CORE_ACCESS_FACTOR_H
#define SR_CORE_ACCESS_FACTOR_H

/*
 * Second factors of accounts (keys/totp.h). One is begun, which shows its seed
 * once, and counts from when a code of it confirmed it, which shows recovery
 * codes once. An owner, or the operator, resets it (people.h).
 */

#include "core/access/session.h"
#include "core/keys/totp.h"

enum factor_state { FACTOR_NONE, FACTOR_BEGUN, FACTOR_CONFIRMED };

struct factor {
	enum factor_state state;
	sr_time confirmed_at;		/* SR_TIME_NONE: it is not. */
	unsigned recovery_codes;	/* How many are left. */
};

/** factor_read(db, account, out): Errors: as db_query. */
SR_NODISCARD enum sr_error factor_read(struct db * db,
    const struct sr_id * account, struct factor * out);

/* What is shown once of a factor that was begun; end with factor_shown_free. */
struct factor_shown {
	struct disclosed * picture;	/* Path of the QR code (totp.h). */
	struct disclosed * text;	/* The seed in base32. */
	unsigned size;			/* Modules of the QR code. */
};

void factor_shown_free(struct factor_shown * shown);

/**
 * factor_begin(store, actor, session, out):
 * A new seed for the session's account; one that was begun and not confirmed is
 * no more. Errors: SECOND_FACTOR_EXISTS; SECRET_ENCRYPTION_UNAVAILABLE or
 * ROOT_KEY_MISMATCH, DATABASE_*, SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error factor_begin(const struct store * store,
    const struct actor * actor, const struct session * session,
    struct factor_shown * out);

/**
 * factor_confirm(store, actor, session, code, address, codes, retry_after):
 * Confirm it by a code, and end the account's other sessions. ${codes} receives
 * the recovery codes, to be shown once; caller frees each. Wrong codes are
 * counted as those of sign-ins. Errors: SECOND_FACTOR_MISSING (none was begun),
 * SECOND_FACTOR_EXISTS, SECOND_FACTOR_REFUSED, SECOND_FACTOR_THROTTLED; as
 * factor_begin.
 */
SR_NODISCARD enum sr_error factor_confirm(const struct store * store,
    const struct actor * actor, const struct session * session,
    const struct secbuf * code, const char * address,
    struct disclosed * codes[RECOVERY_CODES], unsigned * retry_after);

#endif /* !SR_CORE_ACCESS_FACTOR_H */
