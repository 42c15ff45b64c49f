#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/base/base.h"
#include "tests/harness/suite.h"

/* Run must(false) in a child; its words go to a pipe. */
static void
must_prints_place_and_condition_and_aborts(void)
{
	char text[256];
	int fd[2], status;
	ssize_t n;
	pid_t child;

	CU_ASSERT_EQUAL_FATAL(pipe(fd), 0);
	if ((child = fork()) == 0) {
		(void)dup2(fd[1], STDERR_FILENO);
		must(1 + 1 == 3);
		_exit(0);
	}
	(void)close(fd[1]);
	n = read(fd[0], text, sizeof(text) - 1);
	(void)close(fd[0]);
	CU_ASSERT_FATAL(n > 0);
	text[n] = '\0';
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "test_base.c:"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "1 + 1 == 3\n"));
}

static void
must_does_nothing_when_it_holds(void)
{
	int asked = 0;

	must(++asked == 1);
	CU_ASSERT_EQUAL(asked, 1);
}

static const struct suite_test tests[] = {
	TEST(must_prints_place_and_condition_and_aborts),
	TEST(must_does_nothing_when_it_holds),
};

SUITE_MAIN("core/base/base", tests, NULL, NULL)
