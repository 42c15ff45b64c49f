#include <sys/stat.h>

#include <pwd.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/cli/operator_database.h"

/*
 * The operator's way, from an empty database to a stored secret, with the real
 * program against a private MariaDB. The tests build on each other, in order.
 */

#define VALUE	"the-first-value-of-a-test-81"
#define SECOND	"the-second-value-of-a-test-82"

static void
an_empty_database_is_outdated(void)
{

	ASSERT_OP(78, NULL, "secret", "list");
	ASSERT_HAS(op_err, "(schema_outdated)\n");
	ASSERT_HAS(op_err, "Run `strongroom migrate`");
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    database\n");
	ASSERT_HAS(op_out, "FAIL  schema: ");
}

static void
a_wrong_password_of_the_database_is_named(void)
{
	const char * const env[] = { "STRONGROOM_DATABASE_PASSWORD=wrong",
		NULL };

	CU_ASSERT_EQUAL(op_run(ARGS("--config", conf, "secret", "list"), NULL,
	    env), 70);
	ASSERT_HAS(op_err, "does not know this database.user");
	CU_ASSERT_EQUAL(op_run(ARGS("--config", conf, "doctor"), NULL, env),
	    78);
	ASSERT_HAS(op_out, "FAIL  database: ");
	ASSERT_HAS(op_out, "(database.user,database.password)");
}

static void
migrate_brings_it_up_and_can_be_repeated(void)
{

	ASSERT_OP(0, NULL, "migrate");
	ASSERT_HAS(op_out, "it had 0");
	ASSERT_OP(0, NULL, "migrate", "--json");
	ASSERT_HAS(op_out, "\"applied\":0}");
}

static void
without_a_root_key_metadata_is_readable_and_nothing_is_stored(void)
{

	ASSERT_OP(0, NULL, "secret", "list");
	CU_ASSERT_STRING_EQUAL(op_out, "SCOPE\tNAME\tVERSION\tSTATUS\t"
	    "SOURCE\tROTATED\tEXPIRES\tID\n");
	ASSERT_OP(69, VALUE, "secret", "put", "--scope", "instance",
	    "--name", "db/password");
	ASSERT_HAS(op_err, "(secret_encryption_unavailable)\n");
	ASSERT_HAS_NOT(op_err, VALUE);
	assert_sql("SELECT COUNT(*) FROM secret_ref", "0");
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  root_key: ");
	ASSERT_HAS(op_out, "(root_key_unreadable)");
	ASSERT_HAS(op_out, "--    audit_chains: not checked, because this has "
	    "not passed: root_key\n");
}

static void
an_owner_link_is_printed_in_the_clear_and_stored_as_a_hash(void)
{
	static const char before[] =
	    "https://secrets.example.org/setup?token=";
	char * sql;

	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(66, NULL, "owner", "reset");
	ASSERT_HAS(op_err, "(owner_missing)\n");
	ASSERT_HAS(op_err, "`strongroom owner create`");
	ASSERT_OP(0, NULL, "owner", "link");
	CU_ASSERT_EQUAL_FATAL(strncmp(op_out, before, sizeof(before) - 1), 0);
	CU_ASSERT_EQUAL(strlen(op_out), sizeof(before) - 1 + 43 + 1);
	op_out[strlen(op_out) - 1] = '\0';
	sql = text_format("SELECT token_hash = UNHEX(SHA2('%s', 256)) "
	    "FROM setup", &op_out[sizeof(before) - 1]);
	assert_sql(sql, "1");
	free(sql);
	ASSERT_OP(0, NULL, "owner", "link", "--json");
	ASSERT_HAS(op_out, "{\"url\":\"https://secrets.example.org/setup?");
	assert_sql("SELECT COUNT(*) FROM audit_event WHERE "
	    "action = 'SETUP_LINK' AND actor_kind = 'operator'", "2");
}

static void
the_owner_is_made_once_with_a_password_from_standard_input(void)
{

	ASSERT_OP(65, "a long enough password\n", "owner", "create",
	    "--email", "not an address");
	ASSERT_HAS(op_err, "(email_invalid)\n");
	ASSERT_OP(65, "short\n", "owner", "create", "--email",
	    "lead@example.org");
	ASSERT_HAS(op_err, "(password_invalid)\n");
	ASSERT_OP(0, "a long enough password\n", "owner", "create",
	    "--email", "lead@example.org", "--json");
	ASSERT_HAS(op_out, "\"email\":\"lead@example.org\"}");
	ASSERT_OP(73, "a long enough password\n", "owner", "create",
	    "--email", "other@example.org");
	ASSERT_HAS(op_err, "(owner_exists)\n");
	ASSERT_OP(77, NULL, "owner", "link");
	ASSERT_HAS(op_err, "(setup_closed)\n");
	CU_ASSERT_STRING_EQUAL(op_out, "");
	assert_sql("SELECT COUNT(*) FROM account", "1");
}

static void
the_owner_gets_a_new_password_and_no_session_stays(void)
{

	assert_sql("UPDATE account SET password_hash = 'former'; "
	    "INSERT INTO session SELECT UUID(), UNHEX(REPEAT('ab', 32)), id, "
	    "'', NOW(6), NOW(6), NOW(6) + INTERVAL 1 HOUR, NULL, FALSE FROM"
	    " account; "
	    "SELECT COUNT(*) FROM session WHERE ended_at IS NULL", "1");
	ASSERT_OP(65, "short\n", "owner", "reset");
	ASSERT_HAS(op_err, "(password_invalid)\n");
	assert_sql("SELECT password_hash FROM account", "former");
	ASSERT_OP(0, "another long enough password\n", "owner", "reset");
	CU_ASSERT_STRING_EQUAL(op_out, "The owner lead@example.org has a new "
	    "password. Sessions that were ended: 1.\n");
	assert_sql("SELECT COUNT(*) FROM session WHERE ended_at IS NULL",
	    "0");
	assert_sql("SELECT password_hash LIKE '$y$%' FROM account", "1");
	assert_sql("SELECT COUNT(*) FROM audit_event e JOIN account a ON "
	    "e.target_id = a.id WHERE action = 'OWNER_RESET' AND "
	    "actor_kind = 'operator' AND outcome = 'succeeded'", "1");
	ASSERT_OP(0, "another long enough password\n", "owner", "reset",
	    "--json");
	CU_ASSERT_STRING_EQUAL(op_out, "{\"email\":\"lead@example.org\","
	    "\"sessions_ended\":0}\n");
}

static void
a_value_from_standard_input_is_stored_and_then_rotated(void)
{
	struct passwd * pw = getpwuid(getuid());
	char * label;

	ASSERT_OP(0, VALUE "\n", "secret", "put", "--scope", "instance",
	    "--name", "db/password", "--expires", "2031-01-31T12:00Z");
	CU_ASSERT_STRING_EQUAL(op_out,
	    "Stored instance/db/password, version 1.\n");
	ASSERT_OP(0, SECOND, "secret", "put", "--scope", "instance",
	    "--name", "db/password", "--json");
	ASSERT_HAS(op_out, "\"name\":\"db/password\",\"key_version\":2,");
	ASSERT_HAS(op_out, "\"expires_at\":null,");
	ASSERT_HAS_NOT(op_out, SECOND);
	/* The newline at the end is not part of it. */
	label = text_format("SELECT octet_length(ciphertext) - 32 FROM "
	    "secret_version WHERE key_version = 1");
	assert_sql(label, "28");
	free(label);
	CU_ASSERT_PTR_NOT_NULL_FATAL(pw);
	label = text_format("SELECT COUNT(*) FROM audit_event WHERE "
	    "actor_label = '%s' AND actor_kind = 'operator' AND "
	    "action IN ('CREATE', 'ROTATE') AND outcome = 'succeeded'",
	    pw->pw_name);
	assert_sql(label, "2");
	free(label);
}

static void
refusals_name_the_field_and_store_nothing(void)
{

	ASSERT_OP(65, "short", "secret", "put", "--scope", "instance",
	    "--name", "n");
	ASSERT_HAS(op_err, "field: value");
	ASSERT_HAS(op_err, "(secret_value_invalid)\n");
	ASSERT_OP(65, VALUE, "secret", "put", "--scope", "everywhere",
	    "--name", "n");
	ASSERT_HAS(op_err, "(secret_scope_invalid)\n");
	ASSERT_OP(65, VALUE, "secret", "put", "--scope", "instance",
	    "--name", "/n");
	ASSERT_HAS(op_err, "(secret_name_invalid)\n");
	ASSERT_OP(65, VALUE, "secret", "put", "--scope", "instance",
	    "--name", "n", "--expires", "yesterday");
	ASSERT_HAS(op_err, "(secret_expiry_invalid)\n");
	assert_sql("SELECT COUNT(*) FROM secret_ref", "1");
}

static void
a_value_above_the_limit_is_refused(void)
{
	static char big[65536 + 2];

	memset(big, 'x', sizeof(big) - 1);
	ASSERT_OP(65, big, "secret", "put", "--scope", "instance",
	    "--name", "big");
	ASSERT_HAS(op_err, "(secret_value_invalid)\n");
	big[65536] = '\n';
	ASSERT_OP(0, big, "secret", "put", "--scope", "instance",
	    "--name", "big");
	assert_sql("SELECT octet_length(ciphertext) - 32 FROM secret_version "
	    "v JOIN secret_ref r ON r.id = v.secret_id WHERE r.name = 'big'",
	    "65536");
}

static void
lists_and_histories_show_metadata_and_no_value(void)
{
	json_t * list, * shown;

	ASSERT_OP(0, NULL, "secret", "list");
	ASSERT_HAS(op_out, "instance\tdb/password\t2\tactive\t");
	ASSERT_HAS_NOT(op_out, "-value-of-a-test");
	ASSERT_OP(0, NULL, "secret", "list", "--json");
	list = json_loads(op_out, 0, NULL);
	CU_ASSERT_EQUAL(json_array_size(list), 2);
	json_decref(list);
	ASSERT_OP(0, NULL, "secret", "show", "--scope", "instance",
	    "--name", "db/password");
	ASSERT_HAS(op_out, "version       2\n");
	ASSERT_HAS(op_out, "CREATE  version 1  outcome=succeeded");
	ASSERT_HAS(op_out, "ROTATE  version 2  outcome=succeeded");
	ASSERT_OP(0, NULL, "secret", "show", "--scope", "instance",
	    "--name", "db/password", "--json");
	shown = json_loads(op_out, 0, NULL);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(shown,
	    "key_version")), 2);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(shown, "history")),
	    2);
	json_decref(shown);
	ASSERT_OP(66, NULL, "secret", "show", "--scope", "instance",
	    "--name", "nothing");
	ASSERT_HAS(op_err, "(secret_not_found)\n");
	ASSERT_OP(65, NULL, "secret", "show", "--scope", "project",
	    "--name", "nothing");
}

static void
root_keys_are_listed_with_what_the_database_knows(void)
{
	char other[600];

	ASSERT_OP(0, NULL, "rootkey", "list");
	CU_ASSERT_STRING_EQUAL(op_out, "VERSION\tLOADED\tSTATE\tCHECK\t"
	    "SECRETS\tSYSTEM_KEYS\tNEEDED\n"
	    "1\tyes\twrapping\tmatches\t3\t6\tyes\n");
	(void)snprintf(other, sizeof(other), "%s.kept", key);
	CU_ASSERT_EQUAL(rename(key, other), 0);
	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(78, NULL, "rootkey", "list", "--json");
	CU_ASSERT_STRING_EQUAL(op_out, "[{\"version\":1,\"loaded\":true,"
	    "\"state\":\"wrapping\",\"check\":\"differs\","
	    "\"secret_versions\":3,\"system_keys\":6,\"needed\":true}]\n");
	ASSERT_HAS(op_err, "(root_key_mismatch)\n");
	ASSERT_OP(78, VALUE, "secret", "put", "--scope", "instance",
	    "--name", "n");
	ASSERT_HAS(op_err, "(root_key_mismatch)\n");
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  root_key_match: ");
	CU_ASSERT_EQUAL(unlink(key), 0);
	ASSERT_OP(0, NULL, "rootkey", "new", "--number", "2", key);
	ASSERT_OP(78, NULL, "rootkey", "list");
	ASSERT_HAS(op_out, "1\tno\twrapping\tunknown\t3\t6\tyes\n"
	    "2\tyes\tunused\tunknown\t0\t0\tno\n");
	CU_ASSERT_EQUAL(rename(other, key), 0);
	ASSERT_OP(0, NULL, "rootkey", "list");
}

/* Text after "\"id\":\"" of the last output. */
static char *
printed_id(void)
{
	const char * p = strstr(op_out, "\"id\":\"");

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	return (strndup(p + 6, 36));
}

static void
an_api_key_is_printed_once_listed_and_revoked(void)
{
	char * sql;
	char * id;

	ASSERT_OP(64, NULL, "apikey", "create", "--name", "ci");
	ASSERT_OP(65, NULL, "apikey", "create", "--name", "ci", "--scope",
	    "secrets:all");
	ASSERT_HAS(op_err, "field: scopes");
	ASSERT_HAS(op_err, "(api_key_scopes_invalid)\n");
	ASSERT_OP(0, NULL, "apikey", "create", "--name", "ci/deploy",
	    "--scope", "secrets:read,audit:read");
	CU_ASSERT_EQUAL_FATAL(strlen(op_out), 54);
	op_out[53] = '\0';
	sql = text_format("SELECT COUNT(*) FROM api_key WHERE token_hash ="
	    " UNHEX(SHA2('%s', 256))", op_out);
	assert_sql(sql, "1");
	free(sql);
	ASSERT_OP(0, NULL, "apikey", "create", "--name", "ci/limited",
	    "--scope", "secrets:write", "--project",
	    "0190a0b0-0000-7000-8000-000000000001", "--expires",
	    "2099-01-31T12:00Z", "--json");
	ASSERT_HAS(op_out, "\",\"key\":\"sr" "k_");
	id = printed_id();
	ASSERT_OP(0, NULL, "apikey", "list");
	ASSERT_HAS(op_out, "ci/deploy\tactive\tsecrets:read,audit:read\tall\t"
	    "never\tnever\t");
	ASSERT_HAS(op_out, "ci/limited\tactive\tsecrets:write\tsome\t"
	    "2099-01-31T12:00:00.000000Z\tnever\t");
	ASSERT_OP(0, NULL, "apikey", "list", "--json");
	ASSERT_HAS(op_out, "\"scopes\":[\"secrets:read\",\"audit:read\"]");
	ASSERT_OP(0, NULL, "apikey", "revoke", id);
	CU_ASSERT_STRING_EQUAL(op_out,
	    "Revoked ci/limited. It does not work any more.\n");
	ASSERT_OP(66, NULL, "apikey", "revoke", id, "--json");
	ASSERT_HAS(op_err, "(api_key_already_revoked)\n");
	ASSERT_OP(66, NULL, "apikey", "revoke", "one");
	ASSERT_HAS(op_err, "(api_key_not_found)\n");
	assert_sql("SELECT COUNT(*) FROM audit_event WHERE action IN"
	    " ('API_KEY_CREATE', 'API_KEY_REVOKE') AND actor_kind ="
	    " 'operator' AND outcome = 'succeeded'", "3");
	free(id);
}

static void
a_key_file_open_to_others_is_refused_with_its_remedy(void)
{

	CU_ASSERT_EQUAL(chmod(key, 0644), 0);
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  root_key: The root key file is open to "
	    "others (root_key_permissions)");
	ASSERT_HAS(op_out, "chmod 0600");
	CU_ASSERT_EQUAL(chmod(key, 0600), 0);
}

static void
no_value_was_written_anywhere(void)
{
	char * dump = mariadb_dump(m);

	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	ASSERT_HAS_NOT(dump, "-value-of-a-test");
	ASSERT_HAS_NOT(dump, "a long enough password");
	free(dump);
}

static const struct suite_test tests[] = {
	TEST(an_empty_database_is_outdated),
	TEST(a_wrong_password_of_the_database_is_named),
	TEST(migrate_brings_it_up_and_can_be_repeated),
	TEST(without_a_root_key_metadata_is_readable_and_nothing_is_stored),
	TEST(an_owner_link_is_printed_in_the_clear_and_stored_as_a_hash),
	TEST(the_owner_is_made_once_with_a_password_from_standard_input),
	TEST(the_owner_gets_a_new_password_and_no_session_stays),
	TEST(a_value_from_standard_input_is_stored_and_then_rotated),
	TEST(refusals_name_the_field_and_store_nothing),
	TEST(a_value_above_the_limit_is_refused),
	TEST(lists_and_histories_show_metadata_and_no_value),
	TEST(root_keys_are_listed_with_what_the_database_knows),
	TEST(an_api_key_is_printed_once_listed_and_revoked),
	TEST(a_key_file_open_to_others_is_refused_with_its_remedy),
	TEST(no_value_was_written_anywhere),
};

SUITE_MAIN("cli/operator", tests, op_database_start, op_database_stop)
