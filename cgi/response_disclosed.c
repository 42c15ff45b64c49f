/*
 * The one place of the site that sends something in the clear: a cookie or an
 * API key whose disclosure was audited and committed before (struct disclosed).
 */

#include "cgi/response.h"
#include "core/audit/disclose.h"
#include "core/base/secbuf_bytes.h"

static bool
put(const struct sink * sink, const char * text)
{

	return (sink->write(sink->cookie, text, strlen(text)));
}

static bool
send_cookie(const struct sink * sink, const char * name,
    const struct secbuf * value, bool https)
{

	return (put(sink, "Set-Cookie: ") && put(sink, name) &&
	    put(sink, "=") && sink->write(sink->cookie, secbuf_bytes(value),
	    secbuf_len(value)) &&
	    put(sink, "; Path=/; HttpOnly; SameSite=Lax") &&
	    put(sink, https ? "; Secure\r\n" : "\r\n"));
}

bool
response_send_disclosed(const struct response * r, const struct site * site,
    const struct sink * sink)
{

	for (unsigned c = 0; c < COOKIE__MAX; c++) {
		if (r->cookie[c] != NULL && !send_cookie(sink,
		    cookie_name((enum cookie)c, site->https),
		    disclosed_value(r->cookie[c]), site->https))
			return (false);
	}
	return (true);
}

bool
response_send_value(const struct response * r, const struct sink * sink)
{
	const struct secbuf * value = disclosed_value(r->value);

	return (sink->write(sink->cookie, secbuf_bytes(value),
	    secbuf_len(value)));
}

const struct secbuf *
response_pending(const struct response * r, enum cookie cookie)
{

	if (r->cookie[cookie] == NULL)
		return (NULL);
	return (disclosed_value(r->cookie[cookie]));
}
