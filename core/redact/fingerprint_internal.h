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

/* A form in base64 has so many bytes or more. */
#define FINGERPRINT_BASE64_MIN	((size_t)10)

/* What the first eight bytes of a short form are; behind its window. */
enum fingerprint_begin {
	FINGERPRINT_ANY,	/* Anything, or nobody wrote it down. */
	FINGERPRINT_GRAPHIC,	/* ASCII without blanks. */
	FINGERPRINT_WORD,	/* Letters and digits. */
	FINGERPRINT_BEGIN__MAX
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

struct window_filter;
struct sieved;

/*
 * ${n} <= SIEVE_MAX windows, each ${step} bytes further: 1 and 8 (windows of
 * 8 bytes), 16 (of 16). As with the hasher 16 bytes at each are readable.
 * ${out} is their hashes, and which of them ${f} lets through.
 */
typedef void fingerprint_sieve(const struct fingerprint_keys * k,
    const struct window_filter * f, const uint8_t * p, size_t step, size_t n,
    struct sieved * out);

/* Windows of a row, each a byte further. */
#define FINGERPRINT_ROW	((size_t)4)

/*
 * As a sieve, of windows of 8 bytes in ${rows} of so many, which begin at
 * ${p}[${at}[i]], 16 bytes of which are readable; ${fold}: in the standard
 * alphabet of base64.
 */
typedef void fingerprint_row_sieve(const struct fingerprint_keys * k,
    const struct window_filter * f, const uint8_t * p, const uint32_t * at,
    size_t rows, bool fold, struct sieved * out);

#define FINGERPRINT_ROUNDS	11

struct fingerprint_keys {
	uint8_t rounds[FINGERPRINT_ROUNDS * FINGERPRINT_BLOCK];
	fingerprint_sieve * sieve;	/* The machine's best. */
	fingerprint_row_sieve * row_sieve;
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

/**
 * fingerprint_windows(k, p, length, form):
 * ${form}, its kind set, gets the windows of ${p}.
 */
void fingerprint_windows(const struct fingerprint_keys * k, const uint8_t * p,
    size_t length, struct redact_form * form);

/**
 * fingerprint_windows_ok(form):
 * Whether it has as many bytes of windows as its length demands.
 */
bool fingerprint_windows_ok(const struct redact_form * form);

/** fingerprint_base64(kind): whether forms of ${kind} are in base64. */
bool fingerprint_base64(enum redact_kind kind);

/** fingerprint_begin(form): what a short form begins with. */
enum fingerprint_begin fingerprint_begin(const struct redact_form * form);

/** fingerprint_mac(k, p, len, mac): the MAC of a form. */
void fingerprint_mac(const struct fingerprint_keys * k, const uint8_t * p,
    size_t len, uint8_t mac[REDACT_MAC_LEN]);

/** fingerprint_tag(k, p, len, tag): the tag of a value. */
void fingerprint_tag(const struct fingerprint_keys * k, const void * p,
    size_t len, char tag[REDACT_TAG_LEN + 1]);

/* All give the same; those of fingerprint_aes.c where the machine can. */
fingerprint_hasher fingerprint_hash_portable;
fingerprint_hasher fingerprint_hash_aesni;

/**
 * fingerprint_aes_setup(k, key):
 * Expand the 16 bytes of ${key} to ${k}->rounds, if the machine has use for
 * them.
 */
void fingerprint_aes_setup(struct fingerprint_keys * k, const uint8_t * key);

/** fingerprint_can(hasher): whether this machine can run it. */
bool fingerprint_can(fingerprint_hasher * hasher);

/** fingerprint_can_vaes(): whether it encrypts two blocks at once. */
bool fingerprint_can_vaes(void);

#endif /* !SR_CORE_REDACT_FINGERPRINT_INTERNAL_H */
