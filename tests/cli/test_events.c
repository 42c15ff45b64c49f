#include <jansson.h>

#include "tests/cli/operator_database.h"

/* A run and its events, put there by SQL; the worker's tests write them. */
#define RUN	"0190a0b0-0000-7000-8000-0000000000aa"
#define PROJECT	"0190a0b0-0000-7000-8000-0000000000bb"

static void
do_sql(const char * sql)
{
	char * printed = mariadb_sql(m, sql);

	CU_ASSERT_PTR_NOT_NULL_FATAL(printed);
	free(printed);
}

static void
an_instance_with_a_run(void)
{

	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, NULL, "migrate");
	do_sql("INSERT INTO project (id, slug, name, description, created_at,"
	    " updated_at) VALUES ('" PROJECT "', 'p', 'P', '', NOW(), NOW());"
	    " INSERT INTO run (id, project_id, workflow_name,"
	    " workflow_version, run_trigger, status, created_at, heartbeat_at,"
	    " last_seq) VALUES ('" RUN "', '" PROJECT "', 'w', '1', 't',"
	    " 'running', NOW(), NOW(), 3);"
	    " INSERT INTO run_event (run_id, seq, post_id, type, step,"
	    " occurred_at, payload, known, rules) VALUES"
	    " ('" RUN "', 1, UUID(), 'run_started', NULL, NOW(), '{}', 0, 0),"
	    " ('" RUN "', 2, UUID(), 'step_started', 'build it', NOW(),"
	    " '{\"a\":\\n \"was no secret 5c01\"}', 0, 0),"
	    " ('" RUN "', 3, UUID(), 'note', NULL, NOW(), '{}', 0, 0)");
}

static void
events_are_printed_in_their_order(void)
{

	ASSERT_OP(0, NULL, "events", "tail", RUN);
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "1\t"));
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "\tstep_started\tbuild it\t"
	    "{\"a\":  \"was no secret 5c01\"}\n3\t"));
	ASSERT_OP(0, NULL, "events", "tail", RUN, "--after", "2");
	CU_ASSERT_PTR_NULL(strstr(op_out, "step_started"));
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "\tnote\t"));
	ASSERT_OP(0, NULL, "events", "tail", RUN, "--after", "3");
	CU_ASSERT_STRING_EQUAL(op_out, "");
}

static void
json_is_an_object_a_line(void)
{
	json_t * j;

	ASSERT_OP(0, NULL, "events", "tail", RUN, "--json", "--after", "1");
	j = json_loads(op_out, JSON_DISABLE_EOF_CHECK, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(j, "seq")), 2);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(
	    json_object_get(j, "payload"), "a")), "was no secret 5c01");
	CU_ASSERT(json_is_null(json_object_get(j, "stream")));
	json_decref(j);
}

static void
what_is_a_secret_by_now_is_masked(void)
{

	ASSERT_OP(0, "was no secret 5c01", "secret", "put", "--scope",
	    "instance", "--name", "a/late");
	ASSERT_OP(0, NULL, "events", "tail", RUN);
	CU_ASSERT_PTR_NULL(strstr(op_out, "was no secret"));
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out,
	    "{\"a\":  \"[REDACTED:instance/a/late@1:"));
}

/* A terminal would take U+009B for the begin of a control sequence. */
static void
no_control_reaches_the_terminal(void)
{

	do_sql("INSERT INTO run_event (run_id, seq, post_id, type,"
	    " occurred_at, payload, known, rules) VALUES ('" RUN "', 4, UUID(),"
	    " 'note', NOW(), CONCAT('{\"c\":\"a', CHAR(49819 USING utf8mb4),"
	    " '31m', CHAR(127), '\"}'), 0, 0)");
	ASSERT_OP(0, NULL, "events", "tail", RUN, "--after", "3");
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out,
	    "{\"c\":\"a\\u009b31m\\u007f\"}\n"));
}

static void
following_ends_with_the_run(void)
{

	do_sql("UPDATE run SET status = 'completed'");
	ASSERT_OP(0, NULL, "events", "tail", RUN, "--follow");
	CU_ASSERT_PTR_NOT_NULL(strstr(op_out, "\tnote\t"));
}

static void
another_run_is_not_found(void)
{

	ASSERT_OP(66, NULL, "events", "tail", PROJECT);
	ASSERT_OP(66, NULL, "events", "tail", "x");
	ASSERT_OP(64, NULL, "events", "tail");
	ASSERT_OP(64, NULL, "events", "tail", RUN, "--after", "x");
}

static const struct suite_test tests[] = {
	TEST(an_instance_with_a_run),
	TEST(events_are_printed_in_their_order),
	TEST(json_is_an_object_a_line),
	TEST(what_is_a_secret_by_now_is_masked),
	TEST(no_control_reaches_the_terminal),
	TEST(following_ends_with_the_run),
	TEST(another_run_is_not_found),
};

SUITE_MAIN("cli/events", tests, op_database_start, op_database_stop)
