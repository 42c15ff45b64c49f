/*
 * Goal: who follows a run through the real web server hears every event once
 * and in order, from where he was, until the run has ended.
 */

#define LISTENING_SETTINGS						\
    "STRONGROOM_SSE_HEARTBEAT_SECONDS=1"

#include "tests/e2e/listening.h"

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

static const struct suite_test tests[] = {
	TEST(st_sec_005_ac2_listeners_hear_all_events_once_and_in_order),
	TEST(a_listener_that_comes_again_goes_on_where_it_was),
	TEST(who_may_not_listen_is_told_why),
	TEST(heartbeats_come_while_nothing_happens),
	TEST(a_run_that_ended_ends_the_stream_for_good),
	TEST(st_sec_005_ac2_what_became_a_secret_since_is_masked_on_its_way),
};

SUITE_MAIN("e2e/sse", tests, start, stop)
