#ifndef SR_CGI_SSE_INTERNAL_H
#define SR_CGI_SSE_INTERNAL_H

/* What the files of the hub share. All but the hub's mutex and what it
 * guards belongs to the hub's thread. */

#include <pthread.h>
#include <stdatomic.h>

#include "cgi/background.h"
#include "cgi/sse.h"
#include "core/runs/event.h"
#include "core/runs/run_head.h"
#include "core/store/store.h"

#define SSE_PLACES_MAX	EVENT_WATCH_MAX
#define SSE_QUEUE_MAX	256		/* Frames that wait for one listener, */
#define SSE_BYTES_MAX	((size_t)256 * 1024)	/* and about their size. */

/* Why a listener has ended. */
enum sse_reason { SSE_LISTENS, SSE_LEFT, SSE_SLOW, SSE_TIME, SSE_RUN_ENDED,
    SSE_RUN_GONE, SSE_UNAUTHORISED, SSE_STOPPED, SSE_FAILED, SSE_REASON__MAX };

/* A frame; shared by the listeners that it waits for. */
struct sse_frame {
	unsigned users;
	struct redacted * text;
};

struct sse_listener {
	struct sse_listener * next;	/* In the hub's list, or its inbox. */
	struct sse_hub * hub;
	unsigned place;
	struct sse_request request;	/* after: what was put into queue. */
	struct peer peer;

	struct sse_topic * topic;
	bool live;		/* Has all that the topic's head says. */
	bool full;		/* Took no more of what is being read. */
	uint64_t served;	/* The look that read a page for it last. */
	bool standing;		/* For the look at all sessions and keys. */
	enum sse_reason ending;	/* Why it ends when its queue is empty. */
	enum sse_reason gone;	/* Why it has ended. */
	enum sr_error told;	/* The last error it was told of. */

	struct sse_frame * queue[SSE_QUEUE_MAX];
	unsigned first, waiting;	/* In ${queue}. */
	size_t bytes;			/* Of what waits. */
	size_t sent;			/* Of the first frame. */
	bool wants_room;		/* epoll is asked for it. */
	int64_t stuck_since;		/* Monotonic ms; 0: it is not. */
	int64_t ends_at;
	int64_t ending_since;		/* Monotonic ms; 0: it is not. */
};

/* A run that somebody listens to. */
struct sse_topic {
	struct sse_topic * next;
	struct sr_id run_id;
	unsigned listeners;
	uint64_t head;		/* Up to where it was read for the live ones. */
	unsigned live;		/* How many these are; counted anew. */
	bool there;
	struct run_head at;	/* As the database last said. */
};

struct sse_hub {
	struct worker * worker;
	struct background * background;
	struct store store;
	int epoll;
	int bell;		/* eventfd */

	struct {		/* Settings. */
		int64_t lasts_ms, beat_ms, stuck_ms;
		unsigned places, holder_places;
	} set;

	pthread_mutex_t mutex;	/* Guards these: */
	struct {
		bool taken;
		struct sr_id holder;
	} places[SSE_PLACES_MAX];
	struct sse_listener * inbox;
	atomic_bool stopping;	/* Written with it held. */

	atomic_uint listening;
	atomic_bool rung;	/* The bell was, and nobody has looked yet. */

	struct sse_listener * listeners;
	struct sse_topic * topics;
	enum sr_error state;	/* What the last look came to. */
	int64_t looked_at, look_at, beat_at;
	bool more;		/* The last look left something to read. */
	uint64_t looks;		/* How many there were. */
	bool withheld;		/* What is being read, of this run: */
	struct sr_id withheld_of;
};

/* sse_queue.c */

/** sse_room(l): whether another frame may wait for it. */
SR_NODISCARD bool sse_room(const struct sse_listener * l);

/** sse_put(l, f): let ${f} wait for it. */
void sse_put(struct sse_listener * l, struct sse_frame * f);

/** sse_flush(l, now): send what goes at once. */
void sse_flush(struct sse_listener * l, int64_t now);

/** sse_drop(l, why): it has ended; the hub takes it out later. */
void sse_drop(struct sse_listener * l, enum sse_reason why);

/** sse_end(l, why): it ends when all that waits for it is sent. */
void sse_end(struct sse_listener * l, enum sse_reason why);

/** sse_here(l): neither ended nor about to. */
SR_NODISCARD bool sse_here(const struct sse_listener * l);

/** sse_cancel(l): all that waits, but for a frame of which a part has left. */
void sse_cancel(struct sse_listener * l);

/** sse_frame_new(text, out): takes *text over. Errors: OUT_OF_MEMORY. */
SR_NODISCARD enum sr_error sse_frame_new(struct redacted ** text,
    struct sse_frame ** out);
void sse_frame_done(struct sse_frame * f);

/** sse_empty(l): release all that waits. */
void sse_empty(struct sse_listener * l);

/** sse_reason_name(reason): "left", "too_slow", … */
const char * sse_reason_name(enum sse_reason reason);

/* sse_text.c: frames. Errors: OUT_OF_MEMORY, LIMIT_EXCEEDED. */
SR_NODISCARD enum sr_error sse_text_greeting(uint64_t after,
    struct sse_frame ** out);
SR_NODISCARD enum sr_error sse_text_beat(struct sse_frame ** out);
SR_NODISCARD enum sr_error sse_text_error(enum sr_error error,
    struct sse_frame ** out);
SR_NODISCARD enum sr_error sse_text_resumed(struct sse_frame ** out);
SR_NODISCARD enum sr_error sse_text_end(const struct run_head * at,
    struct sse_frame ** out);
SR_NODISCARD enum sr_error sse_text_withheld(const struct event * e,
    struct sse_frame ** out);

/**
 * sse_text_event(hub, e, out): through the gate. Errors: +
 * CHANNEL_REDACTION_FAILED.
 */
SR_NODISCARD enum sr_error sse_text_event(const struct sse_hub * hub,
    const struct event * e, struct sse_frame ** out);

/** sse_ring(h): the hub's thread is to look at what changed. */
void sse_ring(struct sse_hub * h);

/* sse_feed.c */

/** sse_join(h, l) / sse_part(h, l): its run among those that are asked for. */
SR_NODISCARD enum sr_error sse_join(struct sse_hub * h,
    struct sse_listener * l);
void sse_part(struct sse_hub * h, struct sse_listener * l);

/** sse_topic_of(h, run_id): or NULL. */
struct sse_topic * sse_topic_of(const struct sse_hub * h,
    const struct sr_id * run_id);

/** sse_behind(l): whether its run has events that it has not. */
SR_NODISCARD bool sse_behind(const struct sse_listener * l);

/**
 * sse_read(h): what they have not, as far as there is room for it. Errors:
 * RUN_UNAVAILABLE, DATABASE_UNAVAILABLE, OUT_OF_MEMORY;
 * CHANNEL_REDACTION_FAILED: the gate is closed, and nobody got anything.
 */
SR_NODISCARD enum sr_error sse_read(struct sse_hub * h);

/** sse_look(h): ask, and let what is new wait for who wants it. */
void sse_look(struct sse_hub * h);

/** sse_recheck(h): end those whose session or key stands no more. */
void sse_recheck(struct sse_hub * h);

/** sse_tell(l, err): once for each change; SR_OK: it goes on. */
void sse_tell(struct sse_listener * l, enum sr_error err);

/** sse_say(l, err, f): put a frame that was to be made, if it was. */
void sse_say(struct sse_listener * l, enum sr_error err, struct sse_frame * f);

#endif /* !SR_CGI_SSE_INTERNAL_H */
