#include <string.h>

#include "core/log/log.h"
#include "core/runs/event_internal.h"
#include "core/runs/limit.h"
#include "core/vault/lease.h"
#include "core/vault/liveset.h"
#include "core/vault/policy.h"

/* A run that posts many events gives a sign of life so often; leases last for
 * minutes, and heartbeat_at says when they were extended last. */
#define BEAT_EVERY	(10 * SR_SECOND)

#define DEPTH_MAX	64
#define VALUES_MAX	10000

#define PLAIN(w)	{						\
	{ "type", (w)->type }, { "step", (w)->step },			\
	{ "correlation_id", (w)->correlation_id }, { "stream", (w)->stream } }
#define PLAIN_FIELDS	4

/** posting_current(store): the live set, in this transaction. */
enum sr_error
posting_current(const struct store * store)
{
	enum sr_error err;

	if (store->live == NULL)
		return (SR_OK);
	err = liveset_refresh(store->live, store);
	if (err == SR_E_DATABASE_UNAVAILABLE || err == SR_E_DATABASE_REFUSED ||
	    err == SR_E_TRANSACTION_CONFLICT)
		return (err);
	return (SR_OK);
}

/** posting_plain(p): what came since it was asked first may object. */
enum sr_error
posting_plain(const struct posting * p)
{
	const struct policy_field fields[PLAIN_FIELDS] = PLAIN(p->w);
	struct secret_complaint unread;

	return (policy_fields(p->store->redact, fields, PLAIN_FIELDS,
	    &unread));
}

/** posting_admit(p): that the run takes events. */
enum sr_error
posting_admit(const struct posting * p)
{

	if (run_ended(p->log.run.status))
		return (SR_E_RUN_FINISHED);
	if (p->moves && !run_may_move(p->log.run.status, p->moved))
		return (SR_E_RUN_TRANSITION_INVALID);
	if (p->moves)
		return (decision_move(p->actor, p->log.run.status, p->moved));
	return (p->log.run.status == RUN_PENDING ? SR_E_RUN_NOT_STARTED :
	    SR_OK);
}

/** posting_counted(tx, p, hits): what was found, in what is stored. */
enum sr_error
posting_counted(struct tx * tx, struct posting * p,
    const struct redact_hits * hits)
{
	enum sr_error err;

	p->out.hits = *hits;
	if ((err = alerting_count(tx, &p->alerting, hits)) != SR_OK)
		return (err);
	return (p->alerting.over ? SR_E_RUN_THROTTLED : SR_OK);
}

/** posting_end(tx, p): number, sign of life, ${p->out}, and that it came. */
enum sr_error
posting_end(struct tx * tx, struct posting * p)
{
	struct event_log * log = &p->log;
	sr_time now = clock_now();
	bool beat = now - log->run.heartbeat_at >= BEAT_EVERY ||
	    now < log->run.heartbeat_at;
	enum sr_error err;

	if (beat)
		log->run.heartbeat_at = now;
	if ((err = event_count(log)) != SR_OK ||
	    (err = repeat_keep(tx, p)) != SR_OK)
		return (err);
	p->out.seq = log->last_seq;
	p->out.events = log->events;
	if (!beat || run_ended(log->run.status))
		return (SR_OK);
	return (lease_extend(log->db, &log->run.id,
	    now + (sr_time)p->lease_minutes * EVENT_MINUTE));
}

/* Whose names masks may say depends on what the project binds by now. */
static enum sr_error
redact_payload(struct posting * p, struct redact_hits * hits,
    struct redacted ** out)
{
	static const struct redact_json_limits limits = {
		.bytes = EVENT_PAYLOAD_MAX, .depth = DEPTH_MAX,
		.values = VALUES_MAX };
	const char * text = p->w->payload == NULL ? "{}" : p->w->payload;
	size_t len = p->w->payload == NULL ? 2 : p->w->payload_len;
	struct run_reader reader;
	enum sr_error err;

	for (; len > 0 && strchr(" \t\r\n", *text) != NULL; len--)
		text++;
	if (len == 0 || *text != '{')
		return (SR_E_EVENT_PAYLOAD_MALFORMED);
	if ((err = run_reader_of(p->log.db, &p->log.run.project_id,
	    &reader)) != SR_OK)
		return (err);
	err = redact_json_for(p->store->redact, REDACT_PUBSUB, &reader.reader,
	    NULL, text, len, &limits, hits, out);
	p->cause = redact_last_cause();
	run_reader_end(&reader);
	if (err == SR_E_INPUT_MALFORMED)
		return (SR_E_EVENT_PAYLOAD_MALFORMED);
	if (err == SR_E_CHANNEL_REDACTION_FAILED &&
	    p->cause == REDACT_CAUSE_LIMIT)
		return (SR_E_EVENT_PAYLOAD_TOO_LARGE);
	return (err);
}

/* To where the type says, after what the streams of a run that ends held. */
static enum sr_error
move(struct tx * tx, struct posting * p)
{
	enum sr_error err;

	if (run_ended(p->moved) &&
	    (err = streams_close(tx, p->store, &p->log)) != SR_OK)
		return (err);
	return (run_shift(tx, &p->log.run, p->moved, clock_now() +
	    (sr_time)p->lease_minutes * EVENT_MINUTE));
}

static enum sr_error
store_payload(struct tx * tx, struct posting * p, const struct redacted * t,
    const struct redact_hits * hits)
{
	const struct event_row row = { .type = p->w->type,
	    .step = p->w->step, .correlation_id = p->w->correlation_id,
	    .payload = redacted_bytes(t), .hits = *hits };
	enum sr_error err;

	if ((err = posting_counted(tx, p, hits)) != SR_OK ||
	    (p->moves && (err = move(tx, p)) != SR_OK) ||
	    (err = event_write(&p->log, &row)) != SR_OK ||
	    (err = decision_audit(tx, p->store, p->actor, &p->log.run.id,
	    p->w->type)) != SR_OK)
		return (err);
	return (posting_end(tx, p));
}

static enum sr_error
post_tx(struct tx * tx, void * cookie)
{
	struct posting * p = cookie;
	struct redacted * t = NULL;
	struct redact_hits hits = { .known = 0 };
	enum sr_error err;

	p->out = (struct event_written){ .seq = 0 };
	if ((err = event_lock(tx_db(tx), &p->w->run_id, &p->log)) != SR_OK ||
	    (err = repeat_find(p)) != SR_OK)
		return (err);
	if (p->w->stream != NULL)
		return (stream_post(tx, p));
	if (p->repeated)
		return (SR_OK);
	if ((err = posting_admit(p)) != SR_OK ||
	    (!p->moves &&
	    (err = limit_events(p->store, &p->log)) != SR_OK) ||
	    (err = posting_current(p->store)) != SR_OK ||
	    (err = posting_plain(p)) != SR_OK ||
	    (err = redact_payload(p, &hits, &t)) != SR_OK)
		return (err);
	err = store_payload(tx, p, t, &hits);
	redacted_free(&t);
	return (err);
}

static enum sr_error
note_row(const struct db_row * row, void * cookie)
{
	bool * found = cookie;

	(void)row;
	*found = true;
	return (SR_OK);
}

/* Another sender may have the number by now; the id tells. A chunk that is
 * held back as a whole has left its id in the stream's row alone. */
static enum sr_error
look(struct db * db, void * cookie, bool * found)
{
	struct posting * p = cookie;

	/* Nothing was written. */
	*found = p->repeated;
	if (p->repeated)
		return (SR_OK);
	if (p->w->stream != NULL && p->out.events == 0)
		return (db_query(db, STMT_STREAM_WITNESS,
		    DB_ARGS(DB_UUID(&p->w->run_id), DB_TEXT(p->w->stream),
		    DB_UUID(&p->log.post_id)), note_row, found));
	return (db_query(db, STMT_EVENT_WITNESS, DB_ARGS(DB_UUID(&p->w->run_id),
	    DB_INT(p->out.seq), DB_UUID(&p->log.post_id)), note_row, found));
}

/* After the transaction: what is to be told, and what was refused. */
static void
tell(struct posting * p, enum sr_error err)
{

	limit_refused(p->store, &p->w->run_id, err);
	repeat_tell(p);
	if (err == SR_OK) {
		alerting_log(&p->alerting);
		if (p->moves && !p->repeated)
			LOG(RUN_MOVED, log_id("run_id", p->log.run.id),
			    log_const("status", run_status_name(p->moved)));
	} else if (err == SR_E_RUN_THROTTLED) {
		/* What was counted went with the transaction. */
		(void)(run_guess(p->store, p->actor, &p->log.run,
		    REDACT_PUBSUB, &p->out.hits) == SR_OK);
	} else if (err == SR_E_CHANNEL_REDACTION_FAILED) {
		if (p->w->stream != NULL)
			stream_fail(p);
		run_alert_raise(p->store, p->actor, &p->log.run,
		    RUN_ALERT_CHANNEL_REFUSED, REDACT_PUBSUB);
		(void)sr_fail(err, log_id("run_id", p->log.run.id),
		    log_const("channel", "pubsub"),
		    log_const("operation", "event_post"),
		    log_const("cause", redact_cause_name(p->cause)));
	}
}

static enum sr_error
admit(const struct posting * p, struct secret_complaint * complaint)
{
	const struct policy_field fields[PLAIN_FIELDS] = PLAIN(p->w);
	const struct audit_entry about = { .actor = p->actor,
	    .action = AUDIT_RUN_EVENT, .target_kind = "run",
	    .target_id = p->w->run_id };
	enum sr_error err;

	if ((err = runs_plain(p->store, &about, REDACT_PUBSUB, fields,
	    PLAIN_FIELDS, complaint)) != SR_OK ||
	    (err = event_check(p->w, complaint)) != SR_OK)
		return (err);
	return (decision_type(p->actor, p->w->type));
}

/* By what became known since it was admitted. */
static enum sr_error
blocked(const struct posting * p)
{
	const struct policy_field fields[PLAIN_FIELDS] = PLAIN(p->w);

	return (runs_blocked(p->store, p->actor, &p->w->run_id, REDACT_PUBSUB,
	    fields, PLAIN_FIELDS));
}

/** event_post(store, actor, write, lease_minutes, complaint, out). */
enum sr_error
event_post(const struct store * store, const struct actor * actor,
    const struct event_write * write, unsigned lease_minutes,
    struct secret_complaint * complaint, struct event_written * out)
{
	struct posting p = { .store = store, .actor = actor, .w = write,
	    .lease_minutes = lease_minutes };
	struct secret_complaint unread;
	enum sr_error err;

	*out = (struct event_written){ .seq = 0 };
	if (complaint == NULL)
		complaint = &unread;
	*complaint = (struct secret_complaint){ NULL, NULL };
	if ((err = admit(&p, complaint)) != SR_OK ||
	    (err = repeat_begin(&p)) != SR_OK ||
	    (err = sr_id_new(&p.log.post_id)) != SR_OK)
		return (err);
	alerting_new(store, actor, &write->run_id, REDACT_PUBSUB, &p.alerting);
	p.moves = event_moves(write->type, &p.moved);
	err = tx_run_seen(store->db, look, post_tx, &p);
	if (err == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED)
		err = blocked(&p);
	tell(&p, err);
	*out = p.out;
	return (runs_error(err));
}
