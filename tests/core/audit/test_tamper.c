/*
 * The tamper matrix: 320 rows in many chains, sealed by several checkpoints;
 * then somebody who may do everything in the database, and has no key, does one
 * thing to it. Each is found, and named.
 */

#include "core/audit/row_internal.h"
#include "core/base/secbuf.h"
#include "tests/core/audit/tree.h"

#define ROWS	320

struct tamper {
	const char * what;
	const char * sql;
	enum audit_finding_kind kind;
};

/*
 * What the SQL speaks of: @chain, the longest chain, its rows @first, @mid and
 * @last; @own, a chain of one sealed row; @bare, a refusal without a MAC, @kept,
 * one with a MAC.
 */
static const char names[] =
    "SET @chain = (SELECT chain_id FROM audit_event GROUP BY chain_id"
    " ORDER BY COUNT(*) DESC, chain_id LIMIT 1);"
    "SET @n = (SELECT MAX(chain_seq) FROM audit_event WHERE chain_id ="
    " @chain);"
    "SET @first = (SELECT id FROM audit_event WHERE chain_id = @chain AND"
    " chain_seq = 1);"
    "SET @mid = (SELECT id FROM audit_event WHERE chain_id = @chain AND"
    " chain_seq = 4);"
    "SET @last = (SELECT id FROM audit_event WHERE chain_id = @chain AND"
    " chain_seq = @n);"
    "SET @bare = (SELECT MIN(id) FROM audit_event WHERE mac IS NULL);"
    "SET @kept = (SELECT MIN(id) FROM audit_event WHERE mac IS NOT NULL AND"
    " target_id IS NULL);"
    "SET @leaf = (SELECT leaf_index FROM audit_leaf WHERE event_id = @mid);"
    "SET @cp = (SELECT tree_size FROM audit_checkpoint WHERE tree_size > @leaf"
    " ORDER BY tree_size LIMIT 1);"
    "SET @newest = (SELECT MAX(tree_size) FROM audit_checkpoint);";

#define EDIT(set)							\
	{ "row: " set, "UPDATE audit_event SET " set " WHERE id = @mid",	\
	    FINDING_ROW_CHANGED }
#define EDIT_BARE(set)							\
	{ "unsealed row: " set, "UPDATE audit_event SET " set		\
	    " WHERE id = @bare", FINDING_ROW_CHANGED }
#define CHECKPOINT(set, kind)						\
	{ "checkpoint: " set, "UPDATE audit_checkpoint SET " set		\
	    " WHERE tree_size = @cp", FINDING_##kind }

static const struct tamper tampers[] = {
	EDIT("occurred_at = occurred_at + INTERVAL 1 MICROSECOND"),
	EDIT("actor_kind = 'system'"),
	EDIT("actor_id = UUID()"),
	EDIT("actor_label = 'nobody'"),
	EDIT("action = 'ROTATE'"),
	EDIT("target_kind = NULL"),
	EDIT("target_id = UUID()"),
	EDIT("scope = 'project'"),
	EDIT("name = CONCAT(name, 'x')"),
	EDIT("key_version = 7"),
	EDIT("outcome = 'failed'"),
	EDIT("error_type = 'internal_error'"),
	EDIT("correlation_id = UUID()"),
	EDIT("mac = REPEAT('x', 32)"),
	{ "row: another id", "UPDATE audit_event SET id = UUID() WHERE id ="
	    " @mid", FINDING_ROW_CHANGED },
	{ "row: another chain", "UPDATE audit_event SET chain_id = UUID()"
	    " WHERE id = @mid", FINDING_ROW_CHANGED },
	{ "row: another number", "UPDATE audit_event SET chain_seq = @n + 1"
	    " WHERE id = @last", FINDING_ROW_CHANGED },
	{ "row: another prev_mac", "UPDATE audit_event SET prev_mac ="
	    " REPEAT('x', 32) WHERE id = @mid", FINDING_ROW_MOVED },
	EDIT_BARE("occurred_at = occurred_at + INTERVAL 1 DAY"),
	EDIT_BARE("actor_label = 'nobody'"),
	EDIT_BARE("correlation_id = UUID()"),
	EDIT_BARE("error_type = 'internal_error'"),
	{ "MAC taken off a row that has one", "UPDATE audit_event SET mac ="
	    " NULL WHERE id = @mid", FINDING_ROW_UNSEALED },
	{ "MAC taken off a refusal", "UPDATE audit_event SET mac = NULL"
	    " WHERE id = @kept", FINDING_ROW_CHANGED },
	{ "MAC taken off a refusal, and the row changed", "UPDATE audit_event"
	    " SET mac = NULL, actor_label = 'nobody' WHERE id = @kept",
	    FINDING_ROW_CHANGED },
	{ "first row of a chain deleted", "DELETE FROM audit_event WHERE id ="
	    " @first", FINDING_ROW_MISSING },
	{ "middle row of a chain deleted", "DELETE FROM audit_event WHERE id ="
	    " @mid", FINDING_ROW_MISSING },
	{ "last row of a chain deleted", "DELETE FROM audit_event WHERE id ="
	    " @last", FINDING_ROW_MISSING },
	{ "last three rows of a chain deleted", "DELETE FROM audit_event"
	    " WHERE chain_id = @chain AND chain_seq > @n - 3",
	    FINDING_ROW_MISSING },
	{ "last row deleted, and its leaf", "DELETE FROM audit_leaf WHERE"
	    " event_id = @last; DELETE FROM audit_event WHERE id = @last",
	    FINDING_LEAF_MISSING },
	{ "a whole chain deleted", "DELETE FROM audit_event WHERE chain_id ="
	    " @chain", FINDING_ROW_MISSING },
	{ "a whole chain deleted, and its leaves", "DELETE l FROM audit_leaf l"
	    " JOIN audit_event e ON e.id = l.event_id WHERE e.chain_id ="
	    " @chain; DELETE FROM audit_event WHERE chain_id = @chain",
	    FINDING_LEAF_MISSING },
	{ "an unsealed row deleted", "DELETE FROM audit_event WHERE id ="
	    " @bare", FINDING_ROW_MISSING },
	{ "all rows deleted", "DELETE FROM audit_event",
	    FINDING_ROW_MISSING },
	{ "two rows of a chain swapped", "UPDATE audit_event SET chain_seq ="
	    " 99 WHERE id = @mid; UPDATE audit_event SET chain_seq = 4 WHERE"
	    " chain_id = @chain AND chain_seq = 5; UPDATE audit_event SET"
	    " chain_seq = 5 WHERE id = @mid", FINDING_ROW_MOVED },
	{ "two leaves swapped", "UPDATE audit_leaf SET leaf_index = 99999"
	    " WHERE leaf_index = @leaf; UPDATE audit_leaf SET leaf_index ="
	    " @leaf WHERE leaf_index = @leaf + 1; UPDATE audit_leaf SET"
	    " leaf_index = @leaf + 1 WHERE leaf_index = 99999",
	    FINDING_TREE_BROKEN },
	{ "an old row put in again under a new id", "INSERT INTO audit_event"
	    " SELECT UUID(), chain_id, @n + 1, occurred_at, actor_kind,"
	    " actor_id, actor_label, action, target_kind, target_id, scope,"
	    " name, key_version, outcome, error_type, correlation_id, prev_mac,"
	    " mac FROM audit_event WHERE id = @mid", FINDING_ROW_CHANGED },
	{ "the same, in a chain of its own", "SET @new = UUID(); INSERT INTO"
	    " audit_event SELECT @new, @new, 1, occurred_at, actor_kind,"
	    " actor_id, actor_label, action, target_kind, target_id, scope,"
	    " name, key_version, outcome, error_type, correlation_id, NULL,"
	    " mac FROM audit_event WHERE id = @mid", FINDING_ROW_CHANGED },
	{ "a refusal made up", "SET @new = UUID(); INSERT INTO audit_event"
	    " SELECT @new, @new, 1, occurred_at, actor_kind, actor_id,"
	    " actor_label, action, target_kind, target_id, scope, name,"
	    " key_version, outcome, error_type, correlation_id, NULL, NULL"
	    " FROM audit_event WHERE id = @bare", FINDING_LEAF_MISSING },
	{ "a success made up, with a MAC by another key", "SET @new = UUID();"
	    " INSERT INTO audit_event SELECT @new, @new, 1, occurred_at,"
	    " actor_kind, actor_id, actor_label, action, target_kind,"
	    " target_id, scope, name, key_version, outcome, error_type,"
	    " correlation_id, NULL, UNHEX(SHA2('guess', 256))"
	    " FROM audit_event WHERE id = @mid", FINDING_ROW_CHANGED },
	{ "a success made up, without a MAC", "SET @new = UUID(); INSERT INTO"
	    " audit_event SELECT @new, @new, 1, occurred_at, actor_kind,"
	    " actor_id, actor_label, action, target_kind, target_id, scope,"
	    " name, key_version, outcome, error_type, correlation_id, NULL,"
	    " NULL FROM audit_event WHERE id = @mid", FINDING_ROW_UNSEALED },
	{ "a row deleted before it was sealed", "INSERT INTO audit_pending"
	    " VALUES (UUID())", FINDING_ROW_MISSING },
	{ "a leaf deleted", "DELETE FROM audit_leaf WHERE event_id = @mid",
	    FINDING_LEAF_MISSING },
	{ "the last leaf deleted", "DELETE FROM audit_leaf WHERE leaf_index ="
	    " @newest - 1", FINDING_LEAF_MISSING },
	{ "all leaves deleted", "DELETE FROM audit_leaf",
	    FINDING_LEAF_MISSING },
	{ "a leaf's hash changed", "UPDATE audit_leaf SET row_hash ="
	    " REPEAT('x', 32) WHERE event_id = @mid", FINDING_LEAF_CHANGED },
	{ "a leaf given to another row", "UPDATE audit_leaf SET event_id ="
	    " UUID() WHERE event_id = @mid", FINDING_LEAF_MISSING },
	{ "a leaf put in", "INSERT INTO audit_leaf VALUES (@newest, UUID(),"
	    " REPEAT('x', 32))", FINDING_CHECKPOINT_MISSING },
	{ "a leaf put in far away", "INSERT INTO audit_leaf VALUES"
	    " (9000000000000000000, UUID(), REPEAT('x', 32))",
	    FINDING_CHECKPOINT_MISSING },
	{ "a node changed", "UPDATE audit_node SET hash = REPEAT('x', 32)",
	    FINDING_TREE_BROKEN },
	{ "a node deleted", "DELETE FROM audit_node", FINDING_TREE_BROKEN },
	{ "a node put in", "INSERT INTO audit_node VALUES (16, 3,"
	    " REPEAT('x', 32))", FINDING_TREE_BROKEN },
	CHECKPOINT("root_hash = REPEAT('x', 32)", CHECKPOINT_SIGNATURE),
	CHECKPOINT("made_at = made_at + INTERVAL 1 MICROSECOND",
	    CHECKPOINT_SIGNATURE),
	CHECKPOINT("public_key = REPEAT('x', 32)", CHECKPOINT_SIGNATURE),
	CHECKPOINT("signature = REPEAT('x', 64)", CHECKPOINT_SIGNATURE),
	CHECKPOINT("tree_size = tree_size - 1", CHECKPOINT_SIGNATURE),
	CHECKPOINT("frontier = REPEAT('x', LENGTH(frontier))",
	    CHECKPOINT_CHANGED),
	CHECKPOINT("frontier = CONCAT(frontier, 'x')", CHECKPOINT_CHANGED),
	CHECKPOINT("key_version = 2", CHECKPOINT_CHANGED),
	{ "a checkpoint put in", "INSERT INTO audit_checkpoint SELECT @cp - 1,"
	    " root_hash, frontier, made_at, key_version, public_key, signature"
	    " FROM audit_checkpoint WHERE tree_size = @cp",
	    FINDING_CHECKPOINT_SIGNATURE },
	{ "one put in far away", "INSERT INTO audit_checkpoint SELECT"
	    " 9000000000000000000, root_hash, frontier, made_at, key_version,"
	    " public_key, signature FROM audit_checkpoint WHERE tree_size ="
	    " @cp", FINDING_CHECKPOINT_SIGNATURE },
	{ "the newest checkpoint deleted", "DELETE FROM audit_checkpoint WHERE"
	    " tree_size = @newest", FINDING_CHECKPOINT_MISSING },
	{ "all checkpoints deleted", "DELETE FROM audit_checkpoint",
	    FINDING_CHECKPOINT_MISSING },
};

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
