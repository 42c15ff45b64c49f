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

/* What is done, in the thread. */
struct background_work {
	/* Every so often, the first time at once; how many milliseconds to
	 * wait for the next turn. */
	unsigned (* turn)(const struct background_turn * turn);
	/* Once after the last turn; NULL: nothing. */
	void (* end)(const struct background_turn * turn);
	/* It waits so long for an answer of the database; 0: as it is set. */
	unsigned db_seconds;
	void * cookie;
};

/**
 * background_start(w, work, out):
 * A thread that does ${work}, which is copied. Errors: OUT_OF_MEMORY,
 * INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error background_start(struct worker * w,
    const struct background_work * work, struct background ** out);

/** background_stop(b): end the thread; *b becomes NULL; may be NULL. */
void background_stop(struct background ** b);

/** background_stopping(b): for a turn that takes long: it is to end. */
bool background_stopping(const struct background * b);

#endif /* !SR_CGI_BACKGROUND_H */
