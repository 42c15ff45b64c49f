#ifndef SR_TESTS_HARNESS_WEBDRIVER_INTERNAL_H
#define SR_TESTS_HARNESS_WEBDRIVER_INTERNAL_H

#include <jansson.h>
#include <sys/types.h>

#include "tests/harness/webdriver.h"

struct http;

struct webdriver {
	struct http * http;
	pid_t driver;
	char folder[128];	/* Profile, log. */
	char session[80];	/* "/session/ID", "" before there is one. */
};

/**
 * webdriver_call(w, method, path, body):
 * One command; ${path} follows the session's. ${body} (may be NULL) is taken
 * over. Returns the answer's value, a new reference, or NULL with a note.
 */
json_t * webdriver_call(struct webdriver * w, const char * method,
    const char * path, json_t * body);

/** webdriver_ask(…): the same without a note: for what may fail. */
json_t * webdriver_ask(struct webdriver * w, const char * method,
    const char * path, json_t * body);

#endif /* !SR_TESTS_HARNESS_WEBDRIVER_INTERNAL_H */
