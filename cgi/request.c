#include <strings.h>

#include "cgi/request.h"
#include "core/base/secbuf.h"
#include "core/base/strbuf.h"

const char *
method_name(enum method method, bool head)
{

	if (method == METHOD_GET)
		return (head ? "HEAD" : "GET");
	return (method == METHOD_POST ? "POST" : "OTHER");
}

static const char *
param(const struct source * source, const char * name)
{
	const char * value = source->param(source->cookie, name);

	return (value == NULL ? "" : value);
}

/* Copy a parameter that has a limit; a longer one is an error. */
static enum sr_error
copy_param(const struct source * source, const char * name, char * out,
    size_t max)
{
	const char * value = param(source, name);
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
	const char * method = param(source, "REQUEST_METHOD");

	r->head = strcmp(method, "HEAD") == 0;
	if (r->head || strcmp(method, "GET") == 0)
		r->method = METHOD_GET;
	else if (strcmp(method, "POST") == 0)
		r->method = METHOD_POST;
	else
		r->method = METHOD_OTHER;
}

/*
 * lighttpd gives the path as PATH_INFO, Apache as SCRIPT_NAME; both have
 * decoded it. REQUEST_URI is raw, so nothing is routed by it.
 */
static enum sr_error
read_path(const struct source * source, struct request * r)
{
	const char * script = param(source, "SCRIPT_NAME");
	const char * info = param(source, "PATH_INFO");
	size_t a = strlen(script);
	size_t b = strlen(info);

	if (a > REQUEST_PATH_MAX || b > REQUEST_PATH_MAX - a)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	memcpy(r->path, script, a);
	memcpy(r->path + a, info, b + 1);
	if (r->path[0] != '/' || !utf8_valid(r->path, a + b) ||
	    utf8_has_control(r->path, a + b))
		return (SR_E_REQUEST_MALFORMED);
	return (SR_OK);
}

static enum sr_error
read_query(const struct source * source, struct request * r)
{
	const char * query = param(source, "QUERY_STRING");
	size_t len = strlen(query);

	if (len > REQUEST_QUERY_MAX)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	return (len == 0 ? SR_OK : secbuf_copy(query, len, &r->query));
}

static enum sr_error
read_cookies(const struct source * source, const struct site * site,
    struct request * r)
{
	const char * header = param(source, "HTTP_COOKIE");
	enum sr_error err;

	if (strlen(header) > REQUEST_COOKIE_MAX)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	for (unsigned c = 0; c < COOKIE__MAX; c++) {
		err = cookie_find(header, cookie_name((enum cookie)c,
		    site->https), &r->cookies[c]);
		if (err != SR_OK)
			return (err);
	}
	return (SR_OK);
}

static enum media
media_of(const char * type)
{
	static const char form[] = "application/x-www-form-urlencoded";
	size_t n = sizeof(form) - 1;

	if (type[0] == '\0')
		return (MEDIA_NONE);
	if (strncasecmp(type, form, n) == 0 &&
	    (type[n] == '\0' || type[n] == ';' || type[n] == ' '))
		return (MEDIA_FORM);
	return (MEDIA_OTHER);
}

/* RFC 9110, 8.6: digits. An absent or empty one is a chunked body or none. */
static enum sr_error
read_length(const struct source * source, struct request * r)
{
	const char * text = param(source, "CONTENT_LENGTH");

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

	err = copy_param(source, "CONTENT_TYPE", type, REQUEST_HEADER_MAX);
	if (err != SR_OK)
		return (err);
	r->media = media_of(type);
	r->cross_site = strcasecmp(param(source, "HTTP_SEC_FETCH_SITE"),
	    "cross-site") == 0;
	if ((err = read_length(source, r)) != SR_OK)
		return (err);
	if ((err = copy_param(source, "HTTP_ORIGIN", r->origin,
	    REQUEST_HOST_MAX)) != SR_OK)
		return (err);
	if ((err = copy_param(source, "HTTP_HOST", r->host,
	    REQUEST_HOST_MAX)) != SR_OK)
		return (err);
	return (copy_param(source, "REMOTE_ADDR", r->address,
	    REQUEST_ADDRESS_MAX));
}

enum sr_error
request_read(const struct source * source, const struct site * site,
    struct request * out)
{
	const char * accept = param(source, "HTTP_ACCEPT");
	enum sr_error err;

	*out = (struct request){ .method = METHOD_OTHER };
	read_method(source, out);
	if (strlen(accept) > REQUEST_HEADER_MAX)
		return (SR_E_REQUEST_HEADERS_TOO_LARGE);
	out->format = accept_format(accept);
	if ((err = read_path(source, out)) != SR_OK)
		return (err);
	if ((err = read_query(source, out)) != SR_OK)
		return (err);
	if ((err = read_cookies(source, site, out)) != SR_OK)
		return (err);
	return (read_headers(source, out));
}

void
request_free(struct request * r)
{

	secbuf_free(&r->query);
	for (unsigned c = 0; c < COOKIE__MAX; c++)
		secbuf_free(&r->cookies[c]);
}
