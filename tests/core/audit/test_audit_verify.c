#include "tests/core/audit/fixture.h"

/*
 * A chain of five rows, then one change by someone who may do everything in
 * the database and does not have the key.
 */
#define ROWS	5

static struct actor operator = { .kind = ACTOR_OPERATOR, .label = "root" };

static struct sr_id
chain_of(unsigned n)
{
	struct sr_id target = new_id();
	unsigned i;

	operator.correlation_id = new_id();
	for (i = 0; i < n; i++) {
		struct audit_entry e = { .id = new_id(),
		    .occurred_at = clock_now(), .actor = &operator,
		    .action = i == 0 ? AUDIT_CREATE : AUDIT_ROTATE,
		    .outcome = AUDIT_SUCCEEDED, .target_kind = "secret",
		    .target_id = target, .scope = "instance", .name = "a/b",
		    .key_version = i + 1 };

		ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	}
	return (target);
}

/* Run SQL in which @c is the chain's id. */
static void
tamper(const struct sr_id * target, const char * sql)
{
	char text[1200], id[SR_ID_STRLEN + 1];

	sr_id_format(target, id);
	(void)snprintf(text, sizeof(text), "SET @c = CAST('%s' AS UUID); %s",
	    id, sql);
	admin(text);
}

/* Verification fails after ${good} rows. */
static void
found_after(const char * sql, uint32_t good)
{
	struct sr_id target = chain_of(ROWS);
	uint32_t rows = 99;

	ASSERT_ERR(audit_verify_chain(&store, &target, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, ROWS);
	tamper(&target, sql);
	ASSERT_ERR(audit_verify_chain(&store, &target, &rows),
	    SR_E_INTERNAL_ERROR);
	if (rows != good)
		suite_note("%s: %u rows", sql, rows);
	CU_ASSERT_EQUAL(rows, good);
}

static void
an_edit_of_any_column_is_found(void)
{

#define EDIT(set) found_after("UPDATE audit_event SET " set		\
	" WHERE chain_id = @c AND chain_seq = 3", 2)
	EDIT("id = UUID()");
	EDIT("occurred_at = occurred_at + INTERVAL 1 MICROSECOND");
	EDIT("actor_kind = 'system'");
	EDIT("actor_id = UUID()");
	EDIT("actor_label = 'nobody'");
	EDIT("action = 'CREATE'");
	EDIT("target_kind = NULL");
	EDIT("target_id = NULL");
	EDIT("scope = 'project'");
	EDIT("name = 'a/c'");
	EDIT("key_version = NULL");
	EDIT("outcome = 'failed'");
	EDIT("error_type = 'internal_error'");
	EDIT("correlation_id = UUID()");
	EDIT("prev_mac = NULL");
	EDIT("prev_mac = UNHEX(SHA2('x', 256))");
	EDIT("mac = UNHEX(SHA2('x', 256))");
#undef EDIT
}

static void
a_deletion_is_found(void)
{

	found_after("DELETE FROM audit_event WHERE chain_id = @c "
	    "AND chain_seq = 1", 0);
	found_after("DELETE FROM audit_event WHERE chain_id = @c "
	    "AND chain_seq = 3", 2);
	/* Closing the gap does not hide it. */
	found_after("DELETE FROM audit_event WHERE chain_id = @c "
	    "AND chain_seq = 3; UPDATE audit_event SET chain_seq = "
	    "chain_seq - 1 WHERE chain_id = @c AND chain_seq > 3 "
	    "ORDER BY chain_seq", 2);
}

static void
a_reorder_is_found(void)
{

	found_after("UPDATE audit_event SET chain_seq = 99 WHERE chain_id = @c"
	    " AND chain_seq = 2; UPDATE audit_event SET chain_seq = 2 WHERE "
	    "chain_id = @c AND chain_seq = 3; UPDATE audit_event SET "
	    "chain_seq = 3 WHERE chain_id = @c AND chain_seq = 99", 1);
}

static void
a_row_in_between_is_found(void)
{

	found_after("UPDATE audit_event SET chain_seq = chain_seq + 1 WHERE "
	    "chain_id = @c AND chain_seq >= 3 ORDER BY chain_seq DESC; "
	    "INSERT INTO audit_event SELECT UUID(), chain_id, 3, occurred_at, "
	    "actor_kind, actor_id, actor_label, action, target_kind, "
	    "target_id, scope, name, key_version, outcome, error_type, "
	    "correlation_id, prev_mac, mac FROM audit_event WHERE "
	    "chain_id = @c AND chain_seq = 2", 2);
}

static void
a_row_of_another_chain_is_found(void)
{
	struct sr_id target = chain_of(1), other = chain_of(2);
	char sql[300], id[SR_ID_STRLEN + 1];
	uint32_t rows;

	sr_id_format(&other, id);
	(void)snprintf(sql, sizeof(sql), "UPDATE audit_event SET chain_id = @c"
	    " WHERE chain_id = '%s' AND chain_seq = 2", id);
	tamper(&target, sql);
	ASSERT_ERR(audit_verify_chain(&store, &target, &rows),
	    SR_E_INTERNAL_ERROR);
	CU_ASSERT_EQUAL(rows, 1);
}

static void
taking_a_seal_off_is_found(void)
{

	found_after("UPDATE audit_event SET mac = NULL WHERE chain_id = @c "
	    "AND chain_seq = 3", 2);
	/* Also with what the row after it says of it. */
	found_after("UPDATE audit_event SET mac = NULL WHERE chain_id = @c "
	    "AND chain_seq = 3; UPDATE audit_event SET prev_mac = NULL WHERE "
	    "chain_id = @c AND chain_seq = 4", 2);
	/* The last, which has none after it, and all of them. */
	found_after("UPDATE audit_event SET mac = NULL WHERE chain_id = @c "
	    "AND chain_seq = 5", 4);
	found_after("UPDATE audit_event SET mac = NULL, prev_mac = NULL WHERE "
	    "chain_id = @c", 0);
}

/* A row that was written while no key was loaded; the id of its chain. */
static struct sr_id
unsealed_refusal(void)
{
	struct store locked = store;
	struct sr_id target = new_id();
	struct audit_entry e = { .occurred_at = clock_now(),
	    .actor = &operator, .action = AUDIT_ROTATE,
	    .outcome = AUDIT_FAILED, .error = SR_E_ROOT_KEY_MISSING,
	    .target_kind = "secret", .target_id = target };
	uint32_t rows;

	must(keystore_new(&locked.keys) == SR_OK);
	ASSERT_ERR(audit_refusal(&locked, &e), SR_OK);
	ASSERT_ERR(audit_verify_chain(&locked, &e.id, &rows),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	CU_ASSERT_EQUAL(rows, 0);
	keystore_free(&locked.keys);
	return (e.id);
}

static void
an_unsealed_refusal_is_passed_and_not_counted(void)
{
	struct sr_id id = unsealed_refusal();
	uint32_t rows = 99;

	ASSERT_ERR(audit_verify_chain(&store, &id, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, 0);
	/* It was none, if it says that something was done. */
	tamper(&id, "UPDATE audit_event SET outcome = 'succeeded', "
	    "error_type = NULL WHERE chain_id = @c");
	ASSERT_ERR(audit_verify_chain(&store, &id, &rows),
	    SR_E_INTERNAL_ERROR);
	tamper(&id, "UPDATE audit_event SET action = 'SIGN_OUT' WHERE "
	    "chain_id = @c");
	ASSERT_ERR(audit_verify_chain(&store, &id, &rows), SR_OK);
}

static void
nothing_comes_after_an_unsealed_row(void)
{
	struct sr_id id = unsealed_refusal(), other = chain_of(1);
	char sql[300], text[SR_ID_STRLEN + 1];
	uint32_t rows;

	sr_id_format(&other, text);
	(void)snprintf(sql, sizeof(sql), "UPDATE audit_event SET chain_id = @c,"
	    " chain_seq = 2 WHERE chain_id = '%s'", text);
	tamper(&id, sql);
	ASSERT_ERR(audit_verify_chain(&store, &id, &rows),
	    SR_E_INTERNAL_ERROR);
	CU_ASSERT_EQUAL(rows, 0);
}

static const struct suite_test tests[] = {
	TEST(an_edit_of_any_column_is_found),
	TEST(a_deletion_is_found),
	TEST(a_reorder_is_found),
	TEST(a_row_in_between_is_found),
	TEST(a_row_of_another_chain_is_found),
	TEST(taking_a_seal_off_is_found),
	TEST(an_unsealed_refusal_is_passed_and_not_counted),
	TEST(nothing_comes_after_an_unsealed_row),
};
SUITE_MAIN("core/audit/audit_verify", tests, audit_start, audit_stop)
