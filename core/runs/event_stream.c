/* Streams of runs: chunks that are one text, whoever takes which. */

#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/keys/tail.h"
#include "core/log/log.h"
#include "core/redact/compose.h"
#include "core/runs/event_internal.h"
#include "core/runs/limit.h"
#include "core/store/keystore.h"

#define MINUTES_STANDARD	15	/* config.def */
#define TEXT_MAX		EVENT_CHUNK_MAX	/* Of one event. */
/* Escaped, with all around it. */
#define PAYLOAD_MAX		(6 * TEXT_MAX + 256)

enum stream_state { STREAM_OPEN, STREAM_ENDED, STREAM_FAILED };

/* Where a stream stands. */
struct standing {
	bool found;
	uint64_t next_chunk;
	enum stream_state state;
	uint8_t * sealed;		/* Heap; NULL: nothing is held back. */
	size_t sealed_len;
};

/* A chunk, or the end, on its way through the gate. */
struct passing {
	const struct store * store;
	struct run_reader reader;
	const struct secbuf * key;
	struct tail_place place;
	const char * chunk;
	size_t chunk_len;
	bool end;
	bool discard;
	/* Out: */
	struct redacted * out[2];	/* Of the chunk, of the end. */
	struct redact_hits hits;
	struct tail_sealed tail;
	enum redact_cause cause;
};

static void
standing_free(struct standing * s)
{

	free(s->sealed);
	*s = (struct standing){ .found = false };
}

static enum sr_error
take_standing(const struct db_row * row, void * cookie)
{
	struct standing * s = cookie;
	const char * state = db_col_text(row, 1);
	const uint8_t * bytes;

	s->found = true;
	s->next_chunk = (uint64_t)db_col_int(row, 0);
	s->state = strcmp(state, "open") == 0 ? STREAM_OPEN :
	    strcmp(state, "ended") == 0 ? STREAM_ENDED : STREAM_FAILED;
	bytes = db_col_bytes(row, 2, &s->sealed_len);
	if (s->sealed_len == 0)
		return (SR_OK);
	if ((s->sealed = malloc(s->sealed_len)) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY,
		    log_u64("length", s->sealed_len)));
	memcpy(s->sealed, bytes, s->sealed_len);
	return (SR_OK);
}

static enum sr_error
lock(struct db * db, const struct sr_id * run_id, const char * stream,
    struct standing * out)
{
	enum sr_error err;

	*out = (struct standing){ .found = false };
	err = db_query(db, STMT_STREAM_LOCK,
	    DB_ARGS(DB_UUID(run_id), DB_TEXT(stream)), take_standing, out);
	if (err != SR_OK)
		standing_free(out);
	return (err);
}

static enum sr_error
write_standing(struct event_log * log, const struct store * store,
    const struct passing * p, uint64_t next_chunk)
{
	unsigned minutes = store->stream_minutes == 0 ? MINUTES_STANDARD :
	    store->stream_minutes;

	return (db_exec(log->db, STMT_STREAM_WRITE,
	    DB_ARGS(DB_UUID(&log->run.id), DB_TEXT(p->place.stream),
	    DB_INT(next_chunk), DB_TEXT(p->end ? "ended" : "open"),
	    p->tail.bytes == NULL ? DB_NULL :
	    DB_BYTES(p->tail.bytes, p->tail.len), DB_INT(minutes),
	    DB_UUID(&log->post_id)), NULL));
}

static void
passing_free(struct passing * p)
{

	redacted_free(&p->out[0]);
	redacted_free(&p->out[1]);
	tail_sealed_free(&p->tail);
}

/* What is left to be held back, sealed for the chunk after this one. */
static enum sr_error
suspend(struct passing * p, struct redact_stream * s)
{
	const struct tail_place next = { .run_id = p->place.run_id,
	    .stream = p->place.stream, .chunk = p->place.chunk + 1 };
	struct secbuf * state;
	enum sr_error err;

	if ((err = redact_suspend(s, &state)) != SR_OK || state == NULL)
		return (err);
	err = tail_seal(p->key, &next, state, &p->tail);
	secbuf_free(&state);
	return (err);
}

static enum sr_error
feed(struct passing * p, struct redact_stream * s)
{
	enum sr_error err;

	if ((err = redact_feed(s, p->chunk_len == 0 ? "" : p->chunk,
	    p->chunk_len, &p->out[0])) != SR_OK)
		return (err);
	err = p->end ? redact_finish(s, &p->out[1]) : suspend(p, s);
	p->hits = redact_stream_hits(s);
	return (err);
}

/* Go on where the stream stands; whatever fails here, fails closed. */
static enum sr_error
pass(struct passing * p, const struct standing * from)
{
	const struct redact_stream_options options = { .reader =
	    &p->reader.reader };
	struct secbuf * state = NULL;
	struct redact_stream * s;
	enum sr_error err;

	p->cause = REDACT_CAUSE_NONE;
	if (!p->discard && from->sealed != NULL && tail_open(p->key, &p->place, from->sealed,
	    from->sealed_len, &state) != SR_OK)
		return (SR_E_CHANNEL_REDACTION_FAILED);
	err = redact_resume(p->store->redact, REDACT_PUBSUB, &options, state,
	    &s);
	secbuf_free(&state);
	if (err == SR_OK) {
		if ((err = feed(p, s)) != SR_OK)
			p->cause = redact_last_cause();
		redact_stream_free(&s);
	}
	return (err == SR_OK ? SR_OK : SR_E_CHANNEL_REDACTION_FAILED);
}

/* With the keys in use and the names that the run may know. */
static enum sr_error
pass_with(struct passing * p, struct event_log * log,
    const struct standing * from)
{
	const struct keyset * keys;
	enum sr_error err;

	if ((err = posting_current(p->store)) != SR_OK)
		return (err);
	if ((keys = keystore_hold(p->store->keys)) == NULL) {
		p->cause = REDACT_CAUSE_LOCKED;
		return (SR_E_CHANNEL_REDACTION_FAILED);
	}
	err = run_reader_of(log->db, &log->run.project_id, &p->reader);
	if (err == SR_OK) {
		p->key = keyset_stream_key(keys);
		err = pass(p, from);
		run_reader_end(&p->reader);
	}
	keyset_release(&keys);
	return (err);
}

/* How much of ${t} goes into one event: to a line's end if there is one. */
static size_t
portion(const struct redacted * t, size_t from)
{
	const char * text = redacted_bytes(t);
	size_t left = redacted_len(t) - from, n;

	if (left <= TEXT_MAX)
		return (left);
	for (n = TEXT_MAX; n > TEXT_MAX / 2; n--) {
		if (text[from + n - 1] == '\n')
			return (n);
	}
	for (n = TEXT_MAX; n > TEXT_MAX - 4; n--) {
		if (((uint8_t)text[from + n] & 0xc0) != 0x80)
			return (n);
	}
	return (TEXT_MAX);
}

static enum sr_error
payload_of(const struct passing * p, const struct redacted * t, size_t from,
    size_t len, struct redacted ** out)
{
	struct compose * c;
	enum sr_error err;

	if ((err = compose_new(p->store->redact, REDACT_PUBSUB, PAYLOAD_MAX,
	    &c)) != SR_OK)
		return (err);
	compose_lit(c, "{\"stream\":\"");
	compose_name(c, p->place.stream);
	compose_lit(c, "\",\"chunk\":\"");
	compose_json_redacted(c, t, from, len);
	compose_lit(c, "\"}");
	return (compose_finish(&c, out));
}

static enum sr_error
write_text(struct event_log * log, struct event_row * row,
    const struct passing * p, const struct redacted * t)
{
	struct redacted * payload;
	enum sr_error err = SR_OK;
	size_t from, n;

	if (t == NULL)
		return (SR_OK);
	for (from = 0; err == SR_OK && from < redacted_len(t); from += n) {
		n = portion(t, from);
		if ((err = payload_of(p, t, from, n, &payload)) != SR_OK)
			return (err);
		row->payload = redacted_bytes(payload);
		err = event_write(log, row);
		row->hits = (struct redact_hits){ .known = 0 };
		redacted_free(&payload);
	}
	return (err);
}

/* What left the gate, as events; the first of them tells what was masked. */
static enum sr_error
write_events(struct event_log * log, struct event_row * row,
    const struct passing * p)
{
	enum sr_error err;

	row->stream = p->place.stream;
	row->hits = p->hits;
	if ((err = write_text(log, row, p, p->out[0])) != SR_OK)
		return (err);
	return (write_text(log, row, p, p->out[1]));
}

/* An end goes with what was held back. */
static enum sr_error
has_room(const struct posting * p, const struct standing * s)
{
	enum sr_error err;

	if (p->w->chunk_len != 0 &&
	    (err = limit_events(p->store, &p->log)) != SR_OK)
		return (err);
	return (s->found ? SR_OK : limit_streams(p->store, &p->log));
}

/* Whether the chunk is the one that is awaited; ${again}: it was taken. */
static enum sr_error
in_order(const struct posting * p, const struct standing * s, bool * again)
{

	*again = p->w->numbered && p->w->n < s->next_chunk;
	if (*again)
		return (SR_OK);
	if (posting_admit(p) != SR_OK)
		return (posting_admit(p));
	if (s->found && s->state != STREAM_OPEN)
		return (SR_E_EVENT_STREAM_ENDED);
	if (p->w->numbered && p->w->n != s->next_chunk)
		return (SR_E_EVENT_CHUNK_OUT_OF_ORDER);
	return (has_room(p, s));
}

static enum sr_error
take_chunk(struct tx * tx, struct posting * p, const struct standing * from)
{
	struct passing pass = { .store = p->store, .place = {
	    .run_id = p->log.run.id, .stream = p->w->stream,
	    .chunk = from->next_chunk }, .chunk = p->w->chunk,
	    .chunk_len = p->w->chunk == NULL ? 0 : p->w->chunk_len,
	    .end = p->w->end, .discard = p->w->discard };
	struct event_row row = { .type = p->w->type, .step = p->w->step,
	    .correlation_id = p->w->correlation_id };
	enum sr_error err;

	err = pass_with(&pass, &p->log, from);
	p->cause = pass.cause;
	if (err == SR_OK && (err = posting_plain(p)) == SR_OK &&
	    (err = posting_counted(tx, p, &pass.hits)) == SR_OK &&
	    (err = write_events(&p->log, &row, &pass)) == SR_OK &&
	    (err = write_standing(&p->log, p->store, &pass,
	    from->next_chunk + 1)) == SR_OK)
		err = posting_end(tx, p);
	passing_free(&pass);
	return (err);
}

/** stream_post(tx, p): a chunk, with the run's row locked. */
enum sr_error
stream_post(struct tx * tx, struct posting * p)
{
	struct standing s;
	enum sr_error err;
	bool again;

	if ((err = lock(p->log.db, &p->log.run.id, p->w->stream, &s)) != SR_OK)
		return (err);
	p->out.next_chunk = s.next_chunk;
	again = p->repeated;
	err = again ? SR_OK : in_order(p, &s, &again);
	if (err == SR_OK && again && !p->repeated) {
		p->out.seq = p->log.last_seq;
	} else if (err == SR_OK && !again) {
		err = take_chunk(tx, p, &s);
		if (err == SR_OK)
			p->out.next_chunk++;
	}
	standing_free(&s);
	return (err);
}

/** stream_fail(p): it takes nothing more, and what was held back is gone. */
void
stream_fail(struct posting * p)
{
	enum sr_error err;

	err = db_exec(p->store->db, STMT_STREAM_FAIL,
	    DB_ARGS(DB_UUID(&p->w->run_id), DB_TEXT(p->w->stream),
	    DB_UUID(&p->log.post_id)), NULL);
	if (err != SR_OK)
		(void)sr_fail(err, log_id("run_id", p->w->run_id));
}

/** stream_end(log, store, stream, hits, cause): as if its sender had. */
enum sr_error
stream_end(struct event_log * log, const struct store * store,
    const char * stream, struct redact_hits * hits, enum redact_cause * cause)
{
	struct passing pass = { .store = store, .place = {
	    .run_id = log->run.id, .stream = stream }, .end = true };
	struct event_row row = { .type = "output" };
	struct standing s;
	enum sr_error err;

	*hits = (struct redact_hits){ .known = 0 };
	if ((err = lock(log->db, &log->run.id, stream, &s)) != SR_OK)
		return (err);
	if (s.found && s.state == STREAM_OPEN) {
		pass.place.chunk = s.next_chunk;
		if ((err = pass_with(&pass, log, &s)) == SR_OK &&
		    (err = write_events(log, &row, &pass)) == SR_OK)
			err = write_standing(log, store, &pass, s.next_chunk);
		*hits = pass.hits;
		*cause = pass.cause;
	}
	passing_free(&pass);
	standing_free(&s);
	return (err);
}
