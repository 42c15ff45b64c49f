/* strongroom run when something goes away. */

#include "tests/cli/running.h"

#define FILL	"and this line is long enough to be sure of the one before"

/* The only child of a process, or 0. */
static pid_t
child_of(pid_t pid)
{
	char * path = text_format("/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	char * text = file_read(path, NULL);
	pid_t child = text == NULL ? 0 : (pid_t)atoi(text);

	free(path);
	free(text);
	return (child);
}

/* Of others, so it is polled for: at most ${ms}. */
static bool
gone(pid_t pid, unsigned ms)
{
	char path[64], * text;
	bool left;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (;; ms -= 20) {
		text = file_read(path, NULL);
		left = text == NULL || strstr(text, ") Z ") != NULL;
		free(text);
		if (left || ms < 20)
			return (left);
		sleep_ms(20);
	}
}

static void
killed_it_takes_the_command_with_it(void)
{
	struct live l = ON_PIPE("sh", "-c", "echo ready; echo " FILL ";"
	    " exec sleep 99");
	pid_t monitor, command;
	int status;

	live_until(&l, "ready");
	monitor = child_of(l.pid);
	CU_ASSERT_FATAL(monitor > 0);
	command = child_of(monitor);
	CU_ASSERT_FATAL(command > 0);
	CU_ASSERT_EQUAL(kill(l.pid, SIGKILL), 0);
	status = live_end(&l);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CU_ASSERT(gone(monitor, 5000));
	CU_ASSERT(gone(command, 5000));
	live_free(&l);
	/* Its leases end when their time is over; a job sees to the run. */
	ASSERT_LAST("running");
	assert_sql("SELECT COUNT(*) FROM credential_lease WHERE released_at"
	    " IS NULL AND expires_at < UTC_TIMESTAMP(6) + INTERVAL 16 MINUTE",
	    "4");
	run_sql("UPDATE credential_lease SET released_at = UTC_TIMESTAMP(6)");
	run_sql("UPDATE run SET status = 'failed'");
}

static void
a_restart_of_the_database_loses_nothing(void)
{
	struct live l = ON_PIPE("sh", "-c", "echo ready; echo " FILL ";"
	    " while ! test -e $0/go; do sleep 0.1; echo line $LONG_KEY;"
	    " done; echo last; exit 4", suite_tmpdir());
	char * path = text_format("%s/go", suite_tmpdir()), * said;
	int status;
	size_t i;

	live_until(&l, "line [REDACTED:");
	mariadb_kill9(m);
	/* It goes on, and is still seen, and masked. */
	for (i = l.len; l.len < i + 400; )
		CU_ASSERT_FATAL(live_read(&l, 20000));
	CU_ASSERT_EQUAL(mariadb_restart(m), 0);
	CU_ASSERT_EQUAL(file_write(path, 0600, ""), 0);
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	ASSERT_HAS_NOT(l.text, "9vKx2mQ7");
	ASSERT_HAS(l.text, "]\nlast\n");
	ASSERT_LAST("failed");
	said = run_said("stdout");
	CU_ASSERT_STRING_EQUAL(said, l.text);
	ASSERT_HAS_NOT(said, "9vKx2mQ7");
	free(said);
	live_free(&l);
	(void)unlink(path);
	free(path);
}

/* With no patience at all: nobody vouches, nothing is seen. */
static void
what_nobody_vouches_for_is_withheld(void)
{
	char * go = text_format("%s/go", suite_tmpdir());
	char * settings = file_read(conf, NULL), * less, * said;
	struct live l;
	int status;

	less = text_format("%s\n[run]\npatience_seconds = 0\n", settings);
	CU_ASSERT_EQUAL(file_write(conf, 0600, less), 0);
	l = ON_PIPE("sh", "-c", "echo ready; echo " FILL "; while ! test -e "
	    "$0/go; do sleep 0.1; echo line $LONG_KEY; done;"
	    " while ! test -e $0/end; do sleep 0.1; echo more $LONG_KEY; done",
	    suite_tmpdir());
	live_until(&l, "line [REDACTED:");
	mariadb_kill9(m);
	live_until(&l, "strongroom: output is withheld");
	CU_ASSERT_EQUAL(file_write(go, 0600, ""), 0);
	CU_ASSERT_EQUAL(mariadb_restart(m), 0);
	live_until(&l, "bytes of output were withheld before this");
	live_until(&l, "more [REDACTED:");
	free(go);
	go = text_format("%s/end", suite_tmpdir());
	CU_ASSERT_EQUAL(file_write(go, 0600, ""), 0);
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ASSERT_HAS_NOT(l.text, "9vKx2mQ7");
	ASSERT_HAS(l.text, "bytes of output are missing in the run's events");
	said = run_said("stdout");
	ASSERT_HAS(said, "bytes of the output are missing here]\n");
	ASSERT_HAS_NOT(said, "9vKx2mQ7");
	free(said);
	live_free(&l);
	ASSERT_LAST("completed");
	CU_ASSERT_EQUAL(file_write(conf, 0600, settings), 0);
	free(go);
	free(less);
	free(settings);
}

static bool
there(const char * path, unsigned ms)
{

	for (; access(path, F_OK) != 0; ms -= 20) {
		if (ms < 20)
			return (false);
		sleep_ms(20);
	}
	return (true);
}

/*
 * It hangs, and its backlog is full: the command is not kept waiting, what it
 * writes is seen and masked, and what is not recorded is told.
 */
static void
a_database_that_hangs_does_not_stop_the_command(void)
{
	struct live l = ON_PIPE("sh", "-c", "echo ready; echo " FILL "; while"
	    " ! test -e $0/flood; do sleep 0.1; done; yes " FILL " | head -c"
	    " 6000000; echo; echo $LONG_KEY; echo " FILL "; touch $0/flooded;"
	    " while ! test -e $0/dry; do sleep 0.1; done; echo dry; exit 5",
	    suite_tmpdir());
	char * flood = text_format("%s/flood", suite_tmpdir());
	char * flooded = text_format("%s/flooded", suite_tmpdir());
	char * dry = text_format("%s/dry", suite_tmpdir());
	int64_t began;
	int status;

	live_until(&l, "ready");
	mariadb_pause(m);
	CU_ASSERT_EQUAL(file_write(flood, 0600, ""), 0);
	began = clock_monotonic_ms();
	while (access(flooded, F_OK) != 0 && live_read(&l, 20000))
		continue;
	CU_ASSERT(there(flooded, 20000));
	suite_note("6 MB were written %lld ms after the database hung",
	    (long long)(clock_monotonic_ms() - began));
	live_until(&l, "events of the run cannot be stored now: output is "
	    "shown");
	mariadb_continue(m);
	CU_ASSERT_EQUAL(file_write(dry, 0600, ""), 0);
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	CU_ASSERT(l.len > 6000000);
	ASSERT_HAS(l.text, "[REDACTED:");
	ASSERT_HAS_NOT(l.text, "9vKx2mQ7");
	ASSERT_HAS(l.text, "bytes of output are missing in the run's events");
	assert_sql("SELECT SUM(payload LIKE '%9vKx2mQ7%'), SUM(payload LIKE"
	    " '%bytes of the output are missing here]%') > 0 FROM run_event"
	    " WHERE run_id = (SELECT id FROM run ORDER BY created_at DESC, id"
	    " DESC LIMIT 1)", "0\t1");
	live_free(&l);
	ASSERT_LAST("failed");
	free(flood);
	free(flooded);
	free(dry);
}

/* As many events as it may have: the command goes on, is seen, and is told. */
static void
a_full_run_is_told_once(void)
{
	char * settings = file_read(conf, NULL), * less, * said;
	struct live l;
	const char * first;
	int status;

	less = text_format("%s\n[run]\nevents = 3\n", settings);
	CU_ASSERT_EQUAL(file_write(conf, 0600, less), 0);
	l = ON_PIPE("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo line $i;"
	    " echo " FILL " $LONG_KEY; echo err $i >&2; sleep 0.3; done;"
	    " exit 6");
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 6);
	ASSERT_HAS(l.text, "line 9");
	ASSERT_HAS_NOT(l.text, "9vKx2mQ7");
	first = strstr(l.text, "the run has all the events it may have");
	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	ASSERT_HAS_NOT(&first[1], "the run has all the events it may have");
	ASSERT_HAS(l.text, "bytes of output are missing in the run's events");
	said = run_said("stdout");
	ASSERT_HAS(said, "line 1");
	ASSERT_HAS_NOT(said, "line 9");
	free(said);
	assert_sql("SELECT COUNT(*) FROM run_event WHERE type ="
	    " 'limit_reached' AND payload = '{\"limit\":\"events\"}'", "1");
	ASSERT_LAST("failed");
	live_free(&l);
	CU_ASSERT_EQUAL(file_write(conf, 0600, settings), 0);
	free(less);
	free(settings);
}

static void
a_run_that_others_end_is_told(void)
{
	struct live l = ON_PIPE("sh", "-c", "echo ready; echo " FILL ";"
	    " while ! test -e $0/over; do sleep 0.1; echo " FILL "; done;"
	    " exit 3", suite_tmpdir());
	char * path = text_format("%s/over", suite_tmpdir());
	int status;

	live_until(&l, "ready");
	run_sql("UPDATE run SET status = 'cancelled' WHERE status ="
	    " 'running'");
	live_until(&l, "the run was ended elsewhere");
	CU_ASSERT_EQUAL(file_write(path, 0600, ""), 0);
	status = live_end(&l);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	live_free(&l);
	ASSERT_LAST("cancelled");
	free(path);
}

/* Stored meanwhile, by somebody else: masked in what is written then. */
static void
what_is_stored_meanwhile_is_masked(void)
{
	struct live l = ON_PIPE("sh", "-c", "echo ready; echo " FILL ";"
	    " while ! test -e $0/late; do sleep 0.1; done; sleep 2;"
	    " echo late-secret-value-77aQ and more", suite_tmpdir());
	char * path = text_format("%s/late", suite_tmpdir()), * said;

	live_until(&l, "ready");
	ASSERT_OP(0, "late-secret-value-77aQ", "secret", "put", "--scope",
	    "instance", "--name", "run/late");
	CU_ASSERT_EQUAL(file_write(path, 0600, ""), 0);
	(void)live_end(&l);
	ASSERT_HAS(l.text, "[REDACTED:instance/run/late@1:");
	ASSERT_HAS_NOT(l.text, "late-secret");
	said = run_said("stdout");
	ASSERT_HAS(said, "[REDACTED:secret:");
	free(said);
	live_free(&l);
	free(path);
}

static void
without_a_database_it_does_not_start(void)
{

	mariadb_kill9(m);
	ASSERT_RUN(69, NULL, "echo", "started");
	ASSERT_HAS_NOT(op_out, "started");
	CU_ASSERT_EQUAL(mariadb_restart(m), 0);
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
	TEST(killed_it_takes_the_command_with_it),
	TEST(a_restart_of_the_database_loses_nothing),
	TEST(what_nobody_vouches_for_is_withheld),
	TEST(a_database_that_hangs_does_not_stop_the_command),
	TEST(a_full_run_is_told_once),
	TEST(a_run_that_others_end_is_told),
	TEST(what_is_stored_meanwhile_is_masked),
	TEST(without_a_database_it_does_not_start),
};

SUITE_MAIN("cli/run_faults", tests, setup, teardown)
