/* Runs whose program is gone without a word. */

#include "tests/core/runs/sending.h"

static void
set_heartbeat(const struct run * run, const char * when)
{
	char id[SR_ID_STRLEN + 1];
	char * sql;

	sr_id_format(&run->id, id);
	sql = text_format("UPDATE run SET heartbeat_at = %s WHERE id = '%s'",
	    when, id);
	free(mariadb_sql(h.m, sql));
	free(sql);
}

static enum run_status
status_of(const struct run * run)
{
	struct run now = { .status = RUN_STATUS__MAX };

	ASSERT_ERR(run_show(h.store.db, &run->id, &now), SR_OK);
	return (now.status);
}

static void
a_silent_run_has_failed(void)
{
	struct run silent = new_run(false), calls = new_run(false);
	struct run pending = new_run(true), waits = new_run(false);
	struct listing l = { .text = strdup(""), .next = 1 };
	unsigned reaped;
	sr_time before = clock_now() - 3600 * SR_SECOND;

	ASSERT_ERR(chunk(&silent, "stdout", "the last words", NULL), SR_OK);
	ASSERT_ERR(run_move(&h.store, &waits.id, RUN_AWAITING_APPROVAL,
	    LEASE_MINUTES, NULL), SR_OK);
	set_heartbeat(&silent, "'2020-01-01'");
	set_heartbeat(&pending, "'2020-01-01'");
	set_heartbeat(&waits, "'2020-01-01'");
	ASSERT_ERR(run_reap(&h.store, RUN_RUNNING, before, 50, &reaped), SR_OK);
	CU_ASSERT_EQUAL(reaped, 1);
	CU_ASSERT_EQUAL(status_of(&silent), RUN_FAILED);
	CU_ASSERT_EQUAL(status_of(&calls), RUN_RUNNING);
	CU_ASSERT_EQUAL(status_of(&pending), RUN_PENDING);
	CU_ASSERT_EQUAL(status_of(&waits), RUN_AWAITING_APPROVAL);
	ASSERT_ERR(event_list(h.store.db, &silent.id, 0, 100, list_event, &l),
	    SR_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(l.text, "words\"}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(l.text, "run_failed "
	    "{\"reason\":\"heartbeat_lost\"}"));
	free(l.text);
	ASSERT_ERR(run_reap(&h.store, RUN_RUNNING, before, 50, &reaped), SR_OK);
	CU_ASSERT_EQUAL(reaped, 0);
	/* Whoever comes back is told. */
	ASSERT_ERR(post(&silent, "output", "{}", NULL), SR_E_RUN_FINISHED);
}

/* Nobody decides, nobody starts it: it ends, lets go, and is purged then. */
static void
who_waits_for_ever_is_ended(void)
{
	struct run pending = new_run(true), waits = new_run(false);
	struct run young = new_run(true);
	sr_time before = clock_now() - 3600 * SR_SECOND;
	unsigned reaped, gone;

	ASSERT_ERR(run_move(&h.store, &waits.id, RUN_AWAITING_APPROVAL,
	    LEASE_MINUTES, NULL), SR_OK);
	set_heartbeat(&pending, "'2020-01-01'");
	set_heartbeat(&waits, "'2020-01-01'");
	ASSERT_ERR(run_reap(&h.store, RUN_AWAITING_APPROVAL, before, 50,
	    &reaped), SR_OK);
	CU_ASSERT(reaped >= 1);
	ASSERT_ERR(run_reap(&h.store, RUN_PENDING, before, 50, &reaped),
	    SR_OK);
	CU_ASSERT(reaped >= 1);
	CU_ASSERT_EQUAL(status_of(&pending), RUN_CANCELLED);
	CU_ASSERT_EQUAL(status_of(&waits), RUN_FAILED);
	CU_ASSERT_EQUAL(status_of(&young), RUN_PENDING);
	CU_ASSERT(lists(&pending, "1 run_cancelled "
	    "{\"reason\":\"never_started\"}\n"));
	CU_ASSERT(lists(&waits, "1 run_started {}\n2 approval_requested {}\n"
	    "3 run_failed {\"reason\":\"approval_expired\"}\n"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM credential_lease"
	    " l JOIN run r ON r.id = l.run_id WHERE l.released_at IS NULL"
	    " AND r.status IN ('failed', 'cancelled')"));
	ASSERT_ERR(run_move(&h.store, &waits.id, RUN_RUNNING, LEASE_MINUTES,
	    NULL), SR_E_RUN_TRANSITION_INVALID);
	ASSERT_ERR(event_purge(h.store.db, clock_now() + SR_SECOND, 1000,
	    &gone), SR_OK);
	CU_ASSERT(gone >= 4);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM run_event e"
	    " JOIN run r ON r.id = e.run_id WHERE r.status IN ('failed',"
	    " 'cancelled')"));
}

static void
the_limit_is_kept(void)
{
	struct run runs[3];
	unsigned reaped;
	size_t i;

	for (i = 0; i < COUNTOF(runs); i++) {
		runs[i] = new_run(false);
		set_heartbeat(&runs[i], "'2020-01-01'");
	}
	ASSERT_ERR(run_reap(&h.store, RUN_RUNNING, clock_now() -
	    60 * SR_SECOND, 2, &reaped), SR_OK);
	CU_ASSERT_EQUAL(reaped, 2);
	ASSERT_ERR(run_reap(&h.store, RUN_RUNNING, clock_now() -
	    60 * SR_SECOND, 2, &reaped), SR_OK);
	CU_ASSERT_EQUAL(reaped, 1);
}

static void
without_a_database_it_says_so(void)
{
	unsigned reaped = 7;

	mariadb_kill9(h.m);
	ASSERT_ERR(run_reap(&h.store, RUN_RUNNING, clock_now(), 50,
	    &reaped), SR_E_RUN_UNAVAILABLE);
	CU_ASSERT_EQUAL(reaped, 0);
	CU_ASSERT_EQUAL(mariadb_restart(h.m), 0);
}

static const struct suite_test tests[] = {
	TEST(a_silent_run_has_failed),
	TEST(who_waits_for_ever_is_ended),
	TEST(the_limit_is_kept),
	TEST(without_a_database_it_says_so),
};

SUITE_MAIN("core/runs/reap", tests, sending_start, sending_stop)
