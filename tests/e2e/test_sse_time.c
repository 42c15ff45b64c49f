/*
 * Goal: no connection that listens lasts for ever, whatever its client does,
 * and who comes again goes on where he was.
 */

#define LISTENING_SETTINGS						\
    "STRONGROOM_SSE_SECONDS=2"

#include "tests/e2e/listening.h"

static void
a_connection_ends_after_its_time_and_goes_on_in_another(void)
{
	char * header;
	struct ear e;

	new_run();
	post(3, "step_started", "{}");
	ear_open(&e, inst, path, cookie);
	wanted = 3;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_TRUE(ears_until(&e, 1, is_closed));
	CU_ASSERT_EQUAL(e.ends, 0);
	CU_ASSERT_EQUAL(e.errors, 0);
	CU_ASSERT_TRUE(is_logged("\"reason\":\"time\""));
	ear_close(&e);
	post(2, "step_completed", "{}");
	header = text_format("%sLast-Event-ID: 3\r\n", cookie);
	ear_open(&e, inst, path, header);
	wanted = 5;
	CU_ASSERT_TRUE(ears_until(&e, 1, has_wanted));
	CU_ASSERT_EQUAL(e.frames, 2);
	CU_ASSERT_EQUAL(e.gaps, 0);
	ear_close(&e);
	free(header);
}

/* How often the workers have logged that a listener's time was over. */
static unsigned
times(void)
{
	char * log = instance_log(inst);
	unsigned n = 0;

	for (const char * p = log; (p = strstr(p, "\"reason\":\"time\"")) !=
	    NULL; p++)
		n++;
	free(log);
	return (n);
}

/* Its machine is gone and never said so: nothing comes, nothing is refused. */
static void
a_client_that_is_half_open_ends_after_its_time(void)
{
	unsigned before;
	struct ear e[8];

	new_run();
	before = times();
	for (unsigned i = 0; i < 8; i++)
		ear_open(&e[i], inst, path, cookie);
	for (unsigned i = 0; i < 300 && times() < before + 8; i++)
		sleep_ms(100);
	if (times() < before + 8)
		suite_note("%u of 8", times() - before);
	CU_ASSERT(times() >= before + 8);
	for (unsigned i = 0; i < 8; i++)
		ear_close(&e[i]);
}

static const struct suite_test tests[] = {
	TEST(a_connection_ends_after_its_time_and_goes_on_in_another),
	TEST(a_client_that_is_half_open_ends_after_its_time),
};

SUITE_MAIN("e2e/sse_time", tests, start, stop)
