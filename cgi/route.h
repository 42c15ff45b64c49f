#ifndef SR_CGI_ROUTE_H
#define SR_CGI_ROUTE_H

/* The route table (route.def): who may call what, and what it takes. */

#include "cgi/form.h"
#include "cgi/handler.h"
#include "cgi/request.h"
#include "core/access/apikey.h"

/* FORM: the form's _csrf. API: an API key, or a session with the header
 * X-CSRF-Token and an Origin of this site. */
enum csrf { CSRF_NONE, CSRF_FORM, CSRF_API };

enum store_need { STORE_NONE, STORE_WANTED, STORE_NEEDED };

enum route_id {
#define ROUTE(id, method, pattern, role, key, csrf, fields, store,	\
    handler, audit)							\
	ROUTE_##id,
#include "cgi/route.def"
#undef ROUTE
	ROUTE__MAX
};

struct route {
	enum method method;
	const char * pattern;
	enum role role;
	enum key_scope key;	/* KEY_SCOPE_NONE: takes no API keys. */
	enum csrf csrf;
	enum field_set fields;
	enum store_need store;
	handler_fn * handler;
	enum audit_action audit;	/* AUDIT__MAX: none. */
};

#define ROUTE_PARAM_MAX	128

/*
 * What stood where the pattern says ":name", and where it says ":name" again
 * or "*name", which takes the rest of the path, slashes and all; "" when it has
 * none. A second ":name" before a "*name" is between them.
 */
struct route_param {
	char text[ROUTE_PARAM_MAX + 1];
	char between[ROUTE_PARAM_MAX + 1];
	char rest[REQUEST_PATH_MAX + 1];
};

/** route_row(id): the row. Static storage. */
const struct route * route_row(enum route_id id);

/**
 * route_find(method, path, route, param, allow):
 * The row for ${method} and ${path}. Errors: ROUTE_NOT_FOUND;
 * METHOD_NOT_ALLOWED, with a bit (1 << method) in ${allow} for each method
 * that the path takes, and none otherwise. ${route} is NULL on error.
 * Reentrant.
 */
SR_NODISCARD enum sr_error route_find(enum method method, const char * path,
    const struct route ** route, struct route_param * param,
    unsigned * allow);

#endif /* !SR_CGI_ROUTE_H */
