#include <string.h>

#include "core/base/random.h"
#include "tests/harness/suite.h"

static void
fills_exactly_what_was_asked_for(void)
{
	uint8_t a[64] = { 0 }, b[64] = { 0 }, zero[32] = { 0 };

	ASSERT_ERR(random_bytes(a, 32), SR_OK);
	ASSERT_ERR(random_bytes(b, 32), SR_OK);
	CU_ASSERT_NOT_EQUAL(memcmp(a, b, 32), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(a, zero, 32), 0);
	CU_ASSERT_EQUAL(memcmp(&a[32], zero, 32), 0);
}

static void
more_than_one_read_is_filled_to_its_end(void)
{
	/* getrandom(2) may return short above 256 bytes. */
	static uint8_t big[100000];
	size_t i, zeros = 0;

	ASSERT_ERR(random_bytes(big, sizeof(big)), SR_OK);
	for (i = 0; i < sizeof(big); i++)
		zeros += big[i] == 0;
	/* 390 are expected; 250 or 550 is seven deviations away. */
	CU_ASSERT(zeros > 250 && zeros < 550);
	ASSERT_ERR(random_bytes(big, 0), SR_OK);
}

static const struct suite_test tests[] = {
	TEST(fills_exactly_what_was_asked_for),
	TEST(more_than_one_read_is_filled_to_its_end),
};

SUITE_MAIN("core/base/random", tests, NULL, NULL)
