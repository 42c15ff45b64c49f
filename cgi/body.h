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

/* Takes a piece; the bytes are wiped when it returns. */
typedef enum sr_error body_piece_fn(const char * bytes, size_t len,
    void * cookie);

/**
 * body_pieces(source, r, fn, cookie):
 * Read the whole body, whatever its length, and call ${fn} with each piece of
 * it. Errors: REQUEST_INCOMPLETE, OUT_OF_MEMORY; what ${fn} returns, after
 * which nothing more is read.
 */
SR_NODISCARD enum sr_error body_pieces(const struct source * source,
    const struct request * r, body_piece_fn * fn, void * cookie);

/**
 * body_drain(source, most): read on and forget it, ${most} bytes at most and
 * not for long: a web server that still sends may not look at the answer.
 */
void body_drain(const struct source * source, uint64_t most);

#endif /* !SR_CGI_BODY_H */
