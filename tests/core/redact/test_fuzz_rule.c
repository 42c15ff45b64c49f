/* A short run of tests/fuzz/fuzz_rule.c, the same each time. */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/one_rule.h"
#include "tests/harness/suite.h"

static void
mutated_inputs_keep_the_properties(void)
{
	unsigned inputs = mutate_run(one_rule_input, MUTATE_RULE);

	CU_ASSERT(inputs > 50);
	CU_ASSERT_EQUAL(one_glued, 0);
}

static int
teardown(void)
{

	one_end();
	return (0);
}

static const struct suite_test tests[] = {
	TEST(mutated_inputs_keep_the_properties),
};

SUITE_MAIN("core/redact/fuzz_rule", tests, NULL, teardown)
