#include <nettle/eddsa.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/sign.h"

_Static_assert(SIGN_PUBLIC_LEN == ED25519_KEY_SIZE, "a public key's length");
_Static_assert(SIGN_LEN == ED25519_SIGNATURE_SIZE, "a signature's length");

/** sign_public(seed, out): the public key of a 32-byte seed. */
void
sign_public(const struct secbuf * seed, uint8_t out[SIGN_PUBLIC_LEN])
{

	must(secbuf_len(seed) == ED25519_KEY_SIZE);
	ed25519_sha512_public_key(out, secbuf_bytes(seed));
}

/** sign_message(seed, msg, len, out): sign ${len} bytes. */
void
sign_message(const struct secbuf * seed, const void * msg, size_t len,
    uint8_t out[SIGN_LEN])
{
	uint8_t public_key[SIGN_PUBLIC_LEN];

	/* Never one from outside: signatures under two public keys of one
	 * seed give the seed away. */
	sign_public(seed, public_key);
	ed25519_sha512_sign(public_key, secbuf_bytes(seed), len, msg, out);
}

/** sign_verify(public_key, msg, len, sig): whether it is that key's. */
bool
sign_verify(const uint8_t public_key[SIGN_PUBLIC_LEN], const void * msg,
    size_t len, const uint8_t sig[SIGN_LEN])
{

	return (ed25519_sha512_verify(public_key, len, msg, sig) != 0);
}
