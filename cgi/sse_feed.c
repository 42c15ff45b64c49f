/* Runs that are listened to: where they stand, and who is to hear of it. */

#include <stdlib.h>

#include "cgi/ready.h"
#include "cgi/sse_internal.h"
#include "cgi/worker.h"
#include "core/log/log.h"

struct sse_topic *
sse_topic_of(const struct sse_hub * h, const struct sr_id * run_id)
{
	struct sse_topic * t = h->topics;

	while (t != NULL && !sr_id_equal(&t->run_id, run_id))
		t = t->next;
	return (t);
}

enum sr_error
sse_join(struct sse_hub * h, struct sse_listener * l)
{
	struct sse_topic * t = sse_topic_of(h, &l->request.run_id);

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
	struct sse_topic * t = sse_topic_of(cookie, &head->id);

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

bool
sse_behind(const struct sse_listener * l)
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
		news = news || (sse_behind(l) && sse_room(l));
		if (l->live || sse_behind(l))
			continue;
		l->live = true;
		if (l->topic->live++ == 0)
			l->topic->head = l->topic->at.last_seq;
	}
	return (news);
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
	} else if (run_ended(l->topic->at.status) && !sse_behind(l)) {
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
	/* Nobody was asked while the database was silent. */
	if (h->state != SR_OK && h->state != SR_E_CHANNEL_REDACTION_FAILED)
		sse_recheck(h);
	if (settle(h))
		err = sse_read(h);
	for (l = h->listeners; l != NULL; l = l->next)
		end_of_run(l);
	return (err);
}

/* Only who is waiting for something is told that the gate is closed. */
static void
tell_all(struct sse_hub * h, enum sr_error err)
{

	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		if (err != SR_E_CHANNEL_REDACTION_FAILED || sse_behind(l))
			sse_tell(l, err);
}

void
sse_look(struct sse_hub * h)
{
	enum sr_error err;

	h->more = false;
	h->looks++;
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
