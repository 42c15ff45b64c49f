#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/keys/seal.h"
#include "core/keys/seal_internal.h"
#include "core/log/log.h"

static const char value_magic[SEAL_MAGIC_LEN + 1] = "SRv1";

/* Offsets in a sealed value (seal.FORMAT, 2). */
#define AT_NONCE	4
#define AT_CIPHER	16

_Static_assert(AT_CIPHER + SEAL_TAG_LEN == SEAL_OVERHEAD,
    "the parts make the whole");

/** sealed_free(s): release; empty after. */
void
sealed_free(struct sealed * s)
{

	if (s == NULL)
		return;
	free(s->ciphertext);
	*s = (struct sealed){ .ciphertext = NULL };
}

/* The one log line of a failure to seal or open. */
static enum sr_error
refuse(const struct seal_aad * aad, const char * reason)
{

	return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
	    log_id("secret_id", aad->secret_id),
	    log_u64("key_version", aad->key_version),
	    log_const("reason", reason)));
}

static enum sr_error
encrypt_value(const struct seal_aad_bytes * aad, const struct secbuf * value,
    const struct seal_given * given, struct sealed * out)
{
	size_t len = secbuf_len(value);

	if ((out->ciphertext = malloc(len + SEAL_OVERHEAD)) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY, log_u64("length", len)));
	out->ciphertext_len = len + SEAL_OVERHEAD;
	memcpy(out->ciphertext, value_magic, SEAL_MAGIC_LEN);
	memcpy(&out->ciphertext[AT_NONCE], given->value_nonce, SEAL_NONCE_LEN);
	return (seal_gcm_encrypt(given->dek, given->value_nonce, aad, value,
	    &out->ciphertext[AT_CIPHER]));
}

/** seal_value_with(kr, kek_version, aad, value, given, out). */
enum sr_error
seal_value_with(const struct keyring * kr, uint32_t kek_version,
    const struct seal_aad * aad, const struct secbuf * value,
    const struct seal_given * given, struct sealed * out)
{
	struct seal_aad_bytes of_value, of_dek;
	enum sr_error err;

	*out = (struct sealed){ .kek_version = kek_version };
	if (secbuf_len(value) == 0 || secbuf_len(value) > SEAL_VALUE_MAX)
		return (refuse(aad, "length of the value"));
	if (!seal_aad_row(aad, SEAL_USE_VALUE, 0, &of_value) ||
	    !seal_aad_row(aad, SEAL_USE_DEK, kek_version, &of_dek))
		return (refuse(aad, "length of the name"));
	err = seal_wrap_with(kr, kek_version, KEK_WRAP_DEK, &of_dek,
	    given->dek, given->wrap_nonce, out->wrapped_dek);
	if (err == SR_OK)
		err = encrypt_value(&of_value, value, given, out);
	if (err != SR_OK)
		sealed_free(out);
	return (err);
}

/**
 * seal_value(kr, kek_version, aad, value, out):
 * Seal ${value} under a fresh DEK.
 */
enum sr_error
seal_value(const struct keyring * kr, uint32_t kek_version,
    const struct seal_aad * aad, const struct secbuf * value,
    struct sealed * out)
{
	struct seal_given given;
	struct secbuf * dek = NULL;
	enum sr_error err;

	*out = (struct sealed){ .ciphertext = NULL };
	if ((err = secbuf_random(SEAL_KEY_LEN, &dek)) != SR_OK ||
	    (err = random_bytes(given.value_nonce, SEAL_NONCE_LEN)) != SR_OK ||
	    (err = random_bytes(given.wrap_nonce, SEAL_NONCE_LEN)) != SR_OK) {
		(void)sr_fail(err, log_id("secret_id", aad->secret_id));
		goto out;
	}
	given.dek = dek;
	err = seal_value_with(kr, kek_version, aad, value, &given, out);

out:
	secbuf_free(&dek);
	return (err);
}

/* The DEK of a row. A wrong tag is logged here, with the row's id. */
static enum sr_error
unwrap_dek(const struct keyring * kr, const struct seal_aad * aad,
    const uint8_t wrapped[SEAL_WRAPPED_LEN], struct secbuf ** dek)
{
	struct seal_aad_bytes of_dek;
	uint32_t kek_version = 0;
	enum sr_error err;

	*dek = NULL;
	if (!seal_wrapped_kek(wrapped, &kek_version) ||
	    !seal_aad_row(aad, SEAL_USE_DEK, kek_version, &of_dek))
		return (refuse(aad, "form of the wrapped key"));
	err = seal_unwrap(kr, KEK_WRAP_DEK, &of_dek, wrapped, dek);
	if (err == SR_E_SECRET_ENCRYPTION_FAILED)
		return (refuse(aad, "tag of the wrapped key"));
	return (err);
}

/**
 * seal_open(kr, aad, sealed, out):
 * Open; ${out} is a new secbuf.
 */
enum sr_error
seal_open(const struct keyring * kr, const struct seal_aad * aad,
    const struct sealed * sealed, struct secbuf ** out)
{
	const uint8_t * c = sealed->ciphertext;
	struct seal_aad_bytes of_value;
	struct secbuf * dek;
	uint32_t kek_version = 0;
	enum sr_error err;

	*out = NULL;
	if (c == NULL || sealed->ciphertext_len <= SEAL_OVERHEAD ||
	    sealed->ciphertext_len > SEAL_VALUE_MAX + SEAL_OVERHEAD ||
	    memcmp(c, value_magic, SEAL_MAGIC_LEN) != 0)
		return (refuse(aad, "form of the sealed value"));
	if (!seal_wrapped_kek(sealed->wrapped_dek, &kek_version) ||
	    kek_version != sealed->kek_version ||
	    !seal_aad_row(aad, SEAL_USE_VALUE, 0, &of_value))
		return (refuse(aad, "form of the row"));
	if ((err = unwrap_dek(kr, aad, sealed->wrapped_dek, &dek)) != SR_OK)
		return (err);
	err = seal_gcm_decrypt(dek, &c[AT_NONCE], &of_value, &c[AT_CIPHER],
	    sealed->ciphertext_len - SEAL_OVERHEAD, out);
	secbuf_free(&dek);
	if (err == SR_E_SECRET_ENCRYPTION_FAILED)
		return (refuse(aad, "tag of the value"));
	return (err);
}

/**
 * seal_rewrap(kr, to_kek, aad, wrapped, out):
 * Unwrap the DEK and wrap it under another KEK.
 */
enum sr_error
seal_rewrap(const struct keyring * kr, uint32_t to_kek,
    const struct seal_aad * aad, const uint8_t wrapped[SEAL_WRAPPED_LEN],
    uint8_t out[SEAL_WRAPPED_LEN])
{
	struct seal_aad_bytes of_dek;
	uint8_t nonce[SEAL_NONCE_LEN];
	struct secbuf * dek;
	enum sr_error err;

	if ((err = unwrap_dek(kr, aad, wrapped, &dek)) != SR_OK)
		return (err);
	if ((err = random_bytes(nonce, sizeof(nonce))) != SR_OK) {
		(void)sr_fail(err, log_id("secret_id", aad->secret_id));
		goto out;
	}
	/* The same name was good a moment ago. */
	must(seal_aad_row(aad, SEAL_USE_DEK, to_kek, &of_dek));
	err = seal_wrap_with(kr, to_kek, KEK_WRAP_DEK, &of_dek, dek, nonce,
	    out);

out:
	secbuf_free(&dek);
	return (err);
}
