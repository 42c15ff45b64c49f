#include <time.h>

#include "core/base/clock.h"
#include "tests/harness/suite.h"

static void
now_is_the_system_clock(void)
{
	sr_time before = (sr_time)time(NULL) * SR_SECOND;
	sr_time now = clock_now();

	/* time(2) may lag by a tick of the coarse clock. */
	CU_ASSERT(now >= before - SR_SECOND && now < before + 5 * SR_SECOND);
}

static void
monotonic_does_not_go_back(void)
{
	int64_t a = clock_monotonic_ms();

	CU_ASSERT(clock_monotonic_ms() >= a);
	a = clock_boot_ms();
	CU_ASSERT(clock_boot_ms() >= a);
	/* The time of a suspended machine is in it on top. */
	CU_ASSERT(clock_boot_ms() >= clock_monotonic_ms() - 1);
}

static void
known_times_format_and_parse(void)
{
	static const struct {
		sr_time t;
		const char * text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 1, "1970-01-01T00:00:00.000001Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ -SR_SECOND, "1969-12-31T23:59:59.000000Z" },
		{ 1795498241123456, "2026-11-24T05:30:41.123456Z" },
		{ 951782400 * SR_SECOND, "2000-02-29T00:00:00.000000Z" },
		{ 253402300799 * SR_SECOND + 999999,
		    "9999-12-31T23:59:59.999999Z" },
		{ -62135596800 * SR_SECOND, "0001-01-01T00:00:00.000000Z" },
	};
	char out[SR_TIME_STRLEN + 1];
	sr_time t;
	size_t i;

	for (i = 0; i < COUNTOF(rows); i++) {
		clock_format(rows[i].t, out);
		CU_ASSERT_STRING_EQUAL(out, rows[i].text);
		CU_ASSERT_TRUE(clock_parse(rows[i].text, &t));
		CU_ASSERT_EQUAL(t, rows[i].t);
	}
}

static void
times_outside_of_the_years_are_empty(void)
{
	static const sr_time out_of_range[] = {
		SR_TIME_NONE, INT64_MIN + 1, INT64_MAX,
		253402300800 * SR_SECOND, -62135596800 * SR_SECOND - 1,
	};
	char out[SR_TIME_STRLEN + 1];
	size_t i;

	for (i = 0; i < COUNTOF(out_of_range); i++) {
		clock_format(out_of_range[i], out);
		CU_ASSERT_STRING_EQUAL(out, "");
	}
}

static void
forms_of_browsers_and_dates_parse(void)
{
	static const struct {
		const char * text;
		sr_time t;
	} rows[] = {
		{ "2026-11-24", 1795478400 * SR_SECOND },
		{ "2026-11-24T05:30", 1795498200 * SR_SECOND },
		{ "2026-11-24T05:30Z", 1795498200 * SR_SECOND },
		{ "2026-11-24T05:30:41", 1795498241 * SR_SECOND },
		{ "2026-11-24T05:30:41Z", 1795498241 * SR_SECOND },
		{ "2026-11-24T05:30:41.5Z", 1795498241 * SR_SECOND + 500000 },
		{ "2024-02-29", 1709164800 * SR_SECOND },
	};
	sr_time t;
	size_t i;

	for (i = 0; i < COUNTOF(rows); i++) {
		CU_ASSERT_TRUE(clock_parse(rows[i].text, &t));
		CU_ASSERT_EQUAL(t, rows[i].t);
	}
}

static void
anything_else_is_refused_and_changes_nothing(void)
{
	static const char * const bad[] = {
		"", "now", "2026", "2026-1-1", "2026-13-01", "2026-00-10",
		"2026-04-31", "2026-02-29", "1900-02-29", "0000-01-01",
		"2026-11-24T", "2026-11-24Z", "2026-11-24T24:00",
		"2026-11-24T05:60", "2026-11-24T05:30:60",
		"2026-11-24T05:30:41.", "2026-11-24T05:30:41.1234567Z",
		"2026-11-24T05:30:41+01:00", "2026-11-24 05:30",
		" 2026-11-24", "2026-11-24T05:30Z ", "+026-11-24",
		"2026-11-24T05:30ZZ", "12026-11-24",
	};
	sr_time t = 42;
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		if (clock_parse(bad[i], &t))
			suite_note("taken: %s", bad[i]);
		CU_ASSERT_EQUAL(t, 42);
	}
}

static const struct suite_test tests[] = {
	TEST(now_is_the_system_clock),
	TEST(monotonic_does_not_go_back),
	TEST(known_times_format_and_parse),
	TEST(times_outside_of_the_years_are_empty),
	TEST(forms_of_browsers_and_dates_parse),
	TEST(anything_else_is_refused_and_changes_nothing),
};

SUITE_MAIN("core/base/clock", tests, NULL, NULL)
