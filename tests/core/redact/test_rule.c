#include <ctype.h>

#include "core/redact/rule_internal.h"
#include "tests/core/redact/rules.h"

#define TEXT_MAX	8192

/* ${before}, the example and ${after}: only its secret is gone. */
static void
check_example(const struct rule * rule, const char * example,
    const char * before, const char * after)
{
	char text[TEXT_MAX], expected[TEXT_MAX];
	size_t b = strlen(before), n, m, from, to;

	memcpy(text, before, b);
	n = b + rule_example(example, &text[b], sizeof(text) - b, &from, &to);
	CU_ASSERT_FATAL(to > from);
	memcpy(&text[n], after, strlen(after));
	n += strlen(after);
	memcpy(expected, text, b + from);
	m = b + from;
	m += (size_t)snprintf(&expected[m], sizeof(expected) - m,
	    "[REDACTED:%s]", rule->name);
	memcpy(&expected[m], &text[b + to], n - b - to);
	m += n - b - to;
	CU_ASSERT(becomes(text, n, expected, m));
	/* What was masked stays so. */
	CU_ASSERT(becomes(expected, m, expected, m));
}

static void
every_rows_examples_are_masked(void)
{
	const struct rule * rule;
	size_t j;
	unsigned i;

	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		CU_ASSERT_PTR_NOT_NULL(rule->examples[0]);
		for (j = 0; rule->examples[j] != NULL; j++) {
			check_example(rule, rule->examples[j], "", "");
			check_example(rule, rule->examples[j], "x = ", "\n");
			check_example(rule, rule->examples[j], "{\"a\":\"",
			    "\",\"b\":1}");
		}
	}
	CU_ASSERT(i >= 500);
}

static void
every_rows_counter_examples_stay(void)
{
	const struct rule * rule;
	size_t j;
	unsigned i;

	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		CU_ASSERT_PTR_NOT_NULL(rule->counters[0]);
		for (j = 0; rule->counters[j] != NULL; j++)
			CU_ASSERT(stays(rule->counters[j]));
	}
}

static void
rows_are_complete(void)
{
	const struct rule * rule;
	size_t j;
	unsigned i;

	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		CU_ASSERT(strlen(rule->source) > 4);
		CU_ASSERT(strlen(rule->anchor) >= 2);
		CU_ASSERT(strlen(rule->name) >= 3 && strlen(rule->name) <= 40);
		for (j = 0; rule->name[j] != '\0'; j++)
			CU_ASSERT(islower((unsigned char)rule->name[j]) ||
			    rule->name[j] == '_');
		CU_ASSERT(rule->find == rule_dash_p ||
		    (rule->find == rule_token || rule->find == rule_behind ||
		    rule->find == rule_near || rule->find == rule_prefixed) ==
		    (*rule->shape != 0 || *rule->before != 0));
	}
}

/* Shapes that logs are full of. */
static const char * const benign[] = {
	"commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\n",
	"d41d8cd98f00b204e9800998ecf8427e  empty.txt\n",
	"3f2a9c04-77aa-7c1e-9d55-2b1f0c6a9e11",
	"\"integrity\": \"sha512-q/dbQe3vqd4A7zZ7m1U2wV3b0hP0yL1b5bYw7wq1d"
	    "F0Zk0p1mJ2y3mV4c5x6z7A8b9C0d1E2f3G4h5I6j7K8L9==\"",
	"2026-11-24T05:30:41.123456Z INFO worker[17]: 200 GET /login 12 ms",
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtLk0Lw0tq0YB0m2z0o0u0i9m1q "
	    "root@host",
	"const char * sk_live_key = getenv(\"STRIPE_KEY\");",
	"the risk-based approach; task-oriented; desk-side; disk-proj-x",
	"token: string; password: string | undefined; secret?: boolean",
	"see https://user@example.org/path and http://[::1]:8080/x@y",
	"mail someone@example.org, or call https://example.org:8443/a:b@c",
	"git@github.com:owner/name.git https://github.com/owner/name.git@v1",
	"Authorization header is required. Bearer tokens are described below",
	"[REDACTED:instance/name@3:abcdef] [REDACTED:github_token] [REDACTED]",
};

static void
ordinary_text_stays(void)
{
	size_t i;

	for (i = 0; i < COUNTOF(benign); i++)
		CU_ASSERT(stays(benign[i]));
}

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"
#define MASK	"[REDACTED:github_token]"

static void
a_token_begins_at_a_boundary(void)
{

	CU_ASSERT(becomes_text(HUB, MASK));
	CU_ASSERT(becomes_text("(" HUB ")", "(" MASK ")"));
	CU_ASSERT(becomes_text("a=" HUB "&b", "a=" MASK "&b"));
	CU_ASSERT(becomes_text("a%3D" HUB, "a%3D" MASK));
	CU_ASSERT(becomes_text("a\\n" HUB, "a\\n" MASK));
	CU_ASSERT(becomes_text("a\\x3d" HUB, "a\\x3d" MASK));
	CU_ASSERT(becomes_text("a\\u003d" HUB, "a\\u003d" MASK));
	CU_ASSERT(becomes_text("\033[1;32m" HUB "\033[0m",
	    "\033[1;32m" MASK "\033[0m"));
	CU_ASSERT(stays("a" HUB));
	CU_ASSERT(stays("1" HUB));
	CU_ASSERT(stays("_" HUB));
	CU_ASSERT(stays("32m" HUB));
}

static void
every_occurrence_is_masked(void)
{

	CU_ASSERT(becomes_text(HUB " " HUB "," HUB, MASK " " MASK "," MASK));
}

static void
placeholders_are_told_from_secrets(void)
{
	static const char * const placeholders[] = { "", "xxxx", "****",
	    "${TOKEN}", "$(cat f)", "$TOKEN", "%s", "%(token)s", "%TOKEN%",
	    "{token}", "{{ token }}", "<token>", "password", "PASSWORD",
	    "your-token", "YOUR_TOKEN", "AKIAIOSFODNN7EXAMPLE", "abc***",
	    "[REDACTED:url_password]", "[REDACTED:i/n@1:abcdef]",
	    "a000000b", "changeme", "your_api_key", "test" };
	static const char * const values[] = { "x", "hunter2", "$ecret!",
	    "yours4ever", "pass1", "%41bc", "{a" };
	size_t i;

	for (i = 0; i < COUNTOF(placeholders); i++)
		CU_ASSERT(rule_placeholder(placeholders[i],
		    strlen(placeholders[i])));
	/* One character is all equal: it hides nothing. */
	CU_ASSERT(rule_placeholder(values[0], 1));
	for (i = 1; i < COUNTOF(values); i++)
		CU_ASSERT_FALSE(rule_placeholder(values[i],
		    strlen(values[i])));
}

static void
entropy_is_in_tenths_of_a_bit(void)
{

	CU_ASSERT_EQUAL(rule_entropy("", 0), 0);
	CU_ASSERT_EQUAL(rule_entropy("aaaaaaaa", 8), 0);
	CU_ASSERT_EQUAL(rule_entropy("abababab", 8), 10);
	CU_ASSERT_EQUAL(rule_entropy("abcdefgh", 8), 30);
}

static void
guessable_findings_carry_no_tag(void)
{
	struct redact * r = kit_ready();
	struct redacted * t;
	const char text[] = "redis://:hunter2@cache/0 " HUB;
	const char * hub;

	ASSERT_ERR(redact_text(r, REDACT_LOG, text, sizeof(text) - 1, NULL,
	    &t), SR_OK);
	CU_ASSERT(strncmp(redacted_bytes(t),
	    "redis://:[REDACTED:url_password]@cache/0 "
	    "[REDACTED:github_token:", 64) == 0);
	hub = strrchr(redacted_bytes(t), ':');
	CU_ASSERT(hub != NULL && strlen(hub) == 1 + REDACT_TAG_LEN + 1);
	redacted_free(&t);
	redact_free(&r);
}

static void
the_row_further_up_names_what_two_rows_find(void)
{

	CU_ASSERT(becomes_text("Authorization: Bearer " HUB,
	    "Authorization: Bearer " MASK));
	CU_ASSERT(becomes_text("https://x:" HUB "@github.com/a.git",
	    "https://x:" MASK "@github.com/a.git"));
}

static void
the_formats_of_many_providers_are_known(void)
{
	const struct rule * rule;
	unsigned i, j, names = 0;

	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		for (j = 0; j < i; j++) {
			if (strcmp(rule_row(j)->name, rule->name) == 0)
				break;
		}
		names += j == i;
	}
	(void)printf("%u rows of %u names\n", i, names);
	CU_ASSERT(names >= 200);
}

static const struct suite_test tests[] = {
	TEST(every_rows_examples_are_masked),
	TEST(every_rows_counter_examples_stay),
	TEST(rows_are_complete),
	TEST(ordinary_text_stays),
	TEST(a_token_begins_at_a_boundary),
	TEST(every_occurrence_is_masked),
	TEST(placeholders_are_told_from_secrets),
	TEST(entropy_is_in_tenths_of_a_bit),
	TEST(guessable_findings_carry_no_tag),
	TEST(the_row_further_up_names_what_two_rows_find),
	TEST(the_formats_of_many_providers_are_known),
};

SUITE_MAIN("core/redact/rule", tests, NULL, teardown)
