#ifndef SR_TESTS_HARNESS_SUITE_H
#define SR_TESTS_HARNESS_SUITE_H

/*
 * A test program is one suite on CUnit: a table of tests and SUITE_MAIN.
 *
 *   static void sorts_by_time(void) { CU_ASSERT_EQUAL(...); }
 *   static const struct suite_test tests[] = {
 *       TEST(sorts_by_time),
 *   };
 *   SUITE_MAIN("core/base/id", tests, NULL, NULL)
 *
 * Names of tests say what is true; tests of a story's acceptance criterion are
 * called st_sec_NNN_acN_…. `PROGRAM --list` prints the names, `PROGRAM NAME…`
 * runs these alone. The last line printed is "N passed, N failed".
 */

#include <CUnit/CUnit.h>

#include "core/base/error.h"

struct suite_test {
	const char * name;
	void (*fn)(void);
};

#define TEST(f)	{ #f, f }

/* ${setup} and ${teardown} (NULL or int (*)(void), 0 is success) run once. */
int suite_main(int argc, char ** argv, const char * name,
    const struct suite_test * tests, size_t n, int (*setup)(void),
    int (*teardown)(void));

#define SUITE_MAIN(name, tests, setup, teardown)			\
	int								\
	main(int argc, char ** argv)					\
	{								\
		return (suite_main(argc, argv, (name), (tests),		\
		    COUNTOF(tests), (setup), (teardown)));		\
	}

/* Assert the reason, not just that something failed. */
#define ASSERT_ERR(call, expected) do {					\
	enum sr_error got_ = (call);					\
	if (got_ != (expected))						\
		suite_note("%s: got %s, expected %s", #call,		\
		    sr_error_name(got_), sr_error_name(expected));	\
	CU_ASSERT_EQUAL(got_, (expected));				\
} while (0)
#define ASSERT_ERR_FATAL(call, expected) do {				\
	enum sr_error got_ = (call);					\
	if (got_ != (expected))						\
		suite_note("%s: got %s, expected %s", #call,		\
		    sr_error_name(got_), sr_error_name(expected));	\
	CU_ASSERT_EQUAL_FATAL(got_, (expected));			\
} while (0)

/** suite_note(format, …): a line of explanation beside a failure. */
void suite_note(const char * format, ...) SR_PRINTF(1, 2);

/**
 * suite_tmpdir():
 * An empty folder under $TMPDIR (else /tmp) of this run alone, made at the
 * first call and removed with all it holds when the program ends.
 */
const char * suite_tmpdir(void);

#endif /* !SR_TESTS_HARNESS_SUITE_H */
