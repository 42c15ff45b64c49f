/* Events that come again, and how much a run may store. */

#include "core/base/metric.h"
#include "core/runs/prompt.h"
#include "tests/core/runs/sending.h"

#define KEY	"a-key-of-the-sender-1"

static enum sr_error
keyed(const struct run * run, const char * key, const char * type,
    const char * payload, struct event_written * out)
{
	const struct event_write w = { .run_id = run->id, .type = type,
	    .payload = payload, .payload_len = strlen(payload),
	    .idempotency_key = key };

	return (post_to(&h.store, &w, out));
}

static void
an_event_that_comes_again_is_one(void)
{
	struct run run = new_run(false);
	struct event_written first, again;

	ASSERT_ERR(keyed(&run, KEY, "note", "{\"n\":1}", &first), SR_OK);
	ASSERT_ERR(post(&run, "other", NULL, NULL), SR_OK);
	ASSERT_ERR(keyed(&run, KEY, "note", "{\"n\":1}", &again), SR_OK);
	CU_ASSERT_EQUAL(first.seq, 2);
	CU_ASSERT_EQUAL(again.seq, 2);
	CU_ASSERT_EQUAL(again.events, 1);
	ASSERT_ERR(keyed(&run, KEY, "note", "{\"n\":2}", NULL),
	    SR_E_IDEMPOTENCY_KEY_REUSED);
	ASSERT_ERR(keyed(&run, "short", "note", "{}", NULL),
	    SR_E_IDEMPOTENCY_KEY_INVALID);
	ASSERT_ERR(keyed(&run, "another-key-1", "note", "{\"n\":1}", &again),
	    SR_OK);
	CU_ASSERT_EQUAL(again.seq, 4);
	CU_ASSERT(lists(&run, "1 run_started {}\n2 note {\"n\":1}\n"
	    "3 other {}\n4 note {\"n\":1}\n"));
}

/* Its time is over: it is another request. */
static void
a_key_is_known_for_some_time(void)
{
	struct run run = new_run(false);
	struct event_written out;

	ASSERT_ERR(keyed(&run, "key-of-yesterday", "note", "{}", NULL), SR_OK);
	CU_ASSERT(house_do(&h, "UPDATE idempotency SET expires_at ="
	    " '2020-01-01'"));
	ASSERT_ERR(keyed(&run, "key-of-yesterday", "note", "{\"n\":2}", &out),
	    SR_OK);
	CU_ASSERT_EQUAL(out.seq, 3);
}

/* The repetition of what ended the run is answered too. */
static void
the_last_event_may_come_again(void)
{
	struct run run = new_run(false);
	struct event_written first, again;

	ASSERT_ERR(chunk(&run, "tty", "half a li", NULL), SR_OK);
	ASSERT_ERR(keyed(&run, "end-of-run-1", "run_completed", "{}", &first),
	    SR_OK);
	ASSERT_ERR(keyed(&run, "end-of-run-1", "run_completed", "{}", &again),
	    SR_OK);
	CU_ASSERT_EQUAL(first.seq, again.seq);
	CU_ASSERT_EQUAL(first.events, again.events);
	ASSERT_ERR(keyed(&run, "end-of-run-2", "run_completed", "{}", NULL),
	    SR_E_RUN_FINISHED);
}

/* Who does not number them may name them. */
static void
a_chunk_may_have_a_key(void)
{
	struct run run = new_run(false);
	struct event_write w = { .run_id = run.id, .type = "output",
	    .stream = "tty", .chunk = "line\n", .chunk_len = 5,
	    .idempotency_key = "chunk-one" };
	struct event_written out;

	ASSERT_ERR(post_to(&h.store, &w, NULL), SR_OK);
	ASSERT_ERR(post_to(&h.store, &w, &out), SR_OK);
	CU_ASSERT_EQUAL(out.next_chunk, 1);
	w.chunk = "more\n";
	ASSERT_ERR(post_to(&h.store, &w, NULL), SR_E_IDEMPOTENCY_KEY_REUSED);
	ASSERT_ERR(end(&run, "tty", &out), SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n2 output {\"stream\":"
	    "\"tty\",\"chunk\":\"line\\n\"}\n"));
}

/* Nothing of it is stored but MACs. */
static void
a_key_is_not_stored(void)
{
	struct run run = new_run(false);

	ASSERT_ERR(keyed(&run, KEY "-plain", "note", "{\"n\":\"clear\"}", NULL),
	    SR_OK);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM idempotency"
	    " WHERE key_mac LIKE '%plain%' OR request_mac LIKE '%clear%'"));
}

static void
locked(bool on)
{
	enum sr_error err = house_load_key(&h, on ? NULL : h.key_file);

	CU_ASSERT_EQUAL(err == SR_OK, !on);
}

static void
without_the_root_key_it_is_not_known_again(void)
{
	struct run run = new_run(false);

	locked(true);
	ASSERT_ERR(keyed(&run, "key-without-key", "note", "{}", NULL),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	locked(false);
}

static void
a_run_has_so_many_events(void)
{
	struct store former = h.store;
	uint64_t before = metric_get(METRIC_RUN_EVENTS_REFUSED);
	struct run run = new_run(false);

	ASSERT_ERR(chunk(&run, "tty", "held", NULL), SR_OK);
	h.store.run_events = 3;
	ASSERT_ERR(post(&run, "note", "{\"n\":1}", NULL), SR_OK);
	ASSERT_ERR(post(&run, "note", "{\"n\":2}", NULL), SR_OK);
	ASSERT_ERR(post(&run, "note", "{\"n\":3}", NULL),
	    SR_E_RUN_EVENTS_LIMIT_REACHED);
	ASSERT_ERR(chunk(&run, "tty", "more", NULL),
	    SR_E_RUN_EVENTS_LIMIT_REACHED);
	CU_ASSERT_EQUAL(metric_get(METRIC_RUN_EVENTS_REFUSED), before + 2);
	/* It can be brought to its end all the same. */
	ASSERT_ERR(post(&run, "approval_requested", NULL, NULL), SR_OK);
	ASSERT_ERR(end(&run, "tty", NULL), SR_OK);
	ASSERT_ERR(post(&run, "run_failed", NULL, NULL), SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n2 note {\"n\":1}\n"
	    "3 note {\"n\":2}\n4 limit_reached {\"limit\":\"events\"}\n"
	    "5 approval_requested {}\n6 output {\"stream\":\"tty\","
	    "\"chunk\":\"held\"}\n7 run_failed {}\n"));
	h.store = former;
}

static void
a_run_has_so_many_bytes_of_events(void)
{
	struct store former = h.store;
	struct run run = new_run(false);
	char payload[600];

	(void)snprintf(payload, sizeof(payload), "{\"a\":\"%0500d\"}", 0);
	h.store.run_event_bytes = 1000;
	ASSERT_ERR(post(&run, "note", payload, NULL), SR_OK);
	ASSERT_ERR(post(&run, "note", "{}", NULL),
	    SR_E_RUN_EVENTS_LIMIT_REACHED);
	h.store.run_event_bytes = UINT64_MAX;
	ASSERT_ERR(post(&run, "note", "{}", NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT SUM(LENGTH(payload) + 256) ="
	    " (SELECT r.event_bytes FROM run r WHERE r.id = e.run_id)"
	    " FROM run_event e WHERE run_id = (SELECT id FROM run"
	    " ORDER BY created_at DESC LIMIT 1)"));
	h.store = former;
}

static void
a_run_has_so_many_streams(void)
{
	struct store former = h.store;
	struct run run = new_run(false);

	h.store.run_streams = 2;
	ASSERT_ERR(chunk(&run, "a", "x\n", NULL), SR_OK);
	ASSERT_ERR(end(&run, "a", NULL), SR_OK);
	ASSERT_ERR(chunk(&run, "b", "x\n", NULL), SR_OK);
	ASSERT_ERR(chunk(&run, "c", "x\n", NULL),
	    SR_E_RUN_STREAMS_LIMIT_REACHED);
	ASSERT_ERR(chunk(&run, "b", "y\n", NULL), SR_OK);
	ASSERT_ERR(post(&run, "note", NULL, NULL), SR_OK);
	h.store = former;
}

static enum sr_error
prompt(const struct run * run, const char * body)
{
	const struct prompt_write w = { .run_id = run->id, .body = body,
	    .len = strlen(body) };
	struct prompt_made made;
	struct redacted * t = NULL;
	enum sr_error err;

	err = prompt_make(&h.store, &h.actor, &w, LEASE_MINUTES, &made, &t);
	CU_ASSERT_EQUAL(err == SR_OK, t != NULL);
	redacted_free(&t);
	return (err);
}

static void
a_run_has_so_many_bytes_of_prompts(void)
{
	const char * body = "{\"messages\":[{\"role\":\"user\","
	    "\"content\":\"Hello.\"}]}";
	struct store former = h.store;
	uint64_t before = metric_get(METRIC_RUN_PROMPTS_REFUSED);
	struct run run = new_run(false);

	h.store.run_prompt_bytes = 256 + strlen(body);
	ASSERT_ERR(prompt(&run, body), SR_OK);
	ASSERT_ERR(prompt(&run, body), SR_E_RUN_PROMPTS_LIMIT_REACHED);
	CU_ASSERT_EQUAL(metric_get(METRIC_RUN_PROMPTS_REFUSED), before + 1);
	h.store.run_prompt_bytes = 0;
	ASSERT_ERR(prompt(&run, body), SR_OK);
	h.store = former;
}

static const struct suite_test tests[] = {
	TEST(an_event_that_comes_again_is_one),
	TEST(a_key_is_known_for_some_time),
	TEST(the_last_event_may_come_again),
	TEST(a_chunk_may_have_a_key),
	TEST(a_key_is_not_stored),
	TEST(without_the_root_key_it_is_not_known_again),
	TEST(a_run_has_so_many_events),
	TEST(a_run_has_so_many_bytes_of_events),
	TEST(a_run_has_so_many_streams),
	TEST(a_run_has_so_many_bytes_of_prompts),
};

SUITE_MAIN("core/runs/event_limit", tests, sending_start, sending_stop)
