#ifndef SR_CORE_KEYS_MAC_H
#define SR_CORE_KEYS_MAC_H

/*
 * HMAC-SHA256 and SHA-256 for the rooms above: audit chains, token hashes,
 * CSRF tokens. Comparison in constant time.
 */

#include "core/base/error.h"

struct secbuf;

#define MAC_LEN		32

/** mac_compute(key, msg, len, out): HMAC-SHA256 (RFC 2104). Reentrant. */
void mac_compute(const struct secbuf * key, const void * msg, size_t len,
    uint8_t out[MAC_LEN]);

/** digest_compute(msg, len, out): SHA-256. Reentrant. */
void digest_compute(const void * msg, size_t len, uint8_t out[MAC_LEN]);

/** digest_compute_two(a, n, b, len, out): SHA-256 of both, one after another. */
void digest_compute_two(const void * a, size_t n, const void * b, size_t len,
    uint8_t out[MAC_LEN]);

/** mac_equal(a, b): in constant time. */
SR_NODISCARD bool mac_equal(const uint8_t a[MAC_LEN], const uint8_t b[MAC_LEN]);

#endif /* !SR_CORE_KEYS_MAC_H */
