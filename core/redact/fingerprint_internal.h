#ifndef SR_CORE_REDACT_FINGERPRINT_INTERNAL_H
#define SR_CORE_REDACT_FINGERPRINT_INTERNAL_H

/* For core/redact alone: the three keys of variant.FORMAT and their use. */

#include <nettle/aes.h>
#include <nettle/hmac.h>

#include "core/redact/variant.h"

#define FINGERPRINT_KEY_LEN	32
#define FINGERPRINT_BLOCK	16

/* How a form's length decides about its windows: enum is the table's index. */
enum window_class { WINDOW_SHORT, WINDOW_MEDIUM, WINDOW_LONG, WINDOW__MAX };

struct window_shape {
	size_t least;		/* Forms of this length and more. */
	size_t width;		/* Bytes of a window, 8 or 16. */
	size_t count;		/* Windows at offsets 0..count-1; the step. */
};

struct fingerprint_keys;

extern const struct window_shape window_shapes[WINDOW__MAX];

/** window_class_of(length): the class of a form of ${length} >= 8 bytes. */
enum window_class window_class_of(size_t length);

/*
 * ${hashes}[i] becomes the window hash of the ${width} bytes at ${p} + i *
 * ${step}, 0 <= i < ${n}; ${width} is 8 or 16. Sixteen bytes at each of these
 * places are readable.
 */
typedef void fingerprint_hasher(const struct fingerprint_keys * k,
    const uint8_t * p, size_t step, size_t width, size_t n, uint64_t * hashes);

#define FINGERPRINT_ROUNDS	11

struct fingerprint_keys {
	uint8_t rounds[FINGERPRINT_ROUNDS * FINGERPRINT_BLOCK];
	fingerprint_hasher * hasher;	/* The machine's best. */
	struct aes128_ctx window;
	struct hmac_sha256_ctx mac;
	struct hmac_sha256_ctx tag;
};

struct fingerprint;		/* The keys, in locked pages. */

/**
 * fingerprint_new(key, out):
 * Expand the 32-byte ${key}. Errors: OUT_OF_MEMORY, RANDOM_UNAVAILABLE,
 * INTERNAL_ERROR (wrong length). Caller frees.
 */
SR_NODISCARD enum sr_error fingerprint_new(const struct secbuf * key,
    struct fingerprint ** out);

/** fingerprint_free(f): wipe and release; *f becomes NULL, and may be. */
void fingerprint_free(struct fingerprint ** f);

/**
 * fingerprint_keys(f):
 * The keys; panics in a forked child, whose pages are empty, where scanning
 * on would find nothing.
 */
const struct fingerprint_keys * fingerprint_keys(const struct fingerprint * f);

/** fingerprint_windows(k, p, length, form): ${form} gets ${p}'s windows. */
void fingerprint_windows(const struct fingerprint_keys * k, const uint8_t * p,
    size_t length, struct redact_form * form);

/** fingerprint_mac(k, p, len, mac): the MAC of a form. */
void fingerprint_mac(const struct fingerprint_keys * k, const uint8_t * p,
    size_t len, uint8_t mac[REDACT_MAC_LEN]);

/** fingerprint_tag(k, p, len, tag): the tag of a value. */
void fingerprint_tag(const struct fingerprint_keys * k, const void * p,
    size_t len, char tag[REDACT_TAG_LEN + 1]);

/* All give the same; those of fingerprint_aes.c where the machine can. */
fingerprint_hasher fingerprint_hash_portable;
fingerprint_hasher fingerprint_hash_aesni;
fingerprint_hasher fingerprint_hash_vaes;

/**
 * fingerprint_aes_setup(k, key):
 * Expand the 16 bytes of ${key} to ${k}->rounds and choose ${k}->hasher. On
 * other machines: the portable one.
 */
void fingerprint_aes_setup(struct fingerprint_keys * k, const uint8_t * key);

/** fingerprint_can(hasher): whether this machine can run it. */
bool fingerprint_can(fingerprint_hasher * hasher);

#endif /* !SR_CORE_REDACT_FINGERPRINT_INTERNAL_H */
