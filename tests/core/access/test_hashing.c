#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/access/account.h"
#include "core/access/hashing.h"
#include "core/base/clock.h"
#include "tests/harness/files.h"
#include "tests/harness/suite.h"

static atomic_uint inside, most, done, busy;

static void *
take_a_turn(void * cookie)
{
	unsigned now, seen;

	(void)cookie;
	if (hashing_begin() != SR_OK) {
		atomic_fetch_add(&busy, 1);
		return (NULL);
	}
	now = atomic_fetch_add(&inside, 1) + 1;
	seen = atomic_load(&most);
	while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
		;
	sleep_ms(20);
	atomic_fetch_sub(&inside, 1);
	atomic_fetch_add(&done, 1);
	hashing_end();
	return (NULL);
}

static void
run(unsigned threads)
{
	pthread_t t[32];
	unsigned i;

	inside = most = done = busy = 0;
	for (i = 0; i < threads; i++)
		CU_ASSERT_FATAL(pthread_create(&t[i], NULL, take_a_turn,
		    NULL) == 0);
	for (i = 0; i < threads; i++)
		(void)pthread_join(t[i], NULL);
}

static void
no_more_than_the_limit_hash_at_a_time(void)
{
	access_set_parallel(2);
	run(2 + HASHING_WAITERS);
	CU_ASSERT_EQUAL(done, 2 + HASHING_WAITERS);
	CU_ASSERT_EQUAL(busy, 0);
	CU_ASSERT_EQUAL(most, 2);
}

static void
who_finds_too_many_waiting_is_told_so_at_once(void)
{
	access_set_parallel(1);
	run(32);
	CU_ASSERT_EQUAL(done + busy, 32);
	CU_ASSERT(done >= 1 + HASHING_WAITERS);
	CU_ASSERT(busy > 0);
	CU_ASSERT_EQUAL(most, 1);
}

static void
nobody_waits_for_ever(void)
{
	const int64_t before = clock_monotonic_ms();

	access_set_parallel(1);
	ASSERT_ERR_FATAL(hashing_begin(), SR_OK);
	ASSERT_ERR(hashing_begin(), SR_E_SERVER_BUSY);
	CU_ASSERT(clock_monotonic_ms() - before >= HASHING_WAIT_MS - 100);
	hashing_end();
	ASSERT_ERR(hashing_begin(), SR_OK);
	hashing_end();
}

static void
a_limit_of_none_is_one(void)
{
	access_set_parallel(0);
	ASSERT_ERR(hashing_begin(), SR_OK);
	hashing_end();
	access_set_parallel(2);
}

static void
a_decoy_is_made_once_for_each_cost(void)
{
	char a[PASSWORD_HASH_MAX], b[PASSWORD_HASH_MAX], c[PASSWORD_HASH_MAX];

	ASSERT_ERR_FATAL(hashing_decoy(1, a), SR_OK);
	ASSERT_ERR_FATAL(hashing_decoy(1, b), SR_OK);
	ASSERT_ERR_FATAL(hashing_decoy(2, c), SR_OK);
	CU_ASSERT_STRING_EQUAL(a, b);
	CU_ASSERT_STRING_NOT_EQUAL(a, c);
	CU_ASSERT_EQUAL(strncmp(a, "$y$", 3), 0);
	ASSERT_ERR(hashing_decoy(99, a), SR_E_INTERNAL_ERROR);
	ASSERT_ERR(hashing_decoy(0, a), SR_E_INTERNAL_ERROR);
}

static const struct suite_test tests[] = {
	TEST(no_more_than_the_limit_hash_at_a_time),
	TEST(who_finds_too_many_waiting_is_told_so_at_once),
	TEST(nobody_waits_for_ever),
	TEST(a_limit_of_none_is_one),
	TEST(a_decoy_is_made_once_for_each_cost),
};
SUITE_MAIN("core/access/hashing", tests, NULL, NULL)
