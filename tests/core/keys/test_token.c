#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/keys/token.h"
#include "tests/harness/suite.h"

static struct secbuf *
text(const char * s)
{
	struct secbuf * b = NULL;

	ASSERT_ERR_FATAL(secbuf_copy(s, strlen(s), &b), SR_OK);
	return (b);
}

static void
tokens_are_43_characters_of_base64url_and_differ(void)
{
	struct secbuf * a, * b;
	uint8_t ha[MAC_LEN], hb[MAC_LEN];
	int i;

	for (i = 0; i < 20; i++) {
		ASSERT_ERR_FATAL(token_new(&a), SR_OK);
		ASSERT_ERR_FATAL(token_new(&b), SR_OK);
		CU_ASSERT_EQUAL(secbuf_len(a), TOKEN_STRLEN);
		/* token_hash checks the alphabet. */
		CU_ASSERT_TRUE(token_hash(a, ha));
		CU_ASSERT_TRUE(token_hash(b, hb));
		CU_ASSERT_FALSE(mac_equal(ha, hb));
		secbuf_free(&a);
		secbuf_free(&b);
	}
}

static void
the_hash_is_sha_256_of_the_text(void)
{
	static const char token[] =
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-";
	struct secbuf * b = text(token);
	uint8_t out[MAC_LEN], expected[MAC_LEN];

	digest_compute(token, TOKEN_STRLEN, expected);
	CU_ASSERT_TRUE(token_hash(b, out));
	CU_ASSERT_TRUE(mac_equal(out, expected));
	secbuf_free(&b);
}

static void
what_has_not_the_form_has_no_hash(void)
{
	static const char * const bad[] = { "",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/",
		" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAzzzzzzzzzzzzzzzzzzzz\xc3\xa9" };
	uint8_t out[MAC_LEN] = { 42 };
	struct secbuf * b;
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		b = text(bad[i]);
		CU_ASSERT_FALSE(token_hash(b, out));
		CU_ASSERT_EQUAL(out[0], 42);
		secbuf_free(&b);
	}
}

static void
csrf_tokens_belong_to_token_and_label(void)
{
	struct secbuf * a, * b;
	uint8_t one[MAC_LEN], two[MAC_LEN];

	ASSERT_ERR_FATAL(token_new(&a), SR_OK);
	ASSERT_ERR_FATAL(token_new(&b), SR_OK);
	token_csrf(a, "form", one);
	token_csrf(a, "form", two);
	CU_ASSERT_TRUE(mac_equal(one, two));
	token_csrf(a, "other form", two);
	CU_ASSERT_FALSE(mac_equal(one, two));
	token_csrf(b, "form", two);
	CU_ASSERT_FALSE(mac_equal(one, two));
	/* It does not give away the hash that is stored. */
	CU_ASSERT_TRUE(token_hash(a, two));
	CU_ASSERT_FALSE(mac_equal(one, two));
	secbuf_free(&a);
	secbuf_free(&b);
}

static const struct suite_test tests[] = {
	TEST(tokens_are_43_characters_of_base64url_and_differ),
	TEST(the_hash_is_sha_256_of_the_text),
	TEST(what_has_not_the_form_has_no_hash),
	TEST(csrf_tokens_belong_to_token_and_label),
};

SUITE_MAIN("core/keys/token", tests, NULL, NULL)
