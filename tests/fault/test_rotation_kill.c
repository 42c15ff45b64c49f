/*
 * Goal: a worker that is killed while it drives a rotation, for the API or as a
 * keeper that goes on with another's, leaves one that the next keeper ends: in
 * one of the two good states, with one active version, audited from its
 * beginning to its end, and as the caller was told if he was told anything.
 * STRONGROOM_TEST_ROUNDS sets how many rounds (8).
 */
#include <pthread.h>
#include <signal.h>

#include "tests/e2e/providers.h"

#define ROUNDS		8
#define END_SECONDS	30
#define KEEPER_MS	2200	/* Within which one looks, and a bit more. */

static unsigned
rounds(void)
{
	const char * text = getenv("STRONGROOM_TEST_ROUNDS");

	return (text == NULL ? ROUNDS : (unsigned)strtoul(text, NULL, 10));
}

/* One number out of the database. */
static unsigned long
number(const char * sql)
{
	char * text = mariadb_sql(instance_database(inst), sql);
	unsigned long n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	n = strtoul(text, NULL, 10);
	free(text);
	return (n);
}

static void
is(unsigned long expected, const char * sql)
{
	unsigned long n = number(sql);

	if (n != expected)
		suite_note("%lu, expected %lu: %s", n, expected, sql);
	CU_ASSERT_EQUAL(n, expected);
}

/* --- A call that rotates, in a thread of its own ------------------------- */

struct rotating {
	pthread_t thread;
	const char * value;
	long status;			/* 0: no answer. */
};

static void *
rotate(void * cookie)
{
	struct rotating * r = cookie;
	struct http * h = new_program();
	struct http_reply * reply;
	char body[128];

	(void)snprintf(body, sizeof(body),
	    "{\"value\":\"%s\",\"confirm\":true}", r->value);
	reply = call(h, "POST", ROTATE, body);
	r->status = reply->status;
	http_reply_free(&reply);
	http_free(&h);
	return (NULL);
}

/* --- Killing ------------------------------------------------------------- */

/* Both, or one of the two: then the other one's keeper goes on. */
static void
kill_workers(unsigned which)
{

	if (which != 1)
		(void)kill(instance_worker(inst, 0), SIGKILL);
	if (which != 0)
		(void)kill(instance_worker(inst, 1), SIGKILL);
}

static void
start_again(void)
{

	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
}

/* What is open is due then, and not when its step would have been too long. */
static unsigned long
due(const char * when)
{
	unsigned long open = number("SELECT COUNT(*) FROM rotation"
	    " WHERE open_mark = 1");
	char * sql = text_format("UPDATE rotation SET next_at = '%s'"
	    " WHERE open_mark = 1", when);

	if (open != 0)
		free(mariadb_sql(instance_database(inst), sql));
	free(sql);
	return (open);
}

#define NOW	"2020-01-01"
#define LATER	"2999-01-01"

/* Start the workers, let one go on with what is open, and kill both. */
static bool
kill_keepers(void)
{

	(void)due(LATER);
	start_again();
	(void)due(NOW);
	sleep_ms((unsigned)random() % KEEPER_MS);
	kill_workers(2);
	return (due(NOW) != 0);
}

static void
wait_for_question(unsigned before)
{

	for (unsigned i = 0; i < 5000 &&
	    provider_server_requests(server) == before; i++)
		sleep_ms(1);
}

static void
wait_for_its_end(void)
{

	for (unsigned i = 0; i < END_SECONDS * 20 && due(NOW) != 0; i++)
		sleep_ms(50);
}

static void
check_state(const struct rotating * r)
{

	is(0, "SELECT COUNT(*) FROM rotation WHERE open_mark = 1");
	is(1, "SELECT COUNT(*) FROM secret_version WHERE state = 'active'");
	is(0, "SELECT COUNT(*) FROM secret_ref r JOIN secret_version v"
	    " ON v.secret_id = r.id AND v.key_version = r.key_version"
	    " WHERE v.state <> 'active' OR v.wrapped_dek IS NULL");
	is(0, "SELECT COUNT(*) FROM provider_credential WHERE provider ="
	    " 'anthropic' AND status <> 'active'");
	is(1, "SELECT (SELECT COUNT(*) FROM audit_event WHERE action ="
	    " 'ROTATION_BEGIN' AND outcome = 'succeeded') = (SELECT COUNT(*)"
	    " FROM rotation) AND (SELECT COUNT(*) FROM audit_event WHERE"
	    " action IN ('ROTATION_DONE', 'ROTATION_ROLLED_BACK',"
	    " 'ROTATION_CANCEL')) = (SELECT COUNT(*) FROM rotation)");
	is(0, "SELECT COUNT(*) FROM rotation o LEFT JOIN secret_version v"
	    " ON v.secret_id = o.secret_id AND v.key_version = o.to_version"
	    " WHERE (o.state = 'rolled_back' AND v.state <> 'rolled_back')"
	    " OR (o.state = 'done' AND v.state NOT IN ('active',"
	    " 'superseded'))");
	is(0, "SELECT COUNT(*) FROM rotation WHERE continuity_alarm");
	/* What was acknowledged is so. */
	if (r->status == 200)
		is(1, "SELECT state = 'done' FROM rotation"
		    " ORDER BY started_at DESC LIMIT 1");
	if (r->status == 422)
		is(1, "SELECT state = 'rolled_back' FROM rotation"
		    " ORDER BY started_at DESC LIMIT 1");
}

struct counts {
	unsigned answered;
	unsigned open;			/* Left open by the first kill. */
	unsigned keepers;		/* Killed while they went on. */
};

static void
one_round(unsigned i, unsigned length, struct counts * n)
{
	static const char * const keys[] = { TWO, BAD, ONE };
	struct rotating r = { .value = keys[i % COUNTOF(keys)] };
	unsigned which = i % 4 < 2 ? 2 : i % 2;
	unsigned asked = provider_server_requests(server);

	CU_ASSERT_EQUAL_FATAL(pthread_create(&r.thread, NULL, rotate, &r), 0);
	/* From its beginning on, or from when the current key was asked about,
	 * after which all that is written is. */
	if (i % 4 != 3)
		wait_for_question(asked);
	sleep_ms((unsigned)random() % (length + 1));
	kill_workers(which);
	(void)pthread_join(r.thread, NULL);
	n->answered += r.status == 200 || r.status == 422;
	if (due(NOW) != 0) {
		n->open++;
		if (i % 2 == 0)
			n->keepers += kill_keepers();
	}
	start_again();
	wait_for_its_end();
	check_state(&r);
}

static void
st_sec_008_ac3_a_worker_killed_at_any_moment_leaves_a_good_state(void)
{
	struct counts n = { .answered = 0 };
	unsigned length, all = rounds();
	int64_t begun;

	expect("PUT", REFERENCE, "{\"value\":\"" ONE "\"}", 201, "active");
	begun = clock_monotonic_ms();
	expect("POST", ROTATE, "{\"value\":\"" TWO "\"}", 200, "done");
	length = (unsigned)(clock_monotonic_ms() - begun);
	for (unsigned i = 0; i < all; i++)
		one_round(i, length, &n);
	expect("POST", CHECK, "{}", 200, "\"status\":\"active\"");
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("audit",
	    "verify", "--database"), NULL, NULL, NULL), 0);
	(void)printf("%u rounds of kill -9 of the worker: %u calls were"
	    " answered before it, %u rotations were left open, %u keepers were"
	    " killed beside them; always one active version, every rotation"
	    " audited from its beginning to its end\n", all, n.answered,
	    n.open, n.keepers);
}

/* Workers that were killed are counted as faults: not here. */
static int
stop(void)
{

	(void)program_stop();
	return (0);
}

static const struct suite_test tests[] = {
	TEST(st_sec_008_ac3_a_worker_killed_at_any_moment_leaves_a_good_state),
};

SUITE_MAIN("fault/rotation_kill", tests, program_start, stop)
