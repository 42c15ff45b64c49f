#include <string.h>

#include <nettle/base64.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/base/strbuf.h"
#include "core/keys/base64.h"

/* The library passes over blanks; we take the alphabet alone. */
static bool
in_alphabet(const char * text, size_t len)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\0' || strchr(alphabet, text[i]) == NULL)
			return (false);
	}
	return (len % 4 == 0);
}

/**
 * base64_secret(text, len, out):
 * Decode ${text} into a new secbuf.
 */
enum sr_error
base64_secret(const char * text, size_t len, struct secbuf ** out)
{
	struct base64_decode_ctx ctx;
	size_t n = BASE64_DECODE_LENGTH(len);
	enum sr_error err;

	*out = NULL;
	if (!in_alphabet(text, len))
		return (SR_E_INPUT_MALFORMED);
	if ((err = secbuf_new(n, out)) != SR_OK)
		return (err);
	base64_decode_init(&ctx);
	if (base64_decode_update(&ctx, &n, secbuf_writable(*out), len, text) &&
	    base64_decode_final(&ctx))
		secbuf_set_len(*out, n);
	else
		err = SR_E_INPUT_MALFORMED;
	explicit_bzero(&ctx, sizeof(ctx));
	if (err != SR_OK)
		secbuf_free(out);
	return (err);
}

/** base64_add(bytes, len, out): append bytes that are no secret. */
void
base64_add(const void * bytes, size_t len, struct strbuf * out)
{
	const uint8_t * p = bytes;
	char text[BASE64_ENCODE_RAW_LENGTH(3)];
	size_t n;

	for (; len > 0; p += n, len -= n) {
		n = len < 3 ? len : 3;
		base64_encode_raw(text, n, p);
		strbuf_add(out, text, BASE64_ENCODE_RAW_LENGTH(n));
	}
}

/** base64_exactly(text, len, out, size): decode exactly ${size} bytes. */
bool
base64_exactly(const char * text, size_t len, void * out, size_t size)
{
	char again[BASE64_ENCODE_RAW_LENGTH(BASE64_EXACTLY_MAX)];
	uint8_t bytes[BASE64_DECODE_LENGTH(sizeof(again))];
	struct base64_decode_ctx ctx;
	size_t n = sizeof(bytes);

	must(size <= BASE64_EXACTLY_MAX);
	if (len != BASE64_ENCODE_RAW_LENGTH(size) || !in_alphabet(text, len))
		return (false);
	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &n, bytes, len, text) ||
	    !base64_decode_final(&ctx) || n != size)
		return (false);
	/* Bits behind the last byte are not for a second spelling. */
	base64_encode_raw(again, size, bytes);
	if (strncmp(again, text, len) != 0)
		return (false);
	memcpy(out, bytes, size);
	return (true);
}
