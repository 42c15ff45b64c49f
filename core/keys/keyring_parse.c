#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/keyring.h"
#include "core/keys/keyring_internal.h"
#include "core/log/log.h"

#define KEY_TEXT_LEN	44	/* Base64 of 32 bytes, with its padding. */

/* The bytes of one line, without its end. */
struct line {
	const uint8_t * p;
	size_t len;
};

/* Take the next line off ${rest}; blanks and CR at its end are dropped. */
static bool
next_line(struct line * rest, struct line * line)
{
	const uint8_t * newline;
	size_t len;

	if (rest->len == 0)
		return (false);
	newline = memchr(rest->p, '\n', rest->len);
	len = newline == NULL ? rest->len : (size_t)(newline - rest->p);
	*line = (struct line){ rest->p, len };
	if (newline != NULL)
		len++;
	rest->p += len;
	rest->len -= len;
	while (line->len != 0 && (line->p[line->len - 1] == ' ' ||
	    line->p[line->len - 1] == '\t' || line->p[line->len - 1] == '\r'))
		line->len--;
	return (true);
}

/* Read "VERSION:", and take it off the line. */
static bool
take_version(struct line * line, uint32_t * version)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < line->len && i < 10; i++) {
		if (line->p[i] < '0' || line->p[i] > '9')
			break;
		v = v * 10 + (uint64_t)(line->p[i] - '0');
	}
	if (i == 0 || i == line->len || line->p[i] != ':' ||
	    line->p[0] == '0' || v > UINT32_MAX)
		return (false);
	*version = (uint32_t)v;
	line->p += i + 1;
	line->len -= i + 1;
	return (true);
}

static bool
decode_key(const struct line * line, uint8_t out[KEK_LEN])
{
	struct base64_decode_ctx ctx;
	uint8_t decoded[BASE64_DECODE_LENGTH(KEY_TEXT_LEN)];
	size_t len = sizeof(decoded);
	bool good;

	if (line->len != KEY_TEXT_LEN)
		return (false);
	base64_decode_init(&ctx);
	good = base64_decode_update(&ctx, &len, decoded, line->len,
	    (const char *)line->p) && base64_decode_final(&ctx) &&
	    len == KEK_LEN;
	if (good)
		memcpy(out, decoded, KEK_LEN);
	explicit_bzero(decoded, sizeof(decoded));
	explicit_bzero(&ctx, sizeof(ctx));
	return (good);
}

/* Put a key in its place by version. False if it is there or full. */
static bool
insert(struct keyring * kr, uint32_t version, const uint8_t key[KEK_LEN])
{
	uint8_t * keys = secbuf_writable(kr->keys);
	size_t at = kr->n, i;

	if (kr->n == KEYRING_MAX || keyring_has(kr, version))
		return (false);
	while (at > 0 && kr->version[at - 1] > version)
		at--;
	for (i = kr->n; i > at; i--)
		kr->version[i] = kr->version[i - 1];
	memmove(&keys[(at + 1) * KEK_LEN], &keys[at * KEK_LEN],
	    (kr->n - at) * KEK_LEN);
	memcpy(&keys[at * KEK_LEN], key, KEK_LEN);
	kr->version[at] = version;
	kr->n++;
	secbuf_set_len(kr->keys, kr->n * KEK_LEN);
	return (true);
}

static bool
take_line(struct keyring * kr, struct line * line)
{
	uint8_t key[KEK_LEN];
	uint32_t version;
	bool good;

	if (line->len == 0 || line->p[0] == '#')
		return (true);
	good = take_version(line, &version) && decode_key(line, key) &&
	    insert(kr, version, key);
	explicit_bzero(key, sizeof(key));
	return (good);
}

/**
 * keyring_parse(text, out):
 * Read the lines of a root key file.
 */
enum sr_error
keyring_parse(const struct secbuf * text, struct keyring ** out)
{
	struct line rest = { secbuf_bytes(text), secbuf_len(text) }, line;
	struct keyring * kr;
	uint64_t number = 0;
	enum sr_error err;

	*out = NULL;
	if ((kr = calloc(1, sizeof(*kr))) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY, log_u64("line", 0)));
	err = secbuf_new((size_t)KEYRING_MAX * KEK_LEN, &kr->keys);
	if (err != SR_OK) {
		(void)sr_fail(err, log_u64("line", 0));
		goto err;
	}
	while (next_line(&rest, &line)) {
		number++;
		if (!take_line(kr, &line)) {
			err = sr_fail(SR_E_ROOT_KEY_MALFORMED,
			    log_u64("line", number));
			goto err;
		}
	}
	if (kr->n == 0) {
		err = sr_fail(SR_E_ROOT_KEY_MALFORMED,
		    log_const("reason", "no key in it"));
		goto err;
	}
	*out = kr;
	return (SR_OK);

err:
	keyring_free(&kr);
	return (err);
}
