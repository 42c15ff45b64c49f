/* The life of a secret by the operator's command, with a real database. */

#include <jansson.h>

#include "tests/harness/files.h"
#include "tests/cli/operator_database.h"

#define VALUE	"first-value-of-a-test"
#define SECOND	"second-value-of-a-test"
#define PLACE	"--scope", "instance", "--name", "life/one"

static void
a_rotation_needs_a_secret_that_is_there(void)
{

	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(66, VALUE, "secret", "rotate", PLACE);
	ASSERT_HAS(op_err, "(secret_not_found)\n");
	assert_sql("SELECT COUNT(*) FROM secret_ref", "0");
	ASSERT_OP(0, VALUE, "secret", "put", PLACE, "--create-only");
	ASSERT_OP(0, SECOND, "secret", "rotate", PLACE);
	ASSERT_HAS(op_out, "Stored instance/life/one, version 2.\n");
}

static void
what_was_seen_is_held_against_what_is_there(void)
{

	ASSERT_OP(75, VALUE, "secret", "rotate", PLACE, "--expect", "1");
	ASSERT_HAS(op_err, "(secret_version_conflict)\n");
	ASSERT_OP(75, VALUE, "secret", "put", PLACE, "--expect", "3");
	ASSERT_OP(73, VALUE, "secret", "put", PLACE, "--create-only");
	ASSERT_HAS(op_err, "(secret_exists)\n");
	ASSERT_OP(64, VALUE, "secret", "put", PLACE, "--expect", "0");
	ASSERT_HAS(op_err, "--expect is 1 to 4294967295");
	ASSERT_OP(64, VALUE, "secret", "put", PLACE, "--expect", "2x");
	ASSERT_OP(64, VALUE, "secret", "put", PLACE, "--expect",
	    "4294967296");
	assert_sql("SELECT key_version FROM secret_ref", "2");
	ASSERT_OP(0, VALUE, "secret", "rotate", PLACE, "--expect", "2");
	assert_sql("SELECT key_version FROM secret_ref", "3");
}

static void
a_request_that_is_repeated_is_done_once(void)
{

	ASSERT_OP(0, SECOND, "secret", "put", PLACE, "--idempotency-key",
	    "deploy-job-4711");
	ASSERT_OP(0, SECOND, "secret", "put", PLACE, "--idempotency-key",
	    "deploy-job-4711");
	ASSERT_HAS(op_out, "version 4.\n");
	assert_sql("SELECT key_version FROM secret_ref", "4");
	ASSERT_OP(65, VALUE, "secret", "put", PLACE, "--idempotency-key",
	    "deploy-job-4711");
	ASSERT_HAS(op_err, "field: idempotency_key");
	ASSERT_HAS(op_err, "(idempotency_key_reused)\n");
}

static void
a_pasted_credential_is_refused_with_field_and_policy(void)
{

	ASSERT_OP(65, VALUE, "secret", "put", "--scope",
	    "gh" "p_" "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi", "--name", "n");
	ASSERT_HAS(op_err, "field: scope, policy: "
	    "operational_secret_plaintext_forbidden");
	ASSERT_HAS_NOT(op_err, "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi");
}

static void
versions_and_expiry_are_shown(void)
{
	json_t * shown, * versions;

	ASSERT_OP(0, NULL, "secret", "show", PLACE);
	ASSERT_HAS(op_out, "versions\n  4  active  root key version 1  made ");
	ASSERT_HAS(op_out, "\n  1  superseded  root key version 1  made ");
	ASSERT_HAS(op_out, "expires       never\n");
	free(mariadb_sql(m, "UPDATE secret_ref SET expires_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL 1 DAY"));
	ASSERT_OP(0, NULL, "secret", "show", PLACE);
	ASSERT_HAS(op_out, ", it has expired\n");
	ASSERT_OP(0, NULL, "secret", "show", PLACE, "--json");
	shown = json_loads(op_out, 0, NULL);
	CU_ASSERT(json_is_true(json_object_get(shown, "expired")));
	versions = json_object_get(shown, "versions");
	CU_ASSERT_EQUAL(json_array_size(versions), 4);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_array_get(
	    versions, 0), "kek_version")), 1);
	CU_ASSERT(json_is_null(json_object_get(json_array_get(versions, 3),
	    "destroyed_at")));
	json_decref(shown);
}

static void
a_revocation_has_to_be_meant(void)
{
	json_t * shown;

	ASSERT_OP(64, "yes\n", "secret", "revoke", PLACE);
	ASSERT_HAS(op_err, "give --yes");
	ASSERT_OP(75, NULL, "secret", "revoke", PLACE, "--yes", "--expect",
	    "3");
	ASSERT_HAS(op_err, "(secret_version_conflict)\n");
	ASSERT_OP(66, NULL, "secret", "revoke", "--scope", "instance",
	    "--name", "nothing", "--yes");
	ASSERT_HAS(op_err, "(secret_not_found)\n");
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_OP(0, NULL, "secret", "revoke", PLACE, "--yes", "--expect",
	    "4", "--json");
	shown = json_loads(op_out, 0, NULL);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(shown,
	    "status")), "revoked");
	json_decref(shown);
	ASSERT_OP(66, NULL, "secret", "revoke", PLACE, "--yes");
	ASSERT_HAS(op_err, "(secret_already_revoked)\n");
	ASSERT_OP(66, VALUE, "secret", "rotate", PLACE);
	ASSERT_HAS(op_err, "(secret_revoked)\n");
	ASSERT_OP(0, NULL, "secret", "show", PLACE);
	ASSERT_HAS(op_out, "\n  4  revoked  root key version 1  made ");
	ASSERT_HAS(op_out, "  destroyed ");
	ASSERT_HAS(op_out, "REVOKE  version 4  outcome=succeeded");
	/* Nothing is left to open, which is no fault. */
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_OP(0, VALUE, "secret", "put", PLACE);
	ASSERT_OP(0, NULL, "secret", "revoke", PLACE, "--yes");
	ASSERT_HAS(op_out, "Revoked instance/life/one, version 5.\n"
	    "No run holds it.\n");
}

#define RUN	"0190a0b0-0000-7000-8000-000000000077"

static void
a_revocation_names_the_runs_that_it_cuts_off(void)
{

	ASSERT_OP(0, VALUE, "secret", "put", PLACE);
	free(mariadb_sql(m, "INSERT INTO project (id, slug, name,"
	    " description, created_at, updated_at) VALUES ('" RUN "',"
	    " 'billing', 'Billing', '', now(), now());"
	    " INSERT INTO run (id, project_id, workflow_name,"
	    " workflow_version, run_trigger, status, created_at, heartbeat_at)"
	    " VALUES ('" RUN "', '" RUN "', 'Nightly check', '1', 'test',"
	    " 'running', now(), now());"
	    " INSERT INTO credential_lease (run_id, secret_id, key_version,"
	    " acquired_at, expires_at) SELECT '" RUN "', id, key_version,"
	    " UTC_TIMESTAMP(6), '2999-01-01' FROM secret_ref"));
	ASSERT_OP(0, NULL, "secret", "revoke", PLACE, "--yes");
	ASSERT_HAS(op_out, "\n  " RUN "  billing  Nightly check  running  "
	    "version 6\n");
	ASSERT_OP(0, VALUE, "secret", "put", PLACE);
	ASSERT_OP(0, NULL, "secret", "revoke", PLACE, "--yes", "--json");
	ASSERT_HAS(op_out, "\"runs\":[{\"id\":\"" RUN "\",\"project\":\"" RUN
	    "\",\"workflow_name\":\"Nightly check\",\"status\":\"running\","
	    "\"key_version\":6}],\"runs_complete\":true}");
	ASSERT_OP(0, VALUE, "secret", "put", PLACE);
	free(mariadb_sql(m, "RENAME TABLE credential_lease TO hidden"));
	ASSERT_OP(0, NULL, "secret", "revoke", PLACE, "--yes");
	ASSERT_HAS(op_out, "could not be read");
	free(mariadb_sql(m, "RENAME TABLE hidden TO credential_lease"));
}

static const struct suite_test tests[] = {
	TEST(a_rotation_needs_a_secret_that_is_there),
	TEST(what_was_seen_is_held_against_what_is_there),
	TEST(a_request_that_is_repeated_is_done_once),
	TEST(a_pasted_credential_is_refused_with_field_and_policy),
	TEST(versions_and_expiry_are_shown),
	TEST(a_revocation_has_to_be_meant),
	TEST(a_revocation_names_the_runs_that_it_cuts_off),
};
SUITE_MAIN("cli/secret_life", tests,
    op_database_start, op_database_stop)
