#ifndef SR_CORE_ACCESS_HASHING_H
#define SR_CORE_ACCESS_HASHING_H

/*
 * Turns at the password hash, which takes much time and memory: a process
 * computes few at a time, and only so many may wait, so that a flood of
 * sign-ins neither eats the memory nor all threads. For this room alone.
 */

#include "core/base/error.h"
#include "core/keys/password.h"

/* At most this many wait for a turn, and none longer. */
#define HASHING_WAITERS	8
#define HASHING_WAIT_MS	5000

/**
 * hashing_begin() / hashing_end(): take a turn, and give it back. Errors:
 * SERVER_BUSY. Thread-safe.
 */
SR_NODISCARD enum sr_error hashing_begin(void);
void hashing_end(void);

/**
 * hashing_decoy(cost, out):
 * The process's decoy hash of that cost (password_decoy), made the first time.
 * Call with a turn taken. Errors: as password_decoy. Thread-safe.
 */
SR_NODISCARD enum sr_error hashing_decoy(unsigned cost,
    char out[PASSWORD_HASH_MAX]);

/**
 * hashing_password(password, cost, out):
 * The hash of a new password, with a turn of its own. Errors: PASSWORD_INVALID
 * (its length; NULL), those of hashing_begin and of password_hash.
 */
SR_NODISCARD enum sr_error hashing_password(const struct secbuf * password,
    unsigned cost, char out[PASSWORD_HASH_MAX]);

#endif /* !SR_CORE_ACCESS_HASHING_H */
