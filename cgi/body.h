#ifndef SR_CGI_BODY_H
#define SR_CGI_BODY_H

/* The body of a request, read into a secbuf: it holds secret values. */

#include "cgi/request.h"

/**
 * body_read(source, r, limit, out):
 * Read the whole body, at most ${limit} bytes. A body that announces more is
 * refused without reading on; one that announces nothing (chunked) is read
 * up to the limit. Errors: REQUEST_BODY_TOO_LARGE; REQUEST_INCOMPLETE (fewer
 * bytes than announced, or a broken connection); OUT_OF_MEMORY. Caller frees.
 */
SR_NODISCARD enum sr_error body_read(const struct source * source,
    const struct request * r, size_t limit, struct secbuf ** out);

#endif /* !SR_CGI_BODY_H */
