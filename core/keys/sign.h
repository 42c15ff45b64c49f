#ifndef SR_CORE_KEYS_SIGN_H
#define SR_CORE_KEYS_SIGN_H

/*
 * Ed25519 (RFC 8032) signatures. The seed is a system key of 32 random bytes,
 * purpose "sign". Pure and reentrant.
 */

#include "core/base/error.h"

struct secbuf;

#define SIGN_PUBLIC_LEN	32
#define SIGN_LEN	64

/** sign_public(seed, out): the public key of a 32-byte seed. */
void sign_public(const struct secbuf * seed, uint8_t out[SIGN_PUBLIC_LEN]);

/** sign_message(seed, msg, len, out): sign ${len} bytes. */
void sign_message(const struct secbuf * seed, const void * msg, size_t len,
    uint8_t out[SIGN_LEN]);

/** sign_verify(public_key, msg, len, sig): whether it is that key's. */
SR_NODISCARD bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_LEN],
    const void * msg, size_t len, const uint8_t sig[SIGN_LEN]);

#endif /* !SR_CORE_KEYS_SIGN_H */
