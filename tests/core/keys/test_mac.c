#include <string.h>

#include "core/base/secbuf.h"
#include "core/keys/mac.h"
#include "tests/harness/suite.h"

/* RFC 4231, test case 2. */
static void
hmac_gives_the_answer_of_rfc_4231(void)
{
	static const uint8_t expected[MAC_LEN] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04,
		0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08,
		0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec,
		0x38, 0x43 };
	static const char message[] = "what do ya want for nothing?";
	struct secbuf * key;
	uint8_t out[MAC_LEN];

	ASSERT_ERR_FATAL(secbuf_copy("Jefe", 4, &key), SR_OK);
	mac_compute(key, message, sizeof(message) - 1, out);
	CU_ASSERT_TRUE(mac_equal(out, expected));
	mac_compute(key, message, sizeof(message) - 2, out);
	CU_ASSERT_FALSE(mac_equal(out, expected));
	secbuf_free(&key);
}

/* FIPS 180-4, the one-block example. */
static void
digest_gives_the_answer_of_fips_180(void)
{
	static const uint8_t expected[MAC_LEN] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41,
		0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3,
		0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00,
		0x15, 0xad };
	uint8_t out[MAC_LEN];

	digest_compute("abc", 3, out);
	CU_ASSERT_TRUE(mac_equal(out, expected));
	digest_compute("", 0, out);
	CU_ASSERT_EQUAL(out[0], 0xe3);
}

static void
one_differing_bit_anywhere_is_unequal(void)
{
	uint8_t a[MAC_LEN] = { 0 }, b[MAC_LEN] = { 0 };
	size_t i;

	CU_ASSERT_TRUE(mac_equal(a, b));
	for (i = 0; i < (size_t)MAC_LEN * 8; i++) {
		b[i / 8] ^= (uint8_t)(1 << (i % 8));
		CU_ASSERT_FALSE(mac_equal(a, b));
		b[i / 8] = 0;
	}
}

/* Reference: HMAC-SHA256 of Python's hmac over the same parts. */
static void
parts_are_told_apart_by_their_lengths(void)
{
	static const uint8_t expected[MAC_LEN] = {
		0xdc, 0x32, 0xbe, 0xfb, 0x9d, 0xdf, 0x9c, 0xd3, 0x9d, 0xfe,
		0x0f, 0xf7, 0x7f, 0x2f, 0x61, 0x32, 0xf5, 0x71, 0xa5, 0xbe,
		0x3a, 0x18, 0xfc, 0xff, 0xf8, 0x90, 0xd5, 0x83, 0x35, 0x00,
		0xa3, 0x10 };
	struct secbuf * key;
	struct secbuf * value;
	struct mac_part parts[4];
	uint8_t out[MAC_LEN];

	ASSERT_ERR_FATAL(secbuf_copy("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", 32,
	    &key), SR_OK);
	ASSERT_ERR_FATAL(secbuf_copy("secret-value", 12, &value), SR_OK);
	parts[0] = mac_text("put");
	parts[1] = mac_text(NULL);
	parts[2] = MAC_BYTES("ab", 2);
	parts[3] = MAC_SECRET(value);
	mac_parts(key, parts, COUNTOF(parts), out);
	CU_ASSERT_TRUE(mac_equal(out, expected));
	/* The same bytes, parted elsewhere. */
	parts[0] = mac_text("puta");
	parts[2] = mac_text("b");
	mac_parts(key, parts, COUNTOF(parts), out);
	CU_ASSERT_FALSE(mac_equal(out, expected));
	parts[0] = mac_text("put");
	parts[1] = mac_text("ab");
	parts[2] = parts[3];
	mac_parts(key, parts, 3, out);
	CU_ASSERT_FALSE(mac_equal(out, expected));
	secbuf_free(&key);
	secbuf_free(&value);
}

static void
pieces_give_the_digest_of_the_whole(void)
{
	static const char text[] = "in pieces of any length, and again";
	uint8_t whole[MAC_LEN], out[MAC_LEN];
	struct digest * d = NULL;
	size_t cut;

	digest_compute(text, sizeof(text), whole);
	ASSERT_ERR_FATAL(digest_new(&d), SR_OK);
	for (cut = 0; cut <= sizeof(text); cut++) {
		digest_add(d, text, cut);
		digest_add(d, &text[cut], sizeof(text) - cut);
		digest_end(d, out);
		CU_ASSERT_TRUE(mac_equal(out, whole));
	}
	digest_free(&d);
	CU_ASSERT_PTR_NULL(d);
	digest_free(&d);
}

static const struct suite_test tests[] = {
	TEST(hmac_gives_the_answer_of_rfc_4231),
	TEST(digest_gives_the_answer_of_fips_180),
	TEST(one_differing_bit_anywhere_is_unequal),
	TEST(parts_are_told_apart_by_their_lengths),
	TEST(pieces_give_the_digest_of_the_whole),
};

SUITE_MAIN("core/keys/mac", tests, NULL, NULL)
