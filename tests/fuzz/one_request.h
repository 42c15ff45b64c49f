#ifndef SR_TESTS_FUZZ_ONE_REQUEST_H
#define SR_TESTS_FUZZ_ONE_REQUEST_H

/*
 * What the web server says of a request: parameters, each ended by a NUL, an
 * empty one, and the body. Whatever they are, the request that is made of them
 * is within its limits, says what they say, and finds the route whose pattern
 * gives its path again.
 */

#include <strings.h>

#include "cgi/body.h"
#include "cgi/route.h"
#include "tests/fuzz/one_form.h"

#define ONE_PARAMS_MAX	64

struct one_params {
	const char * v[ONE_PARAMS_MAX];
	size_t n;
	const char * body;
	size_t body_len, at, most;
};

static const char *
one_param(void * cookie, const char * name)
{
	const struct one_params * p = cookie;
	const size_t len = strlen(name);

	for (size_t i = 0; i < p->n; i++) {
		if (strncmp(p->v[i], name, len) == 0 && p->v[i][len] == '=')
			return (p->v[i] + len + 1);
	}
	return (NULL);
}

static bool
one_param_twice(void * cookie, const char * name)
{
	const struct one_params * p = cookie;
	const size_t len = strlen(name);
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += strncmp(p->v[i], name, len) == 0 && p->v[i][len] == '=';
	return (n > 1);
}

static size_t
one_param_read(void * cookie, void * into, size_t len)
{
	struct one_params * p = cookie;
	size_t n = p->body_len - p->at;

	n = n < len ? n : len;
	n = n < p->most ? n : p->most;
	if (n > 0)
		memcpy(into, p->body + p->at, n);
	p->at += n;
	return (n);
}

static bool
one_param_broken(void * cookie)
{
	const struct one_params * p = cookie;

	return (p->most % 5 == 4 && p->at == p->body_len);
}

/* ${copy} ends with a NUL that is not counted. */
static void
one_params_take(struct one_params * p, const char * copy, size_t len)
{
	size_t at = 0, n;

	while (at < len && p->n < ONE_PARAMS_MAX) {
		n = strlen(copy + at);
		if (n == 0)
			break;
		p->v[p->n++] = copy + at;
		at += n + 1;
	}
	at = at < len ? at + 1 : len;
	p->body = copy + at;
	p->body_len = len - at;
}

static void
one_request_texts(const struct request * r)
{
	const struct {
		const char * text;
		size_t most;
	} texts[] = { { r->path, REQUEST_PATH_MAX },
	    { r->origin, REQUEST_HOST_MAX }, { r->host, REQUEST_HOST_MAX },
	    { r->idempotency_key, REQUEST_IDEMPOTENCY_MAX },
	    { r->csrf, REQUEST_CSRF_MAX },
	    { r->last_event_id, REQUEST_CURSOR_MAX },
	    { r->address, REQUEST_ADDRESS_MAX },
	    { r->remote_user, REQUEST_USER_MAX } };
	size_t len;

	for (size_t i = 0; i < COUNTOF(texts); i++) {
		len = strnlen(texts[i].text, texts[i].most + 1);
		ONE_HOLDS(len <= texts[i].most);
		ONE_HOLDS(utf8_valid(texts[i].text, len));
		ONE_HOLDS(!utf8_has_control(texts[i].text, len));
	}
	ONE_HOLDS(r->path[0] == '/');
	ONE_HOLDS(r->query == NULL || (secbuf_len(r->query) > 0 &&
	    secbuf_len(r->query) <= REQUEST_QUERY_MAX));
	ONE_HOLDS(r->bearer == NULL ||
	    secbuf_len(r->bearer) <= REQUEST_BEARER_MAX);
	for (unsigned c = 0; c < COOKIE__MAX; c++)
		ONE_HOLDS(r->cookies[c] == NULL ||
		    (secbuf_len(r->cookies[c]) > 0 &&
		    secbuf_len(r->cookies[c]) <= COOKIE_VALUE_MAX));
}

/* Only a cookie that is there once is one; looked for in another way. */
static void
one_request_cookies(const struct request * r, struct one_params * p,
    const struct site * site)
{
	const char * header = one_param(p, "HTTP_COOKIE");
	const char * name, * at;
	unsigned times;

	for (unsigned c = 0; c < COOKIE__MAX; c++) {
		name = cookie_name((enum cookie)c, site);
		times = 0;
		at = header == NULL ? "" : header;
		for (; (at = strstr(at, name)) != NULL; at++)
			times += at[strlen(name)] == '=' && (at == header ||
			    strchr("; \t", at[-1]) != NULL);
		if (times == 0)
			ONE_HOLDS(r->cookies[c] == NULL);
	}
}

/* Nobody says where he comes from but the proxies that are trusted. */
static void
one_request_address(const struct request * r, struct one_params * p,
    const struct site * site)
{
	const char * remote = one_param(p, "REMOTE_ADDR");
	const char * forwarded = one_param(p, "HTTP_X_FORWARDED_FOR");

	remote = remote == NULL ? "" : remote;
	if (strcmp(r->address, remote) == 0)
		return;
	ONE_HOLDS(site->proxies.n > 0 && forwarded != NULL &&
	    strstr(forwarded, r->address) != NULL);
	ONE_HOLDS(strncmp(remote, "10.", 3) == 0 ||
	    strchr(remote, ':') != NULL);
}

static void
one_request_numbers(const struct request * r, struct one_params * p)
{
	const char * length = one_param(p, "CONTENT_LENGTH");
	const char * tag = one_param(p, "HTTP_IF_MATCH");
	char text[32];

	ONE_HOLDS(r->has_length == (length != NULL && length[0] != '\0'));
	if (r->has_length)
		ONE_HOLDS(r->length == strtoull(length, NULL, 10));
	if (r->if_match == CONDITION_VERSION) {
		(void)snprintf(text, sizeof(text), "\"%u\"",
		    r->if_match_version);
		ONE_HOLDS(tag != NULL && strcmp(tag, text) == 0);
	}
	ONE_HOLDS(r->if_match == CONDITION_NONE || r->api);
	ONE_HOLDS((r->if_match == CONDITION_ANY) ==
	    (r->api && tag != NULL && strcmp(tag, "*") == 0));
}

/* A type that nobody makes changes nothing. */
static void
one_request_accept(struct one_params * p)
{
	const char * accept = one_param(p, "HTTP_ACCEPT");
	char * more;

	if (accept == NULL ||
	    asprintf(&more, "a/b;q=0.7,%s, c/d;q=1", accept) < 0)
		return;
	ONE_HOLDS(accept_format(more) == accept_format(accept));
	ONE_HOLDS(accept_api(more) == accept_api(accept));
	free(more);
}

/* The pattern with what stood in its places. */
static void
one_route_again(const struct route * route, const struct route_param * param,
    const char * path)
{
	struct one_text t = { .p = NULL };
	const char * p = route->pattern;
	unsigned names = 0;
	size_t n;

	one_add(&t, "", 0);
	while (*p != '\0') {
		n = strcspn(p, ":*");
		one_add(&t, p, n);
		p += n;
		if (*p == '\0')
			break;
		if (*p == '*')
			one_add(&t, param->rest, strlen(param->rest));
		else if (names++ == 0)
			one_add(&t, param->text, strlen(param->text));
		else if (strchr(p, '*') != NULL)
			one_add(&t, param->between, strlen(param->between));
		else
			one_add(&t, param->rest, strlen(param->rest));
		p += strcspn(p, "/");
	}
	one_same(route->pattern, path, strlen(path), t.p, t.len, path,
	    strlen(path));
	free(t.p);
}

static const struct route *
one_route(const struct request * r)
{
	const struct route * route, * other;
	struct route_param param;
	unsigned allow, none;
	enum sr_error err = route_find(r->method, r->path, &route, &param,
	    &allow);

	if (err == SR_OK) {
		ONE_HOLDS(route->method == r->method && allow == 0);
		one_route_again(route, &param, r->path);
		return (route);
	}
	ONE_HOLDS(route == NULL);
	ONE_HOLDS(err == (allow == 0 ? SR_E_ROUTE_NOT_FOUND :
	    SR_E_METHOD_NOT_ALLOWED));
	for (unsigned m = 0; m < METHOD_OTHER; m++)
		ONE_HOLDS((route_find((enum method)m, r->path, &other, &param,
		    &none) == SR_OK) == ((allow & 1U << m) != 0));
	return (NULL);
}

static void
one_request_body(const struct request * r, const struct source * source,
    const struct route * route, struct one_params * p)
{
	struct secbuf * b = NULL;
	enum sr_error err = body_read(source, r, 2000, &b);

	ONE_HOLDS((err == SR_OK) == (b != NULL));
	ONE_HOLDS(err == SR_OK || err == SR_E_REQUEST_INCOMPLETE ||
	    err == SR_E_REQUEST_BODY_TOO_LARGE);
	if (err == SR_OK)
		ONE_HOLDS(secbuf_len(b) <= 2000 && (!r->has_length ||
		    secbuf_len(b) == r->length));
	if (err == SR_OK && route != NULL)
		one_form_of(route->fields, r->api ? (unsigned)r->media :
		    MEDIA_OTHER + 1, p->body, secbuf_len(b));
	secbuf_free(&b);
}

static const struct site *
one_site(unsigned n)
{
	static struct site sites[4];
	static const char * const urls[] = { "http://127.0.0.1:8080",
	    "http://127.0.0.1:8080/strongroom", "https://example.org",
	    "https://example.org/a/strongroom" };

	if (sites[0].origin[0] == '\0') {
		for (unsigned i = 0; i < 4; i++)
			ONE_HOLDS(site_parse(urls[i], &sites[i]) == SR_OK);
		ONE_HOLDS(proxies_parse("10.0.0.0/8, fd00::/8 10.1.2.3",
		    &sites[1].proxies));
		sites[2].proxies = sites[1].proxies;
	}
	return (&sites[n % 4]);
}

static void
one_request_good(const struct request * r, struct one_params * p,
    const struct source * source, const struct site * site)
{

	one_request_texts(r);
	one_request_cookies(r, p, site);
	one_request_address(r, p, site);
	one_request_numbers(r, p);
	one_request_accept(p);
	one_request_body(r, source, one_route(r), p);
}

/* The first byte: which site, and in what pieces the body comes. */
ONE_UNUSED static void
one_request_input(const uint8_t * data, size_t size)
{
	struct one_params p = { .most = 1 };
	const struct source source = { .param = one_param,
	    .twice = one_param_twice, .read = one_param_read,
	    .broken = one_param_broken, .cookie = &p };
	const struct site * site;
	struct request r;
	enum sr_error err;
	char * copy;

	if (size < 1 || size > ONE_FORM_MAX)
		return;
	copy = malloc(size);
	ONE_HOLDS(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	copy[size - 1] = '\0';
	one_params_take(&p, copy, size - 1);
	site = one_site(data[0]);
	p.most = 1 + (size_t)data[0] / 4 * 5;
	err = request_read(&source, site, &r);
	ONE_HOLDS(r.method <= METHOD_OTHER && r.format <= FORMAT_JSON);
	ONE_HOLDS(!r.api || r.format != FORMAT_HTML);
	ONE_HOLDS(err == SR_OK || err == SR_E_REQUEST_MALFORMED ||
	    err == SR_E_REQUEST_HEADERS_TOO_LARGE ||
	    err == SR_E_ROUTE_NOT_FOUND || err == SR_E_CSRF_TOKEN_INVALID);
	if (err == SR_OK)
		one_request_good(&r, &p, &source, site);
	request_free(&r);
	free(copy);
}

#endif /* !SR_TESTS_FUZZ_ONE_REQUEST_H */
