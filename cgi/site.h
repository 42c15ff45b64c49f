#ifndef SR_CGI_SITE_H
#define SR_CGI_SITE_H

/* The address people use (config site.url), taken apart once at start. */

#include "cgi/proxy.h"
#include "core/base/error.h"

#define SITE_ORIGIN_MAX	255

struct site {
	bool https;
	char origin[SITE_ORIGIN_MAX + 1];	/* "http://127.0.0.1:8080" */
	struct proxies proxies;		/* access.trusted_proxies */
};

/**
 * site_parse(url, out):
 * Take scheme, host and port from ${url}; a path is not allowed, a final /
 * is. Errors: CONFIG_INVALID (not http or https, a user part, a path).
 */
SR_NODISCARD enum sr_error site_parse(const char * url, struct site * out);

/**
 * site_same_origin(site, origin, host):
 * Whether a request whose Origin header is ${origin} came from a page of this
 * site: the configured address or, while that is plain http, the address of
 * the request itself (${host}, "" when unknown), so that localhost works
 * where the configuration says 127.0.0.1.
 */
SR_NODISCARD bool site_same_origin(const struct site * site,
    const char * origin, const char * host);

#endif /* !SR_CGI_SITE_H */
