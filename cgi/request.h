#ifndef SR_CGI_REQUEST_H
#define SR_CGI_REQUEST_H

/*
 * One request, as far as Strongroom looks at it: checked against its limits
 * and copied out of the FastCGI library's memory. What may be secret (cookies,
 * an API key, the query, which carries a set-up token) is in secbufs from the
 * start.
 */

#include "cgi/accept.h"
#include "cgi/cookie.h"
#include "cgi/site.h"
#include "core/base/error.h"

struct secbuf;

#define REQUEST_PATH_MAX	1024
#define REQUEST_QUERY_MAX	4096
#define REQUEST_COOKIE_MAX	8192
#define REQUEST_HEADER_MAX	2048
#define REQUEST_HOST_MAX	255
#define REQUEST_ADDRESS_MAX	45
#define REQUEST_BEARER_MAX	128
#define REQUEST_IDEMPOTENCY_MAX	255
#define REQUEST_CSRF_MAX	64
#define REQUEST_USER_MAX	254
#define REQUEST_CURSOR_MAX	32

/* The last is whatever else there is. */
enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_DELETE,
    METHOD_PATCH, METHOD_OTHER };

/* Where the parameters and the body come from: FastCGI, or a test. */
struct source {
	/* The parameter ${name}, NULL when absent. */
	const char * (*param)(void * cookie, const char * name);
	/* Whether there is more than one of that name. */
	bool (*twice)(void * cookie, const char * name);
	/* Read up to ${len} bytes of the body; 0 at its end. */
	size_t (*read)(void * cookie, void * into, size_t len);
	/* Whether the body ended by a failure of the connection. */
	bool (*broken)(void * cookie);
	void * cookie;
};

enum media { MEDIA_NONE, MEDIA_FORM, MEDIA_JSON, MEDIA_XML, MEDIA_OTHER };

/* If-Match: not there, "*", an entity tag of ours, or one that never was. */
enum condition { CONDITION_NONE, CONDITION_ANY, CONDITION_VERSION,
    CONDITION_NEVER };

struct request {
	enum method method;
	bool head;			/* GET without the answer's body. */
	char path[REQUEST_PATH_MAX + 1];
	struct secbuf * query;		/* NULL when empty. */
	struct secbuf * cookies[COOKIE__MAX];	/* NULL when absent. */
	struct secbuf * bearer;		/* NULL: no Authorization: Bearer. It
					   is empty when it was too long. */
	bool api;			/* The path is below /api/. */
	enum format format;		/* Never HTML when ${api}. */
	enum media media;
	bool has_length;
	uint64_t length;		/* CONTENT_LENGTH, if has_length. */
	char origin[REQUEST_HOST_MAX + 1];	/* "" when absent. */
	char host[REQUEST_HOST_MAX + 1];
	enum condition if_match;
	uint32_t if_match_version;	/* Of CONDITION_VERSION. */
	bool if_none_match;		/* If-None-Match: * */
	char idempotency_key[REQUEST_IDEMPOTENCY_MAX + 1];
	char csrf[REQUEST_CSRF_MAX + 1];	/* X-CSRF-Token */
	char last_event_id[REQUEST_CURSOR_MAX + 1];	/* "" when absent. */
	bool cross_site;		/* Sec-Fetch-Site says so. */
	char address[REQUEST_ADDRESS_MAX + 1];	/* Of the client, behind the
						   proxies that are trusted. */
	bool tls;			/* It came by TLS: so say the web
					   server or a trusted proxy. */
	bool relayed;			/* A proxy says how it came, and is
					   none that is trusted. */
	char remote_user[REQUEST_USER_MAX + 1];	/* FastCGI's REMOTE_USER,
						   which no header can set. */
};

/**
 * request_read(source, site, out):
 * Fill ${out} from the parameters; the body is not touched. Errors:
 * REQUEST_MALFORMED (also a parameter that something is decided by and that is
 * there twice), REQUEST_HEADERS_TOO_LARGE, OUT_OF_MEMORY; method and format are
 * valid then too, so that the answer fits. End with request_free.
 */
SR_NODISCARD enum sr_error request_read(const struct source * source,
    const struct site * site, struct request * out);

/** request_free(r): wipe and release what ${r} holds. */
void request_free(struct request * r);

/** method_name(method, head): "GET", "HEAD", "POST" … "OTHER". */
const char * method_name(enum method method, bool head);

#endif /* !SR_CGI_REQUEST_H */
