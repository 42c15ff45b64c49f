/* What the keeper does for runs: streams whose sender is gone; what is old. */

#include "cgi/keeper_runs.h"
#include "cgi/worker.h"
#include "core/base/config.h"
#include "core/log/log.h"
#include "core/runs/event.h"
#include "core/store/chore.h"

#define STREAM			"stream"
#define STREAM_SECONDS		5
#define STREAMS_MAX		50	/* In one turn. */
#define RETENTION		"run_retention"
#define RETENTION_SECONDS	3600
#define ROWS_MAX		1000	/* Of each kind, in one turn. */
#define MORE_SECONDS		5
#define DAY			(24 * 3600 * SR_SECOND)

static enum sr_error
end_streams(const struct store * store)
{
	unsigned ended;
	enum sr_error err;

	if ((err = event_streams_end(store, STREAMS_MAX, &ended)) != SR_OK ||
	    ended < STREAMS_MAX)
		return (err);
	return (chore_soon(store->db, STREAM, 0));
}

static sr_time
before(const struct worker * w, enum config_id days)
{

	return (clock_now() - (sr_time)config_number(w->config, days) * DAY);
}

static enum sr_error
purge(const struct worker * w, const struct store * store)
{
	unsigned events;
	enum sr_error err;

	if ((err = event_purge(store->db, before(w, CFG_RUN_EVENT_DAYS),
	    ROWS_MAX, &events)) != SR_OK)
		return (err);
	if (events != 0)
		LOG(RUN_TEXTS_PURGED, log_const("kind", "event"),
		    log_u64("rows", events));
	if (events < ROWS_MAX)
		return (SR_OK);
	return (chore_soon(store->db, RETENTION, MORE_SECONDS));
}

enum sr_error
keeper_runs(const struct worker * w, const struct store * store)
{
	bool mine;
	enum sr_error err;

	if ((err = chore_claim(store->db, STREAM, STREAM_SECONDS, &mine)) !=
	    SR_OK || (mine && (err = end_streams(store)) != SR_OK) ||
	    (err = chore_claim(store->db, RETENTION, RETENTION_SECONDS,
	    &mine)) != SR_OK)
		return (err);
	return (mine ? purge(w, store) : SR_OK);
}
