#include <time.h>

#include "core/redact/rule_internal.h"
#include "tests/core/redact/kit.h"

/*
 * The rules' pass over views: what it finds depends on the bytes alone, what
 * is known is no text, and hostile text takes no longer than other text.
 */

#define TEXT_MAX	8192

static struct rules * rules;
static struct rule_scratch * scratch;

static int
setup(void)
{

	if (rules_new(&rules) != SR_OK)
		return (-1);
	return ((scratch = rule_scratch_new(rules)) == NULL ? -1 : 0);
}

static int
teardown(void)
{

	rule_scratch_free(&scratch);
	rules_free(&rules);
	return (0);
}

/* Look at [from, to) of a stream of ${len} bytes, with no more context than
 * promised, in memory of its own; return how far it is settled. */
static size_t
look(const char * text, size_t len, size_t from, size_t to,
    struct span_list * spans)
{
	size_t behind = from > VIEW_BEHIND ? from - VIEW_BEHIND : 0, open, i;
	size_t n = spans->n;
	char * copy = malloc(to - behind + 1);
	struct view view = { .text = copy, .len = to - behind,
	    .from = from - behind, .at = behind, .last = to == len };

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	memcpy(copy, &text[behind], to - behind);
	CU_ASSERT_EQUAL_FATAL(rules_pass(rules, scratch, &view, NULL, spans,
	    &open), REDACT_CAUSE_NONE);
	CU_ASSERT(open >= view.from && open <= view.len);
	for (i = n; i < spans->n; i++) {
		CU_ASSERT(spans->v[i].start >= view.from);
		CU_ASSERT(spans->v[i].start < open || view.last);
		spans->v[i].start += behind;
		spans->v[i].end += behind;
	}
	free(copy);
	return (open + behind);
}

static bool
same(const struct span_list * a, const struct span_list * b)
{
	size_t i;

	if (a->n != b->n)
		return (false);
	for (i = 0; i < a->n; i++) {
		if (a->v[i].start != b->v[i].start ||
		    a->v[i].end != b->v[i].end ||
		    a->v[i].rule != b->v[i].rule ||
		    a->v[i].blank != b->v[i].blank)
			return (false);
	}
	return (true);
}

/* Whether views that grow by ${step} find what one view finds. */
static bool
survives(const char * text, size_t len, size_t first, size_t step)
{
	struct span_list whole = { .n = 0 }, parts = { .n = 0 };
	size_t from = 0, to = first;
	bool ok;

	(void)look(text, len, 0, len, &whole);
	for (;;) {
		from = look(text, len, from, to, &parts);
		if (to == len)
			break;
		to = len - to > step ? to + step : len;
	}
	span_merge(&whole);
	span_merge(&parts);
	ok = same(&whole, &parts);
	if (!ok)
		suite_note("cut at %zu by %zu: %.200s", first, step, text);
	span_free(&whole);
	span_free(&parts);
	return (ok);
}

static void
every_cut_of_the_examples_finds_the_same(void)
{
	char text[TEXT_MAX];
	const struct rule * rule;
	size_t n, j, cut, from, to, splits = 0;
	unsigned i;

	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		for (j = 0; rule->examples[j] != NULL; j++) {
			n = rule_example(rule->examples[j], text,
			    sizeof(text), &from, &to);
			text[n] = '\0';
			for (cut = 1; cut < n; cut++, splits++)
				CU_ASSERT(survives(text, n, cut, n));
			CU_ASSERT(survives(text, n, 1, 1));
		}
	}
	(void)printf("%zu splits\n", splits);
}

/* All examples and counter-examples in one text, behind each other. */
static void
every_step_through_a_long_text_finds_the_same(void)
{
	static const size_t steps[] = { 7, 61, 256, 4096, 65537 };
	struct kit_text all = { .len = 0 };
	char text[TEXT_MAX];
	const struct rule * rule;
	size_t from, to, j;
	unsigned i;

	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		for (j = 0; rule->examples[j] != NULL; j++) {
			kit_add(&all, text, rule_example(rule->examples[j],
			    text, sizeof(text), &from, &to));
			kit_adds(&all, i % 3 == 0 ? "\n" : " ");
		}
		for (j = 0; rule->counters[j] != NULL; j++) {
			kit_adds(&all, rule->counters[j]);
			kit_adds(&all, "\n");
		}
	}
	for (i = 0; i < COUNTOF(steps); i++)
		CU_ASSERT(survives(all.p, all.len, steps[i], steps[i]));
	kit_reset(&all);
}

static void
an_open_token_is_held_from_its_start(void)
{
	const char text[] = "the key is ghp_" "q8Zk2mXw9LrT4v";
	struct span_list spans = { .n = 0 };
	size_t open;
	struct view view = { .text = text, .len = sizeof(text) - 1 };

	CU_ASSERT_EQUAL(rules_pass(rules, scratch, &view, NULL, &spans,
	    &open), REDACT_CAUSE_NONE);
	CU_ASSERT_EQUAL(spans.n, 0);
	CU_ASSERT(open <= 11);
	span_free(&spans);
}

static void
plain_text_is_let_go_but_for_an_anchors_length(void)
{
	char text[1000];
	struct span_list spans = { .n = 0 };
	size_t open;
	struct view view = { .text = text, .len = sizeof(text) };

	memset(text, '.', sizeof(text));
	CU_ASSERT_EQUAL(rules_pass(rules, scratch, &view, NULL, &spans,
	    &open), REDACT_CAUSE_NONE);
	CU_ASSERT(open >= sizeof(text) - 128);
	span_free(&spans);
}

/* Mask the [from, to) known; the rules find ${n} spans. */
static size_t
beside_known(const char * text, size_t from, size_t to)
{
	struct span span = { .start = from, .end = to };
	struct span_list known = { .v = &span, .n = 1 };
	struct span_list spans = { .n = 0 };
	struct view view = { .text = text, .len = strlen(text),
	    .last = true };
	size_t open, n;

	CU_ASSERT_EQUAL(rules_pass(rules, scratch, &view, &known, &spans,
	    &open), REDACT_CAUSE_NONE);
	n = spans.n;
	span_free(&spans);
	return (n);
}

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMad3"

static void
a_known_secret_is_a_wall(void)
{

	/* A token begins behind it, and ends before it. */
	CU_ASSERT_EQUAL(beside_known("abcdefgh" HUB, 0, 7), 0);
	CU_ASSERT_EQUAL(beside_known("abcdefgh" HUB, 0, 8), 1);
	CU_ASSERT_EQUAL(beside_known(HUB "abcdefgh", 40, 48), 1);
	/* Anchors within it are none. */
	CU_ASSERT_EQUAL(beside_known("x " HUB, 2, 42), 0);
	CU_ASSERT_EQUAL(beside_known("password=hunter2x9", 9, 18), 0);
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static double
time_of(const char * unit, size_t len)
{
	struct kit_text text = { .len = 0 };
	struct span_list spans = { .n = 0 };
	double start;
	size_t open;
	struct view view;

	text.p = malloc(len + 64);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text.p);
	while (text.len < len) {
		memcpy(&text.p[text.len], unit, strlen(unit));
		text.len += strlen(unit);
	}
	view = (struct view){ .text = text.p, .len = text.len, .last = true };
	start = seconds();
	CU_ASSERT_EQUAL(rules_pass(rules, scratch, &view, NULL, &spans,
	    &open), REDACT_CAUSE_NONE);
	start = seconds() - start;
	span_free(&spans);
	kit_reset(&text);
	return (start);
}

static void
hostile_text_takes_time_in_proportion(void)
{
	static const char * const units[] = { "password=", "eyJ.eyJ.",
	    "sk-ant-", "://::@", "eyJ", "password=\"", "password='",
	    "password:\\\"", "-----BEGIN PRIVATE KEY-----", "-----", "token ",
	    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n",
	    "authorization: ", "bearer a1B2", "basic YTpi", "key", "secret_",
	    "AKIA", "-u a:b", "aws ", "aws_key=", "[REDACTED:token:",
	    "mysql -p1 ", "ghp_a1" };
	double once, more;
	size_t i;

	for (i = 0; i < COUNTOF(units); i++) {
		once = time_of(units[i], (size_t)256 * 1024);
		more = time_of(units[i], (size_t)1024 * 1024);
		if (more > once * 12 + 0.05)
			suite_note("%s: %.3f s, then %.3f s", units[i], once,
			    more);
		CU_ASSERT(more <= once * 12 + 0.05);
#ifndef SR_SANITIZED
		if (more > 3.0)
			suite_note("%s: %.3f s a MB", units[i], more);
		CU_ASSERT(more < 3.0);
#endif
	}
}

static const struct suite_test tests[] = {
	TEST(every_cut_of_the_examples_finds_the_same),
	TEST(every_step_through_a_long_text_finds_the_same),
	TEST(an_open_token_is_held_from_its_start),
	TEST(plain_text_is_let_go_but_for_an_anchors_length),
	TEST(a_known_secret_is_a_wall),
	TEST(hostile_text_takes_time_in_proportion),
};

SUITE_MAIN("core/redact/rule_pass", tests, setup, teardown)
