#ifndef SR_CORE_VAULT_HTTP_CALL_H
#define SR_CORE_VAULT_HTTP_CALL_H

/*
 * One request of HTTP/1.1 to another machine: TLS 1.2 or better and verified,
 * plain http to a loopback address alone, no redirects, no cookies. The one
 * file that has libcurl. Nothing of a credential or a body is copied to the
 * heap but by libcurl itself, whose buffers are wiped when they are freed
 * (wipe_alloc.h).
 */

#include "core/base/error.h"

struct http_client;
struct secbuf;

#define HTTP_URL_MAX	1024

/* What went wrong on the way; a status of any kind is no failure. */
enum http_failure {
	HTTP_FAILURE_NONE,
	HTTP_FAILURE_UNREACHABLE,
	HTTP_FAILURE_TLS,
	HTTP_FAILURE_TIMEOUT,
	HTTP_FAILURE_MALFORMED		/* Or more than was wanted. */
};

/* A piece of the body, or a line of the header; false: enough of it. */
typedef bool http_take_fn(const char * bytes, size_t len, void * cookie);

struct http_call {
	const char * method;		/* "GET" */
	const char * url;
	/* The header line with the credential, and a NUL at its end. */
	const struct secbuf * authorization;
	const char * extra;		/* More header lines, '\n' between. */
	const void * body;		/* NULL: none. */
	size_t body_len;
	http_take_fn * take_body;
	http_take_fn * take_header;	/* NULL: it is not looked at. */
	void * cookie;
	unsigned connect_ms, total_ms;
	const char * ca_file;		/* "": the system's. */
	const char * proxy;		/* "": none; NULL: the environment's. */
	bool once;			/* The connection ends with it. */
};

struct http_reply {
	unsigned status;		/* 0: no answer. */
	enum http_failure failure;
};

/**
 * http_url_good(url): https://host[:port][/path], or http with 127.0.0.0/8,
 * [::1] or localhost; 200 bytes at most; no user, query or fragment.
 */
SR_NODISCARD bool http_url_good(const char * url);

/** http_library_init() / _end(): libcurl, once, before threads. */
SR_NODISCARD enum sr_error http_library_init(void);
void http_library_end(void);

/**
 * http_client_new(out) / http_client_free(c): keeps the connection for the
 * next call; one thread at a time. Errors: OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error http_client_new(struct http_client ** out);
void http_client_free(struct http_client ** c);

/**
 * http_call(c, call, out): blocks for as long as ${call} allows. What fails on
 * the way is ${out->failure}, and no error. Errors: OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error http_call(struct http_client * c,
    const struct http_call * call, struct http_reply * out);

#endif /* !SR_CORE_VAULT_HTTP_CALL_H */
