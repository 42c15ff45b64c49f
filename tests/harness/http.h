#ifndef SR_TESTS_HARNESS_HTTP_H
#define SR_TESTS_HARNESS_HTTP_H

/*
 * An HTTP client with a cookie jar, for tests, and XPath into the pages it
 * gets. Redirects are not followed by themselves. Failures of transport give
 * a reply with status 0, so that a test can assert on it; no call returns NULL.
 */

#include "core/base/base.h"

struct http;

struct http_reply {
	long status;	/* 0: no answer; error says why. */
	char * headers;	/* Status line and headers as they came. */
	char * body;	/* NUL-terminated. */
	size_t len;
	const char * error;	/* "" or what libcurl says; static. */
	void * doc;	/* The parsed body, made by the first XPath. */
};

/* A field of a form; an array ends with a NULL name. */
struct http_field {
	const char * name;
	const char * value;
};

#define HTTP_FIELDS(...)						\
	((const struct http_field[]){ __VA_ARGS__, { NULL, NULL } })

/**
 * http_new(base): a client; paths are appended to ${base}, unless they begin
 * with its path already. Redirects and forms are taken as they stand.
 */
struct http * http_new(const char * base);

/** http_free(h): release; *h becomes NULL; may be NULL. */
void http_free(struct http ** h);

/**
 * http_header(h, line): send "Name: value" with every request from now on;
 * "Name:" takes one of libcurl's own away; NULL forgets all.
 */
void http_header(struct http * h, const char * line);

/** http_trust(h, file): for https, who has that certificate and no other. */
void http_trust(struct http * h, const char * file);

/**
 * http_watch(h, fn, cookie): from now on ${fn} is called with the length of a
 * body before each piece of it is taken; false: the client goes away. NULL: no
 * longer.
 */
typedef bool http_piece_fn(size_t before, void * cookie);
void http_watch(struct http * h, http_piece_fn * fn, void * cookie);

/** http_coming(h, text): within ${fn}, whether the piece that comes has it. */
bool http_coming(const struct http * h, const char * text);

/** http_first_version(h): no HTTP/2, which a server may offer by TLS. */
void http_first_version(struct http * h);

/**
 * http_request(h, method, path, type, body, len): one request. ${type} is the
 * Content-Type (NULL: none), ${body} may be NULL. Caller frees the reply with
 * http_reply_free. So do those below, which are made of it.
 */
struct http_reply * http_request(struct http * h, const char * method,
    const char * path, const char * type, const void * body, size_t len);

struct http_reply * http_get(struct http * h, const char * path);

/** http_post(h, path, fields): as application/x-www-form-urlencoded. */
struct http_reply * http_post(struct http * h, const char * path,
    const struct http_field * fields);

/**
 * http_submit(h, page, form_id, fields):
 * Send the form with that id of ${page} as a browser does: to its action, with
 * its hidden fields (_csrf) and, for what ${fields} does not name, the values
 * that its other fields have. Status 0 when there is no such form.
 */
struct http_reply * http_submit(struct http * h, struct http_reply * page,
    const char * form_id, const struct http_field * fields);

/** http_follow(h, reply): get the reply's Location. Status 0 without one. */
struct http_reply * http_follow(struct http * h,
    const struct http_reply * reply);

/** http_reply_free(r): release; *r becomes NULL; may be NULL. */
void http_reply_free(struct http_reply ** r);

/** http_reply_header(r, name): its value or NULL; caller frees. */
char * http_reply_header(const struct http_reply * r, const char * name);

/** http_reply_header_count(r, name): how many times it is there. */
unsigned http_reply_header_count(const struct http_reply * r,
    const char * name);

/** http_has(r, text): whether the body holds ${text}. */
bool http_has(const struct http_reply * r, const char * text);

/**
 * http_xpath(r, expression): the string value of an XPath 1.0 expression on
 * the body, which is parsed as XML when its Content-Type says so, else as
 * HTML. "" when nothing matches. Caller frees.
 */
char * http_xpath(struct http_reply * r, const char * expression);

/** http_count(r, nodes): how many nodes an XPath gives. */
unsigned http_count(struct http_reply * r, const char * nodes);

/** http_id_text(r, id): the text of the element, white space normalised. */
char * http_id_text(struct http_reply * r, const char * id);

/** http_csrf(r, form_id): the hidden _csrf of that form. Caller frees. */
char * http_csrf(struct http_reply * r, const char * form_id);

/** http_cookie(h, name): its value in the jar, or NULL. Caller frees. */
char * http_cookie(struct http * h, const char * name);

/** http_set_cookie(h, name, value): for this site. */
void http_set_cookie(struct http * h, const char * name, const char * value);

/** http_forget_cookies(h): as a new browser. */
void http_forget_cookies(struct http * h);

/** http_encode(fields): the urlencoded form. Caller frees. */
char * http_encode(const struct http_field * fields);

#endif /* !SR_TESTS_HARNESS_HTTP_H */
