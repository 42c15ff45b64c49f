/* The way of an artifact's bytes through the gate, up and down alike. */

#include <string.h>

#include "core/runs/artifact_internal.h"

/* Sooner than this nothing is known to have changed. */
static enum sr_error
know(struct artifact_pass * p)
{
	enum sr_error err;

	if (p->known_at != 0 &&
	    clock_monotonic_ms() - p->known_at < ARTIFACT_KNOW_MS)
		return (SR_OK);
	/* Whatever else it is, the gate says so itself. */
	err = runs_know(p->store);
	p->known_at = clock_monotonic_ms();
	return (err == SR_E_DATABASE_UNAVAILABLE ? SR_E_RUN_UNAVAILABLE :
	    SR_OK);
}

/** pass_open(p, store, project_id, form, fn, cookie). */
enum sr_error
pass_open(struct artifact_pass * p, const struct store * store,
    const struct sr_id * project_id, enum artifact_form form,
    artifact_piece_fn * fn, void * cookie)
{
	struct redact_stream_options options = { .rules_only = false };
	enum sr_error err;

	*p = (struct artifact_pass){ .store = store, .form = form, .fn = fn,
	    .cookie = cookie };
	strbuf_init(&p->json, REDACT_TEXT_MAX);
	if ((err = run_reader_of(store->db, project_id, &p->reader)) != SR_OK)
		return (err);
	options.reader = &p->reader.reader;
	if (form == ARTIFACT_JSON)
		return (SR_OK);
	if ((err = artifact_wide_open(store->redact, &p->wide)) != SR_OK)
		return (err);
	return (redact_open(store->redact, REDACT_ARTIFACT, &options,
	    &p->stream));
}

/** pass_close(p): release. */
void
pass_close(struct artifact_pass * p)
{

	redact_stream_free(&p->stream);
	artifact_wide_close(&p->wide);
	strbuf_free(&p->json);
	run_reader_end(&p->reader);
}

/* A piece that passed; what is no text may not have been changed. */
static enum sr_error
hand_on(struct artifact_pass * p, struct redacted * t)
{
	enum sr_error err;

	p->hits = redact_stream_hits(p->stream);
	if (p->form == ARTIFACT_BINARY && p->hits.known + p->hits.rules != 0)
		return (SR_E_ARTIFACT_UNSAFE);
	if (redacted_len(t) == 0)
		return (SR_OK);
	if ((err = artifact_wide_feed(p->wide, redacted_bytes(t),
	    redacted_len(t))) != SR_OK)
		return (err);
	return (p->fn(t, p->cookie));
}

static enum sr_error
feed_piece(struct artifact_pass * p, const char * bytes, size_t len)
{
	struct redacted * t = NULL;
	enum sr_error err;

	if ((err = know(p)) != SR_OK)
		return (err);
	if (p->form == ARTIFACT_JSON) {
		strbuf_add(&p->json, bytes, len);
		err = strbuf_status(&p->json);
		return (err == SR_E_LIMIT_EXCEEDED ?
		    SR_E_ARTIFACT_JSON_TOO_LARGE : err);
	}
	if ((err = redact_feed(p->stream, bytes, len, &t)) == SR_OK)
		err = hand_on(p, t);
	redacted_free(&t);
	return (err);
}

/** pass_feed(p, bytes, len): the next bytes. */
enum sr_error
pass_feed(struct artifact_pass * p, const char * bytes, size_t len)
{
	enum sr_error err = SR_OK;
	size_t at, n;

	for (at = 0; err == SR_OK && at < len; at += n) {
		n = len - at;
		if (n > ARTIFACT_PIECE)
			n = ARTIFACT_PIECE;
		err = feed_piece(p, &bytes[at], n);
	}
	return (err);
}

/* A tree that is too deep or has too many values is no failure of the gate. */
static enum sr_error
json_error(enum sr_error err)
{

	if (err == SR_E_INPUT_MALFORMED)
		return (SR_E_ARTIFACT_MALFORMED);
	if (err == SR_E_CHANNEL_REDACTION_FAILED &&
	    redact_last_cause() == REDACT_CAUSE_LIMIT)
		return (SR_E_ARTIFACT_JSON_TOO_LARGE);
	return (err);
}

static enum sr_error
finish_json(struct artifact_pass * p)
{
	struct redacted * t = NULL;
	enum sr_error err;

	err = redact_json_for(p->store->redact, REDACT_ARTIFACT,
	    &p->reader.reader, NULL, strbuf_str(&p->json), p->json.len, NULL,
	    &p->hits, &t);
	if (err != SR_OK)
		return (json_error(err));
	err = p->fn(t, p->cookie);
	redacted_free(&t);
	return (err);
}

/** pass_finish(p): the end. */
enum sr_error
pass_finish(struct artifact_pass * p)
{
	struct redacted * t = NULL;
	enum sr_error err;

	if ((err = know(p)) != SR_OK)
		return (err);
	if (p->form == ARTIFACT_JSON)
		return (finish_json(p));
	if ((err = redact_finish(p->stream, &t)) == SR_OK)
		err = hand_on(p, t);
	redacted_free(&t);
	return (err == SR_OK ? artifact_wide_finish(p->wide) : err);
}
