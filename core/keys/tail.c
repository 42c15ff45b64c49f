#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/mac.h"
#include "core/keys/seal_internal.h"
#include "core/keys/tail.h"
#include "core/log/log.h"

static const char tail_magic[SEAL_MAGIC_LEN + 1] = "SRt1";

/* Offsets in a sealed tail (seal.FORMAT, 7). */
#define AT_NONCE	4
#define AT_CIPHER	16

_Static_assert(AT_CIPHER + SEAL_TAG_LEN == TAIL_OVERHEAD,
    "the parts make the whole");
_Static_assert(SEAL_KEY_LEN == MAC_LEN, "a MAC makes a key");

/** tail_sealed_free(t): release; empty after. */
void
tail_sealed_free(struct tail_sealed * t)
{

	free(t->bytes);
	*t = (struct tail_sealed){ .bytes = NULL };
}

static enum sr_error
refuse(const struct tail_place * place, const char * reason)
{

	return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
	    log_id("run_id", place->run_id), log_u64("chunk", place->chunk),
	    log_const("reason", reason)));
}

/* Random nonces are good for 2^32 texts; each stream has a key of its own. */
static enum sr_error
derive(const struct secbuf * key, const struct tail_place * place,
    struct secbuf ** out)
{
	const struct mac_part parts[] = { mac_text("strongroom 1 stream tail"),
	    MAC_BYTES(place->run_id.b, sizeof(place->run_id.b)),
	    mac_text(place->stream) };
	enum sr_error err;

	if ((err = secbuf_new(SEAL_KEY_LEN, out)) != SR_OK)
		return (sr_fail(err, log_const("reason", "key of a stream")));
	mac_parts(key, parts, COUNTOF(parts), secbuf_writable(*out));
	secbuf_set_len(*out, SEAL_KEY_LEN);
	return (SR_OK);
}

static enum sr_error
seal_with(const struct secbuf * key, const struct seal_aad_bytes * aad,
    const struct secbuf * plain, struct tail_sealed * out)
{
	uint8_t nonce[SEAL_NONCE_LEN];
	size_t len = secbuf_len(plain);
	enum sr_error err;

	if ((err = random_bytes(nonce, sizeof(nonce))) != SR_OK)
		return (sr_fail(err, log_const("reason", "nonce")));
	if ((out->bytes = malloc(len + TAIL_OVERHEAD)) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY, log_u64("length", len)));
	out->len = len + TAIL_OVERHEAD;
	memcpy(out->bytes, tail_magic, SEAL_MAGIC_LEN);
	memcpy(&out->bytes[AT_NONCE], nonce, sizeof(nonce));
	return (seal_gcm_encrypt(key, nonce, aad, plain,
	    &out->bytes[AT_CIPHER]));
}

/** tail_seal(key, place, plain, out): see tail.h. */
enum sr_error
tail_seal(const struct secbuf * key, const struct tail_place * place,
    const struct secbuf * plain, struct tail_sealed * out)
{
	struct seal_aad_bytes aad;
	struct secbuf * own;
	enum sr_error err;

	*out = (struct tail_sealed){ .bytes = NULL };
	if (!seal_aad_tail(place, &aad))
		return (refuse(place, "length of the name"));
	if ((err = derive(key, place, &own)) != SR_OK)
		return (err);
	err = seal_with(own, &aad, plain, out);
	secbuf_free(&own);
	if (err != SR_OK)
		tail_sealed_free(out);
	return (err);
}

/** tail_open(key, place, bytes, len, out): see tail.h. */
enum sr_error
tail_open(const struct secbuf * key, const struct tail_place * place,
    const uint8_t * bytes, size_t len, struct secbuf ** out)
{
	struct seal_aad_bytes aad;
	struct secbuf * own;
	enum sr_error err;

	*out = NULL;
	if (bytes == NULL || len < TAIL_OVERHEAD ||
	    len - TAIL_OVERHEAD > SECBUF_MAX ||
	    memcmp(bytes, tail_magic, SEAL_MAGIC_LEN) != 0 ||
	    !seal_aad_tail(place, &aad))
		return (refuse(place, "form of the tail"));
	if ((err = derive(key, place, &own)) != SR_OK)
		return (err);
	err = seal_gcm_decrypt(own, &bytes[AT_NONCE], &aad, &bytes[AT_CIPHER],
	    len - TAIL_OVERHEAD, out);
	secbuf_free(&own);
	if (err == SR_E_SECRET_ENCRYPTION_FAILED)
		return (refuse(place, "tag of the tail"));
	return (err);
}
