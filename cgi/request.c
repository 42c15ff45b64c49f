#include <strings.h>

#include "cgi/request_internal.h"
#include "core/base/secbuf.h"
#include "core/base/strbuf.h"

static const char * const names[] = { [METHOD_GET] = "GET",
	[METHOD_POST] = "POST", [METHOD_PUT] = "PUT",
	[METHOD_DELETE] = "DELETE", [METHOD_PATCH] = "PATCH",
	[METHOD_OTHER] = "OTHER" };

const char *
method_name(enum method method, bool head)
{

	return (method == METHOD_GET && head ? "HEAD" : names[method]);
}

const char *
request_param(const struct source * source, const char * name)
{
	const char * value = source->param(source->cookie, name);

	return (value == NULL ? "" : value);
}

enum sr_error
request_copy(const struct source * source, const char * name, char * out,
    size_t max)
{
	const char * value = request_param(source, name);
	size_t len = strlen(value);

	out[0] = '\0';
	if (len > max)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	if (!utf8_valid(value, len) || utf8_has_control(value, len))
		return (SR_E_REQUEST_MALFORMED);
	memcpy(out, value, len + 1);
	return (SR_OK);
}

static void
read_method(const struct source * source, struct request * r)
{
	const char * method = request_param(source, "REQUEST_METHOD");

	r->head = strcmp(method, "HEAD") == 0;
	r->method = r->head ? METHOD_GET : METHOD_OTHER;
	for (unsigned m = 0; m < METHOD_OTHER && !r->head; m++) {
		if (strcmp(method, names[m]) == 0)
			r->method = (enum method)m;
	}
}

/*
 * lighttpd gives the path as PATH_INFO, Apache as SCRIPT_NAME; both have
 * decoded it. REQUEST_URI is raw, so nothing is routed by it. Where the site
 * is under a prefix, the two together begin with it.
 */
static enum sr_error
read_path(const struct source * source, const struct site * site,
    struct request * r)
{
	const char * script = request_param(source, "SCRIPT_NAME");
	const char * info = request_param(source, "PATH_INFO");
	size_t a = strlen(script);
	size_t b = strlen(info);

	if (a > REQUEST_PATH_MAX || b > REQUEST_PATH_MAX - a)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	memcpy(r->path, script, a);
	memcpy(r->path + a, info, b + 1);
	if (r->path[0] != '/' || !utf8_valid(r->path, a + b) ||
	    utf8_has_control(r->path, a + b))
		return (SR_E_REQUEST_MALFORMED);
	return (site_enter(site, r->path) ? SR_OK : SR_E_ROUTE_NOT_FOUND);
}

static enum sr_error
read_query(const struct source * source, struct request * r)
{
	const char * query = request_param(source, "QUERY_STRING");
	size_t len = strlen(query);

	if (len > REQUEST_QUERY_MAX)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	return (len == 0 ? SR_OK : secbuf_copy(query, len, &r->query));
}

static enum sr_error
read_cookies(const struct source * source, const struct site * site,
    struct request * r)
{
	const char * header = request_param(source, "HTTP_COOKIE");
	enum sr_error err;

	if (strlen(header) > REQUEST_COOKIE_MAX)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	for (unsigned c = 0; c < COOKIE__MAX; c++) {
		err = cookie_find(header, cookie_name((enum cookie)c,
		    site), &r->cookies[c]);
		if (err != SR_OK)
			return (err);
	}
	return (SR_OK);
}


/* RFC 9110, 8.6: digits. An absent or empty one is a chunked body or none. */
static enum sr_error
read_length(const struct source * source, struct request * r)
{
	const char * text = request_param(source, "CONTENT_LENGTH");

	for (const char * p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || p - text > 17)
			return (SR_E_REQUEST_MALFORMED);
		r->length = r->length * 10 + (uint64_t)(*p - '0');
		r->has_length = true;
	}
	return (SR_OK);
}

static enum sr_error
read_headers(const struct source * source, struct request * r)
{
	char type[REQUEST_HEADER_MAX + 1];
	enum sr_error err;

	err = request_copy(source, "CONTENT_TYPE", type, REQUEST_HEADER_MAX);
	if (err != SR_OK)
		return (err);
	r->media = request_media(type);
	r->cross_site = strcasecmp(request_param(source, "HTTP_SEC_FETCH_SITE"),
	    "cross-site") == 0;
	if ((err = read_length(source, r)) != SR_OK)
		return (err);
	if ((err = request_copy(source, "HTTP_ORIGIN", r->origin,
	    REQUEST_HOST_MAX)) != SR_OK)
		return (err);
	if ((err = request_copy(source, "HTTP_HOST", r->host,
	    REQUEST_HOST_MAX)) != SR_OK)
		return (err);
	if ((err = request_copy(source, "HTTP_LAST_EVENT_ID", r->last_event_id,
	    REQUEST_CURSOR_MAX)) != SR_OK)
		return (err);
	return (request_copy(source, "REMOTE_USER", r->remote_user,
	    REQUEST_USER_MAX));
}

/*
 * How it came is what the web server found itself: HTTPS (Apache, lighttpd,
 * nginx) or REQUEST_SCHEME, which no header can set. Before a web server that
 * is spoken to by a proxy, it is what the proxy says, if that is trusted.
 */
static void
read_scheme(const struct source * source, bool trusted, struct request * r)
{
	const char * said = request_param(source, "HTTP_X_FORWARDED_PROTO");

	r->tls = strcasecmp(request_param(source, "HTTPS"), "on") == 0 ||
	    strcasecmp(request_param(source, "REQUEST_SCHEME"), "https") == 0;
	if (trusted && said[0] != '\0')
		r->tls = strcasecmp(said, "https") == 0;
	r->relayed = !trusted && said[0] != '\0';
}

static enum sr_error
read_address(const struct source * source, const struct site * site,
    struct request * r)
{
	char remote[REQUEST_ADDRESS_MAX + 1];
	char forwarded[REQUEST_HEADER_MAX + 1];
	enum sr_error err;

	if ((err = request_copy(source, "REMOTE_ADDR", remote,
	    REQUEST_ADDRESS_MAX)) != SR_OK ||
	    (err = request_copy(source, "HTTP_X_FORWARDED_FOR", forwarded,
	    REQUEST_HEADER_MAX)) != SR_OK)
		return (err);
	proxies_client(&site->proxies, remote, forwarded, r->address);
	read_scheme(source, proxies_trusted(&site->proxies, remote), r);
	return (SR_OK);
}

/*
 * Of two lines of one header the web server may make two parameters, and so it
 * may of X-Forwarded-For and X_Forwarded_For. One was written by the proxy, the
 * other by whoever asked, and nothing tells which.
 */
static enum sr_error
refuse_twice(const struct source * source)
{
	static const char * const once[] = { "HTTP_X_FORWARDED_FOR",
	    "REMOTE_USER", "REMOTE_ADDR", "HTTP_HOST", "HTTP_COOKIE",
	    "HTTP_AUTHORIZATION", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE",
	    "HTTP_X_CSRF_TOKEN", "HTTP_X_FORWARDED_PROTO", "HTTPS",
	    "REQUEST_SCHEME" };

	for (size_t i = 0; i < COUNTOF(once); i++) {
		if (source->twice(source->cookie, once[i]))
			return (SR_E_REQUEST_MALFORMED);
	}
	return (SR_OK);
}

enum sr_error
request_read(const struct source * source, const struct site * site,
    struct request * out)
{
	const char * accept = request_param(source, "HTTP_ACCEPT");
	enum sr_error err;

	*out = (struct request){ .method = METHOD_OTHER };
	read_method(source, out);
	if (strlen(accept) > REQUEST_HEADER_MAX)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	out->format = accept_format(accept);
	err = read_path(source, site, out);
	out->api = strncmp(out->path, "/api/", 5) == 0;
	if (out->api)
		out->format = accept_api(accept);
	if (err != SR_OK)
		return (err);
	if ((err = refuse_twice(source)) != SR_OK)
		return (err);
	if ((err = read_query(source, out)) != SR_OK)
		return (err);
	if ((err = read_cookies(source, site, out)) != SR_OK)
		return (err);
	if ((err = read_address(source, site, out)) != SR_OK ||
	    (err = read_headers(source, out)) != SR_OK)
		return (err);
	return (request_read_api(source, out));
}

void
request_free(struct request * r)
{

	secbuf_free(&r->query);
	secbuf_free(&r->bearer);
	for (unsigned c = 0; c < COOKIE__MAX; c++)
		secbuf_free(&r->cookies[c]);
}
