#ifndef SR_CGI_BACKGROUND_H
#define SR_CGI_BACKGROUND_H

/*
 * A thread of a worker that does something again and again, beside the
 * requests: with a connection of its own, and an end that does not wait for the
 * pause between two turns.
 */

#include "core/base/error.h"

struct background;
struct db;
struct worker;

/* One turn of the work. */
struct background_turn {
	struct worker * worker;
	struct db * db;
	const struct background * self;
	void * cookie;
};

/** Take a turn; how many milliseconds to wait for the next. */
typedef unsigned background_fn(const struct background_turn * turn);

/**
 * background_start(w, fn, cookie, out):
 * ${fn} is called every so often, the first time at once. Errors:
 * OUT_OF_MEMORY, INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error background_start(struct worker * w,
    background_fn * fn, void * cookie, struct background ** out);

/** background_stop(b): end the thread; *b becomes NULL; may be NULL. */
void background_stop(struct background ** b);

/** background_stopping(b): for a turn that takes long: it is to end. */
bool background_stopping(const struct background * b);

#endif /* !SR_CGI_BACKGROUND_H */
