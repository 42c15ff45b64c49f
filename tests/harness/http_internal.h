#ifndef SR_TESTS_HARNESS_HTTP_INTERNAL_H
#define SR_TESTS_HARNESS_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "tests/harness/http.h"

struct http {
	CURL * curl;
	char * base;
	struct curl_slist * headers;
	http_piece_fn * watch;
	void * cookie;
	struct http_reply * now;	/* The one that is coming in. */
};

/** http_no_reply(error): a reply with status 0. */
struct http_reply * http_no_reply(const char * error);

#endif /* !SR_TESTS_HARNESS_HTTP_INTERNAL_H */
