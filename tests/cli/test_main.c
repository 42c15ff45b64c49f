#include "cli/command.h"
#include "tests/cli/operator.h"

/* What the program says without a database. */

static void
help_names_every_command_option_and_exit_code(void)
{
	size_t i;

	ASSERT_RUNS(0, NULL, "--help");
	CU_ASSERT_STRING_EQUAL(op_err, "");
	for (i = 0; i < CMD__MAX; i++) {
		ASSERT_HAS(op_out, command_row((enum command)i)->name);
		ASSERT_HAS(op_out, command_row((enum command)i)->help);
	}
	for (i = 0; exit_row(i) != NULL; i++)
		ASSERT_HAS(op_out, exit_row(i)->help);
}

static void
help_of_a_command_names_its_options(void)
{

	ASSERT_RUNS(0, NULL, "help", "secret", "put");
	ASSERT_HAS(op_out, "usage: strongroom secret put --scope SCOPE "
	    "--name NAME");
	ASSERT_HAS(op_out, "[--expires TIME]");
	ASSERT_RUNS(0, NULL, "rootkey", "new", "--help");
	ASSERT_HAS(op_out, "usage: strongroom rootkey new [--json] "
	    "[--number N] [--add] FILE");
}

static void
the_version_is_printed(void)
{

	ASSERT_RUNS(0, NULL, "--version");
	CU_ASSERT_STRING_EQUAL(op_out, "strongroom " SR_VERSION "\n");
}

static void
usage_errors_exit_64_and_echo_nothing(void)
{

	ASSERT_RUNS(64, NULL, "secret", "put", "--scope", "instance",
	    "--name", "n", "hunter2-on-the-command-line");
	ASSERT_HAS(op_err, "strongroom: Usage error: ");
	ASSERT_HAS(op_err, "usage: strongroom secret put");
	ASSERT_HAS(op_err, "(usage)\n");
	ASSERT_HAS_NOT(op_err, "hunter2");
	CU_ASSERT_STRING_EQUAL(op_out, "");
	ASSERT_RUNS(64, NULL, "secret", "put", "--hunter2=x");
	ASSERT_HAS_NOT(op_err, "hunter2");
	ASSERT_RUNS(64, NULL, "hunter2");
	ASSERT_HAS_NOT(op_err, "hunter2");
}

static void
a_group_lists_its_commands(void)
{

	ASSERT_RUNS(0, NULL, "owner", "--help");
	ASSERT_HAS(op_out, "  owner create      make the owner's account\n");
	ASSERT_HAS(op_out, "  owner reset       give the owner a new");
	ASSERT_HAS_NOT(op_out, "secret put");
	ASSERT_RUNS(0, NULL, "help", "secret");
	ASSERT_HAS(op_out, "  secret put        ");
	ASSERT_HAS_NOT(op_out, "owner");
	ASSERT_RUNS(64, NULL, "secret");
	CU_ASSERT_STRING_EQUAL(op_out, "");
	ASSERT_HAS(op_err, "it needs one more word:\n  secret put   ");
	ASSERT_RUNS(64, NULL, "secret", "hunter2");
	ASSERT_HAS(op_err, "there is no such command; these there are:\n"
	    "  secret put   ");
	ASSERT_HAS_NOT(op_err, "hunter2");
}

static void
usage_errors_say_what_fits_the_command(void)
{

	ASSERT_RUNS(64, NULL, "doctor", "extra");
	ASSERT_HAS(op_err, "  it takes no argument\n"
	    "  usage: strongroom doctor");
	ASSERT_RUNS(64, NULL, "secret", "put", "--scope", "s", "--name", "n",
	    "extra");
	ASSERT_HAS(op_err, "the value is read from standard input\n");
	ASSERT_RUNS(64, NULL, "doctor", "--nmae");
	ASSERT_HAS(op_err, "  --nmae is not an option\n");
	ASSERT_RUNS(64, NULL, "doctor", "--json=x");
	ASSERT_HAS(op_err, "  --json takes no value\n");
}

/* Words for people; lines of the log are for whoever asks for them. */
static void
errors_come_without_lines_of_the_log_unless_asked_for(void)
{
	char log[512], setting[600];
	const char * const env[] = { setting,
	    "STRONGROOM_DATABASE_SOCKET=/nonexistent/socket", NULL };
	char * text;

	ASSERT_RUNS(74, NULL, "rootkey", "new", "/nonexistent/root.key");
	ASSERT_HAS_NOT(op_err, "\"event\"");
	ASSERT_HAS_NOT(op_err, "{");
	ASSERT_RUNS(74, NULL, "--verbose", "rootkey", "new",
	    "/nonexistent/root.key");
	ASSERT_HAS(op_err, "{");
	ASSERT_HAS(op_err, "\"failure\"");
	(void)snprintf(log, sizeof(log), "%s/log", suite_tmpdir());
	(void)snprintf(setting, sizeof(setting), "STRONGROOM_LOG_FILE=%s",
	    log);
	CU_ASSERT_EQUAL(op_run(ARGS("secret", "list"), NULL, env), 69);
	CU_ASSERT_EQUAL(op_run(ARGS("doctor"), NULL, env), 78);
	ASSERT_HAS_NOT(op_err, "{");
	text = file_read(log, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	ASSERT_HAS(text, "\"database_unavailable\"");
	free(text);
}

static void
configuration_errors_name_the_setting_and_no_value(void)
{
	const char * const env[] = { "STRONGROOM_DATABASE_PORT=hunter2",
		NULL };
	int rc;

	ASSERT_RUNS(78, NULL, "--config", "/nonexistent/conf", "secret",
	    "list");
	ASSERT_HAS(op_err, "/nonexistent/conf cannot be opened");
	ASSERT_HAS(op_err, "(config_invalid)\n");
	rc = op_run(ARGS("secret", "list"), NULL, env);
	CU_ASSERT_EQUAL(rc, 78);
	ASSERT_HAS(op_err, "STRONGROOM_DATABASE_PORT is not a whole number");
	ASSERT_HAS_NOT(op_err, "hunter2");
}

static void
a_root_key_file_is_made_once(void)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/root.key", suite_tmpdir());
	ASSERT_RUNS(0, NULL, "rootkey", "new", "--json", path);
	CU_ASSERT_STRING_EQUAL(op_out, "{\"version\":1}\n");
	ASSERT_RUNS(73, NULL, "rootkey", "new", path);
	ASSERT_HAS(op_err, "(root_key_file_exists)\n");
	ASSERT_RUNS(64, NULL, "rootkey", "new", "--number", "0", path);
	ASSERT_RUNS(74, NULL, "rootkey", "new", "/nonexistent/root.key");
	ASSERT_HAS(op_err, "(output_failed)\n");
}

static void
doctor_reports_what_is_missing_and_exits_with_the_first(void)
{

	ASSERT_RUNS(78, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    config\n");
	ASSERT_HAS(op_out, "ok    core_dumps\n");
	ASSERT_HAS(op_out, "ok    redaction_selftest\n");
	ASSERT_HAS(op_out, "FAIL  root_key: No root key is set "
	    "(root_key_missing)\n");
	ASSERT_HAS(op_out, "`strongroom rootkey new`");
	ASSERT_HAS(op_out, "--    audit_chains: not checked, because this has "
	    "not passed: root_key\n");
	ASSERT_HAS(op_out, "--    schema: not checked, because this has not "
	    "passed: database\n");
	ASSERT_RUNS(78, NULL, "doctor", "--json");
	ASSERT_HAS(op_out, "{\"check\":\"root_key\",\"result\":\"failed\","
	    "\"error_type\":\"root_key_missing\"");
	ASSERT_HAS(op_out, "{\"check\":\"schema\",\"result\":\"skipped\","
	    "\"because\":\"database\"}");
}

static void
a_database_that_is_not_there_is_named(void)
{
	const char * const env[] = {
		"STRONGROOM_DATABASE_SOCKET=/nonexistent/socket", NULL };

	CU_ASSERT_EQUAL(op_run(ARGS("secret", "list"), NULL, env), 69);
	ASSERT_HAS(op_err, "(database_unavailable)\n");
	CU_ASSERT_EQUAL(op_run(ARGS("migrate"), NULL, env), 69);
	ASSERT_RUNS(78, NULL, "secret", "list");
	ASSERT_HAS(op_err, "neither database.socket nor database.host");
}

static int
teardown(void)
{

	op_end();
	return (0);
}

static const struct suite_test tests[] = {
	TEST(help_names_every_command_option_and_exit_code),
	TEST(help_of_a_command_names_its_options),
	TEST(the_version_is_printed),
	TEST(usage_errors_exit_64_and_echo_nothing),
	TEST(a_group_lists_its_commands),
	TEST(usage_errors_say_what_fits_the_command),
	TEST(errors_come_without_lines_of_the_log_unless_asked_for),
	TEST(configuration_errors_name_the_setting_and_no_value),
	TEST(a_root_key_file_is_made_once),
	TEST(doctor_reports_what_is_missing_and_exits_with_the_first),
	TEST(a_database_that_is_not_there_is_named),
};

SUITE_MAIN("cli/main", tests, NULL, teardown)
