/* How much a run may store. */

#include "core/base/config.h"
#include "core/base/metric.h"
#include "core/log/log.h"
#include "core/runs/limit.h"

/* config.def */
#define EVENTS_STANDARD		100000
#define BYTES_STANDARD		((uint64_t)256 * 1024 * 1024)
#define STREAMS_STANDARD	64

static uint64_t
setting(const struct config * config, enum config_id id)
{
	uint64_t n = (uint64_t)config_number(config, id);

	return (n == 0 ? UINT64_MAX : n);
}

/** limit_settings(config, store): what ${store} needs to know of them. */
void
limit_settings(const struct config * config, struct store * store)
{

	store->run_events = setting(config, CFG_RUN_EVENTS);
	store->run_event_bytes = setting(config, CFG_RUN_EVENT_BYTES);
	store->run_streams = setting(config, CFG_RUN_STREAMS);
	store->run_prompt_bytes = setting(config, CFG_RUN_PROMPT_BYTES);
}

static uint64_t
most(uint64_t said, uint64_t standard)
{

	return (said == 0 ? standard : said);
}

/** limit_events(store, log): whether it may have more of them. */
enum sr_error
limit_events(const struct store * store, const struct event_log * log)
{

	return (log->last_seq >= most(store->run_events, EVENTS_STANDARD) ||
	    log->bytes >= most(store->run_event_bytes, BYTES_STANDARD) ?
	    SR_E_RUN_EVENTS_LIMIT_REACHED : SR_OK);
}

static enum sr_error
take_number(const struct db_row * row, void * cookie)
{
	uint64_t * n = cookie;

	*n = (uint64_t)db_col_int(row, 0);
	return (SR_OK);
}

/** limit_streams(store, log): before one that is not there yet. */
enum sr_error
limit_streams(const struct store * store, const struct event_log * log)
{
	uint64_t n = 0;
	enum sr_error err;

	if ((err = db_query(log->db, STMT_STREAM_COUNT,
	    DB_ARGS(DB_UUID(&log->run.id)), take_number, &n)) != SR_OK)
		return (err);
	return (n >= most(store->run_streams, STREAMS_STANDARD) ?
	    SR_E_RUN_STREAMS_LIMIT_REACHED : SR_OK);
}

/** limit_prompt(store, db, run_id, bytes): charge the run for it. */
enum sr_error
limit_prompt(const struct store * store, struct db * db,
    const struct sr_id * run_id, size_t bytes)
{
	uint64_t limit = most(store->run_prompt_bytes, BYTES_STANDARD);
	uint64_t charge = bytes + EVENT_OVERHEAD, done = 0;
	enum sr_error err;

	if (limit > INT64_MAX)
		limit = INT64_MAX;
	err = db_exec(db, STMT_RUN_PROMPT_CHARGE, DB_ARGS(DB_INT(charge),
	    DB_UUID(run_id), DB_INT(charge), DB_INT(limit)), &done);
	if (err != SR_OK)
		return (err);
	return (done == 1 ? SR_OK : SR_E_RUN_PROMPTS_LIMIT_REACHED);
}

struct saying {
	struct sr_id run_id;
	struct event_log log;
	bool said;
};

static enum sr_error
say_tx(struct tx * tx, void * cookie)
{
	const struct event_row row = { .type = "limit_reached",
	    .payload = "{\"limit\":\"events\"}" };
	struct saying * s = cookie;
	enum sr_error err;

	s->said = false;
	if ((err = event_lock(tx_db(tx), &s->run_id, &s->log)) != SR_OK)
		return (err);
	if (s->log.limit_said || run_ended(s->log.run.status))
		return (SR_OK);
	if ((err = event_write(&s->log, &row)) != SR_OK ||
	    (err = event_count(&s->log)) != SR_OK ||
	    (err = db_exec(s->log.db, STMT_RUN_LIMIT_SAID,
	    DB_ARGS(DB_UUID(&s->run_id)), NULL)) != SR_OK)
		return (err);
	s->said = true;
	return (SR_OK);
}

/* Who follows the run learns that more is missing from here on. */
static void
say(const struct store * store, const struct sr_id * run_id)
{
	struct saying s = { .run_id = *run_id };
	enum sr_error err;

	if ((err = sr_id_new(&s.log.post_id)) == SR_OK)
		err = tx_run(store->db, NULL, say_tx, &s);
	if (err != SR_OK)
		(void)sr_fail(err, log_id("run_id", *run_id));
	else if (s.said)
		LOG(RUN_LIMIT_REACHED, log_id("run_id", *run_id),
		    log_error(SR_E_RUN_EVENTS_LIMIT_REACHED));
}

/** limit_refused(store, run_id, error): count it, and say so. */
void
limit_refused(const struct store * store, const struct sr_id * run_id,
    enum sr_error error)
{

	if (error == SR_E_RUN_EVENTS_LIMIT_REACHED)
		say(store, run_id);
	if (error == SR_E_RUN_EVENTS_LIMIT_REACHED ||
	    error == SR_E_RUN_STREAMS_LIMIT_REACHED)
		metric_count(METRIC_RUN_EVENTS_REFUSED);
	else if (error == SR_E_RUN_PROMPTS_LIMIT_REACHED)
		metric_count(METRIC_RUN_PROMPTS_REFUSED);
	else if (error == SR_E_ARTIFACT_TOO_LARGE ||
	    error == SR_E_RUN_ARTIFACTS_TOO_LARGE)
		metric_count(METRIC_RUN_ARTIFACTS_REFUSED);
}
