#ifndef SR_CORE_VAULT_EXPIRY_H
#define SR_CORE_VAULT_EXPIRY_H

/*
 * Secrets whose expiry has come, or comes soon. An expired one is not given out
 * (resolve.h); it stays active until it is rotated or revoked. The database's
 * clock alone counts here.
 */

#include "core/base/error.h"

struct db;

/* Lines of the log that one report writes of each kind, at most. */
#define EXPIRY_LINES	20

/* Active secrets. */
struct expiry {
	uint64_t expired;
	uint64_t expiring;	/* Within the days that were asked for. */
};

/**
 * expiry_report(db, days, out):
 * Count them, and write a line for each that expired last (secret_expired) or
 * expires next, within ${days} (secret_expiring): its id, its version, and how
 * many there are. Errors: as db_query.
 */
SR_NODISCARD enum sr_error expiry_report(struct db * db, unsigned days,
    struct expiry * out);

#endif /* !SR_CORE_VAULT_EXPIRY_H */
