#include <stdlib.h>
#include <string.h>

#include <nettle/hkdf.h>
#include <nettle/hmac.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/keyring.h"
#include "core/keys/keyring_internal.h"
#include "core/keys/mac.h"
#include "core/log/log.h"

static const char kek_salt[] = "strongroom root key";

static const char * const use_info[] = {
	[KEK_WRAP_DEK] = "strongroom 1 wrap dek",
	[KEK_WRAP_SYSTEM_KEY] = "strongroom 1 wrap system key",
	[KEK_CHECK_VALUE] = "strongroom 1 check value",
};

/** keyring_free(kr): wipe and release; *kr becomes NULL; may be NULL. */
void
keyring_free(struct keyring ** kr)
{

	if (kr == NULL || *kr == NULL)
		return;
	secbuf_free(&(*kr)->keys);
	free(*kr);
	*kr = NULL;
}

/* The place of ${version}, or n. */
static size_t
place_of(const struct keyring * kr, uint32_t version)
{
	size_t i;

	for (i = 0; i < kr->n && kr->version[i] != version; i++)
		continue;
	return (i);
}

/** keyring_has(kr, version): whether that root key is loaded. */
bool
keyring_has(const struct keyring * kr, uint32_t version)
{

	return (place_of(kr, version) < kr->n);
}

/** keyring_newest(kr): the highest version loaded. */
uint32_t
keyring_newest(const struct keyring * kr)
{

	must(kr->n > 0);
	return (kr->version[kr->n - 1]);
}

/** keyring_count(kr): how many are loaded. */
size_t
keyring_count(const struct keyring * kr)
{

	return (kr->n);
}

/** keyring_version(kr, i): the versions, ascending. */
uint32_t
keyring_version(const struct keyring * kr, size_t i)
{

	must(i < kr->n);
	return (kr->version[i]);
}

/* HKDF-SHA256 (RFC 5869) of one block. */
static void
hkdf(const uint8_t kek[KEK_LEN], const char * info, uint8_t out[KEK_LEN])
{
	struct hmac_sha256_ctx ctx;
	uint8_t prk[SHA256_DIGEST_SIZE];

	hmac_sha256_set_key(&ctx, sizeof(kek_salt) - 1,
	    (const uint8_t *)kek_salt);
	hkdf_extract(&ctx, (nettle_hash_update_func *)hmac_sha256_update,
	    (nettle_hash_digest_func *)hmac_sha256_digest,
	    SHA256_DIGEST_SIZE, KEK_LEN, kek, prk);
	hmac_sha256_set_key(&ctx, sizeof(prk), prk);
	hkdf_expand(&ctx, (nettle_hash_update_func *)hmac_sha256_update,
	    (nettle_hash_digest_func *)hmac_sha256_digest,
	    SHA256_DIGEST_SIZE, strlen(info), (const uint8_t *)info, KEK_LEN,
	    out);
	explicit_bzero(&ctx, sizeof(ctx));
	explicit_bzero(prk, sizeof(prk));
}

/**
 * keyring_derive(kr, version, use, out):
 * HKDF the purpose key into a new secbuf.
 */
enum sr_error
keyring_derive(const struct keyring * kr, uint32_t version, enum kek_use use,
    struct secbuf ** out)
{
	size_t place = place_of(kr, version);
	enum sr_error err;

	*out = NULL;
	if (place == kr->n)
		return (sr_fail(SR_E_ROOT_KEY_MISMATCH,
		    log_u64("kek_version", version)));
	if ((err = secbuf_new(KEK_LEN, out)) != SR_OK)
		return (sr_fail(err, log_u64("kek_version", version)));
	hkdf(secbuf_bytes(kr->keys) + place * KEK_LEN, use_info[use],
	    secbuf_writable(*out));
	secbuf_set_len(*out, KEK_LEN);
	return (SR_OK);
}

/**
 * keyring_check_value(kr, version, out):
 * A value that tells whether a key is the expected one.
 */
enum sr_error
keyring_check_value(const struct keyring * kr, uint32_t version,
    uint8_t out[KEK_CHECK_LEN])
{
	static const char label[] = "strongroom root key check";
	uint8_t message[sizeof(label) - 1 + 4];
	struct secbuf * key;
	enum sr_error err;
	size_t i;

	err = keyring_derive(kr, version, KEK_CHECK_VALUE, &key);
	if (err != SR_OK)
		return (err);
	memcpy(message, label, sizeof(label) - 1);
	for (i = 0; i < 4; i++)
		message[sizeof(label) - 1 + i] =
		    (uint8_t)(version >> (24 - 8 * i));
	mac_compute(key, message, sizeof(message), out);
	secbuf_free(&key);
	return (SR_OK);
}
