/*
 * The one place of the site that sends something in the clear: a cookie, or a
 * value that is shown once, whose disclosure was audited and committed before
 * (struct disclosed). The body around it has passed the gate and was scanned;
 * exempt is exactly the span that the value takes.
 */

#include "cgi/response.h"
#include "core/audit/disclose.h"
#include "core/base/secbuf_bytes.h"
#include "core/redact/redact.h"

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

/* What needs no escaping, whatever the body is. */
static bool
plain(const struct secbuf * value)
{
	const uint8_t * b = secbuf_bytes(value);

	for (size_t i = 0; i < secbuf_len(value); i++) {
		if (!(b[i] >= 'A' && b[i] <= 'Z') &&
		    !(b[i] >= 'a' && b[i] <= 'z') &&
		    !(b[i] >= '0' && b[i] <= '9') && b[i] != '_' &&
		    b[i] != '-')
			return (false);
	}
	return (true);
}

static bool
put_redacted(const struct sink * sink, const struct redacted * t)
{

	return (t == NULL ||
	    sink->write(sink->cookie, redacted_bytes(t), redacted_len(t)));
}

bool
response_send_value(const struct response * r, const struct sink * sink)
{
	const struct secbuf * value = disclosed_value(r->value);
	const char * body = redacted_bytes(r->body);
	const size_t after = r->value_at + r->value_len;

	return (plain(value) &&
	    sink->write(sink->cookie, body, r->value_at) &&
	    sink->write(sink->cookie, secbuf_bytes(value),
	    secbuf_len(value)) &&
	    sink->write(sink->cookie, body + after,
	    redacted_len(r->body) - after) && put_redacted(sink, r->rest));
}

const struct secbuf *
response_pending(const struct response * r, enum cookie cookie)
{

	if (r->cookie[cookie] == NULL)
		return (NULL);
	return (disclosed_value(r->cookie[cookie]));
}
