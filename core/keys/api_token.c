#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/api_token.h"
#include "core/log/log.h"

#define PREFIX_LEN	(sizeof(API_TOKEN_PREFIX) - 1)
#define RANDOM_LEN	43
#define CHECK_LEN	6
#define BASE		62

/* Bytes from here on would make the first characters likelier. */
#define FAIR_BYTES	(256 / BASE * BASE)

_Static_assert(PREFIX_LEN + RANDOM_LEN + CHECK_LEN == API_TOKEN_STRLEN,
    "the parts of a key");

static const char digits[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* RFC 1952, 8: the CRC of gzip, a bit at a time; keys are short. */
static uint32_t
crc32_of(const uint8_t * p, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320 & (0 - (crc & 1)));
	}
	return (~crc);
}

static void
write_check(const uint8_t * random, uint8_t out[CHECK_LEN])
{
	uint32_t crc = crc32_of(random, RANDOM_LEN);

	for (size_t i = CHECK_LEN; i > 0; i--) {
		out[i - 1] = (uint8_t)digits[crc % BASE];
		crc /= BASE;
	}
}

/* Random characters, each as likely as the others. */
static enum sr_error
write_random(uint8_t * out)
{
	struct secbuf * bytes = NULL;
	const uint8_t * p;
	size_t n = 0;
	enum sr_error err;

	while (n < RANDOM_LEN) {
		if ((err = secbuf_random(RANDOM_LEN, &bytes)) != SR_OK)
			return (err);
		p = secbuf_bytes(bytes);
		for (size_t i = 0; i < RANDOM_LEN && n < RANDOM_LEN; i++) {
			if (p[i] < FAIR_BYTES)
				out[n++] = (uint8_t)digits[p[i] % BASE];
		}
		secbuf_free(&bytes);
	}
	return (SR_OK);
}

/** api_token_new(out): a new key's text in a secbuf. */
enum sr_error
api_token_new(struct secbuf ** out)
{
	struct secbuf * text = NULL;
	uint8_t * p;
	enum sr_error err;

	*out = NULL;
	if ((err = secbuf_new(API_TOKEN_STRLEN, &text)) != SR_OK)
		return (sr_fail(err, log_const("reason", "api_token")));
	p = secbuf_writable(text);
	memcpy(p, API_TOKEN_PREFIX, PREFIX_LEN);
	if ((err = write_random(p + PREFIX_LEN)) != SR_OK) {
		secbuf_free(&text);
		return (sr_fail(err, log_const("reason", "api_token")));
	}
	write_check(p + PREFIX_LEN, p + PREFIX_LEN + RANDOM_LEN);
	secbuf_set_len(text, API_TOKEN_STRLEN);
	*out = text;
	return (SR_OK);
}

static bool
in_alphabet(uint8_t c)
{

	return ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z'));
}

static bool
is_api_token(const struct secbuf * token)
{
	const uint8_t * p = secbuf_bytes(token);
	uint8_t check[CHECK_LEN];
	uint8_t differs = 0;

	if (secbuf_len(token) != API_TOKEN_STRLEN)
		return (false);
	for (size_t i = 0; i < PREFIX_LEN; i++)
		differs |= p[i] ^ (uint8_t)API_TOKEN_PREFIX[i];
	for (size_t i = PREFIX_LEN; i < API_TOKEN_STRLEN; i++)
		differs |= !in_alphabet(p[i]);
	write_check(p + PREFIX_LEN, check);
	for (size_t i = 0; i < CHECK_LEN; i++)
		differs |= check[i] ^ p[PREFIX_LEN + RANDOM_LEN + i];
	explicit_bzero(check, sizeof(check));
	return (differs == 0);
}

/**
 * api_token_hash(token, out):
 * SHA-256 of the text. False if it has not the form of a key.
 */
bool
api_token_hash(const struct secbuf * token, uint8_t out[MAC_LEN])
{

	if (!is_api_token(token))
		return (false);
	digest_compute(secbuf_bytes(token), API_TOKEN_STRLEN, out);
	return (true);
}

/** api_token_hint(token, out): the last characters of a key. */
void
api_token_hint(const struct secbuf * token, char out[API_TOKEN_HINT + 1])
{

	must(secbuf_len(token) == API_TOKEN_STRLEN);
	memcpy(out, secbuf_bytes(token) + API_TOKEN_STRLEN - API_TOKEN_HINT,
	    API_TOKEN_HINT);
	out[API_TOKEN_HINT] = '\0';
}
