/*
 * Goal: 200 who listen to five runs of 20 senders, through the web server and
 * two workers, and now and then come again: each listener of a run gets the
 * same bytes in the same order, every event, once. For three seconds, or
 * STRONGROOM_TEST_SECONDS.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "tests/e2e/ears.h"
#include "tests/e2e/senders.h"
#include "tests/harness/walk.h"

#define RUNS	5u
#define EARS	200u
#define SENDERS	20u

static struct instance * inst;
static struct http * owner;
static char * cookie;
static struct senders site;
static struct run runs[RUNS];
static char paths[RUNS][160];
static struct ear ears[EARS];
static atomic_bool over;

struct sender {
	pthread_t thread;
	struct http * client;	/* NULL: it is beside the workers. */
	unsigned no;
	unsigned sent, failed;
};

static int
start(void)
{
	static const char * const settings[] = {
	    "STRONGROOM_SSE_ACCOUNT_LISTENERS=256",
	    "STRONGROOM_WORKER_THREADS=4", NULL };
	const struct instance_options options = { .settings = settings,
	    .workers = 2 };
	char * token;

	if ((inst = instance_start(&options)) == NULL ||
	    (owner = walk_in(inst)) == NULL ||
	    senders_open(&site, inst) != 0)
		return (-1);
	token = http_cookie(owner, "sr_session");
	cookie = text_format("Cookie: sr_session=%s\r\n", token);
	free(token);
	for (unsigned i = 0; i < RUNS; i++)
		if (senders_run(&site, &runs[i], paths[i]) != 0)
			return (-1);
	return (0);
}

static int
stop(void)
{

	senders_close(&site);
	http_free(&owner);
	free(cookie);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static void *
send_on(void * arg)
{
	struct sender * s = arg;
	const struct run * run = &runs[s->no % RUNS];
	struct store store = { .db = NULL };
	char payload[160];
	uint64_t seq;
	bool good;

	if (s->client == NULL && senders_thread(&site, inst, &store) != 0)
		return (NULL);
	while (!atomic_load(&over)) {
		(void)snprintf(payload, sizeof(payload),
		    "{\"sender\":%u,\"n\":%u,\"text\":\"a line of output\"}",
		    s->no, s->sent);
		if (s->client != NULL)
			good = senders_call(s->client, run, "output", payload,
			    &seq);
		else
			good = senders_post(&site, &store, run, "output",
			    payload, &seq) == SR_OK;
		s->sent += good ? 1 : 0;
		s->failed += good ? 0 : 1;
	}
	db_free(&store.db);
	db_thread_end();
	return (NULL);
}

static bool
is_open(const struct ear * e)
{

	return (e->status == 200);
}

static uint64_t wanted;

static bool
has_wanted(const struct ear * e)
{

	return (e->last >= wanted);
}

/* One of them goes away in the middle and comes again. */
static void
come_again(unsigned i)
{
	char * header = text_format("%sLast-Event-ID: %llu\r\n", cookie,
	    (unsigned long long)ears[i].last);
	const struct ear was = ears[i];

	ear_close(&ears[i]);
	ear_open(&ears[i], inst, paths[i % RUNS], header);
	ears[i].last = was.last;
	ears[i].frames = was.frames;
	ears[i].gaps = was.gaps;
	ears[i].digest = was.digest;
	free(header);
}

static void
listen_and_come_again(int64_t seconds)
{
	const int64_t end = clock_monotonic_ms() + seconds * 1000;
	int64_t next = clock_monotonic_ms();

	for (unsigned i = 0; clock_monotonic_ms() < end;) {
		(void)ears_listen(ears, EARS, 20);
		if (clock_monotonic_ms() < next)
			continue;
		if (ears[i * 7 % EARS].status == 200)
			come_again(i * 7 % EARS);
		i++;
		next = clock_monotonic_ms() + 20;
		/* The time of those who listen for a minute ends, too. */
		for (unsigned n = 0; n < EARS; n++)
			if (ears[n].fd == -1)
				come_again(n);
	}
}

static uint64_t
last_seq(const struct run * run)
{
	char id[SR_ID_STRLEN + 1];
	char * sql, * out;
	uint64_t n;

	sr_id_format(&run->id, id);
	sql = text_format("SELECT last_seq FROM run WHERE id = '%s'", id);
	out = mariadb_sql(instance_database(inst), sql);
	n = out == NULL ? 0 : strtoull(out, NULL, 10);
	free(out);
	free(sql);
	return (n);
}

static void
all_heard_the_same(unsigned r)
{
	struct ear mine[EARS / RUNS];
	unsigned n = 0;

	wanted = last_seq(&runs[r]);
	for (unsigned i = r; i < EARS; i += RUNS)
		mine[n++] = ears[i];
	CU_ASSERT_TRUE(ears_until(mine, n, has_wanted));
	for (unsigned i = 0; i < n; i++) {
		CU_ASSERT_EQUAL(mine[i].gaps, 0);
		CU_ASSERT_EQUAL(mine[i].frames, wanted);
		CU_ASSERT_EQUAL(mine[i].last, wanted);
		CU_ASSERT_EQUAL(mine[i].digest, mine[0].digest);
		CU_ASSERT_EQUAL(mine[i].errors, 0);
		ears[r + i * RUNS] = mine[i];
	}
}

static void
st_sec_005_ac2_two_hundred_listeners_hear_the_same_in_order(void)
{
	const char * text = getenv("STRONGROOM_TEST_SECONDS");
	struct sender senders[SENDERS] = { { .no = 0 } };
	unsigned sent = 0, failed = 0;

	for (unsigned i = 0; i < EARS; i++)
		ear_open(&ears[i], inst, paths[i % RUNS], cookie);
	CU_ASSERT_TRUE_FATAL(ears_until(ears, EARS, is_open));
	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i].no = i;
		if (i % 2 == 0)
			senders[i].client = senders_client(inst);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&senders[i].thread, NULL,
		    send_on, &senders[i]), 0);
	}
	listen_and_come_again(text == NULL ? 3 : atoi(text));
	atomic_store(&over, true);
	for (unsigned i = 0; i < SENDERS; i++) {
		(void)pthread_join(senders[i].thread, NULL);
		sent += senders[i].sent;
		failed += senders[i].failed;
		http_free(&senders[i].client);
	}
	CU_ASSERT(sent > 0);
	CU_ASSERT_EQUAL(failed, 0);
	for (unsigned i = 0; i < RUNS; i++)
		all_heard_the_same(i);
	if (text != NULL)
		suite_note("%u events in %s s", sent, text);
	for (unsigned i = 0; i < EARS; i++)
		ear_close(&ears[i]);
}

static const struct suite_test tests[] = {
	TEST(st_sec_005_ac2_two_hundred_listeners_hear_the_same_in_order),
};

SUITE_MAIN("e2e/sse_storm", tests, start, stop)
