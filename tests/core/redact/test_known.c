#include "tests/core/redact/kit.h"

#define LABEL	"instance/known@1"

static void
parts_of_secrets_stay(void)
{
	struct redact * r = kit_ready();
	const char * value = "one long secret that has more than 31 bytes";

	kit_know(r, 1, value);
	CU_ASSERT(kit_becomes(r, "one long secret that has more than 31 byte",
	    "one long secret that has more than 31 byte"));
	CU_ASSERT(kit_becomes(r, value + 1, value + 1));
	CU_ASSERT(kit_becomes(r, "one long secret", "one long secret"));
	redact_free(&r);
}

static void
a_prefix_of_another_secret_hides_none_of_it(void)
{
	struct redact * r = kit_ready();
	char a[7], b[7], c[7], expected[128];

	kit_put(r, 1, "instance/short@1", "sk-live-", 8, a);
	kit_put(r, 2, "instance/long@1", "sk-live-12345", 13, b);
	kit_put(r, 3, "instance/tail@1", "12345-and-a-tail", 16, c);
	(void)snprintf(expected, sizeof(expected),
	    "x [REDACTED:instance/short@1:%s] y", a);
	CU_ASSERT(kit_becomes(r, "x sk-live- y", expected));
	(void)snprintf(expected, sizeof(expected),
	    "x [REDACTED:instance/long@1:%s] y", b);
	CU_ASSERT(kit_becomes(r, "x sk-live-12345 y", expected));
	/* The ends of the union are of two secrets; the longer one names it. */
	(void)snprintf(expected, sizeof(expected),
	    "x [REDACTED:instance/tail@1:%s] y", c);
	CU_ASSERT(kit_becomes(r, "x sk-live-12345-and-a-tail y", expected));
	redact_free(&r);
}

static void
adjacent_secrets_have_a_mask_each(void)
{
	struct redact * r = kit_ready();
	char one[7], two[7], expected[128];

	kit_put(r, 1, "instance/one@1", "first-secret", 12, one);
	kit_put(r, 2, "instance/two@1", "second-secret", 13, two);
	(void)snprintf(expected, sizeof(expected),
	    "[REDACTED:instance/one@1:%s][REDACTED:instance/two@1:%s]", one,
	    two);
	CU_ASSERT(kit_becomes(r, "first-secretsecond-secret", expected));
	redact_free(&r);
}

static void
repeating_values_vanish_whole(void)
{
	struct redact * r = kit_ready();
	char tag[7], expected[128];

	kit_put(r, 1, LABEL, "aaaaaaaaaa", 10, tag);
	(void)snprintf(expected, sizeof(expected), "b[REDACTED:" LABEL ":%s]b",
	    tag);
	CU_ASSERT(kit_becomes(r, "baaaaaaaaaab", expected));
	CU_ASSERT(kit_becomes(r, "baaaaaaaaaaaaaaaaaaaaaaaaaaaaab", expected));
	CU_ASSERT(kit_becomes(r, "baaaaaaaaab", "baaaaaaaaab"));
	redact_free(&r);
}

static void
mixed_base64_alphabets_are_one(void)
{
	struct redact * r = kit_ready();
	char tag[7], expected[64];

	kit_put(r, 1, LABEL, "?>?>?>?>?>?>", 12, tag);
	(void)snprintf(expected, sizeof(expected), "[REDACTED:" LABEL ":%s]",
	    tag);
	CU_ASSERT(kit_becomes(r, "Pz4/Pj8+Pz4/Pj8+", expected));
	CU_ASSERT(kit_becomes(r, "Pz4_Pj8-Pz4/Pj8+", expected));
	CU_ASSERT(kit_becomes(r, "Pz4_Pj8-Pz4_Pj8-", expected));
	CU_ASSERT(kit_becomes(r, "?>?>?>?>?>?>", expected));
	/* The raw value is not taken for base64. */
	kit_put(r, 2, LABEL, "Qw/Er+Ty/Ui+Op", 14, NULL);
	CU_ASSERT(kit_becomes(r, "Qw_Er-Ty_Ui-Op", "Qw_Er-Ty_Ui-Op"));
	redact_free(&r);
}

static void
a_value_of_two_secrets_has_one_label_everywhere(void)
{
	struct redact * r = kit_ready();
	char tag[7], expected[64];

	kit_put(r, 1, "instance/b@1", "shared value", 12, tag);
	kit_put(r, 2, "instance/a@1", "shared value", 12, NULL);
	kit_put(r, 3, "instance/c@1", "shared value", 12, NULL);
	(void)snprintf(expected, sizeof(expected), "[REDACTED:instance/a@1:%s]",
	    tag);
	CU_ASSERT(kit_becomes(r, "shared value", expected));
	redact_free(&r);
}

static void
what_is_dropped_is_known_no_more(void)
{
	struct redact * r = kit_ready();
	struct sr_id one = kit_id(1), two = kit_id(2);
	struct redact_hits hits;
	const char text[] = "value number 1, value number 2";

	kit_know(r, 1, "value number 1");
	kit_know(r, 2, "value number 2");
	CU_ASSERT_EQUAL(redact_known_count(r), 2);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, 30, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 2);
	redact_known_drop(r, &one);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, 30, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 1);
	redact_known_drop(r, &one);
	redact_known_drop(r, &two);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, 30, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 0);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	kit_know(r, 1, "value number 1");
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, 30, &hits), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 1);
	redact_free(&r);
}

static void
versions_are_put_apart_and_dropped_together(void)
{
	struct redact * r = kit_ready();
	struct redact_forms one = kit_forms("version one", 11);
	struct redact_forms two = kit_forms("version two", 11);
	struct redact_forms three = kit_forms("version three", 13);
	struct sr_id id = kit_id(1);
	struct redact_hits hits;
	const char text[] = "version one, version two, version three";
	char expected[128];

	ASSERT_ERR(redact_known_put(r, &id, 1, "i/a@1", one.v, one.n), SR_OK);
	ASSERT_ERR(redact_known_put(r, &id, 2, "i/a@2", two.v, two.n), SR_OK);
	CU_ASSERT_EQUAL(redact_known_count(r), 2);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, text, sizeof(text) - 1, &hits),
	    SR_OK);
	CU_ASSERT_EQUAL(hits.known, 2);
	/* Putting a version again replaces it. */
	ASSERT_ERR(redact_known_put(r, &id, 2, "i/a@2", three.v, three.n),
	    SR_OK);
	CU_ASSERT_EQUAL(redact_known_count(r), 2);
	(void)snprintf(expected, sizeof(expected), "[REDACTED:i/a@1:%s], "
	    "version two, [REDACTED:i/a@2:%s]", one.v[0].tag, three.v[0].tag);
	CU_ASSERT(kit_becomes(r, text, expected));
	redact_known_drop(r, &id);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	CU_ASSERT(kit_becomes(r, text, text));
	redact_forms_free(&one);
	redact_forms_free(&two);
	redact_forms_free(&three);
	redact_free(&r);
}

static void
many_come_and_go(void)
{
	struct redact * r = kit_ready();
	char value[64];
	struct redact_hits hits;
	struct sr_id id;
	unsigned i;

	for (i = 0; i < 3000; i++) {
		(void)snprintf(value, sizeof(value),
		    "secret %u of many, with more than 31 bytes", i);
		kit_know(r, i, value);
		if (i >= 100) {
			id = kit_id(i - 100);
			redact_known_drop(r, &id);
		}
	}
	CU_ASSERT_EQUAL(redact_known_count(r), 100);
	CU_ASSERT(kit_becomes(r, "secret 2899 of many, with more than 31 bytes",
	    "secret 2899 of many, with more than 31 bytes"));
	for (i = 2900; i < 3000; i++) {
		(void)snprintf(value, sizeof(value),
		    "secret %u of many, with more than 31 bytes", i);
		ASSERT_ERR(redact_scan(r, REDACT_LOG, value, strlen(value),
		    &hits), SR_OK);
		CU_ASSERT_EQUAL(hits.known, 1);
	}
	redact_free(&r);
}

static void
secrets_that_begin_alike_are_told_apart(void)
{
	struct redact * r = kit_ready();
	char value[160];
	struct redact_hits hits;
	unsigned i;

	for (i = 0; i < 500; i++) {
		(void)snprintf(value, sizeof(value),
		    "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq%.*s%u",
		    (int)(i % 70), "................................."
		    ".....................................", i);
		kit_know(r, i, value);
	}
	for (i = 0; i < 500; i++) {
		(void)snprintf(value, sizeof(value),
		    "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq%.*s%u ",
		    (int)(i % 70), "................................."
		    ".....................................", i);
		ASSERT_ERR(redact_scan(r, REDACT_LOG, value, strlen(value),
		    &hits), SR_OK);
		CU_ASSERT_EQUAL(hits.known, 1);
	}
	CU_ASSERT(kit_becomes(r, "MIIEvQIBADANBgkq.", "MIIEvQIBADANBgkq."));
	redact_free(&r);
}

static void
forms_that_are_not_well_made_are_refused(void)
{
	struct redact * r = kit_ready();
	struct redact_forms forms = kit_forms("a good value", 12);
	struct sr_id id = kit_id(1);
	uint8_t windows = forms.v[0].windows_len;

	forms.v[0].windows_len = 64;
	ASSERT_ERR(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_E_INTERNAL_ERROR);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_STALE);
	forms.v[0].windows_len = windows;
	forms.v[0].length = 7;
	ASSERT_ERR(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_E_INTERNAL_ERROR);
	forms.v[0].length = UINT32_MAX;
	ASSERT_ERR(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_E_INTERNAL_ERROR);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	redact_forms_free(&forms);
	redact_free(&r);
}

static void
a_text_of_beginnings_alone_fails_closed(void)
{
	struct redact * r = kit_ready();
	size_t len = (size_t)1024 * 1024;
	char * value = malloc(60000);
	char * text = malloc(len);
	struct redacted * t;

	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(value, 'a', 60000);
	value[59999] = 'b';
	memset(text, 'a', len);
	kit_put(r, 1, LABEL, value, 60000, NULL);
	ASSERT_ERR(redact_text(r, REDACT_LOG, text, len, NULL, &t),
	    SR_E_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_LIMIT);
	CU_ASSERT_PTR_NULL(t);
	free(value);
	free(text);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(parts_of_secrets_stay),
	TEST(a_prefix_of_another_secret_hides_none_of_it),
	TEST(adjacent_secrets_have_a_mask_each),
	TEST(repeating_values_vanish_whole),
	TEST(mixed_base64_alphabets_are_one),
	TEST(a_value_of_two_secrets_has_one_label_everywhere),
	TEST(what_is_dropped_is_known_no_more),
	TEST(versions_are_put_apart_and_dropped_together),
	TEST(many_come_and_go),
	TEST(secrets_that_begin_alike_are_told_apart),
	TEST(forms_that_are_not_well_made_are_refused),
	TEST(a_text_of_beginnings_alone_fails_closed),
};

SUITE_MAIN("core/redact/known", tests, NULL, NULL)
