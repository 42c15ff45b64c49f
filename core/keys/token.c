#include <string.h>

#include <nettle/base64.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/token.h"
#include "core/log/log.h"

#define TOKEN_BYTES	32

_Static_assert(BASE64_ENCODE_LENGTH(TOKEN_BYTES) <= TOKEN_STRLEN,
    "all but the last character come from the first call");

/** token_new(out): a new token's text in a secbuf. */
enum sr_error
token_new(struct secbuf ** out)
{
	struct base64_encode_ctx ctx;
	char last[BASE64_ENCODE_FINAL_LENGTH];
	struct secbuf * bytes = NULL, * text = NULL;
	char * p;
	size_t n;
	enum sr_error err;

	*out = NULL;
	if ((err = secbuf_random(TOKEN_BYTES, &bytes)) != SR_OK ||
	    (err = secbuf_new(TOKEN_STRLEN, &text)) != SR_OK) {
		(void)sr_fail(err, log_const("reason", "token"));
		goto out;
	}
	p = (char *)secbuf_writable(text);
	base64url_encode_init(&ctx);
	n = base64_encode_update(&ctx, p, TOKEN_BYTES, secbuf_bytes(bytes));
	/* The padding says nothing: a token has one length. */
	(void)base64_encode_final(&ctx, last);
	memcpy(&p[n], last, TOKEN_STRLEN - n);
	secbuf_set_len(text, TOKEN_STRLEN);
	explicit_bzero(&ctx, sizeof(ctx));
	explicit_bzero(last, sizeof(last));
	*out = text;

out:
	secbuf_free(&bytes);
	return (err);
}

static bool
in_alphabet(uint8_t c)
{

	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_');
}

/**
 * token_hash(token, out): SHA-256 of the text. False if it has not the form
 * of a token.
 */
bool
token_hash(const struct secbuf * token, uint8_t out[MAC_LEN])
{
	const uint8_t * p = secbuf_bytes(token);
	size_t i;

	if (secbuf_len(token) != TOKEN_STRLEN)
		return (false);
	for (i = 0; i < TOKEN_STRLEN; i++) {
		if (!in_alphabet(p[i]))
			return (false);
	}
	digest_compute(p, TOKEN_STRLEN, out);
	return (true);
}

/** token_csrf(token, label, out): HMAC of ${label} under ${token}. */
void
token_csrf(const struct secbuf * token, const char * label,
    uint8_t out[MAC_LEN])
{

	mac_compute(token, label, strlen(label), out);
}
