/*
 * Many who write, several who seal, and those who are killed while they do:
 * each row has one leaf, the leaves have no gaps, and the tree verifies.
 */

#include <sys/wait.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "tests/core/audit/tree.h"
#include "tests/harness/dbproxy.h"

#define WRITERS		8
#define EACH		60
#define SEALERS		3
#define KILLS		500

static uint64_t rows;

static bool
admin_is(const char * sql, const char * expected)
{
	char * out = mariadb_sql(m, sql);
	bool same;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	out[strcspn(out, "\n")] = '\0';
	same = strcmp(out, expected) == 0;
	free(out);
	return (same);
}

/* Every row has one leaf, and the numbers are 0, 1, 2 and so on. */
static void
the_leaves_are_whole(void)
{
	char expected[80];

	(void)snprintf(expected, sizeof(expected), "%lu\t%lu\t%lu\t%lu\t0",
	    (unsigned long)rows, (unsigned long)rows, (unsigned long)rows,
	    (unsigned long)rows);
	CU_ASSERT(admin_says("SELECT COUNT(*), COUNT(DISTINCT event_id),"
	    " MAX(leaf_index) + 1, (SELECT MAX(tree_size) FROM"
	    " audit_checkpoint), (SELECT COUNT(*) FROM audit_pending)"
	    " FROM audit_leaf", expected));
	verifies(rows);
}

struct crowd {
	atomic_uint writing;
	atomic_uint failed;
	atomic_uint checkpoints;
	atomic_uint conflicts;
};

static void *
write_rows(void * cookie)
{
	struct crowd * c = cookie;
	struct store mine = { .db = worker_with(NULL, MARIADB_TEST_TIMEOUT),
	    .keys = store.keys };
	struct sr_id chain = new_id();
	unsigned i;

	for (i = 0; i < EACH; i++) {
		struct audit_entry e = entry_about(&chain);

		if (append_one(mine.db, &mine, &e) != SR_OK)
			atomic_fetch_add(&c->failed, 1);
	}
	atomic_fetch_sub(&c->writing, 1);
	db_free(&mine.db);
	db_thread_end();
	return (NULL);
}

static void *
seal_rows(void * cookie)
{
	struct crowd * c = cookie;
	struct store mine = { .db = worker_with(NULL, MARIADB_TEST_TIMEOUT),
	    .keys = store.keys };
	enum sr_error err;
	uint64_t n;
	bool more, last;

	do {
		last = atomic_load(&c->writing) == 0;
		err = checkpoint_seal(&mine, &n, &more);
		if (err == SR_E_TRANSACTION_CONFLICT)
			atomic_fetch_add(&c->conflicts, 1);
		else if (err != SR_OK)
			atomic_fetch_add(&c->failed, 1);
		else if (n > 0)
			atomic_fetch_add(&c->checkpoints, 1);
		last = last && err == SR_OK && n == 0;
	} while (!last && atomic_load(&c->failed) == 0);
	db_free(&mine.db);
	db_thread_end();
	return (NULL);
}

static void
eight_write_while_three_seal(void)
{
	struct crowd c;
	pthread_t threads[WRITERS + SEALERS];
	unsigned i;

	atomic_init(&c.writing, WRITERS);
	atomic_init(&c.failed, 0);
	atomic_init(&c.checkpoints, 0);
	atomic_init(&c.conflicts, 0);
	for (i = 0; i < WRITERS + SEALERS; i++)
		must(pthread_create(&threads[i], NULL, i < WRITERS ?
		    write_rows : seal_rows, &c) == 0);
	for (i = 0; i < WRITERS + SEALERS; i++)
		must(pthread_join(threads[i], NULL) == 0);
	rows += WRITERS * EACH;
	CU_ASSERT_EQUAL(c.failed, 0);
	suite_note("%lu rows by %d writers, %u checkpoints by %d sealers,"
	    " %u conflicts", (unsigned long)rows, WRITERS, c.checkpoints,
	    SEALERS, c.conflicts);
	the_leaves_are_whole();
}

/* A process of its own that seals and ends. What is in locked pages does not
 * come with a fork: key and password are made anew. */
static pid_t
start_sealer(void)
{
	const char * password = mariadb_worker_password(m);
	struct store mine = { .db = NULL };
	struct secbuf * copy = NULL;
	struct db_options o;
	pid_t pid = fork();
	uint64_t n;
	bool more;

	if (pid != 0)
		return (pid);
	mariadb_worker_options(m, &o);
	if (secbuf_copy(password, strlen(password), &copy) != SR_OK)
		_exit(1);
	o.password = copy;
	if (db_new(&o, &mine.db) != SR_OK || audit_keys(&mine) != SR_OK)
		_exit(2);
	_exit(checkpoint_seal(&mine, &n, &more) == SR_OK ? 0 : 3);
}

static void
one_killed_at_any_moment_leaves_nothing_half_done(void)
{
	struct sr_id chain = new_id();
	unsigned killed = 0, ended = 0, halfway = 0, i;
	struct timespec pause = { 0 };
	int64_t longest, begun = clock_monotonic_ms();
	uint16_t r;
	pid_t pid;
	int status;

	add_to_chain(&chain);
	rows++;
	pid = start_sealer();
	CU_ASSERT_FATAL(pid > 0);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
	longest = (clock_monotonic_ms() - begun + 2) * 1000;
	for (i = 0; i < KILLS; i++) {
		add_to_chain(&chain);
		add_to_chain(&chain);
		rows += 2;
		pid = start_sealer();
		CU_ASSERT_FATAL(pid > 0);
		ASSERT_ERR_FATAL(random_bytes(&r, sizeof(r)), SR_OK);
		/* At a random moment of the time that one takes. */
		pause.tv_nsec = r % longest * 1000;
		(void)nanosleep(&pause, NULL);
		CU_ASSERT_EQUAL(kill(pid, SIGKILL), 0);
		CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status)) {
			CU_ASSERT_EQUAL(status, 0);
			ended++;
			continue;
		}
		killed++;
		if (!admin_is("SELECT COUNT(*) FROM audit_pending", "0"))
			halfway++;
	}
	suite_note("%u killed, of these %u with rows still waiting; %u were"
	    " faster", killed, halfway, ended);
	CU_ASSERT(halfway > 0);
	(void)seal_all();
	the_leaves_are_whole();
}

/* Each command of a sealing is lost in turn, before the server has it and
 * after. */
static void
each_statement_lost_in_turn(void)
{
	static const struct {
		enum dbproxy_what what;
		enum dbproxy_how how;
		const char * name;
	} ways[] = {
		{ DBPROXY_BEGIN, DBPROXY_CUT_BEFORE, "BEGIN, before" },
		{ DBPROXY_EXECUTE, DBPROXY_CUT_BEFORE, "statement, before" },
		{ DBPROXY_EXECUTE, DBPROXY_CUT_AFTER, "statement, after" },
		{ DBPROXY_COMMIT, DBPROXY_CUT_BEFORE, "COMMIT, before" },
		{ DBPROXY_COMMIT, DBPROXY_CUT_AFTER, "COMMIT, after" },
		{ DBPROXY_COMMIT, DBPROXY_CUT_LATE, "COMMIT, late" },
	};
	struct sr_id chain = new_id();
	struct store mine = { .keys = store.keys };
	unsigned way, nth, unknown, good;
	struct dbproxy * p;
	enum sr_error err;
	uint64_t n;
	bool more;

	CU_ASSERT_EQUAL_FATAL(dbproxy_start(mariadb_socket(m), &p), 0);
	for (way = 0; way < COUNTOF(ways); way++) {
		unknown = good = 0;
		for (nth = 1; nth < 40; nth++) {
			add_to_chain(&chain);
			add_to_chain(&chain);
			rows += 2;
			mine.db = worker_with(dbproxy_socket(p),
			    MARIADB_TEST_TIMEOUT);
			dbproxy_arm(p, ways[way].what, nth, ways[way].how);
			err = checkpoint_seal(&mine, &n, &more);
			if (err == SR_E_COMMIT_OUTCOME_UNKNOWN)
				unknown++;
			else
				ASSERT_ERR(err, SR_OK);
			db_free(&mine.db);
			if (dbproxy_broken(p) == 0)
				break;
			good += err == SR_OK;
		}
		/* What came late may still be on its way. */
		while (admin_is("SELECT COUNT(*) = 0 FROM audit_pending", "0"))
			(void)seal_all();
		the_leaves_are_whole();
		suite_note("%-18s %u lost, %u made good at once, %u unknown",
		    ways[way].name, nth - 1, good, unknown);
		CU_ASSERT(nth > 1);
	}
	dbproxy_stop(&p);
}

/* What the database refuses leaves the rows waiting. */
static void
each_table_refusing_in_turn(void)
{
	static const char * const refusing[][2] = {
		{ "INSERT", "audit_leaf" }, { "INSERT", "audit_node" },
		{ "INSERT", "audit_checkpoint" },
		{ "DELETE", "audit_pending" },
	};
	struct sr_id chain = new_id();
	char sql[200];
	uint64_t n;
	unsigned i, j;
	bool more;

	for (i = 0; i < COUNTOF(refusing); i++) {
		for (j = 0; j < 256; j++)
			add_to_chain(&chain);
		rows += 256;
		(void)snprintf(sql, sizeof(sql), "CREATE TRIGGER fault BEFORE"
		    " %s ON %s FOR EACH ROW SIGNAL SQLSTATE '45000'",
		    refusing[i][0], refusing[i][1]);
		admin(sql);
		ASSERT_ERR(checkpoint_seal(&store, &n, &more),
		    SR_E_DATABASE_REFUSED);
		CU_ASSERT_EQUAL(n, 0);
		admin("DROP TRIGGER fault");
		CU_ASSERT(admin_says("SELECT COUNT(*) FROM audit_pending",
		    "256"));
		(void)seal_all();
		the_leaves_are_whole();
	}
}

static void
a_table_that_is_away_and_comes_back(void)
{
	struct sr_id chain = new_id();
	uint64_t n;
	bool more;

	add_to_chain(&chain);
	rows++;
	admin("RENAME TABLE audit_checkpoint TO hidden");
	ASSERT_ERR(checkpoint_seal(&store, &n, &more), SR_E_DATABASE_REFUSED);
	admin("RENAME TABLE hidden TO audit_checkpoint");
	mariadb_kill9(m);
	ASSERT_ERR(checkpoint_seal(&store, &n, &more),
	    SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	(void)seal_all();
	the_leaves_are_whole();
}

static const struct suite_test tests[] = {
	TEST(eight_write_while_three_seal),
	TEST(one_killed_at_any_moment_leaves_nothing_half_done),
	TEST(each_statement_lost_in_turn),
	TEST(each_table_refusing_in_turn),
	TEST(a_table_that_is_away_and_comes_back),
};
SUITE_MAIN("core/audit/seal_race", tests, audit_start, audit_stop)
