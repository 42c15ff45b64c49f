#ifndef SR_CGI_SEALER_H
#define SR_CGI_SEALER_H

/*
 * The thread of a worker that seals audit rows: every audit.seal_seconds one of
 * all workers (chore `seal`) numbers what waits and signs a checkpoint, until
 * nothing waits any more; once an hour one looks for rows that have no place
 * (chore `sweep`). It has a connection of its own. What keeps it from working
 * (no database, no schema, no root key, a tree that was tampered with) is one
 * line when it begins and one when it ends; it tries again by and by.
 */

#include "core/base/error.h"

struct sealer;
struct worker;

/** sealer_start(w, out): Errors: OUT_OF_MEMORY, INTERNAL_ERROR. */
SR_NODISCARD enum sr_error sealer_start(struct worker * w,
    struct sealer ** out);

/**
 * sealer_stop(s): seal what waits, if it worked until now, and end the thread;
 * *s becomes NULL; may be NULL.
 */
void sealer_stop(struct sealer ** s);

#endif /* !SR_CGI_SEALER_H */
