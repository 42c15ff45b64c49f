#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

static struct redacted *
pass(struct redact * r, const char * text, size_t len)
{
	struct redacted * t;

	ASSERT_ERR_FATAL(redact_text(r, REDACT_LOG, text, len, NULL, &t),
	    SR_OK);
	return (t);
}

static void
a_mask_names_the_secret_and_its_tag(void)
{
	struct redact * r = kit_ready();

	kit_put(r, 1, "project/db/password@12", "hunter2!", 8, NULL);
	CU_ASSERT(kit_becomes(r, "pw=hunter2!;",
	    "pw=[REDACTED:project/db/password@12:yf4rjr];"));
	redact_free(&r);
}

static void
a_rules_mask_has_the_tag_a_stored_value_would_have(void)
{
	struct redact * a = kit_ready();
	struct redact * b = kit_ready();
	struct redacted * t;
	char tag[7], expected[64];

	kit_put(a, 1, "instance/gh@1", HUB, strlen(HUB), tag);
	t = pass(b, HUB, strlen(HUB));
	(void)snprintf(expected, sizeof(expected), "[REDACTED:github_token:%s]",
	    tag);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(t), expected);
	redacted_free(&t);
	redact_free(&a);
	redact_free(&b);
}

static void
without_a_key_masks_have_no_tag(void)
{
	struct redact * r;
	struct redacted * t;
	struct redact_hits hits;

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR(redact_rules_text(r, HUB, strlen(HUB), &hits, &t), SR_OK);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(t), "[REDACTED:github_token]");
	CU_ASSERT_EQUAL(hits.rules, 1);
	CU_ASSERT_EQUAL(hits.known, 0);
	redacted_free(&t);
	redact_free(&r);
}

static void
a_known_secret_names_the_mask_before_a_rule(void)
{
	struct redact * r = kit_ready();
	char tag[7], expected[128];
	struct redact_hits hits;
	struct redacted * t;

	kit_put(r, 1, "instance/gh@1", HUB, strlen(HUB), tag);
	ASSERT_ERR(redact_text(r, REDACT_LOG, "x " HUB, 2 + strlen(HUB), &hits,
	    &t), SR_OK);
	(void)snprintf(expected, sizeof(expected),
	    "x [REDACTED:instance/gh@1:%s]", tag);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(t), expected);
	CU_ASSERT_EQUAL(hits.known, 1);
	CU_ASSERT_EQUAL(hits.rules, 0);
	redacted_free(&t);
	redact_free(&r);
}

static void
labels_that_could_break_a_mask_are_not_shown(void)
{
	static const char * const labels[] = { "", "a b", "a]b", "a:b", "a\"b",
	    "a<b", "a\nb", "\xc3\xa4", "12345678901234567890123456789012345678"
	    "90123456789012345678901234567890123456789012345678901234567890123"
	    "45678901234567890123456789012345678901234567890123456789012345678"
	    "901234567890123456789012345678901234567890" };
	struct redact * r = kit_ready();
	size_t i;

	for (i = 0; i < COUNTOF(labels); i++) {
		kit_put(r, 1, labels[i], "hunter2!", 8, NULL);
		CU_ASSERT(kit_becomes(r, "hunter2!",
		    "[REDACTED:secret:yf4rjr]"));
	}
	redact_free(&r);
}

static void
a_label_that_holds_a_secret_is_not_shown(void)
{
	struct redact * r = kit_ready();
	char tag[7], expected[64];

	kit_put(r, 1, "instance/hunter2-and-more@1", "another value", 13, tag);
	(void)snprintf(expected, sizeof(expected),
	    "[REDACTED:instance/hunter2-and-more@1:%s]", tag);
	CU_ASSERT(kit_becomes(r, "another value", expected));
	kit_put(r, 2, "instance/x@1", "hunter2-", 8, NULL);
	(void)snprintf(expected, sizeof(expected), "[REDACTED:secret:%s]", tag);
	CU_ASSERT(kit_becomes(r, "another value", expected));
	redact_free(&r);
}

static void
a_secret_wrapped_in_a_mask_is_found(void)
{
	struct redact * r = kit_ready();

	kit_put(r, 1, "i/x@1", "hunter2!", 8, NULL);
	CU_ASSERT(kit_becomes(r, "[REDACTED:hunter2!:abcdef]",
	    "[REDACTED:[REDACTED:i/x@1:yf4rjr]:abcdef]"));
	redact_free(&r);
}

static void
line_ends_inside_of_a_secret_stay(void)
{
	struct redact * r = kit_ready();
	const char * value = "first line\nsecond line\r\nthird line\n";
	char tag[7], expected[128];

	kit_put(r, 1, "i/x@1", value, strlen(value), tag);
	(void)snprintf(expected, sizeof(expected), "a [REDACTED:i/x@1:%s]\n"
	    "\r\n\nb", tag);
	CU_ASSERT(kit_becomes(r, "a first line\nsecond line\r\nthird line\nb",
	    expected));
	redact_free(&r);
}

static void
quotes_and_braces_around_stay(void)
{
	struct redact * r = kit_ready();

	kit_put(r, 1, "i/x@1", "hunter2!", 8, NULL);
	CU_ASSERT(kit_becomes(r, "{\"pw\":\"hunter2!\",'a':[hunter2!]}",
	    "{\"pw\":\"[REDACTED:i/x@1:yf4rjr]\",'a':[[REDACTED:i/x@1:yf4rjr]]}"
	    ));
	CU_ASSERT(kit_becomes(r, "<td>hunter2!</td>",
	    "<td>[REDACTED:i/x@1:yf4rjr]</td>"));
	redact_free(&r);
}

static void
any_bytes_pass(void)
{
	struct redact * r = kit_ready();
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	CU_ASSERT(kit_becomes_n(r, text, sizeof(text), text, sizeof(text)));
	CU_ASSERT(kit_becomes_n(r, text, 0, "", 0));
	redact_free(&r);
}

/* Texts put together of secrets, halves of them, tokens and masks. */
static void
redacting_twice_is_redacting_once(void)
{
	static const char * const parts[] = { "hunter2!", "hunter2", "sk-live-",
	    "sk-live-12345", "12345", HUB, "ghp_", "a", " ", "\n", "]", ":",
	    "[REDACTED:", "[REDACTED:i/x@1:yf4rjr]", "://u:", "@h/",
	    "Authorization: Bearer ", "AKIA", "IOSFODNN7ABCDEFG",
	    "]hunter2", "-----BEGIN PRIVATE KEY-----\n",
	    "aZ3pQ9xLmN7tR2vB5yH8kD1fG4jS6wE0uI9oP3aC7zX2nM5bV8qT1rY4hK6lJ0",
	    "aHVudGVyMiE=", "%3D", "\xff" };
	struct redact * r = kit_ready();
	uint64_t state = 5;
	struct kit_text text = { .len = 0 };
	struct redacted * once;
	unsigned i, j;

	kit_put(r, 1, "i/x@1", "hunter2!", 8, NULL);
	kit_put(r, 2, "i/y@1", "sk-live-", 8, NULL);
	kit_put(r, 3, "i/z@1", "sk-live-12345", 13, NULL);
	kit_put(r, 4, "i/w@1", "]hunter2", 8, NULL);
	for (i = 0; i < 3000; i++) {
		for (j = kit_random(&state) % 12 + 1; j > 0; j--)
			kit_adds(&text,
			    parts[kit_random(&state) % COUNTOF(parts)]);
		once = pass(r, text.p, text.len);
		CU_ASSERT(kit_becomes_n(r, redacted_bytes(once),
		    redacted_len(once), redacted_bytes(once),
		    redacted_len(once)));
		redacted_free(&once);
		kit_reset(&text);
	}
	redact_free(&r);
}

/* Everyone knows these words: in a mask they tell nothing. */
static void
words_of_masks_are_masked_outside_of_masks(void)
{
	struct redact * r = kit_ready();
	struct redacted * once;

	kit_put(r, 1, "secret", "REDACTED", 8, NULL);
	kit_put(r, 2, "secret", "secret:a", 8, NULL);
	once = pass(r, "x REDACTED y secret:a", 21);
	CU_ASSERT_EQUAL(redacted_len(once), 2 + 24 + 3 + 24);
	CU_ASSERT_PTR_NOT_NULL(strstr(redacted_bytes(once), "x [REDACTED:s"));
	CU_ASSERT(kit_becomes(r, redacted_bytes(once), redacted_bytes(once)));
	redacted_free(&once);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(a_mask_names_the_secret_and_its_tag),
	TEST(a_rules_mask_has_the_tag_a_stored_value_would_have),
	TEST(without_a_key_masks_have_no_tag),
	TEST(a_known_secret_names_the_mask_before_a_rule),
	TEST(labels_that_could_break_a_mask_are_not_shown),
	TEST(a_label_that_holds_a_secret_is_not_shown),
	TEST(a_secret_wrapped_in_a_mask_is_found),
	TEST(line_ends_inside_of_a_secret_stay),
	TEST(quotes_and_braces_around_stay),
	TEST(any_bytes_pass),
	TEST(redacting_twice_is_redacting_once),
	TEST(words_of_masks_are_masked_outside_of_masks),
};

SUITE_MAIN("core/redact/mask", tests, NULL, NULL)
