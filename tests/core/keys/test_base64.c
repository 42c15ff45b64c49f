#include <string.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "core/base/strbuf.h"
#include "core/keys/base64.h"
#include "tests/harness/suite.h"

static void
the_examples_of_rfc_4648_decode(void)
{
	static const struct {
		const char * text;
		const char * bytes;
	} rows[] = { { "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" },
		{ "Zm9v", "foo" }, { "Zm9vYg==", "foob" },
		{ "Zm9vYmE=", "fooba" }, { "Zm9vYmFy", "foobar" } };
	struct secbuf * b;
	size_t i;

	for (i = 0; i < COUNTOF(rows); i++) {
		ASSERT_ERR_FATAL(base64_secret(rows[i].text,
		    strlen(rows[i].text), &b), SR_OK);
		CU_ASSERT_EQUAL(secbuf_len(b), strlen(rows[i].bytes));
		CU_ASSERT_EQUAL(memcmp(secbuf_bytes(b), rows[i].bytes,
		    secbuf_len(b)), 0);
		secbuf_free(&b);
	}
}

static void
anything_else_is_malformed(void)
{
	static const char * const bad[] = { "Zg", "Zg=", "Z", "=", "====",
		"Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9v Zm9v", "Zm-_", "Zh==",
		"Zm9!", "Zm9\xc3" };
	struct secbuf * b;
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		ASSERT_ERR(base64_secret(bad[i], strlen(bad[i]), &b),
		    SR_E_INPUT_MALFORMED);
		CU_ASSERT_PTR_NULL(b);
	}
	ASSERT_ERR(base64_secret("Zm9\0", 4, &b), SR_E_INPUT_MALFORMED);
}

static void
what_no_secbuf_can_hold_is_refused(void)
{
	static char long_text[400 * 1024];
	struct secbuf * b;

	memset(long_text, 'A', sizeof(long_text));
	ASSERT_ERR(base64_secret(long_text, sizeof(long_text), &b),
	    SR_E_LIMIT_EXCEEDED);
}

/* RFC 4648, 10, both ways. */
static void
public_bytes_go_there_and_back(void)
{
	static const char * const pairs[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	char back[8];
	struct strbuf b;
	size_t i, n;

	strbuf_init(&b, 64);
	for (i = 0; i < COUNTOF(pairs); i++) {
		n = strlen(pairs[i][0]);
		strbuf_reset(&b);
		base64_add(pairs[i][0], n, &b);
		CU_ASSERT_STRING_EQUAL(strbuf_str(&b), pairs[i][1]);
		memset(back, 0, sizeof(back));
		CU_ASSERT_TRUE(base64_exactly(pairs[i][1],
		    strlen(pairs[i][1]), back, n));
		CU_ASSERT_STRING_EQUAL(back, pairs[i][0]);
		CU_ASSERT_FALSE(base64_exactly(pairs[i][1],
		    strlen(pairs[i][1]), back, n + 1));
	}
	strbuf_free(&b);
}

static void
public_bytes_have_one_spelling(void)
{
	static const char * const bad[] = { "Zh==", "Zm9=", "Zg=", "Zg",
		"Z g=", "====", "Zg==Zg==", "Zm9v" };
	char back[8];
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++)
		CU_ASSERT_FALSE(base64_exactly(bad[i], strlen(bad[i]), back,
		    i == 1 ? 2 : 1));
}

static const struct suite_test tests[] = {
	TEST(the_examples_of_rfc_4648_decode),
	TEST(anything_else_is_malformed),
	TEST(what_no_secbuf_can_hold_is_refused),
	TEST(public_bytes_go_there_and_back),
	TEST(public_bytes_have_one_spelling),
};

SUITE_MAIN("core/keys/base64", tests, NULL, NULL)
