/* A short run of tests/fuzz/fuzz_json.c, the same each time. */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/one_json.h"
#include "tests/harness/suite.h"

static void
mutated_inputs_keep_the_properties(void)
{

	CU_ASSERT(mutate_run(one_json_input, MUTATE_JSON) > 50);
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

SUITE_MAIN("core/redact/fuzz_json", tests, NULL, teardown)
