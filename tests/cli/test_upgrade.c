#include "tests/cli/operator_database.h"

/*
 * Upgrades: a database of each released schema, with rows in its tables, is
 * brought up to the newest, and an older program keeps away from a newer
 * schema. The fixtures' root key is tests/fixtures/schema.key.
 */

/* What secret list says of each fixture. */
static const struct {
	unsigned schema;
	const char * password;		/* Its version. */
	const char * mail;
} releases[] = { { 1, "2", "1" }, { 2, "3", "1" }, { 3, "3", "2" } };

static void
sql(const char * text)
{
	char * printed = mariadb_sql(m, text);

	CU_ASSERT_PTR_NOT_NULL_FATAL(printed);
	free(printed);
}

static void
take_fixture(unsigned schema)
{
	char path[64];
	char * text;

	(void)snprintf(path, sizeof(path), "tests/fixtures/schema-%04u.sql",
	    schema);
	sql("DROP DATABASE strongroom; CREATE DATABASE strongroom "
	    "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
	text = file_read(path, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	sql(text);
	free(text);
}

/* Tables and how many rows they have, of those that ${tables} lists; what a
 * migration itself writes is left out. */
static char *
counts(const char * tables)
{
	char * copy = strdup(tables), * rest = copy, * table;
	char * out = strdup(""), * longer, * query, * n;

	while ((table = strtok_r(rest, "\n", &rest)) != NULL) {
		query = text_format("SELECT COUNT(*) FROM %s", table);
		n = mariadb_sql(m, query);
		CU_ASSERT_PTR_NOT_NULL_FATAL(n);
		CU_ASSERT(strtol(n, NULL, 10) > 0 ||
		    strcmp(table, "audit_node") == 0);
		longer = text_format("%s%s %s", out, table, n);
		free(out);
		free(n);
		free(query);
		out = longer;
	}
	free(copy);
	return (out);
}

static const char tables_of[] = "SELECT TABLE_NAME FROM "
    "information_schema.TABLES WHERE TABLE_SCHEMA = 'strongroom' AND "
    "TABLE_NAME NOT IN ('schema_migration', 'chore', 'audit_pending') "
    "ORDER BY 1";

static void
assert_upgraded(size_t i)
{
	char * tables, * before, * after, * text;

	take_fixture(releases[i].schema);
	tables = mariadb_sql(m, tables_of);
	before = counts(tables);
	ASSERT_OP(78, NULL, "secret", "list");
	ASSERT_HAS(op_err, "(schema_outdated)\n");
	ASSERT_OP(0, NULL, "migrate");
	text = text_format("it had %u.\n", releases[i].schema);
	ASSERT_HAS(op_out, text);
	free(text);
	after = counts(tables);
	CU_ASSERT_STRING_EQUAL(before, after);
	free(tables);
	free(before);
	free(after);
	ASSERT_OP(0, NULL, "secret", "list");
	text = text_format("instance\tdb/password\t%s\tactive\t",
	    releases[i].password);
	ASSERT_HAS(op_out, text);
	free(text);
	text = text_format("instance\tmail/token\t%s\tactive\t",
	    releases[i].mail);
	ASSERT_HAS(op_out, text);
	free(text);
	ASSERT_HAS(op_out, "instance\tgone\t1\trevoked\t");
}

/* Values open, chains hold, and there is work with it. */
static void
assert_works(size_t i)
{
	char backup[512];

	ASSERT_OP(0, NULL, "audit", "export");
	ASSERT_OP(0, NULL, "audit", "verify", "--database");
	ASSERT_HAS(op_out, "Proved: every row");
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    opening\n");
	ASSERT_OP(0, "a-value-of-after-the-upgrade", "secret", "rotate",
	    "--scope", "instance", "--name", "db/password");
	/* A backup opens every active version when it is restored. */
	(void)snprintf(backup, sizeof(backup), "%s/upgraded-%u",
	    suite_tmpdir(), releases[i].schema);
	ASSERT_OP(0, NULL, "backup", backup);
	sql("DROP DATABASE strongroom; CREATE DATABASE strongroom "
	    "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, NULL, "restore", backup);
	ASSERT_HAS(op_out, " 0 findings. Values: 2 active versions open, 0 do "
	    "not.\n");
}

static void
schema_0001_becomes_the_newest(void)
{

	assert_upgraded(0);
	assert_works(0);
}

static void
schema_0002_becomes_the_newest(void)
{

	assert_upgraded(1);
	ASSERT_OP(0, NULL, "apikey", "list");
	ASSERT_HAS(op_out, "ci/fixture\tactive\t");
	assert_works(1);
}

static void
schema_0003_becomes_the_newest(void)
{

	assert_upgraded(2);
	assert_sql("SELECT slug, binary_artifacts FROM project",
	    "fixture\t0");
	assert_works(2);
}

static void
an_older_program_keeps_away_from_a_newer_schema(void)
{
	char backup[512];

	(void)snprintf(backup, sizeof(backup), "%s/newer", suite_tmpdir());
	sql("INSERT INTO schema_migration VALUES (999, 'future', NOW(6))");
	ASSERT_OP(78, NULL, "secret", "list");
	ASSERT_HAS(op_err, "(schema_newer)\n");
	ASSERT_OP(78, NULL, "migrate");
	ASSERT_HAS(op_err, "(schema_newer)\n");
	ASSERT_OP(78, "a-value-of-after-the-upgrade", "secret", "put",
	    "--scope", "instance", "--name", "x");
	ASSERT_OP(78, NULL, "backup", backup);
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "schema_newer");
	assert_sql("SELECT COUNT(*) FROM secret_ref WHERE name = 'x'", "0");
	sql("DELETE FROM schema_migration WHERE version = 999");
	ASSERT_OP(0, NULL, "secret", "list");
}

static int
start(void)
{
	char * text;
	int rc;

	if (op_database_start() != 0 || (text = file_read(
	    "tests/fixtures/schema.key", NULL)) == NULL)
		return (-1);
	rc = file_write(key, 0600, text);
	free(text);
	return (rc);
}

static const struct suite_test tests[] = {
	TEST(schema_0001_becomes_the_newest),
	TEST(schema_0002_becomes_the_newest),
	TEST(schema_0003_becomes_the_newest),
	TEST(an_older_program_keeps_away_from_a_newer_schema),
};
SUITE_MAIN("cli/upgrade", tests, start, op_database_stop)
