/*
 * From the database to the queues. Listeners that have all that was read of
 * their run are live, and one query reads on for all of these; one that comes
 * later, or whose queue was full, catches up page by page before it is.
 */

#include <stdlib.h>

#include "cgi/ready.h"
#include "cgi/sse_internal.h"
#include "cgi/worker.h"
#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/vault/liveset.h"

#define LIVE_ROWS	256u
#define PAGE_ROWS	128u
/* So much of payloads is read at once. */
#define READ_BYTES_MAX	((size_t)1024 * 1024)

static struct sse_topic *
find(const struct sse_hub * h, const struct sr_id * run_id)
{
	struct sse_topic * t = h->topics;

	while (t != NULL && !sr_id_equal(&t->run_id, run_id))
		t = t->next;
	return (t);
}

enum sr_error
sse_join(struct sse_hub * h, struct sse_listener * l)
{
	struct sse_topic * t = find(h, &l->request.run_id);

	if (t == NULL) {
		if ((t = calloc(1, sizeof(*t))) == NULL)
			return (SR_E_OUT_OF_MEMORY);
		t->run_id = l->request.run_id;
		t->next = h->topics;
		h->topics = t;
	}
	t->listeners++;
	l->topic = t;
	return (SR_OK);
}

void
sse_part(struct sse_hub * h, struct sse_listener * l)
{
	struct sse_topic ** at = &h->topics;
	struct sse_topic * t = l->topic;

	l->topic = NULL;
	if (t == NULL || --t->listeners > 0)
		return;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t);
}

void
sse_say(struct sse_listener * l, enum sr_error err, struct sse_frame * f)
{

	if (err == SR_OK)
		sse_put(l, f);
	else
		sse_drop(l, SSE_FAILED);
	sse_frame_done(f);
}

void
sse_tell(struct sse_listener * l, enum sr_error error)
{
	struct sse_frame * f = NULL;
	enum sr_error err;

	/* One that is full learns it when it has room: it is not told yet. */
	if (l->told == error || !sse_room(l))
		return;
	l->told = error;
	err = error == SR_OK ? sse_text_resumed(&f) : sse_text_error(error, &f);
	sse_say(l, err, f);
}

/* --- What there is -------------------------------------------------------- */

static enum sr_error
head_row(const struct run_head * head, void * cookie)
{
	struct sse_topic * t = find(cookie, &head->id);

	if (t != NULL) {
		t->at = *head;
		t->there = true;
	}
	return (SR_OK);
}

static enum sr_error
ask_heads(struct sse_hub * h)
{
	struct sr_id ids[SSE_PLACES_MAX];
	size_t n = 0;

	for (struct sse_topic * t = h->topics; t != NULL; t = t->next) {
		must(n < SSE_PLACES_MAX);
		t->there = false;
		ids[n++] = t->run_id;
	}
	return (run_heads(h->store.db, ids, n, head_row, h));
}

static bool
behind(const struct sse_listener * l)
{

	return (l->topic->there && l->request.after < l->topic->at.last_seq);
}

/* Who is live now, and whether somebody wants what there is. */
static bool
settle(struct sse_hub * h)
{
	struct sse_listener * l;
	bool news = false;

	for (struct sse_topic * t = h->topics; t != NULL; t = t->next)
		t->live = 0;
	for (l = h->listeners; l != NULL; l = l->next)
		l->topic->live += l->live && sse_here(l) ? 1 : 0;
	for (l = h->listeners; l != NULL; l = l->next) {
		l->full = false;
		if (!l->topic->there || !sse_here(l))
			continue;
		news = news || (behind(l) && sse_room(l));
		if (l->live || behind(l))
			continue;
		l->live = true;
		if (l->topic->live++ == 0)
			l->topic->head = l->topic->at.last_seq;
	}
	return (news);
}

/* --- Reading -------------------------------------------------------------- */

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
make_frame(const struct sse_hub * h, const struct event * e,
    struct sse_frame ** out)
{
	enum sr_error err = sse_text_event(h, e, out);

	if (err == SR_OK || err == SR_E_OUT_OF_MEMORY ||
	    redact_state(h->worker->redact) != REDACT_READY ||
	    redact_last_cause() == REDACT_CAUSE_MEMORY)
		return (err);
	LOG(EVENT_WITHHELD, log_error(SR_E_CHANNEL_REDACTION_FAILED),
	    log_id("run_id", e->run_id), log_u64("seq", e->seq));
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
		r->topic = find(r->h, &e->run_id);
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
		if (l->live == r->live && !l->full && behind(l) &&
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

/* The next page of a run, for those who are least far. */
static enum sr_error
read_page(struct sse_hub * h, struct sse_topic * t)
{
	struct reading r = { .h = h, .from = UINT64_MAX };
	enum sr_error err;

	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		if (l->topic == t && !l->live && behind(l) && sse_room(l) &&
		    l->request.after < r.from)
			r.from = l->request.after;
	if (r.from == UINT64_MAX)
		return (SR_OK);
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

static enum sr_error
read_news(struct sse_hub * h)
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
	return (err);
}

/* --- A look --------------------------------------------------------------- */

static void
end_of_run(struct sse_listener * l)
{
	struct sse_frame * f = NULL;
	enum sr_error err;

	if (!sse_here(l))
		return;
	if (!l->topic->there) {
		err = sse_text_error(SR_E_RUN_NOT_FOUND, &f);
		sse_say(l, err, f);
		sse_end(l, SSE_RUN_GONE);
	} else if (run_ended(l->topic->at.status) && !behind(l)) {
		err = sse_text_end(&l->topic->at, &f);
		sse_say(l, err, f);
		sse_end(l, SSE_RUN_ENDED);
	}
}

static enum sr_error
look(struct sse_hub * h)
{
	struct sse_listener * l;
	enum sr_error err;

	if ((err = ready_schema(h->worker, h->store.db)) != SR_OK ||
	    (err = ask_heads(h)) != SR_OK)
		return (err);
	if (settle(h))
		err = read_news(h);
	for (l = h->listeners; l != NULL; l = l->next)
		end_of_run(l);
	return (err);
}

/* Only who is waiting for something is told that the gate is closed. */
static void
tell_all(struct sse_hub * h, enum sr_error err)
{

	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		if (err != SR_E_CHANNEL_REDACTION_FAILED || behind(l))
			sse_tell(l, err);
}

void
sse_look(struct sse_hub * h)
{
	enum sr_error err;

	h->more = false;
	err = look(h);
	ready_lost(h->worker, err);
	/* One line for each change. */
	if (err != h->state && err != SR_OK)
		LOG(LISTENERS_WAIT, log_error(err));
	else if (err != h->state)
		LOG0(LISTENERS_GO_ON);
	h->state = err;
	tell_all(h, err);
}
