/*
 * Goal: `strongroom doctor` finds a secret that stands in a plain column of the
 * database, names the column, and does not say the secret.
 */

#include "tests/harness/files.h"
#include "tests/cli/operator_database.h"

#define VALUE	"a-value-that-strayed-0417"
#define TOKEN	"gh" "p_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"
#define PROJECT	"0190a0b0-0000-7000-8000-000000000078"

static void
what_is_masked_or_harmless_is_well(void)
{

	ASSERT_OP(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, VALUE, "secret", "put", "--scope", "instance", "--name",
	    "stray/one");
	free(mariadb_sql(m, "INSERT INTO project (id, slug, name, description,"
	    " created_at, updated_at) VALUES ('" PROJECT "', 'stray', 'Stray',"
	    " 'Uses [REDACTED:instance/stray/one@1:abcdef]', now(), now())"));
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS(op_out, "stored_texts");
}

static void
a_known_secret_in_a_plain_column_is_found(void)
{

	free(mariadb_sql(m, "UPDATE project SET description ="
	    " 'it is " VALUE "'"));
	ASSERT_OP(70, NULL, "doctor");
	ASSERT_HAS(op_out, "project.description");
	ASSERT_HAS(op_out, "stored_text_unsafe");
	CU_ASSERT_PTR_NULL(strstr(op_out, VALUE));
	CU_ASSERT_PTR_NULL(strstr(op_err, VALUE));
}

static void
a_token_in_a_plain_column_is_found(void)
{

	free(mariadb_sql(m, "UPDATE project SET description = '', name = '"
	    TOKEN "'"));
	ASSERT_OP(70, NULL, "doctor", "--json");
	ASSERT_HAS(op_out, "project.name");
	CU_ASSERT_PTR_NULL(strstr(op_out, TOKEN));
	free(mariadb_sql(m, "UPDATE project SET name = 'Stray'"));
	ASSERT_OP(0, NULL, "doctor");
}

static const struct suite_test tests[] = {
	TEST(what_is_masked_or_harmless_is_well),
	TEST(a_known_secret_in_a_plain_column_is_found),
	TEST(a_token_in_a_plain_column_is_found),
};
SUITE_MAIN("cli/doctor_texts", tests,
    op_database_start, op_database_stop)
