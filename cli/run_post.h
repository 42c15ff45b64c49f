#ifndef SR_CLI_RUN_POST_H
#define SR_CLI_RUN_POST_H

/*
 * The thread that has the run's link while a command runs: it keeps the live
 * set current, posts what the command writes, shows that the run lives, and
 * ends it. The other thread waits neither for a database nor for a server.
 */

#include "cli/run_link.h"

struct post;

/**
 * post_start(cli, link, backlog, out): the thread has ${link}, and what that
 * uses of ${cli}, until post_join. Errors: OUT_OF_MEMORY, INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error post_start(struct cli * cli,
    struct run_link * link, struct backlog * backlog, struct post ** out);

/** post_down(p): whoever has the run did not answer last, or for 2 seconds. */
bool post_down(const struct post * p);

/** post_over(p): somebody else has ended the run. */
bool post_over(const struct post * p);

/** post_denied(p): whoever has the run does not let us in any more. */
bool post_denied(const struct post * p);

/** post_full(p): the run has all the events it may have. */
bool post_full(const struct post * p);

/** post_fd(p): readable when something has become better, and at the end. */
int post_fd(const struct post * p);

/**
 * post_finish(p, to, status): all output is in the backlog; the command ended
 * with ${status} of waitpid(2). post_finished(p): it is done, or given up.
 * post_hurry(p): give up.
 */
void post_finish(struct post * p, enum run_status to, int status);
bool post_finished(const struct post * p);
void post_hurry(struct post * p);

/** post_join(p): the thread ends; whether the run did; *p becomes NULL. */
SR_NODISCARD enum sr_error post_join(struct post ** p);

#endif /* !SR_CLI_RUN_POST_H */
