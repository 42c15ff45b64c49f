#include <string.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/keys/seal_internal.h"
#include "core/log/log.h"

static const char wrap_magic[SEAL_MAGIC_LEN + 1] = "SRw1";

/* Offsets in a wrapped key (seal.FORMAT, 3). */
#define AT_KEK		4
#define AT_NONCE	8
#define AT_CIPHER	20

_Static_assert(AT_CIPHER + SEAL_KEY_LEN + SEAL_TAG_LEN == SEAL_WRAPPED_LEN,
    "the parts make the whole");

/** seal_wrapped_kek(wrapped, kek_version): the KEK it names. */
bool
seal_wrapped_kek(const uint8_t wrapped[SEAL_WRAPPED_LEN],
    uint32_t * kek_version)
{

	if (memcmp(wrapped, wrap_magic, SEAL_MAGIC_LEN) != 0)
		return (false);
	*kek_version = (uint32_t)wrapped[AT_KEK] << 24 |
	    (uint32_t)wrapped[AT_KEK + 1] << 16 |
	    (uint32_t)wrapped[AT_KEK + 2] << 8 | wrapped[AT_KEK + 3];
	return (true);
}

/** seal_wrap_with(kr, kek_version, use, aad, key, nonce, out): wrap a key. */
enum sr_error
seal_wrap_with(const struct keyring * kr, uint32_t kek_version,
    enum kek_use use, const struct seal_aad_bytes * aad,
    const struct secbuf * key, const uint8_t nonce[SEAL_NONCE_LEN],
    uint8_t out[SEAL_WRAPPED_LEN])
{
	struct secbuf * wrapping;
	enum sr_error err;
	size_t i;

	must(secbuf_len(key) == SEAL_KEY_LEN);
	err = keyring_derive(kr, kek_version, use, &wrapping);
	if (err != SR_OK)
		return (err);
	memcpy(out, wrap_magic, SEAL_MAGIC_LEN);
	for (i = 0; i < 4; i++)
		out[AT_KEK + i] = (uint8_t)(kek_version >> (24 - 8 * i));
	memcpy(&out[AT_NONCE], nonce, SEAL_NONCE_LEN);
	err = seal_gcm_encrypt(wrapping, nonce, aad, key, &out[AT_CIPHER]);
	secbuf_free(&wrapping);
	return (err);
}

/** seal_unwrap(kr, use, aad, wrapped, key): the key, or why not. */
enum sr_error
seal_unwrap(const struct keyring * kr, enum kek_use use,
    const struct seal_aad_bytes * aad,
    const uint8_t wrapped[SEAL_WRAPPED_LEN], struct secbuf ** key)
{
	struct secbuf * wrapping;
	uint32_t kek_version;
	enum sr_error err;

	*key = NULL;
	if (!seal_wrapped_kek(wrapped, &kek_version))
		return (SR_E_SECRET_ENCRYPTION_FAILED);
	err = keyring_derive(kr, kek_version, use, &wrapping);
	if (err != SR_OK)
		return (err);
	err = seal_gcm_decrypt(wrapping, &wrapped[AT_NONCE], aad,
	    &wrapped[AT_CIPHER], SEAL_KEY_LEN, key);
	secbuf_free(&wrapping);
	return (err);
}

/** system_key_wrap(kr, kek_version, purpose, version, key, out). */
enum sr_error
system_key_wrap(const struct keyring * kr, uint32_t kek_version,
    const char * purpose, uint32_t version, const struct secbuf * key,
    uint8_t out[SEAL_WRAPPED_LEN])
{
	struct seal_aad_bytes aad;
	uint8_t nonce[SEAL_NONCE_LEN];
	enum sr_error err;

	if (secbuf_len(key) != SEAL_KEY_LEN ||
	    !seal_aad_system(purpose, version, kek_version, &aad))
		return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
		    log_const("reason", "not a system key")));
	if ((err = random_bytes(nonce, sizeof(nonce))) != SR_OK)
		return (sr_fail(err, log_const("reason", "nonce")));
	return (seal_wrap_with(kr, kek_version, KEK_WRAP_SYSTEM_KEY, &aad, key,
	    nonce, out));
}

/** system_key_unwrap(kr, purpose, version, wrapped, out). */
enum sr_error
system_key_unwrap(const struct keyring * kr, const char * purpose,
    uint32_t version, const uint8_t wrapped[SEAL_WRAPPED_LEN],
    struct secbuf ** out)
{
	struct seal_aad_bytes aad;
	uint32_t kek_version = 0;
	enum sr_error err;

	*out = NULL;
	if (!seal_wrapped_kek(wrapped, &kek_version) ||
	    !seal_aad_system(purpose, version, kek_version, &aad))
		return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
		    log_const("reason", "form of the system key")));
	err = seal_unwrap(kr, KEK_WRAP_SYSTEM_KEY, &aad, wrapped, out);
	if (err == SR_E_SECRET_ENCRYPTION_FAILED)
		return (sr_fail(err,
		    log_const("reason", "tag of the system key"),
		    log_u64("version", version)));
	return (err);
}
