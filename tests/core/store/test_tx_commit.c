#include "core/store/tx.h"
#include "tests/core/store/fixture.h"
#include "tests/harness/dbproxy.h"

/*
 * Replies to COMMIT that get lost on their way, in front of a real server. The
 * witness is an audit row; beside it the transaction writes a change.
 */
static struct dbproxy * proxy;
static struct db * far;

struct work {
	struct sr_id event;
	struct sr_id change;
	unsigned runs;
};

static enum sr_error
write_both(struct tx * tx, void * cookie)
{
	struct work * w = cookie;
	enum sr_error err;

	w->runs++;
	if ((err = put_change(tx_db(tx), &w->change)) != SR_OK)
		return (err);
	return (db_exec(tx_db(tx), STMT_AUDIT_INSERT, DB_ARGS(
	    DB_UUID(&w->event), DB_UUID(&w->event), DB_INT(1),
	    DB_TIME(clock_now()), DB_TEXT("system"), DB_NULL,
	    DB_TEXT("test"), DB_TEXT("CREATE"), DB_NULL, DB_NULL, DB_NULL,
	    DB_NULL, DB_NULL, DB_TEXT("succeeded"), DB_NULL,
	    DB_UUID(&w->event), DB_NULL, DB_NULL), NULL));
}

static int
start(void)
{

	if (fixture_start() != 0 ||
	    dbproxy_start(mariadb_socket(m), &proxy) != 0)
		return (-1);
	far = worker_with(dbproxy_socket(proxy), 2);
	return (0);
}

static int
stop(void)
{

	db_free(&far);
	dbproxy_stop(&proxy);
	return (fixture_stop());
}

static struct work
new_work(void)
{

	return ((struct work){ .event = new_id(), .change = new_id() });
}

static void
a_commit_whose_reply_was_lost_is_found(void)
{
	struct work w = new_work();

	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(tx_run(far, &w.event, write_both, &w), SR_OK);
	CU_ASSERT_EQUAL(dbproxy_broken(proxy), 1);
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT(change_exists(&w.change));
}

static void
a_commit_that_never_arrived_is_run_again(void)
{
	struct work w = new_work();

	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_BEFORE);
	ASSERT_ERR(tx_run(far, &w.event, write_both, &w), SR_OK);
	CU_ASSERT_EQUAL(dbproxy_broken(proxy), 1);
	CU_ASSERT_EQUAL(w.runs, 2);
	CU_ASSERT(change_exists(&w.change));
}

/* The look-up locks, so it waits for a transaction that is not yet over. */
static void
a_commit_that_is_still_on_its_way_is_waited_for(void)
{
	struct work w = new_work();
	int64_t begin = clock_monotonic_ms();

	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_LATE);
	ASSERT_ERR(tx_run(far, &w.event, write_both, &w), SR_OK);
	CU_ASSERT(clock_monotonic_ms() - begin >= 400);
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT(change_exists(&w.change));
}

static void
without_a_witness_the_outcome_is_unknown(void)
{
	struct work w = new_work();

	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(tx_run(far, NULL, write_both, &w),
	    SR_E_COMMIT_OUTCOME_UNKNOWN);
	CU_ASSERT_EQUAL(w.runs, 1);
	ASSERT_ERR(db_ping(far), SR_OK);
}

static void
without_an_answer_the_outcome_is_unknown(void)
{
	struct work w = new_work();
	int64_t begin = clock_monotonic_ms();

	dbproxy_refuse_after(proxy, true);
	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(tx_run(far, &w.event, write_both, &w),
	    SR_E_COMMIT_OUTCOME_UNKNOWN);
	CU_ASSERT(clock_monotonic_ms() - begin < 6000);
	CU_ASSERT_EQUAL(w.runs, 1);
	dbproxy_refuse_after(proxy, false);
	ASSERT_ERR(db_ping(far), SR_OK);
}

/* The former connection neither commits nor ends: its row stays locked, and
 * nobody can say what becomes of it. */
static void
a_commit_that_hangs_is_unknown_and_never_run_again(void)
{
	struct work w = new_work();

	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_STALL);
	ASSERT_ERR(tx_run(far, &w.event, write_both, &w),
	    SR_E_COMMIT_OUTCOME_UNKNOWN);
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT_FALSE(change_exists(&w.change));
}

static void
a_server_that_dies_in_commit_has_done_all_or_nothing(void)
{
	struct work w = new_work();

	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(tx_run(far, &w.event, write_both, &w), SR_OK);
	mariadb_kill9(m);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	CU_ASSERT(change_exists(&w.change));
}

static const struct suite_test tests[] = {
	TEST(a_commit_whose_reply_was_lost_is_found),
	TEST(a_commit_that_never_arrived_is_run_again),
	TEST(a_commit_that_is_still_on_its_way_is_waited_for),
	TEST(without_a_witness_the_outcome_is_unknown),
	TEST(without_an_answer_the_outcome_is_unknown),
	TEST(a_commit_that_hangs_is_unknown_and_never_run_again),
	TEST(a_server_that_dies_in_commit_has_done_all_or_nothing),
};
SUITE_MAIN("core/store/tx_commit", tests, start, stop)
