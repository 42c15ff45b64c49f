#ifndef SR_CGI_FCGI_IN_H
#define SR_CGI_FCGI_IN_H

/*
 * What a connection of the web server brings, before libfcgi may see it and
 * beside it. The library believes every length and has no patience of its own:
 * so the records up to the end of the parameters are read, checked and handed
 * to it, and the body is read here. All of it is over by a time that is set,
 * however few bytes come at once.
 */

#include <stdatomic.h>

#include "core/base/base.h"

/* With what is around them they fill no pipe. */
#define INCOMING_PARAMS_MAX	((size_t)60 * 1024)

/* One thread's, for one connection after the other. */
struct incoming;

/**
 * incoming_new(listener, idle):
 * ${idle}: how many threads wait for a connection of ${listener}. NULL without
 * memory; end with incoming_free.
 */
struct incoming * incoming_new(int listener, const atomic_uint * idle);
void incoming_free(struct incoming ** in);

/**
 * incoming_take(in, fd, ms):
 * Wait for a request of a responder and its parameters on ${fd}, which stays
 * the caller's. A descriptor from which exactly these records can be read, once
 * and without waiting; the caller's to close. -1 when they did not come in
 * ${ms} (or soon, while others wait and all threads are busy), are more than
 * INCOMING_PARAMS_MAX, or are none.
 */
SR_NODISCARD int incoming_take(struct incoming * in, int fd, int64_t ms);

/**
 * incoming_body(in, into, len):
 * Up to ${len} bytes of the body, as many as are there; 0 at its end, when it
 * is broken, or when it is too slow to be waited for: 30 s (5 s while others
 * wait), and a second more for each 4 KiB that came.
 */
size_t incoming_body(struct incoming * in, void * into, size_t len);

/** incoming_broken(in): whether the body ended before its end. */
SR_NODISCARD bool incoming_broken(const struct incoming * in);

/**
 * incoming_end(in): close the connection and wipe ${in}. If the body was not
 * read to its end, what the peer still sends is read for a while, because the
 * kernel would take the answer away from who gets no further.
 */
void incoming_end(struct incoming * in);

/** incoming_leave(in): the connection is another's; wipe ${in}. */
void incoming_leave(struct incoming * in);

#endif /* !SR_CGI_FCGI_IN_H */
