#ifndef SR_CGI_HANDLER_H
#define SR_CGI_HANDLER_H

/*
 * The handlers of route.def. A handler has the exchange's form, visitor and
 * store at hand, does one thing, and either sets the response or returns the
 * error, which becomes a page or a problem document.
 */

#include "core/base/error.h"

struct exchange;

typedef enum sr_error handler_fn(struct exchange * x);

#define ROUTE(id, method, pattern, role, key, csrf, fields, store,	\
    handler, audit)							\
	handler_fn handler;
#include "cgi/route.def"
#undef ROUTE

#endif /* !SR_CGI_HANDLER_H */
