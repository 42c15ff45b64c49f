#ifndef SR_TESTS_HARNESS_HTTP_INTERNAL_H
#define SR_TESTS_HARNESS_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "tests/harness/http.h"

struct http {
	CURL * curl;
	char * base;
	size_t origin;			/* How much of it is no path. */
	struct curl_slist * headers;
	http_piece_fn * watch;
	void * cookie;
	const char * piece;		/* Of the body, while it is watched. */
	size_t piece_len;
	struct http_reply * now;	/* The one that is coming in. */
};

/** http_no_reply(error): a reply with status 0. */
struct http_reply * http_no_reply(const char * error);

/** http_at_origin(h, path): where a browser goes for it. Caller frees. */
char * http_at_origin(const struct http * h, const char * path);

#endif /* !SR_TESTS_HARNESS_HTTP_INTERNAL_H */
