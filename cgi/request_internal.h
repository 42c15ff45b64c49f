#ifndef SR_CGI_REQUEST_INTERNAL_H
#define SR_CGI_REQUEST_INTERNAL_H

/* Between request.c and request_api.c alone. */

#include "cgi/request.h"

/** request_param(source, name): a parameter, "" when absent. */
const char * request_param(const struct source * source, const char * name);

/**
 * request_copy(source, name, out, max):
 * Copy a parameter that has a limit. Errors: REQUEST_HEADERS_TOO_LARGE,
 * REQUEST_MALFORMED (no text).
 */
SR_NODISCARD enum sr_error request_copy(const struct source * source,
    const char * name, char * out, size_t max);

/** request_media(type): what a Content-Type says; a charset is UTF-8. */
enum media request_media(const char * type);

/**
 * request_read_api(source, r):
 * The headers that programs send: Authorization, If-Match, If-None-Match,
 * Idempotency-Key, X-CSRF-Token. Errors: as request_read.
 */
SR_NODISCARD enum sr_error request_read_api(const struct source * source,
    struct request * r);

#endif /* !SR_CGI_REQUEST_INTERNAL_H */
