#include "tests/cli/operator_database.h"

#include "core/audit/checkpoint.h"
#include "core/store/keystore.h"

/* `strongroom doctor` against a private MariaDB. */

static void
it_is_set_up(void)
{

	ASSERT_RUNS(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, "a long enough password\n", "owner", "create", "--email",
	    "lead@example.org");
	ASSERT_OP(0, "the-first-value-of-a-test-81", "secret", "put",
	    "--scope", "instance", "--name", "a");
	ASSERT_OP(0, "the-second-value-of-a-test-82", "secret", "put",
	    "--scope", "instance", "--name", "a");
}

static void
doctor_finds_all_well(void)
{

	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS_NOT(op_out, "FAIL");
	ASSERT_HAS_NOT(op_out, "--    ");
	ASSERT_HAS(op_out, "ok    opening\n");
}

static void
doctor_verifies_the_audit_chains_of_what_happened_last(void)
{
	char * kept, * sql;

	/* Of a secret and of the owner. */
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    audit_chains: 3 rows of 2 targets "
	    "verified\n");
	ASSERT_OP(0, NULL, "doctor", "--json");
	ASSERT_HAS(op_out, "{\"check\":\"audit_chains\",\"result\":\"ok\","
	    "\"targets\":2,\"rows\":3}");
	kept = mariadb_sql(m, "SELECT actor_label FROM audit_event WHERE "
	    "action = 'ROTATE'; UPDATE audit_event SET actor_label = 'x' "
	    "WHERE action = 'ROTATE'");
	CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
	kept[strcspn(kept, "\n")] = '\0';
	ASSERT_OP(70, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  audit_chains: An audit chain does not "
	    "verify (");
	ASSERT_HAS(op_out, "-7");
	ASSERT_HAS(op_out, ") (audit_chain_broken)\n");
	sql = text_format("UPDATE audit_event SET actor_label = '%s' WHERE "
	    "action = 'ROTATE'", kept);
	free(mariadb_sql(m, sql));
	free(sql);
	free(kept);
	ASSERT_OP(0, NULL, "doctor");
}

/* As a worker would. */
static uint64_t
seal(void)
{
	const struct keyring_sources from = { .file = key };
	struct store store = { .db = NULL };
	struct db_options o;
	uint64_t n = 0;
	bool more;

	mariadb_worker_options(m, &o);
	ASSERT_ERR_FATAL(db_new(&o, &store.db), SR_OK);
	ASSERT_ERR_FATAL(keystore_new(&store.keys), SR_OK);
	ASSERT_ERR_FATAL(keystore_load(store.keys, &from), SR_OK);
	ASSERT_ERR(checkpoint_seal(&store, &n, &more), SR_OK);
	keystore_free(&store.keys);
	db_free(&store.db);
	return (n);
}

static void
doctor_looks_at_the_newest_checkpoint(void)
{

	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    audit_checkpoint: 0 rows sealed, 3 "
	    "waiting\n");
	CU_ASSERT_EQUAL(seal(), 3);
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    audit_checkpoint: 3 rows sealed, the last of "
	    "them ");
	ASSERT_OP(0, NULL, "doctor", "--json");
	ASSERT_HAS(op_out, "{\"check\":\"audit_checkpoint\",\"result\":"
	    "\"ok\",\"sealed\":3,\"age_seconds\":");
	free(mariadb_sql(m, "CREATE TABLE kept SELECT * FROM audit_checkpoint;"
	    "UPDATE audit_checkpoint SET root_hash = REPEAT('x', 32)"));
	ASSERT_OP(70, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  audit_checkpoint: ");
	ASSERT_HAS(op_out, "(checkpoint_signature) (audit_chain_broken)\n");
	free(mariadb_sql(m, "UPDATE audit_checkpoint SET root_hash ="
	    " (SELECT root_hash FROM kept); DROP TABLE kept;"
	    "INSERT INTO audit_pending VALUES (UUID())"));
	ASSERT_OP(75, NULL, "doctor");
	ASSERT_HAS(op_out, "(audit_checkpoint_overdue)\n");
	free(mariadb_sql(m, "DELETE FROM audit_pending"));
	ASSERT_OP(0, NULL, "doctor");
}

static void
doctor_finds_grants_that_are_too_wide(void)
{

	free(mariadb_sql(m, "GRANT UPDATE ON audit_event TO "
	    "strongroom_worker@localhost"));
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  grants: ");
	ASSERT_HAS(op_out, "(grants_too_wide)");
	free(mariadb_sql(m, "REVOKE UPDATE ON audit_event FROM "
	    "strongroom_worker@localhost"));
	free(mariadb_sql(m, "GRANT DELETE ON audit_leaf TO "
	    "strongroom_worker@localhost"));
	ASSERT_OP(78, NULL, "doctor");
	free(mariadb_sql(m, "REVOKE DELETE ON audit_leaf FROM "
	    "strongroom_worker@localhost"));
	free(mariadb_sql(m, "GRANT DELETE ON *.* TO "
	    "strongroom_worker@localhost"));
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  grants: ");
	free(mariadb_sql(m, "REVOKE DELETE ON *.* FROM "
	    "strongroom_worker@localhost"));
	ASSERT_OP(0, NULL, "doctor");
}

static void
doctor_names_the_statement_that_does_not_fit(void)
{

	free(mariadb_sql(m, "ALTER TABLE setup CHANGE owner_id o UUID NULL"));
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  statements: ");
	ASSERT_HAS(op_out, "(SETUP_COMPLETE) (schema_mismatch)");
	free(mariadb_sql(m, "ALTER TABLE setup CHANGE o owner_id UUID NULL"));
}

static const struct suite_test tests[] = {
	TEST(it_is_set_up),
	TEST(doctor_finds_all_well),
	TEST(doctor_verifies_the_audit_chains_of_what_happened_last),
	TEST(doctor_looks_at_the_newest_checkpoint),
	TEST(doctor_finds_grants_that_are_too_wide),
	TEST(doctor_names_the_statement_that_does_not_fit),
};

SUITE_MAIN("cli/doctor", tests, op_database_start, op_database_stop)
