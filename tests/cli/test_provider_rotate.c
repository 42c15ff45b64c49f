/* provider rotate: against a server of ours, and killed at any moment. */

#include <signal.h>
#include <unistd.h>

#include "core/vault/rotation.h"
#include "tests/cli/operator_database.h"
#include "tests/harness/provider.h"

#define KEY_ONE		"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define KEY_TWO		"sk-" "ant-test-Yt3Hd8Wq1ZxC6vBn0Lm4"
#define KEY_BAD		"sk-" "ant-test-not-this-one-1234567"
#define SECRET		"integration", "--name", "providers/anthropic_api_key"

/* More of them with STRONGROOM_TEST_ROUNDS. */
#define ROUNDS		40

static struct provider_server * server;

/* As the admin, for its effect. */
static void
op_sql(const char * sql)
{
	char * printed = mariadb_sql(m, sql);

	CU_ASSERT_PTR_NOT_NULL(printed);
	free(printed);
}

static int
setup(void)
{
	char * text, * whole;
	int rc;

	if (op_database_start() != 0)
		return (-1);
	server = provider_server_start(suite_tmpdir(), PROVIDER_PLAIN_HTTP);
	if (server == NULL || (text = file_read(conf, NULL)) == NULL)
		return (-1);
	provider_server_good(server, KEY_ONE);
	provider_server_good(server, KEY_TWO);
	whole = text_format("%s\n[providers]\nattempts = 1\n"
	    "timeout_seconds = 5\n[rotation]\nattempts = 2\n"
	    "pause_seconds = 0\n[provider anthropic]\nbase_url = %s\n", text,
	    provider_server_url(server));
	rc = file_write(conf, 0600, whole);
	free(text);
	free(whole);
	return (rc);
}

static int
teardown(void)
{

	provider_server_stop(&server);
	return (op_database_stop());
}

static void
st_sec_008_ac1_the_report_shows_before_and_after(void)
{

	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(66, KEY_TWO, "provider", "rotate", "anthropic");
	ASSERT_OP(0, KEY_ONE, "secret", "put", "--scope", SECRET);
	ASSERT_OP(0, KEY_TWO, "provider", "rotate", "anthropic");
	ASSERT_HAS(op_out, "before       passed\n");
	ASSERT_HAS(op_out, "after        passed\n");
	ASSERT_HAS(op_out, "rolled back  no\n");
	ASSERT_HAS(op_out, "alarm        no\n");
	ASSERT_HAS(op_out, "version      1 -> 2\n");
	assert_sql("SELECT status FROM provider_credential", "active");
}

static void
st_sec_008_ac3_a_refused_key_is_rolled_back(void)
{

	ASSERT_OP(65, KEY_BAD, "provider", "rotate", "anthropic", "--json");
	ASSERT_HAS(op_out, "\"after\":\"refused\"");
	ASSERT_HAS(op_out, "\"rolled_back\":true");
	ASSERT_HAS(op_out, "\"continuity_alarm\":false");
	ASSERT_HAS(op_err, "provider_rotation_validation_failed");
	ASSERT_HAS_NOT(op_out, KEY_BAD);
	ASSERT_HAS_NOT(op_err, KEY_BAD);
	assert_sql("SELECT key_version FROM secret_ref", "2");
}

static void
a_refused_current_key_asks_to_confirm(void)
{

	provider_server_bad(server, KEY_TWO);
	ASSERT_OP(65, KEY_ONE, "provider", "rotate", "anthropic");
	ASSERT_HAS(op_err, "provider_rotation_precheck_failed");
	ASSERT_OP(0, KEY_ONE, "provider", "rotate", "anthropic", "--confirm");
	ASSERT_HAS(op_out, "before       refused (refused)\n");
	provider_server_good(server, KEY_TWO);
	assert_sql("SELECT key_version FROM secret_ref", "4");
}

static void
an_open_rotation_is_a_conflict(void)
{

	op_sql("INSERT INTO rotation (id, provider, secret_id,"
	    " from_version, to_version, state, attempts, rolled_back,"
	    " continuity_alarm, actor_kind, actor_label, started_at, next_at,"
	    " deadline, open_mark) SELECT UUID(), 'anthropic', id, 4, 5,"
	    " 'switched', 0, 0, 0, 'account', 'x', now(), '2999-01-01',"
	    " '2999-01-01', 1 FROM secret_ref");
	ASSERT_OP(75, KEY_TWO, "provider", "rotate", "anthropic");
	ASSERT_HAS(op_err, "provider_rotation_in_progress");
	op_sql("DELETE FROM rotation WHERE next_at = '2999-01-01'");
}

static void
a_stuck_one_can_be_cancelled(void)
{

	ASSERT_OP(65, NULL, "provider", "cancel", "anthropic");
	ASSERT_HAS(op_err, "provider_rotation_not_open");
	ASSERT_OP(66, NULL, "provider", "cancel", "nobody");
	op_sql("INSERT INTO rotation (id, provider, secret_id,"
	    " from_version, to_version, state, attempts, rolled_back,"
	    " continuity_alarm, actor_kind, actor_label, started_at, next_at,"
	    " deadline, open_mark) SELECT UUID(), 'anthropic', id, 4, 0,"
	    " 'prechecked', 0, 0, 0, 'account', 'x', now(), '2020-01-01',"
	    " '2020-01-01', 1 FROM secret_ref");
	ASSERT_OP(0, NULL, "provider", "cancel", "anthropic", "--json");
	ASSERT_HAS(op_out, "\"state\":\"cancelled\"");
	assert_sql("SELECT COUNT(*) FROM audit_event WHERE action ="
	    " 'ROTATION_CANCEL' AND outcome = 'succeeded' AND actor_kind ="
	    " 'operator'", "1");
	op_sql("DELETE FROM rotation WHERE next_at = '2020-01-01'");
	/* It is an end without a beginning, for the counts below. */
	op_sql("DELETE FROM audit_pending; DELETE FROM audit_event WHERE"
	    " action = 'ROTATION_CANCEL'");
}

/* Start it, kill it so long after; whether it was done by then. */
static bool
killed_after(const char * new_key, unsigned ms)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	struct process_options options = { .input = new_key };
	char program[512];
	const char * argv[] = { program, "--config", conf, "provider",
	    "rotate", "anthropic", NULL };
	pid_t pid;
	bool ended;

	(void)snprintf(program, sizeof(program), "%s/strongroom",
	    build == NULL ? "build" : build);
	pid = process_start(argv, &options);
	CU_ASSERT_FATAL(pid > 0);
	sleep_ms(ms);
	ended = !process_alive(pid);
	(void)process_stop(&pid, SIGKILL, 10);
	return (ended);
}

/* What is open is another worker's now; it is the command's next run here. */
static bool
go_on(void)
{
	char * open_ones = mariadb_sql(m, "SELECT state FROM rotation"
	    " WHERE open_mark = 1");
	bool was = open_ones != NULL && open_ones[0] != '\0';
	unsigned i;

	free(open_ones);
	for (i = 0; was && i < 10; i++) {
		op_sql("UPDATE rotation SET next_at = '2020-01-01'"
		    " WHERE open_mark = 1");
		ASSERT_OP(0, NULL, "provider", "resume");
	}
	return (was);
}

static void
check_state(void)
{
	assert_sql("SELECT COUNT(*) FROM rotation WHERE open_mark = 1", "0");
	assert_sql("SELECT COUNT(*) FROM secret_version WHERE state ="
	    " 'active'", "1");
	assert_sql("SELECT COUNT(*) FROM secret_ref r JOIN secret_version v"
	    " ON v.secret_id = r.id AND v.key_version = r.key_version"
	    " WHERE v.state <> 'active' OR v.wrapped_dek IS NULL", "0");
	assert_sql("SELECT status FROM provider_credential", "active");
	assert_sql("SELECT (SELECT COUNT(*) FROM audit_event WHERE action ="
	    " 'ROTATION_BEGIN' AND outcome = 'succeeded') = (SELECT COUNT(*)"
	    " FROM rotation) AND (SELECT COUNT(*) FROM audit_event WHERE"
	    " action IN ('ROTATION_DONE', 'ROTATION_ROLLED_BACK',"
	    " 'ROTATION_CANCEL')) = (SELECT COUNT(*) FROM rotation)", "1");
	assert_sql("SELECT COUNT(*) FROM rotation o LEFT JOIN secret_version v"
	    " ON v.secret_id = o.secret_id AND v.key_version = o.to_version"
	    " WHERE (o.state = 'rolled_back' AND v.state <> 'rolled_back')"
	    " OR (o.state = 'done' AND v.state NOT IN ('active',"
	    " 'superseded'))", "0");
}

static unsigned
rounds(void)
{
	const char * text = getenv("STRONGROOM_TEST_ROUNDS");

	return (text == NULL ? ROUNDS : (unsigned)strtoul(text, NULL, 10));
}

static void
st_sec_008_ac3_killed_at_any_moment_it_ends_in_a_good_state(void)
{
	static const char * const keys[] = { KEY_TWO, KEY_BAD, KEY_ONE };
	unsigned i, whole = 0, resumed = 0, n = rounds(), length;
	int64_t begun = clock_monotonic_ms();

	/* How long one takes that nobody kills. */
	ASSERT_OP(0, KEY_TWO, "provider", "rotate", "anthropic");
	length = (unsigned)(clock_monotonic_ms() - begun);
	for (i = 0; i < n; i++) {
		whole += killed_after(keys[i % COUNTOF(keys)], length / 4 +
		    (unsigned)random() % length);
		resumed += go_on();
		check_state();
	}
	ASSERT_OP(0, NULL, "provider", "check", "anthropic");
	suite_note("%u rounds: %u had ended before they were killed, %u were"
	    " gone on with; always one active version, every rotation"
	    " audited from its beginning to its end", n, whole, resumed);
}

static const struct suite_test tests[] = {
	TEST(st_sec_008_ac1_the_report_shows_before_and_after),
	TEST(st_sec_008_ac3_a_refused_key_is_rolled_back),
	TEST(a_refused_current_key_asks_to_confirm),
	TEST(an_open_rotation_is_a_conflict),
	TEST(a_stuck_one_can_be_cancelled),
	TEST(st_sec_008_ac3_killed_at_any_moment_it_ends_in_a_good_state),
};

SUITE_MAIN("cli/provider_rotate", tests, setup, teardown)
