#include "tests/core/store/fixture.h"

/* The check after the admin ran ${breaking}; ${mending} undoes it. */
static void
check_broken(const char * breaking, enum stmt expected, const char * mending)
{
	enum stmt bad = STMT__MAX;

	admin(breaking);
	ASSERT_ERR(db_check_schema(db, &bad), SR_E_SCHEMA_MISMATCH);
	if (bad != expected)
		suite_note("%s: %s", breaking, bad == STMT__MAX ? "none" :
		    db_stmt_name(bad));
	CU_ASSERT_EQUAL(bad, expected);
	admin(mending);
	ASSERT_ERR(db_check_schema(db, &bad), SR_OK);
	CU_ASSERT_EQUAL(bad, STMT__MAX);
}

static void
the_migrated_schema_fits_every_statement(void)
{
	enum stmt bad = STMT_PING;

	ASSERT_ERR(db_check_schema(db, &bad), SR_OK);
	CU_ASSERT_EQUAL(bad, STMT__MAX);
	ASSERT_ERR(db_check_schema(db, NULL), SR_OK);
}

static void
a_missing_column_is_found(void)
{

	check_broken("ALTER TABLE throttle CHANGE failures failed "
	    "INT UNSIGNED NOT NULL", STMT_THROTTLE_READ,
	    "ALTER TABLE throttle CHANGE failed failures "
	    "INT UNSIGNED NOT NULL");
}

static void
a_column_of_another_type_is_found(void)
{

	check_broken("ALTER TABLE throttle MODIFY failures VARCHAR(9) NOT NULL",
	    STMT_THROTTLE_READ,
	    "ALTER TABLE throttle MODIFY failures INT UNSIGNED NOT NULL");
	check_broken("ALTER TABLE throttle MODIFY blocked_until TIME NOT NULL",
	    STMT_THROTTLE_READ,
	    "ALTER TABLE throttle MODIFY blocked_until DATETIME(6) NOT NULL");
	check_broken("ALTER TABLE kek MODIFY check_value VARCHAR(64) NOT NULL",
	    STMT_KEK_LIST,
	    "ALTER TABLE kek MODIFY check_value BINARY(32) NOT NULL");
	check_broken("ALTER TABLE redaction_change MODIFY secret_id CHAR(36) "
	    "NOT NULL", STMT_CHANGE_SINCE,
	    "ALTER TABLE redaction_change MODIFY secret_id UUID NOT NULL");
	check_broken("ALTER TABLE system_key MODIFY purpose VARBINARY(32)",
	    STMT_SYSTEM_KEY_LIST, "ALTER TABLE system_key MODIFY purpose "
	    "VARCHAR(32) NOT NULL");
}

static void
a_missing_table_is_found(void)
{

	check_broken("RENAME TABLE audit_event TO gone", STMT_AUDIT_WITNESS,
	    "RENAME TABLE gone TO audit_event");
}

static void
a_missing_grant_is_found(void)
{

	check_broken("REVOKE INSERT ON audit_event FROM "
	    "strongroom_worker@localhost", STMT_AUDIT_INSERT,
	    "GRANT INSERT ON audit_event TO strongroom_worker@localhost");
	check_broken("REVOKE UPDATE ON setup FROM strongroom_worker@localhost",
	    STMT_SETUP_SET_TOKEN,
	    "GRANT UPDATE ON setup TO strongroom_worker@localhost");
}

static void
a_server_that_is_away_is_no_mismatch(void)
{
	enum stmt bad = STMT__MAX;

	mariadb_kill9(m);
	ASSERT_ERR(db_check_schema(db, &bad), SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	ASSERT_ERR(db_check_schema(db, &bad), SR_OK);
}

/* Grants of the worker: what it may not do. */
static void
refused(const char * sql, const char * number)
{
	char * err = mariadb_worker_sql_error(m, sql);

	CU_ASSERT_PTR_NOT_NULL(err);
	if (err != NULL && strncmp(err, number, strlen(number)) != 0) {
		suite_note("%s: %s", sql, err);
		CU_ASSERT(false);
	}
	free(err);
}

static void
the_worker_can_write_audit_rows_and_never_change_them(void)
{

	refused("UPDATE audit_event SET outcome = 'failed'", "ERROR 1142");
	refused("DELETE FROM audit_event", "ERROR 1142");
	refused("TRUNCATE audit_event", "ERROR 1142");
	refused("REPLACE INTO audit_event (id) VALUES (UUID())", "ERROR 1142");
	refused("INSERT INTO audit_event (id) VALUES (UUID()) "
	    "ON DUPLICATE KEY UPDATE outcome = 'failed'", "ERROR 1142");
	refused("UPDATE audit_leaf SET row_hash = ''", "ERROR 1142");
	refused("DELETE FROM audit_leaf", "ERROR 1142");
	refused("UPDATE audit_node SET hash = ''", "ERROR 1142");
	refused("DELETE FROM audit_node", "ERROR 1142");
	refused("UPDATE audit_checkpoint SET root_hash = ''", "ERROR 1142");
	refused("DELETE FROM audit_checkpoint", "ERROR 1142");
}

static void
the_worker_has_no_ddl(void)
{

	refused("CREATE TABLE t (i INT)", "ERROR 1142");
	refused("ALTER TABLE setup ADD i INT", "ERROR 1142");
	refused("DROP TABLE throttle", "ERROR 1142");
	refused("RENAME TABLE audit_event TO x", "ERROR 1142");
	refused("CREATE INDEX i ON setup (owner_id)", "ERROR 1142");
	refused("CREATE TRIGGER t BEFORE INSERT ON audit_event FOR EACH ROW "
	    "SET NEW.outcome = 'failed'", "ERROR 1142");
	refused("CREATE DATABASE other", "ERROR 1044");
	refused("GRANT ALL ON audit_event TO strongroom_worker@localhost",
	    "ERROR 1142");
	refused("DELETE FROM kek", "ERROR 1142");
	refused("INSERT INTO schema_migration VALUES (9, 'x', NOW())",
	    "ERROR 1142");
	refused("SELECT * FROM schema_lock", "ERROR 1142");
	refused("SELECT * FROM mysql.user", "ERROR 1142");
}

static const struct suite_test tests[] = {
	TEST(the_migrated_schema_fits_every_statement),
	TEST(a_missing_column_is_found),
	TEST(a_column_of_another_type_is_found),
	TEST(a_missing_table_is_found),
	TEST(a_missing_grant_is_found),
	TEST(a_server_that_is_away_is_no_mismatch),
	TEST(the_worker_can_write_audit_rows_and_never_change_them),
	TEST(the_worker_has_no_ddl),
};
SUITE_MAIN("core/store/db_check", tests, fixture_start, fixture_stop)
