#include <curl/curl.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf_bytes.h"
#include "core/log/log.h"
#include "core/vault/http_call.h"

#define GIVEN_URL_MAX	200
#define EXTRA_MAX	8
#define EXTRA_LEN	512

struct http_client {
	CURL * curl;
	/* Of the call that is on its way. */
	const struct http_call * call;
	bool enough;
	char extra[EXTRA_LEN];
	struct curl_slist headers[EXTRA_MAX];
};

/** http_library_init(): libcurl, once, before threads. */
enum sr_error
http_library_init(void)
{

	return (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? SR_OK :
	    SR_E_OUT_OF_MEMORY);
}

void
http_library_end(void)
{

	curl_global_cleanup();
}

/* 127.0.0.0/8, ::1 and localhost. */
static bool
is_loopback(const char * host, size_t len)
{
	static const char * const names[] = { "localhost", "[::1]" };
	size_t i;

	for (i = 0; i < COUNTOF(names); i++)
		if (strlen(names[i]) == len &&
		    strncasecmp(names[i], host, len) == 0)
			return (true);
	if (len < 7 || strncmp(host, "127.", 4) != 0)
		return (false);
	for (i = 0; i < len; i++)
		if (!isdigit((unsigned char)host[i]) && host[i] != '.')
			return (false);
	return (true);
}

/** http_url_good(url): https, or http with a loopback address. */
bool
http_url_good(const char * url)
{
	const char * host;
	size_t host_len, i;
	bool plain;

	if (strlen(url) > GIVEN_URL_MAX)
		return (false);
	for (i = 0; url[i] != '\0'; i++)
		if (!isgraph((unsigned char)url[i]) ||
		    strchr("@?#\\\"<>", url[i]) != NULL)
			return (false);
	plain = strncmp(url, "http://", 7) == 0;
	if (!plain && strncmp(url, "https://", 8) != 0)
		return (false);
	host = url + (plain ? 7 : 8);
	host_len = host[0] == '[' ? strcspn(host, "]") + 1 :
	    strcspn(host, ":/");
	return (host_len > 0 && (!plain || is_loopback(host, host_len)));
}

/** http_client_new(out): keeps the connection for the next call. */
enum sr_error
http_client_new(struct http_client ** out)
{
	struct http_client * c;

	*out = NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    (c->curl = curl_easy_init()) == NULL) {
		free(c);
		return (sr_fail(SR_E_OUT_OF_MEMORY, log_const("for", "http")));
	}
	*out = c;
	return (SR_OK);
}

/** http_client_free(c): *c becomes NULL; may be NULL. */
void
http_client_free(struct http_client ** c)
{

	if (*c == NULL)
		return;
	curl_easy_cleanup((*c)->curl);
	free(*c);
	*c = NULL;
}

static size_t
take_body(char * bytes, size_t size, size_t n, void * cookie)
{
	struct http_client * c = cookie;

	if (c->call->take_body(bytes, size * n, c->call->cookie))
		return (size * n);
	c->enough = true;
	return (0);
}

static size_t
take_header(char * bytes, size_t size, size_t n, void * cookie)
{
	struct http_client * c = cookie;

	if (c->call->take_header == NULL ||
	    c->call->take_header(bytes, size * n, c->call->cookie))
		return (size * n);
	c->enough = true;
	return (0);
}

/*
 * The list is made by hand: curl_slist_append would make a copy of the
 * credential on the heap.
 */
static void
list_headers(struct http_client * c, const struct http_call * call)
{
	char * line = c->extra, * end;
	size_t n = 0;

	memset(c->headers, 0, sizeof(c->headers));
	c->headers[n++].data =
	    (char *)(uintptr_t)secbuf_bytes(call->authorization);
	(void)snprintf(c->extra, sizeof(c->extra), "%s", call->extra);
	while (*line != '\0' && n < EXTRA_MAX) {
		end = line + strcspn(line, "\n");
		c->headers[n].data = line;
		c->headers[n - 1].next = &c->headers[n];
		n++;
		if (*end == '\0')
			break;
		*end = '\0';
		line = end + 1;
	}
}

static bool
set_limits(CURL * c, const struct http_call * call)
{

	return (curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)call->connect_ms) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)call->total_ms) ==
	    CURLE_OK &&
	    (call->proxy == NULL ||
	    curl_easy_setopt(c, CURLOPT_PROXY, call->proxy) == CURLE_OK) &&
	    (call->ca_file[0] == '\0' ||
	    curl_easy_setopt(c, CURLOPT_CAINFO, call->ca_file) == CURLE_OK));
}

/* Loopback addresses may be plain http; whoever calls has looked. */
static bool
set_way(CURL * c, const struct http_call * call)
{
	const char * protocols =
	    strncmp(call->url, "http://", 7) == 0 ? "http" : "https";

	return (curl_easy_setopt(c, CURLOPT_URL, call->url) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_FORBID_REUSE, (long)call->once) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "Strongroom/" SR_VERSION) ==
	    CURLE_OK);
}

/* The body stays where it is: libcurl reads it right out of there. */
static bool
set_body(CURL * c, const struct http_call * call)
{

	if (call->body == NULL)
		return (curl_easy_setopt(c, CURLOPT_HTTPGET, 1L) == CURLE_OK);
	return (curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, call->method) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)call->body_len) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDS, call->body) == CURLE_OK);
}

static bool
set_reading(struct http_client * c)
{

	return (curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers) ==
	    CURLE_OK &&
	    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body) ==
	    CURLE_OK &&
	    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c) == CURLE_OK &&
	    curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, take_header) ==
	    CURLE_OK &&
	    curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, c) == CURLE_OK);
}

/* The class of what went wrong on the way. */
static enum http_failure
class_of(const struct http_client * c, CURLcode code)
{
	size_t i;
	static const struct {
		CURLcode code;
		enum http_failure failure;
	} classes[] = {
		{ CURLE_OK, HTTP_FAILURE_NONE },
		{ CURLE_OPERATION_TIMEDOUT, HTTP_FAILURE_TIMEOUT },
		{ CURLE_PEER_FAILED_VERIFICATION, HTTP_FAILURE_TLS },
		{ CURLE_SSL_CONNECT_ERROR, HTTP_FAILURE_TLS },
		{ CURLE_SSL_CERTPROBLEM, HTTP_FAILURE_TLS },
		{ CURLE_SSL_CIPHER, HTTP_FAILURE_TLS },
		{ CURLE_SSL_CACERT_BADFILE, HTTP_FAILURE_TLS },
		{ CURLE_SSL_ISSUER_ERROR, HTTP_FAILURE_TLS },
		{ CURLE_SSL_ENGINE_NOTFOUND, HTTP_FAILURE_TLS },
		{ CURLE_USE_SSL_FAILED, HTTP_FAILURE_TLS },
		{ CURLE_WEIRD_SERVER_REPLY, HTTP_FAILURE_MALFORMED },
		{ CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAILURE_MALFORMED },
		{ CURLE_BAD_CONTENT_ENCODING, HTTP_FAILURE_MALFORMED },
	};

	if (c->enough)
		return (HTTP_FAILURE_MALFORMED);
	for (i = 0; i < COUNTOF(classes); i++)
		if (classes[i].code == code)
			return (classes[i].failure);
	return (HTTP_FAILURE_UNREACHABLE);
}

static enum sr_error
perform(struct http_client * c, struct http_reply * out)
{
	CURLcode code = curl_easy_perform(c->curl);
	long status = 0;

	if (code == CURLE_OUT_OF_MEMORY)
		return (sr_fail(SR_E_OUT_OF_MEMORY, log_const("for", "http")));
	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	out->failure = class_of(c, code);
	out->status = status > 0 && status < 1000 ? (unsigned)status : 0;
	return (SR_OK);
}

/** http_call(c, call, out): one request. */
enum sr_error
http_call(struct http_client * c, const struct http_call * call,
    struct http_reply * out)
{
	enum sr_error err;

	*out = (struct http_reply){ .status = 0 };
	c->call = call;
	c->enough = false;
	/* All options; connections stay. */
	curl_easy_reset(c->curl);
	list_headers(c, call);
	if (set_way(c->curl, call) && set_limits(c->curl, call) &&
	    set_body(c->curl, call) && set_reading(c))
		err = perform(c, out);
	else
		err = sr_fail(SR_E_OUT_OF_MEMORY, log_const("for", "http"));
	curl_easy_reset(c->curl);
	c->call = NULL;
	return (err);
}
