#ifndef SR_CGI_COOKIE_H
#define SR_CGI_COOKIE_H

/*
 * The cookies of the site. On https their names carry the __Host- prefix, by
 * which a browser vouches that no other host of the domain has set them.
 */

#include "cgi/site.h"
#include "core/base/error.h"

struct secbuf;

enum cookie {
	COOKIE_SESSION,		/* A session's token. */
	COOKIE_FORM,		/* Before sign-in: the base of CSRF tokens. */
	COOKIE_SETUP,		/* May create the owner. */
	COOKIE_STEP,		/* May enter the code of a second factor. */
	COOKIE__MAX
};

#define COOKIE_VALUE_MAX	128

/**
 * cookie_name(cookie, site): its name. Static storage. Behind TLS it carries
 * the strictest prefix that browsers enforce: __Host-, which needs Path=/, or
 * __Secure- when the site is only a part of what its host serves.
 */
const char * cookie_name(enum cookie cookie, const struct site * site);

/** cookie_path_name(site): its Path. */
const char * cookie_path_name(const struct site * site);

/**
 * cookie_find(header, name, out):
 * The value of ${name} in a Cookie header (RFC 6265, 5.4), which ${out} owns;
 * NULL when it is absent, empty, longer than COOKIE_VALUE_MAX or there twice
 * (then one of them is not ours). Errors: OUT_OF_MEMORY. Caller frees.
 */
SR_NODISCARD enum sr_error cookie_find(const char * header, const char * name,
    struct secbuf ** out);

#endif /* !SR_CGI_COOKIE_H */
