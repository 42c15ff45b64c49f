/* What a run said: its steps, its events, and its output as text. */

#include <jansson.h>

#include "cgi/exchange.h"
#include "cgi/terminal.h"
#include "cgi/view_run.h"
#include "core/runs/step.h"

#define EVENTS_A_PAGE	200
#define STEPS_A_PAGE	200
#define STREAMS_A_PAGE	8
#define PAYLOAD_SHOWN	((size_t)2048)
#define OUTPUT_SHOWN	((size_t)64 * 1024)

static enum sr_error
step_row(const struct run_step * step, void * cookie)
{
	struct page * page = cookie;
	sr_time end = step->ended_at;

	page_begin(page, "step");
	page_text(page, "step-name", step->name);
	page_constant(page, "state", end == SR_TIME_NONE ? "running" :
	    step->failed ? "failed" : "completed");
	page_time(page, "started-at", step->started_at);
	page_time(page, "ended-at", end);
	if (end == SR_TIME_NONE)
		end = clock_now();
	if (step->started_at != SR_TIME_NONE && end >= step->started_at)
		page_u64(page, "milliseconds", (uint64_t)((end -
		    step->started_at) / (SR_SECOND / 1000)));
	page_end(page);
	return (SR_OK);
}

enum sr_error
view_run_steps(struct exchange * x, struct page * page, const struct run * run)
{
	enum sr_error err;

	page_begin(page, "steps");
	err = run_steps(x->store.db, &run->id, STEPS_A_PAGE, step_row, page);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

/* The text of the streams of the events at hand, the newest of it. */
struct output {
	char name[EVENT_STREAM_MAX + 1];
	struct strbuf text;
};

struct events {
	struct page * page;
	uint64_t first, last;	/* 0: none so far. */
	unsigned n;
	struct output output[STREAMS_A_PAGE];
	size_t streams;
};

static struct output *
output_of(struct events * e, const char * stream)
{
	struct output * o;
	size_t i;

	for (i = 0; i < e->streams; i++) {
		if (strcmp(e->output[i].name, stream) == 0)
			return (&e->output[i]);
	}
	if (e->streams == COUNTOF(e->output))
		return (NULL);
	o = &e->output[e->streams++];
	(void)snprintf(o->name, sizeof(o->name), "%s", stream);
	strbuf_init(&o->text, EVENTS_A_PAGE * 2 * EVENT_CHUNK_MAX);
	return (o);
}

static void
add_output(struct events * e, const struct event * event)
{
	struct output * o = output_of(e, event->stream);
	json_t * payload;
	const json_t * chunk;

	if (o == NULL)
		return;
	payload = json_loads(event->payload, JSON_ALLOW_NUL, NULL);
	chunk = json_object_get(payload, "chunk");
	if (json_is_string(chunk))
		strbuf_add(&o->text, json_string_value(chunk),
		    json_string_length(chunk));
	json_decref(payload);
}

static enum sr_error
event_row(const struct event * event, void * cookie)
{
	struct events * e = cookie;
	struct page * page = e->page;

	if (e->n++ == 0)
		e->first = event->seq;
	e->last = event->seq;
	page_begin(page, "event");
	page_u64(page, "seq", event->seq);
	page_name(page, "type", event->type);
	page_text(page, "step-name", event->step);
	page_name(page, "stream", event->stream);
	page_name(page, "correlation-id", event->correlation_id);
	page_time(page, "at", event->occurred_at);
	page_u64(page, "masked", event->known + event->rules);
	page_excerpt(page, "payload", event->payload, PAYLOAD_SHOWN);
	page_end(page);
	if (event->stream[0] != '\0')
		add_output(e, event);
	return (SR_OK);
}

static void
output_row(struct page * page, const struct output * o)
{
	struct strbuf text;
	const char * p;

	strbuf_init(&text, o->text.max);
	terminal_text(strbuf_str(&o->text), o->text.len, &text);
	p = strbuf_str(&text);
	page_begin(page, "stream");
	page_name(page, "stream-name", o->name);
	page_yes(page, "cut", text.len > OUTPUT_SHOWN);
	page_tail(page, "text", p, OUTPUT_SHOWN);
	page_end(page);
	strbuf_free(&text);
}

static void
outputs(struct events * e)
{

	page_begin(e->page, "output");
	for (size_t i = 0; i < e->streams; i++) {
		output_row(e->page, &e->output[i]);
		strbuf_free(&e->output[i].text);
	}
	page_end(e->page);
}

enum sr_error
view_run_events(struct exchange * x, struct page * page,
    const struct run * run, uint64_t before)
{
	struct events e = { .page = page };
	uint64_t newest = 0, after = 0, end;
	enum sr_error err;

	page_begin(page, "events");
	err = run_last_seq(x->store.db, &run->id, &newest);
	end = before == 0 || before > newest ? newest : before - 1;
	if (end > EVENTS_A_PAGE)
		after = end - EVENTS_A_PAGE;
	page_u64(page, "newest", newest);
	page_yes(page, "latest", end == newest);
	if (err == SR_OK && end > 0)
		err = event_list(x->store.db, &run->id, after,
		    (unsigned)(end - after), event_row, &e);
	if (e.first > 1)
		page_u64(page, "older", e.first);
	page_u64(page, "last", e.last);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	outputs(&e);
	return (err);
}
