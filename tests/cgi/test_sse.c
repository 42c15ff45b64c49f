/*
 * Goal: the hub, on connections of the test's own: what it writes are whole
 * records, who does not read is dropped, places are counted, what the gate
 * withholds is told of in its place, and what was deleted is not waited for.
 */

#include <poll.h>
#include <unistd.h>

#include "cgi/sse.h"
#include "core/runs/event.h"
#include "tests/cgi/api_visit.h"
#include "tests/cgi/web.h"

static struct config * config;
static struct config * visits_own;
static char * key;		/* For every project. */
static char * other;		/* For another project. */
static struct project project;
static char where[160];
static struct run run;

/* Settings of a worker whose hub finds this database. */
static int
configure(void)
{
	char complaint[512];
	char * path = text_format("%s/sse.conf", suite_tmpdir());
	char * password = text_format("%s/password", suite_tmpdir());
	char * text = text_format("[database]\nsocket = %s\n"
	    "password_file = %s\ntimeout_seconds = 2\n"
	    "[sse]\nsend_seconds = 1\nheartbeat_seconds = 1\n"
	    "listeners = 8\naccount_listeners = 4\n",
	    mariadb_socket(visit_house.m), password);
	int rc = -1;

	if (file_write(password, 0600,
	    mariadb_worker_password(visit_house.m)) == 0 &&
	    file_write(path, 0600, text) == 0 &&
	    config_load(path, complaint, sizeof(complaint), &config) == SR_OK)
		rc = 0;
	visits_own = visit_worker.config;
	visit_worker.config = config;
	free(text);
	free(password);
	free(path);
	return (rc);
}

static int
open_site(void)
{

	if (visit_open() != 0 || configure() != 0)
		return (-1);
	key = api_bearer("runs:write", NULL, NULL);
	other = api_bearer("runs:write",
	    "0190a0b0-0000-7000-8000-000000000001", NULL);
	visit_house.store.live = visit_worker.live;
	return (key == NULL || other == NULL ||
	    sse_start(&visit_worker, &visit_worker.sse) != SR_OK ? -1 : 0);
}

static int
close_site(void)
{

	sse_free(&visit_worker.sse);
	visit_worker.config = visits_own;
	config_free(&config);
	free(key);
	free(other);
	return (visit_close());
}

/* A run in the test's project; ${where} is what is asked for. */
static void
new_run(void)
{
	const struct project_write p = { .slug = "listened",
	    .name = "Listened to" };
	struct run_write w = { .workflow_name = "night\nly",
	    .workflow_version = "1", .trigger = "manual" };
	char a[SR_ID_STRLEN + 1], b[SR_ID_STRLEN + 1];

	ASSERT_ERR_FATAL(liveset_refresh(visit_worker.live,
	    &visit_house.store), SR_OK);
	if (project.slug[0] == '\0')
		ASSERT_ERR_FATAL(project_create(&visit_house.store,
		    &visit_house.actor, &p, NULL, &project), SR_OK);
	w.workflow_name = "nightly";
	w.project_id = project.id;
	ASSERT_ERR_FATAL(run_create(&visit_house.store, &visit_house.actor, &w,
	    15, NULL, &run), SR_OK);
	sr_id_format(&project.id, a);
	sr_id_format(&run.id, b);
	(void)snprintf(where, sizeof(where), "/projects/%s/runs/%s/events", a,
	    b);
}

static void
post(const char * type, const char * payload)
{
	const struct event_write w = { .run_id = run.id, .type = type,
	    .payload = payload, .payload_len = strlen(payload) };
	struct event_written written;

	ASSERT_ERR(event_post(&visit_house.store, &visit_house.actor, &w, 15,
	    NULL, &written), SR_OK);
	sse_wake(visit_worker.sse);
}

static void
end_run(void)
{
	struct run unread;

	ASSERT_ERR(run_move(&visit_house.store, &run.id, RUN_COMPLETED, 15,
	    &unread), SR_OK);
	sse_wake(visit_worker.sse);
}

/* Ask for ${where} as ${by}; the status, and the connection if it is 200. */
static int
ask(const char * by, const char * query, struct web * w)
{
	struct visit v = { .path = where, .authorization = by, .query = query,
	    .accept = "text/event-stream" };
	int status;

	visit_kept = -1;
	(void)visit(&v);
	status = visit_status(&v);
	if (status == 200) {
		CU_ASSERT_TRUE(visit_has(&v,
		    "Content-Type: text/event-stream\r\n"));
		CU_ASSERT_TRUE(visit_has(&v, "X-Accel-Buffering: no\r\n"));
		CU_ASSERT_STRING_EQUAL(visit_body(&v), "");
	}
	visit_free(&v);
	CU_ASSERT_EQUAL(visit_kept != -1, status == 200);
	if (w != NULL)
		web_begin(w, visit_kept);
	return (status);
}

static void
st_sec_005_ac2_frames_are_whole_records_in_order(void)
{
	struct web w;
	const char * p;
	char id[16];

	new_run();
	CU_ASSERT_EQUAL_FATAL(ask(key, NULL, &w), 200);
	CU_ASSERT_TRUE(hears(&w, "retry: 2000\nid: 0\n\n"));
	for (unsigned i = 0; i < 40; i++)
		post("step_started", "{\"step\" :\n[1, 2]}");
	end_run();
	CU_ASSERT_TRUE(hears(&w, NULL));
	CU_ASSERT_TRUE(w.ended);
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&w.text),
	    "\"masked\":0,\"payload\":{\"step\" : [1, 2]}}\n\n"));
	p = strbuf_str(&w.text);
	for (unsigned i = 1; i <= 42; i++) {
		(void)snprintf(id, sizeof(id), "\nid: %u\nevent: ", i);
		p = strstr(p, id);
		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(p, "event: run_completed\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(p, "event: end\ndata: {\"run_id\":\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(p, "\"status\":\"completed\","
	    "\"seq\":42}\n\n"));
	web_end(&w);
	CU_ASSERT_EQUAL(ask(key, "after=42", NULL), 204);
	CU_ASSERT_EQUAL_FATAL(ask(key, "after=41", &w), 200);
	CU_ASSERT_TRUE(hears(&w, "event: end\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&w.text), "id: 42\n"));
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&w.text), "id: 40\n"));
	web_end(&w);
}

static void
st_sec_005_ac3_what_the_gate_withholds_is_told_in_its_place(void)
{
	struct visit v = { .method = "PUT", .path = "/api/v1/secrets/instance/"
	    "sse/across", .type = "application/json", .body = "{\"value\":"
	    "\"\\\"type\\\":\\\"across_it\\\",\\\"step\\\":null\"}" };
	char * writes = api_bearer("secrets:write", NULL, NULL);
	struct web w;

	/* Each part of it is harmless, the whole frame holds the value. */
	v.authorization = writes;
	ASSERT_ANSWER(&v, 201, NULL);
	visit_free(&v);
	free(writes);
	new_run();
	CU_ASSERT_EQUAL_FATAL(ask(key, NULL, &w), 200);
	post("before", "{}");
	post("across_it", "{\"text\":\"not-to-be-seen\"}");
	post("after", "{}");
	CU_ASSERT_TRUE(hears(&w, "event: after\n"));
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&w.text), "not-to-be-seen"));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&w.text),
	    "id: 3\nevent: error\ndata: {\"error_type\":"
	    "\"channel_redaction_failed\",\"seq\":3,"));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "channel_refused\tpubsub\t1",
	    "SELECT kind, channel, hits FROM run_alert"));
	web_end(&w);
}

static void
who_does_not_read_is_dropped(void)
{
	char * payload = malloc(100001);
	struct web w, quick;
	char id[16];

	CU_ASSERT_PTR_NOT_NULL_FATAL(payload);
	memset(payload, ' ', 100000);
	memcpy(payload, "{\"a\":1}", 7);
	payload[100000] = '\0';
	new_run();
	CU_ASSERT_EQUAL_FATAL(ask(key, NULL, &w), 200);
	CU_ASSERT_EQUAL_FATAL(ask(key, NULL, &quick), 200);
	for (unsigned i = 2; i <= 31; i++) {
		post("output", payload);
		(void)snprintf(id, sizeof(id), "id: %u\n", i);
		CU_ASSERT_TRUE(hears(&quick, id));
	}
	/* Heartbeats that come after it say that the time is over. */
	strbuf_reset(&quick.text);
	CU_ASSERT_TRUE(hears(&quick, ": beat\n\n: beat\n\n: beat\n"));
	CU_ASSERT_TRUE(hears(&w, NULL));
	/* In the middle of something: no end that looks like one. */
	CU_ASSERT_FALSE(w.ended);
	web_end(&w);
	web_end(&quick);
	free(payload);
}

static void
places_are_counted_and_given_back(void)
{
	struct web w[4];
	char * second = api_bearer("runs:write", NULL, NULL);

	new_run();
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL_FATAL(ask(key, NULL, &w[i]), 200);
	CU_ASSERT_EQUAL(ask(key, NULL, NULL), 503);
	CU_ASSERT_EQUAL(ask(second, NULL, NULL), 200);
	(void)close(visit_kept);
	for (unsigned i = 0; i < 4; i++)
		web_end(&w[i]);
	/* As soon as the hub has seen that they are gone. */
	for (unsigned i = 0; i < 300; i++) {
		if (ask(key, NULL, &w[0]) == 200)
			break;
		(void)poll(NULL, 0, 100);
	}
	CU_ASSERT_TRUE(hears(&w[0], "retry: "));
	web_end(&w[0]);
	free(second);
}

static void
who_may_not_listen_gets_no_stream(void)
{
	struct visit v = { .method = "HEAD", .authorization = key };

	new_run();
	CU_ASSERT_EQUAL(ask(other, NULL, NULL), 403);
	CU_ASSERT_EQUAL(ask(NULL, NULL, NULL), 401);
	CU_ASSERT_EQUAL(ask(key, "after=x", NULL), 422);
	CU_ASSERT_EQUAL(ask(key, "after=99999999999999999999", NULL), 422);
	v.path = where;
	visit_kept = -1;
	ASSERT_ANSWER(&v, 200, "Content-Type: text/event-stream\r\n");
	CU_ASSERT_EQUAL(visit_kept, -1);
	visit_free(&v);
}

static void
what_was_deleted_is_not_waited_for(void)
{
	struct web w;

	new_run();
	post("step_started", "{}");
	post("step_completed", "{}");
	end_run();
	CU_ASSERT_TRUE(house_do(&visit_house, "DELETE FROM run_event"));
	CU_ASSERT_EQUAL_FATAL(ask(key, NULL, &w), 200);
	CU_ASSERT_TRUE(hears(&w, "event: end\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(strbuf_str(&w.text), "\"seq\":4}"));
	web_end(&w);
}

static void
one_look_asks_for_all_runs(void)
{
	char type[32];
	struct web w[4];
	struct run runs[4];

	for (unsigned i = 0; i < 4; i++) {
		new_run();
		runs[i] = run;
		CU_ASSERT_EQUAL_FATAL(ask(key, "after=1", &w[i]), 200);
		CU_ASSERT_TRUE(hears(&w[i], "id: 1\n"));
	}
	for (unsigned i = 0; i < 4; i++) {
		run = runs[i];
		(void)snprintf(type, sizeof(type), "only_of_%u", i);
		post(type, "{}");
	}
	for (unsigned i = 0; i < 4; i++) {
		(void)snprintf(type, sizeof(type), "event: only_of_%u\n", i);
		CU_ASSERT_TRUE(hears(&w[i], type));
		(void)snprintf(type, sizeof(type), "only_of_%u", (i + 1) % 4);
		CU_ASSERT_PTR_NULL(strstr(strbuf_str(&w[i].text), type));
		web_end(&w[i]);
	}
}

static void
listening_is_no_use_of_a_session(void)
{
	struct visit v = { .cookie = visit_session };

	visit_sign_in();
	new_run();
	v.path = where;
	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE session SET last_seen_at"
	    " = UTC_TIMESTAMP(6) - INTERVAL 20 MINUTE"));
	ASSERT_ANSWER(&v, 200, NULL);
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " session WHERE last_seen_at < UTC_TIMESTAMP(6)"
	    " - INTERVAL 15 MINUTE"));
	(void)close(visit_kept);
	visit_free(&v);
}

static void
a_hub_that_stops_ends_them_properly(void)
{
	struct web w;

	new_run();
	CU_ASSERT_EQUAL_FATAL(ask(key, NULL, &w), 200);
	CU_ASSERT_TRUE(hears(&w, "id: 1\n"));
	sse_stop(visit_worker.sse);
	CU_ASSERT_TRUE(hears(&w, NULL));
	CU_ASSERT_TRUE(w.ended);
	web_end(&w);
	CU_ASSERT_EQUAL(ask(key, NULL, NULL), 503);
	sse_free(&visit_worker.sse);
	CU_ASSERT_EQUAL(ask(key, NULL, NULL), 503);
	ASSERT_ERR_FATAL(sse_start(&visit_worker, &visit_worker.sse), SR_OK);
}

static void
whom_the_web_server_signs_in_can_listen_on(void)
{
	struct visit v = { .accept = "text/event-stream",
	    .remote_user = VISIT_EMAIL };
	struct web w;

	new_run();
	v.path = where;
	visit_worker.remote_user = true;
	(void)visit(&v);
	CU_ASSERT_EQUAL_FATAL(visit_status(&v), 200);
	web_begin(&w, visit_kept);
	CU_ASSERT_TRUE(hears(&w, ": beat\n\n: beat\n"));
	CU_ASSERT_FATAL(house_do(&visit_house, "UPDATE account SET"
	    " disabled_at = UTC_TIMESTAMP(6)"));
	CU_ASSERT_TRUE(hears(&w, "session_expired"));
	CU_ASSERT_FATAL(house_do(&visit_house, "UPDATE account SET"
	    " disabled_at = NULL"));
	visit_worker.remote_user = false;
	visit_free(&v);
	web_end(&w);
}

static const struct suite_test tests[] = {
	TEST(st_sec_005_ac2_frames_are_whole_records_in_order),
	TEST(st_sec_005_ac3_what_the_gate_withholds_is_told_in_its_place),
	TEST(who_does_not_read_is_dropped),
	TEST(places_are_counted_and_given_back),
	TEST(who_may_not_listen_gets_no_stream),
	TEST(what_was_deleted_is_not_waited_for),
	TEST(one_look_asks_for_all_runs),
	TEST(listening_is_no_use_of_a_session),
	TEST(a_hub_that_stops_ends_them_properly),
	TEST(whom_the_web_server_signs_in_can_listen_on),
};

SUITE_MAIN("cgi/sse", tests, open_site, close_site)
