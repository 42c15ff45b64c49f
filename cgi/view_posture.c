/* The posture at a glance: numbers, ages, activity, the last checkpoint. */

#include <pthread.h>

#include "cgi/exchange.h"
#include "cgi/view_security.h"
#include "core/audit/checkpoint.h"
#include "core/vault/posture.h"

/*
 * Counting 100,000 secrets takes longer than all the rest of the page. From so
 * many on the numbers are kept for KEPT_TIMES of what counting them took, so
 * that it is a twentieth of the work at most, whoever reloads the page. Fewer
 * are counted each time.
 */
#define MANY		10000
#define KEPT_TIMES	20

static struct {
	pthread_mutex_t lock;
	const struct worker * worker;	/* Whose; NULL: nothing is kept. */
	int64_t until_ms;		/* Monotonic. */
	struct posture posture;
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
take_kept(const struct worker * w, struct posture * out)
{
	bool good;

	(void)pthread_mutex_lock(&kept.lock);
	good = kept.worker == w && clock_monotonic_ms() < kept.until_ms;
	if (good)
		*out = kept.posture;
	(void)pthread_mutex_unlock(&kept.lock);
	return (good);
}

static void
keep(const struct worker * w, const struct posture * p, int64_t took_ms)
{

	if (p->active + p->expired + p->revoked < MANY)
		return;
	(void)pthread_mutex_lock(&kept.lock);
	kept.worker = w;
	kept.until_ms = clock_monotonic_ms() + took_ms * KEPT_TIMES;
	kept.posture = *p;
	(void)pthread_mutex_unlock(&kept.lock);
}

static enum sr_error
read_posture(struct exchange * x, const struct secret_times * times,
    struct posture * p)
{
	const int64_t began = clock_monotonic_ms();
	enum sr_error err;

	if (take_kept(x->worker, p))
		return (SR_OK);
	err = posture_read(x->store.db, times, p);
	if (err == SR_OK)
		keep(x->worker, p, clock_monotonic_ms() - began);
	return (err);
}

/* How high a bar is, of 1000. */
static uint64_t
share(uint64_t n, uint64_t most)
{

	return (most == 0 ? 0 : n * 1000 / most);
}

static uint64_t
sum(const struct posture_day * d)
{

	return (d->succeeded + d->failed + d->blocked);
}

static void
ages(struct page * page, const struct posture * p)
{
	uint64_t most = 0;

	for (size_t i = 0; i < POSTURE_AGES; i++)
		most = p->ages[i] > most ? p->ages[i] : most;
	page_begin(page, "ages");
	for (size_t i = 0; i < POSTURE_AGES; i++) {
		page_begin(page, "age");
		page_u64(page, "from", posture_age[i]);
		if (i + 1 < POSTURE_AGES)
			page_u64(page, "to", posture_age[i + 1] - 1);
		page_u64(page, "count", p->ages[i]);
		page_u64(page, "share", share(p->ages[i], most));
		page_end(page);
	}
	page_end(page);
}

static void
days(struct page * page, const struct posture * p)
{
	const sr_time day = INT64_C(86400) * SR_SECOND;
	uint64_t most = 0;

	for (size_t i = 0; i < POSTURE_DAYS; i++)
		most = sum(&p->days[i]) > most ? sum(&p->days[i]) : most;
	page_begin(page, "activity");
	page_u64(page, "most", most);
	for (size_t i = 0; i < POSTURE_DAYS; i++) {
		page_begin(page, "day");
		page_time(page, "at", p->first_day + (sr_time)i * day);
		page_u64(page, "succeeded", p->days[i].succeeded);
		page_u64(page, "failed", p->days[i].failed);
		page_u64(page, "blocked", p->days[i].blocked);
		page_u64(page, "succeeded-share",
		    share(p->days[i].succeeded, most));
		page_u64(page, "failed-share", share(p->days[i].failed, most));
		page_u64(page, "blocked-share",
		    share(p->days[i].blocked, most));
		page_end(page);
	}
	page_end(page);
}

static enum sr_error
checkpoint(struct exchange * x, struct page * page)
{
	struct checkpoint cp;
	bool found = false;
	enum sr_error err;

	page_begin(page, "checkpoint");
	err = checkpoint_latest(x->store.db, &cp, &found);
	if (found && err == SR_OK) {
		page_u64(page, "size", cp.tree_size);
		page_time(page, "made-at", cp.made_at);
		page_yes(page, "verifies", checkpoint_verify(&cp));
		page_u64(page, "minutes", (uint64_t)(clock_now() > cp.made_at ?
		    (clock_now() - cp.made_at) / SR_SECOND / 60 : 0));
	}
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

static void
numbers(struct page * page, const struct posture * p)
{
	const struct posture_day week = posture_week(p);

	page_u64(page, "active", p->active);
	page_u64(page, "soon", p->soon);
	page_u64(page, "overdue", p->overdue);
	page_u64(page, "expired", p->expired);
	page_u64(page, "revoked", p->revoked);
	page_u64(page, "failed", week.failed);
	page_u64(page, "blocked", week.blocked);
	page_time(page, "week-from", posture_week_begins(p));
}

enum sr_error
view_posture(struct exchange * x, struct page * page)
{
	const struct secret_times times = view_times(x);
	struct posture p;
	enum sr_error err, checked;

	page_begin(page, "posture");
	page_u64(page, "rotation-days", times.rotation_days);
	page_u64(page, "warning-days", times.warning_days);
	err = read_posture(x, &times, &p);
	if (err == SR_OK)
		numbers(page, &p);
	checked = checkpoint(x, page);
	if (err == SR_OK) {
		ages(page, &p);
		days(page, &p);
	} else {
		view_error(page, err);
	}
	page_end(page);
	return (err == SR_OK ? checked : err);
}
