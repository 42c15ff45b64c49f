/* Events of runs: /api/v1/runs/:id/events */

#include "cgi/api.h"
#include "core/base/config.h"
#include "core/runs/event.h"
#include "core/runs/run_alert.h"

/* So much of payloads is in one answer, unless the first alone is more. */
#define PAYLOADS_MAX	((size_t)256 * 1024)

static const char *
topic(const struct exchange * x, const struct run * r,
    char out[EVENT_TOPIC_MAX + 1])
{

	event_topic(config_text(x->worker->config, CFG_RUN_TOPIC), &r->id,
	    out);
	return (out);
}

/* A number of digits; false for anything else. */
static bool
number(const char * text, size_t len, uint64_t * out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || n > INT64_MAX / 10 - 1)
			return (false);
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	*out = n;
	return (len > 0);
}

/* What a payload says that is a chunk of a stream. */
static enum sr_error
take_member(const char * name, size_t name_len, enum member_kind kind,
    const char * value, size_t value_len, void * cookie)
{
	struct event_write * w = cookie;

	if (name_len == 5 && strncmp(name, "chunk", 5) == 0 &&
	    kind == MEMBER_TEXT && w->chunk == NULL) {
		w->chunk = value;
		w->chunk_len = value_len;
		return (SR_OK);
	}
	if (name_len == 1 && *name == 'n' && kind == MEMBER_NUMBER &&
	    !w->numbered) {
		w->numbered = true;
		return (number(value, value_len, &w->n) ? SR_OK :
		    SR_E_EVENT_INVALID);
	}
	if (name_len == 3 && strncmp(name, "end", 3) == 0 &&
	    kind == MEMBER_BOOLEAN) {
		w->end = *value == 't';
		return (SR_OK);
	}
	if (name_len == 7 && strncmp(name, "discard", 7) == 0 &&
	    kind == MEMBER_BOOLEAN) {
		w->discard = *value == 't';
		return (SR_OK);
	}
	return (SR_E_EVENT_INVALID);
}

static enum sr_error
read_write(struct exchange * x, struct event_write * w)
{
	enum sr_error err;

	w->type = form_text(x->form, FIELD_API_EVENT_TYPE);
	w->step = form_text(x->form, FIELD_API_EVENT_STEP);
	w->correlation_id = form_text(x->form, FIELD_API_EVENT_CORRELATION);
	if (!form_has(x->form, FIELD_API_EVENT_STREAM)) {
		if (form_has(x->form, FIELD_API_EVENT_PAYLOAD))
			w->payload = form_text(x->form,
			    FIELD_API_EVENT_PAYLOAD);
		w->payload_len = w->payload == NULL ? 0 : strlen(w->payload);
		return (SR_OK);
	}
	w->stream = form_text(x->form, FIELD_API_EVENT_STREAM);
	err = form_json_walk(x->form, FIELD_API_EVENT_PAYLOAD, take_member, w);
	if (err != SR_OK)
		x->complaint.field = "payload";
	return (err == SR_E_BODY_MALFORMED ? SR_E_EVENT_PAYLOAD_MALFORMED :
	    err);
}

static enum sr_error
answer(struct exchange * x, const struct run * r,
    const struct event_written * out)
{
	char name[EVENT_TOPIC_MAX + 1];
	struct doc d;

	doc_new(&d, x, "posted");
	doc_name(&d, "topic", topic(x, r, name));
	doc_id(&d, "run", &r->id);
	doc_u64(&d, "seq", out->seq);
	doc_u64(&d, "events", out->events);
	doc_u64(&d, "next_chunk", out->next_chunk);
	doc_u64(&d, "masked_known", out->hits.known);
	doc_u64(&d, "masked_rules", out->hits.rules);
	return (doc_send(&d, 201, SR_OK));
}

enum sr_error
h_api_event_post(struct exchange * x)
{
	struct event_write write = { .type = "" };
	struct event_written out;
	struct run r;
	enum sr_error err, beaten;

	if ((err = api_run(x, &r)) != SR_OK ||
	    (err = read_write(x, &write)) != SR_OK)
		return (err);
	write.run_id = r.id;
	write.idempotency_key = x->request.idempotency_key;
	err = event_post(&x->store, &x->actor, &write, api_lease_minutes(x),
	    &x->complaint, &out);
	if (err == SR_E_EVENT_CHUNK_OUT_OF_ORDER) {
		x->has_next_chunk = true;
		x->next_chunk = out.next_chunk;
	}
	/* Whose events are not kept any more lives all the same. */
	if ((err == SR_E_RUN_EVENTS_LIMIT_REACHED ||
	    err == SR_E_RUN_STREAMS_LIMIT_REACHED) &&
	    (beaten = api_run_beat(x, &r)) != SR_OK)
		return (beaten);
	return (err == SR_OK ? answer(x, &r, &out) : err);
}

struct listing {
	struct doc d;
	struct exchange * x;
	struct run_reader reader;
	unsigned left;
	size_t bytes;
	uint64_t last;
	bool more;
	bool bare;		/* Without payloads and steps. */
};

static void
doc_event(struct doc * d, const struct event * e, const struct redacted * t)
{

	doc_begin(d, "event");
	doc_id(d, "run", &e->run_id);
	doc_u64(d, "seq", e->seq);
	doc_name(d, "type", e->type);
	doc_text(d, "step", t == NULL ? "" : e->step);
	doc_name(d, "stream", e->stream);
	doc_name(d, "correlation_id", e->correlation_id);
	doc_time(d, "occurred_at", e->occurred_at);
	doc_text(d, "workflow_name", e->workflow_name);
	doc_text(d, "workflow_version", e->workflow_version);
	doc_u64(d, "masked_known", e->known);
	doc_u64(d, "masked_rules", e->rules);
	doc_json(d, "payload", t);
	doc_end(d);
}

/* What is known by now is masked in what was stored before it was, too. */
static enum sr_error
list_event(const struct event * e, void * cookie)
{
	struct listing * l = cookie;
	struct redacted * t = NULL;
	size_t len = strlen(e->payload);

	l->more = l->more || l->left == 0 ||
	    (l->last != 0 && l->bytes + len > PAYLOADS_MAX);
	if (l->more)
		return (SR_OK);
	if (l->bare || event_payload(l->x->worker->redact, REDACT_UI,
	    &l->reader.reader, e->payload, NULL, &t) != SR_OK)
		t = NULL;
	doc_event(&l->d, e, t);
	redacted_free(&t);
	l->left--;
	l->bytes += len;
	l->last = e->seq;
	return (SR_OK);
}

static enum sr_error
list(struct exchange * x, const struct run * r, uint64_t after,
    struct listing * l)
{
	char name[EVENT_TOPIC_MAX + 1];
	enum sr_error err;

	if ((err = run_reader_of(x->store.db, &r->project_id, &l->reader)) !=
	    SR_OK)
		return (err);
	doc_new(&l->d, x, "list");
	doc_name(&l->d, "topic", topic(x, r, name));
	doc_array(&l->d, "items");
	err = event_list(x->store.db, &r->id, after, l->left + 1, list_event,
	    l);
	run_reader_end(&l->reader);
	doc_end(&l->d);
	if (l->more)
		doc_u64(&l->d, "next", l->last);
	else
		doc_constant(&l->d, "next", "");
	return (doc_send(&l->d, 200, err));
}

enum sr_error
h_api_event_list(struct exchange * x)
{
	const char * text = form_text(x->form, FIELD_API_EVENT_AFTER);
	struct listing l = { .x = x }, bare;
	uint64_t after = 0;
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK ||
	    (err = api_limit(x, FIELD_API_EVENT_LIMIT, &l.left)) != SR_OK)
		return (err);
	if (form_has(x->form, FIELD_API_EVENT_AFTER) &&
	    !number(text, strlen(text), &after)) {
		x->complaint.field = "after";
		return (SR_E_CURSOR_INVALID);
	}
	bare = l;
	bare.bare = true;
	err = list(x, &r, after, &l);
	/* What is harmless in each may not be in all together; nobody shall be
	 * kept from the rest by it. */
	if (err == SR_E_UI_REDACTION_FAILED)
		err = list(x, &r, after, &bare);
	return (err);
}
