#include "tests/core/access/people.h"

#include "core/access/purge.h"

static struct house h;

static bool
purge(void)
{
	bool more = true;

	ASSERT_ERR_FATAL(access_purge(h.store.db, &more), SR_OK);
	return (more);
}

static void
sessions_that_are_over_for_a_day_are_deleted(void)
{
	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR_FATAL(make_owner(&h), SR_OK);
	ASSERT_ERR_FATAL(sign_in_from(&h, "192.0.2.1", OWNER, PASSWORD, NULL,
	    NULL), SR_OK);
	CU_ASSERT_FALSE(purge());
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM session"));
	CU_ASSERT_FATAL(house_do(&h, "UPDATE session SET expires_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL 23 HOUR"));
	CU_ASSERT_FALSE(purge());
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM session"));
	CU_ASSERT_FATAL(house_do(&h, "UPDATE session SET expires_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL 25 HOUR"));
	CU_ASSERT_FALSE(purge());
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM session"));
	/* Who signed in stays in the history. */
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM audit_event"
	    " WHERE action = 'SIGN_IN' AND outcome = 'succeeded'"));
}

static void
counters_of_failures_are_deleted_after_a_day(void)
{
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM throttle;"
	    " INSERT INTO throttle SELECT UNHEX(SHA2(seq, 256)), 1,"
	    " UTC_TIMESTAMP(6) - INTERVAL seq + 22 HOUR,"
	    " UTC_TIMESTAMP(6) FROM seq_1_to_4"));
	CU_ASSERT_FALSE(purge());
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM throttle"));
}

static void
a_step_deletes_a_bounded_number_of_rows(void)
{
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM throttle;"
	    " INSERT INTO throttle SELECT UNHEX(SHA2(seq, 256)), 1,"
	    " UTC_TIMESTAMP(6) - INTERVAL 2 DAY, UTC_TIMESTAMP(6)"
	    " FROM seq_1_to_1500"));
	CU_ASSERT(purge());
	CU_ASSERT(house_sql_is(&h, "500", "SELECT COUNT(*) FROM throttle"));
	CU_ASSERT_FALSE(purge());
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM throttle"));
}

static int
setup(void)
{
	return (house_open(&h));
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(sessions_that_are_over_for_a_day_are_deleted),
	TEST(counters_of_failures_are_deleted_after_a_day),
	TEST(a_step_deletes_a_bounded_number_of_rows),
};
SUITE_MAIN("core/access/purge", tests, setup, teardown)
