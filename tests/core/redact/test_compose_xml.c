#include <string.h>

#include "core/redact/compose.h"
#include "core/redact/memo_internal.h"
#include "core/redact/redacted_internal.h"
#include "tests/core/redact/kit.h"

static struct redact * engine;

/* ${text} as an attribute's value; whether it reads back as it was. */
static bool
escaped(const char * text, size_t len, char out[400])
{
	struct redacted * t;
	struct compose * c;
	bool same;

	must(compose_new(engine, REDACT_ARTIFACT, 4096, &c) == SR_OK);
	same = compose_xml_text(c, text, len);
	must(compose_finish(&c, &t) == SR_OK && redacted_len(t) < 400);
	memcpy(out, redacted_bytes(t), redacted_len(t) + 1);
	redacted_free(&t);
	return (same);
}

#define ESCAPES_TO(text, same, as) do {					\
	char out_[400];							\
	CU_ASSERT_EQUAL(escaped((text), sizeof(text) - 1, out_), (same)); \
	CU_ASSERT_STRING_EQUAL(out_, (as));				\
} while (0)

static void
what_xml_can_say_reads_back(void)
{

	ESCAPES_TO("", true, "");
	ESCAPES_TO("plain text", true, "plain text");
	ESCAPES_TO("<a href='x'>\"&\"</a>", true,
	    "&lt;a href='x'&gt;&quot;&amp;&quot;&lt;/a&gt;");
	ESCAPES_TO("a\tb\nc\rd", true, "a&#9;b&#10;c&#13;d");
	ESCAPES_TO("\x7f\xc2\x80\xc2\x9f\xc2\xa0", true,
	    "&#127;&#128;&#159;\xc2\xa0");
	ESCAPES_TO("\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd", true,
	    "\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd");
}

static void
what_xml_cannot_say_is_told(void)
{

	ESCAPES_TO("a\0b", false, "a\xef\xbf\xbd" "b");
	ESCAPES_TO("\x01\x08\x0b\x0c\x0e\x1f", false,
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	    "\xef\xbf\xbd");
	ESCAPES_TO("\xff" "a\xc3", false, "\xef\xbf\xbd" "a\xef\xbf\xbd");
	ESCAPES_TO("\xef\xbf\xbe\xef\xbf\xbf", false,
	    "\xef\xbf\xbd\xef\xbf\xbd");
	ESCAPES_TO("\xed\xa0\x80", false,
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void
a_token_is_masked_and_told(void)
{
	char token[60], out[400];

	/* Put together here, so that this file holds no token. */
	(void)snprintf(token, sizeof(token), "x %s_%s y", "ghp",
	    "x9Kd83jfKs02LdkWq71mZpTt5bRy4cVn0aQe");
	CU_ASSERT_FALSE(escaped(token, strlen(token), out));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "[REDACTED:"));
	CU_ASSERT_PTR_NULL(strstr(out, "x9Kd83"));
}

static void
without_a_live_set_it_is_withheld(void)
{
	struct redacted * t;
	struct compose * c;

	redact_mark(engine, REDACT_STALE);
	must(compose_new(engine, REDACT_ARTIFACT, 4096, &c) == SR_OK);
	must(compose_remember(c) == SR_OK);
	CU_ASSERT_FALSE(compose_xml_text(c, "a", 1));
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_STALE);
	must(compose_finish(&c, &t) == SR_OK);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(t), REDACT_SUPPRESSED);
	redacted_free(&t);
	redact_mark(engine, REDACT_READY);
}

/* What was remembered does not pass once it is a known secret. */
static void
a_memo_ends_with_the_live_set_it_is_of(void)
{
	static const char value[] = "horse-battery-staple-9";
	struct redact_memo * memo;
	struct redact_hits hits;
	struct redacted * t = NULL;
	const struct sr_id id = kit_id(1);
	int i;

	ASSERT_ERR_FATAL(memo_new(&memo), SR_OK);
	for (i = 0; i < 3; i++) {
		ASSERT_ERR(memo_text(memo, engine, REDACT_ARTIFACT, value,
		    strlen(value), &hits, &t), SR_OK);
		CU_ASSERT_PTR_NULL(t);
	}
	kit_know(engine, 1, value);
	ASSERT_ERR(memo_text(memo, engine, REDACT_ARTIFACT, value,
	    strlen(value), &hits, &t), SR_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(hits.known, 1);
	redacted_free(&t);
	redact_known_drop(engine, &id);
	ASSERT_ERR(memo_text(memo, engine, REDACT_ARTIFACT, value,
	    strlen(value), &hits, &t), SR_OK);
	CU_ASSERT_PTR_NULL(t);
	redact_mark(engine, REDACT_STALE);
	ASSERT_ERR(memo_text(memo, engine, REDACT_ARTIFACT, value,
	    strlen(value), &hits, &t), SR_E_CHANNEL_REDACTION_FAILED);
	redact_mark(engine, REDACT_READY);
	memo_free(&memo);
	CU_ASSERT_PTR_NULL(memo);
}

static void
an_output_of_any_length_is_taken_in_pieces(void)
{
	struct redacted * t;
	struct compose * c;
	int i;

	must(compose_new(engine, REDACT_ARTIFACT, 20, &c) == SR_OK);
	for (i = 0; i < 5; i++) {
		compose_lit(c, "0123456789");
		compose_base64(c, (const uint8_t *)"ab", 2);
		ASSERT_ERR(compose_take(c, &t), SR_OK);
		CU_ASSERT_STRING_EQUAL(redacted_bytes(t), "0123456789YWI=");
		redacted_free(&t);
	}
	compose_lit(c, "0123456789 0123456789");
	ASSERT_ERR(compose_take(c, &t), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_PTR_NULL(t);
	compose_free(&c);
}

static void
numbers_are_decimal(void)
{
	struct redacted * t;
	struct compose * c;

	must(compose_new(engine, REDACT_ARTIFACT, 200, &c) == SR_OK);
	compose_u64(c, 0);
	compose_lit(c, " ");
	compose_u64(c, UINT64_MAX);
	compose_lit(c, " ");
	compose_hex(c, (const uint8_t *)"\x00\x9f\xff", 3);
	must(compose_finish(&c, &t) == SR_OK);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(t),
	    "0 18446744073709551615 009fff");
	redacted_free(&t);
}

static void
an_engine_is_there(void)
{

	engine = kit_ready();
}

static int
stop(void)
{

	redact_free(&engine);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(an_engine_is_there),
	TEST(what_xml_can_say_reads_back),
	TEST(what_xml_cannot_say_is_told),
	TEST(a_token_is_masked_and_told),
	TEST(without_a_live_set_it_is_withheld),
	TEST(a_memo_ends_with_the_live_set_it_is_of),
	TEST(an_output_of_any_length_is_taken_in_pieces),
	TEST(numbers_are_decimal),
};
SUITE_MAIN("core/redact/compose_xml", tests, NULL, stop)
