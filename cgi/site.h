#ifndef SR_CGI_SITE_H
#define SR_CGI_SITE_H

/* The address people use (config site.url), taken apart once at start. */

#include "cgi/proxy.h"
#include "core/base/error.h"

#define SITE_ORIGIN_MAX	255
#define SITE_PREFIX_MAX	63

struct site {
	bool https;
	char origin[SITE_ORIGIN_MAX + 1];	/* "http://127.0.0.1:8080" */
	char prefix[SITE_PREFIX_MAX + 1];	/* "", "/strongroom" */
	struct proxies proxies;		/* access.trusted_proxies */
};

/**
 * site_parse(url, out):
 * Take ${url} apart: scheme, host and port; a path, if there is one, is the
 * prefix under which the site is (letters, digits, - _ ~ and dots that do not
 * begin a segment, so that it is the same in a path, a header and a page). A
 * final / is of no meaning. Errors: CONFIG_INVALID (not http or https, a user
 * part, another path).
 */
SR_NODISCARD enum sr_error site_parse(const char * url, struct site * out);

/** site_prefix_name(site): "" or "/strongroom", before each path of ours. */
const char * site_prefix_name(const struct site * site);

/** site_origin_name(site): "https://vault.example", of the settings. */
const char * site_origin_name(const struct site * site);

/**
 * site_enter(site, path):
 * Take the prefix off ${path}, so that all that follows knows none; false, and
 * ${path} as it was, when it is outside of the site.
 */
SR_NODISCARD bool site_enter(const struct site * site, char * path);

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
