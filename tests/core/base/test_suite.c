#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/suite.h"

/*
 * The harness is the judge of every other test: here it judges planted ones.
 * The program runs itself with SUITE_PLANTED set and reads what it prints.
 */

static void
planted_pass(void)
{

	CU_ASSERT_EQUAL(1, 1);
}

static void
planted_fail(void)
{

	ASSERT_ERR(SR_E_USAGE, SR_OK);
	CU_ASSERT_EQUAL(1, 2);
}

static void
planted_fatal(void)
{

	CU_ASSERT_EQUAL_FATAL(1, 2);
	abort();
}

static void
planted_empty(void)
{
}

static const struct suite_test planted[] = {
	TEST(planted_pass),
	TEST(planted_fail),
	TEST(planted_fatal),
	TEST(planted_empty),
};

static const char * self;
static char printed[8192];

static int
run_planted(const char * arg)
{
	char * argv[] = { strdup("planted"), arg == NULL ? NULL : strdup(arg),
		NULL };
	int fd[2], status = 0;
	size_t len = 0;
	ssize_t n;
	pid_t child;

	if (pipe(fd) != 0)
		return (-1);
	if ((child = fork()) == 0) {
		(void)dup2(fd[1], STDOUT_FILENO);
		(void)dup2(fd[1], STDERR_FILENO);
		(void)setenv("SUITE_PLANTED", "1", 1);
		(void)execv(self, argv);
		_exit(99);
	}
	(void)close(fd[1]);
	while ((n = read(fd[0], &printed[len], sizeof(printed) - 1 - len)) > 0)
		len += (size_t)n;
	printed[len] = '\0';
	(void)close(fd[0]);
	(void)waitpid(child, &status, 0);
	free(argv[0]);
	free(argv[1]);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
failures_are_counted_by_test_and_named(void)
{

	CU_ASSERT_EQUAL(run_planted(NULL), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(printed, "ok planted_pass\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed, "FAIL planted_fail "));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed,
	    "SR_E_USAGE: got usage, expected ok"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed, "FAIL planted_fatal "));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed,
	    "FAIL planted_empty asserts nothing\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed, "\n1 passed, 3 failed\n"));
}

static void
one_test_can_be_run_alone(void)
{

	CU_ASSERT_EQUAL(run_planted("planted_pass"), 0);
	CU_ASSERT_STRING_EQUAL(printed,
	    "ok planted_pass\n1 passed, 0 failed\n");
}

static void
names_are_listed_and_unknown_ones_refused(void)
{

	CU_ASSERT_EQUAL(run_planted("--list"), 0);
	CU_ASSERT_STRING_EQUAL(printed, "planted_pass\nplanted_fail\n"
	    "planted_fatal\nplanted_empty\n");
	CU_ASSERT_EQUAL(run_planted("planted_misspelt"), 2);
}

static const struct suite_test tests[] = {
	TEST(failures_are_counted_by_test_and_named),
	TEST(one_test_can_be_run_alone),
	TEST(names_are_listed_and_unknown_ones_refused),
};

int
main(int argc, char ** argv)
{

	self = argv[0];
	if (getenv("SUITE_PLANTED") != NULL)
		return (suite_main(argc, argv, "planted", planted,
		    COUNTOF(planted), NULL, NULL));
	return (suite_main(argc, argv, "tests/harness/suite", tests,
	    COUNTOF(tests), NULL, NULL));
}
