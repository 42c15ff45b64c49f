#ifndef SR_CORE_KEYS_SEAL_H
#define SR_CORE_KEYS_SEAL_H

/*
 * Sealing values (envelope encryption; byte offsets in seal.FORMAT). A value
 * is encrypted with AES-256-GCM (SP 800-38D) under a fresh random DEK; the DEK
 * is wrapped with AES-256-GCM under a key derived from the KEK. The AAD of
 * both binds the row: a ciphertext or a wrapped DEK that was copied to another
 * row does not open. Reads no configuration, clock or database. Reentrant.
 */

#include "core/base/error.h"
#include "core/base/id.h"

struct keyring;
struct secbuf;

#define SEAL_OVERHEAD		32	/* magic 4, nonce 12, tag 16 */
#define SEAL_VALUE_MAX		65536
/* magic 4, kek_version 4, nonce 12, DEK 32, tag 16 */
#define SEAL_WRAPPED_LEN	68

/* The row a value belongs to; all of it is in the AAD. */
struct seal_aad {
	struct sr_id secret_id;
	uint8_t scope;			/* enum secret_scope */
	struct sr_id project_id;
	const char * name;		/* 1..160 bytes */
	uint32_t key_version;
};

struct sealed {
	uint8_t * ciphertext;		/* heap */
	size_t ciphertext_len;
	uint8_t wrapped_dek[SEAL_WRAPPED_LEN];
	uint32_t kek_version;
};

/** sealed_free(s): release; empty after. */
void sealed_free(struct sealed * s);

/**
 * seal_value(kr, kek_version, aad, value, out):
 * Seal ${value} (1..SEAL_VALUE_MAX bytes). Caller frees ${out}. Errors:
 * ROOT_KEY_MISMATCH (KEK not loaded), SECRET_ENCRYPTION_FAILED,
 * RANDOM_UNAVAILABLE, OUT_OF_MEMORY. ${out} is empty on error.
 */
SR_NODISCARD enum sr_error seal_value(const struct keyring * kr,
    uint32_t kek_version, const struct seal_aad * aad,
    const struct secbuf * value, struct sealed * out);

/**
 * seal_open(kr, aad, sealed, out):
 * Open; ${out} is a new secbuf, caller frees. Errors: ROOT_KEY_MISMATCH (the
 * KEK is not loaded), SECRET_ENCRYPTION_FAILED (form, tag or AAD differ).
 * *out is NULL on error and no plaintext remains.
 */
SR_NODISCARD enum sr_error seal_open(const struct keyring * kr,
    const struct seal_aad * aad, const struct sealed * sealed,
    struct secbuf ** out);

/**
 * seal_rewrap(kr, to_kek, aad, wrapped, out):
 * Unwrap the DEK and wrap it under another KEK; the value is not touched.
 * Errors: as seal_open.
 */
SR_NODISCARD enum sr_error seal_rewrap(const struct keyring * kr,
    uint32_t to_kek, const struct seal_aad * aad,
    const uint8_t wrapped[SEAL_WRAPPED_LEN], uint8_t out[SEAL_WRAPPED_LEN]);

/**
 * system_key_wrap / system_key_unwrap(kr, …, purpose, version, …):
 * The same wrap for the 32-byte long-lived keys of table system_key; the AAD
 * binds purpose, version and kek_version. Errors as above.
 */
SR_NODISCARD enum sr_error system_key_wrap(const struct keyring * kr,
    uint32_t kek_version, const char * purpose, uint32_t version,
    const struct secbuf * key, uint8_t out[SEAL_WRAPPED_LEN]);
SR_NODISCARD enum sr_error system_key_unwrap(const struct keyring * kr,
    const char * purpose, uint32_t version,
    const uint8_t wrapped[SEAL_WRAPPED_LEN], struct secbuf ** out);

#endif /* !SR_CORE_KEYS_SEAL_H */
