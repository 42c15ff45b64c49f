#ifndef SR_CGI_RESPONSE_H
#define SR_CGI_RESPONSE_H

/*
 * The answer. Its body and headers are struct redacted or made from typed
 * tokens; what leaves in the clear is a cookie, one span of a page, or the
 * values of a document, each out of a struct disclosed, sent by
 * response_disclosed.c alone. All answers are no-store.
 */

#include "cgi/cookie.h"
#include "cgi/request.h"
#include "core/base/id.h"

struct compose;
struct redact;
struct disclosed;
struct redacted;
struct secbuf;
struct peer;
struct sse_listener;

#define FORM_TOKEN_LEN	32

/* Content-Type. */
enum content { CONTENT_NONE, CONTENT_HTML, CONTENT_XML, CONTENT_TEXT,
    CONTENT_JSON, CONTENT_BYTES, CONTENT_PROBLEM_XML, CONTENT_PROBLEM_JSON,
    CONTENT_METRICS, CONTENT_EVENT_STREAM, CONTENT__MAX };

/*
 * Where bytes go: FastCGI, or a test. False: the peer is gone. What breaks off
 * ends without its end, so that the peer sees that something is missing.
 * ${keep} (NULL: it cannot) sends what was written and hands the connection
 * over: the answer goes on elsewhere, and the sink is at its end.
 */
struct sink {
	bool (*write)(void * cookie, const void * bytes, size_t len);
	void (*break_off)(void * cookie);
	void * cookie;
	bool (*keep)(void * cookie, struct peer * out);
};

/*
 * A body that is made while it is sent. ${run} writes it; what fails in it
 * breaks the answer off. ${end} releases the cookie, run or not.
 */
struct stream {
	enum sr_error (*run)(void * cookie, const struct sink * sink);
	void (*end)(void * cookie);
	void * cookie;
};

/* A value of a document, and what of the document stands before it. */
struct told {
	struct told * next;
	struct redacted * before;
	struct disclosed * value;
};

/* WWW-Authenticate: none; a key is wanted; the key was not good. */
enum challenge { CHALLENGE_NONE, CHALLENGE_WANTED, CHALLENGE_INVALID };

/* So many values one page shows at most. */
#define RESPONSE_VALUES_MAX	10

struct response {
	int status;
	enum content type;
	struct redacted * body;
	/* Sent in the places of spans of the body, in their order. */
	struct disclosed * value[RESPONSE_VALUES_MAX];
	size_t value_at[RESPONSE_VALUES_MAX];
	size_t values;
	size_t value_len;		/* Of each span. */
	struct stream stream;		/* Instead of a body; run NULL: none. */
	struct sse_listener * listener;	/* Who gets the body, from the hub. */
	struct redacted * file;		/* Name of the attachment, or NULL. */
	struct redacted * more;		/* Lines of the head that this answer
					   has besides, or NULL. */
	struct told * told;		/* Before the body, in their order. */
	struct redacted * location;
	uint32_t etag;			/* A secret's version; 0: none. */
	enum challenge challenge;
	unsigned allow;			/* Bits of methods, for 405. */
	bool scripted;			/* The page runs our script. */
	bool tls;			/* It goes out by TLS. */
	unsigned retry_after;		/* Seconds; 0: none. */
	bool forget[COOKIE__MAX];	/* Take this cookie away. */
	bool has_form_token;		/* Set COOKIE_FORM to form_token. */
	uint8_t form_token[FORM_TOKEN_LEN];
	struct disclosed * cookie[COOKIE__MAX];
};

/** content_name(type): "text/html; charset=utf-8"; "" for CONTENT_NONE. */
const char * content_name(enum content type);

/** response_free(r): release; ${r} is empty after. */
void response_free(struct response * r);

/** response_clear(r): drop status, body and location; cookies stay. */
void response_clear(struct response * r);

/**
 * response_body(r, status, type, body): answer ${body}, which is taken over
 * (*body becomes NULL).
 */
void response_body(struct response * r, int status, enum content type,
    struct redacted ** body);

/**
 * response_show(r, d, n, place):
 * Send the values of the ${n} of ${d}, which are taken over, one after the
 * other where the body says ${place}, which must be there exactly as often;
 * else they are freed and nothing of them leaves. Errors: INTERNAL_ERROR.
 */
SR_NODISCARD enum sr_error response_show(struct response * r,
    struct disclosed ** d, size_t n, const char * place);

/**
 * response_told(r, told): before the body, which is JSON or XML, come these
 * values, each with what stands before it, in the clear and escaped as the body
 * wants it; taken over.
 */
void response_told(struct response * r, struct told ** told);

/** told_free(told): wipe and release all of them; *told becomes NULL. */
void told_free(struct told ** told);

/**
 * response_tells(value, xml): whether ${value} can be said in JSON (text in
 * UTF-8) or in XML (such text without control characters).
 */
SR_NODISCARD bool response_tells(const struct disclosed * value, bool xml);

/**
 * response_stream(r, type, stream):
 * Answer 200 and what ${stream} writes; its cookie is taken over.
 */
void response_stream(struct response * r, enum content type,
    const struct stream * stream);

/**
 * response_events(r, listener): answer 200 and an event stream that
 * ${listener}, which is taken over, gets when the headers were sent
 * (response_hand_over).
 */
void response_events(struct response * r, struct sse_listener ** listener);

/**
 * response_hand_over(r, sink): after response_send, if it was whole. Errors:
 * OUTPUT_FAILED.
 */
SR_NODISCARD enum sr_error response_hand_over(struct response * r,
    const struct sink * sink);

/**
 * response_file(r, name):
 * The answer is to be kept as a file of that name: letters, digits, ".", "-".
 * Ends ${name}. Errors: compose_finish's.
 */
SR_NODISCARD enum sr_error response_file(struct response * r,
    struct compose ** name);

/**
 * response_location(r, to): where it is, besides the body. Ends ${to}. Errors:
 * compose_finish's.
 */
SR_NODISCARD enum sr_error response_location(struct response * r,
    struct compose ** to);

/**
 * response_redirect(r, to):
 * 303 to the local path that ${to} holds; ends ${to}. Errors: compose_finish's.
 */
SR_NODISCARD enum sr_error response_redirect(struct response * r,
    struct compose ** to);

/** response_disclose(r, cookie, d): set that cookie; takes *d over. */
void response_disclose(struct response * r, enum cookie cookie,
    struct disclosed ** d);

/** response_forget(r, cookie): take that cookie away from the browser. */
void response_forget(struct response * r, enum cookie cookie);

/**
 * response_pending(r, cookie):
 * The value of a cookie that this answer sets, for the rest of the same
 * request; NULL if it sets none. Lives with ${r}.
 */
const struct secbuf * response_pending(const struct response * r,
    enum cookie cookie);

/**
 * response_send(r, site, correlation_id, head, sink):
 * Send headers and, unless ${head}, the body. Errors: OUTPUT_FAILED (the
 * peer is gone), OUT_OF_MEMORY; what a stream returns, and then the answer was
 * broken off.
 */
SR_NODISCARD enum sr_error response_send(const struct response * r,
    const struct site * site, const struct sr_id * correlation_id, bool head,
    const struct sink * sink);

/** response_send_disclosed(r, site, sink): Set-Cookie lines of r->cookie. */
SR_NODISCARD bool response_send_disclosed(const struct response * r,
    const struct site * site, const struct sink * sink);

/** response_send_stream(r, sink): run it, and break off what fails. */
SR_NODISCARD enum sr_error response_send_stream(const struct response * r,
    const struct sink * sink);

/** response_end_stream(r): release it, if there is one. */
void response_end_stream(struct response * r);

/**
 * response_send_value(r, sink):
 * The body with r->value in their places. False too, with nothing sent, if a
 * value has a character that HTML would read.
 */
SR_NODISCARD bool response_send_value(const struct response * r,
    const struct sink * sink);

/**
 * response_send_told(r, sink):
 * What comes before the body. False too, if a value cannot be said.
 */
SR_NODISCARD bool response_send_told(const struct response * r,
    const struct sink * sink);

/**
 * compose_place(c, redact, path):
 * Append ${path} for a redirect if nothing in it is masked or withheld; false,
 * and nothing appended, otherwise: a browser must not be sent to what stands in
 * the place of a secret.
 */
SR_NODISCARD bool compose_place(struct compose * c, struct redact * redact,
    const char * path);

#endif /* !SR_CGI_RESPONSE_H */
