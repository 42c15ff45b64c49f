/* strongroom run on a terminal. */

#include <termios.h>

#include "tests/cli/running.h"

#define WAIT	"sleep 0.05"

static void
it_has_a_terminal_of_its_own(void)
{
	struct live l = ON_TERMINAL("sh", "-c", "test -t 0 && test -t 1 && "
	    "test -t 2 && echo all; stty size; tty; echo key $LONG_KEY;"
	    " echo via tty $MEDIUM_KEY >/dev/tty");
	int status = live_end(&l);

	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ASSERT_HAS(l.text, "all\r\n31 97\r\n/dev/pts/");
	ASSERT_HAS(l.text, "key [REDACTED:instance/run/long@1:");
	ASSERT_HAS(l.text, "via tty [REDACTED:instance/run/medium@1:");
	ASSERT_HAS_NOT(l.text, "9vKx2mQ7");
	ASSERT_HAS_NOT(l.text, "Vy7Kq2Lm");
	live_free(&l);
	ASSERT_LAST("completed");
}

static void
prompts_and_echo_are_seen(void)
{
	struct live l = ON_TERMINAL("sh", "-c", "printf 'Go on? [y/N] ';"
	    " read a; printf 'Password: '; read b;"
	    " printf 'user@host:~/work$ '; read c; echo \"$a-$b-$c\"");
	int status;

	live_until(&l, "Go on? [y/N] ");
	live_type(&l, "y");
	live_until(&l, "[y/N] y");
	live_type(&l, "\r");
	live_until(&l, "Password: ");
	live_type(&l, "abc\r");
	live_until(&l, "user@host:~/work$ ");
	live_type(&l, "a-long-word-that-is-typed");
	live_until(&l, "$ a-long-word-that-is-typed");
	live_type(&l, "\r");
	live_until(&l, "y-abc-a-long-word");
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	live_free(&l);
}

static void
keys_are_signals(void)
{
	struct live l = ON_TERMINAL("sh", "-c", "echo ready; sleep 99");
	int status;

	live_until(&l, "ready");
	live_type(&l, "\003");
	status = live_end(&l);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	live_free(&l);
	ASSERT_LAST("cancelled");
	/* One that takes it goes on. */
	l = ON_TERMINAL("sh", "-c", "trap 'echo no' INT; echo ready; read x;"
	    " read x; echo got $x; exit 5");
	live_until(&l, "ready");
	live_type(&l, "\003");
	live_until(&l, "no");
	live_type(&l, "\rword\r");
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	live_free(&l);
}

static void
the_size_follows(void)
{
	struct winsize size = { .ws_row = 50, .ws_col = 132 };
	struct live l = ON_TERMINAL("sh", "-c", "trap 'stty size; exit 0' "
	    "WINCH; stty size; echo ready; while :; do sleep 0.1; done");
	int status;

	live_until(&l, "ready");
	ASSERT_HAS(l.text, "31 97");
	CU_ASSERT_EQUAL(ioctl(l.fd, TIOCSWINSZ, &size), 0);
	live_until(&l, "50 132");
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	live_free(&l);
}

/* Stopped by a key, and continued, under a shell that has job control. */
static void
it_stops_and_goes_on(void)
{
	struct live l = { .text = calloc(1, 1) };
	char * line = text_format("%s --config %s run --project " PROJECT
	    " -- sh -c 'echo ready; read x; echo got $x; exit 6'\r",
	    run_program(), conf);
	const char * prompt = "PS1=; PS2=; echo shell; \r";
	int status;

	l.pid = forkpty(&l.fd, NULL, NULL, NULL);
	CU_ASSERT_FATAL(l.pid >= 0);
	if (l.pid == 0) {
		execlp("bash", "bash", "--norc", "-i", (char *)NULL);
		_exit(99);
	}
	live_type(&l, prompt);
	live_until(&l, "shell\r\n");
	live_type(&l, line);
	live_until(&l, "ready\r\n");
	live_type(&l, "\032");
	live_until(&l, "Stopped");
	live_type(&l, "stty -a | grep -c -- -icanon; echo shown; fg\r");
	live_until(&l, "shown\r\n");
	ASSERT_HAS(l.text, "0\r\nshown");
	live_until(&l, "sh -c 'echo ready; read x; echo got $x; exit 6'\r\n");
	live_type(&l, "word\r");
	live_until(&l, "got word");
	live_type(&l, "echo code $?; exit 0\r");
	live_until(&l, "code 6");
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status));
	live_free(&l);
	free(line);
}

/* As many bytes of ${value} as are seen in a row at its begin. */
static size_t
seen_of(const char * text, const char * value)
{
	char part[128];
	size_t n = strlen(value), longest = 0, i;

	for (i = 1; i <= n; i++) {
		memcpy(part, value, i);
		part[i] = '\0';
		if (strstr(text, part) != NULL)
			longest = i;
	}
	return (longest);
}

static void
a_slow_secret_shows_seven_bytes_at_most(void)
{
	static const char * const names[] = { "LONG_KEY", "MEDIUM_KEY",
	    "SHORT_KEY" };
	static const char * const values[] = { LONG_VALUE, MEDIUM_VALUE,
	    SHORT_VALUE };
	struct live l;
	char * script;
	size_t i;

	for (i = 0; i < COUNTOF(names); i++) {
		script = text_format("printf 'key: '; v=$%s; while [ -n "
		    "\"$v\" ]; do printf %%c \"$v\"; " WAIT "; v=${v#?};"
		    " done; echo ' end'", names[i]);
		l = ON_TERMINAL("sh", "-c", script);
		(void)live_end(&l);
		ASSERT_HAS(l.text, "[REDACTED:instance/run/");
		ASSERT_HAS(l.text, "] end");
		CU_ASSERT(seen_of(l.text, values[i]) <= 7);
		live_free(&l);
		free(script);
		CU_ASSERT_PTR_NOT_NULL(script = run_said("terminal"));
		ASSERT_HAS(script, "key: [REDACTED:");
		CU_ASSERT(seen_of(script, values[i]) <= 1);
		free(script);
	}
}

static void
colours_and_bars_pass(void)
{
	struct live l = ON_TERMINAL("sh", "-c", "printf '\\033[1;32mgreen"
	    "\\033[0m\\n'; for i in 10 50 90; do printf '\\r%3d%% done' $i; "
	    WAIT "; done; printf '\\r100%% done\\n'");
	int status = live_end(&l);

	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ASSERT_HAS(l.text, "\033[1;32mgreen\033[0m\r\n\r 10% done\r 50% done"
	    "\r 90% done\r100% done\r\n");
	live_free(&l);
}

static void
our_terminal_is_as_it_was(void)
{
	struct termios before, after;
	struct live l = ON_TERMINAL("sh", "-c", "echo ready; read x; exit 3");
	int status;

	CU_ASSERT_EQUAL(tcgetattr(l.fd, &before), 0);
	live_until(&l, "ready");
	live_type(&l, "x\r");
	while (live_read(&l, 30000))
		;
	CU_ASSERT_EQUAL(waitpid(l.pid, &status, 0), l.pid);
	CU_ASSERT_EQUAL(WEXITSTATUS(status), 3);
	CU_ASSERT_EQUAL(tcgetattr(l.fd, &after), 0);
	CU_ASSERT_EQUAL(before.c_lflag, after.c_lflag);
	CU_ASSERT_EQUAL(before.c_oflag, after.c_oflag);
	(void)close(l.fd);
	live_free(&l);
}

static void
the_terminal_goes_away(void)
{
	struct live l = ON_TERMINAL("sh", "-c", "echo ready; sleep 99");
	int status;

	live_until(&l, "ready");
	(void)close(l.fd);
	CU_ASSERT_EQUAL(waitpid(l.pid, &status, 0), l.pid);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
	live_free(&l);
	ASSERT_LAST("cancelled");
}

static int
setup(void)
{

	return (op_database_start());
}

static int
teardown(void)
{

	return (op_database_stop());
}

static const struct suite_test tests[] = {
	TEST(a_project_with_bindings),
	TEST(it_has_a_terminal_of_its_own),
	TEST(prompts_and_echo_are_seen),
	TEST(keys_are_signals),
	TEST(the_size_follows),
	TEST(it_stops_and_goes_on),
	TEST(a_slow_secret_shows_seven_bytes_at_most),
	TEST(colours_and_bars_pass),
	TEST(our_terminal_is_as_it_was),
	TEST(the_terminal_goes_away),
};

SUITE_MAIN("cli/run_terminal", tests, setup, teardown)
