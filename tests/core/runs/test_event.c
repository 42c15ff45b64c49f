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
a_payload_is_kept_as_it_was_said(void)
{
	struct run run = new_run(false);
	struct event_written out;

	ASSERT_ERR(post(&run, "step_started", " {\"n\": 1.50, \"a\":[null]}",
	    &out), SR_OK);
	CU_ASSERT_EQUAL(out.seq, 2);
	CU_ASSERT_EQUAL(out.events, 1);
	ASSERT_ERR(post(&run, "step_completed", NULL, &out), SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n"
	    "2 step_started {\"n\": 1.50, \"a\":[null]}\n"
	    "3 step_completed {}\n"));
}

static void
a_stream_is_one_text(void)
{
	struct run run = new_run(false);
	struct event_written out;

	ASSERT_ERR_FATAL(put(&h, "streams/a", "correct horse 42", NULL),
	    SR_OK);
	ASSERT_ERR(chunk(&run, "tty", "one correct ho", &out), SR_OK);
	CU_ASSERT_EQUAL(out.next_chunk, 1);
	ASSERT_ERR(chunk(&run, "tty", "rse 42 two\n", &out), SR_OK);
	CU_ASSERT_EQUAL(out.next_chunk, 2);
	ASSERT_ERR(end(&run, "tty", &out), SR_OK);
	CU_ASSERT_EQUAL(out.events, 1);
	CU_ASSERT(starts(&run, "1 run_started {}\n2 output "
	    "{\"stream\":\"tty\",\"chunk\":\"one [REDACTED:secret:"));
}

static const struct suite_test tests[] = {
	TEST(a_run_that_starts_and_ends_says_so),
	TEST(a_payload_is_kept_as_it_was_said),
	TEST(a_stream_is_one_text),
};

SUITE_MAIN("core/runs/event", tests, sending_start, sending_stop)
