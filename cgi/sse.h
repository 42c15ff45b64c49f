#ifndef SR_CGI_SSE_H
#define SR_CGI_SSE_H

/*
 * Server-Sent Events: runs, followed live. The thread that took a request sends
 * its headers and hands the open connection to the hub, one thread of the
 * worker that feeds all its listeners: who listens costs neither a thread nor a
 * query. While there are listeners the hub asks about four times a second, and
 * at once when this worker stored something, where all their runs stand; what
 * is new is read with one query, passes the gate once, and is shared.
 *
 * Frames: "id: SEQ", "event: TYPE", "data: {…}". What the hub says itself has
 * no id (but for an event that the gate withholds): "error" with a typed error,
 * "resumed" when it goes on after one, "end" behind a run's last event. An
 * event whose type is one of these four names or "message" comes without the
 * line "event", so nobody can speak in the hub's name.
 */

#include "cgi/peer.h"
#include "core/access/apikey.h"
#include "core/access/session.h"

struct redacted;
struct sse_hub;
struct sse_listener;
struct worker;

/* Who wants to listen to what. */
struct sse_request {
	struct sr_id run_id;
	uint64_t after;			/* The last seq that it has. */
	bool by_key;
	struct sr_id holder;		/* The account, or the API key. */
	bool by_account;		/* The web server signed it in. */
	struct sr_id session;		/* If neither. */
	enum role role;			/* As it is now, if not by key. */
	struct sr_id correlation_id;
};

/**
 * sse_start(w, out): the hub's thread, in w's settings. Errors: CONFIG_INVALID
 * (logged), OUT_OF_MEMORY, INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error sse_start(struct worker * w, struct sse_hub ** out);

/**
 * sse_stop(hub): end all listeners at once, and the thread; from now on there
 * is no place for others. sse_free(hub): when no request is served any more;
 * *hub becomes NULL. Both may be called with NULL.
 */
void sse_stop(struct sse_hub * hub);
void sse_free(struct sse_hub ** hub);

/**
 * sse_place(hub, request, out):
 * Take a place. Errors: SERVER_BUSY: all of the worker's, or all of the
 * holder's, are taken, or the worker is ending; OUT_OF_MEMORY. End with
 * sse_listen or sse_leave.
 */
SR_NODISCARD enum sr_error sse_place(struct sse_hub * hub,
    const struct sse_request * request, struct sse_listener ** out);

/** sse_leave(l): give the place up; *l becomes NULL, and may be. */
void sse_leave(struct sse_listener ** l);

/** sse_listen(l, peer): the headers were sent, the rest is the hub's. */
void sse_listen(struct sse_listener ** l, const struct peer * peer);

/** sse_wake(hub): something was stored that somebody may listen to. */
void sse_wake(struct sse_hub * hub);

#endif /* !SR_CGI_SSE_H */
