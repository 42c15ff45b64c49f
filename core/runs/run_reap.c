/* Runs whose program is gone without a word. */

#include "core/log/log.h"
#include "core/runs/event_internal.h"

#define REAP_MAX	100

struct reaping {
	const struct store * store;
	sr_time before;
	struct sr_id ids[REAP_MAX];
	size_t n;
	/* Of one of them. */
	struct sr_id id;
	bool reaped;
};

static enum sr_error
take_id(const struct db_row * row, void * cookie)
{
	struct reaping * r = cookie;

	if (r->n < COUNTOF(r->ids))
		r->ids[r->n++] = db_col_uuid(row, 0);
	return (SR_OK);
}

/* It may have called meanwhile. */
static enum sr_error
reap_tx(struct tx * tx, void * cookie)
{
	const struct event_row row = { .type = "run_failed",
	    .payload = "{\"reason\":\"heartbeat_lost\"}" };
	struct reaping * r = cookie;
	struct event_log log;
	enum sr_error err;

	r->reaped = false;
	if ((err = sr_id_new(&log.post_id)) != SR_OK ||
	    (err = event_lock(tx_db(tx), &r->id, &log)) != SR_OK)
		return (err);
	if (log.run.status != RUN_RUNNING || log.run.heartbeat_at >= r->before)
		return (SR_OK);
	if ((err = streams_close(tx, r->store, &log)) != SR_OK ||
	    (err = run_shift(tx, &log.run, RUN_FAILED, SR_TIME_NONE)) !=
	    SR_OK || (err = event_write(&log, &row)) != SR_OK ||
	    (err = event_count(&log)) != SR_OK)
		return (err);
	r->reaped = true;
	return (SR_OK);
}

/** run_reap(store, before, limit, reaped): those that stopped calling. */
enum sr_error
run_reap(const struct store * store, sr_time before, unsigned limit,
    unsigned * reaped)
{
	struct reaping r = { .store = store, .before = before };
	enum sr_error err;
	size_t i;

	*reaped = 0;
	err = db_query(store->db, STMT_RUN_SILENT, DB_ARGS(DB_TIME(before),
	    DB_INT(limit < REAP_MAX ? limit : REAP_MAX)), take_id, &r);
	for (i = 0; err == SR_OK && i < r.n; i++) {
		r.id = r.ids[i];
		err = tx_run(store->db, NULL, reap_tx, &r);
		if (err != SR_OK || !r.reaped)
			continue;
		LOG(RUN_REAPED, log_id("run_id", r.id));
		(*reaped)++;
	}
	return (runs_error(err));
}
