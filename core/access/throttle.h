#ifndef SR_CORE_ACCESS_THROTTLE_H
#define SR_CORE_ACCESS_THROTTLE_H

/*
 * Failure counters in the database, shared by all workers. A bucket is the
 * SHA-256 of a label and its parts (an address is cut to its /64 for IPv6).
 */

#include "core/base/id.h"
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

/**
 * throttle_code_take(db, address, account, retry_after):
 * Before a code of a second factor, which only those are asked for who know the
 * password, is judged: count the try. The account's counter is one for all
 * addresses, so that many addresses, or many tries at once, give no more of
 * them. Errors: SECOND_FACTOR_THROTTLED with the seconds to wait (the account's
 * or the address's bucket is blocked, nothing was counted); DATABASE_*.
 */
SR_NODISCARD enum sr_error throttle_code_take(struct db * db,
    const char * address, const struct sr_id * account,
    unsigned * retry_after);

/**
 * throttle_code_passed(db, account), throttle_code_failed(db, address),
 * throttle_code_untried(db, account):
 * One of them behind each take: the code was right, which clears the account's
 * counter; it was wrong, which counts for the address too; it could not be
 * judged, and is counted no more. Errors: DATABASE_*.
 */
SR_NODISCARD enum sr_error throttle_code_passed(struct db * db,
    const struct sr_id * account);
SR_NODISCARD enum sr_error throttle_code_failed(struct db * db,
    const char * address);
SR_NODISCARD enum sr_error throttle_code_untried(struct db * db,
    const struct sr_id * account);

/**
 * throttle_guess_check(db, actor, retry_after), throttle_guess_count(db,
 * actor): who sends secrets in plain fields, which are refused, is counted;
 * from the 20th on blocked for 2, 4, 8 … 300 s; it fades as the others do.
 * Errors: GUESSES_THROTTLED, with the seconds to wait; DATABASE_*.
 */
SR_NODISCARD enum sr_error throttle_guess_check(struct db * db,
    const struct sr_id * actor, unsigned * retry_after);
SR_NODISCARD enum sr_error throttle_guess_count(struct db * db,
    const struct sr_id * actor);

#endif /* !SR_CORE_ACCESS_THROTTLE_H */
