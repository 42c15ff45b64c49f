#include <sys/stat.h>

#include "tests/core/vault/put.h"

#include "core/keys/keyring.h"
#include "core/redact/redact.h"
#include "core/store/keystore.h"

static struct house h;

static bool
counts_are(const char * before)
{
	char * after = house_counts(&h);
	bool same = strcmp(before, after) == 0;

	if (!same)
		suite_note("before:\n%s\nafter:\n%s", before, after);
	free(after);
	return (same);
}

/*
 * Make the admin's trigger refuse ${when} on ${table}; the worker's writes
 * then fail in the middle of their transaction.
 */
static bool
trigger(const char * when, const char * table)
{
	char * sql = text_format("CREATE OR REPLACE TRIGGER fault BEFORE %s ON"
	    " %s FOR EACH ROW SIGNAL SQLSTATE '45000'", when, table);
	bool done = house_do(&h, sql);

	free(sql);
	return (done);
}

static void
a_failing_write_rolls_back(const char * when, const char * table,
    enum sr_error error)
{
	struct secret_meta one, m;
	char * before;

	ASSERT_ERR_FATAL(put(&h, "fault/one", "value-before-fault", &one),
	    SR_OK);
	CU_ASSERT_FATAL(trigger(when, table));
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	before = house_counts(&h);
	ASSERT_ERR(put(&h, "fault/one", "value-after-fault", NULL), error);
	CU_ASSERT(counts_are(before));
	ASSERT_ERR_FATAL(secret_show(h.store.db, &one.id, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, one.key_version);
	CU_ASSERT_EQUAL(m.last_rotated_at, one.last_rotated_at);
	CU_ASSERT(opens_to(&h.store, &one.id, one.key_version,
	    "value-before-fault"));
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM secret_version v"
	    " JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'fault/one' AND state = 'active'"));
	free(before);
	ASSERT_ERR(put(&h, "fault/one", "value-after-mending", NULL), SR_OK);
}

static void
st_sec_003_ac3_a_failing_metadata_write_rolls_the_rotation_back(void)
{
	a_failing_write_rolls_back("UPDATE", "secret_ref",
	    SR_E_SECRET_PERSISTENCE_FAILED);
}

static void
st_sec_003_ac3_a_failing_version_insert_rolls_the_rotation_back(void)
{
	a_failing_write_rolls_back("INSERT", "secret_version",
	    SR_E_SECRET_PERSISTENCE_FAILED);
}

static void
st_sec_003_ac3_a_failing_supersede_rolls_the_rotation_back(void)
{
	a_failing_write_rolls_back("UPDATE", "secret_version",
	    SR_E_SECRET_PERSISTENCE_FAILED);
}

static void
st_sec_003_ac3_a_failing_form_insert_rolls_the_rotation_back(void)
{
	a_failing_write_rolls_back("INSERT", "redaction_variant",
	    SR_E_SECRET_PERSISTENCE_FAILED);
}

static void
st_sec_003_ac3_a_failing_change_insert_rolls_the_rotation_back(void)
{
	struct secret_meta one, m;

	/* The last write, behind the audit row, which goes with it. */
	ASSERT_ERR_FATAL(put(&h, "fault/last", "value-before-fault", &one),
	    SR_OK);
	CU_ASSERT_FATAL(trigger("INSERT", "redaction_change"));
	ASSERT_ERR(put(&h, "fault/last", "value-after-fault", NULL),
	    SR_E_SECRET_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	ASSERT_ERR_FATAL(secret_show(h.store.db, &one.id, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, one.key_version);
	CU_ASSERT(opens_to(&h.store, &one.id, one.key_version,
	    "value-before-fault"));
	CU_ASSERT(house_sql_is(&h, "CREATE\tsucceeded\nROTATE\tfailed",
	    "SELECT e.action, e.outcome FROM audit_event e JOIN secret_ref r"
	    " ON r.id = e.target_id WHERE r.name = 'fault/last'"
	    " ORDER BY e.occurred_at, e.id"));
}

static void
st_sec_003_ac3_a_failed_rotation_is_audited_as_failed(void)
{
	ASSERT_ERR_FATAL(put(&h, "fault/audited", "value-number-one", NULL),
	    SR_OK);
	CU_ASSERT_FATAL(trigger("INSERT", "redaction_variant"));
	ASSERT_ERR(put(&h, "fault/audited", "value-number-two", NULL),
	    SR_E_SECRET_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	CU_ASSERT(house_sql_is(&h, "CREATE\tsucceeded\tNULL\nROTATE\tfailed\t"
	    "secret_persistence_failed", "SELECT action, outcome, error_type"
	    " FROM audit_event WHERE name = 'fault/audited'"
	    " ORDER BY occurred_at"));
}

#define FORGET_REFUSALS							\
    "DELETE FROM audit_event WHERE outcome <> 'succeeded';"		\
    " DELETE p FROM audit_pending p LEFT JOIN audit_event e"		\
    " ON e.id = p.event_id WHERE e.id IS NULL"

/* A revocation, with ${when} on ${table} refused in the middle of it. */
static void
a_failing_revocation_rolls_back(const char * when, const char * table,
    enum sr_error error)
{
	struct secret_revocation r = { .expected = 0 };
	struct secret_meta one, m;
	char * before;

	ASSERT_ERR_FATAL(put(&h, "fault/revoke", "value-before-fault", &one),
	    SR_OK);
	r.id = one.id;
	CU_ASSERT_FATAL(house_do(&h, FORGET_REFUSALS));
	before = house_counts(&h);
	CU_ASSERT_FATAL(trigger(when, table));
	ASSERT_ERR(secret_revoke(&h.store, &h.actor, &r, NULL), error);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault;" FORGET_REFUSALS));
	CU_ASSERT(counts_are(before));
	ASSERT_ERR_FATAL(secret_show(h.store.db, &one.id, &m), SR_OK);
	CU_ASSERT_STRING_EQUAL(m.status, "active");
	CU_ASSERT_EQUAL(m.updated_at, one.updated_at);
	CU_ASSERT(opens_to(&h.store, &one.id, one.key_version,
	    "value-before-fault"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(destroyed_at) FROM"
	    " secret_version v JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'fault/revoke' AND v.state <> 'revoked'"));
	free(before);
	ASSERT_ERR(secret_revoke(&h.store, &h.actor, &r, NULL), SR_OK);
}

static void
each_write_of_a_revocation_that_fails_rolls_it_back(void)
{
	a_failing_revocation_rolls_back("UPDATE", "secret_ref",
	    SR_E_SECRET_REVOCATION_FAILED);
	a_failing_revocation_rolls_back("UPDATE", "secret_version",
	    SR_E_SECRET_REVOCATION_FAILED);
	a_failing_revocation_rolls_back("UPDATE", "redaction_variant",
	    SR_E_SECRET_REVOCATION_FAILED);
	a_failing_revocation_rolls_back("INSERT", "redaction_change",
	    SR_E_SECRET_REVOCATION_FAILED);
}

static void
st_sec_010_ac3_without_its_audit_row_nothing_is_revoked(void)
{
	a_failing_revocation_rolls_back("INSERT", "audit_event",
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
}

static void
st_sec_003_ac3_a_failing_retirement_rolls_the_rotation_back(void)
{
	a_failing_write_rolls_back("UPDATE", "redaction_variant",
	    SR_E_SECRET_PERSISTENCE_FAILED);
}

static void
st_sec_010_ac3_without_its_audit_row_a_creation_leaves_nothing(void)
{
	char * before;

	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	before = house_counts(&h);
	ASSERT_ERR(put(&h, "unaudited/one", "value-number-one", NULL),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT(counts_are(before));
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM secret_ref"
	    " WHERE name = 'unaudited/one'"));
	free(before);
	ASSERT_ERR(put(&h, "unaudited/one", "value-number-one", NULL), SR_OK);
}

static void
st_sec_010_ac3_without_its_audit_row_a_rotation_changes_nothing(void)
{
	struct secret_meta one, m;
	char * before;

	ASSERT_ERR_FATAL(put(&h, "unaudited/two", "value-number-one", &one),
	    SR_OK);
	before = house_counts(&h);
	CU_ASSERT_FATAL(trigger("INSERT", "audit_event"));
	ASSERT_ERR(put(&h, "unaudited/two", "value-number-two", NULL),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT(counts_are(before));
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	ASSERT_ERR_FATAL(secret_show(h.store.db, &one.id, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 1);
	CU_ASSERT_EQUAL(m.updated_at, one.updated_at);
	CU_ASSERT(opens_to(&h.store, &one.id, 1, "value-number-one"));
	free(before);
}

static void
a_database_that_is_gone_refuses_and_one_that_is_back_takes(void)
{
	struct secret_meta m;

	mariadb_kill9(h.m);
	ASSERT_ERR(put(&h, "gone/one", "value-number-one", NULL),
	    SR_E_SECRET_PERSISTENCE_FAILED);
	ASSERT_ERR(secret_find(h.store.db, SCOPE_INSTANCE, &sr_id_nil,
	    "gone/one", &m), SR_E_SECRET_METADATA_UNAVAILABLE);
	CU_ASSERT_FATAL(mariadb_restart(h.m) == 0);
	ASSERT_ERR(put(&h, "gone/one", "value-number-one", &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 1);
}

static void
a_connection_that_was_killed_is_made_again(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "killed/one", "value-number-one", &m), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "KILL USER strongroom_worker@localhost"));
	ASSERT_ERR(put(&h, "killed/one", "value-number-two", &m), SR_OK);
	CU_ASSERT(opens_to(&h.store, &m.id, m.key_version, "value-number-two"));
}

/* --- Without keys -------------------------------------------------------- */

static void
refused_for_want_of_a_key(enum sr_error error, const char * error_type)
{
	char * sql = text_format("SELECT action, outcome, IFNULL(name, '-'),"
	    " actor_label FROM audit_event WHERE error_type = '%s'",
	    error_type);
	char * name = text_format("key/%s", error_type);
	/* Without a key nobody knows whether the name is a value. */
	const char * expected = "CREATE\tfailed\t-\tlead@example.org";

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM audit_event"
	    " WHERE outcome = 'failed'"));
	ASSERT_ERR(put(&h, name, "value-number-one", NULL), error);
	CU_ASSERT(house_sql_is(&h, expected, sql));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM secret_ref"
	    " WHERE name LIKE 'key/%'"));
	free(name);
	free(sql);
}

static void
st_sec_001_ac3_no_key_blocks_with_remediation(void)
{
	struct secret_meta m, seen;
	struct secbuf * value;

	ASSERT_ERR_FATAL(put(&h, "readable/one", "value-number-one", &m),
	    SR_OK);
	ASSERT_ERR(house_load_key(&h, NULL), SR_E_ROOT_KEY_MISSING);
	refused_for_want_of_a_key(SR_E_SECRET_ENCRYPTION_UNAVAILABLE,
	    "secret_encryption_unavailable");
	CU_ASSERT_PTR_NOT_NULL(strstr(sr_error_row(
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE)->remedy, "root_key_file"));
	/* st_sec_001_ac2: metadata is readable all the same. */
	ASSERT_ERR(secret_show(h.store.db, &m.id, &seen), SR_OK);
	CU_ASSERT_STRING_EQUAL(seen.name, "readable/one");
	ASSERT_ERR(secret_open(&h.store, &m.id, 1, &value),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR_FATAL(house_load_key(&h, h.key_file), SR_OK);
	CU_ASSERT(opens_to(&h.store, &m.id, 1, "value-number-one"));
}

static void
st_sec_001_ac3_a_wrong_key_blocks_with_remediation(void)
{
	char * other = text_format("%s/other.key", h.dir);

	ASSERT_ERR_FATAL(keyring_new_file(other, 1), SR_OK);
	ASSERT_ERR(house_load_key(&h, other), SR_E_ROOT_KEY_MISMATCH);
	refused_for_want_of_a_key(SR_E_ROOT_KEY_MISMATCH, "root_key_mismatch");
	ASSERT_ERR_FATAL(house_load_key(&h, h.key_file), SR_OK);
	free(other);
}

static void
st_sec_001_ac3_a_world_readable_key_blocks_with_remediation(void)
{
	CU_ASSERT_FATAL(chmod(h.key_file, 0644) == 0);
	ASSERT_ERR(house_load_key(&h, h.key_file), SR_E_ROOT_KEY_PERMISSIONS);
	refused_for_want_of_a_key(SR_E_SECRET_ENCRYPTION_UNAVAILABLE,
	    "secret_encryption_unavailable");
	CU_ASSERT_FATAL(chmod(h.key_file, 0600) == 0);
	ASSERT_ERR_FATAL(house_load_key(&h, h.key_file), SR_OK);
	ASSERT_ERR(put(&h, "key/back", "value-number-one", NULL), SR_OK);
}

static void
keys_that_were_loaded_but_not_bound_are_bound_by_the_write(void)
{
	const struct keyring_sources from = { h.key_file, NULL, NULL };

	ASSERT_ERR_FATAL(keystore_load(h.store.keys, &from), SR_OK);
	ASSERT_ERR(put(&h, "bound/late", "value-number-one", NULL), SR_OK);
}

static int
setup(void)
{
	return (house_open(&h));
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(st_sec_003_ac3_a_failing_metadata_write_rolls_the_rotation_back),
	TEST(st_sec_003_ac3_a_failing_version_insert_rolls_the_rotation_back),
	TEST(st_sec_003_ac3_a_failing_supersede_rolls_the_rotation_back),
	TEST(st_sec_003_ac3_a_failing_form_insert_rolls_the_rotation_back),
	TEST(st_sec_003_ac3_a_failing_change_insert_rolls_the_rotation_back),
	TEST(st_sec_003_ac3_a_failing_retirement_rolls_the_rotation_back),
	TEST(st_sec_003_ac3_a_failed_rotation_is_audited_as_failed),
	TEST(each_write_of_a_revocation_that_fails_rolls_it_back),
	TEST(st_sec_010_ac3_without_its_audit_row_nothing_is_revoked),
	TEST(st_sec_010_ac3_without_its_audit_row_a_creation_leaves_nothing),
	TEST(st_sec_010_ac3_without_its_audit_row_a_rotation_changes_nothing),
	TEST(a_database_that_is_gone_refuses_and_one_that_is_back_takes),
	TEST(a_connection_that_was_killed_is_made_again),
	TEST(st_sec_001_ac3_no_key_blocks_with_remediation),
	TEST(st_sec_001_ac3_a_wrong_key_blocks_with_remediation),
	TEST(st_sec_001_ac3_a_world_readable_key_blocks_with_remediation),
	TEST(keys_that_were_loaded_but_not_bound_are_bound_by_the_write),
};
SUITE_MAIN("core/vault/secret_faults", tests, setup, teardown)
