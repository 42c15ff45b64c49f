/*
 * ST-SEC-005: several senders at once, readers beside them, and connections
 * that break at any command: order without gaps, nothing lost or doubled.
 */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "tests/core/runs/sending.h"
#include "tests/harness/dbproxy.h"

#define SENDERS		4
#define EACH		60
#define SECRET		"tr0ubadour & 3 stamps"

struct sender {
	struct store store;
	const struct run * run;
	pthread_t thread;
	unsigned no;
	unsigned conflicts;
	enum sr_error worst;
};

static enum sr_error
send_one(struct sender * s, unsigned i)
{
	char payload[100];
	const struct event_write w = { .run_id = s->run->id, .type = "note",
	    .payload = payload, .payload_len = (size_t)snprintf(payload,
	    sizeof(payload), "{\"by\":%u,\"i\":%u,\"a\":\"" SECRET "\"}", s->no,
	    i) };

	return (post_to(&s->store, &w, NULL));
}

static void *
send_all(void * cookie)
{
	struct sender * s = cookie;
	enum sr_error err;
	unsigned i;

	for (i = 0; i < EACH;) {
		err = send_one(s, i);
		if (err == SR_E_TRANSACTION_CONFLICT) {
			s->conflicts++;
			continue;
		}
		if (err != SR_OK)
			s->worst = err;
		i++;
	}
	db_thread_end();
	return (NULL);
}

/* A reader: what it has seen is whole, at any moment. */
struct reader {
	uint64_t last;
	unsigned next[SENDERS];
	unsigned wrong;
};

static enum sr_error
read_event(const struct event * e, void * cookie)
{
	struct reader * r = cookie;
	unsigned by, i;

	if (e->seq != r->last + 1)
		r->wrong++;
	r->last = e->seq;
	if (strstr(e->payload, SECRET) != NULL)
		r->wrong++;
	if (sscanf(e->payload, "{\"by\":%u,\"i\":%u,", &by, &i) == 2 &&
	    (by >= SENDERS || r->next[by]++ != i))
		r->wrong++;
	return (SR_OK);
}

static void
st_sec_005_ac2_readers_see_an_order_without_gaps(void)
{
	struct run run = new_run(false);
	struct event_watch w = { .run_id = run.id };
	struct sender s[SENDERS];
	struct reader r = { .last = 0 };
	unsigned i;

	ASSERT_ERR_FATAL(put(&h, "senders/one", SECRET, NULL), SR_OK);
	h.store.guess_limit = UINT32_MAX;
	for (i = 0; i < SENDERS; i++) {
		s[i] = (struct sender){ .run = &run, .no = i };
		CU_ASSERT_FATAL(house_thread(&h, &s[i].store) == 0);
		CU_ASSERT_FATAL(pthread_create(&s[i].thread, NULL, send_all,
		    &s[i]) == 0);
	}
	while (r.last < 1 + SENDERS * EACH) {
		w.after = r.last;
		if (event_poll(h.store.db, &w, 1, 7, read_event, &r) != SR_OK)
			break;
	}
	for (i = 0; i < SENDERS; i++) {
		CU_ASSERT(pthread_join(s[i].thread, NULL) == 0);
		ASSERT_ERR(s[i].worst, SR_OK);
		CU_ASSERT_EQUAL(r.next[i], EACH);
		db_free(&s[i].store.db);
	}
	CU_ASSERT_EQUAL(r.wrong, 0);
	CU_ASSERT_EQUAL(r.last, 1 + SENDERS * EACH);
	/* The same again, from the begin. */
	r = (struct reader){ .last = 0 };
	ASSERT_ERR(event_list(h.store.db, &run.id, 0, 1000, read_event, &r),
	    SR_OK);
	CU_ASSERT_EQUAL(r.last, 1 + SENDERS * EACH);
	CU_ASSERT_EQUAL(r.wrong, 0);
	h.store.guess_limit = 0;
}

/* Two who send the same chunks of one stream: each is taken once. */
struct copier {
	struct store store;
	const struct run * run;
	pthread_t thread;
	unsigned wrong;
};

static void *
copy_stream(void * cookie)
{
	struct copier * c = cookie;
	char text[40];
	struct event_write w = { .run_id = c->run->id, .type = "output",
	    .stream = "tty", .chunk = text, .numbered = true };
	struct event_written out;
	enum sr_error err;

	while (w.n < EACH) {
		w.chunk_len = (size_t)snprintf(text, sizeof(text),
		    "line %llu\n", (unsigned long long)w.n);
		err = post_to(&c->store, &w, &out);
		if (err == SR_OK)
			w.n++;
		else if (err != SR_E_TRANSACTION_CONFLICT)
			c->wrong++;
	}
	db_thread_end();
	return (NULL);
}

struct text {
	char p[8192];
	size_t len;
};

static enum sr_error
add_chunk(const struct event * e, void * cookie)
{
	static const char mark[] = "\"chunk\":\"";
	struct text * t = cookie;
	const char * p = strstr(e->payload, mark);

	if (p == NULL)
		return (SR_OK);
	for (p += strlen(mark); *p != '"' && t->len + 1 < sizeof(t->p); p++) {
		t->p[t->len++] = *p == '\\' ? '\n' : *p;
		p += *p == '\\';
	}
	return (SR_OK);
}

static void
lines_are_there_once(const struct run * run, unsigned n)
{
	struct text t = { .len = 0 };
	char line[40];
	const char * p = t.p;
	unsigned i;

	ASSERT_ERR(event_list(h.store.db, &run->id, 0, 5000, add_chunk, &t),
	    SR_OK);
	t.p[t.len] = '\0';
	for (i = 0; i < n; i++) {
		(void)snprintf(line, sizeof(line), "line %u\n", i);
		if (strncmp(p, line, strlen(line)) != 0) {
			suite_note("at %u: %s", i, p);
			CU_FAIL_FATAL("another text");
		}
		p += strlen(line);
	}
	CU_ASSERT_STRING_EQUAL(p, "");
}

static void
chunks_that_two_send_are_taken_once(void)
{
	struct run run = new_run(false);
	struct copier c[2];
	unsigned i;

	for (i = 0; i < 2; i++) {
		c[i] = (struct copier){ .run = &run };
		CU_ASSERT_FATAL(house_thread(&h, &c[i].store) == 0);
		CU_ASSERT_FATAL(pthread_create(&c[i].thread, NULL,
		    copy_stream, &c[i]) == 0);
	}
	for (i = 0; i < 2; i++) {
		CU_ASSERT(pthread_join(c[i].thread, NULL) == 0);
		CU_ASSERT_EQUAL(c[i].wrong, 0);
		db_free(&c[i].store.db);
	}
	ASSERT_ERR(end(&run, "tty", NULL), SR_OK);
	lines_are_there_once(&run, EACH);
}

/* Sends what is not taken again and again. */
struct stubborn {
	struct store store;
	const struct run * run;
	pthread_t thread;
	atomic_uint sent;
	unsigned refused, wrong;
};

static void *
send_on(void * cookie)
{
	struct stubborn * s = cookie;
	char text[40];
	struct event_write w = { .run_id = s->run->id, .type = "output",
	    .stream = "tty", .chunk = text, .numbered = true };
	enum sr_error err;

	while (w.n < EACH && s->refused < 5000) {
		w.chunk_len = (size_t)snprintf(text, sizeof(text),
		    "line %llu\n", (unsigned long long)w.n);
		err = post_to(&s->store, &w, NULL);
		if (err == SR_OK) {
			w.n++;
			atomic_store(&s->sent, (unsigned)w.n);
			continue;
		}
		s->refused++;
		s->wrong += err != SR_E_COMMIT_OUTCOME_UNKNOWN &&
		    err != SR_E_RUN_UNAVAILABLE;
	}
	atomic_store(&s->sent, EACH);
	db_thread_end();
	return (NULL);
}

/* The server is a child of the thread that starts it: this one. */
static void
a_database_that_dies_in_mid_stream_loses_nothing(void)
{
	struct run run = new_run(false);
	struct stubborn s = { .run = &run };
	unsigned after;

	CU_ASSERT_FATAL(house_thread(&h, &s.store) == 0);
	CU_ASSERT_FATAL(pthread_create(&s.thread, NULL, send_on, &s) == 0);
	for (after = 10; after < EACH; after += 20) {
		while (atomic_load(&s.sent) < after)
			(void)sched_yield();
		mariadb_kill9(h.m);
		CU_ASSERT_FATAL(mariadb_restart(h.m) == 0);
	}
	CU_ASSERT(pthread_join(s.thread, NULL) == 0);
	db_free(&s.store.db);
	suite_note("%u refusals", s.refused);
	CU_ASSERT_EQUAL(s.wrong, 0);
	ASSERT_ERR(end(&run, "tty", NULL), SR_OK);
	lines_are_there_once(&run, EACH);
}

static struct dbproxy * proxy;
static struct store through;		/* The house's, by the proxy. */

/* Break the nth such command of a post; whether there was one. */
static bool
break_one(bool chunked, enum dbproxy_what what, unsigned nth,
    enum dbproxy_how how)
{
	struct run run = new_run(false);
	struct event_write w = { .run_id = run.id, .type = "output" };
	struct event_written out;
	char * text;
	enum sr_error err;
	bool broken;

	if (chunked) {
		w.stream = "tty";
		w.chunk = "line 0\n";
		w.chunk_len = 7;
		w.end = true;
	}
	dbproxy_arm(proxy, what, nth, how);
	err = post_to(&through, &w, &out);
	broken = dbproxy_broken(proxy) > 0;
	ASSERT_ERR(err, SR_OK);
	CU_ASSERT_EQUAL(out.seq, 2);
	CU_ASSERT_EQUAL(out.events, 1);
	text = listed(&run);
	CU_ASSERT_STRING_EQUAL(text, chunked ? "1 run_started {}\n2 output "
	    "{\"stream\":\"tty\",\"chunk\":\"line 0\\n\"}\n" :
	    "1 run_started {}\n2 output {}\n");
	free(text);
	return (broken);
}

/* Each of them in turn, of an event and of a chunk. */
static unsigned
break_each(enum dbproxy_what what, enum dbproxy_how how)
{
	unsigned nth, broken = 0;

	for (nth = 1; break_one(false, what, nth, how); nth++)
		broken++;
	for (nth = 1; break_one(true, what, nth, how); nth++)
		broken++;
	return (broken);
}

static void
a_connection_that_breaks_doubles_nothing(void)
{
	static const enum dbproxy_what whats[] = { DBPROXY_BEGIN,
	    DBPROXY_EXECUTE, DBPROXY_COMMIT };
	static const enum dbproxy_how hows[] = { DBPROXY_CUT_BEFORE,
	    DBPROXY_CUT_AFTER };
	struct db_options o;
	unsigned i, k, broken = 0;

	CU_ASSERT_FATAL(dbproxy_start(mariadb_socket(h.m), &proxy) == 0);
	mariadb_worker_options(h.m, &o);
	o.socket = dbproxy_socket(proxy);
	through = h.store;
	ASSERT_ERR_FATAL(db_new(&o, &through.db), SR_OK);
	ASSERT_ERR(db_ping(through.db), SR_OK);
	for (i = 0; i < COUNTOF(whats); i++)
		for (k = 0; k < COUNTOF(hows); k++)
			broken += break_each(whats[i], hows[k]);
	suite_note("%u commands broken", broken);
	CU_ASSERT(broken > 10);
	db_free(&through.db);
	dbproxy_stop(&proxy);
}

static const struct suite_test tests[] = {
	TEST(st_sec_005_ac2_readers_see_an_order_without_gaps),
	TEST(chunks_that_two_send_are_taken_once),
	TEST(a_connection_that_breaks_doubles_nothing),
	TEST(a_database_that_dies_in_mid_stream_loses_nothing),
};

SUITE_MAIN("core/runs/event_senders", tests, sending_start, sending_stop)
