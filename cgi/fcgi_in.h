#ifndef SR_CGI_FCGI_IN_H
#define SR_CGI_FCGI_IN_H

/*
 * What a connection of the web server brings, before libfcgi may see it and
 * beside it. The library believes every length and has no patience of its own:
 * so the records up to the end of the parameters are read, checked and handed
 * to it, and the body is read here. All of it is over by a time that is set,
 * however few bytes come at once.
 */

#include "core/base/base.h"

/* With what is around them they fill no pipe. */
#define INCOMING_PARAMS_MAX	((size_t)60 * 1024)

/* One thread's, for one connection after the other. */
struct incoming;

/** incoming_new(listener): NULL without memory; end with incoming_free. */
struct incoming * incoming_new(int listener);
void incoming_free(struct incoming ** in);

/**
 * incoming_take(in, fd, ms):
 * Wait for a request of a responder and its parameters on ${fd}, which stays
 * the caller's. A descriptor from which exactly these records can be read, once
 * and without waiting; the caller's to close. -1 when they did not come in
 * ${ms} (or soon, while others wait to be accepted), are more than
 * INCOMING_PARAMS_MAX, or are none.
 */
SR_NODISCARD int incoming_take(struct incoming * in, int fd, int64_t ms);

/**
 * incoming_body(in, into, len):
 * Up to ${len} bytes of the body, as many as are there; 0 at its end, when it
 * is broken, or when it is too slow to be waited for.
 */
size_t incoming_body(struct incoming * in, void * into, size_t len);

/** incoming_broken(in): whether the body ended before its end. */
SR_NODISCARD bool incoming_broken(const struct incoming * in);

/**
 * incoming_end(in): let the peer read all that was written, and go. What it
 * still sends is read for a while, because the kernel would take the answer
 * away from who gets no further. Closes the connection and wipes ${in}.
 */
void incoming_end(struct incoming * in);

/** incoming_leave(in): the connection is another's; wipe ${in}. */
void incoming_leave(struct incoming * in);

#endif /* !SR_CGI_FCGI_IN_H */
