#ifndef SR_CGI_FAILURE_H
#define SR_CGI_FAILURE_H

/* From an error to an answer, all of it out of error.def's row. */

#include "core/base/error.h"

struct exchange;

/**
 * failure_answer(x, err):
 * Answer ${err}: the error page, or a problem document (RFC 9457) for who
 * asked for XML or JSON. Sign-in that is missing becomes a redirect for a
 * person who wanted to see a page. Never fails: the last resort is plain text.
 */
void failure_answer(struct exchange * x, enum sr_error err);

/**
 * problem_answer(x, refused):
 * Answer ${refused} as application/problem+json or +xml, as the request's
 * format says; x->complaint becomes extension members. Errors: OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error problem_answer(struct exchange * x,
    enum sr_error refused);

#endif /* !SR_CGI_FAILURE_H */
