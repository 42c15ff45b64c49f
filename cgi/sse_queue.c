/* What waits for a listener, and its way out. */

#include <sys/epoll.h>

#include <stdlib.h>

#include "cgi/sse_internal.h"
#include "core/redact/redact.h"

const char *
sse_reason_name(enum sse_reason reason)
{
	static const char * const names[SSE_REASON__MAX] = {
		[SSE_LISTENS] = "", [SSE_LEFT] = "left",
		[SSE_SLOW] = "too_slow", [SSE_TIME] = "time",
		[SSE_RUN_ENDED] = "run_ended", [SSE_RUN_GONE] = "run_gone",
		[SSE_UNAUTHORISED] = "unauthorised",
		[SSE_STOPPED] = "stopped", [SSE_FAILED] = "failed",
	};

	must(reason < SSE_REASON__MAX);
	return (names[reason]);
}

enum sr_error
sse_frame_new(struct redacted ** text, struct sse_frame ** out)
{

	if ((*out = calloc(1, sizeof(**out))) == NULL) {
		redacted_free(text);
		return (SR_E_OUT_OF_MEMORY);
	}
	(*out)->users = 1;
	(*out)->text = *text;
	*text = NULL;
	return (SR_OK);
}

void
sse_frame_done(struct sse_frame * f)
{

	if (f == NULL || --f->users > 0)
		return;
	redacted_free(&f->text);
	free(f);
}

bool
sse_here(const struct sse_listener * l)
{

	return (l->gone == SSE_LISTENS && l->ending == SSE_LISTENS);
}

/* One frame may be larger than what may wait: it goes alone then. */
bool
sse_room(const struct sse_listener * l)
{

	/* Two places are kept for what the hub says itself. */
	return (sse_here(l) && l->waiting < SSE_QUEUE_MAX - 2 &&
	    l->bytes < SSE_BYTES_MAX);
}

void
sse_put(struct sse_listener * l, struct sse_frame * f)
{

	if (l->gone != SSE_LISTENS || l->waiting == SSE_QUEUE_MAX)
		return;
	f->users++;
	l->queue[(l->first + l->waiting++) % SSE_QUEUE_MAX] = f;
	l->bytes += redacted_len(f->text);
}

static void
first_done(struct sse_listener * l)
{
	struct sse_frame * f = l->queue[l->first];

	l->bytes -= redacted_len(f->text);
	l->first = (l->first + 1) % SSE_QUEUE_MAX;
	l->waiting--;
	l->sent = 0;
	sse_frame_done(f);
}

void
sse_empty(struct sse_listener * l)
{

	while (l->waiting > 0)
		first_done(l);
}

void
sse_drop(struct sse_listener * l, enum sse_reason why)
{

	if (l->gone == SSE_LISTENS)
		l->gone = why;
}

void
sse_end(struct sse_listener * l, enum sse_reason why)
{

	if (l->ending == SSE_LISTENS)
		l->ending = why;
}

void
sse_cancel(struct sse_listener * l)
{
	struct sse_frame * f;
	unsigned keep = l->sent > 0 ? 1 : 0;

	while (l->waiting > keep) {
		f = l->queue[(l->first + --l->waiting) % SSE_QUEUE_MAX];
		l->bytes -= redacted_len(f->text);
		sse_frame_done(f);
	}
}

/* epoll says anyway when the peer has gone; room is asked for when needed. */
static void
ask_for_room(struct sse_listener * l, bool wants)
{
	struct epoll_event e = { .events = wants ? EPOLLOUT : 0,
		.data = { .ptr = l } };

	if (l->wants_room == wants)
		return;
	if (epoll_ctl(l->hub->epoll, EPOLL_CTL_MOD, l->peer.fd, &e) != 0)
		sse_drop(l, SSE_FAILED);
	l->wants_room = wants;
}

void
sse_flush(struct sse_listener * l, int64_t now)
{
	enum peer_sent state = PEER_SENT;
	const struct redacted * t;
	bool moved = false;
	size_t n;

	while (l->gone == SSE_LISTENS && l->waiting > 0 && state == PEER_SENT) {
		t = l->queue[l->first]->text;
		state = peer_send(&l->peer, t, l->sent, &n);
		l->sent += n;
		moved = moved || n > 0;
		if (state == PEER_SENT)
			first_done(l);
	}
	if (state == PEER_GONE)
		sse_drop(l, SSE_LEFT);
	if (l->gone != SSE_LISTENS)
		return;
	if (state != PEER_BLOCKED)
		l->stuck_since = 0;
	else if (moved || l->stuck_since == 0)
		l->stuck_since = now;
	ask_for_room(l, state == PEER_BLOCKED);
}
