/* A short run of tests/fuzz/fuzz_stream.c, the same each time. */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/one_stream.h"
#include "tests/harness/suite.h"

static void
mutated_inputs_keep_the_properties(void)
{

	CU_ASSERT(mutate_run(one_stream_input, MUTATE_STREAM) > 50);
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

SUITE_MAIN("core/redact/fuzz_stream", tests, NULL, teardown)
