#include "tests/core/redact/kit.h"

#include "core/redact/common.h"

static const unsigned char own[] = "Security settings\n"
    "settings-security-secret-metadata\n[SENSITIVE CONTENT SUPPRESSED]\n";

static enum sr_error
thin(const char * value, struct redact_forms * forms)
{
	struct secbuf * key = kit_key();
	struct secbuf * b;
	enum sr_error err;

	*forms = kit_forms(value, strlen(value));
	ASSERT_ERR_FATAL(secbuf_copy(value, strlen(value), &b), SR_OK);
	err = redact_forms_thin(key, b, own, sizeof(own) - 1, forms);
	secbuf_free(&b);
	secbuf_free(&key);
	return (err);
}

static enum sr_error
whole(const char * value)
{
	struct redact_forms forms;
	enum sr_error err = thin(value, &forms);

	redact_forms_free(&forms);
	return (err);
}

/* Whether ${value}'s form as ${piece} is among the forms that are left. */
static bool
has(const struct redact_forms * forms, const char * piece)
{
	struct redact_forms its = kit_forms(piece, strlen(piece));
	bool found = false;
	size_t i, j, n = 0;

	for (j = 0; j < its.n; j++) {
		for (i = 0; i < forms->n; i++)
			if (forms->v[i].length == its.v[j].length &&
			    memcmp(forms->v[i].mac, its.v[j].mac,
			    REDACT_MAC_LEN) == 0)
				break;
		if (i < forms->n)
			n++;
	}
	found = n != 0;
	/* All forms of a piece or none. */
	CU_ASSERT(n == 0 || n == its.n);
	redact_forms_free(&its);
	return (found);
}

static void
what_occurs_in_our_own_texts_is_refused(void)
{
	static const char * const values[] = { "Security settings",
	    "Security", "security-secret", "metadata", "SUPPRESSED",
	    REDACT_SUPPRESSED, "  Security settings \n", "\tmetadata\r\n" };
	size_t i;

	for (i = 0; i < COUNTOF(values); i++)
		ASSERT_ERR(whole(values[i]), SR_E_SECRET_VALUE_COMMON);
	ASSERT_ERR(whole("security settings"), SR_OK);
	ASSERT_ERR(whole("Security settings2"), SR_OK);
}

static void
what_texts_of_all_kinds_hold_is_refused(void)
{
	static const char * const values[] = { "localhost", "Production",
	    "us-east-1", "https://oauth2.googleapis.com/token", "--------",
	    "********", "                ", "2026-11-24",
	    "[REDACTED:instance/a@1:abcdef]", "[REDACTED:github_token]",
	    "  postgres\n", "==========================" };
	size_t i;

	for (i = 0; i < COUNTOF(values); i++)
		ASSERT_ERR(whole(values[i]), SR_E_SECRET_VALUE_COMMON);
}

static void
what_only_looks_like_it_is_kept(void)
{
	static const char * const values[] = { "localhost1", "xlocalhost",
	    "correct-horse-battery-staple", "db7.internal.lan", "aaaaaaaa",
	    "[REDACTED:a] and more", "x[REDACTED:abcdef]", "2026-11-2x",
	    ".*.*.*.*", "$&$&$&$&", "2026-11-24T10:00", "[REDACTED:",
	    "\\1\\2\\3\\4", "%s%s%s%s" };
	size_t i;

	for (i = 0; i < COUNTOF(values); i++)
		ASSERT_ERR(whole(values[i]), SR_OK);
}

static void
leaves_that_are_common_have_no_forms(void)
{
	static const char value[] = "{\"type\": \"service_account\", "
	    "\"region\": \"us-east-1\", \"title\": \"Security settings\","
	    " \"key\": \"Vq8dKz0rTn3w\", \"n\": 86400000}";
	struct redact_forms forms;

	ASSERT_ERR_FATAL(thin(value, &forms), SR_OK);
	CU_ASSERT(has(&forms, "Vq8dKz0rTn3w"));
	CU_ASSERT_FALSE(has(&forms, "service_account"));
	CU_ASSERT_FALSE(has(&forms, "us-east-1"));
	CU_ASSERT_FALSE(has(&forms, "Security settings"));
	CU_ASSERT_FALSE(has(&forms, "86400000"));
	CU_ASSERT_EQUAL(forms.v[0].length, strlen(value));
	redact_forms_free(&forms);
}

static void
lines_that_are_common_have_no_forms(void)
{
	struct redact_forms forms;

	ASSERT_ERR_FATAL(thin("localhost\n  metadata\nVq8dKz0rTn3w\n2026-01-31"
	    "\nanother-line-of-it\n", &forms), SR_OK);
	CU_ASSERT(has(&forms, "Vq8dKz0rTn3w"));
	CU_ASSERT(has(&forms, "another-line-of-it"));
	CU_ASSERT_FALSE(has(&forms, "localhost"));
	CU_ASSERT_FALSE(has(&forms, "metadata"));
	CU_ASSERT_FALSE(has(&forms, "2026-01-31"));
	redact_forms_free(&forms);
	ASSERT_ERR_FATAL(thin("NODE_ENV=production\nHOST=localhost\n"
	    "TOKEN=Vq8dKz0rTn3w\n", &forms), SR_OK);
	CU_ASSERT(has(&forms, "Vq8dKz0rTn3w"));
	CU_ASSERT_FALSE(has(&forms, "production"));
	CU_ASSERT_FALSE(has(&forms, "localhost"));
	redact_forms_free(&forms);
}

static void
a_value_without_common_parts_keeps_all_its_forms(void)
{
	struct redact_forms forms, all;

	all = kit_forms("first-line-9\nsecond-line-9\n", 27);
	ASSERT_ERR_FATAL(thin("first-line-9\nsecond-line-9\n", &forms), SR_OK);
	CU_ASSERT_EQUAL(forms.n, all.n);
	redact_forms_free(&forms);
	redact_forms_free(&all);
}

static const struct suite_test tests[] = {
	TEST(what_occurs_in_our_own_texts_is_refused),
	TEST(what_texts_of_all_kinds_hold_is_refused),
	TEST(what_only_looks_like_it_is_kept),
	TEST(leaves_that_are_common_have_no_forms),
	TEST(lines_that_are_common_have_no_forms),
	TEST(a_value_without_common_parts_keeps_all_its_forms),
};

SUITE_MAIN("core/redact/common", tests, NULL, NULL)
