/* Accounts by the operator's command, against a private MariaDB. */

#include <jansson.h>

#include "tests/cli/operator_database.h"

#define OWNER	"owner@example.org"
#define OTHER	"other@example.org"
#define WORDS	"a sentence of several words"

static void
an_owner_alone_is_listed(void)
{

	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, WORDS, "owner", "create", "--email", OWNER);
	ASSERT_OP(0, NULL, "account", "list");
	ASSERT_HAS(op_out, "EMAIL\tROLE\tSTATUS\tFACTOR\tCREATED\tID\n");
	ASSERT_HAS(op_out, OWNER "\towner\tactive\tno\t");
}

static void
an_invitation_is_printed_once_and_listed(void)
{
	json_t * j;

	ASSERT_OP(0, NULL, "account", "invite", "--email", OTHER, "--role",
	    "auditor");
	ASSERT_HAS(op_out, "https://secrets.example.org/invitation?token=");
	ASSERT_OP(0, NULL, "account", "invite", "--email", OTHER, "--role",
	    "operator", "--json");
	j = json_loads(op_out, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	CU_ASSERT_EQUAL(strlen(json_string_value(json_object_get(j, "url"))),
	    strlen("https://secrets.example.org/invitation?token=") + 43);
	json_decref(j);
	ASSERT_OP(0, NULL, "account", "list", "--json");
	j = json_loads(op_out, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	CU_ASSERT_EQUAL(json_array_size(j), 2);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(
	    json_array_get(j, 1), "status")), "invited");
	json_decref(j);
	ASSERT_OP(0, NULL, "account", "list");
	ASSERT_HAS(op_out, OTHER "\toperator\tinvited\t");
	assert_sql("SELECT COUNT(*) FROM audit_event WHERE action ="
	    " 'ACCOUNT_INVITE' AND actor_kind = 'operator'", "2");
}

static void
what_is_wrong_has_its_exit_code(void)
{

	ASSERT_OP(65, NULL, "account", "invite", "--email", "nobody",
	    "--role", "auditor");
	ASSERT_HAS(op_err, "(email_invalid)");
	ASSERT_OP(65, NULL, "account", "invite", "--email", "c@example.org",
	    "--role", "emperor");
	ASSERT_HAS(op_err, "(account_role_invalid)");
	ASSERT_OP(73, NULL, "account", "invite", "--email", OWNER, "--role",
	    "owner");
	ASSERT_HAS(op_err, "(account_exists)");
	ASSERT_OP(66, NULL, "account", "disable", "--email", OTHER);
	ASSERT_HAS(op_err, "(account_not_found)");
	ASSERT_OP(77, NULL, "account", "role", "--email", OWNER, "--role",
	    "auditor");
	ASSERT_HAS(op_err, "(account_last_owner)");
	ASSERT_OP(77, NULL, "account", "disable", "--email", OWNER);
	ASSERT_OP(77, NULL, "account", "remove", "--email", OWNER, "--yes");
	ASSERT_OP(66, NULL, "account", "reset-2fa", "--email", OWNER);
	ASSERT_HAS(op_err, "(second_factor_missing)");
	ASSERT_OP(64, NULL, "account", "remove", "--email", OWNER);
	ASSERT_OP(64, NULL, "account", "invite", "--email", OTHER);
	assert_sql("SELECT role FROM account", "owner");
}

static void
an_account_is_changed_and_removed(void)
{
	json_t * j;

	free(mariadb_sql(m, "INSERT INTO account (id, email, password_hash,"
	    " role, created_at, updated_at) SELECT UUID(), '" OTHER "',"
	    " password_hash, 'operator', NOW(6), NOW(6) FROM account"));
	free(mariadb_sql(m, "INSERT INTO account_factor SELECT id,"
	    " REPEAT('s', 32), NOW(6), NOW(6), 0 FROM account WHERE email = '"
	    OTHER "'"));
	ASSERT_OP(0, NULL, "account", "role", "--email", "Other@Example.org",
	    "--role", "auditor");
	ASSERT_HAS(op_out, OTHER " has the role now.\n");
	ASSERT_OP(0, NULL, "account", "disable", "--email", OTHER, "--json");
	j = json_loads(op_out, 0, NULL);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j,
	    "status")), "disabled");
	CU_ASSERT_TRUE(json_is_true(json_object_get(j, "second_factor")));
	json_decref(j);
	ASSERT_OP(66, NULL, "account", "disable", "--email", OTHER);
	ASSERT_OP(0, NULL, "account", "enable", "--email", OTHER);
	ASSERT_OP(0, NULL, "account", "reset-2fa", "--email", OTHER);
	ASSERT_HAS(op_out, "no second factor now");
	assert_sql("SELECT COUNT(*) FROM account_factor", "0");
	ASSERT_OP(0, NULL, "account", "remove", "--email", OTHER, "--yes");
	ASSERT_HAS(op_out, OTHER " is removed.\n");
	assert_sql("SELECT GROUP_CONCAT(DISTINCT action ORDER BY action) FROM"
	    " audit_event WHERE outcome = 'succeeded' AND target_kind ="
	    " 'account' AND actor_kind = 'operator'", "ACCOUNT_DISABLE,"
	    "ACCOUNT_ENABLE,ACCOUNT_REMOVE,ACCOUNT_ROLE,OWNER_CREATE,"
	    "SECOND_FACTOR_RESET");
}

static const struct suite_test tests[] = {
	TEST(an_owner_alone_is_listed),
	TEST(an_invitation_is_printed_once_and_listed),
	TEST(what_is_wrong_has_its_exit_code),
	TEST(an_account_is_changed_and_removed),
};

SUITE_MAIN("cli/account", tests, op_database_start, op_database_stop)
