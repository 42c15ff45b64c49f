#include <mysql.h>
#include <string.h>

#include "core/store/db_internal.h"

/*
 * sr_time and MYSQL_TIME. Days are counted in eras of 400 years that begin on
 * the first of March, so that the leap day is the last day of its year.
 */
#define DAY_SECONDS	INT64_C(86400)
#define ERA_DAYS	INT64_C(146097)
#define EPOCH_DAYS	INT64_C(719468)	/* 0000-03-01 to 1970-01-01 */

static int64_t
floor_div(int64_t a, int64_t b)
{

	return (a / b - (a % b < 0 ? 1 : 0));
}

static int64_t
days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t era, year, day;

	y -= m <= 2 ? 1 : 0;
	era = floor_div(y, 400);
	year = y - era * 400;
	day = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return (era * ERA_DAYS + year * 365 + year / 4 - year / 100 + day -
	    EPOCH_DAYS);
}

static void
date_of(int64_t days, MYSQL_TIME * t)
{
	int64_t era, day, year, month;

	days += EPOCH_DAYS;
	era = floor_div(days, ERA_DAYS);
	day = days - era * ERA_DAYS;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= year * 365 + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	t->day = (unsigned)(day - (153 * month + 2) / 5 + 1);
	t->month = (unsigned)(month < 10 ? month + 3 : month - 9);
	t->year = (unsigned)(year + era * 400 + (t->month <= 2 ? 1 : 0));
}

/** db_time_to_server(t, out): a DATETIME(6) in UTC. */
void
db_time_to_server(sr_time t, MYSQL_TIME * out)
{
	int64_t seconds = floor_div(t, SR_SECOND);
	int64_t days = floor_div(seconds, DAY_SECONDS);

	memset(out, 0, sizeof(*out));
	out->second_part = (unsigned long)(t - seconds * SR_SECOND);
	seconds -= days * DAY_SECONDS;
	out->hour = (unsigned)(seconds / 3600);
	out->minute = (unsigned)(seconds / 60 % 60);
	out->second = (unsigned)(seconds % 60);
	out->time_type = MYSQL_TIMESTAMP_DATETIME;
	date_of(days, out);
}

/** db_time_from_server(in): the time of a DATETIME(6) in UTC. */
sr_time
db_time_from_server(const MYSQL_TIME * in)
{
	int64_t seconds;

	seconds = days_of(in->year, in->month, in->day) * DAY_SECONDS +
	    in->hour * INT64_C(3600) + in->minute * INT64_C(60) + in->second;
	return (seconds * SR_SECOND + (int64_t)in->second_part);
}
