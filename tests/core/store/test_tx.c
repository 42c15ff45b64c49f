#include <pthread.h>

#include "core/store/tx.h"
#include "tests/core/store/fixture.h"
#include "tests/harness/dbproxy.h"
#include "tests/harness/files.h"

/* A transaction that writes one change and may then fail. */
struct work {
	struct sr_id id;
	unsigned runs;
	enum sr_error result;
};

static enum sr_error
write_change(struct tx * tx, void * cookie)
{
	struct work * w = cookie;
	enum sr_error err;

	w->runs++;
	if ((err = put_change(tx_db(tx), &w->id)) != SR_OK)
		return (err);
	return (w->result);
}

static void
what_succeeds_is_committed(void)
{
	struct work w = { .id = new_id() };

	ASSERT_ERR(tx_run(db, NULL, write_change, &w), SR_OK);
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT(change_exists(&w.id));
}

static void
what_fails_is_rolled_back_once(void)
{
	struct work w = { .id = new_id(),
	    .result = SR_E_SECRET_NAME_INVALID };

	ASSERT_ERR(tx_run(db, NULL, write_change, &w),
	    SR_E_SECRET_NAME_INVALID);
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT_FALSE(change_exists(&w.id));
	/* And the connection is fit for the next. */
	w.result = SR_OK;
	ASSERT_ERR(tx_run(db, NULL, write_change, &w), SR_OK);
	CU_ASSERT(change_exists(&w.id));
}

static void
a_refusal_is_told_with_its_number(void)
{
	struct work w = { .id = new_id() };

	ASSERT_ERR(tx_run(db, NULL, write_change, &w), SR_OK);
	ASSERT_ERR(tx_run(db, NULL, write_change, &w), SR_E_DATABASE_REFUSED);
	CU_ASSERT_TRUE(db_duplicate(db));
	CU_ASSERT_EQUAL(w.runs, 2);
}

static void
a_conflict_is_tried_five_times(void)
{
	struct work w = { .id = new_id(),
	    .result = SR_E_TRANSACTION_CONFLICT };

	ASSERT_ERR(tx_run(db, NULL, write_change, &w),
	    SR_E_TRANSACTION_CONFLICT);
	CU_ASSERT_EQUAL(w.runs, 5);
	CU_ASSERT_FALSE(change_exists(&w.id));
}

/* Takes longer than it may, the first ${slow} times. */
struct slow {
	struct work w;
	unsigned slow;
};

static enum sr_error
write_slowly(struct tx * tx, void * cookie)
{
	struct slow * s = cookie;
	enum sr_error err = write_change(tx, &s->w);

	if (s->w.runs <= s->slow)
		sleep_ms(1100);
	return (err);
}

static void
what_took_too_long_is_not_committed(void)
{
	struct slow s = { .w = { .id = new_id() }, .slow = 1 };
	struct db_options o;
	struct db * own;

	mariadb_worker_options(m, &o);
	o.timeout_seconds = 3;
	o.tx_seconds = 1;
	must(db_new(&o, &own) == SR_OK);
	/* Once: run again. Always: given up. */
	ASSERT_ERR(tx_run(own, NULL, write_slowly, &s), SR_OK);
	CU_ASSERT_EQUAL(s.w.runs, 2);
	CU_ASSERT(change_exists(&s.w.id));
	s = (struct slow){ .w = { .id = new_id() }, .slow = 99 };
	ASSERT_ERR(tx_run(own, NULL, write_slowly, &s),
	    SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT(s.w.runs > 1);
	CU_ASSERT_FALSE(change_exists(&s.w.id));
	db_free(&own);
}

/* Goes to sleep over its transaction, the first time. */
static enum sr_error
write_and_sleep(struct tx * tx, void * cookie)
{
	struct work * w = cookie;
	enum sr_error err = write_change(tx, w);

	if (w->runs == 1) {
		sleep_ms((TX_IDLE_SECONDS + 2) * 1000);
		CU_ASSERT(admin_says("SELECT COUNT(*) FROM "
		    "information_schema.INNODB_TRX", "0"));
	}
	return (err);
}

static void
the_server_rolls_back_what_sleeps(void)
{
	struct work w = { .id = new_id() };
	struct db * own = worker_with(NULL, TX_SECONDS_MAX);

	/* And since COMMIT was not sent there is no doubt: it is run again,
	 * without a witness too. */
	ASSERT_ERR(tx_run(own, NULL, write_and_sleep, &w), SR_OK);
	CU_ASSERT_EQUAL(w.runs, 2);
	CU_ASSERT(change_exists(&w.id));
	db_free(&own);
}

/* Two transactions that lock the same two rows, each in its own order. */
struct crossing {
	pthread_barrier_t * both;
	const char * first;
	const char * second;
	struct sr_id id;
	unsigned runs;
	unsigned conflicts;
	bool stubborn;		/* Go on after the deadlock. */
	enum sr_error result;
};

static enum sr_error
touch(struct db * to, const char * bucket)
{

	return (db_exec(to, STMT_THROTTLE_BLOCK, DB_ARGS(DB_TIME(clock_now()),
	    DB_BYTES(bucket, 32)), NULL));
}

static enum sr_error
cross(struct tx * tx, void * cookie)
{
	struct crossing * c = cookie;
	enum sr_error err;

	if ((err = touch(tx_db(tx), c->first)) != SR_OK)
		return (err);
	if (++c->runs == 1)
		(void)pthread_barrier_wait(c->both);
	if ((err = touch(tx_db(tx), c->second)) == SR_E_TRANSACTION_CONFLICT)
		c->conflicts++;
	if (err != SR_OK && !c->stubborn)
		return (err);
	/* After a deadlock this must not be written outside of everything. */
	if (put_change(tx_db(tx), &c->id) != err)
		suite_note("the transaction went on");
	return (SR_OK);
}

static void *
cross_thread(void * cookie)
{
	struct crossing * c = cookie;
	struct db * own = worker_with(NULL, 15);

	c->result = tx_run(own, NULL, cross, c);
	db_free(&own);
	db_thread_end();
	return (NULL);
}

static void
cross_both(bool stubborn)
{
	static const char one[33] = "11111111111111111111111111111111";
	static const char two[33] = "22222222222222222222222222222222";
	pthread_barrier_t both;
	struct crossing a = { .both = &both, .first = one, .second = two,
	    .id = new_id(), .stubborn = stubborn };
	struct crossing b = { .both = &both, .first = two, .second = one,
	    .id = new_id(), .stubborn = stubborn };
	pthread_t thread;

	admin("REPLACE INTO throttle VALUES (REPEAT('1', 32), 1, NOW(6), "
	    "NOW(6)), (REPEAT('2', 32), 1, NOW(6), NOW(6))");
	CU_ASSERT_EQUAL_FATAL(pthread_barrier_init(&both, NULL, 2), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, cross_thread, &a),
	    0);
	(void)cross_thread(&b);
	(void)pthread_join(thread, NULL);
	(void)pthread_barrier_destroy(&both);
	ASSERT_ERR(a.result, SR_OK);
	ASSERT_ERR(b.result, SR_OK);
	CU_ASSERT(a.conflicts + b.conflicts >= 1);
	CU_ASSERT_EQUAL(a.runs + b.runs, 2 + a.conflicts + b.conflicts);
	CU_ASSERT(change_exists(&a.id));
	CU_ASSERT(change_exists(&b.id));
}

static void
a_real_deadlock_is_run_again(void)
{

	cross_both(false);
}

static void
a_deadlock_that_the_function_ignores_is_run_again_too(void)
{

	cross_both(true);
}

/* Run one transaction through a proxy that breaks the nth such command. */
static void
run_broken(enum dbproxy_what what, enum dbproxy_how how, unsigned runs)
{
	struct work w = { .id = new_id() };
	struct dbproxy * p;
	struct db * far;

	CU_ASSERT_EQUAL_FATAL(dbproxy_start(mariadb_socket(m), &p), 0);
	far = worker_with(dbproxy_socket(p), 5);
	ASSERT_ERR(db_ping(far), SR_OK);
	dbproxy_arm(p, what, 1, how);
	ASSERT_ERR(tx_run(far, NULL, write_change, &w), SR_OK);
	CU_ASSERT_EQUAL(dbproxy_broken(p), 1);
	CU_ASSERT_EQUAL(w.runs, runs);
	CU_ASSERT(change_exists(&w.id));
	db_free(&far);
	dbproxy_stop(&p);
}

static void
a_connection_lost_at_begin_is_run_again(void)
{

	/* It is sent with the function's first statement. */
	run_broken(DBPROXY_BEGIN, DBPROXY_CUT_BEFORE, 2);
	run_broken(DBPROXY_BEGIN, DBPROXY_CUT_AFTER, 2);
}

static void
a_connection_lost_inside_is_run_again(void)
{

	run_broken(DBPROXY_EXECUTE, DBPROXY_CUT_BEFORE, 2);
	run_broken(DBPROXY_EXECUTE, DBPROXY_CUT_AFTER, 2);
}

static void
without_a_server_it_ends_soon(void)
{
	struct work w = { .id = new_id() };
	int64_t start;

	mariadb_kill9(m);
	start = clock_monotonic_ms();
	ASSERT_ERR(tx_run(db, NULL, write_change, &w),
	    SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT(clock_monotonic_ms() - start < 2000);
	CU_ASSERT_EQUAL(w.runs, 0);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	ASSERT_ERR(tx_run(db, NULL, write_change, &w), SR_OK);
}

static void
with_a_server_that_hangs_it_ends_within_the_limit(void)
{
	struct work w = { .id = new_id() };
	struct db * quick = worker_with(NULL, 1);
	int64_t start;

	ASSERT_ERR(db_ping(quick), SR_OK);
	mariadb_pause(m);
	start = clock_monotonic_ms();
	ASSERT_ERR(tx_run(quick, NULL, write_change, &w),
	    SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT(clock_monotonic_ms() - start < 4000);
	mariadb_continue(m);
	w.runs = 0;
	ASSERT_ERR(tx_run(quick, NULL, write_change, &w), SR_OK);
	CU_ASSERT_EQUAL(w.runs, 1);
	db_free(&quick);
}

static void
a_missing_table_is_a_refusal_and_not_repeated(void)
{
	struct work w = { .id = new_id() };

	admin("RENAME TABLE redaction_change TO elsewhere");
	ASSERT_ERR(tx_run(db, NULL, write_change, &w), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT_EQUAL(db_errno(db), 1146);
	admin("RENAME TABLE elsewhere TO redaction_change");
}

static const struct suite_test tests[] = {
	TEST(what_succeeds_is_committed),
	TEST(what_fails_is_rolled_back_once),
	TEST(a_refusal_is_told_with_its_number),
	TEST(a_conflict_is_tried_five_times),
	TEST(a_real_deadlock_is_run_again),
	TEST(a_deadlock_that_the_function_ignores_is_run_again_too),
	TEST(a_connection_lost_at_begin_is_run_again),
	TEST(a_connection_lost_inside_is_run_again),
	TEST(without_a_server_it_ends_soon),
	TEST(with_a_server_that_hangs_it_ends_within_the_limit),
	TEST(a_missing_table_is_a_refusal_and_not_repeated),
	TEST(what_took_too_long_is_not_committed),
	TEST(the_server_rolls_back_what_sleeps),
};
SUITE_MAIN("core/store/tx", tests, fixture_start, fixture_stop)
