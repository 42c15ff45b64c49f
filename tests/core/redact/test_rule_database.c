#include <stdlib.h>
#include <string.h>

#include "core/redact/rule_database_internal.h"
#include "tests/harness/suite.h"

#define TEXT_MAX	8192

/* What a scan reports, in order. */
struct hits {
	unsigned id[512];
	unsigned long long end[512];
	size_t n;
};

static struct rule_anchors anchors;

static int
on_hit(unsigned id, unsigned long long from, unsigned long long end,
    unsigned flags, void * cookie)
{
	struct hits * hits = cookie;

	(void)from;
	(void)flags;
	if (hits->n == COUNTOF(hits->id))
		return (1);
	hits->id[hits->n] = id;
	hits->end[hits->n++] = end;
	return (0);
}

static hs_database_t *
load(const unsigned char * bytes, size_t len)
{
	hs_database_t * db;

	if (anchors.longest == 0)
		rule_anchors_measure(&anchors);
	CU_ASSERT_EQUAL_FATAL(rule_database_load(&anchors, bytes, len, &db),
	    SR_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(db);
	return (db);
}

static void
scan(const hs_database_t * db, const char * text, size_t len,
    struct hits * hits)
{
	hs_scratch_t * scratch = NULL;

	hits->n = 0;
	CU_ASSERT_EQUAL_FATAL(hs_alloc_scratch(db, &scratch), HS_SUCCESS);
	CU_ASSERT_EQUAL(hs_scan(db, text, (unsigned)len, 0, scratch, on_hit,
	    hits), HS_SUCCESS);
	CU_ASSERT_EQUAL(hs_free_scratch(scratch), HS_SUCCESS);
}

static size_t
compare(const hs_database_t * a, const hs_database_t * b,
    const char * example)
{
	static struct hits one, other;
	char text[TEXT_MAX];
	size_t n, from, to;

	n = rule_example(example, text, sizeof(text), &from, &to);
	scan(a, text, n, &one);
	scan(b, text, n, &other);
	CU_ASSERT_EQUAL(one.n, other.n);
	CU_ASSERT_EQUAL(memcmp(one.id, other.id, one.n * sizeof(one.id[0])),
	    0);
	CU_ASSERT_EQUAL(memcmp(one.end, other.end,
	    one.n * sizeof(one.end[0])), 0);
	return (one.n);
}

static void
what_was_built_in_is_what_would_be_compiled(void)
{
	hs_database_t * built = load(rule_database, rule_database_len);
	hs_database_t * compiled = load(NULL, 0);
	const struct rule * rule;
	size_t j, hits = 0;
	unsigned i;

	for (i = 0; (rule = rule_row(i)) != NULL; i++) {
		for (j = 0; rule->examples[j] != NULL; j++)
			hits += compare(built, compiled, rule->examples[j]);
	}
	CU_ASSERT_EQUAL(rule_database_rows, i);
	CU_ASSERT(hits >= i);
	(void)hs_free_database(built);
	(void)hs_free_database(compiled);
}

static void
this_machine_takes_what_was_built_in(void)
{
	hs_database_t * db;

#ifdef __x86_64__
	if (!__builtin_cpu_supports("avx2"))
		return;
#endif
	CU_ASSERT_EQUAL_FATAL(hs_deserialize_database(
	    (const char *)rule_database, rule_database_len, &db), HS_SUCCESS);
	(void)hs_free_database(db);
}

static void
what_does_not_fit_is_compiled(void)
{
	unsigned char * bytes = malloc(rule_database_len);
	hs_database_t * db;
	const struct rule * rule = rule_row(0);

	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	/* Of another release of the library, cut short, with a bit changed. */
	memcpy(bytes, rule_database, rule_database_len);
	bytes[4] ^= 1;
	db = load(bytes, rule_database_len);
	CU_ASSERT(compare(db, db, rule->examples[0]) > 0);
	(void)hs_free_database(db);
	bytes[4] ^= 1;
	db = load(bytes, rule_database_len / 2);
	CU_ASSERT(compare(db, db, rule->examples[0]) > 0);
	(void)hs_free_database(db);
	bytes[rule_database_len / 2] ^= 1;
	db = load(bytes, rule_database_len);
	CU_ASSERT(compare(db, db, rule->examples[0]) > 0);
	(void)hs_free_database(db);
	free(bytes);
}

static const struct suite_test tests[] = {
	TEST(what_was_built_in_is_what_would_be_compiled),
	TEST(this_machine_takes_what_was_built_in),
	TEST(what_does_not_fit_is_compiled),
};

SUITE_MAIN("core/redact/rule_database", tests, NULL, NULL)
