#include "core/vault/posture.h"
#include "core/vault/secret_internal.h"

#define DAY	(INT64_C(86400) * SR_SECOND)

const unsigned posture_age[POSTURE_AGES] = { 0, 30, 60, 90, 180, 365 };

/* Active secrets that never expire: disjoint ages. */
static enum sr_error
lasting_row(const struct db_row * row, void * cookie)
{
	struct posture * p = cookie;
	size_t i;

	for (i = 0; i < POSTURE_AGES; i++) {
		p->ages[i] = (uint64_t)db_col_int(row, i);
		p->active += p->ages[i];
	}
	p->overdue = (uint64_t)db_col_int(row, POSTURE_AGES);
	p->revoked = (uint64_t)db_col_int(row, POSTURE_AGES + 1);
	return (SR_OK);
}

/* Those that expire: the row counts how many are at least so old. */
static enum sr_error
expiring_row(const struct db_row * row, void * cookie)
{
	struct posture * p = cookie;
	uint64_t older;
	size_t i;

	p->active += (uint64_t)db_col_int(row, 0);
	p->ages[0] += (uint64_t)db_col_int(row, 0);
	p->soon = (uint64_t)db_col_int(row, 1);
	p->overdue += (uint64_t)db_col_int(row, 2);
	p->expired = (uint64_t)db_col_int(row, 3);
	for (i = 1; i < POSTURE_AGES; i++) {
		older = (uint64_t)db_col_int(row, 3 + i);
		p->ages[i] += older;
		p->ages[i - 1] -= older;
	}
	return (SR_OK);
}

/* Today's date is by our clock, the rows' by their writers': a day that is not
 * on the chart is left out. */
static enum sr_error
day_row(const struct db_row * row, void * cookie)
{
	struct posture * p = cookie;
	const int64_t day = db_col_int(row, 0) - p->first_day / DAY;
	const char * outcome = db_col_text(row, 1);
	uint64_t n = (uint64_t)db_col_int(row, 2);

	if (day < 0 || day >= POSTURE_DAYS)
		return (SR_OK);
	if (strcmp(outcome, "succeeded") == 0)
		p->days[day].succeeded = n;
	else if (strcmp(outcome, "failed") == 0)
		p->days[day].failed = n;
	else
		p->days[day].blocked = n;
	return (SR_OK);
}

static sr_time
ago(sr_time now, unsigned days)
{
	return (now - (sr_time)days * DAY);
}

static enum sr_error
count_secrets(struct db * db, const struct secret_times * times,
    struct posture * p)
{
	const sr_time now = times->now;
	const sr_time overdue = ago(now, times->rotation_days);
	const sr_time soon = now + (sr_time)times->warning_days * DAY;
	sr_time a[POSTURE_AGES];
	enum sr_error err;
	size_t i;

	for (i = 0; i < POSTURE_AGES; i++)
		a[i] = ago(now, posture_age[i]);
	err = db_query(db, STMT_POSTURE_LASTING, DB_ARGS(DB_TIME(a[1]),
	    DB_TIME(a[1]), DB_TIME(a[2]), DB_TIME(a[2]), DB_TIME(a[3]),
	    DB_TIME(a[3]), DB_TIME(a[4]), DB_TIME(a[4]), DB_TIME(a[5]),
	    DB_TIME(a[5]), DB_TIME(overdue)), lasting_row, p);
	if (err != SR_OK)
		return (err);
	return (db_query(db, STMT_POSTURE_EXPIRING, DB_ARGS(DB_TIME(now),
	    DB_TIME(soon), DB_TIME(overdue), DB_TIME(a[1]), DB_TIME(a[2]),
	    DB_TIME(a[3]), DB_TIME(a[4]), DB_TIME(a[5])), expiring_row, p));
}

/**
 * posture_read(db, times, out):
 * Count secrets by state and age, and audit rows by day and outcome.
 */
enum sr_error
posture_read(struct db * db, const struct secret_times * times,
    struct posture * out)
{
	*out = (struct posture){ .first_day = times->now - times->now % DAY -
	    (POSTURE_DAYS - 1) * DAY };
	if (count_secrets(db, times, out) != SR_OK)
		return (SR_E_SECRET_METADATA_UNAVAILABLE);
	if (db_query(db, STMT_POSTURE_DAYS, DB_ARGS(DB_TIME(out->first_day)),
	    day_row, out) != SR_OK)
		return (SR_E_SECRET_AUDIT_UNAVAILABLE);
	return (SR_OK);
}

/** posture_week(p): the sum of the last POSTURE_WEEK days. */
struct posture_day
posture_week(const struct posture * p)
{
	struct posture_day sum = { 0, 0, 0 };
	size_t i;

	for (i = POSTURE_DAYS - POSTURE_WEEK; i < POSTURE_DAYS; i++) {
		sum.succeeded += p->days[i].succeeded;
		sum.failed += p->days[i].failed;
		sum.blocked += p->days[i].blocked;
	}
	return (sum);
}

/** posture_week_begins(p): midnight of the first of these days. */
sr_time
posture_week_begins(const struct posture * p)
{
	return (p->first_day + (POSTURE_DAYS - POSTURE_WEEK) * DAY);
}
