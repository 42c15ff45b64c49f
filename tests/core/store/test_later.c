/*
 * Goal: statements that are sent together do what they would do one by one,
 * in one round trip, and are told apart when one of them fails.
 */

#include "tests/core/store/fixture.h"

#include "core/store/tx.h"
#include "tests/harness/dbproxy.h"

static struct dbproxy * proxy;
static struct db * through;

/* Two lines of the log of changes, one of the audit's list (the witness is
 * looked for elsewhere), and what a test does between. */
struct work {
	struct sr_id id[2];
	struct sr_id event;
	unsigned runs;
	unsigned fail_at;	/* This run returns an error of its own. */
	bool query;		/* A query comes between. */
	int shard;		/* That a row must be changed of; -1: none. */
	uint64_t changed;
};

static enum sr_error
ignore(const struct db_row * row, void * cookie)
{
	unsigned * n = cookie;

	(void)row;
	++*n;
	return (SR_OK);
}

static enum sr_error
later(struct db * to, const struct sr_id * id)
{
	/* Copied: it is gone when the statement is sent. */
	const struct sr_id secret = new_id();
	const struct sr_id copy = *id;

	return (db_later(to, STMT_CHANGE_INSERT, DB_ARGS(DB_UUID(&copy),
	    DB_UUID(&secret), DB_INT(0)), NULL));
}

static enum sr_error
work_tx(struct tx * tx, void * cookie)
{
	struct work * w = cookie;
	unsigned rows = 0;
	enum sr_error err;

	w->runs++;
	if ((err = later(tx_db(tx), &w->id[0])) != SR_OK)
		return (err);
	if (w->query && (err = db_query(tx_db(tx), STMT_CHANGE_SINCE,
	    DB_ARGS(DB_INT(0), DB_INT(-1)), ignore, &rows)) != SR_OK)
		return (err);
	CU_ASSERT(!w->query || rows > 0);
	if (w->shard >= 0 && (err = db_later(tx_db(tx), STMT_CHANGE_NUMBER,
	    DB_ARGS(DB_INT(w->shard)), &w->changed)) != SR_OK)
		return (err);
	if (w->runs == w->fail_at)
		return (SR_E_LIMIT_EXCEEDED);
	return (later(tx_db(tx), &w->id[1]));
}

static struct work
work(void)
{

	return ((struct work){ .id = { new_id(), new_id() }, .shard = -1 });
}

static bool
both(const struct work * w)
{

	return (change_exists(&w->id[0]) && change_exists(&w->id[1]));
}

static bool
none(const struct work * w)
{
	char sql[200], a[SR_ID_STRLEN + 1], b[SR_ID_STRLEN + 1];

	sr_id_format(&w->id[0], a);
	sr_id_format(&w->id[1], b);
	(void)snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM redaction_change"
	    " WHERE id IN ('%s', '%s')", a, b);
	return (admin_says(sql, "0"));
}

/* A look that says whether the first row is there. */
static enum sr_error
look(struct db * to, void * cookie, bool * found)
{
	const struct work * w = cookie;

	(void)to;
	*found = change_exists(&w->id[0]);
	return (SR_OK);
}

static void
they_go_in_one_round_trip_with_begin_and_commit(void)
{
	unsigned commits = dbproxy_seen(proxy, DBPROXY_COMMIT);
	unsigned begins = dbproxy_seen(proxy, DBPROXY_BEGIN);
	unsigned executes = dbproxy_seen(proxy, DBPROXY_EXECUTE);
	struct work w = work();

	ASSERT_ERR(tx_run_seen(through, look, work_tx, &w), SR_OK);
	CU_ASSERT(both(&w));
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT_EQUAL(dbproxy_seen(proxy, DBPROXY_EXECUTE), executes + 1);
	CU_ASSERT_EQUAL(dbproxy_seen(proxy, DBPROXY_COMMIT), commits + 1);
	CU_ASSERT_EQUAL(dbproxy_seen(proxy, DBPROXY_BEGIN), begins + 1);
}

static void
without_a_witness_commit_comes_alone(void)
{
	struct work w = work();

	dbproxy_arm(proxy, DBPROXY_EXECUTE, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(tx_run(through, NULL, work_tx, &w), SR_OK);
	CU_ASSERT_EQUAL(dbproxy_broken(proxy), 1);
	CU_ASSERT_EQUAL(w.runs, 2);
	CU_ASSERT(both(&w));
}

static void
a_query_between_sees_what_came_before(void)
{
	struct work w = work();

	w.query = true;
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_OK);
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT(both(&w));
}

static void
an_error_of_the_function_leaves_nothing(void)
{
	struct work w = work();

	w.fail_at = 1;
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT(none(&w));
	w.query = true;
	w.fail_at = 2;
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT(none(&w));
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_OK);
	CU_ASSERT(both(&w));
}

static void
one_that_is_refused_is_told_when_it_comes_alone(void)
{
	struct work w = work();

	w.id[1] = w.id[0];
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_E_DATABASE_REFUSED);
	CU_ASSERT(db_duplicate(db));
	CU_ASSERT_EQUAL(w.runs, 2);
	CU_ASSERT(none(&w));
	w.query = true;
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_E_DATABASE_REFUSED);
	CU_ASSERT(none(&w));
	/* The connection goes on, together again. */
	w = work();
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_OK);
	CU_ASSERT_EQUAL(w.runs, 1);
	admin("RENAME TABLE redaction_change TO elsewhere");
	w = work();
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(db_errno(db), 1146);
	admin("RENAME TABLE elsewhere TO redaction_change");
	w = work();
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_OK);
	CU_ASSERT(both(&w));
}

static void
a_row_that_must_be_there_is_asked_for(void)
{
	struct work w = work();

	w.shard = 3;
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_OK);
	CU_ASSERT_EQUAL(w.runs, 1);
	CU_ASSERT_EQUAL(w.changed, 1);
	w = work();
	w.shard = 99;
	/* Alone it says that there is none; what follows is its caller's. */
	ASSERT_ERR(tx_run_seen(db, look, work_tx, &w), SR_OK);
	CU_ASSERT_EQUAL(w.runs, 2);
	CU_ASSERT_EQUAL(w.changed, 0);
}

/* Whichever end of the one round trip is lost, it is done once. */
static void
a_lost_reply_is_looked_up(void)
{
	static const enum dbproxy_how hows[] = { DBPROXY_CUT_BEFORE,
	    DBPROXY_CUT_AFTER };

	for (size_t i = 0; i < COUNTOF(hows); i++) {
		struct work w = work();

		dbproxy_arm(proxy, DBPROXY_COMMIT, 1, hows[i]);
		ASSERT_ERR(tx_run_seen(through, look, work_tx, &w), SR_OK);
		CU_ASSERT_EQUAL(dbproxy_broken(proxy), 1);
		CU_ASSERT(both(&w));
		CU_ASSERT_EQUAL(w.runs, hows[i] == DBPROXY_CUT_AFTER ? 1 : 2);
	}
}

/* More of them than go into one, and more sequences than are kept. */
struct many {
	unsigned n;
	unsigned runs;
};

static enum sr_error
many_tx(struct tx * tx, void * cookie)
{
	struct many * c = cookie;
	enum sr_error err = SR_OK;
	struct sr_id id;

	c->runs++;
	for (unsigned i = 0; i < c->n && err == SR_OK; i++) {
		id = new_id();
		err = later(tx_db(tx), &id);
	}
	return (err);
}

static enum sr_error
never(struct db * to, void * cookie, bool * found)
{

	(void)to;
	(void)cookie;
	*found = false;
	return (SR_OK);
}

static void
any_number_goes(void)
{
	unsigned sum = 0;
	char expected[16];

	admin("DELETE FROM redaction_change");
	for (unsigned n = 0; n < 60; n++) {
		struct many c = { .n = n };

		ASSERT_ERR(tx_run_seen(db, never, many_tx, &c), SR_OK);
		CU_ASSERT_EQUAL(c.runs, 1);
		sum += n;
	}
	(void)snprintf(expected, sizeof(expected), "%u", sum);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM redaction_change",
	    expected));
}

static int
start(void)
{

	if (fixture_start() != 0 ||
	    dbproxy_start(mariadb_socket(m), &proxy) != 0)
		return (-1);
	through = worker_with(dbproxy_socket(proxy), MARIADB_TEST_TIMEOUT);
	return (0);
}

static int
stop(void)
{

	db_free(&through);
	dbproxy_stop(&proxy);
	return (fixture_stop());
}

static const struct suite_test tests[] = {
	TEST(they_go_in_one_round_trip_with_begin_and_commit),
	TEST(without_a_witness_commit_comes_alone),
	TEST(a_query_between_sees_what_came_before),
	TEST(an_error_of_the_function_leaves_nothing),
	TEST(one_that_is_refused_is_told_when_it_comes_alone),
	TEST(a_row_that_must_be_there_is_asked_for),
	TEST(a_lost_reply_is_looked_up),
	TEST(any_number_goes),
};

SUITE_MAIN("core/store/later", tests, start, stop)
