#include <sys/wait.h>

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/input_secret.h"
#include "core/base/secbuf.h"
#include "tests/harness/suite.h"

/* On a terminal of its own a child is asked; what it showed is in ${shown}. */
static char shown[4096];
static struct termios left;	/* The terminal as the child left it. */

#define CHILD_OK	40	/* Else the error's exit code. */

static void
be_asked(enum input_ask ask, const char * expected)
{
	struct secbuf * value = NULL, * same = NULL;
	struct cli cli = { .log_fd = -1 };
	enum sr_error err;

	if (compose_new(NULL, REDACT_UI, 100, &cli.note) != SR_OK)
		_exit(1);
	err = input_secret(&cli, ask, 40, &value);
	if (tcgetattr(STDIN_FILENO, &left) != 0 || !(left.c_lflag & ECHO))
		_exit(2);
	if (err != SR_OK)
		_exit(sr_error_row(err)->exit_code);
	if (secbuf_copy(expected, strlen(expected), &same) != SR_OK)
		_exit(3);
	_exit(secbuf_equal(value, same) ? CHILD_OK : 4);
}

/* Type each line when the terminal has gone quiet. */
static void
type(int fd, const char * const * lines)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n;
	int ready;

	while ((ready = poll(&p, 1, *lines == NULL ? 5000 : 200)) >= 0) {
		if (ready == 0 && *lines == NULL)
			break;
		if (ready == 0) {
			if (write(fd, *lines, strlen(*lines)) < 0)
				break;
			lines++;
			continue;
		}
		n = read(fd, &shown[len], sizeof(shown) - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	shown[len] = '\0';
}

static int
ask(enum input_ask how, const char * expected, const char * const * lines)
{
	int fd, status = 0;
	pid_t child = forkpty(&fd, NULL, NULL, NULL);

	if (child == 0)
		be_asked(how, expected);
	CU_ASSERT_FATAL(child > 0);
	type(fd, lines);
	(void)close(fd);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	return (WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status));
}

#define LINES(...)	((const char * const[]){ __VA_ARGS__, NULL })

static void
what_is_typed_is_not_shown(void)
{

	CU_ASSERT_EQUAL(ask(ASK_ONCE, "typed value", LINES("typed value\n")),
	    CHILD_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "not shown"));
	CU_ASSERT_PTR_NULL(strstr(shown, "typed"));
}

static void
a_password_is_asked_for_twice(void)
{

	CU_ASSERT_EQUAL(ask(ASK_TWICE, "a password",
	    LINES("a password\n", "a password\n")), CHILD_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "Again: "));
	CU_ASSERT_PTR_NULL(strstr(shown, "password"));
	CU_ASSERT_EQUAL(ask(ASK_TWICE, "a password",
	    LINES("a password\n", "another one\n")),
	    sr_error_row(SR_E_PASSWORD_MISMATCH)->exit_code);
}

static void
a_line_above_the_limit_is_refused(void)
{

	CU_ASSERT_EQUAL(ask(ASK_ONCE, "",
	    LINES("0123456789012345678901234567890123456789 and more\n")),
	    sr_error_row(SR_E_LIMIT_EXCEEDED)->exit_code);
}

static void
an_interrupt_ends_the_program_as_it_would_anywhere(void)
{

	CU_ASSERT_EQUAL(ask(ASK_ONCE, "", LINES("half", "\x03")),
	    128 + SIGINT);
	CU_ASSERT_PTR_NULL(strstr(shown, "half"));
}

static const struct suite_test tests[] = {
	TEST(what_is_typed_is_not_shown),
	TEST(a_password_is_asked_for_twice),
	TEST(a_line_above_the_limit_is_refused),
	TEST(an_interrupt_ends_the_program_as_it_would_anywhere),
};

SUITE_MAIN("cli/input_secret", tests, NULL, NULL)
