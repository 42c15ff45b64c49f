#ifndef SR_CORE_KEYS_SEAL_INTERNAL_H
#define SR_CORE_KEYS_SEAL_INTERNAL_H

/*
 * The parts of sealing whose randomness is given: for seal.c, system_key.c and
 * the test that compares bytes with the known answers. Nobody else may choose
 * a nonce.
 */

#include "core/keys/keyring_internal.h"
#include "core/keys/seal.h"
#include "core/keys/tail.h"

#define SEAL_KEY_LEN	32
#define SEAL_NONCE_LEN	12
#define SEAL_TAG_LEN	16
#define SEAL_MAGIC_LEN	4
#define SEAL_AAD_MAX	224
#define SEAL_NAME_MAX	160
#define SEAL_PURPOSE_MAX 64

/* What use an AAD is for: its fifth byte (seal.FORMAT, 4). */
enum seal_use { SEAL_USE_VALUE = 1, SEAL_USE_DEK, SEAL_USE_SYSTEM_KEY,
    SEAL_USE_TAIL };

struct seal_aad_bytes {
	uint8_t b[SEAL_AAD_MAX];
	size_t len;
};

/* AAD of a value or, under a KEK, of its DEK. False if the name is no name. */
SR_NODISCARD bool seal_aad_row(const struct seal_aad * aad, enum seal_use use,
    uint32_t kek_version, struct seal_aad_bytes * out);
SR_NODISCARD bool seal_aad_system(const char * purpose, uint32_t version,
    uint32_t kek_version, struct seal_aad_bytes * out);
SR_NODISCARD bool seal_aad_tail(const struct tail_place * place,
    struct seal_aad_bytes * out);

/* AES-256-GCM with its key schedule in locked memory. Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error seal_gcm_encrypt(const struct secbuf * key,
    const uint8_t nonce[SEAL_NONCE_LEN], const struct seal_aad_bytes * aad,
    const struct secbuf * plain, uint8_t * cipher_and_tag);

/*
 * A new secbuf with the plaintext of ${len} bytes, or SECRET_ENCRYPTION_FAILED
 * if the tag after them does not fit.
 */
SR_NODISCARD enum sr_error seal_gcm_decrypt(const struct secbuf * key,
    const uint8_t nonce[SEAL_NONCE_LEN], const struct seal_aad_bytes * aad,
    const uint8_t * cipher_and_tag, size_t len, struct secbuf ** plain);

/* Wrap and unwrap any 32-byte key. The AAD names the same KEK. */
SR_NODISCARD enum sr_error seal_wrap_with(const struct keyring * kr,
    uint32_t kek_version, enum kek_use use, const struct seal_aad_bytes * aad,
    const struct secbuf * key, const uint8_t nonce[SEAL_NONCE_LEN],
    uint8_t out[SEAL_WRAPPED_LEN]);
SR_NODISCARD enum sr_error seal_unwrap(const struct keyring * kr,
    enum kek_use use, const struct seal_aad_bytes * aad,
    const uint8_t wrapped[SEAL_WRAPPED_LEN], struct secbuf ** key);

/* The kek_version of a wrapped key. False if it is none. */
SR_NODISCARD bool seal_wrapped_kek(const uint8_t wrapped[SEAL_WRAPPED_LEN],
    uint32_t * kek_version);

/* What seal_value does, with DEK and nonces given. */
struct seal_given {
	const struct secbuf * dek;
	uint8_t value_nonce[SEAL_NONCE_LEN];
	uint8_t wrap_nonce[SEAL_NONCE_LEN];
};
SR_NODISCARD enum sr_error seal_value_with(const struct keyring * kr,
    uint32_t kek_version, const struct seal_aad * aad,
    const struct secbuf * value, const struct seal_given * given,
    struct sealed * out);

#endif /* !SR_CORE_KEYS_SEAL_INTERNAL_H */
