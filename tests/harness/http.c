#include <curl/curl.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/http_internal.h"

#define TIMEOUT_SECONDS	60L

struct http *
http_new(const char * base)
{
	struct http * h = calloc(1, sizeof(*h));
	const char * path;

	must(h != NULL);
	must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	must((h->curl = curl_easy_init()) != NULL);
	h->base = text_format("%s", base);
	must((path = strstr(base, "://")) != NULL);
	h->origin = (size_t)(path + 3 - base) + strcspn(path + 3, "/");
	/* Turn the cookie engine on. */
	curl_easy_setopt(h->curl, CURLOPT_COOKIEFILE, "");
	return (h);
}

void
http_free(struct http ** h)
{

	if (*h == NULL)
		return;
	curl_slist_free_all((*h)->headers);
	curl_easy_cleanup((*h)->curl);
	free((*h)->base);
	free(*h);
	*h = NULL;
}

void
http_header(struct http * h, const char * line)
{
	struct curl_slist * more;

	if (line == NULL) {
		curl_slist_free_all(h->headers);
		h->headers = NULL;
		return;
	}
	must((more = curl_slist_append(h->headers, line)) != NULL);
	h->headers = more;
}

void
http_trust(struct http * h, const char * file)
{

	must(curl_easy_setopt(h->curl, CURLOPT_CAINFO, file) == CURLE_OK);
}

void
http_watch(struct http * h, http_piece_fn * fn, void * cookie)
{

	h->watch = fn;
	h->cookie = cookie;
}

bool
http_coming(const struct http * h, const char * text)
{

	return (memmem(h->piece, h->piece_len, text, strlen(text)) != NULL);
}

void
http_first_version(struct http * h)
{

	must(curl_easy_setopt(h->curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1) == CURLE_OK);
}

struct http_reply *
http_no_reply(const char * error)
{
	struct http_reply * r = calloc(1, sizeof(*r));

	must(r != NULL);
	r->error = error;
	r->headers = text_format("%s", "");
	r->body = text_format("%s", "");
	return (r);
}

/* What a text of ${len} bytes has room for: a power of two. */
static size_t
room(size_t len)
{
	size_t n = 1;

	while (n < len + 1)
		n *= 2;
	return (n);
}

static size_t
collect(char ** bytes, size_t * len, const char * p, size_t n)
{

	if (room(*len + n) != room(*len))
		must((*bytes = realloc(*bytes, room(*len + n))) != NULL);
	memcpy(*bytes + *len, p, n);
	*len += n;
	(*bytes)[*len] = '\0';
	return (n);
}

static size_t
take_body(char * p, size_t size, size_t n, void * cookie)
{
	struct http * h = cookie;

	h->piece = p;
	h->piece_len = size * n;
	if (h->watch != NULL && !h->watch(h->now->len, h->cookie))
		return (0);
	return (collect(&h->now->body, &h->now->len, p, size * n));
}

static size_t
take_header(char * p, size_t size, size_t n, void * cookie)
{
	struct http_reply * r = cookie;
	size_t len = strlen(r->headers);

	return (collect(&r->headers, &len, p, size * n));
}

/* A list of headers for one request: the client's and its Content-Type. */
static struct curl_slist *
header_list(const struct http * h, const char * type)
{
	struct curl_slist * list = NULL, * s;
	char * line;

	for (s = h->headers; s != NULL; s = s->next)
		must((list = curl_slist_append(list, s->data)) != NULL);
	if (type != NULL)
		line = text_format("Content-Type: %s", type);
	else
		line = text_format("%s", "Content-Type:");
	must((list = curl_slist_append(list, line)) != NULL);
	free(line);
	/* Else a body above 1 KB waits a second for "100 Continue". */
	must((list = curl_slist_append(list, "Expect:")) != NULL);
	return (list);
}

static void
set_body(CURL * c, const char * method, const void * body, size_t len)
{

	curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	if (body != NULL) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
	}
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
}

char *
http_at_origin(const struct http * h, const char * path)
{

	return (text_format("%.*s%s", path[0] == '/' ? (int)h->origin : 0,
	    h->base, path));
}

/* What a page links to has the path of ${base} already. */
static char *
address(const struct http * h, const char * path)
{
	const char * prefix = h->base + h->origin;
	const size_t n = strlen(prefix);

	if (strncmp(path, "http", 4) == 0)
		return (text_format("%s", path));
	if (n > 0 && strncmp(path, prefix, n) == 0 &&
	    strchr("/?#", path[n]) != NULL)
		return (http_at_origin(h, path));
	return (text_format("%s%s", h->base, path));
}

struct http_reply *
http_request(struct http * h, const char * method, const char * path,
    const char * type, const void * body, size_t len)
{
	struct http_reply * r = http_no_reply("");
	struct curl_slist * headers = header_list(h, type);
	char * url;
	CURLcode rc;

	url = address(h, path);
	set_body(h->curl, method, body, len);
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	curl_easy_setopt(h->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT, TIMEOUT_SECONDS);
	curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, r);
	h->now = r;
	if ((rc = curl_easy_perform(h->curl)) != CURLE_OK)
		r->error = curl_easy_strerror(rc);
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &r->status);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->curl, CURLOPT_NOBODY, 0L);
	curl_slist_free_all(headers);
	free(url);
	return (r);
}

struct http_reply *
http_get(struct http * h, const char * path)
{

	return (http_request(h, "GET", path, NULL, NULL, 0));
}

char *
http_encode(const struct http_field * fields)
{
	char * text = text_format("%s", "");
	char * name, * value, * more;

	for (; fields->name != NULL; fields++) {
		name = curl_easy_escape(NULL, fields->name, 0);
		value = curl_easy_escape(NULL, fields->value, 0);
		must(name != NULL && value != NULL);
		more = text_format("%s%s%s=%s", text,
		    text[0] != '\0' ? "&" : "", name, value);
		curl_free(name);
		curl_free(value);
		free(text);
		text = more;
	}
	return (text);
}

struct http_reply *
http_post(struct http * h, const char * path, const struct http_field * fields)
{
	struct http_reply * r;
	char * body = http_encode(fields);

	r = http_request(h, "POST", path, "application/x-www-form-urlencoded",
	    body, strlen(body));
	free(body);
	return (r);
}

struct http_reply *
http_follow(struct http * h, const struct http_reply * reply)
{
	char * to = http_reply_header(reply, "Location");
	char * url = to != NULL ? http_at_origin(h, to) : NULL;
	struct http_reply * r;

	r = url != NULL ? http_get(h, url) : http_no_reply("no Location");
	free(url);
	free(to);
	return (r);
}
