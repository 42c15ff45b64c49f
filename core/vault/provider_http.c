#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf_bytes.h"
#include "core/log/log.h"
#include "core/vault/provider.h"
#include "core/vault/provider_http.h"

#define URL_MAX		512
#define EXTRA_MAX	8
#define REPLY_ROOM	4096

/* One request on its way. */
struct request {
	CURL * curl;
	const struct provider_limits * limits;
	struct provider_reply * reply;
	size_t room;
	bool too_large;
	char extra[512];
	struct curl_slist headers[EXTRA_MAX];
};

/** provider_library_init(): libcurl, once, before threads. */
enum sr_error
provider_library_init(void)
{

	return (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? SR_OK :
	    SR_E_OUT_OF_MEMORY);
}

void
provider_library_end(void)
{

	curl_global_cleanup();
}

/** provider_reply_free(r): wipe and release. */
void
provider_reply_free(struct provider_reply * r)
{

	if (r->body != NULL)
		explicit_bzero(r->body, r->len);
	free(r->body);
	*r = (struct provider_reply){ .status = 0 };
}

static size_t
take_body(char * bytes, size_t size, size_t n, void * cookie)
{
	struct request * r = cookie;
	struct provider_reply * reply = r->reply;
	size_t len = size * n;
	char * grown;

	if (len > r->limits->reply_max - reply->len) {
		r->too_large = true;
		return (0);
	}
	if (reply->len + len + 1 > r->room) {
		r->room = (reply->len + len + 1) * 2;
		if ((grown = malloc(r->room)) == NULL)
			return (0);
		/* What may be a credential's echo is not left behind. */
		if (reply->body != NULL) {
			memcpy(grown, reply->body, reply->len);
			explicit_bzero(reply->body, reply->len);
			free(reply->body);
		}
		reply->body = grown;
	}
	memcpy(reply->body + reply->len, bytes, len);
	reply->len += len;
	reply->body[reply->len] = '\0';
	return (len);
}

/* GitHub says with 403, and in a header, that a limit is used up. */
static size_t
take_header(char * bytes, size_t size, size_t n, void * cookie)
{
	static const char remaining[] = "x-ratelimit-remaining: 0";
	static const char retry[] = "retry-after:";
	struct request * r = cookie;

	if ((size * n >= sizeof(remaining) - 1 && strncasecmp(bytes, remaining,
	    sizeof(remaining) - 1) == 0) || (size * n >= sizeof(retry) - 1 &&
	    strncasecmp(bytes, retry, sizeof(retry) - 1) == 0))
		r->reply->limited = true;
	return (size * n);
}

/*
 * The list is made by hand: curl_slist_append would make a copy of the
 * credential on the heap.
 */
static void
list_headers(struct request * r, const struct provider * provider,
    const struct secbuf * authorization)
{
	char * line = r->extra, * end;
	size_t n = 0;

	r->headers[n++].data =
	    (char *)(uintptr_t)secbuf_bytes(authorization);
	(void)snprintf(r->extra, sizeof(r->extra), "%s", provider->extra);
	while (*line != '\0' && n < EXTRA_MAX) {
		end = line + strcspn(line, "\n");
		r->headers[n].data = line;
		r->headers[n - 1].next = &r->headers[n];
		n++;
		if (*end == '\0')
			break;
		*end = '\0';
		line = end + 1;
	}
}

static bool
set_limits(CURL * c, const struct provider_limits * l)
{

	return (curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)l->connect_ms) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)l->total_ms) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PROXY, l->proxy) == CURLE_OK &&
	    (l->ca_file[0] == '\0' ||
	    curl_easy_setopt(c, CURLOPT_CAINFO, l->ca_file) == CURLE_OK));
}

/* Loopback addresses may be plain http; the registry has looked. */
static bool
set_way(CURL * c, const char * url)
{
	const char * protocols =
	    strncmp(url, "http://", 7) == 0 ? "http" : "https";

	return (curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK &&
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
	    curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "Strongroom/" SR_VERSION) ==
	    CURLE_OK);
}

static bool
set_reading(struct request * r)
{
	CURL * c = r->curl;

	return (curl_easy_setopt(c, CURLOPT_HTTPHEADER, r->headers) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, r) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_HEADERDATA, r) == CURLE_OK);
}

/* The class of what went wrong on the way. */
static enum provider_failure
class_of(const struct request * r, CURLcode code)
{
	size_t i;
	static const struct {
		CURLcode code;
		enum provider_failure failure;
	} classes[] = {
		{ CURLE_OK, PROVIDER_FAILURE_NONE },
		{ CURLE_OPERATION_TIMEDOUT, PROVIDER_FAILURE_TIMEOUT },
		{ CURLE_PEER_FAILED_VERIFICATION, PROVIDER_FAILURE_TLS },
		{ CURLE_SSL_CONNECT_ERROR, PROVIDER_FAILURE_TLS },
		{ CURLE_SSL_CERTPROBLEM, PROVIDER_FAILURE_TLS },
		{ CURLE_SSL_CIPHER, PROVIDER_FAILURE_TLS },
		{ CURLE_SSL_CACERT_BADFILE, PROVIDER_FAILURE_TLS },
		{ CURLE_SSL_ISSUER_ERROR, PROVIDER_FAILURE_TLS },
		{ CURLE_SSL_ENGINE_NOTFOUND, PROVIDER_FAILURE_TLS },
		{ CURLE_USE_SSL_FAILED, PROVIDER_FAILURE_TLS },
		{ CURLE_WEIRD_SERVER_REPLY, PROVIDER_FAILURE_MALFORMED_REPLY },
		{ CURLE_UNSUPPORTED_PROTOCOL,
		    PROVIDER_FAILURE_MALFORMED_REPLY },
		{ CURLE_BAD_CONTENT_ENCODING,
		    PROVIDER_FAILURE_MALFORMED_REPLY },
	};

	if (r->too_large)
		return (PROVIDER_FAILURE_MALFORMED_REPLY);
	for (i = 0; i < COUNTOF(classes); i++)
		if (classes[i].code == code)
			return (classes[i].failure);
	return (PROVIDER_FAILURE_UNREACHABLE);
}

static enum sr_error
perform(struct request * r)
{
	CURLcode code = curl_easy_perform(r->curl);
	long status = 0;

	if (code == CURLE_OUT_OF_MEMORY)
		return (sr_fail(SR_E_OUT_OF_MEMORY, log_const("for", "http")));
	(void)curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
	r->reply->failure = class_of(r, code);
	r->reply->status = status > 0 && status < 1000 ? (unsigned)status : 0;
	return (SR_OK);
}

/** provider_get(provider, authorization, limits, out): one GET. */
enum sr_error
provider_get(const struct provider * provider,
    const struct secbuf * authorization, const struct provider_limits * limits,
    struct provider_reply * out)
{
	struct request r = { .limits = limits, .reply = out };
	enum sr_error err;
	char url[URL_MAX];
	int len;

	*out = (struct provider_reply){ .status = 0 };
	len = snprintf(url, sizeof(url), "%s%s", provider->base_url,
	    provider->path);
	must(len > 0 && (size_t)len < sizeof(url));
	if ((r.curl = curl_easy_init()) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY, log_const("for", "http")));
	list_headers(&r, provider, authorization);
	if (set_way(r.curl, url) && set_limits(r.curl, limits) &&
	    set_reading(&r))
		err = perform(&r);
	else
		err = sr_fail(SR_E_OUT_OF_MEMORY, log_const("for", "http"));
	curl_easy_cleanup(r.curl);
	if (err != SR_OK)
		provider_reply_free(out);
	return (err);
}
