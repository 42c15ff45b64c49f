/* Runs whose program is gone without a word. */

#include "core/log/log.h"
#include "core/runs/event_internal.h"

#define REAP_MAX	100

/* What becomes of who is silent. */
static const struct {
	enum run_status to;
	const char * type;
	const char * payload;
} ends[RUN_STATUS__MAX] = {
	[RUN_PENDING] = { RUN_CANCELLED, "run_cancelled",
	    "{\"reason\":\"never_started\"}" },
	[RUN_RUNNING] = { RUN_FAILED, "run_failed",
	    "{\"reason\":\"heartbeat_lost\"}" },
	[RUN_AWAITING_APPROVAL] = { RUN_FAILED, "run_failed",
	    "{\"reason\":\"approval_expired\"}" },
};

struct reaping {
	const struct store * store;
	enum run_status status;
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
	struct reaping * r = cookie;
	const struct event_row row = { .type = ends[r->status].type,
	    .payload = ends[r->status].payload };
	struct event_log log;
	enum sr_error err;

	r->reaped = false;
	if ((err = sr_id_new(&log.post_id)) != SR_OK ||
	    (err = event_lock(tx_db(tx), &r->id, &log)) != SR_OK)
		return (err);
	if (log.run.status != r->status || log.run.heartbeat_at >= r->before)
		return (SR_OK);
	if ((err = streams_close(tx, r->store, &log)) != SR_OK ||
	    (err = run_shift(tx, &log.run, ends[r->status].to,
	    SR_TIME_NONE)) != SR_OK || (err = event_write(&log, &row)) != SR_OK ||
	    (err = event_count(&log)) != SR_OK)
		return (err);
	r->reaped = true;
	return (SR_OK);
}

/** run_reap(store, status, before, limit, reaped): who stopped calling. */
enum sr_error
run_reap(const struct store * store, enum run_status status, sr_time before,
    unsigned limit, unsigned * reaped)
{
	struct reaping r = { .store = store, .status = status,
	    .before = before };
	enum sr_error err;
	size_t i;

	*reaped = 0;
	must(ends[status].type != NULL);
	err = db_query(store->db, STMT_RUN_SILENT,
	    DB_ARGS(DB_TEXT(run_status_name(status)), DB_TIME(before), DB_INT(limit < REAP_MAX ? limit : REAP_MAX)), take_id, &r);
	for (i = 0; err == SR_OK && i < r.n; i++) {
		r.id = r.ids[i];
		err = tx_run(store->db, NULL, reap_tx, &r);
		if (err != SR_OK || !r.reaped)
			continue;
		LOG(RUN_REAPED, log_id("run_id", r.id),
		    log_const("status", run_status_name(status)));
		(*reaped)++;
	}
	return (runs_error(err));
}
