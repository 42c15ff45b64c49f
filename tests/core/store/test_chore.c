#include "tests/core/store/fixture.h"

#include <pthread.h>

#include "core/store/chore.h"

static bool
claim(struct db * by)
{
	bool mine = false;

	ASSERT_ERR(chore_claim(by, "purge", 3600, &mine), SR_OK);
	return (mine);
}

static void
due(const char * when)
{
	char sql[160];

	(void)snprintf(sql, sizeof(sql), "UPDATE chore SET due_at ="
	    " UTC_TIMESTAMP(6) + INTERVAL %s WHERE name = 'purge'", when);
	admin(sql);
}

static void
a_chore_is_due_at_first_and_then_once_an_hour(void)
{
	CU_ASSERT(claim(db));
	CU_ASSERT_FALSE(claim(db));
	due("1 SECOND");
	CU_ASSERT_FALSE(claim(db));
	due("0 SECOND");
	CU_ASSERT(claim(db));
	CU_ASSERT_FALSE(claim(db));
}

static void
a_chore_with_more_to_do_is_due_sooner(void)
{
	due("0 SECOND");
	CU_ASSERT(claim(db));
	ASSERT_ERR(chore_soon(db, "purge", 60), SR_OK);
	CU_ASSERT(admin_says("SELECT due_at < UTC_TIMESTAMP(6)"
	    " + INTERVAL 61 SECOND FROM chore WHERE name = 'purge'", "1"));
	CU_ASSERT_FALSE(claim(db));
	ASSERT_ERR(chore_soon(db, "purge", 0), SR_OK);
	CU_ASSERT(claim(db));
}

/* The clock was wrong when it was claimed, and was set right. */
static void
a_time_too_far_ahead_is_not_waited_for(void)
{
	due("2 DAY");
	CU_ASSERT(claim(db));
	CU_ASSERT_FALSE(claim(db));
}

static void
a_chore_that_nobody_knows_is_nobodys(void)
{
	bool mine = true;

	ASSERT_ERR(chore_claim(db, "unknown", 3600, &mine), SR_OK);
	CU_ASSERT_FALSE(mine);
}

static void *
one_of_many(void * cookie)
{
	struct db * own = worker_with(NULL, MARIADB_TEST_TIMEOUT);
	bool mine = false;

	(void)cookie;
	if (chore_claim(own, "purge", 3600, &mine) != SR_OK)
		suite_note("chore_claim failed");
	db_free(&own);
	db_thread_end();
	return (mine ? db : NULL);
}

static void
of_many_who_come_at_once_one_gets_it(void)
{
	pthread_t threads[8];
	void * got;
	size_t i, n = 0;

	due("0 SECOND");
	for (i = 0; i < COUNTOF(threads); i++)
		CU_ASSERT_FATAL(pthread_create(&threads[i], NULL, one_of_many,
		    NULL) == 0);
	for (i = 0; i < COUNTOF(threads); i++) {
		(void)pthread_join(threads[i], &got);
		n += got != NULL;
	}
	CU_ASSERT_EQUAL(n, 1);
}

static const struct suite_test tests[] = {
	TEST(a_chore_is_due_at_first_and_then_once_an_hour),
	TEST(a_chore_with_more_to_do_is_due_sooner),
	TEST(a_time_too_far_ahead_is_not_waited_for),
	TEST(a_chore_that_nobody_knows_is_nobodys),
	TEST(of_many_who_come_at_once_one_gets_it),
};
SUITE_MAIN("core/store/chore", tests, fixture_start, fixture_stop)
