#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"

/** clock_now(): the current time. */
sr_time
clock_now(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_REALTIME, &ts) == 0);
	return ((sr_time)ts.tv_sec * SR_SECOND + ts.tv_nsec / 1000);
}

/** clock_monotonic_ms(): milliseconds that never go back. */
int64_t
clock_monotonic_ms(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

/** clock_boot_ms(): the same, but a suspended machine's time counts too. */
int64_t
clock_boot_ms(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_BOOTTIME, &ts) == 0);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

/**
 * clock_format(t, out):
 * Write RFC 3339 with six decimals and "Z" into ${out}.
 */
void
clock_format(sr_time t, char out[SR_TIME_STRLEN + 1])
{
	char text[80];
	struct tm tm;
	time_t seconds = (time_t)(t / SR_SECOND);
	long micros = (long)(t % SR_SECOND);

	out[0] = '\0';
	if (t == SR_TIME_NONE)
		return;
	/* C divides towards zero; before 1970 the second is the one below. */
	if (micros < 0) {
		micros += SR_SECOND;
		seconds--;
	}
	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < 1 - 1900 ||
	    tm.tm_year > 9999 - 1900)
		return;
	(void)snprintf(text, sizeof(text),
	    "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    micros);
	memcpy(out, text, SR_TIME_STRLEN + 1);
}

/* Read exactly ${digits} decimal digits at *p, in the range given. */
static bool
field(const char ** p, int digits, int least, int most, int * out)
{
	int value = 0;
	int i;

	for (i = 0; i < digits; i++) {
		if (**p < '0' || **p > '9')
			return (false);
		value = value * 10 + (*(*p)++ - '0');
	}
	*out = value;
	return (value >= least && value <= most);
}

static bool
literal(const char ** p, char c)
{

	if (**p != c)
		return (false);
	(*p)++;
	return (true);
}

/* ".5" to ".123456" after the seconds, in microseconds. */
static bool
fraction(const char ** p, int64_t * micros)
{
	int64_t unit = 100000;

	if (!literal(p, '.'))
		return (true);
	if (**p < '0' || **p > '9')
		return (false);
	for (; **p >= '0' && **p <= '9'; (*p)++, unit /= 10) {
		if (unit == 0)
			return (false);
		*micros += (**p - '0') * unit;
	}
	return (true);
}

static bool
date(const char ** p, struct tm * tm)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int year, month, day;
	bool leap;

	if (!field(p, 4, 1, 9999, &year) || !literal(p, '-') ||
	    !field(p, 2, 1, 12, &month) || !literal(p, '-') ||
	    !field(p, 2, 1, 31, &day))
		return (false);
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day > days[month - 1] + (month == 2 && leap))
		return (false);
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return (true);
}

/* "05:30", "05:30:41", "05:30:41.5", each with or without the Z. */
static bool
time_of_day(const char ** p, struct tm * tm, int64_t * micros)
{

	if (!field(p, 2, 0, 23, &tm->tm_hour) || !literal(p, ':') ||
	    !field(p, 2, 0, 59, &tm->tm_min))
		return (false);
	if (literal(p, ':')) {
		if (!field(p, 2, 0, 59, &tm->tm_sec) || !fraction(p, micros))
			return (false);
	}
	(void)literal(p, 'Z');
	return (true);
}

/**
 * clock_parse(text, t):
 * Parse RFC 3339 in UTC, the form of a datetime-local input, or a date.
 */
bool
clock_parse(const char * text, sr_time * t)
{
	struct tm tm = { .tm_isdst = 0 };
	const char * p = text;
	int64_t micros = 0;

	if (!date(&p, &tm))
		return (false);
	if (literal(&p, 'T') && !time_of_day(&p, &tm, &micros))
		return (false);
	if (*p != '\0')
		return (false);
	*t = (sr_time)timegm(&tm) * SR_SECOND + micros;
	return (true);
}
