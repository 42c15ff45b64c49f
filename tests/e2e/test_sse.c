/*
 * Goal: who follows a run through the real web server hears every event once
 * and in order, whatever happens in between: a connection that ends, a reader
 * that does not read, a worker that stops, a database that is gone; and who may
 * no longer, hears no more.
 */

#include <signal.h>

#include "tests/e2e/ears.h"
#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/process.h"
#include "tests/harness/walk.h"

#define JSON	"application/json"

static struct instance * inst;
static struct http * owner;
static struct http * program;
static char * cookie;			/* The owner's, as a header. */
static char bearer[160];
static char key_id[37];
static char project[37];
static char run[37];
static char path[128];

/* The text of a string member of a reply; caller frees. */
static char *
member(const struct http_reply * r, const char * name)
{
	char * before = text_format("\"%s\":\"", name);
	const char * p = strstr(r->body, before);
	char * out;

	if (p == NULL)
		suite_note("no %s: %ld %s", name, r->status, r->body);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	p += strlen(before);
	out = strndup(p, strcspn(p, "\""));
	free(before);
	return (out);
}

static void
call(const char * method, const char * where, const char * body, char id[37])
{
	struct http_reply * r = http_request(program, method, where, JSON,
	    body, strlen(body));
	char * text;

	if (r->status < 200 || r->status >= 300)
		suite_note("%s %s: %ld %s", method, where, r->status, r->body);
	CU_ASSERT_TRUE_FATAL(r->status >= 200 && r->status < 300);
	if (id != NULL) {
		text = member(r, "id");
		(void)snprintf(id, 37, "%s", text);
		free(text);
	}
	http_reply_free(&r);
}

static void
new_key(char header[160], char id[37])
{
	char * out = NULL, * err = NULL;
	const char * key;

	CU_ASSERT_EQUAL_FATAL(instance_operator(inst, INSTANCE_ARGS("apikey",
	    "create", "--name", "e2e/agent", "--scope",
	    "secrets:write,secrets:read,runs:write", "--json"), NULL, &out,
	    &err), 0);
	key = strstr(out, "\"key\":\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	(void)snprintf(id, 37, "%s", out + strlen("{\"id\":\""));
	(void)snprintf(header, 160, "Authorization: Bearer %.53s", key +
	    strlen("\"key\":\""));
	free(out);
	free(err);
}

/* Once: who is who, and a project. */
static void
prepare(void)
{
	char * token;

	if (project[0] != '\0')
		return;
	token = http_cookie(owner, "sr_session");
	cookie = text_format("Cookie: sr_session=%s\r\n", token);
	free(token);
	new_key(bearer, key_id);
	http_header(program, bearer);
	call("POST", "/api/v1/projects", "{\"slug\":\"sse\",\"name\":"
	    "\"Listened to\"}", project);
}

static void
new_run(void)
{
	char * where;

	prepare();
	where = text_format("/api/v1/projects/%s/runs", project);
	call("POST", where, "{\"workflow_name\":\"nightly\","
	    "\"workflow_version\":\"1\",\"trigger\":\"manual\","
	    "\"status\":\"pending\"}", run);
	(void)snprintf(path, sizeof(path), "/projects/%s/runs/%s/events",
	    project, run);
	free(where);
}

static int
start(void)
{
	static const char * const settings[] = {
	    "STRONGROOM_SSE_HEARTBEAT_SECONDS=1",
	    "STRONGROOM_SSE_SEND_SECONDS=2",
	    "STRONGROOM_SSE_ACCOUNT_LISTENERS=240",
	    "STRONGROOM_WORKER_THREADS=4",
	    "STRONGROOM_DATABASE_TIMEOUT_SECONDS=3", NULL };
	const struct instance_options options = { .settings = settings };

	if ((inst = instance_start(&options)) == NULL ||
	    (owner = walk_in(inst)) == NULL)
		return (-1);
	program = instance_client(inst);
	return (0);
}

static int
stop(void)
{

	http_free(&owner);
	http_free(&program);
	free(cookie);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* ${n} more events of the run, as they are stored. */
static void
post(unsigned n, const char * type, const char * payload)
{
	char * sql = text_format("INSERT INTO run_event (run_id, seq, type,"
	    " post_id, occurred_at, payload, known, rules) SELECT r.id,"
	    " r.last_seq + s.seq, '%s', UUID(), UTC_TIMESTAMP(6), '%s', 0, 0"
	    " FROM run r JOIN seq_1_to_%u s WHERE r.id = '%s';"
	    " UPDATE run SET last_seq = last_seq + %u WHERE id = '%s'",
	    type, payload, n, run, n, run);
	char * all = text_format("BEGIN; %s; COMMIT", sql);
	char * out = mariadb_sql(instance_database(inst), all);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	free(out);
	free(all);
	free(sql);
}

static bool
is_open(const struct ear * e)
{

	return (e->status == 200 && strstr(strbuf_str(&e->text), "retry: ") !=
	    NULL);
}

static bool
is_closed(const struct ear * e)
{

	return (e->fd == -1);
}

static uint64_t wanted;

static bool
has_wanted(const struct ear * e)
{

	return (e->last >= wanted);
}

static bool
has_two_beats(const struct ear * e)
{

	return (e->beats >= 2);
}

static void
st_sec_005_ac2_listeners_hear_all_events_once_and_in_order(void)
{
	struct ear e[3];

	new_run();
	post(3, "step_started", "{\"step\":1}");
	ear_open(&e[0], inst, path, cookie);
	ear_open(&e[1], inst, path, cookie);
	e[0].keep = e[1].keep = true;
	CU_ASSERT_TRUE_FATAL(ears_until(e, 2, is_open));
	wanted = 3;
	CU_ASSERT_TRUE(ears_until(e, 2, has_wanted));
	post(500, "output", "{\"stream\":\"stdout\",\n \"chunk\":\"a\\\\nb\"}");
	wanted = 503;
	CU_ASSERT_TRUE(ears_until(e, 2, has_wanted));
	ear_open(&e[2], inst, path, cookie);
	CU_ASSERT_TRUE(ears_until(e, 3, has_wanted));
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(e[i].gaps, 0);
		CU_ASSERT_EQUAL(e[i].frames, 503);
		CU_ASSERT_EQUAL(e[i].digest, e[0].digest);
		CU_ASSERT_EQUAL(e[i].errors, 0);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e[0].head),
	    "text/event-stream"));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e[0].text),
	    "event: output\ndata: {\"run_id\":\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e[0].text),
	    "\"topic\":\"jido_code:run:"));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e[0].text),
	    "\"payload\":{\"stream\":\"stdout\",  \"chunk\":\"a\\nb\"}}\n\n"));
	for (unsigned i = 0; i < 3; i++)
		ear_close(&e[i]);
}

static void
a_listener_that_comes_again_goes_on_where_it_was(void)
{
	char * where, * header;
	struct ear e;

	new_run();
	post(6, "step_started", "{}");
	header = text_format("%sLast-Event-ID: 4\r\n", cookie);
	where = text_format("%s?after=2", path);
	wanted = 6;
	ear_open(&e, inst, where, cookie);
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.frames, 4);
	CU_ASSERT_EQUAL(e.gaps, 0);
	ear_close(&e);
	/* What a browser says counts before the address, which is older. */
	ear_open(&e, inst, where, header);
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.frames, 2);
	ear_close(&e);
	free(where);
	where = text_format("%s?after=9999999", path);
	ear_open(&e, inst, where, cookie);
	CU_ASSERT_TRUE(ears_until(&e, 1, is_open));
	post(1, "step_completed", "{}");
	wanted = 7;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.frames, 1);
	CU_ASSERT_EQUAL(e.gaps, 0);
	ear_close(&e);
	free(header);
	free(where);
}

static void
refused(const char * where, const char * header, int status, const char * text)
{
	struct ear e;

	ear_open(&e, inst, where, header);
	CU_ASSERT_TRUE(ears_until(&e, 1, is_closed));
	if (e.status != status || strstr(strbuf_str(&e.text), text) == NULL)
		suite_note("%d %s", e.status, strbuf_str(&e.text));
	CU_ASSERT_EQUAL(e.status, status);
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e.text), text));
	ear_close(&e);
}

static void
who_may_not_listen_is_told_why(void)
{
	char * where, * header;

	new_run();
	where = text_format("%s?after=-1", path);
	header = text_format("%sLast-Event-ID: 1x\r\n", cookie);
	refused(path, "", 401, "session_required");
	refused(where, cookie, 422, "cursor_invalid");
	refused(path, header, 422, "cursor_invalid");
	free(where);
	where = text_format("/projects/%s/runs/%s/events", run, run);
	refused(where, cookie, 404, "run_not_found");
	refused("/projects/1/runs/2/events", cookie, 404, "run_not_found");
	free(header);
	free(where);
}

static void
heartbeats_come_while_nothing_happens(void)
{
	struct ear e;

	new_run();
	ear_open(&e, inst, path, cookie);
	CU_ASSERT_TRUE(ears_until(&e, 1, has_two_beats));
	CU_ASSERT_EQUAL(e.frames, 0);
	CU_ASSERT_EQUAL(e.errors, 0);
	ear_close(&e);
}

static bool
has_end(const struct ear * e)
{

	return (e->ends == 1 && e->fd == -1);
}

static void
a_run_that_ended_ends_the_stream_for_good(void)
{
	char * where, * header;
	struct ear e;

	new_run();
	where = text_format("/api/v1/runs/%s", run);
	ear_open(&e, inst, path, cookie);
	e.keep = true;
	CU_ASSERT_TRUE_FATAL(ears_until(&e, 1, is_open));
	/* Somebody may post what looks like the end, and it is none. */
	post(1, "end", "{}");
	post(1, "error", "{}");
	wanted = 2;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.ends, 0);
	CU_ASSERT_EQUAL(e.errors, 0);
	call("PATCH", where, "{\"status\":\"cancelled\"}", NULL);
	CU_ASSERT_TRUE(ears_until(&e, 1, has_end));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e.text),
	    "\"status\":\"cancelled\""));
	header = text_format("%sLast-Event-ID: %llu\r\n", cookie,
	    (unsigned long long)e.last);
	ear_close(&e);
	refused(path, header, 204, "");
	/* Who has not heard all of it gets the rest, and the end. */
	ear_open(&e, inst, path, cookie);
	CU_ASSERT_TRUE(ears_until(&e, 1, has_end));
	CU_ASSERT_EQUAL(e.gaps, 0);
	CU_ASSERT_EQUAL(e.frames, 3);
	ear_close(&e);
	free(header);
	free(where);
}

/* Until the workers have logged ${text}. */
static bool
is_logged(const char * text)
{
	char * log;
	bool found = false;

	for (unsigned i = 0; i < 300 && !found; i++) {
		log = instance_log(inst);
		found = strstr(log, text) != NULL;
		free(log);
		if (!found)
			sleep_ms(100);
	}
	return (found);
}

#define WIDE	((size_t)60000)

static void
a_reader_that_does_not_read_is_dropped_and_others_go_on(void)
{
	struct ear e[2];
	char * wide, * payload;

	new_run();
	ear_open(&e[0], inst, path, cookie);
	ear_open(&e[1], inst, path, cookie);
	CU_ASSERT_TRUE_FATAL(ears_until(e, 2, is_open));
	e[0].deaf = true;
	/* More than all the buffers between us hold. */
	wide = malloc(WIDE + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(wide);
	memset(wide, '=', WIDE);
	wide[WIDE] = '\0';
	payload = text_format("{\"text\":\"%s\"}", wide);
	post(400, "output", payload);
	wanted = 400;
	CU_ASSERT_TRUE(ears_until(&e[1], 1, has_wanted));
	CU_ASSERT_EQUAL(e[1].frames, 400);
	CU_ASSERT_EQUAL(e[1].gaps, 0);
	CU_ASSERT_TRUE(is_logged("\"reason\":\"too_slow\""));
	ear_close(&e[0]);
	ear_close(&e[1]);
	free(payload);
	free(wide);
}

static void
st_sec_005_ac2_a_lost_database_is_told_and_nothing_is_lost(void)
{
	struct mariadb * m = instance_database(inst);
	struct ear e;

	new_run();
	ear_open(&e, inst, path, cookie);
	e.keep = true;
	CU_ASSERT_TRUE_FATAL(ears_until(&e, 1, is_open));
	post(2, "step_started", "{}");
	wanted = 2;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	mariadb_kill9(m);
	for (unsigned i = 0; i < 300 && e.errors == 0; i++)
		(void)ears_listen(&e, 1, 100);
	CU_ASSERT_EQUAL(e.errors, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e.text),
	    "\"error_type\":\"run_unavailable\""));
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	post(3, "step_completed", "{}");
	wanted = 5;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.frames, 5);
	CU_ASSERT_EQUAL(e.gaps, 0);
	CU_ASSERT_EQUAL(e.errors, 1);
	CU_ASSERT_EQUAL(e.resumed, 1);
	ear_close(&e);
}

static bool
is_told(const struct ear * e)
{

	return (e->errors > 0);
}

static void
st_sec_005_ac3_a_gate_without_its_key_publishes_nothing(void)
{
	struct ear e;

	new_run();
	CU_ASSERT_EQUAL_FATAL(instance_set_key(inst, INSTANCE_KEY_NONE), 0);
	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
	post(2, "output", "{\"text\":\"withheld-text\"}");
	ear_open(&e, inst, path, cookie);
	e.keep = true;
	CU_ASSERT_TRUE(ears_until(&e, 1, is_told));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e.text),
	    "\"error_type\":\"channel_redaction_failed\""));
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&e.text), "withheld-text"));
	CU_ASSERT_EQUAL(e.frames, 0);
	ear_close(&e);
	CU_ASSERT_EQUAL_FATAL(instance_set_key(inst, INSTANCE_KEY_GONE), 0);
	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
	ear_open(&e, inst, path, cookie);
	e.keep = true;
	CU_ASSERT_TRUE(ears_until(&e, 1, is_told));
	/* With the key back it goes on, on the same connection. */
	CU_ASSERT_EQUAL_FATAL(instance_set_key(inst, INSTANCE_KEY_GOOD), 0);
	instance_hangup(inst);
	wanted = 2;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.frames, 2);
	CU_ASSERT_EQUAL(e.gaps, 0);
	CU_ASSERT_EQUAL(e.resumed, 1);
	ear_close(&e);
}

static void
st_sec_005_ac2_what_became_a_secret_since_is_masked_on_its_way(void)
{
	struct ear e;

	new_run();
	post(1, "output", "{\"text\":\"it is Later-Known-Value-5521 now\"}");
	call("PUT", "/api/v1/secrets/instance/sse/later",
	    "{\"value\":\"Later-Known-Value-5521\"}", NULL);
	ear_open(&e, inst, path, cookie);
	e.keep = true;
	wanted = 1;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&e.text), "Later-Known-Value"));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e.text),
	    "\"payload\":{\"text\":\"it is [REDACTED:"));
	ear_close(&e);
}

static void
a_worker_that_stops_ends_its_listeners_at_once(void)
{
	struct ear e[20];
	int64_t began;

	new_run();
	for (unsigned i = 0; i < 20; i++)
		ear_open(&e[i], inst, path, cookie);
	CU_ASSERT_TRUE_FATAL(ears_until(e, 20, is_open));
	began = clock_monotonic_ms();
	CU_ASSERT_EQUAL(instance_stop_workers(inst), 0);
	/* Not because their time was over: that is much later. */
	CU_ASSERT(clock_monotonic_ms() - began < 20000);
	CU_ASSERT_TRUE(ears_until(e, 20, is_closed));
	CU_ASSERT_EQUAL_FATAL(instance_start_workers(inst), 0);
	for (unsigned i = 0; i < 20; i++)
		ear_close(&e[i]);
}

static void
a_listener_that_is_gone_gives_its_place_back(void)
{
	struct ear e[240];

	new_run();
	for (unsigned i = 0; i < 240; i++)
		ear_open(&e[i], inst, path, cookie);
	CU_ASSERT_TRUE_FATAL(ears_until(e, 240, is_open));
	refused(path, cookie, 503, "server_busy");
	/* A program has its own. */
	for (unsigned i = 0; i < 40; i++)
		ear_close(&e[i]);
	for (unsigned i = 0; i < 40; i++)
		ear_open(&e[i], inst, path, cookie);
	for (unsigned tries = 0; tries < 100; tries++) {
		for (int64_t next = clock_monotonic_ms() + 100;
		    clock_monotonic_ms() < next;)
			(void)ears_listen(e, 240, 100);
		for (unsigned i = 0; i < 40; i++) {
			if (e[i].status == 503) {
				ear_close(&e[i]);
				ear_open(&e[i], inst, path, cookie);
			}
		}
	}
	CU_ASSERT_TRUE(ears_until(e, 240, is_open));
	for (unsigned i = 0; i < 240; i++)
		ear_close(&e[i]);
	CU_ASSERT_TRUE(is_logged("\"reason\":\"left\""));
}

static bool
is_told_and_closed(const struct ear * e)
{

	return (e->errors == 1 && e->fd == -1);
}

static void
whose_session_or_key_ends_hears_no_more(void)
{
	char other[160], id[37];
	char * mine, * header;
	struct ear e[2];

	new_run();
	header = text_format("%s\r\n", bearer);
	new_key(other, id);
	mine = text_format("%s\r\n", other);
	ear_open(&e[0], inst, path, mine);
	ear_open(&e[1], inst, path, header);
	e[0].keep = true;
	CU_ASSERT_TRUE_FATAL(ears_until(e, 2, is_open));
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("apikey",
	    "revoke", id), NULL, NULL, NULL), 0);
	CU_ASSERT_TRUE(ears_until(e, 1, is_told_and_closed));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&e[0].text),
	    "\"error_type\":\"api_key_revoked\""));
	CU_ASSERT_NOT_EQUAL(e[1].fd, -1);
	ear_close(&e[0]);
	ear_close(&e[1]);
	ear_open(&e[0], inst, path, cookie);
	CU_ASSERT_TRUE_FATAL(ears_until(e, 1, is_open));
	free(mariadb_sql(instance_database(inst),
	    "UPDATE session SET ended_at = UTC_TIMESTAMP(6)"));
	CU_ASSERT_TRUE(ears_until(e, 1, is_told_and_closed));
	ear_close(&e[0]);
	free(mariadb_sql(instance_database(inst),
	    "UPDATE session SET ended_at = NULL"));
	free(mine);
	free(header);
}

static const struct suite_test tests[] = {
	TEST(st_sec_005_ac2_listeners_hear_all_events_once_and_in_order),
	TEST(a_listener_that_comes_again_goes_on_where_it_was),
	TEST(who_may_not_listen_is_told_why),
	TEST(heartbeats_come_while_nothing_happens),
	TEST(a_run_that_ended_ends_the_stream_for_good),
	TEST(a_reader_that_does_not_read_is_dropped_and_others_go_on),
	TEST(st_sec_005_ac2_a_lost_database_is_told_and_nothing_is_lost),
	TEST(st_sec_005_ac3_a_gate_without_its_key_publishes_nothing),
	TEST(st_sec_005_ac2_what_became_a_secret_since_is_masked_on_its_way),
	TEST(a_worker_that_stops_ends_its_listeners_at_once),
	TEST(a_listener_that_is_gone_gives_its_place_back),
	TEST(whose_session_or_key_ends_hears_no_more),
};

SUITE_MAIN("e2e/sse", tests, start, stop)
