#include <stdlib.h>

#include "cgi/response.h"
#include "cgi/sse.h"
#include "core/audit/disclose.h"
#include "core/log/log.h"
#include "core/redact/compose.h"

#define HEAD_MAX	((size_t)8192)

const char *
content_name(enum content type)
{
	static const char * const names[CONTENT__MAX] = {
		[CONTENT_NONE] = "",
		[CONTENT_HTML] = "text/html; charset=utf-8",
		[CONTENT_XML] = "application/xml; charset=utf-8",
		[CONTENT_TEXT] = "text/plain; charset=utf-8",
		[CONTENT_JSON] = "application/json",
		[CONTENT_BYTES] = "application/octet-stream",
		[CONTENT_PROBLEM_XML] =
		    "application/problem+xml; charset=utf-8",
		[CONTENT_PROBLEM_JSON] = "application/problem+json",
		[CONTENT_METRICS] =
		    "text/plain; version=0.0.4; charset=utf-8",
		[CONTENT_EVENT_STREAM] = "text/event-stream",
	};

	must(type < CONTENT__MAX);
	return (names[type]);
}

static void
forget_values(struct response * r)
{

	for (size_t i = 0; i < RESPONSE_VALUES_MAX; i++)
		disclosed_free(&r->value[i]);
	r->values = 0;
}

void
response_clear(struct response * r)
{

	redacted_free(&r->body);
	redacted_free(&r->location);
	redacted_free(&r->file);
	redacted_free(&r->more);
	response_end_stream(r);
	sse_leave(&r->listener);
	told_free(&r->told);
	forget_values(r);
	r->scripted = false;
	r->etag = 0;
	r->status = 0;
	r->type = CONTENT_NONE;
}

void
response_free(struct response * r)
{

	response_clear(r);
	for (unsigned c = 0; c < COOKIE__MAX; c++)
		disclosed_free(&r->cookie[c]);
	explicit_bzero(r, sizeof(*r));
}

void
response_body(struct response * r, int status, enum content type,
    struct redacted ** body)
{

	response_clear(r);
	r->status = status;
	r->type = type;
	r->body = *body;
	*body = NULL;
}

/* Where ${place} is in the body; false unless it is there ${n} times. */
static bool
find_places(struct response * r, const char * place, size_t n)
{
	const char * begin = redacted_bytes(r->body);
	const char * end = begin + redacted_len(r->body);
	const size_t len = strlen(place);
	const char * p = begin;
	size_t found = 0;

	while ((p = memmem(p, (size_t)(end - p), place, len)) != NULL) {
		if (found == n)
			return (false);
		r->value_at[found++] = (size_t)(p - begin);
		p += len;
	}
	return (found == n);
}

enum sr_error
response_show(struct response * r, struct disclosed ** d, size_t n,
    const char * place)
{

	must(n <= RESPONSE_VALUES_MAX);
	forget_values(r);
	if (r->body == NULL || !find_places(r, place, n)) {
		for (size_t i = 0; i < n; i++)
			disclosed_free(&d[i]);
		return (sr_fail(SR_E_INTERNAL_ERROR,
		    log_const("where", __func__)));
	}
	for (size_t i = 0; i < n; i++) {
		r->value[i] = d[i];
		d[i] = NULL;
	}
	r->values = n;
	r->value_len = strlen(place);
	return (SR_OK);
}

void
response_told(struct response * r, struct told ** told)
{

	told_free(&r->told);
	r->told = *told;
	*told = NULL;
}

void
told_free(struct told ** told)
{
	struct told * t;

	while ((t = *told) != NULL) {
		*told = t->next;
		redacted_free(&t->before);
		disclosed_free(&t->value);
		free(t);
	}
}

enum sr_error
response_location(struct response * r, struct compose ** to)
{

	redacted_free(&r->location);
	return (compose_finish(to, &r->location));
}

enum sr_error
response_redirect(struct response * r, struct compose ** to)
{

	response_clear(r);
	r->status = 303;
	return (compose_finish(to, &r->location));
}

bool
compose_place(struct compose * c, struct redact * redact, const char * path)
{
	struct compose * looked = NULL;
	struct redacted * t = NULL;
	bool whole;

	if (compose_new(redact, REDACT_UI, 1024, &looked) == SR_OK) {
		compose_name(looked, path);
		if (compose_finish(&looked, &t) != SR_OK)
			t = NULL;
	}
	whole = t != NULL && redacted_len(t) == strlen(path) &&
	    strncmp(path, redacted_bytes(t), redacted_len(t)) == 0;
	if (whole)
		compose_redacted(c, t);
	redacted_free(&t);
	return (whole);
}

void
response_disclose(struct response * r, enum cookie cookie,
    struct disclosed ** d)
{

	disclosed_free(&r->cookie[cookie]);
	r->cookie[cookie] = *d;
	r->forget[cookie] = false;
	*d = NULL;
}

void
response_forget(struct response * r, enum cookie cookie)
{

	disclosed_free(&r->cookie[cookie]);
	r->forget[cookie] = true;
}

/* The same for every answer, but that one page runs our script. */
static void
compose_policy(struct compose * c, bool strict, bool scripted)
{

	compose_lit(c, "Cache-Control: no-store\r\n"
	    "Content-Security-Policy: default-src 'none'; style-src 'self'; ");
	if (scripted)
		compose_lit(c, "script-src 'self'; connect-src 'self'; ");
	compose_lit(c, "img-src 'self'; form-action 'self'; "
	    "frame-ancestors 'none'; base-uri 'none'\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "X-Frame-Options: DENY\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "Cross-Origin-Opener-Policy: same-origin\r\n"
	    "Cross-Origin-Resource-Policy: same-origin\r\n"
	    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"
	    "Vary: Accept, Authorization, Cookie\r\n");
	if (strict)
		compose_lit(c, "Strict-Transport-Security: "
		    "max-age=31536000\r\n");
}

static void
compose_allow(struct compose * c, unsigned allow)
{

	if (allow == 0)
		return;
	compose_lit(c, "Allow: ");
	for (unsigned m = 0; m < METHOD_OTHER; m++) {
		if ((allow & 1U << m) == 0)
			continue;
		if ((allow & ((1U << m) - 1)) != 0)
			compose_lit(c, ", ");
		compose_constant(c, method_name((enum method)m, false));
		if (m == METHOD_GET)
			compose_lit(c, ", HEAD");
	}
	compose_lit(c, "\r\n");
}

static void
compose_file(struct compose * c, const struct response * r)
{

	if (r->file == NULL)
		return;
	compose_lit(c, "Content-Disposition: attachment; filename=\"");
	compose_redacted(c, r->file);
	compose_lit(c, "\"\r\n");
}

/* For programs: what they asked for, as it is now, and where it is. */
static void
compose_api(struct compose * c, const struct response * r)
{

	if (r->etag > 0) {
		compose_lit(c, "ETag: \"");
		compose_u64(c, r->etag);
		compose_lit(c, "\"\r\n");
	}
	if (r->challenge != CHALLENGE_NONE) {
		compose_lit(c, "WWW-Authenticate: Bearer realm=\"strongroom\"");
		compose_constant(c, r->challenge == CHALLENGE_INVALID ?
		    ", error=\"invalid_token\"\r\n" : "\r\n");
	}
}

/* Where a browser sends a cookie to, and who can read it. */
static void
compose_reach(struct compose * c, const struct site * site)
{

	compose_lit(c, "; Path=");
	compose_constant(c, cookie_path_name(site));
	compose_lit(c, "; HttpOnly; SameSite=Lax");
	compose_constant(c, site->https ? "; Secure\r\n" : "\r\n");
}

static void
compose_cookies(struct compose * c, const struct response * r,
    const struct site * site)
{

	if (r->has_form_token) {
		compose_lit(c, "Set-Cookie: ");
		compose_constant(c, cookie_name(COOKIE_FORM, site));
		compose_lit(c, "=");
		compose_hex(c, r->form_token, FORM_TOKEN_LEN);
		compose_reach(c, site);
	}
	for (unsigned i = 0; i < COOKIE__MAX; i++) {
		if (!r->forget[i] || r->cookie[i] != NULL)
			continue;
		compose_lit(c, "Set-Cookie: ");
		compose_constant(c, cookie_name((enum cookie)i, site));
		compose_lit(c, "=; Max-Age=0");
		compose_reach(c, site);
	}
}

static enum sr_error
compose_head(const struct response * r, const struct site * site,
    const struct sr_id * correlation_id, struct redacted ** out)
{
	struct compose * c = NULL;
	enum sr_error err;

	err = compose_new(NULL, REDACT_UI, HEAD_MAX, &c);
	if (err != SR_OK)
		return (err);
	compose_lit(c, "Status: ");
	compose_u64(c, (uint64_t)r->status);
	compose_lit(c, "\r\nX-Correlation-Id: ");
	compose_id(c, correlation_id);
	compose_lit(c, "\r\n");
	if (r->type != CONTENT_NONE) {
		compose_lit(c, "Content-Type: ");
		compose_constant(c, content_name(r->type));
		compose_lit(c, "\r\n");
	}
	/* nginx would collect it. */
	if (r->type == CONTENT_EVENT_STREAM)
		compose_lit(c, "X-Accel-Buffering: no\r\n");
	if (r->location != NULL) {
		compose_lit(c, "Location: ");
		if (redacted_bytes(r->location)[0] == '/')
			compose_constant(c, site_prefix_name(site));
		compose_redacted(c, r->location);
		compose_lit(c, "\r\n");
	}
	if (r->retry_after > 0) {
		compose_lit(c, "Retry-After: ");
		compose_u64(c, r->retry_after);
		compose_lit(c, "\r\n");
	}
	compose_file(c, r);
	if (r->more != NULL)
		compose_redacted(c, r->more);
	compose_api(c, r);
	compose_allow(c, r->allow);
	/* RFC 6797, 7.2: never in an answer that goes out in the clear. */
	compose_policy(c, site->https && r->tls, r->scripted);
	compose_cookies(c, r, site);
	return (compose_finish(&c, out));
}

static bool
send_redacted(const struct sink * sink, const struct redacted * t)
{

	return (sink->write(sink->cookie, redacted_bytes(t), redacted_len(t)));
}

static bool
send_body(const struct response * r, const struct sink * sink)
{

	if (r->values > 0)
		return (response_send_value(r, sink));
	if (!response_send_told(r, sink))
		return (false);
	return (r->body == NULL || send_redacted(sink, r->body));
}

enum sr_error
response_send(const struct response * r, const struct site * site,
    const struct sr_id * correlation_id, bool head, const struct sink * sink)
{
	struct redacted * top = NULL;
	enum sr_error err;

	if ((err = compose_head(r, site, correlation_id, &top)) != SR_OK)
		return (err);
	if (!send_redacted(sink, top) ||
	    !response_send_disclosed(r, site, sink) ||
	    !sink->write(sink->cookie, "\r\n", 2) ||
	    (!head && !send_body(r, sink)))
		err = SR_E_OUTPUT_FAILED;
	else if (!head && r->stream.run != NULL)
		err = response_send_stream(r, sink);
	redacted_free(&top);
	return (err);
}
