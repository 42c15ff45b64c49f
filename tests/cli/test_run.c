/* strongroom run through pipes: what leaves, and how it ends. */

#include "tests/cli/running.h"
#include "tests/harness/needles.h"

/* Through a pipe what may be the begin of something is held back. */
#define FILL	"and this line is long enough to be sure of the one before"

static struct needles * needles;

static int
setup(void)
{

	needles = needles_new();
	needles_secret(needles, LONG_VALUE, strlen(LONG_VALUE));
	needles_secret(needles, MEDIUM_VALUE, strlen(MEDIUM_VALUE));
	needles_secret(needles, SHORT_VALUE, strlen(SHORT_VALUE));
	needles_secret(needles, PHRASE_VALUE, strlen(PHRASE_VALUE));
	return (op_database_start());
}

static int
teardown(void)
{

	needles_free(&needles);
	return (op_database_stop());
}

static void
assert_clean(const char * text, size_t len)
{
	const char * form = "";
	size_t n = needles_in(needles, text, len, &form);

	if (n != 0)
		suite_note("%zu, the first as %s", n, form);
	CU_ASSERT_EQUAL(n, 0);
}

static void
assert_all_clean(void)
{
	char * dump = mariadb_dump(m);

	assert_clean(op_out, strlen(op_out));
	assert_clean(op_err, strlen(op_err));
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	assert_clean(dump, strlen(dump));
	free(dump);
}

static void
the_environment_is_there_and_masked(void)
{
	char * said;

	ASSERT_RUN(0, NULL, "sh", "-c", "env; set; echo err $LONG_KEY >&2;"
	    " test ${#LONG_KEY} = 34 && test \"$MEDIUM_KEY\" = "
	    "\"$(printf 'Vy7Kq2%sXz4Rt8W' Lm9)\" && echo they are right");
	ASSERT_HAS(op_out, "LONG_KEY=[REDACTED:instance/run/long@1:");
	ASSERT_HAS(op_out, "SHORT_KEY=[REDACTED:instance/run/short@1:");
	ASSERT_HAS(op_out, "PHRASE=[REDACTED:instance/run/phrase@1:");
	ASSERT_HAS(op_out, "they are right\n");
	ASSERT_HAS(op_err, "err [REDACTED:instance/run/long@1:");
	ASSERT_HAS(op_out, "PATH=/");
	ASSERT_LAST("completed");
	said = run_said("stdout");
	ASSERT_HAS(said, "LONG_KEY=[REDACTED:instance/run/long@1:");
	ASSERT_HAS(said, "they are right\n");
	free(said);
	said = run_said("stderr");
	ASSERT_HAS(said, "err [REDACTED:");
	free(said);
	assert_all_clean();
}

static void
other_ways_of_writing_a_value_are_masked(void)
{

	ASSERT_RUN(0, NULL, "sh", "-c", "printf %s \"$LONG_KEY\" | base64;"
	    " printf %s \"$PHRASE\" | base64 -w 20;"
	    " printf %s \"$MEDIUM_KEY\" | od -An -tx1 | tr -d ' \\n'; echo;"
	    " printf %s \"$PHRASE\" | sed 's/ /%20/g'; echo;"
	    " printf 'a%sb%sc' \"$SHORT_KEY\" \"$LONG_KEY\"");
	ASSERT_HAS_NOT(op_out, "three%20blind");
	ASSERT_HAS(op_out, "]b[REDACTED:");
	assert_all_clean();
}

static void
exit_codes_are_the_commands(void)
{
	static const char * const codes[] = { "0", "1", "2", "3", "63", "64",
	    "74", "78", "100", "125", "126", "127", "128", "129", "200",
	    "254", "255" };
	char command[32];
	size_t i;

	for (i = 0; i < COUNTOF(codes); i++) {
		(void)snprintf(command, sizeof(command), "exit %s", codes[i]);
		ASSERT_RUN(atoi(codes[i]), NULL, "sh", "-c", command);
		CU_ASSERT_STRING_EQUAL(op_err, "");
	}
	ASSERT_LAST("failed");
	assert_sql("SELECT payload FROM run_event WHERE type = 'run_failed'"
	    " ORDER BY occurred_at DESC LIMIT 1", "{\"exit_code\":255}");
}

static void
a_signal_that_ends_it_ends_us(void)
{

	ASSERT_RUN(128 + SIGTERM, NULL, "sh", "-c", "kill -TERM $$");
	ASSERT_LAST("cancelled");
	ASSERT_RUN(128 + SIGKILL, NULL, "sh", "-c", "kill -KILL $$");
	ASSERT_LAST("failed");
	ASSERT_RUN(128 + SIGSEGV, NULL, "sh", "-c", "kill -SEGV $$");
	ASSERT_LAST("failed");
	assert_sql("SELECT payload FROM run_event WHERE type = 'run_failed'"
	    " ORDER BY occurred_at DESC LIMIT 1", "{\"signal\":11}");
}

static void
a_signal_to_us_reaches_it(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct live l;
	int status;
	size_t i;

	for (i = 0; i < COUNTOF(signals); i++) {
		l = ON_PIPE("sh", "-c", "trap 'echo caught; exit 7' TERM INT "
		    "HUP; echo ready; echo " FILL "; while :; do sleep 1;"
		    " done");
		live_until(&l, "ready");
		CU_ASSERT_EQUAL(kill(l.pid, signals[i]), 0);
		status = live_end(&l);
		CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 7);
		ASSERT_HAS(l.text, "caught");
		live_free(&l);
		ASSERT_LAST("cancelled");
	}
	l = ON_PIPE("sleep", "100");
	sleep_ms(500);
	CU_ASSERT_EQUAL(kill(l.pid, SIGTERM), 0);
	status = live_end(&l);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	live_free(&l);
	ASSERT_LAST("cancelled");
}

static void
standard_input_passes_through(void)
{

	ASSERT_RUN(0, "one\ntwo\n", "cat");
	CU_ASSERT_STRING_EQUAL(op_out, "one\ntwo\n");
	ASSERT_RUN(0, "", "sh", "-c", "cat; echo end");
	CU_ASSERT_STRING_EQUAL(op_out, "end\n");
}

static void
colours_bars_and_any_bytes_pass(void)
{
	static const char text[] = "\033[1;31mred\033[0m\r 10%\r 50%\r100%\n"
	    "\xff\xfe\033]0;title\007\033[K\xe2\x82\xac\n";

	ASSERT_RUN(0, text, "cat");
	CU_ASSERT_STRING_EQUAL(op_out, text);
}

static void
one_byte_at_a_time_is_masked(void)
{

	ASSERT_RUN(0, NULL, "sh", "-c", "printf 'key: '; v=$LONG_KEY;"
	    " while [ -n \"$v\" ]; do printf %c \"$v\"; v=${v#?}; done;"
	    " echo ' end'");
	ASSERT_HAS(op_out, "key: [REDACTED:instance/run/long@1:");
	ASSERT_HAS(op_out, "] end\n");
	assert_all_clean();
}

static void
a_run_has_a_name_and_a_workflow(void)
{

	ASSERT_OP(0, NULL, "run", "--project", PROJECT_ID, "--run-name",
	    "nightly", "--workflow", "build", "--workflow-version", "2.1",
	    "--", "true");
	assert_sql("SELECT CONCAT_WS(',', name, workflow_name,"
	    " workflow_version, run_trigger, status) FROM run"
	    " ORDER BY created_at DESC LIMIT 1",
	    "nightly,build,2.1,cli,completed");
	assert_sql("SELECT COUNT(*) FROM credential_lease WHERE released_at"
	    " IS NULL", "0");
	assert_sql("SELECT COUNT(*) > 0 FROM audit_event WHERE action ="
	    " 'RESOLVE'", "1");
}

static void
what_cannot_run_says_why(void)
{
	char path[512];

	ASSERT_RUN(127, NULL, "no-such-command-here");
	ASSERT_HAS(op_err, "(command_not_found)");
	ASSERT_RUN(127, NULL, "/no/such/file");
	ASSERT_RUN(126, NULL, "/");
	ASSERT_HAS(op_err, "(command_not_executable)");
	(void)snprintf(path, sizeof(path), "%s/plain", suite_tmpdir());
	CU_ASSERT_EQUAL(file_write(path, 0600, "#!/bin/sh\n"), 0);
	ASSERT_RUN(126, NULL, path);
	(void)snprintf(path, sizeof(path), "%s/lost", suite_tmpdir());
	CU_ASSERT_EQUAL(file_write(path, 0700, "#!/no/such/shell\n"), 0);
	ASSERT_RUN(127, NULL, path);
	ASSERT_LAST("failed");
	assert_sql("SELECT COUNT(*) FROM credential_lease WHERE released_at"
	    " IS NULL", "0");
	ASSERT_OP(66, NULL, "run", "--project", "nowhere", "--", "true");
	ASSERT_HAS(op_err, "(project_not_found)");
}

static void
the_command_stands_after_two_dashes(void)
{

	ASSERT_OP(64, NULL, "run", "--project", PROJECT, "true");
	ASSERT_HAS(op_err, "does not stand after --");
	ASSERT_OP(64, NULL, "run", "--project", PROJECT, "--");
	ASSERT_OP(64, NULL, "run", "--project", PROJECT, "x", "--", "true");
	ASSERT_OP(64, NULL, "run", "--project", PROJECT, "--run-name", "--",
	    "true");
	ASSERT_OP(64, NULL, "run", "--", "true");
	ASSERT_OP(0, NULL, "run", "--project", PROJECT, "--", "echo",
	    "--project", "--", "-x");
	CU_ASSERT_STRING_EQUAL(op_out, "--project -- -x\n");
	ASSERT_OP(0, NULL, "run", "--help");
	ASSERT_HAS(op_out, "-- COMMAND [ARG...]");
}

static void
what_comes_from_us_is_not_the_commands(void)
{

	/* umask, SIGPIPE, signals, core limit, rights, descriptors. */
	ASSERT_RUN(0, NULL, "sh", "-c", "grep -E "
	    "'^(Umask|SigBlk|SigIgn|NoNewPrivs):' /proc/self/status;"
	    " ls /proc/self/fd | wc -l; ulimit -c");
	ASSERT_HAS(op_out, "SigBlk:\t0000000000000000\n");
	ASSERT_HAS(op_out, "SigIgn:\t0000000000000000\n");
	ASSERT_HAS(op_out, "NoNewPrivs:\t0\n");
	ASSERT_HAS_NOT(op_out, "Umask:\t0077");
	ASSERT_HAS(op_out, "\n4\n");
}

static void
ten_megabytes_pass(void)
{
	ASSERT_RUN(0, NULL, "sh", "-c", "head -c 10000000 /dev/zero |"
	    " tr '\\0' x | fold -w 79; echo; echo $LONG_KEY");
	CU_ASSERT(strlen(op_out) > 10000000);
	ASSERT_HAS(op_out, "xx\n[REDACTED:instance/run/long@1:");
	CU_ASSERT_STRING_EQUAL(op_err, "");
	assert_sql("SELECT CONCAT(SUM(LENGTH(JSON_VALUE(payload, '$.chunk'))))"
	    " > 10126000 FROM run_event WHERE stream = 'stdout' AND run_id ="
	    " (SELECT id FROM run ORDER BY created_at DESC LIMIT 1)", "1");
}

static void
a_reader_that_goes_away_ends_it_as_in_a_shell(void)
{

	struct live l = ON_PIPE("yes", "no secret");
	int status;

	live_until(&l, "no secret");
	(void)close(l.fd);
	CU_ASSERT_EQUAL(waitpid(l.pid, &status, 0), l.pid);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
	live_free(&l);
}

static void
a_binding_without_a_value_is_named(void)
{

	run_bind("GONE_KEY", "run/gone", "a value that goes 4711");
	ASSERT_OP(0, NULL, "secret", "revoke", "--scope", "instance",
	    "--name", "run/gone", "--yes");
	ASSERT_RUN(66, NULL, "sh", "-c", "echo started");
	ASSERT_HAS(op_err, "without a value: GONE_KEY");
	ASSERT_HAS(op_err, "(run_value_missing)");
	ASSERT_HAS_NOT(op_out, "started");
	ASSERT_LAST("failed");
	ASSERT_OP(0, NULL, "run", "--project", PROJECT, "--allow-missing",
	    "--", "sh", "-c", "echo ${GONE_KEY-unset} $SHORT_KEY");
	ASSERT_HAS(op_out, "unset [REDACTED:");
	run_sql("DELETE FROM project_secret_binding WHERE env_var_name ="
	    " 'GONE_KEY'");
}

static void
a_project_without_bindings_runs_too(void)
{

	run_sql("INSERT INTO project (id, slug, name, description, created_at,"
	    " updated_at) VALUES (UUID(), 'bare', 'Bare', '',"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	ASSERT_OP(0, NULL, "run", "--project", "bare", "--", "sh", "-c",
	    "echo ${LONG_KEY-unset}; echo " SHORT_VALUE);
	ASSERT_HAS(op_out, "unset\n[REDACTED:");
	assert_all_clean();
}

static const struct suite_test tests[] = {
	TEST(a_project_with_bindings),
	TEST(the_environment_is_there_and_masked),
	TEST(other_ways_of_writing_a_value_are_masked),
	TEST(exit_codes_are_the_commands),
	TEST(a_signal_that_ends_it_ends_us),
	TEST(a_signal_to_us_reaches_it),
	TEST(standard_input_passes_through),
	TEST(colours_bars_and_any_bytes_pass),
	TEST(one_byte_at_a_time_is_masked),
	TEST(a_run_has_a_name_and_a_workflow),
	TEST(what_cannot_run_says_why),
	TEST(the_command_stands_after_two_dashes),
	TEST(what_comes_from_us_is_not_the_commands),
	TEST(ten_megabytes_pass),
	TEST(a_reader_that_goes_away_ends_it_as_in_a_shell),
	TEST(a_binding_without_a_value_is_named),
	TEST(a_project_without_bindings_runs_too),
};

SUITE_MAIN("cli/run", tests, setup, teardown)
