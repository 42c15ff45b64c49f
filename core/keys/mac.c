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
