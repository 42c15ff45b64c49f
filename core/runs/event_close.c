/* Ending streams whose sender does not: a run that ends, and the job. */

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/base/config.h"
#include "core/log/log.h"
#include "core/runs/event_internal.h"
#include "core/runs/limit.h"

#define CLOSED_MAX	32	/* When a run ends; the job does the others. */
#define JOB_MAX		100
#define SYSTEM_LABEL	"streams"

/* Streams by name. */
struct names {
	struct {
		struct sr_id run_id;
		char stream[EVENT_STREAM_MAX + 1];
	} v[JOB_MAX];
	size_t n;
};

static enum sr_error
take_name(const struct db_row * row, void * cookie)
{
	struct names * names = cookie;

	if (names->n == COUNTOF(names->v))
		return (SR_OK);
	names->v[names->n].run_id = db_col_uuid(row, 0);
	(void)snprintf(names->v[names->n].stream,
	    sizeof(names->v[0].stream), "%s", db_col_text(row, 1));
	names->n++;
	return (SR_OK);
}

static enum sr_error
system_actor(struct actor * out)
{

	*out = (struct actor){ .kind = ACTOR_SYSTEM, .label = SYSTEM_LABEL };
	return (sr_id_new(&out->correlation_id));
}

/** event_settings(config, store): what ${store} needs to know of them. */
void
event_settings(const struct config * config, struct store * store)
{
	uint64_t guesses = config_number(config, CFG_RUN_GUESS_LIMIT);

	store->stream_minutes = (unsigned)config_number(config,
	    CFG_RUN_STREAM_MINUTES);
	store->guess_limit = guesses == 0 ? UINT_MAX : (unsigned)guesses;
	limit_settings(config, store);
}

/* What was held back is published in any case; guesses count all the same. */
static enum sr_error
count(struct tx * tx, const struct store * store, const struct sr_id * run_id,
    const struct redact_hits * hits)
{
	struct actor actor;
	struct alerting a;
	enum sr_error err;

	if (hits->known == 0)
		return (SR_OK);
	if ((err = system_actor(&actor)) != SR_OK)
		return (err);
	alerting_new(store, &actor, run_id, REDACT_PUBSUB, &a);
	if ((err = alerting_count(tx, &a, hits)) != SR_OK)
		return (err);
	alerting_log(&a);
	return (SR_OK);
}

static void
add(struct redact_hits * to, const struct redact_hits * hits)
{

	to->known += hits->known;
	to->rules += hits->rules;
	to->unnamed += hits->unnamed;
}

/** streams_close(tx, store, log): those of a run that ends. */
enum sr_error
streams_close(struct tx * tx, const struct store * store,
    struct event_log * log)
{
	struct names names = { .n = 0 };
	struct redact_hits all = { .known = 0 }, hits;
	enum redact_cause cause;
	unsigned written;
	enum sr_error err;
	size_t i;

	if ((err = db_query(log->db, STMT_STREAM_OPEN,
	    DB_ARGS(DB_UUID(&log->run.id), DB_INT(CLOSED_MAX + 1)), take_name,
	    &names)) != SR_OK)
		return (err);
	for (i = 0; i < names.n && i < CLOSED_MAX; i++) {
		written = log->events;
		err = stream_end(log, store, names.v[i].stream, &hits, &cause);
		/* Half of what it held goes with the transaction: the rest
		 * would never come, and all of it would come again. */
		if (err == SR_E_CHANNEL_REDACTION_FAILED &&
		    log->events == written)
			break;
		if (err != SR_OK)
			return (err);
		add(&all, &hits);
	}
	if (i < names.n && (err = db_exec(log->db, STMT_STREAM_NOW,
	    DB_ARGS(DB_UUID(&log->run.id)), NULL)) != SR_OK)
		return (err);
	return (count(tx, store, &log->run.id, &all));
}

/* One stream of the job's. */
struct ending {
	const struct store * store;
	struct event_log log;
	struct sr_id run_id;
	const char * stream;
	enum redact_cause cause;
};

static enum sr_error
end_tx(struct tx * tx, void * cookie)
{
	struct ending * e = cookie;
	struct redact_hits hits;
	enum sr_error err;

	e->cause = REDACT_CAUSE_NONE;
	if ((err = event_lock(tx_db(tx), &e->run_id, &e->log)) != SR_OK ||
	    (err = stream_end(&e->log, e->store, e->stream, &hits,
	    &e->cause)) != SR_OK ||
	    (err = count(tx, e->store, &e->run_id, &hits)) != SR_OK)
		return (err);
	return (event_count(&e->log));
}

/* The gate is ready and withholds it: another time would be no better. */
static void
give_up(const struct ending * e)
{
	struct actor actor;

	if (db_exec(e->store->db, STMT_STREAM_FAIL, DB_ARGS(
	    DB_UUID(&e->run_id), DB_TEXT(e->stream),
	    DB_UUID(&e->log.post_id)), NULL) != SR_OK ||
	    system_actor(&actor) != SR_OK)
		return;
	run_alert_raise(e->store, &actor, &e->log.run,
	    RUN_ALERT_CHANNEL_REFUSED, REDACT_PUBSUB);
}

static bool
not_ready(enum redact_cause cause)
{

	return (cause == REDACT_CAUSE_LOCKED || cause == REDACT_CAUSE_STALE ||
	    cause == REDACT_CAUSE_MEMORY);
}

static enum sr_error
end_one(const struct store * store, const struct sr_id * run_id,
    const char * stream)
{
	struct ending e = { .store = store, .run_id = *run_id,
	    .stream = stream };
	enum sr_error err;

	if ((err = sr_id_new(&e.log.post_id)) != SR_OK)
		return (err);
	err = tx_run(store->db, NULL, end_tx, &e);
	/* Ended or still due: looked at again by the next turn. */
	if (err == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return (SR_E_DATABASE_UNAVAILABLE);
	if (err == SR_E_CHANNEL_REDACTION_FAILED && !not_ready(e.cause)) {
		give_up(&e);
		err = SR_OK;
	}
	if (err == SR_OK)
		LOG(STREAM_ENDED, log_id("run_id", *run_id));
	return (err);
}

/** event_streams_end(store, limit, ended): of senders that are gone. */
enum sr_error
event_streams_end(const struct store * store, unsigned limit,
    unsigned * ended)
{
	struct names names = { .n = 0 };
	enum sr_error err;
	size_t i;

	*ended = 0;
	if (limit > JOB_MAX)
		limit = JOB_MAX;
	err = db_query(store->db, STMT_STREAM_DUE, DB_ARGS(DB_INT(limit)),
	    take_name, &names);
	for (i = 0; err == SR_OK && i < names.n; i++) {
		err = end_one(store, &names.v[i].run_id, names.v[i].stream);
		*ended += err == SR_OK;
	}
	return (runs_error(err));
}
