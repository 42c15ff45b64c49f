#ifndef SR_CORE_ACCESS_FACTOR_INTERNAL_H
#define SR_CORE_ACCESS_FACTOR_INTERNAL_H

/* What factor.c and session_step.c share. Not for other rooms. */

#include "core/access/factor.h"
#include "core/store/db.h"

struct keyset;

/* A row of account_factor. */
struct factor_stored {
	bool found;
	uint8_t salt[TOTP_SALT_LEN];
	sr_time confirmed_at;
	uint64_t last_step;
	unsigned recovery_codes;	/* Of FACTOR_READ. */
};

/** factor_stored_read(db, stmt, account, out): FACTOR_READ or FACTOR_LOCK. */
SR_NODISCARD enum sr_error factor_stored_read(struct db * db, enum stmt stmt,
    const struct sr_id * account, struct factor_stored * out);

/**
 * factor_check(keys, account, stored, code, now, step):
 * totp_check under the seed of ${stored}; of a step that was used before, or
 * one before that, no code is right. Errors: as totp_seed and totp_check.
 */
SR_NODISCARD enum sr_error factor_check(const struct keyset * keys,
    const struct sr_id * account, const struct factor_stored * stored,
    const struct secbuf * code, sr_time now, uint64_t * step);

#endif /* !SR_CORE_ACCESS_FACTOR_INTERNAL_H */
