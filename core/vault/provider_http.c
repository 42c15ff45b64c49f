#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/vault/http_call.h"
#include "core/vault/provider.h"
#include "core/vault/provider_http.h"

/* One request on its way. */
struct request {
	const struct provider_limits * limits;
	struct provider_reply * reply;
	size_t room;
};

/** provider_library_init(): once, before threads. */
enum sr_error
provider_library_init(void)
{

	return (http_library_init());
}

void
provider_library_end(void)
{

	http_library_end();
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

static bool
take_body(const char * bytes, size_t len, void * cookie)
{
	struct request * r = cookie;
	struct provider_reply * reply = r->reply;
	char * grown;

	if (len > r->limits->reply_max - reply->len)
		return (false);
	if (reply->len + len + 1 > r->room) {
		r->room = (reply->len + len + 1) * 2;
		if ((grown = malloc(r->room)) == NULL)
			return (false);
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
	return (true);
}

/* GitHub says with 403, and in a header, that a limit is used up. */
static bool
take_header(const char * bytes, size_t len, void * cookie)
{
	static const char remaining[] = "x-ratelimit-remaining: 0";
	static const char retry[] = "retry-after:";
	struct request * r = cookie;

	if ((len >= sizeof(remaining) - 1 && strncasecmp(bytes, remaining,
	    sizeof(remaining) - 1) == 0) || (len >= sizeof(retry) - 1 &&
	    strncasecmp(bytes, retry, sizeof(retry) - 1) == 0))
		r->reply->limited = true;
	return (true);
}

static enum provider_failure
failure_of(enum http_failure failure)
{
	static const enum provider_failure failures[] = {
		[HTTP_FAILURE_NONE] = PROVIDER_FAILURE_NONE,
		[HTTP_FAILURE_UNREACHABLE] = PROVIDER_FAILURE_UNREACHABLE,
		[HTTP_FAILURE_TLS] = PROVIDER_FAILURE_TLS,
		[HTTP_FAILURE_TIMEOUT] = PROVIDER_FAILURE_TIMEOUT,
		[HTTP_FAILURE_MALFORMED] = PROVIDER_FAILURE_MALFORMED_REPLY,
	};

	return (failures[failure]);
}

/** provider_get(provider, authorization, limits, out): one GET. */
enum sr_error
provider_get(const struct provider * provider,
    const struct secbuf * authorization, const struct provider_limits * limits,
    struct provider_reply * out)
{
	struct request r = { .limits = limits, .reply = out };
	char url[HTTP_URL_MAX];
	struct http_call call = { .method = "GET", .url = url,
	    .authorization = authorization, .extra = provider->extra,
	    .take_body = take_body, .take_header = take_header, .cookie = &r,
	    .connect_ms = limits->connect_ms, .total_ms = limits->total_ms,
	    .ca_file = limits->ca_file, .proxy = limits->proxy, .once = true };
	struct http_client * client;
	struct http_reply reply;
	enum sr_error err;
	int len;

	*out = (struct provider_reply){ .status = 0 };
	len = snprintf(url, sizeof(url), "%s%s", provider->base_url,
	    provider->path);
	must(len > 0 && (size_t)len < sizeof(url));
	if ((err = http_client_new(&client)) != SR_OK)
		return (err);
	if ((err = http_call(client, &call, &reply)) == SR_OK) {
		out->status = reply.status;
		out->failure = failure_of(reply.failure);
	}
	http_client_free(&client);
	if (err != SR_OK)
		provider_reply_free(out);
	return (err);
}
