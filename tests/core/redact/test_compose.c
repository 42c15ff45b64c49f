#include "core/redact/alloc_internal.h"
#include "core/redact/compose.h"
#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

/* This program's own, so that it can fail. */
static bool alloc_fails;

void *
redact_alloc(size_t size)
{

	return (alloc_fails ? NULL : malloc(size));
}

static struct compose *
composer(struct redact * r)
{
	struct compose * c;

	ASSERT_ERR_FATAL(compose_new(r, REDACT_LOG, 100000, &c), SR_OK);
	return (c);
}

/* End ${c}, which must hold ${expected}. */
static void
holds(struct compose * c, const char * expected)
{
	struct redacted * t;

	ASSERT_ERR_FATAL(compose_finish(&c, &t), SR_OK);
	CU_ASSERT_PTR_NULL(c);
	CU_ASSERT_EQUAL(redacted_len(t), strlen(expected));
	CU_ASSERT_STRING_EQUAL(redacted_bytes(t), expected);
	if (strcmp(redacted_bytes(t), expected) != 0)
		suite_note("'%s', not '%s'", redacted_bytes(t), expected);
	redacted_free(&t);
}

static void
typed_parts_need_no_engine(void)
{
	static const uint8_t digest[] = { 0x00, 0x1f, 0xab };
	struct compose * c = composer(NULL);
	struct sr_id id;

	CU_ASSERT(sr_id_parse("0193f2a4-77aa-7c1e-9d55-2b1f0c6a9e11", &id));
	compose_lit(c, "a ");
	compose_constant(c, "b ");
	compose_id(c, &id);
	compose_lit(c, " ");
	compose_u64(c, UINT64_MAX);
	compose_lit(c, " ");
	compose_i64(c, INT64_MIN);
	compose_lit(c, " ");
	compose_time(c, 0);
	compose_lit(c, " ");
	compose_hex(c, digest, sizeof(digest));
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_NONE);
	holds(c, "a b 0193f2a4-77aa-7c1e-9d55-2b1f0c6a9e11 "
	    "18446744073709551615 -9223372036854775808 "
	    "1970-01-01T00:00:00.000000Z 001fab");
}

static void
text_passes_the_gate(void)
{
	struct redact * r = kit_ready();
	struct compose * c = composer(r);

	kit_know(r, 1, "hunter2!");
	compose_text(c, "pw \"hunter2!\" ", 14);
	compose_json_text(c, "pw \"hunter2!\"\n\xff", 15);
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_NONE);
	CU_ASSERT_EQUAL(compose_hits(c).known, 2);
	CU_ASSERT_EQUAL(compose_hits(c).rules, 0);
	holds(c, "pw \"[REDACTED:instance/known@1:yf4rjr]\" "
	    "pw \\\"[REDACTED:instance/known@1:yf4rjr]\\\"\\n\xef\xbf\xbd");
	redact_free(&r);
}

/* A secret that JSON would escape is masked before it is. */
static void
json_text_is_masked_before_it_is_escaped(void)
{
	struct redact * r = kit_ready();
	struct compose * c = composer(r);

	kit_know(r, 1, "a\"b\\c\nd\te");
	compose_json_text(c, "x a\"b\\c\nd\te y", 13);
	CU_ASSERT_EQUAL(compose_hits(c).known, 1);
	compose_free(&c);
	CU_ASSERT_PTR_NULL(c);
	compose_free(&c);
	redact_free(&r);
}

static void
text_is_withheld_when_the_gate_cannot_vouch(void)
{
	struct redact * r = kit_ready();
	struct compose * c = composer(NULL);

	compose_text(c, "text", 4);
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_ENGINE);
	holds(c, REDACT_SUPPRESSED);

	redact_mark(r, REDACT_STALE);
	c = composer(r);
	compose_lit(c, "[");
	compose_json_text(c, "text", 4);
	compose_lit(c, "]");
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_STALE);
	/* The first cause is kept. */
	redact_lock(r);
	compose_text(c, "text", 4);
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_STALE);
	holds(c, "[" REDACT_SUPPRESSED "]" REDACT_SUPPRESSED);

	c = composer(r);
	compose_text(c, "text", 4);
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_LOCKED);
	compose_free(&c);
	redact_free(&r);
}

static void
long_text_is_cut_after_it_passed(void)
{
	struct redact * r = kit_ready();
	struct compose * c = composer(r);

	kit_know(r, 1, "hunter2!");
	/* The cut would go through the secret. */
	compose_json_text_most(c, "1234 hunter2! tail", 18, 10);
	holds(c, "1234 [REDA\xe2\x80\xa6");
	/* A character is not cut in two. */
	c = composer(r);
	compose_json_text_most(c, "abc\xe2\x82\xac" "d", 7, 4);
	compose_lit(c, "|");
	compose_json_text_most(c, "abc\xe2\x82\xac" "d", 7, 6);
	compose_lit(c, "|");
	compose_json_text_most(c, "abc\xe2\x82\xac" "d", 7, 7);
	compose_lit(c, "|");
	compose_json_text_most(c, "\x80\x80\x80\x80\x80\x80", 6, 5);
	compose_lit(c, "|");
	compose_json_text_most(c, "abc", 3, 0);
	holds(c, "abc\xe2\x80\xa6|abc\xe2\x82\xac\xe2\x80\xa6|abc\xe2\x82\xac"
	    "d|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	    "\xe2\x80\xa6|\xe2\x80\xa6");
	redact_free(&r);
}

static void
names_pass_in_every_state(void)
{
	static const char * const good[] = { "a", "providers/anthropic_api_key",
	    "owner@example.org", "/var/run/x.sock", "project:1,2+3" };
	struct redact * r = kit_ready();
	struct compose * c;
	enum redact_state state;
	size_t i;

	for (state = REDACT_READY;; state--) {
		if (state == REDACT_STALE)
			redact_mark(r, state);
		if (state == REDACT_LOCKED)
			redact_lock(r);
		for (i = 0; i < COUNTOF(good); i++) {
			c = composer(r);
			compose_name(c, good[i]);
			CU_ASSERT_EQUAL(compose_withheld(c),
			    REDACT_CAUSE_NONE);
			holds(c, good[i]);
		}
		/* The rules look in each. */
		c = composer(r);
		compose_name(c, HUB);
		CU_ASSERT_EQUAL(compose_hits(c).rules, 1);
		CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_NONE);
		holds(c, REDACT_SUPPRESSED);
		if (state == REDACT_LOCKED)
			break;
	}
	redact_free(&r);
}

static void
what_is_no_name_is_suppressed(void)
{
	struct redact * r = kit_ready();
	struct compose * c;
	char longest[256];
	const char * const bad[] = { "", "a b", "a\"b", "a\nb", "a<b",
	    "caf\xc3\xa9", "a=b", longest };
	size_t i;

	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	for (i = 0; i < COUNTOF(bad); i++) {
		c = composer(r);
		compose_name(c, bad[i]);
		holds(c, REDACT_SUPPRESSED);
	}
	longest[254] = '\0';
	c = composer(r);
	compose_name(c, longest);
	holds(c, longest);
	kit_know(r, 1, "hunter2+");
	c = composer(r);
	compose_name(c, "is/hunter2+/it");
	CU_ASSERT_EQUAL(compose_hits(c).known, 1);
	holds(c, REDACT_SUPPRESSED);
	c = composer(NULL);
	compose_name(c, "a");
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_ENGINE);
	holds(c, REDACT_SUPPRESSED);
	alloc_fails = true;
	redact_free(&r);
	alloc_fails = false;
	r = kit_ready();
	c = composer(r);
	alloc_fails = true;
	compose_name(c, "a");
	alloc_fails = false;
	CU_ASSERT_EQUAL(compose_withheld(c), REDACT_CAUSE_MEMORY);
	holds(c, REDACT_SUPPRESSED);
	redact_free(&r);
}

static void
errors_stick_until_the_end(void)
{
	struct redact * r = kit_ready();
	struct compose * c;
	struct redacted * t = (void *)&c;

	ASSERT_ERR_FATAL(compose_new(r, REDACT_LOG, 4, &c), SR_OK);
	compose_lit(c, "12345");
	compose_lit(c, "1");
	ASSERT_ERR(compose_finish(&c, &t), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_PTR_NULL(c);
	ASSERT_ERR_FATAL(compose_new(r, REDACT_LOG, 4, &c), SR_OK);
	compose_lit(c, "12345");
	ASSERT_ERR(compose_finish_scanned(&c, NULL, &t), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_PTR_NULL(t);
	c = composer(r);
	compose_lit(c, "1");
	alloc_fails = true;
	ASSERT_ERR(compose_finish(&c, &t), SR_E_OUT_OF_MEMORY);
	alloc_fails = false;
	CU_ASSERT_PTR_NULL(t);
	redact_free(&r);
}

static void
what_passed_may_be_put_into_more(void)
{
	struct redact * r = kit_ready();
	struct compose * c = composer(r);
	struct redacted * t;

	ASSERT_ERR_FATAL(redact_text(r, REDACT_UI, "passed", 6, NULL, &t),
	    SR_OK);
	compose_lit(c, "<");
	compose_redacted(c, t);
	compose_lit(c, ">");
	holds(c, "<passed>");
	redacted_free(&t);
	redact_free(&r);
}

static void
parts_that_are_a_secret_together_are_found(void)
{
	struct redact * r = kit_ready();
	struct compose * c = composer(r);
	struct redact_hits hits;
	struct redact_counts counts;
	struct redacted * t;

	kit_know(r, 1, "hunter2!");
	compose_name(c, "hunter");
	compose_u64(c, 2);
	compose_lit(c, "!");
	CU_ASSERT_EQUAL(compose_hits(c).known, 0);
	ASSERT_ERR(compose_finish_scanned(&c, &hits, &t),
	    SR_E_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_PTR_NULL(c);
	CU_ASSERT_EQUAL(hits.known, 1);
	redact_counts(r, REDACT_LOG, &counts);
	CU_ASSERT_EQUAL(counts.hit, 1);

	/* Nobody can look: that is an error as well. */
	redact_free(&r);
	r = kit_ready();
	c = composer(r);
	compose_lit(c, "x");
	alloc_fails = true;
	ASSERT_ERR(compose_finish_scanned(&c, &hits, &t),
	    SR_E_REDACTION_FAILED);
	alloc_fails = false;
	CU_ASSERT_EQUAL(hits.known, 0);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_MEMORY);

	c = composer(r);
	compose_lit(c, "x");
	ASSERT_ERR(compose_finish_scanned(&c, &hits, &t), SR_OK);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(t), "x");
	redacted_free(&t);
	/* Without an engine there are typed parts alone. */
	c = composer(NULL);
	compose_lit(c, "x");
	ASSERT_ERR(compose_finish_scanned(&c, &hits, &t), SR_OK);
	redacted_free(&t);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(typed_parts_need_no_engine),
	TEST(text_passes_the_gate),
	TEST(json_text_is_masked_before_it_is_escaped),
	TEST(text_is_withheld_when_the_gate_cannot_vouch),
	TEST(long_text_is_cut_after_it_passed),
	TEST(names_pass_in_every_state),
	TEST(what_is_no_name_is_suppressed),
	TEST(errors_stick_until_the_end),
	TEST(what_passed_may_be_put_into_more),
	TEST(parts_that_are_a_secret_together_are_found),
};

SUITE_MAIN("core/redact/compose", tests, NULL, NULL)
