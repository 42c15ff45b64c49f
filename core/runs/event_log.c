/* Rows of events, written while the run's row is locked. */

#include <string.h>

#include "core/log/log.h"
#include "core/runs/event_internal.h"

static const char * const moved_types[RUN_STATUS__MAX] = {
	[RUN_PENDING] = NULL, [RUN_RUNNING] = "run_started",
	[RUN_AWAITING_APPROVAL] = "approval_requested",
	[RUN_COMPLETED] = "run_completed", [RUN_FAILED] = "run_failed",
	[RUN_CANCELLED] = "run_cancelled",
};

struct locking {
	struct event_log * log;
	bool found;
};

static enum sr_error
take_run(const struct db_row * row, void * cookie)
{
	struct locking * l = cookie;

	l->found = true;
	l->log->last_seq = (uint64_t)db_col_int(row, 12);
	l->log->bytes = (uint64_t)db_col_int(row, 13);
	l->log->limit_said = db_col_int(row, 14) != 0;
	return (run_of_row(row, &l->log->run));
}

/** event_lock(db, run_id, log): the run's row. */
enum sr_error
event_lock(struct db * db, const struct sr_id * run_id, struct event_log * log)
{
	struct locking l = { .log = log };
	enum sr_error err;

	log->db = db;
	log->events = 0;
	if ((err = db_query(db, STMT_RUN_LOCK_SEQ, DB_ARGS(DB_UUID(run_id)),
	    take_run, &l)) != SR_OK)
		return (err);
	return (l.found ? SR_OK : SR_E_RUN_NOT_FOUND);
}

static const char *
text_or_null(const char * text)
{

	return (text == NULL || text[0] == '\0' ? NULL : text);
}

/** event_write(log, row): the next one. */
enum sr_error
event_write(struct event_log * log, const struct event_row * row)
{

	log->events++;
	log->last_seq++;
	log->bytes += strlen(row->payload) + EVENT_OVERHEAD;
	return (db_exec(log->db, STMT_EVENT_INSERT,
	    DB_ARGS(DB_UUID(&log->run.id), DB_INT(log->last_seq),
	    DB_UUID(&log->post_id), DB_TEXT(row->type),
	    DB_TEXT(text_or_null(row->step)),
	    DB_TEXT(text_or_null(row->stream)),
	    DB_TEXT(text_or_null(row->correlation_id)), DB_TIME(clock_now()),
	    DB_TEXT(row->payload), DB_INT(row->hits.known),
	    DB_INT(row->hits.rules)), NULL));
}

/** event_count(log): keep the number. */
enum sr_error
event_count(struct event_log * log)
{

	return (db_exec(log->db, STMT_RUN_COUNT, DB_ARGS(DB_INT(log->last_seq),
	    DB_INT(log->bytes), DB_TIME(log->run.heartbeat_at),
	    DB_UUID(&log->run.id)), NULL));
}

/** event_of_move(tx, store, run, from): the event of a run that was moved. */
enum sr_error
event_of_move(struct tx * tx, const struct store * store,
    const struct run * run, enum run_status from)
{
	struct event_row row = { .type = moved_types[run->status],
	    .payload = "{}" };
	struct event_log log;
	enum sr_error err;

	if (from == RUN_AWAITING_APPROVAL && run->status == RUN_RUNNING)
		row.type = "approval_granted";
	if ((err = sr_id_new(&log.post_id)) != SR_OK ||
	    (err = event_lock(tx_db(tx), &run->id, &log)) != SR_OK)
		return (err);
	if (run_ended(run->status) &&
	    (err = streams_close(tx, store, &log)) != SR_OK)
		return (err);
	if ((err = event_write(&log, &row)) != SR_OK)
		return (err);
	return (event_count(&log));
}
