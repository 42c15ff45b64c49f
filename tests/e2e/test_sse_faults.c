/*
 * Goal: whatever happens to those who listen to a run, nothing of it is lost or
 * doubled, and nobody hears what he should not: a reader that does not read, a
 * database that is gone, a gate without its key, a worker that stops, and who
 * may no longer.
 */

#define LISTENING_SETTINGS						\
    "STRONGROOM_SSE_HEARTBEAT_SECONDS=1", "STRONGROOM_SSE_SEND_SECONDS=2", \
    "STRONGROOM_SSE_ACCOUNT_LISTENERS=240", "STRONGROOM_WORKER_THREADS=4", \
    "STRONGROOM_DATABASE_TIMEOUT_SECONDS=3"

#include "tests/e2e/listening.h"

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

/* It comes by itself, before or behind what is new. */
static bool
is_resumed(const struct ear * e)
{

	return (e->resumed >= 1);
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
	    "_unavailable\",\"seq\":null"));
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	post(3, "step_completed", "{}");
	wanted = 5;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.frames, 5);
	CU_ASSERT_EQUAL(e.gaps, 0);
	CU_ASSERT_EQUAL(e.errors, 1);
	CU_ASSERT_TRUE(ears_until(&e, 1, is_resumed));
	ear_close(&e);
}

static bool
is_told_twice(const struct ear * e)
{

	return (e->errors >= 2);
}

/* It does not answer, and is not gone: whoever listens is told, gets signs of
 * life meanwhile, and misses nothing. */
static void
a_database_that_hangs_keeps_no_listener_waiting(void)
{
	struct mariadb * m = instance_database(inst);
	struct ear e;
	int64_t began;
	size_t before;

	new_run();
	ear_open(&e, inst, path, cookie);
	e.keep = true;
	CU_ASSERT_TRUE_FATAL(ears_until(&e, 1, is_open));
	post(2, "step_started", "{}");
	wanted = 2;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	mariadb_pause(m);
	began = clock_monotonic_ms();
	for (unsigned i = 0; i < 300 && e.errors == 0; i++)
		(void)ears_listen(&e, 1, 100);
	suite_note("told after %lld ms",
	    (long long)(clock_monotonic_ms() - began));
	CU_ASSERT_EQUAL(e.errors, 1);
	before = e.text.len;
	for (unsigned i = 0; i < 300 && e.text.len == before; i++)
		(void)ears_listen(&e, 1, 100);
	CU_ASSERT(e.text.len > before);
	CU_ASSERT_FALSE(is_told_twice(&e));
	mariadb_continue(m);
	post(3, "step_completed", "{}");
	wanted = 5;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.frames, 5);
	CU_ASSERT_EQUAL(e.gaps, 0);
	CU_ASSERT_TRUE(ears_until(&e, 1, is_resumed));
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
	CU_ASSERT_TRUE(ears_until(&e, 1, is_resumed));
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
	TEST(a_reader_that_does_not_read_is_dropped_and_others_go_on),
	TEST(st_sec_005_ac2_a_lost_database_is_told_and_nothing_is_lost),
	TEST(a_database_that_hangs_keeps_no_listener_waiting),
	TEST(st_sec_005_ac3_a_gate_without_its_key_publishes_nothing),
	TEST(a_worker_that_stops_ends_its_listeners_at_once),
	TEST(a_listener_that_is_gone_gives_its_place_back),
	TEST(whose_session_or_key_ends_hears_no_more),
};

SUITE_MAIN("e2e/sse_faults", tests, start, stop)
