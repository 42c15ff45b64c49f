#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/api_token.h"
#include "tests/harness/suite.h"

/* The checksum was made with Python's zlib.crc32. */
#define RANDOM	"pGKCFCqy7IUyZdF9ZegW0sH1rzVBoqCWrOBLK75ZnGY"
#define GOOD	"sr" "k_" RANDOM "02sF1l"

static struct secbuf *
text(const char * s)
{
	struct secbuf * b = NULL;

	ASSERT_ERR_FATAL(secbuf_copy(s, strlen(s), &b), SR_OK);
	return (b);
}

static void
the_checksum_is_the_crc_of_the_random_part_in_base_62(void)
{
	struct secbuf * b = text(GOOD);
	uint8_t out[MAC_LEN], expected[MAC_LEN];
	char hint[API_TOKEN_HINT + 1];

	digest_compute(GOOD, API_TOKEN_STRLEN, expected);
	CU_ASSERT_TRUE_FATAL(api_token_hash(b, out));
	CU_ASSERT_TRUE(mac_equal(out, expected));
	api_token_hint(b, hint);
	CU_ASSERT_STRING_EQUAL(hint, "sF1l");
	secbuf_free(&b);
}

static void
keys_have_the_form_and_differ(void)
{
	struct secbuf * a, * b;
	uint8_t ha[MAC_LEN], hb[MAC_LEN];
	bool seen[128] = { false };
	unsigned i, n = 0;

	for (i = 0; i < 200; i++) {
		ASSERT_ERR_FATAL(api_token_new(&a), SR_OK);
		ASSERT_ERR_FATAL(api_token_new(&b), SR_OK);
		CU_ASSERT_EQUAL(secbuf_len(a), API_TOKEN_STRLEN);
		CU_ASSERT_TRUE(api_token_hash(a, ha));
		CU_ASSERT_TRUE(api_token_hash(b, hb));
		CU_ASSERT_FALSE(mac_equal(ha, hb));
		for (size_t k = 4; k < 47; k++)
			seen[secbuf_bytes(a)[k] & 127] = true;
		secbuf_free(&a);
		secbuf_free(&b);
	}
	for (i = 0; i < COUNTOF(seen); i++)
		n += seen[i];
	CU_ASSERT_EQUAL(n, 62);
}

static void
what_has_not_the_form_has_no_hash(void)
{
	static const char * const bad[] = { "", "sr" "k_",
		"sr" "k_" RANDOM "02sF1", "sr" "k_" RANDOM "02sF1ll",
		"sr" "k-" RANDOM "02sF1l", "SR" "K_" RANDOM "02sF1l",
		" sr" "k_" RANDOM "02sF1", "sr" "k_" RANDOM "00000-" };
	uint8_t out[MAC_LEN] = { 7 };
	struct secbuf * b;

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		b = text(bad[i]);
		CU_ASSERT_FALSE(api_token_hash(b, out));
		CU_ASSERT_EQUAL(out[0], 7);
		secbuf_free(&b);
	}
}

static void
any_one_wrong_character_is_found(void)
{
	char typed[] = GOOD;
	uint8_t out[MAC_LEN];
	struct secbuf * b;
	char right;

	for (size_t i = 0; i < API_TOKEN_STRLEN; i++) {
		right = typed[i];
		typed[i] = right == '7' ? '8' : '7';
		b = text(typed);
		CU_ASSERT_FALSE(api_token_hash(b, out));
		secbuf_free(&b);
		typed[i] = right;
	}
}

static const struct suite_test tests[] = {
	TEST(the_checksum_is_the_crc_of_the_random_part_in_base_62),
	TEST(keys_have_the_form_and_differ),
	TEST(what_has_not_the_form_has_no_hash),
	TEST(any_one_wrong_character_is_found),
};

SUITE_MAIN("core/keys/api_token", tests, NULL, NULL)
