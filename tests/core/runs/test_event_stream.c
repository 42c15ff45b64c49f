/*
 * ST-SEC-005: streams of runs. Chunks that any worker takes are one text; what
 * is held back is sealed, and published when nobody sends more.
 */

#include "tests/core/runs/sending.h"

#define SECRET	"tr0ubadour & 3 stamps"
#define SMALL	"hunter2!"
#define BEGIN	"tr0ubadour & 3"

static struct process second;

static int
start(void)
{

	if (sending_start() != 0)
		return (-1);
	return (put(&h, "stream/long", SECRET, NULL) == SR_OK &&
	    put(&h, "stream/small", SMALL, NULL) == SR_OK ? 0 : -1);
}

static int
stop(void)
{

	process_close(&second);
	return (sending_stop());
}

static void
another_worker_comes_up(void)
{

	process_open(&h, &second);
	second.store.live = second.live;
}

struct text {
	char * p;
	size_t len;
};

/* The inside of a chunk's payload, which these texts never escape but so. */
static enum sr_error
add_chunk(const struct event * e, void * cookie)
{
	static const char mark[] = "\"chunk\":\"";
	struct text * t = cookie;
	const char * p = strstr(e->payload, mark);

	if (p == NULL)
		return (SR_OK);
	for (p += strlen(mark); *p != '"'; p++) {
		if (*p == '\\' && p[1] == 'n') {
			t->p[t->len++] = '\n';
			p++;
		} else {
			t->p[t->len++] = *p;
		}
	}
	return (SR_OK);
}

/* What the chunks of the run say together. Caller frees. */
static char *
said(const struct run * run)
{
	struct text t = { calloc(1, 1 << 20), 0 };

	must(t.p != NULL);
	ASSERT_ERR(event_list(h.store.db, &run->id, 0, 5000, add_chunk, &t),
	    SR_OK);
	return (t.p);
}

static void
says(const struct run * run, const char * expected)
{
	char * got = said(run);

	if (strcmp(got, expected) != 0)
		suite_note("got '%s', expected '%s'", got, expected);
	CU_ASSERT_STRING_EQUAL(got, expected);
	free(got);
}

static char *
masked(const char * text)
{
	const struct redact_reader nobody = { .n = 0 };
	struct redacted * t;
	char * out;

	ASSERT_ERR_FATAL(redact_text_for(h.store.redact, REDACT_PUBSUB,
	    &nobody, NULL, text, strlen(text), NULL, &t), SR_OK);
	out = strdup(redacted_bytes(t));
	redacted_free(&t);
	return (out);
}

/* Two workers take turns; the text is cut at ${at}, and at ${at} + ${n}. */
static void
cut_at(const char * text, size_t at, size_t n, const char * expected)
{
	size_t len = strlen(text);
	struct run run = new_run(false);

	ASSERT_ERR(chunk_to(&h.store, &run, "tty", text, at, false, NULL),
	    SR_OK);
	if (at + n > len)
		n = len - at;
	ASSERT_ERR(chunk_to(&second.store, &run, "tty", &text[at], n, false,
	    NULL), SR_OK);
	ASSERT_ERR(chunk_to(&h.store, &run, "tty", &text[at + n],
	    len - at - n, true, NULL), SR_OK);
	says(&run, expected);
}

static void
st_sec_005_ac1_a_secret_cut_anywhere_is_masked_by_any_worker(void)
{
	static const char text[] = "first " SECRET ", then " SMALL " and\n"
	    "token " TOKEN_SHAPED "\nend";
	char * expected;
	size_t at;

	ASSERT_ERR_FATAL(liveset_refresh(live, &h.store), SR_OK);
	expected = masked(text);
	CU_ASSERT_PTR_NULL(strstr(expected, SECRET));
	CU_ASSERT_PTR_NULL(strstr(expected, TOKEN_SHAPED));
	for (at = 0; at <= strlen(text); at++)
		cut_at(text, at, 1 + at % 7, expected);
	free(expected);
}

static void
what_is_held_back_is_sealed(void)
{
	struct run run = new_run(false);
	struct event_written out;
	char * dump;

	ASSERT_ERR(chunk(&run, "tty", "tr0ubadour & 3 stam", &out), SR_OK);
	CU_ASSERT_EQUAL(out.events, 0);
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, "tr0ubadour"));
	free(dump);
	CU_ASSERT(house_sql_is(&h, "SRt1\t0", "SELECT left(tail_sealed, 4),"
	    " LOCATE('tr0ubadour', tail_sealed) FROM run_stream"
	    " WHERE state = 'open' ORDER BY run_id DESC LIMIT 1"));
	ASSERT_ERR(end(&run, "tty", &out), SR_OK);
	says(&run, "tr0ubadour & 3 stam");
	CU_ASSERT(house_sql_is(&h, "ended\tNULL", "SELECT state, tail_sealed"
	    " FROM run_stream ORDER BY run_id DESC LIMIT 1"));
}

static void
a_chunk_that_comes_again_is_taken_once(void)
{
	struct run run = new_run(false);
	struct event_write w = { .run_id = run.id, .type = "output",
	    .stream = "tty", .chunk = "one.\n", .chunk_len = 5,
	    .numbered = true };
	struct event_written out;

	w.n = 1;
	ASSERT_ERR(post_to(&h.store, &w, &out), SR_E_EVENT_CHUNK_OUT_OF_ORDER);
	CU_ASSERT_EQUAL(out.next_chunk, 0);
	w.n = 0;
	ASSERT_ERR(post_to(&h.store, &w, &out), SR_OK);
	ASSERT_ERR(post_to(&second.store, &w, &out), SR_OK);
	CU_ASSERT_EQUAL(out.events, 0);
	CU_ASSERT_EQUAL(out.next_chunk, 1);
	w.n = 2;
	ASSERT_ERR(post_to(&h.store, &w, &out), SR_E_EVENT_CHUNK_OUT_OF_ORDER);
	CU_ASSERT_EQUAL(out.next_chunk, 1);
	w.n = 1;
	w.end = true;
	ASSERT_ERR(post_to(&h.store, &w, &out), SR_OK);
	ASSERT_ERR(post_to(&h.store, &w, &out), SR_OK);
	CU_ASSERT_EQUAL(out.next_chunk, 2);
	w.n = 2;
	ASSERT_ERR(post_to(&h.store, &w, &out), SR_E_EVENT_STREAM_ENDED);
	ASSERT_ERR(post(&run, "run_completed", NULL, NULL), SR_OK);
	/* Its reply was lost, and the run has ended since. */
	w.n = 1;
	ASSERT_ERR(post_to(&h.store, &w, &out), SR_OK);
	says(&run, "one.\none.\n");
}

static void
streams_of_a_run_are_texts_of_their_own(void)
{
	struct run run = new_run(false);

	ASSERT_ERR(chunk(&run, "a", "tr0ubadour & ", NULL), SR_OK);
	ASSERT_ERR(chunk(&run, "b", "3 stamps\n", NULL), SR_OK);
	ASSERT_ERR(end(&run, "a", NULL), SR_OK);
	ASSERT_ERR(end(&run, "b", NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM run_event WHERE"
	    " known > 0 AND run_id = (SELECT MAX(id) FROM run)"));
}

static void
a_character_is_never_cut(void)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"
	    "b \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e with words behind it all\n";
	struct run run;
	size_t at;

	for (at = 0; at < strlen(text); at++)
		cut_at(text, at, 1, text);
	run = new_run(false);
	ASSERT_ERR(chunk_to(&h.store, &run, "tty", "a\xff\xc3(\x1b[1m\0\xe2"
	    "\x82", 11, true, NULL), SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n2 output {\"stream\":\"tty\","
	    "\"chunk\":\"a\xef\xbf\xbd\xef\xbf\xbd(\\u001b[1m\\u0000"
	    "\xef\xbf\xbd\xef\xbf\xbd\"}\n"));
}

static void
a_large_piece_is_several_events(void)
{
	struct run run = new_run(false);
	struct event_written out;
	char * text = malloc(EVENT_CHUNK_MAX);
	char * got;
	size_t i;

	must(text != NULL);
	/* An open key is held back, and at last it is none. */
	memset(text, 'x', EVENT_CHUNK_MAX);
	ASSERT_ERR(chunk(&run, "tty", "begin\n-----BEGIN ", NULL), SR_OK);
	ASSERT_ERR(chunk_to(&h.store, &run, "tty", text, EVENT_CHUNK_MAX,
	    false, NULL), SR_OK);
	ASSERT_ERR(chunk_to(&h.store, &run, "tty", text, EVENT_CHUNK_MAX,
	    true, &out), SR_OK);
	got = said(&run);
	CU_ASSERT_EQUAL(strlen(got), 17 + 2 * EVENT_CHUNK_MAX);
	free(got);
	for (i = 0; i < EVENT_CHUNK_MAX; i++)
		text[i] = "0123456789abcde\n"[i % 16];
	ASSERT_ERR(chunk_to(&h.store, &run, "lines", text, EVENT_CHUNK_MAX,
	    true, &out), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT MAX(CHAR_LENGTH(payload)) <"
	    " 140000 FROM run_event"));
	free(text);
}

static void
a_dead_senders_tail_is_published_by_the_job(void)
{
	struct run run = new_run(false);
	unsigned ended;

	ASSERT_ERR(chunk(&run, "tty", "half: " SMALL " tr0ubadour & 3", NULL),
	    SR_OK);
	ASSERT_ERR(event_streams_end(&second.store, 10, &ended), SR_OK);
	CU_ASSERT_EQUAL(ended, 0);
	CU_ASSERT(house_do(&h, "UPDATE run_stream SET due_at = '2020-01-01'"
	    " WHERE state = 'open'"));
	ASSERT_ERR(event_streams_end(&second.store, 10, &ended), SR_OK);
	CU_ASSERT_EQUAL(ended, 1);
	CU_ASSERT(starts(&run, "1 run_started {}\n2 output {\"stream\":\"tty\","
	    "\"chunk\":\"half: [REDACTED:secret:"));
	ASSERT_ERR(chunk(&run, "tty", " stamps", NULL),
	    SR_E_EVENT_STREAM_ENDED);
	ASSERT_ERR(event_streams_end(&second.store, 10, &ended), SR_OK);
	CU_ASSERT_EQUAL(ended, 0);
}

/* Its sender says that the rest is lost: the begin is not let go. */
static void
a_begin_whose_rest_is_lost_is_never_seen(void)
{
	static const char begin[] = "and it is " BEGIN;
	struct run run = new_run(false);
	struct event_write w = { .run_id = run.id, .type = "output",
	    .stream = "tty", .chunk = "[lost]\n", .chunk_len = 7,
	    .numbered = true, .n = 1, .discard = true };

	ASSERT_ERR(chunk(&run, "tty", begin, NULL), SR_OK);
	ASSERT_ERR(post_to(&h.store, &w, NULL), SR_OK);
	w = (struct event_write){ .run_id = run.id, .type = "output",
	    .stream = "tty", .chunk = begin, .chunk_len = strlen(begin) };
	ASSERT_ERR(post_to(&h.store, &w, NULL), SR_OK);
	w.chunk = NULL;
	w.chunk_len = 0;
	w.end = w.discard = true;
	ASSERT_ERR(post_to(&h.store, &w, NULL), SR_OK);
	{
		char * all = listed(&run);

		CU_ASSERT_PTR_NULL(strstr(all, BEGIN));
		CU_ASSERT_PTR_NOT_NULL(strstr(all, "[lost]"));
		free(all);
	}
}

static void
a_run_that_ends_ends_its_streams(void)
{
	struct run run = new_run(false), moved = new_run(false);

	ASSERT_ERR(chunk(&run, "a", "tail of a", NULL), SR_OK);
	ASSERT_ERR(chunk(&run, "b", "tail of b", NULL), SR_OK);
	ASSERT_ERR(post(&run, "run_completed", NULL, NULL), SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n"
	    "2 output {\"stream\":\"a\",\"chunk\":\"tail of a\"}\n"
	    "3 output {\"stream\":\"b\",\"chunk\":\"tail of b\"}\n"
	    "4 run_completed {}\n"));
	ASSERT_ERR(chunk(&moved, "a", "tail of a", NULL), SR_OK);
	ASSERT_ERR(run_move(&second.store, &moved.id, RUN_FAILED,
	    LEASE_MINUTES, NULL), SR_OK);
	CU_ASSERT(lists(&moved, "1 run_started {}\n"
	    "2 output {\"stream\":\"a\",\"chunk\":\"tail of a\"}\n"
	    "3 run_failed {}\n"));
}

/* Without a gate the run ends all the same, and its tail comes later. */
static void
a_run_ends_though_the_gate_is_locked(void)
{
	struct run run = new_run(false);
	struct store dark = h.store;
	unsigned ended;

	ASSERT_ERR_FATAL(redact_new(&dark.redact), SR_OK);
	dark.live = NULL;
	ASSERT_ERR(chunk(&run, "a", "tail of a", NULL), SR_OK);
	ASSERT_ERR(run_move(&dark, &run.id, RUN_FAILED, LEASE_MINUTES, NULL),
	    SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n2 run_failed {}\n"));
	ASSERT_ERR(event_streams_end(&dark, 10, &ended),
	    SR_E_CHANNEL_REDACTION_FAILED);
	ASSERT_ERR(event_streams_end(&h.store, 10, &ended), SR_OK);
	CU_ASSERT_EQUAL(ended, 1);
	CU_ASSERT(lists(&run, "1 run_started {}\n2 run_failed {}\n"
	    "3 output {\"stream\":\"a\",\"chunk\":\"tail of a\"}\n"));
	redact_free(&dark.redact);
}

/* A tail of another stream, or a former one, is no tail. */
static void
a_tail_that_was_changed_fails_the_stream(void)
{
	static const char * const tampers[] = {
		"UPDATE run_stream t JOIN run_stream s ON s.run_id = t.run_id"
		" AND s.stream = 'other' SET t.tail_sealed = s.tail_sealed"
		" WHERE t.stream = 'tty' AND t.state = 'open'",
		"UPDATE run_stream SET next_chunk = next_chunk + 1"
		" WHERE stream = 'tty' AND state = 'open'",
		"UPDATE run_stream SET tail_sealed = left(tail_sealed, 30)"
		" WHERE stream = 'tty' AND state = 'open'",
	};
	struct run run;
	size_t i;

	for (i = 0; i < COUNTOF(tampers); i++) {
		run = new_run(false);
		ASSERT_ERR(chunk(&run, "tty", "tail", NULL), SR_OK);
		ASSERT_ERR(chunk(&run, "other", "tail", NULL), SR_OK);
		CU_ASSERT(house_do(&h, tampers[i]));
		ASSERT_ERR(chunk(&run, "tty", "more", NULL),
		    SR_E_CHANNEL_REDACTION_FAILED);
		CU_ASSERT(house_sql_is(&h, "failed\tNULL", "SELECT state,"
		    " tail_sealed FROM run_stream WHERE stream = 'tty'"
		    " ORDER BY run_id DESC LIMIT 1"));
		ASSERT_ERR(chunk(&run, "tty", "more", NULL),
		    SR_E_EVENT_STREAM_ENDED);
		CU_ASSERT(lists(&run, "1 run_started {}\n"));
	}
}

/* The job cannot open it either: it gives up, tells, and goes on. */
static void
the_job_gives_up_a_tail_that_does_not_open(void)
{
	struct run run = new_run(false);
	unsigned ended;

	ASSERT_ERR(chunk(&run, "tty", "tail", NULL), SR_OK);
	CU_ASSERT(house_do(&h, "UPDATE run_stream SET next_chunk = 9,"
	    " due_at = '2020-01-01' WHERE state = 'open' AND run_id ="
	    " (SELECT MAX(id) FROM run)"));
	ASSERT_ERR(event_streams_end(&h.store, 10, &ended), SR_OK);
	CU_ASSERT_EQUAL(ended, 1);
	CU_ASSERT(house_sql_is(&h, "channel_refused\t1", "SELECT kind, hits"
	    " FROM run_alert WHERE run_id = (SELECT MAX(id) FROM run)"));
	ASSERT_ERR(event_streams_end(&h.store, 10, &ended), SR_OK);
	CU_ASSERT_EQUAL(ended, 0);
}

static const struct suite_test tests[] = {
	TEST(another_worker_comes_up),
	TEST(st_sec_005_ac1_a_secret_cut_anywhere_is_masked_by_any_worker),
	TEST(what_is_held_back_is_sealed),
	TEST(a_chunk_that_comes_again_is_taken_once),
	TEST(streams_of_a_run_are_texts_of_their_own),
	TEST(a_character_is_never_cut),
	TEST(a_large_piece_is_several_events),
	TEST(a_dead_senders_tail_is_published_by_the_job),
	TEST(a_begin_whose_rest_is_lost_is_never_seen),
	TEST(a_run_that_ends_ends_its_streams),
	TEST(a_run_ends_though_the_gate_is_locked),
	TEST(a_tail_that_was_changed_fails_the_stream),
	TEST(the_job_gives_up_a_tail_that_does_not_open),
};

SUITE_MAIN("core/runs/event_stream", tests, start, stop)
