#ifndef SR_CGI_FCGI_H
#define SR_CGI_FCGI_H

/*
 * The FastCGI side: a pool of threads that take requests from one listening
 * socket until they are told to stop. A request in flight is answered first.
 */

#include "core/base/error.h"

struct pool;
struct worker;

/** fcgi_init(): the library, once per process. Errors: INTERNAL_ERROR. */
SR_NODISCARD enum sr_error fcgi_init(void);

/**
 * pool_start(worker, fd, out):
 * Start worker->threads threads on the listening socket ${fd}, which must not
 * block. Signals that main waits for are blocked before. Errors:
 * INTERNAL_ERROR, OUT_OF_MEMORY. End with pool_stop.
 */
SR_NODISCARD enum sr_error pool_start(struct worker * worker, int fd,
    struct pool ** out);

/**
 * pool_moves(pool): false when all threads have been at their requests for so
 * long that none of them can be expected to end any more.
 */
SR_NODISCARD bool pool_moves(const struct pool * pool);

/**
 * pool_stop(pool, drain):
 * Wait for the requests in flight, and free. ${drain}: first answer what is in
 * the socket's queue too, because nobody else will; the caller has seen to it
 * that no more can join it. Without it siblings on the same socket do.
 */
void pool_stop(struct pool ** pool, bool drain);

#endif /* !SR_CGI_FCGI_H */
