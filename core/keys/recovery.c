/* Recovery codes: keys/totp.h. */

#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/base32.h"
#include "core/keys/totp.h"
#include "core/log/log.h"

#define RANDOM_LEN	10
#define CHARACTERS	BASE32_LEN(RANDOM_LEN)
#define GROUP		4
#define CODE_LEN	(CHARACTERS + CHARACTERS / GROUP - 1)

_Static_assert(RANDOM_LEN % 5 == 0 && CHARACTERS % GROUP == 0,
    "whole characters and groups");

/** recovery_new(out): a new code. */
enum sr_error
recovery_new(struct secbuf ** out)
{
	struct secbuf * bytes = NULL, * text = NULL;
	uint8_t * p;
	enum sr_error err;

	*out = NULL;
	if ((err = secbuf_random(RANDOM_LEN, &bytes)) != SR_OK ||
	    (err = secbuf_new(CHARACTERS, &text)) != SR_OK ||
	    (err = secbuf_new(CODE_LEN, out)) != SR_OK) {
		(void)sr_fail(err, log_const("reason", "recovery_code"));
		goto out;
	}
	base32_write(secbuf_bytes(bytes), RANDOM_LEN, secbuf_writable(text));
	secbuf_set_len(text, CHARACTERS);
	p = secbuf_writable(*out);
	for (size_t i = 0; i < CHARACTERS; i++) {
		if (i > 0 && i % GROUP == 0)
			*p++ = '-';
		*p++ = secbuf_bytes(text)[i];
	}
	secbuf_set_len(*out, CODE_LEN);

out:
	secbuf_free(&bytes);
	secbuf_free(&text);
	return (err);
}

/* The characters alone, in upper case, into ${out}; false if it is no code. */
static bool
normalise(const struct secbuf * code, uint8_t out[CHARACTERS])
{
	const uint8_t * p = secbuf_bytes(code);
	size_t n = 0;
	uint8_t c;

	for (size_t i = 0; i < secbuf_len(code); i++) {
		if (p[i] == '-' || p[i] == ' ')
			continue;
		c = p[i] >= 'a' && p[i] <= 'z' ? (uint8_t)(p[i] - 'a' + 'A') :
		    p[i];
		if (n == CHARACTERS || !base32_has(c))
			return (false);
		out[n++] = c;
	}
	return (n == CHARACTERS);
}

/** recovery_hash(code, account, out): SHA-256 of code and account. */
bool
recovery_hash(const struct secbuf * code, const struct sr_id * account,
    uint8_t out[MAC_LEN])
{
	struct secbuf * text = NULL;
	bool good;

	if (secbuf_new(CHARACTERS, &text) != SR_OK)
		return (false);
	good = normalise(code, secbuf_writable(text));
	if (good)
		digest_compute_two(account->b, sizeof(account->b),
		    secbuf_bytes(text), CHARACTERS, out);
	/* In use, so that it is wiped. */
	secbuf_set_len(text, CHARACTERS);
	secbuf_free(&text);
	return (good);
}
