#include "tests/core/audit/tree.h"

static uint64_t rows;

static void
an_empty_audit_verifies_and_has_no_checkpoint(void)
{
	struct checkpoint cp;
	bool found = true, more = true;
	uint64_t n = 9;

	ASSERT_ERR(checkpoint_seal(&store, &n, &more), SR_OK);
	CU_ASSERT_EQUAL(n, 0);
	CU_ASSERT_FALSE(more);
	ASSERT_ERR(checkpoint_latest(db, &cp, &found), SR_OK);
	CU_ASSERT_FALSE(found);
	verifies(0);
}

static void
a_row_waits_until_it_is_sealed_once(void)
{
	struct sr_id chain = new_id();
	struct checkpoint cp, same;
	bool found, more;
	uint64_t n;

	add_to_chain(&chain);
	rows++;
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM audit_pending", "1"));
	verifies(rows);
	ASSERT_ERR(checkpoint_seal(&store, &n, &more), SR_OK);
	CU_ASSERT_EQUAL(n, 1);
	CU_ASSERT_FALSE(more);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM audit_pending", "0"));
	CU_ASSERT(admin_says("SELECT leaf_index, event_id = (SELECT id FROM"
	    " audit_event) FROM audit_leaf", "0\t1"));
	ASSERT_ERR(checkpoint_latest(db, &cp, &found), SR_OK);
	CU_ASSERT_TRUE_FATAL(found);
	CU_ASSERT_EQUAL(cp.tree_size, 1);
	CU_ASSERT_TRUE(checkpoint_verify(&cp));
	ASSERT_ERR(checkpoint_at(db, 1, &same, &found), SR_OK);
	CU_ASSERT_TRUE(found);
	CU_ASSERT_EQUAL(memcmp(same.signature, cp.signature, SIGN_LEN), 0);
	ASSERT_ERR(checkpoint_at(db, 2, &same, &found), SR_OK);
	CU_ASSERT_FALSE(found);
	ASSERT_ERR(checkpoint_seal(&store, &n, &more), SR_OK);
	CU_ASSERT_EQUAL(n, 0);
	verifies(rows);
}

static void
rows_with_and_without_a_mac_get_their_leaves(void)
{
	struct store locked = { .db = db };
	struct sr_id chain[7];
	unsigned i;

	for (i = 0; i < COUNTOF(chain); i++)
		chain[i] = new_id();
	for (i = 0; i < 300; i++) {
		if (i % 10 == 0)
			add_refusal(i % 20 == 0 ? &store : &locked);
		else
			add_to_chain(&chain[i % COUNTOF(chain)]);
		if (i % 70 == 0)
			(void)seal_all();
	}
	rows += 300;
	(void)seal_all();
	verifies(rows);
	CU_ASSERT(admin_says("SELECT level, node_index FROM audit_node",
	    "8\t0"));
	CU_ASSERT(admin_says("SELECT MAX(tree_size) FROM audit_checkpoint",
	    "301"));
}

/* Rows are told apart and ordered by chain and leaf, never by time or id. */
static void
a_clock_that_is_set_back_breaks_nothing(void)
{
	static const sr_time hours[] = { 0, 26, 1, 9000, 0 };
	struct sr_id chain = new_id();
	struct audit_entry e;

	for (size_t i = 0; i < COUNTOF(hours); i++) {
		uint64_t ms;

		e = entry_about(&chain);
		e.occurred_at -= hours[i] * 3600 * SR_SECOND;
		/* An id of that time, as sr_id_new would have made it. */
		ms = (uint64_t)e.occurred_at / 1000;
		for (unsigned b = 0; b < 6; b++)
			e.id.b[b] = (uint8_t)(ms >> (40 - 8 * b));
		ASSERT_ERR(append_one(db, &store, &e), SR_OK);
		if (i % 2 == 1)
			(void)seal_all();
	}
	rows += COUNTOF(hours);
	(void)seal_all();
	verifies(rows);
}

/* More than one checkpoint takes. */
static void
a_large_backlog_is_sealed_in_parts(void)
{
	uint64_t n;
	bool more;

	admin("INSERT INTO audit_event (id, chain_id, chain_seq, occurred_at,"
	    " actor_kind, actor_label, action, outcome, correlation_id)"
	    " SELECT u, u, 1, UTC_TIMESTAMP(6), 'system', 'x', 'SIGN_IN',"
	    " 'failed', u FROM (SELECT UUID() AS u FROM seq_1_to_5000) s;"
	    "INSERT INTO audit_pending SELECT e.id FROM audit_event e"
	    " LEFT JOIN audit_leaf l ON l.event_id = e.id"
	    " WHERE l.event_id IS NULL");
	rows += 5000;
	ASSERT_ERR(checkpoint_seal(&store, &n, &more), SR_OK);
	CU_ASSERT_EQUAL(n, 4096);
	CU_ASSERT_TRUE(more);
	ASSERT_ERR(checkpoint_seal(&store, &n, &more), SR_OK);
	CU_ASSERT_EQUAL(n, 904);
	CU_ASSERT_FALSE(more);
	verifies(rows);
}

static void
a_sweep_finds_rows_that_have_no_place(void)
{
	struct sr_id chain = new_id();
	uint64_t added;

	ASSERT_ERR(checkpoint_sweep(db, &added), SR_OK);
	CU_ASSERT_EQUAL(added, 0);
	add_to_chain(&chain);
	add_to_chain(&chain);
	rows += 2;
	admin("DELETE FROM audit_pending");
	CU_ASSERT_EQUAL(seal_all(), 0);
	ASSERT_ERR(checkpoint_sweep(db, &added), SR_OK);
	CU_ASSERT_EQUAL(added, 2);
	CU_ASSERT_EQUAL(seal_all(), 2);
	verifies(rows);
	/* A place of a row that has its leaf is taken away again. */
	admin("INSERT INTO audit_pending SELECT event_id FROM audit_leaf"
	    " LIMIT 3");
	CU_ASSERT_EQUAL(seal_all(), 0);
	ASSERT_ERR(checkpoint_sweep(db, &added), SR_OK);
	CU_ASSERT_EQUAL(added, 0);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM audit_pending", "0"));
	verifies(rows);
}

static void
without_a_key_nothing_is_sealed(void)
{
	struct sr_id chain = new_id();
	struct store locked = { .db = db };
	uint64_t n = 9;
	bool more;

	ASSERT_ERR_FATAL(keystore_new(&locked.keys), SR_OK);
	add_to_chain(&chain);
	rows++;
	ASSERT_ERR(checkpoint_seal(&locked, &n, &more),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	CU_ASSERT_EQUAL(n, 0);
	keystore_free(&locked.keys);
	CU_ASSERT_EQUAL(seal_all(), 1);
	verifies(rows);
}

/* Each way in which the tree can have been tampered with, so that nothing is
 * built on it; put back, it goes on. */
static void
nothing_is_built_on_a_tree_that_was_tampered_with(void)
{
	static const char * const tampers[] = {
		"DELETE FROM audit_leaf ORDER BY leaf_index DESC LIMIT 1",
		"INSERT INTO audit_leaf SELECT leaf_index + 1, UUID(), row_hash"
		    " FROM audit_leaf ORDER BY leaf_index DESC LIMIT 1",
		"DELETE FROM audit_checkpoint ORDER BY tree_size DESC LIMIT 1",
		"UPDATE audit_checkpoint SET root_hash = REPEAT('x', 32)"
		    " ORDER BY tree_size DESC LIMIT 1",
		"UPDATE audit_checkpoint SET frontier = REPEAT('x',"
		    " LENGTH(frontier)) ORDER BY tree_size DESC LIMIT 1",
		"UPDATE audit_checkpoint SET frontier = ''"
		    " ORDER BY tree_size DESC LIMIT 1",
		"UPDATE audit_checkpoint SET signature = REPEAT('x', 64)"
		    " ORDER BY tree_size DESC LIMIT 1",
		"UPDATE audit_checkpoint SET public_key = REPEAT('x', 32)"
		    " ORDER BY tree_size DESC LIMIT 1",
		"UPDATE audit_checkpoint SET made_at = NOW()"
		    " ORDER BY tree_size DESC LIMIT 1",
		"UPDATE audit_checkpoint SET tree_size = tree_size + 1"
		    " ORDER BY tree_size DESC LIMIT 1",
		"DELETE FROM audit_checkpoint",
		"INSERT INTO audit_node SELECT 8, FLOOR(tree_size / 256),"
		    " root_hash FROM audit_checkpoint"
		    " ORDER BY tree_size DESC LIMIT 1",
	};
	struct sr_id chain = new_id();
	struct findings f;
	struct audit_verified v;
	uint64_t n;
	unsigned i;
	bool more;

	for (i = 0; i < 256; i++)
		add_to_chain(&chain);
	rows += 256;
	tables_keep("tampered");
	for (i = 0; i < COUNTOF(tampers); i++) {
		admin(tampers[i]);
		ASSERT_ERR(checkpoint_seal(&store, &n, &more),
		    SR_E_AUDIT_CHAIN_BROKEN);
		CU_ASSERT_EQUAL(n, 0);
		CU_ASSERT(admin_says("SELECT COUNT(*) FROM audit_pending",
		    "256"));
		verify(NULL, &f, &v);
		if (f.all == 0)
			suite_note("not found: %s", tampers[i]);
		CU_ASSERT(f.all > 0);
		tables_put_back("tampered");
	}
	CU_ASSERT_EQUAL(seal_all(), 256);
	verifies(rows);
}

/* A row that was changed before it was sealed is sealed as it is, and said. */
static void
a_row_that_does_not_hold_does_not_stop_the_sealing(void)
{
	struct sr_id chain = new_id();
	struct audit_verified v;
	struct findings f;

	add_to_chain(&chain);
	add_to_chain(&chain);
	admin("UPDATE audit_event SET name = 'other' WHERE id ="
	    " (SELECT MIN(event_id) FROM audit_pending)");
	CU_ASSERT_EQUAL(seal_all(), 2);
	verify(NULL, &f, &v);
	CU_ASSERT_EQUAL(f.all, 1);
	CU_ASSERT_EQUAL(f.n[FINDING_ROW_CHANGED], 1);
}

static const struct suite_test tests[] = {
	TEST(an_empty_audit_verifies_and_has_no_checkpoint),
	TEST(a_row_waits_until_it_is_sealed_once),
	TEST(rows_with_and_without_a_mac_get_their_leaves),
	TEST(a_clock_that_is_set_back_breaks_nothing),
	TEST(a_large_backlog_is_sealed_in_parts),
	TEST(a_sweep_finds_rows_that_have_no_place),
	TEST(without_a_key_nothing_is_sealed),
	TEST(nothing_is_built_on_a_tree_that_was_tampered_with),
	TEST(a_row_that_does_not_hold_does_not_stop_the_sealing),
};
SUITE_MAIN("core/audit/seal", tests, audit_start, audit_stop)
