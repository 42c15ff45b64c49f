#include "tests/core/access/people.h"

#include "core/access/throttle.h"

static struct house h;

static void
fail(const char * address, const char * account, unsigned times)
{
	for (; times > 0; times--)
		ASSERT_ERR(throttle_failed(h.store.db, address, account),
		    SR_OK);
}

/* Seconds until an attempt is let in; 0: at once. */
static unsigned
blocked(const char * address, const char * account)
{
	unsigned seconds = 0;
	enum sr_error err;

	err = throttle_check(h.store.db, address, account, &seconds);
	if (err == SR_OK)
		return (0);
	ASSERT_ERR(err, SR_E_SIGN_IN_THROTTLED);
	CU_ASSERT(seconds > 0);
	return (seconds);
}

static void
forget(void)
{
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM throttle"));
}

static void
a_pair_is_blocked_from_the_fifth_failure_on_for_longer_each_time(void)
{
	static const unsigned lengths[] = { 2, 4, 8, 16, 32, 64, 128, 256, 300,
	    300, 300 };
	unsigned got;
	size_t i;

	forget();
	fail("192.0.2.1", "a@b", 4);
	CU_ASSERT_EQUAL(blocked("192.0.2.1", "a@b"), 0);
	for (i = 0; i < COUNTOF(lengths); i++) {
		fail("192.0.2.1", "a@b", 1);
		got = blocked("192.0.2.1", "a@b");
		CU_ASSERT(got == lengths[i] || got == lengths[i] - 1);
	}
}

/* Another thread may have looked at the clock a little earlier than we. */
static void
below_the_limit_nobody_is_blocked_for_even_a_moment(void)
{
	forget();
	fail("192.0.2.1", "a@b", 4);
	CU_ASSERT(house_sql_is(&h, "2\t2", "SELECT COUNT(*),"
	    " SUM(blocked_until < last_failure_at - INTERVAL 1 DAY)"
	    " FROM throttle"));
}

static void
other_accounts_and_other_addresses_are_not_blocked(void)
{
	forget();
	fail("192.0.2.1", "a@b", 10);
	CU_ASSERT(blocked("192.0.2.1", "a@b") > 0);
	CU_ASSERT_EQUAL(blocked("192.0.2.1", "c@d"), 0);
	CU_ASSERT_EQUAL(blocked("192.0.2.2", "a@b"), 0);
}

static void
an_address_is_blocked_from_the_twentieth_failure_on(void)
{
	char account[16];
	unsigned i;

	forget();
	for (i = 0; i < 19; i++) {
		(void)snprintf(account, sizeof(account), "user%u@b", i);
		fail("192.0.2.1", account, 1);
	}
	CU_ASSERT_EQUAL(blocked("192.0.2.1", "new@b"), 0);
	fail("192.0.2.1", "last@b", 1);
	CU_ASSERT(blocked("192.0.2.1", "new@b") > 0);
	CU_ASSERT(blocked("192.0.2.1", "new@b") <= 2);
	CU_ASSERT_EQUAL(blocked("192.0.2.2", "new@b"), 0);
}

static void
a_block_ends_and_failures_fade(void)
{
	forget();
	fail("192.0.2.1", "a@b", 5);
	CU_ASSERT(blocked("192.0.2.1", "a@b") > 0);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE throttle SET blocked_until ="
	    " blocked_until - INTERVAL 3 SECOND"));
	CU_ASSERT_EQUAL(blocked("192.0.2.1", "a@b"), 0);
	/* Within a quarter of an hour it counts on, after that from one. */
	fail("192.0.2.1", "a@b", 1);
	CU_ASSERT(blocked("192.0.2.1", "a@b") > 2);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE throttle SET last_failure_at ="
	    " last_failure_at - INTERVAL 16 MINUTE, blocked_until ="
	    " blocked_until - INTERVAL 16 MINUTE"));
	fail("192.0.2.1", "a@b", 1);
	CU_ASSERT_EQUAL(blocked("192.0.2.1", "a@b"), 0);
	CU_ASSERT(house_sql_is(&h, "1",
	    "SELECT DISTINCT failures FROM throttle"));
}

static void
success_clears_the_pair_and_not_the_address(void)
{
	forget();
	fail("192.0.2.1", "a@b", 6);
	ASSERT_ERR(throttle_passed(h.store.db, "192.0.2.1", "a@b"), SR_OK);
	CU_ASSERT_EQUAL(blocked("192.0.2.1", "a@b"), 0);
	CU_ASSERT(house_sql_is(&h, "6", "SELECT failures FROM throttle"));
	fail("192.0.2.1", "c@d", 14);
	CU_ASSERT(blocked("192.0.2.1", "a@b") > 0);
}

static const struct sr_id account = { .b = { 1 } };

static unsigned
codes(const char * address, unsigned n)
{
	unsigned got = 0, seconds = 0;

	while (n-- > 0)
		got += throttle_code_take(h.store.db, address, &account,
		    &seconds) == SR_OK;
	return (got);
}

static void
a_code_is_counted_before_it_is_judged(void)
{
	unsigned seconds = 0;

	forget();
	CU_ASSERT_EQUAL(codes("192.0.2.1", 9), 5);
	ASSERT_ERR(throttle_code_take(h.store.db, "192.0.2.2", &account,
	    &seconds), SR_E_SECOND_FACTOR_THROTTLED);
	CU_ASSERT(seconds > 0);
	/* What was refused counts no more. */
	CU_ASSERT(house_sql_is(&h, "5", "SELECT failures FROM throttle"));
	ASSERT_ERR(throttle_code_passed(h.store.db, &account), SR_OK);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM throttle"));
	CU_ASSERT_EQUAL(codes("192.0.2.1", 4), 4);
	ASSERT_ERR(throttle_code_untried(h.store.db, &account), SR_OK);
	CU_ASSERT(house_sql_is(&h, "3", "SELECT failures FROM throttle"));
}

static void
wrong_codes_count_for_their_address_and_right_ones_do_not(void)
{
	unsigned seconds = 0;

	forget();
	for (unsigned i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL(codes("192.0.2.1", 1), 1);
		ASSERT_ERR(throttle_code_passed(h.store.db, &account), SR_OK);
	}
	CU_ASSERT_EQUAL(blocked("192.0.2.1", "a@b"), 0);
	for (unsigned i = 0; i < 20; i++)
		ASSERT_ERR(throttle_code_failed(h.store.db, "192.0.2.1"),
		    SR_OK);
	CU_ASSERT(blocked("192.0.2.1", "a@b") > 0);
	ASSERT_ERR(throttle_code_take(h.store.db, "192.0.2.1", &account,
	    &seconds), SR_E_SECOND_FACTOR_THROTTLED);
}

static void
an_ipv6_network_of_64_bits_is_one_address(void)
{
	forget();
	fail("2001:db8:1:2::1", "a@b", 3);
	fail("2001:db8:1:2:ffff:ffff:ffff:ffff", "a@b", 2);
	CU_ASSERT(blocked("2001:db8:1:2:3:4:5:6", "a@b") > 0);
	CU_ASSERT(blocked("2001:0db8:0001:0002::", "a@b") > 0);
	CU_ASSERT_EQUAL(blocked("2001:db8:1:3::1", "a@b"), 0);
	/* What is mapped is an address of version 4, each its own. */
	fail("::ffff:192.0.2.1", "a@b", 5);
	CU_ASSERT(blocked("192.0.2.1", "a@b") > 0);
	CU_ASSERT_EQUAL(blocked("::ffff:192.0.2.2", "a@b"), 0);
	fail("fe80::1%eth0", "a@b", 5);
	CU_ASSERT(blocked("fe80::2%eth1", "a@b") > 0);
}

static void
odd_addresses_count_as_they_are(void)
{
	static const char * const odd[] = { NULL, "", "unix:", "not an address",
	    "a-text-that-is-far-longer-than-any-address-could-ever-be-and-so-on"
	};
	size_t i;

	forget();
	for (i = 1; i < COUNTOF(odd); i++) {
		fail(odd[i], "a@b", 5);
		CU_ASSERT(blocked(odd[i], "a@b") > 0);
	}
	CU_ASSERT(blocked(NULL, "a@b") > 0);
	CU_ASSERT_EQUAL(blocked("another", "a@b"), 0);
	CU_ASSERT_EQUAL(blocked("unix:", NULL), 0);
}

static void
buckets_hold_no_address_and_no_account(void)
{
	char * dump;

	forget();
	fail("192.0.2.77", "someone@example.org", 3);
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, "192.0.2.77"));
	CU_ASSERT_PTR_NULL(strstr(dump, "someone@example.org"));
	free(dump);
}

static void
what_nobody_needs_any_more_is_removed(void)
{
	forget();
	fail("192.0.2.1", "a@b", 1);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE throttle SET last_failure_at ="
	    " last_failure_at - INTERVAL 2 DAY"));
	fail("192.0.2.2", "a@b", 1);
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM throttle"));
}

static void
a_database_that_is_gone_is_told(void)
{
	unsigned seconds;

	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE throttle TO hidden"));
	ASSERT_ERR(throttle_check(h.store.db, "192.0.2.1", "a@b", &seconds),
	    SR_E_DATABASE_REFUSED);
	ASSERT_ERR(throttle_failed(h.store.db, "192.0.2.1", "a@b"),
	    SR_E_DATABASE_REFUSED);
	ASSERT_ERR(throttle_passed(h.store.db, "192.0.2.1", "a@b"),
	    SR_E_DATABASE_REFUSED);
	ASSERT_ERR(throttle_code_take(h.store.db, "192.0.2.1", &account,
	    &seconds), SR_E_DATABASE_REFUSED);
	ASSERT_ERR(throttle_code_failed(h.store.db, "192.0.2.1"),
	    SR_E_DATABASE_REFUSED);
	ASSERT_ERR(throttle_code_passed(h.store.db, &account),
	    SR_E_DATABASE_REFUSED);
	ASSERT_ERR(throttle_code_untried(h.store.db, &account),
	    SR_E_DATABASE_REFUSED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO throttle"));
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

/* By actor, and nobody's sign-in. */
static void
who_guesses_is_blocked_from_the_twentieth_time_on(void)
{
	struct sr_id actor, other;
	unsigned seconds = 0, i;

	forget();
	ASSERT_ERR(sr_id_new(&actor), SR_OK);
	ASSERT_ERR(sr_id_new(&other), SR_OK);
	for (i = 0; i < 19; i++)
		ASSERT_ERR(throttle_guess_count(h.store.db, &actor), SR_OK);
	ASSERT_ERR(throttle_guess_check(h.store.db, &actor, &seconds), SR_OK);
	ASSERT_ERR(throttle_guess_count(h.store.db, &actor), SR_OK);
	ASSERT_ERR(throttle_guess_check(h.store.db, &actor, &seconds),
	    SR_E_GUESSES_THROTTLED);
	CU_ASSERT(seconds == 1 || seconds == 2);
	ASSERT_ERR(throttle_guess_check(h.store.db, &other, &seconds), SR_OK);
	CU_ASSERT_EQUAL(blocked("", ""), 0);
}

static const struct suite_test tests[] = {
	TEST(a_pair_is_blocked_from_the_fifth_failure_on_for_longer_each_time),
	TEST(below_the_limit_nobody_is_blocked_for_even_a_moment),
	TEST(other_accounts_and_other_addresses_are_not_blocked),
	TEST(an_address_is_blocked_from_the_twentieth_failure_on),
	TEST(a_block_ends_and_failures_fade),
	TEST(success_clears_the_pair_and_not_the_address),
	TEST(a_code_is_counted_before_it_is_judged),
	TEST(wrong_codes_count_for_their_address_and_right_ones_do_not),
	TEST(an_ipv6_network_of_64_bits_is_one_address),
	TEST(odd_addresses_count_as_they_are),
	TEST(buckets_hold_no_address_and_no_account),
	TEST(what_nobody_needs_any_more_is_removed),
	TEST(who_guesses_is_blocked_from_the_twentieth_time_on),
	TEST(a_database_that_is_gone_is_told),
};
SUITE_MAIN("core/access/throttle", tests, setup, teardown)
