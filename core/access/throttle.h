#ifndef SR_CORE_ACCESS_THROTTLE_H
#define SR_CORE_ACCESS_THROTTLE_H

/*
 * Failure counters in the database, shared by all workers. A bucket is the
 * SHA-256 of a label and its parts (an address is cut to its /64 for IPv6).
 */

#include "core/store/store.h"

/**
 * throttle_check(db, address, account, retry_after):
 * SIGN_IN_THROTTLED, with the seconds to wait, while either the address's or
 * the pair's bucket is blocked; SR_OK otherwise. Errors: DATABASE_*.
 */
SR_NODISCARD enum sr_error throttle_check(struct db * db, const char * address,
    const char * account, unsigned * retry_after);

/**
 * throttle_failed / throttle_passed(db, address, account):
 * Count a failure (pair: blocked from the 5th on for 2, 4, 8 … 300 s; address:
 * from the 20th on likewise; counters fade after 15 minutes), or clear the
 * pair's. Errors: DATABASE_*.
 */
SR_NODISCARD enum sr_error throttle_failed(struct db * db,
    const char * address, const char * account);
SR_NODISCARD enum sr_error throttle_passed(struct db * db,
    const char * address, const char * account);

#endif /* !SR_CORE_ACCESS_THROTTLE_H */
