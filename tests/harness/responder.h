#ifndef SR_TESTS_HARNESS_RESPONDER_H
#define SR_TESTS_HARNESS_RESPONDER_H

/*
 * The other end of FastCGI in a worker's place, so that a test sees what a web
 * server hands over, and decides when each piece of an answer is written.
 */

#include "core/base/base.h"

struct responder;

/**
 * responder_accept(listener, seconds): the next request, its parameters and its
 * body; NULL when none came in time.
 */
struct responder * responder_accept(int listener, unsigned seconds);

/** responder_param(r, name): its value, or NULL. */
const char * responder_param(const struct responder * r, const char * name);

/** responder_count(r, name): how many parameters of that name there are. */
unsigned responder_count(const struct responder * r, const char * name);

/** responder_body(r): what came on standard input, NUL-terminated. */
const char * responder_body(const struct responder * r);

/** responder_write(r, text): one record of the answer; whether it was taken. */
bool responder_write(struct responder * r, const char * text);

/** responder_end(r): end the answer and the connection; *r becomes NULL. */
void responder_end(struct responder ** r);

#endif /* !SR_TESTS_HARNESS_RESPONDER_H */
