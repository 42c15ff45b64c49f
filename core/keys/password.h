#ifndef SR_CORE_KEYS_PASSWORD_H
#define SR_CORE_KEYS_PASSWORD_H

/*
 * Password hashes: yescrypt ("$y$") by libxcrypt. Each call takes the memory
 * of its cost (7: 64 MB); the caller limits how many run at a time.
 */

#include "core/base/error.h"

struct secbuf;

#define PASSWORD_HASH_MAX	192	/* With the NUL. */
#define PASSWORD_MIN		12
#define PASSWORD_MAX		500	/* The library ends at 511. */

/**
 * password_hash(password, cost, out):
 * Errors: PASSWORD_INVALID (length, NUL bytes), INTERNAL_ERROR (cost outside
 * of 1..11), OUT_OF_MEMORY, RANDOM_UNAVAILABLE. Thread-safe.
 */
SR_NODISCARD enum sr_error password_hash(const struct secbuf * password,
    unsigned cost, char out[PASSWORD_HASH_MAX]);

/**
 * password_verify(password, hash):
 * SR_OK if ${password} is the one ${hash} was made from. Errors:
 * SIGN_IN_REFUSED, OUT_OF_MEMORY. Takes the time of ${hash}'s cost in both
 * cases; for an unknown account verify against password_decoy's.
 */
SR_NODISCARD enum sr_error password_verify(const struct secbuf * password,
    const char * hash);

/** password_decoy(cost, out): the hash of a random password, of that cost. */
SR_NODISCARD enum sr_error password_decoy(unsigned cost,
    char out[PASSWORD_HASH_MAX]);

#endif /* !SR_CORE_KEYS_PASSWORD_H */
