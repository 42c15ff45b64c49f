#include <string.h>

#include <nettle/gcm.h>
#include <nettle/memops.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/seal_internal.h"
#include "core/log/log.h"

/*
 * A key schedule is as good as its key, so it is kept where keys are. The
 * bytes of a secbuf end with a page; a context that is as large as a multiple
 * of its alignment is therefore aligned.
 */
_Static_assert(sizeof(struct gcm_aes256_ctx) %
    _Alignof(struct gcm_aes256_ctx) == 0, "sizes are multiples of alignments");

static enum sr_error
start(const struct secbuf * key, const uint8_t nonce[SEAL_NONCE_LEN],
    const struct seal_aad_bytes * aad, struct secbuf ** memory,
    struct gcm_aes256_ctx ** ctx)
{
	void * p;
	enum sr_error err;

	must(secbuf_len(key) == SEAL_KEY_LEN);
	if ((err = secbuf_new(sizeof(**ctx), memory)) != SR_OK)
		return (sr_fail(err, log_const("reason", "key schedule")));
	p = secbuf_writable(*memory);
	*ctx = p;
	gcm_aes256_set_key(*ctx, secbuf_bytes(key));
	gcm_aes256_set_iv(*ctx, SEAL_NONCE_LEN, nonce);
	gcm_aes256_update(*ctx, aad->len, aad->b);
	return (SR_OK);
}

/** seal_gcm_encrypt(key, nonce, aad, plain, cipher_and_tag): SP 800-38D. */
enum sr_error
seal_gcm_encrypt(const struct secbuf * key, const uint8_t nonce[SEAL_NONCE_LEN],
    const struct seal_aad_bytes * aad, const struct secbuf * plain,
    uint8_t * cipher_and_tag)
{
	size_t len = secbuf_len(plain);
	struct gcm_aes256_ctx * ctx;
	struct secbuf * memory;
	enum sr_error err;

	if ((err = start(key, nonce, aad, &memory, &ctx)) != SR_OK)
		return (err);
	gcm_aes256_encrypt(ctx, len, cipher_and_tag, secbuf_bytes(plain));
	gcm_aes256_digest(ctx, SEAL_TAG_LEN, &cipher_and_tag[len]);
	secbuf_free(&memory);
	return (SR_OK);
}

/**
 * seal_gcm_decrypt(key, nonce, aad, cipher_and_tag, len, plain): SP 800-38D.
 */
enum sr_error
seal_gcm_decrypt(const struct secbuf * key, const uint8_t nonce[SEAL_NONCE_LEN],
    const struct seal_aad_bytes * aad, const uint8_t * cipher_and_tag,
    size_t len, struct secbuf ** plain)
{
	uint8_t tag[SEAL_TAG_LEN];
	struct gcm_aes256_ctx * ctx;
	struct secbuf * memory = NULL;
	enum sr_error err;

	*plain = NULL;
	if ((err = secbuf_new(len, plain)) != SR_OK)
		return (sr_fail(err, log_const("reason", "plaintext")));
	if ((err = start(key, nonce, aad, &memory, &ctx)) != SR_OK)
		goto err;
	gcm_aes256_decrypt(ctx, len, secbuf_writable(*plain), cipher_and_tag);
	gcm_aes256_digest(ctx, SEAL_TAG_LEN, tag);
	secbuf_free(&memory);
	if (!memeql_sec(tag, &cipher_and_tag[len], SEAL_TAG_LEN)) {
		err = SR_E_SECRET_ENCRYPTION_FAILED;
		explicit_bzero(tag, sizeof(tag));
		goto err;
	}
	secbuf_set_len(*plain, len);
	return (SR_OK);

err:
	/* What was decrypted before the tag was known goes with it. */
	secbuf_free(plain);
	return (err);
}
