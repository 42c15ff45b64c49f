#include <string.h>

#include "core/base/strbuf.h"
#include "tests/harness/suite.h"

static void
appends_and_stays_terminated(void)
{
	struct strbuf b;
	int i;

	strbuf_init(&b, 10000);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "");
	strbuf_puts(&b, "one");
	strbuf_putc(&b, ' ');
	strbuf_printf(&b, "%s %d", "two", 3);
	strbuf_add(&b, "4567", 2);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "one two 345");
	for (i = 0; i < 1000; i++)
		strbuf_printf(&b, "%04d", i);
	ASSERT_ERR(strbuf_status(&b), SR_OK);
	CU_ASSERT_EQUAL(b.len, 11 + 4000);
	CU_ASSERT_EQUAL(strlen(strbuf_str(&b)), b.len);
	CU_ASSERT_STRING_EQUAL(&b.p[b.len - 8], "09980999");
	strbuf_free(&b);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "");
	strbuf_puts(&b, "again");
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "again");
	strbuf_free(&b);
}

static void
the_first_error_sticks_until_reset(void)
{
	struct strbuf b;

	strbuf_init(&b, 5);
	strbuf_puts(&b, "12345");
	ASSERT_ERR(strbuf_status(&b), SR_OK);
	strbuf_putc(&b, '6');
	ASSERT_ERR(strbuf_status(&b), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "12345");
	strbuf_reset(&b);
	ASSERT_ERR(strbuf_status(&b), SR_OK);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "");
	strbuf_printf(&b, "%s", "too much");
	ASSERT_ERR(strbuf_status(&b), SR_E_LIMIT_EXCEEDED);
	strbuf_puts(&b, "");
	CU_ASSERT_EQUAL(b.len, 0);
	strbuf_free(&b);
}

static void
json_is_escaped_as_rfc_8259_wants(void)
{
	static const struct {
		const char * in;
		const char * out;
	} rows[] = {
		{ "plain", "plain" },
		{ "a\"b\\c/d", "a\\\"b\\\\c/d" },
		{ "\n\r\t\x01\x1f\x7f", "\\n\\r\\t\\u0001\\u001f\\u007f" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xc2\x80\xc2\x9f\xc2\xa0", "\\u0080\\u009f\xc2\xa0" },
		{ "\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91" },
		{ "x\xffy", "x\xef\xbf\xbdy" },
		{ "cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd" },
	};
	struct strbuf b;
	size_t i;

	strbuf_init(&b, 1000);
	for (i = 0; i < COUNTOF(rows); i++) {
		strbuf_json(&b, rows[i].in, strlen(rows[i].in));
		CU_ASSERT_STRING_EQUAL(strbuf_str(&b), rows[i].out);
		strbuf_reset(&b);
	}
	strbuf_json(&b, "a\0b", 3);
	CU_ASSERT_STRING_EQUAL(strbuf_str(&b), "a\\u0000b");
	strbuf_free(&b);
}

static const struct suite_test tests[] = {
	TEST(appends_and_stays_terminated),
	TEST(the_first_error_sticks_until_reset),
	TEST(json_is_escaped_as_rfc_8259_wants),
};

SUITE_MAIN("core/base/strbuf", tests, NULL, NULL)
