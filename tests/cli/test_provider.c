/* provider list, provider check, explain: against a server of ours. */

#include "tests/cli/operator_database.h"
#include "tests/harness/provider.h"

#define GOOD_KEY	"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define ENV_KEY		"sk-" "ant-test-of-the-environment-1"
#define SECRET		"integration", "--name", "providers/anthropic_api_key"

static struct provider_server * server;

static int
setup(void)
{
	char * text, * whole;
	int rc;

	if (op_database_start() != 0)
		return (-1);
	server = provider_server_start(suite_tmpdir(),
	    PROVIDER_CERTIFICATE_GOOD);
	if (server == NULL || (text = file_read(conf, NULL)) == NULL)
		return (-1);
	provider_server_good(server, GOOD_KEY);
	whole = text_format("%s\n[providers]\ntls_ca = %s\nattempts = 1\n"
	    "[provider anthropic]\nbase_url = %s\n"
	    "[provider acme]\nenv = ACME_KEY\nbase_url = %s\n", text,
	    provider_server_ca(server), provider_server_url(server),
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
st_sec_009_ac3_without_a_source_explain_says_so(void)
{

	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(69, NULL, "explain", "ANTHROPIC_API_KEY");
	ASSERT_HAS(op_out, "source     none");
	ASSERT_OP(69, NULL, "explain", "anthropic", "--json");
	ASSERT_HAS(op_out, "\"error_type\":\"anthropic_secret_unavailable\"");
	ASSERT_OP(69, NULL, "provider", "check", "anthropic");
	ASSERT_HAS(op_out, "error: anthropic_secret_unavailable");
	ASSERT_OP(66, NULL, "explain", "NOBODY");
	ASSERT_OP(66, NULL, "provider", "check", "nobody");
	CU_ASSERT_EQUAL(provider_server_requests(server), 0);
}

static void
st_sec_007_ac1_check_prints_the_transition(void)
{

	ASSERT_OP(0, GOOD_KEY, "secret", "put", "--scope", SECRET);
	ASSERT_OP(0, NULL, "provider", "check", "anthropic");
	ASSERT_HAS(op_out, "anthropic: Not set -> Active");
	ASSERT_OP(0, NULL, "provider", "list");
	ASSERT_HAS(op_out, "anthropic\tactive\treference\t20");
	ASSERT_HAS(op_out, "openai\tnot_set\tnone\tnever\tnever\t-\t-");
	ASSERT_HAS(op_out, "acme\tnot_set");
	provider_server_mode(server, PROVIDER_MODE_ECHO);
	ASSERT_OP(65, NULL, "provider", "check", "anthropic");
	ASSERT_HAS(op_out, "Active -> Invalid");
	ASSERT_HAS(op_out, "error: anthropic_credentials_invalid (refused)");
	ASSERT_HAS_NOT(op_out, GOOD_KEY);
	ASSERT_HAS_NOT(op_err, GOOD_KEY);
	provider_server_mode(server, PROVIDER_MODE_500);
	ASSERT_OP(69, NULL, "provider", "check", "anthropic", "--json");
	ASSERT_HAS(op_out, "\"status\":\"invalid\"");
	ASSERT_HAS(op_out,
	    "\"error_type\":\"anthropic_provider_check_failed\"");
	ASSERT_HAS(op_out, "\"failure\":\"server_error\"");
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	assert_sql("SELECT GROUP_CONCAT(outcome ORDER BY occurred_at, id)"
	    " FROM audit_event WHERE action = 'PROVIDER_CHECK'",
	    "failed,succeeded,failed,failed");
}

static void
st_sec_009_ac1_the_environment_wins(void)
{
	static const char * const env[] = { "ANTHROPIC_API_KEY=" ENV_KEY,
	    NULL };
	static const char * const acme[] = { "ACME_KEY=" ENV_KEY, NULL };

	CU_ASSERT_EQUAL(op_run(ARGS("--config", conf, "explain",
	    "ANTHROPIC_API_KEY"), NULL, env), 0);
	ASSERT_HAS(op_out, "variable   ANTHROPIC_API_KEY: present");
	ASSERT_HAS(op_out, "providers/anthropic_api_key: present, version 1");
	ASSERT_HAS(op_out, "source     environment");
	ASSERT_HAS(op_out, "always wins");
	ASSERT_HAS_NOT(op_out, ENV_KEY);
	CU_ASSERT_EQUAL(op_run(ARGS("--config", conf, "provider", "check",
	    "anthropic"), NULL, env), 65);
	CU_ASSERT_EQUAL(op_run(ARGS("--config", conf, "explain", "ACME_KEY",
	    "--json"), NULL, acme), 0);
	ASSERT_HAS(op_out, "\"source\":\"environment\"");
}

static void
a_bad_section_is_one_clear_line(void)
{
	static const char * const env[] = {
	    "STRONGROOM_PROVIDER_OPENAI_BASE_URL=http://openai.example", NULL };

	CU_ASSERT_EQUAL(op_run(ARGS("--config", conf, "provider", "list"),
	    NULL, env), 78);
	ASSERT_HAS(op_err, "[provider openai] base_url");
}

static const struct suite_test tests[] = {
	TEST(st_sec_009_ac3_without_a_source_explain_says_so),
	TEST(st_sec_007_ac1_check_prints_the_transition),
	TEST(st_sec_009_ac1_the_environment_wins),
	TEST(a_bad_section_is_one_clear_line),
};

SUITE_MAIN("cli/provider", tests, setup, teardown)
