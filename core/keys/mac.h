#ifndef SR_CORE_KEYS_MAC_H
#define SR_CORE_KEYS_MAC_H

/*
 * HMAC-SHA256 and SHA-256 for the rooms above: audit chains, token hashes,
 * CSRF tokens, requests. Comparison in constant time.
 */

#include "core/base/error.h"

struct secbuf;

#define MAC_LEN		32

/** mac_compute(key, msg, len, out): HMAC-SHA256 (RFC 2104). Reentrant. */
void mac_compute(const struct secbuf * key, const void * msg, size_t len,
    uint8_t out[MAC_LEN]);

/* A part of a message: bytes (NULL: none), or what a secbuf holds. */
struct mac_part {
	const void * bytes;
	size_t len;
	const struct secbuf * secret;	/* If it is not NULL. */
};

/* Parts; a text that is NULL is the empty one. */
#define MAC_BYTES(b, n)	((struct mac_part){ .bytes = (b), .len = (n) })
#define MAC_SECRET(s)	((struct mac_part){ .secret = (s) })
struct mac_part mac_text(const char * text);

/**
 * mac_parts(key, parts, n, out):
 * HMAC-SHA256 of ${n} parts, each as its length in eight bytes, the most
 * significant one first, and its bytes: no two lists of parts are one message.
 * Reentrant.
 */
void mac_parts(const struct secbuf * key, const struct mac_part * parts,
    size_t n, uint8_t out[MAC_LEN]);

/** digest_compute(msg, len, out): SHA-256. Reentrant. */
void digest_compute(const void * msg, size_t len, uint8_t out[MAC_LEN]);

/** digest_compute_two(a, n, b, len, out): SHA-256 of both, one by one. */
void digest_compute_two(const void * a, size_t n, const void * b, size_t len,
    uint8_t out[MAC_LEN]);

/* SHA-256 of what comes in pieces; for one thread. */
struct digest;

/**
 * digest_new(out), digest_add(d, bytes, len), digest_end(d, out), digest_free:
 * Errors: OUT_OF_MEMORY. After digest_end it begins anew. *d may be NULL.
 */
SR_NODISCARD enum sr_error digest_new(struct digest ** out);
void digest_add(struct digest * d, const void * bytes, size_t len);
void digest_end(struct digest * d, uint8_t out[MAC_LEN]);
void digest_free(struct digest ** d);

/** mac_equal(a, b): in constant time. */
SR_NODISCARD bool mac_equal(const uint8_t a[MAC_LEN], const uint8_t b[MAC_LEN]);

#endif /* !SR_CORE_KEYS_MAC_H */
