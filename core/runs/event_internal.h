#ifndef SR_CORE_RUNS_EVENT_INTERNAL_H
#define SR_CORE_RUNS_EVENT_INTERNAL_H

/* What the files of event.h share. */

#include "core/redact/redact.h"
#include "core/runs/alert_internal.h"
#include "core/runs/event.h"
#include "core/runs/runs_internal.h"
#include "core/vault/idempotency.h"

#define EVENT_MINUTE	(60 * SR_SECOND)
#define EVENT_OVERHEAD	256	/* What a row counts for besides its text. */

/* A run's events, while its row is locked. */
struct event_log {
	struct db * db;
	struct run run;
	uint64_t last_seq;
	uint64_t bytes;			/* Of all of them (limit.h). */
	bool limit_said;
	struct sr_id post_id;		/* Of the call that writes. */
	unsigned events;		/* It has written so many. */
};

/* A row; ${payload} has passed the gate, or is a constant. */
struct event_row {
	const char * type;
	const char * step;		/* NULL or "": none; so the next two. */
	const char * stream;
	const char * correlation_id;
	const char * payload;
	struct redact_hits hits;
};

/** event_lock(db, run_id, log): Errors: RUN_NOT_FOUND; as db_query. */
SR_NODISCARD enum sr_error event_lock(struct db * db,
    const struct sr_id * run_id, struct event_log * log);

/** event_write(log, row): the next one. Errors: as db_exec. */
SR_NODISCARD enum sr_error event_write(struct event_log * log,
    const struct event_row * row);

/** event_count(log): keep the number; ${run.heartbeat_at} too. */
SR_NODISCARD enum sr_error event_count(struct event_log * log);

/**
 * event_of_move(tx, store, run, from):
 * The event of a run that was moved from ${from}, by this transaction; of one
 * that ends, after what its streams held back. Errors: as db_exec.
 */
SR_NODISCARD enum sr_error event_of_move(struct tx * tx,
    const struct store * store, const struct run * run, enum run_status from);

/* A post, on its way. */
struct posting {
	const struct store * store;
	const struct actor * actor;
	const struct event_write * w;
	unsigned lease_minutes;
	struct event_log log;
	struct alerting alerting;
	struct event_written out;
	enum run_status moved;		/* To where the run went, if it did. */
	bool moves;
	enum redact_cause cause;	/* Why the gate withheld. */
	struct idempotency request;
	bool repeated;			/* It came before. */
};

/** event_moves(type, to): whether it says what became of the run. */
SR_NODISCARD bool event_moves(const char * type, enum run_status * to);

/** event_check(w, complaint): Errors: EVENT_INVALID, EVENT_PAYLOAD_TOO_LARGE. */
SR_NODISCARD enum sr_error event_check(const struct event_write * w,
    struct secret_complaint * complaint);

/** repeat_begin(p): before the transaction. Errors: IDEMPOTENCY_KEY_INVALID,
 * SECRET_ENCRYPTION_UNAVAILABLE, ROOT_KEY_MISMATCH. */
SR_NODISCARD enum sr_error repeat_begin(struct posting * p);

/**
 * repeat_find(p): with the run's row locked: whether it came before, and what
 * it made is in ${p->out}. Errors: IDEMPOTENCY_KEY_REUSED; as db_query.
 */
SR_NODISCARD enum sr_error repeat_find(struct posting * p);

/** repeat_keep(tx, p): that it came. Errors: as idempotency_keep. */
SR_NODISCARD enum sr_error repeat_keep(struct tx * tx, struct posting * p);

/** repeat_tell(p): after the transaction. */
void repeat_tell(const struct posting * p);

/**
 * posting_current(store): the live set, in this transaction. Errors:
 * RUN_UNAVAILABLE; for every other reason the gate speaks for itself.
 */
SR_NODISCARD enum sr_error posting_current(const struct store * store);

/** posting_plain(p): that its plain texts may be stored. */
SR_NODISCARD enum sr_error posting_plain(const struct posting * p);

/** posting_admit(p): that the run takes events; no other than moves do. */
SR_NODISCARD enum sr_error posting_admit(const struct posting * p);

/** posting_counted(tx, p, hits): RUN_THROTTLED, or as alerting_count. */
SR_NODISCARD enum sr_error posting_counted(struct tx * tx, struct posting * p,
    const struct redact_hits * hits);

/** posting_end(tx, p): number, sign of life, ${p->out}, and that it came.
 * Errors: as db_exec; IDEMPOTENCY_KEY_REUSED. */
SR_NODISCARD enum sr_error posting_end(struct tx * tx, struct posting * p);

/** stream_post(tx, p): a chunk, with the run's row locked. */
SR_NODISCARD enum sr_error stream_post(struct tx * tx, struct posting * p);

/**
 * stream_end(log, store, stream, hits, cause):
 * As if its sender had; nothing if it has. Errors: as event_post.
 */
SR_NODISCARD enum sr_error stream_end(struct event_log * log,
    const struct store * store, const char * stream,
    struct redact_hits * hits, enum redact_cause * cause);

/** stream_fail(p): it takes nothing more. In a transaction of its own. */
void stream_fail(struct posting * p);

/**
 * streams_close(tx, store, log):
 * End those of a run that ends, if the gate lets; else they are due now. What
 * was found in them is counted. Errors: as db_exec; CHANNEL_REDACTION_FAILED:
 * a part of one was written, so all of it is to be rolled back.
 */
SR_NODISCARD enum sr_error streams_close(struct tx * tx,
    const struct store * store, struct event_log * log);

#endif /* !SR_CORE_RUNS_EVENT_INTERNAL_H */
