#include "cgi/route.h"

static const struct route routes[ROUTE__MAX] = {
#define ROUTE(id, method, pattern, role, key, csrf, fields, store,	\
    handler, audit)							\
	[ROUTE_##id] = { METHOD_##method, pattern, ROLE_##role,		\
	    KEY_SCOPE_##key, CSRF_##csrf, FIELDS_##fields,		\
	    STORE_##store, handler,					\
	    AUDIT_##audit },
#include "cgi/route.def"
#undef ROUTE
};

/* Exactly the unsafe methods carry a token. */
#define ROUTE(id, method, pattern, role, key, csrf, fields, store,	\
    handler, audit)							\
	_Static_assert((METHOD_##method == METHOD_GET) ==		\
	    (CSRF_##csrf == CSRF_NONE), #id);
#include "cgi/route.def"
#undef ROUTE

const struct route *
route_row(enum route_id id)
{

	must(id < ROUTE__MAX);
	return (&routes[id]);
}

/* The length of the segment at ${p}: up to the next slash. */
static size_t
segment(const char * p)
{

	return (strcspn(p, "/"));
}

/* The first goes into text, the second and the rest of a path into rest. */
static bool
take_param(const char * path, size_t len, bool all, struct route_param * param)
{
	char * out = all || param->text[0] != '\0' ? param->rest : param->text;

	if (len == 0 || len > (all ? REQUEST_PATH_MAX : ROUTE_PARAM_MAX))
		return (false);
	if (all)
		memcpy(param->between, param->rest, sizeof(param->between));
	memcpy(out, path, len);
	out[len] = '\0';
	return (true);
}

/*
 * Segment by segment; ":name" takes one segment, whatever it holds, and
 * "*name", the pattern's last, takes all that are left.
 */
static bool
matches(const char * pattern, const char * path, struct route_param * param)
{
	size_t a, b;

	param->text[0] = param->between[0] = param->rest[0] = '\0';
	while (*pattern == '/' && *path == '/') {
		pattern++;
		path++;
		a = segment(pattern);
		b = segment(path);
		if (*pattern == '*')
			return (take_param(path, strlen(path), true, param));
		if (*pattern == ':') {
			if (!take_param(path, b, false, param))
				return (false);
		} else if (a != b || strncmp(pattern, path, a) != 0) {
			return (false);
		}
		pattern += a;
		path += b;
	}
	return (*pattern == '\0' && *path == '\0');
}

enum sr_error
route_find(enum method method, const char * path, const struct route ** route,
    struct route_param * param, unsigned * allow)
{

	*route = NULL;
	*allow = 0;
	for (size_t i = 0; i < ROUTE__MAX; i++) {
		if (!matches(routes[i].pattern, path, param))
			continue;
		if (routes[i].method == method) {
			*allow = 0;
			*route = &routes[i];
			return (SR_OK);
		}
		*allow |= 1U << routes[i].method;
	}
	return (*allow == 0 ? SR_E_ROUTE_NOT_FOUND : SR_E_METHOD_NOT_ALLOWED);
}
