#ifndef SR_TESTS_FUZZ_ONE_SEAL_H
#define SR_TESTS_FUZZ_ONE_SEAL_H

/*
 * Sealed forms, root key files and the text of API keys. What was sealed opens
 * as it is and in no other form: the input says what of it is changed.
 */

#include "core/base/base.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/api_token.h"
#include "core/keys/base32.h"
#include "core/keys/seal_internal.h"
#include "tests/fuzz/one.h"

#define ONE_SEAL_TEXT	"1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"
#define ONE_SEAL_VALUE	"a-value-of-some-length-0123456789"
#define ONE_SEAL_TOKEN	"srk_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

static struct keyring * one_ring;
static struct secbuf * one_dek;

static const struct seal_aad one_aad = { .secret_id = { .b = { 1 } },
    .name = "fuzz/one", .key_version = 1 };
static const struct tail_place one_place = { .run_id = { .b = { 2 } },
    .stream = "stdout", .chunk = 3 };

static void
one_seal_begin(void)
{
	struct secbuf * text = NULL;
	uint8_t key[SEAL_KEY_LEN];

	if (one_ring != NULL)
		return;
	memset(key, 9, sizeof(key));
	ONE_HOLDS(secbuf_copy(ONE_SEAL_TEXT, strlen(ONE_SEAL_TEXT), &text) ==
	    SR_OK);
	ONE_HOLDS(keyring_parse(text, &one_ring) == SR_OK);
	ONE_HOLDS(secbuf_copy(key, sizeof(key), &one_dek) == SR_OK);
	secbuf_free(&text);
}

ONE_UNUSED static void
one_seal_end(void)
{

	keyring_free(&one_ring);
	secbuf_free(&one_dek);
}

/* Pairs of a place and what is added to it; the rest is put behind or, of an
 * odd first byte, cut off. True: it is what it was. */
static bool
one_seal_change(uint8_t * bytes, size_t * len, size_t room,
    const uint8_t * data, size_t size)
{
	uint8_t was[512];
	const size_t was_len = *len;

	ONE_HOLDS(*len <= sizeof(was) && room <= sizeof(was));
	memcpy(was, bytes, *len);
	for (size_t i = 1; i + 1 < size && i < 9; i += 2)
		bytes[data[i] % *len] ^= data[i + 1];
	if (size > 9 && data[0] % 2 == 1)
		*len -= (size - 9) % *len;
	else
		for (size_t i = 9; i < size && *len < room; i++)
			bytes[(*len)++] = data[i];
	return (*len == was_len && memcmp(was, bytes, was_len) == 0);
}

static void
one_seal_value(const uint8_t * data, size_t size)
{
	struct seal_given given = { .dek = one_dek, .value_nonce = { 1 },
	    .wrap_nonce = { 2 } };
	struct secbuf * value = NULL, * opened = NULL;
	struct sealed s;
	uint8_t c[512];
	size_t len, wrapped_len = SEAL_WRAPPED_LEN;
	bool same;
	enum sr_error err;

	ONE_HOLDS(secbuf_copy(ONE_SEAL_VALUE, strlen(ONE_SEAL_VALUE),
	    &value) == SR_OK);
	ONE_HOLDS(seal_value_with(one_ring, 1, &one_aad, value, &given, &s) ==
	    SR_OK);
	len = s.ciphertext_len;
	memcpy(c, s.ciphertext, len);
	if (data[0] % 4 < 2) {
		same = one_seal_change(c, &len, sizeof(c), data, size);
	} else {
		memset(&c[len], 0, SEAL_WRAPPED_LEN);
		same = one_seal_change(s.wrapped_dek, &wrapped_len,
		    SEAL_WRAPPED_LEN, data, size < 9 ? size : 9);
	}
	free(s.ciphertext);
	/* Exactly so large, so that what reads past its end is seen. */
	ONE_HOLDS((s.ciphertext = malloc(len)) != NULL);
	memcpy(s.ciphertext, c, len);
	s.ciphertext_len = len;
	err = seal_open(one_ring, &one_aad, &s, &opened);
	ONE_HOLDS((err == SR_OK) == same);
	ONE_HOLDS(same ? secbuf_equal(value, opened) : opened == NULL);
	ONE_HOLDS(err == SR_OK || err == SR_E_SECRET_ENCRYPTION_FAILED ||
	    err == SR_E_ROOT_KEY_MISMATCH);
	sealed_free(&s);
	secbuf_free(&value);
	secbuf_free(&opened);
}

static void
one_seal_tail(const uint8_t * data, size_t size)
{
	struct secbuf * plain = NULL, * opened = NULL;
	struct tail_sealed t = { .bytes = NULL };
	uint8_t c[512];
	uint8_t * exact;
	size_t len;
	bool same;
	enum sr_error err;

	ONE_HOLDS(secbuf_copy(ONE_SEAL_VALUE, strlen(ONE_SEAL_VALUE),
	    &plain) == SR_OK);
	ONE_HOLDS(tail_seal(one_dek, &one_place, plain, &t) == SR_OK);
	len = t.len;
	memcpy(c, t.bytes, len);
	same = one_seal_change(c, &len, sizeof(c), data, size);
	ONE_HOLDS((exact = malloc(len)) != NULL);
	memcpy(exact, c, len);
	err = tail_open(one_dek, &one_place, exact, len, &opened);
	ONE_HOLDS((err == SR_OK) == same);
	ONE_HOLDS(same ? secbuf_equal(plain, opened) : opened == NULL);
	free(exact);
	tail_sealed_free(&t);
	secbuf_free(&plain);
	secbuf_free(&opened);
}

static void
one_seal_keys(const uint8_t * data, size_t size)
{
	struct secbuf * text = NULL;
	struct keyring * kr = NULL;
	enum sr_error err;

	ONE_HOLDS(secbuf_copy(data, size, &text) == SR_OK);
	err = keyring_parse(text, &kr);
	ONE_HOLDS((err == SR_OK) == (kr != NULL));
	ONE_HOLDS(err == SR_OK || err == SR_E_ROOT_KEY_MALFORMED);
	for (size_t i = 0; kr != NULL && i < keyring_count(kr); i++) {
		ONE_HOLDS(keyring_version(kr, i) > 0);
		ONE_HOLDS(i == 0 ||
		    keyring_version(kr, i) > keyring_version(kr, i - 1));
	}
	keyring_free(&kr);
	secbuf_free(&text);
}

/* A key's text is taken with its checksum alone, which is made here too. */
static void
one_seal_token(const uint8_t * data, size_t size)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz";
	struct secbuf * text = NULL;
	uint8_t hash[MAC_LEN];
	char token[API_TOKEN_STRLEN + 1];
	uint32_t crc = UINT32_MAX;
	size_t i, bit;
	bool taken, good;

	ONE_HOLDS(secbuf_copy(data, size, &text) == SR_OK);
	taken = api_token_hash(text, hash);
	secbuf_free(&text);
	good = size == API_TOKEN_STRLEN &&
	    strncmp((const char *)data, API_TOKEN_PREFIX, 4) == 0;
	for (i = 4; good && i < size; i++)
		good = memchr(digits, data[i], 62) != NULL;
	if (!good) {
		ONE_HOLDS(!taken);
		return;
	}
	for (i = 4; i < 47; i++) {
		crc ^= data[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	crc = ~crc;
	memcpy(token, data, API_TOKEN_STRLEN);
	for (i = API_TOKEN_STRLEN; i-- > 47; crc /= 62)
		token[i] = digits[crc % 62];
	ONE_HOLDS(taken == (memcmp(token, data, API_TOKEN_STRLEN) == 0));
}

/* The first byte: which of them, and how. */
ONE_UNUSED static void
one_seal_input(const uint8_t * data, size_t size)
{

	if (size < 1 || size > 65536)
		return;
	one_seal_begin();
	switch (data[0] >> 6) {
	case 0:
		one_seal_value(data, size);
		break;
	case 1:
		/* Root key files begin with a digit or a letter's byte. */
		one_seal_keys(data + 1, size - 1);
		break;
	case 2:
		one_seal_token(data + 1, size - 1);
		break;
	default:
		one_seal_tail(data, size);
		break;
	}
}

#endif /* !SR_TESTS_FUZZ_ONE_SEAL_H */
