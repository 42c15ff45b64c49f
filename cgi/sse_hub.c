/* The hub's thread: its loop, and the begin and the end of its listeners. */

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi/sse_internal.h"
#include "cgi/worker.h"
#include "core/base/config.h"
#include "core/log/log.h"

#define LOOK_MS		250	/* Between two looks, */
#define SOON_MS		25	/* when it is known that there is something, */
#define FAULT_MS	1000	/* and when the last one failed. */
#define EPOLL_EVENTS	64
/* A database that hangs keeps the hub from nothing else for longer: it only
 * reads, so asking again is no harm. */
#define DB_SECONDS	5
#define STOP_MS		60000	/* background_stop comes sooner. */

static int64_t
ms_setting(const struct worker * w, enum config_id id)
{

	return ((int64_t)config_number(w->config, id) * 1000);
}

static enum sr_error
take_settings(struct sse_hub * h)
{
	const struct worker * w = h->worker;
	const uint64_t places = config_number(w->config, CFG_SSE_LISTENERS);

	h->set.lasts_ms = ms_setting(w, CFG_SSE_SECONDS);
	h->set.beat_ms = ms_setting(w, CFG_SSE_HEARTBEAT);
	h->set.stuck_ms = ms_setting(w, CFG_SSE_SEND);
	h->set.places = (unsigned)places;
	h->set.holder_places = (unsigned)config_number(w->config,
	    CFG_SSE_ACCOUNT);
	if (places < 1 || places > SSE_PLACES_MAX)
		return (sr_fail(SR_E_CONFIG_INVALID,
		    log_const("setting", "sse.listeners")));
	if (h->set.lasts_ms < 1000 || h->set.beat_ms < 1000 ||
	    h->set.stuck_ms < 1000)
		return (sr_fail(SR_E_CONFIG_INVALID,
		    log_const("setting", "sse.seconds")));
	return (SR_OK);
}

/* Those of one run do not all come again in the same moment. */
static int64_t
lasts(const struct sse_listener * l)
{
	const int64_t most = l->hub->set.lasts_ms;

	return (most - most / 10 * (l->place % 8) / 8);
}

static void
greet(struct sse_listener * l)
{
	struct sse_frame * f = NULL;
	enum sr_error err;

	err = sse_text_greeting(l->request.after, &f);
	sse_say(l, err, f);
}

static void
admit(struct sse_hub * h, struct sse_listener * l, int64_t now)
{
	struct epoll_event e = { .data = { .ptr = l } };

	if (sse_join(h, l) != SR_OK) {
		(void)atomic_fetch_sub(&h->listening, 1);
		sse_leave(&l);
		return;
	}
	l->next = h->listeners;
	h->listeners = l;
	l->ends_at = now + lasts(l);
	greet(l);
	if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, l->peer.fd, &e) != 0)
		sse_drop(l, SSE_FAILED);
}

static void
open_inbox(struct sse_hub * h, int64_t now)
{
	struct sse_listener * l, * next;

	(void)pthread_mutex_lock(&h->mutex);
	l = h->inbox;
	h->inbox = NULL;
	(void)pthread_mutex_unlock(&h->mutex);
	if (l == NULL)
		return;
	if (h->listeners == NULL)
		h->beat_at = now + h->set.beat_ms;
	h->more = true;
	for (; l != NULL; l = next) {
		next = l->next;
		admit(h, l, now);
	}
}

static void
say_goodbye(const struct sse_listener * l)
{

	if (l->gone == SSE_SLOW || l->gone == SSE_FAILED ||
	    l->gone == SSE_UNAUTHORISED)
		LOG(LISTENER_DROPPED,
		    log_const("reason", sse_reason_name(l->gone)),
		    log_id("request", l->request.correlation_id),
		    log_id("run_id", l->request.run_id),
		    log_u64("seq", l->request.after));
	else
		LOG(LISTENER_ENDED,
		    log_const("reason", sse_reason_name(l->gone)),
		    log_id("request", l->request.correlation_id),
		    log_id("run_id", l->request.run_id),
		    log_u64("seq", l->request.after));
}

/* Take those out who have ended. */
static void
reap(struct sse_hub * h)
{
	struct sse_listener ** at = &h->listeners;
	struct sse_listener * l;

	while ((l = *at) != NULL) {
		if (l->gone == SSE_LISTENS) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		say_goodbye(l);
		sse_part(h, l);
		sse_leave(&l);
		(void)atomic_fetch_sub(&h->listening, 1);
	}
}

static void
beat(struct sse_hub * h, int64_t now)
{
	struct sse_frame * f = NULL;

	h->beat_at = now + h->set.beat_ms;
	/* Each question would wait for the same silence; what there is to be
	 * kept from anybody comes after the next look that is answered. */
	if (h->state == SR_OK || h->state == SR_E_CHANNEL_REDACTION_FAILED)
		sse_recheck(h);
	if (sse_text_beat(&f) != SR_OK)
		return;
	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		if (sse_room(l))
			sse_put(l, f);
	sse_frame_done(f);
}

/* What is due for one of them. */
static void
attend(struct sse_listener * l, int64_t now)
{

	if (now >= l->ends_at)
		sse_end(l, SSE_TIME);
	sse_flush(l, now);
	if (l->ending != SSE_LISTENS && l->ending_since == 0)
		l->ending_since = now;
	/* Who takes it byte by byte would never end. */
	if (l->ending != SSE_LISTENS && (l->waiting == 0 ||
	    now - l->ending_since >= l->hub->set.stuck_ms))
		sse_drop(l, l->ending);
	if (l->stuck_since != 0 &&
	    now - l->stuck_since >= l->hub->set.stuck_ms)
		sse_drop(l, SSE_SLOW);
}

/* There is room in its connection: send, and soon read on for it. */
static void
on_room(struct sse_hub * h, struct sse_listener * l, int64_t now)
{

	sse_flush(l, now);
	if (l->waiting == 0 && !l->live)
		h->more = true;
}

static void
take_events(struct sse_hub * h, const struct epoll_event * events, int n,
    int64_t now)
{
	struct sse_listener * l;
	eventfd_t unread;

	for (int i = 0; i < n; i++) {
		if ((l = events[i].data.ptr) == NULL) {
			(void)eventfd_read(h->bell, &unread);
			open_inbox(h, now);
		} else if ((events[i].events & (EPOLLHUP | EPOLLERR)) != 0) {
			sse_drop(l, SSE_LEFT);
		} else {
			on_room(h, l, now);
		}
	}
}

static void
look(struct sse_hub * h, int64_t now)
{

	h->looked_at = now;
	/* Before it: what is stored from now on rings again. */
	atomic_store(&h->rung, false);
	sse_look(h);
}

/* When the next look is due. */
static int64_t
due(const struct sse_hub * h)
{

	if (h->state != SR_OK)
		return (h->looked_at + FAULT_MS);
	return (h->looked_at + (h->more || atomic_load(&h->rung) ? SOON_MS :
	    LOOK_MS));
}

static unsigned
turn(const struct background_turn * b)
{
	struct sse_hub * h = b->cookie;
	struct epoll_event events[EPOLL_EVENTS];
	int64_t now = clock_monotonic_ms(), left = due(h) - now;
	int n, wait = left < 0 ? 0 : (int)left;

	h->store.db = b->db;
	n = epoll_wait(h->epoll, events, EPOLL_EVENTS,
	    h->listeners == NULL ? -1 : wait);
	now = clock_monotonic_ms();
	if (atomic_load(&h->stopping))
		return (STOP_MS);
	take_events(h, events, n, now);
	if (h->listeners == NULL)
		return (0);
	if (now >= h->beat_at)
		beat(h, now);
	if (now >= due(h))
		look(h, now);
	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next)
		attend(l, now);
	reap(h);
	return (0);
}

static void
end(const struct background_turn * b)
{
	struct sse_hub * h = b->cookie;
	int64_t now = clock_monotonic_ms();

	open_inbox(h, now);
	for (struct sse_listener * l = h->listeners; l != NULL; l = l->next) {
		sse_flush(l, now);
		sse_drop(l, SSE_STOPPED);
	}
	reap(h);
}

enum sr_error
sse_start(struct worker * w, struct sse_hub ** out)
{
	struct background_work work = { .turn = turn, .end = end,
	    .db_seconds = DB_SECONDS };
	struct epoll_event e = { .events = EPOLLIN };
	struct sse_hub * h;
	enum sr_error err;

	*out = NULL;
	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	h->worker = w;
	h->store = (struct store){ .keys = w->keys, .redact = w->redact,
	    .live = w->live };
	event_settings(w->config, &h->store);
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&h->mutex, NULL);
	work.cookie = h;
	err = take_settings(h);
	if (err == SR_OK && (h->epoll == -1 || h->bell == -1 ||
	    epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->bell, &e) != 0))
		err = sr_fail(SR_E_INTERNAL_ERROR, log_i64("errno", errno));
	if (err == SR_OK)
		err = background_start(w, &work, &h->background);
	*out = h;
	if (err != SR_OK)
		sse_free(out);
	return (err);
}

void
sse_stop(struct sse_hub * h)
{

	if (h == NULL)
		return;
	(void)pthread_mutex_lock(&h->mutex);
	atomic_store(&h->stopping, true);
	(void)pthread_mutex_unlock(&h->mutex);
	if (h->bell != -1)
		sse_ring(h);
	background_stop(&h->background);
}

void
sse_free(struct sse_hub ** hub)
{
	struct sse_hub * h = *hub;

	*hub = NULL;
	if (h == NULL)
		return;
	sse_stop(h);
	(void)pthread_mutex_destroy(&h->mutex);
	if (h->epoll != -1)
		(void)close(h->epoll);
	if (h->bell != -1)
		(void)close(h->bell);
	free(h);
}
