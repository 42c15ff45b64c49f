/*
 * The tamper matrix: 320 rows in many chains, sealed by several checkpoints;
 * then somebody who may do everything in the database, and has no key, does one
 * thing to it. Each is found, and named.
 */

#include "core/audit/row_internal.h"
#include "core/base/secbuf.h"
#include "tests/core/audit/tree.h"

#include "tests/core/audit/tampers.h"

#define ROWS	320

/* The first test: those behind it begin with what it leaves. */
static void
untouched_it_verifies(void)
{
	struct store locked = { .db = db };
	struct sr_id chains[40];
	unsigned i;

	for (i = 0; i < COUNTOF(chains); i++)
		chains[i] = new_id();
	for (i = 0; i < ROWS; i++) {
		if (i % 16 == 0)
			add_refusal(i % 32 == 0 ? &store : &locked);
		else if (i % 5 == 0)
			add_to_chain(&chains[0]);
		else
			add_to_chain(&chains[i % COUNTOF(chains)]);
		if (i % 60 == 59)
			(void)seal_all();
	}
	(void)seal_all();
	tables_keep("whole");
	verifies(ROWS);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM audit_checkpoint", "6"));
}

static void
tamper_with(const char * sql)
{
	char text[2600];

	(void)snprintf(text, sizeof(text), "%s %s", names, sql);
	admin(text);
}

static void
each_is_found_and_named(void)
{
	struct audit_verified v;
	struct findings f;
	unsigned found = 0, i;

	for (i = 0; i < COUNTOF(tampers); i++) {
		tamper_with(tampers[i].sql);
		verify(NULL, &f, &v);
		if (f.n[tampers[i].kind] > 0)
			found++;
		else
			suite_note("NOT FOUND:");
		CU_ASSERT(f.n[tampers[i].kind] > 0);
		suite_note("%-48s %s", tampers[i].what, findings_text(&f));
		tables_put_back("whole");
	}
	suite_note("%u of %zu found and named", found, COUNTOF(tampers));
	verifies(ROWS);
}

/* Each of these columns of a sealed row, changed by hand. */
static void
found_as_changed(const char * const * set)
{
	struct audit_verified v;
	struct findings f;
	char sql[200];

	for (; *set != NULL; set++) {
		(void)snprintf(sql, sizeof(sql), "UPDATE audit_event SET %s"
		    " WHERE id = @mid", *set);
		tamper_with(sql);
		verify(NULL, &f, &v);
		CU_ASSERT_EQUAL(f.n[FINDING_ROW_CHANGED], 1);
		tables_put_back("whole");
	}
}

static void
st_sec_010_ac1_a_changed_actor_or_time_is_found(void)
{
	static const char * const set[] = { "actor_kind = 'operator'",
	    "actor_id = UUID()", "actor_label = 'x@example.org'",
	    "occurred_at = '2026-01-01'", NULL };

	found_as_changed(set);
}

static void
st_sec_010_ac2_a_changed_action_target_or_outcome_is_found(void)
{
	static const char * const set[] = { "action = 'REVOKE'",
	    "target_id = UUID()", "name = 'other/name'", "scope = NULL",
	    "outcome = 'blocked'", NULL };

	found_as_changed(set);
}

/* Somebody with a key of his own signs what he made of it. */
static void
a_checkpoint_signed_by_another_key_is_found(void)
{
	char sql[1200], * p = sql;
	struct audit_verified v;
	struct checkpoint cp;
	struct secbuf * seed;
	struct findings f;
	bool found;
	size_t i;

	ASSERT_ERR_FATAL(checkpoint_latest(db, &cp, &found), SR_OK);
	ASSERT_ERR_FATAL(secbuf_random(32, &seed), SR_OK);
	checkpoint_sign(&cp, seed);
	CU_ASSERT_TRUE(checkpoint_verify(&cp));
	secbuf_free(&seed);
	p += snprintf(p, 200, "UPDATE audit_checkpoint SET public_key = 0x");
	for (i = 0; i < SIGN_PUBLIC_LEN; i++)
		p += snprintf(p, 3, "%02x", cp.public_key[i]);
	p += snprintf(p, 200, ", signature = 0x");
	for (i = 0; i < SIGN_LEN; i++)
		p += snprintf(p, 3, "%02x", cp.signature[i]);
	(void)snprintf(p, 200, " ORDER BY tree_size DESC LIMIT 1");
	admin(sql);
	verify(NULL, &f, &v);
	suite_note("%-48s %s", "newest checkpoint signed by another key",
	    findings_text(&f));
	CU_ASSERT_EQUAL(f.n[FINDING_CHECKPOINT_SIGNATURE], 1);
	CU_ASSERT_EQUAL(f.all, 1);
	tables_put_back("whole");
}

static enum sr_error
leaf_of_row(const struct db_row * row, void * cookie)
{
	struct read_row r;

	row_read(row, &r);
	return (checkpoint_leaf(&r.row, r.mac, cookie));
}

/* An unsealed row has no MAC that its change would break, and everybody can
 * compute the leaf that belongs to the change. The tree has it all the same. */
static void
an_unsealed_row_changed_with_its_leaf_is_found(void)
{
	char sql[400], * p = sql, * id;
	uint8_t leaf[MERKLE_LEN];
	struct audit_verified v;
	struct findings f;
	struct sr_id bare;
	size_t i;

	tamper_with("UPDATE audit_event SET actor_label = 'nobody' WHERE id ="
	    " @bare");
	id = mariadb_sql(m, "SELECT MIN(id) FROM audit_event WHERE mac IS"
	    " NULL");
	CU_ASSERT_PTR_NOT_NULL_FATAL(id);
	id[SR_ID_STRLEN] = '\0';
	CU_ASSERT_TRUE_FATAL(sr_id_parse(id, &bare));
	ASSERT_ERR_FATAL(db_query(db, STMT_AUDIT_CHAIN,
	    DB_ARGS(DB_UUID(&bare)), leaf_of_row, leaf), SR_OK);
	p += snprintf(p, 100, "UPDATE audit_leaf SET row_hash = 0x");
	for (i = 0; i < sizeof(leaf); i++)
		p += snprintf(p, 3, "%02x", leaf[i]);
	(void)snprintf(p, 100, " WHERE event_id = '%s'", id);
	admin(sql);
	verify(NULL, &f, &v);
	suite_note("%-48s %s", "unsealed row changed, and its leaf with it",
	    findings_text(&f));
	CU_ASSERT(f.n[FINDING_TREE_BROKEN] > 0);
	CU_ASSERT_EQUAL(f.n[FINDING_ROW_CHANGED], 0);
	free(id);
	tables_put_back("whole");
}

/* What a finding says is where it is. */
static void
a_finding_says_where_it_is(void)
{
	struct audit_verified v;
	struct findings f;
	char id[SR_ID_STRLEN + 1], sql[200];

	tamper_with("UPDATE audit_event SET name = 'x' WHERE id = @mid");
	verify(NULL, &f, &v);
	CU_ASSERT_EQUAL(f.all, 1);
	sr_id_format(&f.first[FINDING_ROW_CHANGED].event_id, id);
	(void)snprintf(sql, sizeof(sql), "SELECT name, chain_seq FROM"
	    " audit_event WHERE id = '%s'", id);
	CU_ASSERT(admin_says(sql, "x\t4"));
	CU_ASSERT_EQUAL(f.first[FINDING_ROW_CHANGED].chain_seq, 4);
	CU_ASSERT_EQUAL(v.good, v.rows - v.unsealed - 1);
	tables_put_back("whole");
	tamper_with("DELETE FROM audit_leaf WHERE leaf_index IN (7, 8, 100)");
	verify(NULL, &f, &v);
	CU_ASSERT_EQUAL(f.n[FINDING_TREE_BROKEN], 0);
	/* Three by their rows, two gaps by their numbers. */
	CU_ASSERT_EQUAL(f.n[FINDING_LEAF_MISSING], 5);
	tables_put_back("whole");
	tamper_with("DELETE FROM audit_event WHERE id = @last");
	verify(NULL, &f, &v);
	CU_ASSERT_EQUAL(f.all, 1);
	CU_ASSERT(f.first[FINDING_ROW_MISSING].leaf_index < ROWS);
	CU_ASSERT_FALSE(sr_id_is_nil(
	    &f.first[FINDING_ROW_MISSING].event_id));
	tables_put_back("whole");
}

static enum sr_error
stop_at_once(const struct audit_finding * f, void * cookie)
{
	unsigned * n = cookie;

	(void)f;
	(*n)++;
	return (SR_E_OUTPUT_FAILED);
}

static void
who_asks_can_end_it(void)
{
	struct audit_verified v;
	unsigned n = 0;

	tamper_with("DELETE FROM audit_event");
	ASSERT_ERR(audit_verify_database(&store, -1, stop_at_once, &n, &v),
	    SR_E_OUTPUT_FAILED);
	CU_ASSERT_EQUAL(n, 1);
	tables_put_back("whole");
}

static void
without_a_key_or_a_table_it_says_so(void)
{
	struct store locked = { .db = db };
	struct audit_verified v;
	struct findings f = { .all = 0 };

	ASSERT_ERR_FATAL(keystore_new(&locked.keys), SR_OK);
	ASSERT_ERR(audit_verify_database(&locked, -1, note_finding, &f, &v),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	keystore_free(&locked.keys);
	admin("RENAME TABLE audit_leaf TO hidden");
	ASSERT_ERR(audit_verify_database(&store, -1, note_finding, &f, &v),
	    SR_E_SECRET_AUDIT_UNAVAILABLE);
	admin("RENAME TABLE hidden TO audit_leaf");
	verifies(ROWS);
}

static const struct suite_test tests[] = {
	TEST(untouched_it_verifies),
	TEST(each_is_found_and_named),
	TEST(st_sec_010_ac1_a_changed_actor_or_time_is_found),
	TEST(st_sec_010_ac2_a_changed_action_target_or_outcome_is_found),
	TEST(a_checkpoint_signed_by_another_key_is_found),
	TEST(an_unsealed_row_changed_with_its_leaf_is_found),
	TEST(a_finding_says_where_it_is),
	TEST(who_asks_can_end_it),
	TEST(without_a_key_or_a_table_it_says_so),
};
SUITE_MAIN("core/audit/tamper", tests, audit_start, audit_stop)
