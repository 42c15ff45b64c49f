/*
 * From the database to the queues. Listeners that have all that was read of
 * their run are live, and one query reads on for all of these; one that comes
 * later, or whose queue was full, catches up page by page before it is.
 */

#include <string.h>

#include "cgi/sse_internal.h"
#include "cgi/worker.h"
#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/runs/run_alert.h"
#include "core/vault/liveset.h"

#define LIVE_ROWS	256u
#define PAGE_ROWS	128u
/* So much of payloads is read at once. */
#define READ_BYTES_MAX	((size_t)1024 * 1024)
#define SYSTEM_LABEL	"listeners"

struct reading {
	struct sse_hub * h;
	struct sse_topic * topic;	/* Of the row before. */
	bool live;
	uint64_t from;			/* If not. */
	unsigned rows;
	size_t bytes;
	bool cut;
};

static bool
takes(const struct reading * r, const struct sse_listener * l,
    const struct event * e)
{

	return (l->topic == r->topic && sse_here(l) && !l->full &&
	    l->live == r->live && e->seq > l->request.after &&
	    (r->live || l->request.after >= r->from));
}

/*
 * A text that the gate will not let through is told of in its place; a gate
 * that cannot look at all is waited for.
 */
static enum sr_error
make_frame(struct sse_hub * h, const struct event * e,
    struct sse_frame ** out)
{
	enum sr_error err = sse_text_event(h, e, out);

	if (err == SR_OK || err == SR_E_OUT_OF_MEMORY ||
	    redact_state(h->worker->redact) != REDACT_READY ||
	    redact_last_cause() == REDACT_CAUSE_MEMORY)
		return (err);
	LOG(EVENT_WITHHELD, log_error(SR_E_CHANNEL_REDACTION_FAILED),
	    log_id("run_id", e->run_id), log_u64("seq", e->seq));
	h->withheld = true;
	h->withheld_of = e->run_id;
	return (sse_text_withheld(e, out));
}

static enum sr_error
give(const struct reading * r, const struct event * e)
{
	struct sse_frame * f = NULL;
	enum sr_error err;

	for (struct sse_listener * l = r->h->listeners; l != NULL;
	    l = l->next) {
		if (!takes(r, l, e))
			continue;
		if (!sse_room(l)) {
			l->full = true;
			l->live = false;
			continue;
		}
		if (f == NULL && (err = make_frame(r->h, e, &f)) != SR_OK)
			return (err);
		sse_put(l, f);
		l->request.after = e->seq;
	}
	sse_frame_done(f);
	return (SR_OK);
}

static enum sr_error
event_row(const struct event * e, void * cookie)
{
	struct reading * r = cookie;
	enum sr_error err;

	if (r->topic == NULL || !sr_id_equal(&r->topic->run_id, &e->run_id))
		r->topic = sse_topic_of(r->h, &e->run_id);
	if (r->topic == NULL)
		return (SR_OK);
	if ((err = give(r, e)) != SR_OK)
		return (err);
	if (r->live)
		r->topic->head = e->seq;
	r->rows++;
	r->bytes += strlen(e->payload);
	r->cut = r->bytes >= READ_BYTES_MAX;
	return (r->cut ? SR_E_LIMIT_EXCEEDED : SR_OK);
}

/*
 * All that there was when the heads were asked for has been read: what of it
 * did not come was deleted, and is not waited for.
 */
static void
all_read(struct sse_hub * h, const struct reading * r)
{
	struct sse_listener * l;

	for (struct sse_topic * t = h->topics; r->live && t != NULL;
	    t = t->next)
		if (t->there && t->live > 0 && t->head < t->at.last_seq)
			t->head = t->at.last_seq;
	for (l = h->listeners; l != NULL; l = l->next)
		if (l->live == r->live && !l->full && sse_behind(l) &&
		    (r->live || (l->topic == r->topic &&
		    l->request.after >= r->from)))
			l->request.after = l->topic->at.last_seq;
}

static enum sr_error
read_live(struct sse_hub * h)
{
	struct event_watch watches[SSE_PLACES_MAX];
	struct reading r = { .h = h, .live = true };
	enum sr_error err;
	size_t n = 0;

	for (struct sse_topic * t = h->topics; t != NULL; t = t->next)
		if (t->there && t->live > 0 && t->head < t->at.last_seq)
			watches[n++] = (struct event_watch){
			    .run_id = t->run_id, .after = t->head };
	if (n == 0)
		return (SR_OK);
	err = event_poll(h->store.db, watches, n, LIVE_ROWS, event_row, &r);
	if (r.cut || (err == SR_OK && r.rows == LIVE_ROWS)) {
		h->more = true;
		return (SR_OK);
	}
	if (err == SR_OK)
		all_read(h, &r);
	return (err);
}

static bool
catches_up(const struct sse_listener * l, const struct sse_topic * t)
{

	return (l->topic == t && !l->live && sse_behind(l) && sse_room(l));
}

/*
 * Whose turn it is: who has waited longest, of those the one that is least far,
 * since the others get theirs out of the same page. So nobody who begins again
 * and again keeps others from going on.
 */
static struct sse_listener *
next_to_serve(const struct sse_hub * h, const struct sse_topic * t)
{
	struct sse_listener * next = NULL;

	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next) {
		if (catches_up(l, t) && (next == NULL ||
		    l->served < next->served || (l->served == next->served &&
		    l->request.after < next->request.after)))
			next = l;
	}
	return (next);
}

/* A run's next page, for those who are behind. */
static enum sr_error
read_page(struct sse_hub * h, struct sse_topic * t)
{
	const struct sse_listener * next = next_to_serve(h, t);
	struct reading r = { .h = h };
	struct sse_listener * l;
	enum sr_error err;

	if (next == NULL)
		return (SR_OK);
	r.from = next->request.after;
	for (l = h->listeners; l != NULL; l = l->next)
		if (catches_up(l, t) && l->request.after >= r.from)
			l->served = h->looks;
	err = event_list(h->store.db, &t->run_id, r.from, PAGE_ROWS, event_row,
	    &r);
	h->more = true;
	if (r.cut || (err == SR_OK && r.rows == PAGE_ROWS))
		return (SR_OK);
	r.topic = t;
	if (err == SR_OK)
		all_read(h, &r);
	return (err);
}

/* People see it on the run's page; a row of it once in a while is enough. */
static void
raise_alert(struct sse_hub * h)
{
	struct actor actor = { .kind = ACTOR_SYSTEM, .label = SYSTEM_LABEL };
	struct run run;

	if (h->withheld && sr_id_new(&actor.correlation_id) == SR_OK &&
	    run_show(h->store.db, &h->withheld_of, &run) == SR_OK)
		run_alert_raise(&h->store, &actor, &run,
		    RUN_ALERT_CHANNEL_REFUSED, REDACT_PUBSUB);
	h->withheld = false;
}

enum sr_error
sse_read(struct sse_hub * h)
{
	enum sr_error err;

	err = liveset_refresh(h->worker->live, &h->store);
	if (err == SR_E_DATABASE_UNAVAILABLE)
		return (err);
	if (err != SR_OK || redact_state(h->worker->redact) != REDACT_READY)
		return (SR_E_CHANNEL_REDACTION_FAILED);
	err = read_live(h);
	for (struct sse_topic * t = h->topics; t != NULL && err == SR_OK;
	    t = t->next)
		err = read_page(h, t);
	raise_alert(h);
	return (err);
}
