#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>

#include "core/base/secbuf_bytes.h"
#include "core/keys/mac.h"

_Static_assert(MAC_LEN == SHA256_DIGEST_SIZE, "a MAC is a whole digest");

/** mac_compute(key, msg, len, out): HMAC-SHA256 (RFC 2104). */
void
mac_compute(const struct secbuf * key, const void * msg, size_t len,
    uint8_t out[MAC_LEN])
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, secbuf_len(key), secbuf_bytes(key));
	hmac_sha256_update(&ctx, len, msg);
	hmac_sha256_digest(&ctx, MAC_LEN, out);
	explicit_bzero(&ctx, sizeof(ctx));
}

/** mac_text(text): a part that is a text. */
struct mac_part
mac_text(const char * text)
{

	return (MAC_BYTES(text, text == NULL ? 0 : strlen(text)));
}

static void
add_part(struct hmac_sha256_ctx * ctx, const struct mac_part * part)
{
	const void * bytes = part->bytes;
	uint64_t len = part->len;
	uint8_t head[8];
	size_t i;

	if (part->secret != NULL) {
		bytes = secbuf_bytes(part->secret);
		len = secbuf_len(part->secret);
	}
	for (i = 0; i < sizeof(head); i++)
		head[i] = (uint8_t)(len >> (56 - 8 * i));
	hmac_sha256_update(ctx, sizeof(head), head);
	if (len != 0)
		hmac_sha256_update(ctx, len, bytes);
}

/** mac_parts(key, parts, n, out): HMAC-SHA256 of parts and their lengths. */
void
mac_parts(const struct secbuf * key, const struct mac_part * parts, size_t n,
    uint8_t out[MAC_LEN])
{
	struct hmac_sha256_ctx ctx;
	size_t i;

	hmac_sha256_set_key(&ctx, secbuf_len(key), secbuf_bytes(key));
	for (i = 0; i < n; i++)
		add_part(&ctx, &parts[i]);
	hmac_sha256_digest(&ctx, MAC_LEN, out);
	explicit_bzero(&ctx, sizeof(ctx));
}

/** digest_compute(msg, len, out): SHA-256. */
void
digest_compute(const void * msg, size_t len, uint8_t out[MAC_LEN])
{

	digest_compute_two("", 0, msg, len, out);
}

/** digest_compute_two(a, n, b, len, out): SHA-256 of both. */
void
digest_compute_two(const void * a, size_t n, const void * b, size_t len,
    uint8_t out[MAC_LEN])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, a);
	sha256_update(&ctx, len, b);
	sha256_digest(&ctx, MAC_LEN, out);
	explicit_bzero(&ctx, sizeof(ctx));
}

/** mac_equal(a, b): in constant time. */
bool
mac_equal(const uint8_t a[MAC_LEN], const uint8_t b[MAC_LEN])
{

	return (memeql_sec(a, b, MAC_LEN) != 0);
}
