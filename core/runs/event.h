#ifndef SR_CORE_RUNS_EVENT_H
#define SR_CORE_RUNS_EVENT_H

/*
 * Events of a run: what its topic, jido_code:run:<id>, publishes. A payload
 * passes the gate before it is stored or published; what is stored is what
 * every reader gets, in the order of seq, which counts from 1 for each run
 * without gaps, in the order of commits.
 *
 * A run's timeline is whole: whatever moves it (run.h) writes the event that
 * says so, with an empty payload, unless the event was posted and has moved it:
 *
 *   to running             run_started; from awaiting_approval
 *                          approval_granted
 *   to awaiting_approval   approval_requested
 *   completed, failed, cancelled   run_completed, run_failed, run_cancelled:
 *                          the last event, behind what the run's open streams
 *                          held back, which end with it. If the gate withholds
 *                          that, the run ends all the same and the job does it
 *                          later (event_streams_end).
 *
 * So run_started is posted for a run that is pending, and refused for another.
 * A run is what its status says: one that was silent for long, whose leases
 * are gone, goes on taking events until somebody ends it; an event gives it no
 * new leases.
 *
 * The chunks of one stream (an agent's terminal) are one text, redacted as
 * one whatever worker takes which chunk: what is held back is kept sealed in
 * run_stream. What the events say may be cut elsewhere than the chunks were,
 * but not within a character; their payload is {"stream": NAME, "chunk": TEXT},
 * TEXT of 64 KiB at most. Bytes that are no UTF-8 are U+FFFD in it; controls,
 * ESC among them, stay what they are, escaped as JSON has it.
 *
 * Masks name the secrets that the run's project binds and the providers'
 * credentials; any other is "secret", and counts (run_alert.h).
 */

#include "core/redact/redact.h"
#include "core/runs/run.h"

#define EVENT_TYPE_MAX		64	/* [a-z][a-z0-9_.:-]* */
#define EVENT_STEP_MAX		160
#define EVENT_STREAM_MAX	64	/* [A-Za-z0-9_.-] */
#define EVENT_CORRELATION_MAX	64	/* [A-Za-z0-9_.:-] */
#define EVENT_PAYLOAD_MAX	((size_t)128 * 1024)
#define EVENT_CHUNK_MAX		((size_t)64 * 1024)

/* What is posted. Text and payload are the caller's and not yet redacted. */
struct event_write {
	struct sr_id run_id;
	const char * type;
	const char * step;		/* NULL or "": none. */
	const char * correlation_id;	/* NULL or "": none. */
	const char * payload;		/* A JSON object, or chunks: */
	size_t payload_len;
	const char * stream;		/* NULL: no stream. */
	const char * chunk;		/* Bytes of the stream, any. */
	size_t chunk_len;
	bool numbered;			/* ${n} counts: the next one, or one
					   that was taken already and is
					   answered as if it were new. */
	uint64_t n;			/* From 0. */
	bool end;			/* Nothing of the stream follows. */
	bool discard;			/* What followed the chunks before was
					   lost by the sender, and what is held
					   back of these goes no further: it may
					   be the begin of a secret. */
	const char * idempotency_key;	/* NULL or "": none. */
};

/* What became of it. */
struct event_written {
	uint64_t seq;		/* Of the run's last event now. */
	unsigned events;	/* How many; 0: all of it is held back. */
	uint64_t next_chunk;
	struct redact_hits hits;
};

struct config;

/** event_settings(config, store): what ${store} needs to know of them. */
void event_settings(const struct config * config, struct store * store);

/**
 * event_post(store, actor, write, lease_minutes, complaint, out):
 * Redact and store, in one transaction with the run's row locked and the live
 * set read again; a sign of life of the run. Of the types that say what became
 * of the run, run_started, run_completed, run_failed and run_cancelled move it
 * there (run.h) in the same transaction, approval_requested to
 * awaiting_approval, approval_granted back to running; these have no stream.
 * approval_granted, approval_rejected and run_cancelled of a person have an
 * audit row RUN_DECIDE in it; the first two, and running again, are not for API
 * keys. A lost reply to COMMIT is looked up. Errors: APPROVAL_NEEDS_PERSON,
 * RUN_NOT_FOUND, RUN_NOT_STARTED, RUN_FINISHED, RUN_TRANSITION_INVALID;
 * EVENT_INVALID (complaint->field says what), EVENT_PAYLOAD_MALFORMED (no JSON
 * object), EVENT_PAYLOAD_TOO_LARGE (bytes, depth or values),
 * EVENT_CHUNK_OUT_OF_ORDER (out->next_chunk is the one that is awaited),
 * EVENT_STREAM_ENDED; PLAINTEXT_SECRET_PERSISTENCE_BLOCKED (type, step, stream
 * or correlation id; a guess); CHANNEL_REDACTION_FAILED (nothing is stored; the
 * stream, if it is one, takes nothing more; an alert); RUN_THROTTLED
 * (run_alert.h; the stream stays where it was); RUN_UNAVAILABLE,
 * TRANSACTION_CONFLICT, COMMIT_OUTCOME_UNKNOWN: nothing was stored, or it is
 * not known. Who numbers his chunks sends the same one again, and nothing is
 * lost or doubled; so does who sends an idempotency key (vault/idempotency.h),
 * with any event: what came before is answered as it was, and not stored again.
 * Errors then: + IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED,
 * SECRET_ENCRYPTION_UNAVAILABLE, ROOT_KEY_MISMATCH. A run has bounds (limit.h):
 * RUN_EVENTS_LIMIT_REACHED, RUN_STREAMS_LIMIT_REACHED.
 */
SR_NODISCARD enum sr_error event_post(const struct store * store,
    const struct actor * actor, const struct event_write * write,
    unsigned lease_minutes, struct secret_complaint * complaint,
    struct event_written * out);

/* As it is stored: redacted once; every way out passes the gate again. */
struct event {
	struct sr_id run_id;
	uint64_t seq;
	const char * type;
	const char * step;		/* "": none. */
	const char * stream;		/* "": none. */
	const char * correlation_id;	/* "": none. */
	sr_time occurred_at;
	const char * payload;		/* JSON. */
	unsigned known, rules;
	const char * workflow_name;
	const char * workflow_version;
};

/* Pointers die when it returns. */
typedef enum sr_error event_fn(const struct event * event, void * cookie);

/**
 * event_list(db, run_id, after, limit, fn, cookie):
 * Those after seq ${after}, in order. Errors: RUN_UNAVAILABLE, and what ${fn}
 * returns.
 */
SR_NODISCARD enum sr_error event_list(struct db * db,
    const struct sr_id * run_id, uint64_t after, unsigned limit,
    event_fn * fn, void * cookie);

/**
 * event_payload(redact, channel, reader, payload, hits, out):
 * A stored payload as it may leave by now: through the gate as JSON, and as
 * text once more, as whoever looks at a whole answer sees it. It is a JSON
 * object still, in one line. ${hits} may be NULL. Errors: the channel's,
 * OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error event_payload(struct redact * redact,
    enum redact_channel channel, const struct redact_reader * reader,
    const char * payload, struct redact_hits * hits, struct redacted ** out);

/** event_topic(prefix, run_id, out): the name of a run's topic. */
#define EVENT_TOPIC_MAX	160
void event_topic(const char * prefix, const struct sr_id * run_id,
    char out[EVENT_TOPIC_MAX + 1]);

/* Up to where a listener of that run has seen it. */
struct event_watch {
	struct sr_id run_id;
	uint64_t after;
};

#define EVENT_WATCH_MAX	512	/* Runs that one call asks for. */

/**
 * event_poll(db, watches, n, limit, fn, cookie):
 * What is new of all these runs, with one query; in the order of seq within a
 * run. ${limit}: rows in all; ask again if so many came. Errors: as event_list.
 */
SR_NODISCARD enum sr_error event_poll(struct db * db,
    const struct event_watch * watches, size_t n, unsigned limit,
    event_fn * fn, void * cookie);

/**
 * event_streams_end(store, limit, ended):
 * The job for senders that are gone: end the streams whose time is over, as if
 * they had sent ${end}; how many. Errors: RUN_UNAVAILABLE,
 * CHANNEL_REDACTION_FAILED (the gate is not ready; later).
 */
SR_NODISCARD enum sr_error event_streams_end(const struct store * store,
    unsigned limit, unsigned * ended);

/**
 * event_purge(db, before, limit, gone): delete events older than ${before} of
 * runs that have ended. Errors: RUN_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error event_purge(struct db * db, sr_time before,
    unsigned limit, unsigned * gone);

#endif /* !SR_CORE_RUNS_EVENT_H */
