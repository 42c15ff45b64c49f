/*
 * The frames of an event stream (HTML, 9.2). A line end within a frame would
 * begin another field: JSON texts have none but as white space between values,
 * and that becomes a blank before the gate looks.
 */

#include <stdlib.h>
#include <string.h>

#include "cgi/sse_internal.h"
#include "cgi/worker.h"
#include "core/base/config.h"
#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/redact/compose.h"

#define RETRY_MS	2000
#define SAID_MAX	((size_t)4096)		/* Of our own frames. */
#define FRAME_MAX	((size_t)2 * 1024 * 1024)
#define PAYLOAD_MAX	((size_t)1024 * 1024)

static enum sr_error
finish(struct compose ** c, struct sse_frame ** out)
{
	struct redacted * text = NULL;
	enum sr_error err;

	*out = NULL;
	if ((err = compose_finish(c, &text)) != SR_OK)
		return (err);
	return (sse_frame_new(&text, out));
}

enum sr_error
sse_text_greeting(uint64_t after, struct sse_frame ** out)
{
	struct compose * c = NULL;
	enum sr_error err;

	*out = NULL;
	if ((err = compose_new(NULL, REDACT_PUBSUB, SAID_MAX, &c)) != SR_OK)
		return (err);
	compose_lit(c, "retry: ");
	compose_u64(c, RETRY_MS);
	compose_lit(c, "\nid: ");
	compose_u64(c, after);
	compose_lit(c, "\n\n");
	return (finish(&c, out));
}

enum sr_error
sse_text_beat(struct sse_frame ** out)
{
	struct compose * c = NULL;
	enum sr_error err;

	*out = NULL;
	if ((err = compose_new(NULL, REDACT_PUBSUB, SAID_MAX, &c)) != SR_OK)
		return (err);
	compose_lit(c, ": beat\n\n");
	return (finish(&c, out));
}

/* As a problem document has it; ${seq} 0: not about an event. */
static enum sr_error
error_frame(enum sr_error error, uint64_t seq, struct sse_frame ** out)
{
	const struct sr_error_row * row = sr_error_row(error);
	struct compose * c = NULL;
	enum sr_error err;

	*out = NULL;
	if ((err = compose_new(NULL, REDACT_PUBSUB, SAID_MAX, &c)) != SR_OK)
		return (err);
	if (seq > 0) {
		compose_lit(c, "id: ");
		compose_u64(c, seq);
		compose_lit(c, "\n");
	}
	compose_lit(c, "event: error\ndata: {\"error_type\":\"");
	compose_constant(c, sr_error_name(error));
	compose_lit(c, "\",\"seq\":");
	if (seq > 0)
		compose_u64(c, seq);
	else
		compose_lit(c, "null");
	compose_lit(c, ",\"title\":\"");
	compose_constant(c, row->title);
	compose_lit(c, "\",\"remediation\":\"");
	compose_constant(c, row->remedy);
	compose_lit(c, "\"}\n\n");
	return (finish(&c, out));
}

enum sr_error
sse_text_error(enum sr_error error, struct sse_frame ** out)
{

	return (error_frame(error, 0, out));
}

enum sr_error
sse_text_withheld(const struct event * e, struct sse_frame ** out)
{

	return (error_frame(SR_E_CHANNEL_REDACTION_FAILED, e->seq, out));
}

enum sr_error
sse_text_resumed(struct sse_frame ** out)
{
	struct compose * c = NULL;
	enum sr_error err;

	*out = NULL;
	if ((err = compose_new(NULL, REDACT_PUBSUB, SAID_MAX, &c)) != SR_OK)
		return (err);
	compose_lit(c, "event: resumed\ndata: {}\n\n");
	return (finish(&c, out));
}

enum sr_error
sse_text_end(const struct run_head * at, struct sse_frame ** out)
{
	struct compose * c = NULL;
	enum sr_error err;

	*out = NULL;
	if ((err = compose_new(NULL, REDACT_PUBSUB, SAID_MAX, &c)) != SR_OK)
		return (err);
	compose_lit(c, "event: end\ndata: {\"run_id\":\"");
	compose_id(c, &at->id);
	compose_lit(c, "\",\"status\":\"");
	compose_constant(c, run_status_name(at->status));
	compose_lit(c, "\",\"seq\":");
	compose_u64(c, at->last_seq);
	compose_lit(c, "}\n\n");
	return (finish(&c, out));
}

/*
 * The payload in one line, through the gate. It is shared by whoever listens,
 * so what became known since it was stored is masked without its name.
 */
static enum sr_error
payload(const struct sse_hub * h, const struct event * e,
    struct redacted ** out)
{
	static const struct redact_reader nobody = { NULL, 0 };
	struct strbuf b;
	enum sr_error err;

	strbuf_init(&b, PAYLOAD_MAX);
	strbuf_puts(&b, e->payload);
	if ((err = strbuf_status(&b)) == SR_OK) {
		for (size_t i = 0; i < b.len; i++)
			if (b.p[i] == '\n' || b.p[i] == '\r')
				b.p[i] = ' ';
		err = event_payload(h->worker->redact, REDACT_PUBSUB, &nobody,
		    b.p, NULL, out);
	}
	strbuf_free(&b);
	return (err);
}

/* A name of narrow grammar, or null. */
static void
name(struct compose * c, const char * value)
{

	if (value[0] == '\0') {
		compose_lit(c, "null");
		return;
	}
	compose_lit(c, "\"");
	compose_name(c, value);
	compose_lit(c, "\"");
}

static void
text(struct compose * c, const char * value)
{

	if (value[0] == '\0') {
		compose_lit(c, "null");
		return;
	}
	compose_lit(c, "\"");
	compose_json_text(c, value, strlen(value));
	compose_lit(c, "\"");
}

static void
topic(struct compose * c, const struct sse_hub * h, const struct sr_id * run)
{
	char name_of[EVENT_TOPIC_MAX + 1];

	event_topic(config_text(h->worker->config, CFG_RUN_TOPIC), run,
	    name_of);
	text(c, name_of);
}

/* Whether a listener would take it for something that the hub says. */
static bool
ours(const char * type)
{
	static const char * const names[] = { "error", "resumed", "end",
	    "open", "message" };

	for (size_t i = 0; i < COUNTOF(names); i++)
		if (strcmp(names[i], type) == 0)
			return (true);
	return (false);
}

static void
head(struct compose * c, const struct event * e)
{

	compose_lit(c, "id: ");
	compose_u64(c, e->seq);
	if (!ours(e->type)) {
		compose_lit(c, "\nevent: ");
		compose_name(c, e->type);
	}
	compose_lit(c, "\ndata: {\"run_id\":\"");
	compose_id(c, &e->run_id);
	compose_lit(c, "\",\"seq\":");
	compose_u64(c, e->seq);
	compose_lit(c, ",\"type\":");
	name(c, e->type);
	compose_lit(c, ",\"step\":");
	text(c, e->step);
	compose_lit(c, ",\"stream\":");
	name(c, e->stream);
	compose_lit(c, ",\"correlation_id\":");
	name(c, e->correlation_id);
}

static void
tail(struct compose * c, const struct sse_hub * h, const struct event * e,
    const struct redacted * p)
{

	compose_lit(c, ",\"workflow_name\":");
	text(c, e->workflow_name);
	compose_lit(c, ",\"workflow_version\":");
	text(c, e->workflow_version);
	compose_lit(c, ",\"topic\":");
	topic(c, h, &e->run_id);
	compose_lit(c, ",\"occurred_at\":\"");
	compose_time(c, e->occurred_at);
	compose_lit(c, "\",\"masked\":");
	compose_u64(c, e->known + e->rules);
	compose_lit(c, ",\"payload\":");
	compose_redacted(c, p);
	compose_lit(c, "}\n\n");
}

/* Parts that are harmless alone may not be so together: looked at again. */
static enum sr_error
vouch(struct compose ** c, struct redacted ** out)
{

	if (compose_withheld(*c) != REDACT_CAUSE_NONE) {
		compose_free(c);
		return (SR_E_CHANNEL_REDACTION_FAILED);
	}
	return (compose_finish_scanned(c, NULL, out));
}

enum sr_error
sse_text_event(const struct sse_hub * h, const struct event * e,
    struct sse_frame ** out)
{
	struct redacted * p = NULL;
	struct redacted * t = NULL;
	struct compose * c = NULL;
	enum sr_error err;

	*out = NULL;
	if ((err = payload(h, e, &p)) != SR_OK)
		return (err);
	err = compose_new(h->worker->redact, REDACT_PUBSUB, FRAME_MAX, &c);
	if (err == SR_OK) {
		head(c, e);
		tail(c, h, e, p);
		err = vouch(&c, &t);
	}
	redacted_free(&p);
	return (err == SR_OK ? sse_frame_new(&t, out) : err);
}
