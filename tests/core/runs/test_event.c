/* Events of runs: what is stored, in which order, and what is refused. */

#include "tests/core/runs/sending.h"

static void
a_run_that_starts_and_ends_says_so(void)
{
	struct run run = new_run(false), waiting = new_run(true);

	ASSERT_ERR(run_move(&h.store, &run.id, RUN_AWAITING_APPROVAL,
	    LEASE_MINUTES, NULL), SR_OK);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_RUNNING, LEASE_MINUTES,
	    NULL), SR_OK);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_COMPLETED, LEASE_MINUTES,
	    NULL), SR_OK);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_COMPLETED, LEASE_MINUTES,
	    NULL), SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n2 approval_requested {}\n"
	    "3 approval_granted {}\n4 run_completed {}\n"));
	CU_ASSERT(lists(&waiting, ""));
	ASSERT_ERR(run_move(&h.store, &waiting.id, RUN_CANCELLED,
	    LEASE_MINUTES, NULL), SR_OK);
	CU_ASSERT(lists(&waiting, "1 run_cancelled {}\n"));
}

static void
what_is_posted_moves_the_run_as_a_move_does(void)
{
	struct run run = new_run(true), now;

	ASSERT_ERR(post(&run, "note", NULL, NULL), SR_E_RUN_NOT_STARTED);
	ASSERT_ERR(post(&run, "run_completed", NULL, NULL),
	    SR_E_RUN_TRANSITION_INVALID);
	ASSERT_ERR(post(&run, "run_started", "{\"by\":\"hand\"}", NULL),
	    SR_OK);
	ASSERT_ERR(post(&run, "run_started", NULL, NULL),
	    SR_E_RUN_TRANSITION_INVALID);
	ASSERT_ERR(post(&run, "approval_granted", NULL, NULL),
	    SR_E_RUN_TRANSITION_INVALID);
	ASSERT_ERR(post(&run, "approval_requested", "{\"of\":\"it\"}", NULL),
	    SR_OK);
	ASSERT_ERR(run_show(h.store.db, &run.id, &now), SR_OK);
	CU_ASSERT_EQUAL(now.status, RUN_AWAITING_APPROVAL);
	ASSERT_ERR(post(&run, "run_completed", NULL, NULL),
	    SR_E_RUN_TRANSITION_INVALID);
	ASSERT_ERR(post(&run, "approval_rejected", NULL, NULL), SR_OK);
	ASSERT_ERR(post(&run, "run_failed", "{\"why\":\"no\"}", NULL), SR_OK);
	ASSERT_ERR(run_show(h.store.db, &run.id, &now), SR_OK);
	CU_ASSERT_EQUAL(now.status, RUN_FAILED);
	CU_ASSERT_NOT_EQUAL(now.completed_at, SR_TIME_NONE);
	ASSERT_ERR(post(&run, "note", NULL, NULL), SR_E_RUN_FINISHED);
	ASSERT_ERR(post(&run, "run_failed", NULL, NULL), SR_E_RUN_FINISHED);
	ASSERT_ERR(chunk(&run, "tty", "more", NULL), SR_E_RUN_FINISHED);
	CU_ASSERT(lists(&run, "1 run_started {\"by\":\"hand\"}\n"
	    "2 approval_requested {\"of\":\"it\"}\n3 approval_rejected {}\n"
	    "4 run_failed {\"why\":\"no\"}\n"));
}

static void
a_payload_is_kept_as_it_was_said(void)
{
	struct run run = new_run(false);
	struct event_written out;

	ASSERT_ERR(post(&run, "step_started", " {\"n\": 1.50, \"a\":[null]}",
	    &out), SR_OK);
	CU_ASSERT_EQUAL(out.seq, 2);
	CU_ASSERT_EQUAL(out.events, 1);
	ASSERT_ERR(post(&run, "step_completed", NULL, &out), SR_OK);
	ASSERT_ERR(post(&run, "odd", "{\"a\":1E400,\"a\":-0.0e+2,\"\":\"\\u0000"
	    "\\ud83d\\ude00\"}", &out), SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n"
	    "2 step_started {\"n\": 1.50, \"a\":[null]}\n"
	    "3 step_completed {}\n4 odd {\"a\":1E400,\"a\":-0.0e+2,\"\":"
	    "\"\\u0000\\ud83d\\ude00\"}\n"));
}

/* So many of ${c} in a row. */
static char *
times(const char * c, size_t n, const char * behind)
{
	size_t len = strlen(c), i;
	char * p = malloc(n * len + strlen(behind) + 1);

	must(p != NULL);
	for (i = 0; i < n; i++)
		memcpy(&p[i * len], c, len);
	(void)snprintf(&p[n * len], strlen(behind) + 1, "%s", behind);
	return (p);
}

static char *
deep(size_t levels)
{
	char * open = times("[", levels - 1, "");
	char * close = times("]", levels - 1, "");
	char * all = text_format("{\"a\":%s%s}", open, close);

	free(open);
	free(close);
	return (all);
}

static void
what_is_no_object_of_json_is_refused(void)
{
	static const char * const bad[] = { "", " ", "[]", "null", "7",
	    "\"a\"", "{", "}", "{\"a\":}", "{\"a\":1,}", "{} {}", "{a:1}",
	    "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", "{\"a\":[}]", "x{}" };
	struct run run = new_run(false);
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++)
		ASSERT_ERR(post(&run, "note", bad[i], NULL),
		    SR_E_EVENT_PAYLOAD_MALFORMED);
	CU_ASSERT(lists(&run, "1 run_started {}\n"));
}

static void
a_payload_has_limits(void)
{
	struct run run = new_run(false);
	char * text = deep(64), * many;

	ASSERT_ERR(post(&run, "note", text, NULL), SR_OK);
	free(text);
	text = deep(65);
	ASSERT_ERR(post(&run, "note", text, NULL),
	    SR_E_EVENT_PAYLOAD_TOO_LARGE);
	free(text);
	text = times(",0", 10000, "");
	many = text_format("{\"a\":[0%s]}", text);
	ASSERT_ERR(post(&run, "note", many, NULL),
	    SR_E_EVENT_PAYLOAD_TOO_LARGE);
	free(many);
	free(text);
	text = times(" ", EVENT_PAYLOAD_MAX - 1, "{}");
	ASSERT_ERR(post(&run, "note", text, NULL),
	    SR_E_EVENT_PAYLOAD_TOO_LARGE);
	ASSERT_ERR(post(&run, "note", &text[1], NULL), SR_OK);
	free(text);
	text = times("x", EVENT_CHUNK_MAX + 1, "");
	ASSERT_ERR(chunk(&run, "tty", text, NULL),
	    SR_E_EVENT_PAYLOAD_TOO_LARGE);
	ASSERT_ERR(chunk(&run, "tty", &text[1], NULL), SR_OK);
	free(text);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM run_alert"));
}

#define LONG65	"a123456789a123456789a123456789a123456789a123456789" \
		"a123456789a1234"

static void
what_is_no_event_is_refused_by_field(void)
{
	static const struct {
		struct event_write w;
		const char * field;
	} bad[] = {
		{ { .type = NULL }, "type" }, { { .type = "" }, "type" },
		{ { .type = "Step" }, "type" }, { { .type = "1a" }, "type" },
		{ { .type = "a b" }, "type" }, { { .type = LONG65 }, "type" },
		{ { .type = "a", .step = "two\nlines" }, "step" },
		{ { .type = "a", .step = "\xff" }, "step" },
		{ { .type = "a", .correlation_id = "a/b" }, "correlation_id" },
		{ { .type = "a", .correlation_id = LONG65 },
		    "correlation_id" },
		{ { .type = "a", .stream = "", .chunk = "" }, "stream" },
		{ { .type = "a", .stream = "a b", .chunk = "" }, "stream" },
		{ { .type = "a", .stream = LONG65, .chunk = "" }, "stream" },
		{ { .type = "a", .stream = "s" }, "payload" },
		{ { .type = "run_failed", .stream = "s", .chunk = "" },
		    "type" },
	};
	struct run run = new_run(false);
	struct secret_complaint complaint;
	struct event_written out;
	struct event_write w;
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		w = bad[i].w;
		w.run_id = run.id;
		ASSERT_ERR(event_post(&h.store, &h.actor, &w, LEASE_MINUTES,
		    &complaint, &out), SR_E_EVENT_INVALID);
		CU_ASSERT_STRING_EQUAL(complaint.field, bad[i].field);
	}
	w = (struct event_write){ .type = "a" };
	ASSERT_ERR(sr_id_new(&w.run_id), SR_OK);
	ASSERT_ERR(post_to(&h.store, &w, NULL), SR_E_RUN_NOT_FOUND);
	CU_ASSERT(lists(&run, "1 run_started {}\n"));
}

static void
plain_fields_hold_no_secret(void)
{
	const struct event_write bad[] = {
		{ .type = "ghp" "_x7kd02mqp9lrt4vbn81swzyh3cefgu5aj6oi" },
		{ .type = "a", .step = "with " TOKEN_SHAPED },
		{ .type = "a", .correlation_id = TOKEN_SHAPED },
		{ .type = "a", .stream = TOKEN_SHAPED, .chunk = "" },
	};
	struct run run = new_run(false);
	struct event_write w;
	char * expected = text_format("%zu", COUNTOF(bad));
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		w = bad[i];
		w.run_id = run.id;
		ASSERT_ERR(post_to(&h.store, &w, NULL),
		    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	}
	CU_ASSERT(house_sql_is(&h, expected, "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'RUN_EVENT'"
	    " AND outcome = 'blocked'"));
	free(expected);
}

static void
masks_name_what_the_project_binds(void)
{
	const struct binding_write bind = { .project_id = project.id,
	    .variable = "BOUND", .scope = "instance", .name = "events/bound" };
	struct run run = new_run(false);
	struct event_written out;

	ASSERT_ERR_FATAL(put(&h, "events/bound", "bound horse 42", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(put(&h, "events/free", "stray horse 42", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(binding_set(&h.store, &h.actor, &bind, NULL), SR_OK);
	ASSERT_ERR(post(&run, "note", "{\"a\":\"bound horse 42\",\"b\":[\""
	    "stray h\\u006frse 42\"],\"password\":17}", &out), SR_OK);
	CU_ASSERT_EQUAL(out.hits.known, 2);
	CU_ASSERT_EQUAL(out.hits.unnamed, 1);
	CU_ASSERT(starts(&run, "1 run_started {}\n"
	    "2 note {\"a\":\"[REDACTED:instance/events/bound@1:"));
	CU_ASSERT(house_sql_is(&h, "2\t1\t1\t1", "SELECT known, rules,"
	    " payload LIKE '%\"b\":[\"[REDACTED:secret:%', payload LIKE"
	    " '%\"password\":\"[REDACTED:%' FROM run_event WHERE seq = 2"
	    " AND known = 2"));
}

static void
an_event_is_a_sign_of_life(void)
{
	struct run run = new_run(false), now;

	CU_ASSERT(house_do(&h, "UPDATE run SET heartbeat_at = '2020-01-01'"));
	CU_ASSERT(house_do(&h, "UPDATE credential_lease SET expires_at ="
	    " UTC_TIMESTAMP(6) + INTERVAL 5 SECOND WHERE released_at IS"
	    " NULL"));
	ASSERT_ERR(post(&run, "note", NULL, NULL), SR_OK);
	ASSERT_ERR(run_show(h.store.db, &run.id, &now), SR_OK);
	CU_ASSERT(now.heartbeat_at > clock_now() - 60 * SR_SECOND);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM"
	    " credential_lease WHERE released_at IS NULL AND expires_at >"
	    " UTC_TIMESTAMP(6) + INTERVAL 10 MINUTE"));
}

struct polled {
	char text[400];
};

static enum sr_error
poll_event(const struct event * e, void * cookie)
{
	struct polled * p = cookie;
	size_t n = strlen(p->text);

	(void)snprintf(&p->text[n], sizeof(p->text) - n, "%llu%s ",
	    (unsigned long long)e->seq, e->type);
	CU_ASSERT_STRING_EQUAL(e->workflow_name, "nightly");
	CU_ASSERT_STRING_EQUAL(e->workflow_version, "1.2");
	return (SR_OK);
}

static void
polls(const struct event_watch * w, size_t n, unsigned limit,
    const char * expected)
{
	struct polled p = { "" };

	ASSERT_ERR(event_poll(h.store.db, w, n, limit, poll_event, &p),
	    SR_OK);
	if (strcmp(p.text, expected) != 0)
		suite_note("got '%s', expected '%s'", p.text, expected);
	CU_ASSERT_STRING_EQUAL(p.text, expected);
}

static void
one_query_asks_for_many_runs(void)
{
	struct run a = new_run(false), b = new_run(false), c = new_run(true);
	struct event_watch w[] = { { a.id, 0 }, { b.id, 1 }, { c.id, 0 } };
	struct event_watch many[EVENT_WATCH_MAX];
	size_t i;

	/* Ids are times: a is before b. */
	polls(w, 3, 10, "1run_started ");
	ASSERT_ERR(post(&b, "one", NULL, NULL), SR_OK);
	ASSERT_ERR(post(&a, "two", NULL, NULL), SR_OK);
	ASSERT_ERR(post(&b, "three", NULL, NULL), SR_OK);
	polls(w, 3, 10, "1run_started 2two 2one 3three ");
	polls(w, 3, 2, "1run_started 2two ");
	w[0].after = 2;
	w[1].after = 3;
	polls(w, 3, 10, "");
	polls(NULL, 0, 10, "");
	for (i = 0; i < COUNTOF(many); i++)
		many[i] = (struct event_watch){ b.id, 2 };
	polls(many, 1, 10, "3three ");
	for (i = 1; i < COUNTOF(many); i++)
		ASSERT_ERR(sr_id_new(&many[i].run_id), SR_OK);
	polls(many, COUNTOF(many), 10, "3three ");
}

static void
old_events_of_ended_runs_are_deleted(void)
{
	struct run ended = new_run(false), going = new_run(false);
	struct event_watch w = { .run_id = ended.id };
	char sql[200], id[SR_ID_STRLEN + 1];
	unsigned gone;
	size_t i;

	for (i = 0; i < 5; i++) {
		ASSERT_ERR(post(&ended, "note", NULL, NULL), SR_OK);
		ASSERT_ERR(post(&going, "note", NULL, NULL), SR_OK);
	}
	ASSERT_ERR(chunk(&ended, "tty", "text", NULL), SR_OK);
	ASSERT_ERR(post(&ended, "run_completed", NULL, NULL), SR_OK);
	sr_id_format(&ended.id, id);
	(void)snprintf(sql, sizeof(sql), "UPDATE run_event SET occurred_at ="
	    " '2020-01-01' WHERE seq < 6 AND run_id = '%s'", id);
	CU_ASSERT(house_do(&h, sql));
	ASSERT_ERR(event_purge(h.store.db, clock_now() - SR_SECOND * 3600, 3,
	    &gone), SR_OK);
	CU_ASSERT_EQUAL(gone, 3);
	/* Who has seen nothing gets what is there, however much is gone. */
	polls(&w, 1, 1, "4note ");
	while (gone != 0)
		ASSERT_ERR(event_purge(h.store.db,
		    clock_now() - SR_SECOND * 3600, 100, &gone), SR_OK);
	polls(&w, 1, 9, "6note 7output 8run_completed ");
	w.run_id = going.id;
	polls(&w, 1, 3, "1run_started 2note 3note ");
	ASSERT_ERR(event_purge(h.store.db, clock_now() + SR_SECOND * 60, 100,
	    &gone), SR_OK);
	CU_ASSERT(gone >= 3);
	w.run_id = ended.id;
	polls(&w, 1, 9, "");
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) = 0 FROM run_stream s"
	    " JOIN run r ON r.id = s.run_id WHERE r.status = 'completed'"
	    " AND s.state = 'ended'"));
}

static const struct suite_test tests[] = {
	TEST(a_run_that_starts_and_ends_says_so),
	TEST(what_is_posted_moves_the_run_as_a_move_does),
	TEST(a_payload_is_kept_as_it_was_said),
	TEST(what_is_no_object_of_json_is_refused),
	TEST(a_payload_has_limits),
	TEST(what_is_no_event_is_refused_by_field),
	TEST(plain_fields_hold_no_secret),
	TEST(masks_name_what_the_project_binds),
	TEST(an_event_is_a_sign_of_life),
	TEST(one_query_asks_for_many_runs),
	TEST(old_events_of_ended_runs_are_deleted),
};

SUITE_MAIN("core/runs/event", tests, sending_start, sending_stop)
