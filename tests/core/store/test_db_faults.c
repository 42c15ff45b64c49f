#include "core/base/secbuf.h"
#include "tests/core/store/fixture.h"
#include "core/store/tx.h"

/* How long a call took, in ms. */
static enum sr_error
timed_ping(struct db * to, int64_t * ms)
{
	int64_t start = clock_monotonic_ms();
	enum sr_error err = db_ping(to);

	*ms = clock_monotonic_ms() - start;
	return (err);
}

static void
a_server_that_hangs_is_given_up_within_the_limit(void)
{
	struct db * quick = worker_with(NULL, 1);
	struct db * fresh = worker_with(NULL, 1);
	int64_t ms;

	ASSERT_ERR(db_ping(quick), SR_OK);
	mariadb_pause(m);
	/* On a connection that stands, and on one that is yet to be made. */
	ASSERT_ERR(timed_ping(quick, &ms), SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT(ms >= 500 && ms < 3000);
	ASSERT_ERR(timed_ping(fresh, &ms), SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT(ms < 3000);
	mariadb_continue(m);
	ASSERT_ERR(db_ping(quick), SR_OK);
	ASSERT_ERR(db_ping(fresh), SR_OK);
	db_free(&quick);
	db_free(&fresh);
}

static void
a_killed_server_is_unavailable_and_found_again(void)
{
	struct sr_id id = new_id();

	ASSERT_ERR(db_ping(db), SR_OK);
	mariadb_kill9(m);
	ASSERT_ERR(db_ping(db), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(put_change(db, &id), SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	ASSERT_ERR(put_change(db, &id), SR_OK);
	CU_ASSERT(change_exists(&id));
}

static void
a_restart_between_two_statements_goes_unnoticed(void)
{
	struct sr_id id = new_id();

	ASSERT_ERR(db_ping(db), SR_OK);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	ASSERT_ERR(put_change(db, &id), SR_OK);
	CU_ASSERT(change_exists(&id));
}

static void
a_connection_that_the_server_closed_is_made_anew(void)
{
	struct sr_id id = new_id();

	ASSERT_ERR(db_ping(db), SR_OK);
	admin("KILL USER strongroom_worker");
	ASSERT_ERR(put_change(db, &id), SR_OK);
	CU_ASSERT(change_exists(&id));
}

static void
a_statement_recovers_when_its_table_comes_back(void)
{
	struct sr_id id = new_id();

	ASSERT_ERR(put_change(db, &id), SR_OK);
	admin("RENAME TABLE redaction_change TO elsewhere");
	id = new_id();
	ASSERT_ERR(put_change(db, &id), SR_E_DATABASE_REFUSED);
	CU_ASSERT(db_errno(db) == 1146 || db_errno(db) == 1142);
	ASSERT_ERR(put_change(db, &id), SR_E_DATABASE_REFUSED);
	admin("RENAME TABLE elsewhere TO redaction_change");
	ASSERT_ERR(put_change(db, &id), SR_OK);
	CU_ASSERT(change_exists(&id));
}

static enum sr_error
ignore(const struct db_row * row, void * cookie)
{

	(void)row;
	(void)cookie;
	return (SR_OK);
}

static void
a_prepared_query_whose_table_changed_is_no_crash(void)
{
	struct sr_id id = new_id();

	ASSERT_ERR(db_query(db, STMT_SECRET_BY_ID, DB_ARGS(DB_UUID(&id)),
	    ignore, NULL), SR_OK);
	admin("ALTER TABLE secret_ref CHANGE source origin "
	    "ENUM('env','onboarding','rotation') NOT NULL");
	ASSERT_ERR(db_query(db, STMT_SECRET_BY_ID, DB_ARGS(DB_UUID(&id)),
	    ignore, NULL), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(db_errno(db), 1054);
	admin("ALTER TABLE secret_ref CHANGE origin source "
	    "ENUM('env','onboarding','rotation') NOT NULL");
	ASSERT_ERR(db_query(db, STMT_SECRET_BY_ID, DB_ARGS(DB_UUID(&id)),
	    ignore, NULL), SR_OK);
}

static void
a_wrong_user_password_or_database_is_a_refusal(void)
{
	struct db_options o;
	struct secbuf * wrong = NULL;
	struct db * other;

	must(secbuf_copy("wrong", 5, &wrong) == SR_OK);
	mariadb_worker_options(m, &o);
	o.password = wrong;
	must(db_new(&o, &other) == SR_OK);
	ASSERT_ERR(db_ping(other), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(db_errno(other), 1045);
	db_free(&other);
	secbuf_free(&wrong);
	mariadb_worker_options(m, &o);
	o.name = "mysql";
	must(db_new(&o, &other) == SR_OK);
	/* Grants come with the migrations: this says that they are wanted. */
	ASSERT_ERR(db_ping(other), SR_E_SCHEMA_OUTDATED);
	CU_ASSERT_EQUAL(db_errno(other), 1044);
	db_free(&other);
	mariadb_admin_options(m, &o);
	o.name = "nowhere";
	must(db_new(&o, &other) == SR_OK);
	ASSERT_ERR(db_ping(other), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(db_errno(other), 1049);
	db_free(&other);
}

static void
no_socket_is_unavailable(void)
{
	struct db * other = worker_with("/nonexistent/m.sock", 1);

	ASSERT_ERR(db_ping(other), SR_E_DATABASE_UNAVAILABLE);
	db_free(&other);
	CU_ASSERT_PTR_NULL(other);
	db_free(&other);
}

/* Inside of a transaction that holds the lock. */
static enum sr_error
wait_for_own_lock(struct tx * tx, void * cookie)
{
	struct db * patient = cookie;
	int64_t start;
	enum sr_error err;

	if ((err = db_query(tx_db(tx), STMT_SETUP_LOCK, DB_NOARGS, ignore,
	    NULL)) != SR_OK)
		return (err);
	start = clock_monotonic_ms();
	ASSERT_ERR(db_query(patient, STMT_SETUP_LOCK, DB_NOARGS, ignore, NULL),
	    SR_E_TRANSACTION_CONFLICT);
	CU_ASSERT_EQUAL(db_errno(patient), 1205);
	CU_ASSERT(clock_monotonic_ms() - start >= 4000);
	return (SR_OK);
}

static void
a_lock_that_others_hold_ends_as_a_conflict(void)
{
	struct db * patient = worker_with(NULL, 15);

	ASSERT_ERR(tx_run(db, NULL, wait_for_own_lock, patient), SR_OK);
	db_free(&patient);
}

static const struct suite_test tests[] = {
	TEST(a_server_that_hangs_is_given_up_within_the_limit),
	TEST(a_killed_server_is_unavailable_and_found_again),
	TEST(a_restart_between_two_statements_goes_unnoticed),
	TEST(a_connection_that_the_server_closed_is_made_anew),
	TEST(a_statement_recovers_when_its_table_comes_back),
	TEST(a_prepared_query_whose_table_changed_is_no_crash),
	TEST(a_wrong_user_password_or_database_is_a_refusal),
	TEST(no_socket_is_unavailable),
	TEST(a_lock_that_others_hold_ends_as_a_conflict),
};
SUITE_MAIN("core/store/db_faults", tests, fixture_start, fixture_stop)
