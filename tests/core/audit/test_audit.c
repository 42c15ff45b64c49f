#include "tests/core/audit/fixture.h"

static void
a_row_is_written_with_its_transaction(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);
	struct audit_receipt receipt;

	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	receipt = audit_committed(&e);
	CU_ASSERT(sr_id_equal(&receipt.event_id, &e.id));
	CU_ASSERT_EQUAL(count_of_target(&target), 1);
	CU_ASSERT_EQUAL(count_sealed(&target), 1);
}

static enum sr_error
append_and_fail(struct tx * tx, void * cookie)
{
	enum sr_error err = audit_append(tx, &store, cookie);

	ASSERT_ERR(err, SR_OK);
	return (SR_E_SECRET_PERSISTENCE_FAILED);
}

static void
a_row_is_rolled_back_with_its_transaction(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);

	ASSERT_ERR(tx_run(db, &e.id, append_and_fail, &e),
	    SR_E_SECRET_PERSISTENCE_FAILED);
	CU_ASSERT_EQUAL(count_of_target(&target), 0);
}

struct rows {
	unsigned n;
	struct audit_row last[8];
};

static enum sr_error
keep(const struct audit_row * row, void * cookie)
{
	struct rows * r = cookie;

	if (r->n < COUNTOF(r->last))
		r->last[r->n] = *row;
	r->n++;
	return (SR_OK);
}

static void
rows_of_a_target_come_newest_first_and_whole(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);
	struct rows r = { .n = 0 };
	int i;

	for (i = 0; i < 3; i++) {
		e.id = new_id();
		e.occurred_at = clock_now();
		e.key_version = (uint32_t)i + 1;
		e.action = i == 0 ? AUDIT_CREATE : AUDIT_ROTATE;
		ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	}
	ASSERT_ERR(audit_of_target(db, &target, 2, keep, &r), SR_OK);
	CU_ASSERT_EQUAL(r.n, 2);
	CU_ASSERT_EQUAL(r.last[0].key_version, 3);
	CU_ASSERT_EQUAL(r.last[0].chain_seq, 3);
	CU_ASSERT_EQUAL(r.last[1].key_version, 2);
	CU_ASSERT(sr_id_equal(&r.last[0].id, &e.id));
	CU_ASSERT(sr_id_equal(&r.last[0].chain_id, &target));
	CU_ASSERT(sr_id_equal(&r.last[0].target_id, &target));
	CU_ASSERT(sr_id_equal(&r.last[0].correlation_id,
	    &owner.correlation_id));
	CU_ASSERT_EQUAL(r.last[0].occurred_at, e.occurred_at);
	CU_ASSERT_STRING_EQUAL(r.last[0].actor_kind, "account");
	CU_ASSERT_STRING_EQUAL(r.last[0].actor_label, "owner@example.org");
	CU_ASSERT_STRING_EQUAL(r.last[0].action, "ROTATE");
	CU_ASSERT_STRING_EQUAL(r.last[0].target_kind, "secret");
	CU_ASSERT_STRING_EQUAL(r.last[0].scope, "instance");
	CU_ASSERT_STRING_EQUAL(r.last[0].name, "providers/x");
	CU_ASSERT_STRING_EQUAL(r.last[0].outcome, "succeeded");
	CU_ASSERT_STRING_EQUAL(r.last[0].error_type, "");
}

static enum sr_error
stop_reading(const struct audit_row * row, void * cookie)
{

	(void)row;
	(void)cookie;
	return (SR_E_OUTPUT_FAILED);
}

static void
what_the_reader_says_is_passed_on(void)
{

	ASSERT_ERR(audit_recent(db, "secret", 5, stop_reading, NULL),
	    SR_E_OUTPUT_FAILED);
}

static void
a_refusal_has_a_row_and_a_chain_of_its_own(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);
	struct rows r = { .n = 0 };
	uint32_t rows = 0;

	e.id = sr_id_nil;
	e.outcome = AUDIT_BLOCKED;
	e.error = SR_E_SECRET_NAME_INVALID;
	e.name = NULL;
	e.key_version = 0;
	ASSERT_ERR(audit_refusal(&store, &e), SR_OK);
	CU_ASSERT_FALSE(sr_id_is_nil(&e.id));
	ASSERT_ERR(audit_recent(db, "secret", 1, keep, &r), SR_OK);
	CU_ASSERT_EQUAL_FATAL(r.n, 1);
	CU_ASSERT(sr_id_equal(&r.last[0].id, &e.id));
	CU_ASSERT(sr_id_equal(&r.last[0].chain_id, &e.id));
	CU_ASSERT_EQUAL(r.last[0].chain_seq, 1);
	CU_ASSERT_STRING_EQUAL(r.last[0].outcome, "blocked");
	CU_ASSERT_STRING_EQUAL(r.last[0].error_type, "secret_name_invalid");
	CU_ASSERT_STRING_EQUAL(r.last[0].name, "");
	CU_ASSERT_EQUAL(r.last[0].key_version, 0);
	ASSERT_ERR(audit_verify_chain(&store, &e.id, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, 1);
	/* The target's own chain has not begun. */
	ASSERT_ERR(audit_verify_chain(&store, &target, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, 0);
}

static void
without_a_key_refusals_and_sign_ins_alone_are_written(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);
	struct store locked = store;

	must(keystore_new(&locked.keys) == SR_OK);
	ASSERT_ERR(append_one(db, &locked, &e),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	/* Nor can a failure be put into a chain that would not hold then. */
	e.outcome = AUDIT_FAILED;
	ASSERT_ERR(append_one(db, &locked, &e),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_EQUAL(count_of_target(&target), 0);
	e.id = sr_id_nil;
	ASSERT_ERR(audit_refusal(&locked, &e), SR_OK);
	CU_ASSERT_EQUAL(count_of_target(&target), 1);
	CU_ASSERT_EQUAL(count_sealed(&target), 0);
	e = (struct audit_entry){ .id = new_id(), .occurred_at = clock_now(),
	    .actor = &owner, .action = AUDIT_SETUP_LINK,
	    .outcome = AUDIT_SUCCEEDED };
	ASSERT_ERR(append_one(db, &locked, &e),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	e.action = AUDIT_SIGN_IN;
	ASSERT_ERR(append_one(db, &locked, &e), SR_OK);
	keystore_free(&locked.keys);
}

/* A reload takes the keys of the store while a change is under way. */
static void
the_keys_that_the_caller_holds_seal_the_row(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);
	const struct keyset * held = keystore_hold(store.keys);
	struct store locked = store;
	uint32_t rows;

	CU_ASSERT_PTR_NOT_NULL_FATAL(held);
	must(keystore_new(&locked.keys) == SR_OK);
	e.keys = held;
	ASSERT_ERR(append_one(db, &locked, &e), SR_OK);
	CU_ASSERT_EQUAL(count_sealed(&target), 1);
	ASSERT_ERR(audit_verify_chain(&store, &target, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, 1);
	keyset_release(&held);
	keystore_free(&locked.keys);
}

static void
a_missing_table_is_this_rooms_error(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);
	struct rows r = { .n = 0 };
	uint32_t rows;

	/* Prepared before, so that it is stale after. */
	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	admin("RENAME TABLE audit_event TO audit_gone");
	e.id = new_id();
	ASSERT_ERR(append_one(db, &store, &e),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	ASSERT_ERR(append_one(db, &store, &e),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	e.id = sr_id_nil;
	ASSERT_ERR(audit_refusal(&store, &e),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	ASSERT_ERR(audit_recent(db, "secret", 1, keep, &r),
	    SR_E_SECRET_AUDIT_UNAVAILABLE);
	ASSERT_ERR(audit_of_target(db, &target, 1, keep, &r),
	    SR_E_SECRET_AUDIT_UNAVAILABLE);
	ASSERT_ERR(audit_verify_chain(&store, &target, &rows),
	    SR_E_SECRET_AUDIT_UNAVAILABLE);
	admin("RENAME TABLE audit_gone TO audit_event");
	e.id = new_id();
	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
	CU_ASSERT_EQUAL(count_of_target(&target), 2);
}

static void
a_missing_grant_is_this_rooms_error(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);

	admin("REVOKE INSERT ON audit_event FROM strongroom_worker@localhost");
	ASSERT_ERR(append_one(db, &store, &e),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	admin("GRANT INSERT ON audit_event TO strongroom_worker@localhost");
	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
}

static void
a_row_that_does_not_fit_is_this_rooms_error(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);

	e.scope = "a scope of more than sixteen characters";
	ASSERT_ERR(append_one(db, &store, &e),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
}

static void
a_server_that_is_away_is_not_this_rooms_error(void)
{
	struct sr_id target = new_id();
	struct audit_entry e = entry_about(&target);
	struct rows r = { .n = 0 };

	mariadb_kill9(m);
	ASSERT_ERR(append_one(db, &store, &e), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(audit_recent(db, "secret", 1, keep, &r),
	    SR_E_SECRET_AUDIT_UNAVAILABLE);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	ASSERT_ERR(append_one(db, &store, &e), SR_OK);
}

static void
actions_have_names(void)
{

	CU_ASSERT_STRING_EQUAL(audit_action_name(AUDIT_CREATE), "CREATE");
	CU_ASSERT_STRING_EQUAL(audit_action_name(AUDIT_SIGN_IN), "SIGN_IN");
}

static const struct suite_test tests[] = {
	TEST(a_row_is_written_with_its_transaction),
	TEST(a_row_is_rolled_back_with_its_transaction),
	TEST(rows_of_a_target_come_newest_first_and_whole),
	TEST(what_the_reader_says_is_passed_on),
	TEST(a_refusal_has_a_row_and_a_chain_of_its_own),
	TEST(without_a_key_refusals_and_sign_ins_alone_are_written),
	TEST(the_keys_that_the_caller_holds_seal_the_row),
	TEST(a_missing_table_is_this_rooms_error),
	TEST(a_missing_grant_is_this_rooms_error),
	TEST(a_row_that_does_not_fit_is_this_rooms_error),
	TEST(a_server_that_is_away_is_not_this_rooms_error),
	TEST(actions_have_names),
};
SUITE_MAIN("core/audit/audit", tests, audit_start, audit_stop)
