#include "tests/cgi/visit.h"

#include "cgi/chores.h"

static bool
due_in(const char * least, const char * most)
{
	char sql[200];

	(void)snprintf(sql, sizeof(sql), "SELECT due_at BETWEEN"
	    " UTC_TIMESTAMP(6) + INTERVAL %s AND UTC_TIMESTAMP(6)"
	    " + INTERVAL %s FROM chore WHERE name = 'purge'", least, most);
	return (house_sql_is(&visit_house, "1", sql));
}

static void
run(void)
{

	atomic_store(&visit_worker.chores_due, 0);
	chores_run(&visit_worker, visit_db);
}

static void
nothing_is_done_before_the_schema_was_looked_at(void)
{

	run();
	CU_ASSERT(house_sql_is(&visit_house, "1",
	    "SELECT DISTINCT due_at = '2000-01-01' FROM chore"));
}

static void
the_worker_that_comes_first_purges(void)
{
	struct visit v = { .path = "/" };

	(void)visit(&v);
	CU_ASSERT(visit_status(&v) < 400);
	CU_ASSERT_FATAL(house_do(&visit_house, "INSERT INTO redaction_change"
	    " (id, secret_id, changed_at)"
	    " VALUES (UUID(), UUID(), UTC_TIMESTAMP(6) - INTERVAL 2 DAY)"));
	run();
	CU_ASSERT(due_in("59 MINUTE", "61 MINUTE"));
	CU_ASSERT(house_sql_is(&visit_house, "0",
	    "SELECT COUNT(*) FROM redaction_change"));
	/* Not again within the hour, whoever asks. */
	CU_ASSERT_FATAL(house_do(&visit_house, "INSERT INTO redaction_change"
	    " (id, secret_id, changed_at)"
	    " VALUES (UUID(), UUID(), UTC_TIMESTAMP(6) - INTERVAL 2 DAY)"));
	run();
	CU_ASSERT(house_sql_is(&visit_house, "1",
	    "SELECT COUNT(*) FROM redaction_change"));
	visit_free(&v);
}

static void
what_is_left_over_is_done_a_minute_later(void)
{

	CU_ASSERT_FATAL(house_do(&visit_house, "INSERT INTO throttle SELECT"
	    " UNHEX(SHA2(seq, 256)), 1, UTC_TIMESTAMP(6) - INTERVAL 2 DAY,"
	    " UTC_TIMESTAMP(6) FROM seq_1_to_1500;"
	    " UPDATE chore SET due_at = UTC_TIMESTAMP(6)"));
	run();
	CU_ASSERT(house_sql_is(&visit_house, "500",
	    "SELECT COUNT(*) FROM throttle"));
	CU_ASSERT(due_in("50 SECOND", "61 SECOND"));
}

static void
a_worker_asks_no_more_than_once_a_minute(void)
{

	CU_ASSERT_FATAL(house_do(&visit_house,
	    "UPDATE chore SET due_at = UTC_TIMESTAMP(6)"));
	chores_run(&visit_worker, visit_db);
	CU_ASSERT(house_sql_is(&visit_house, "500",
	    "SELECT COUNT(*) FROM throttle"));
}

static void
a_purge_that_fails_is_made_up_for(void)
{

	CU_ASSERT_FATAL(house_do(&visit_house, "RENAME TABLE throttle TO hid;"
	    " UPDATE chore SET due_at = UTC_TIMESTAMP(6)"));
	run();
	CU_ASSERT_FATAL(house_do(&visit_house, "RENAME TABLE hid TO throttle;"
	    " UPDATE chore SET due_at = UTC_TIMESTAMP(6)"));
	run();
	CU_ASSERT(house_sql_is(&visit_house, "0",
	    "SELECT COUNT(*) FROM throttle"));
}

static int
open_with_settings(void)
{

	if (visit_open() != 0)
		return (-1);
	visit_worker.retention_days = 30;
	return (0);
}

static const struct suite_test tests[] = {
	TEST(nothing_is_done_before_the_schema_was_looked_at),
	TEST(the_worker_that_comes_first_purges),
	TEST(what_is_left_over_is_done_a_minute_later),
	TEST(a_worker_asks_no_more_than_once_a_minute),
	TEST(a_purge_that_fails_is_made_up_for),
};

SUITE_MAIN("cgi/chores", tests, open_with_settings, visit_close)
