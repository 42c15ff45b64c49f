#ifndef SR_TESTS_HARNESS_PROVIDER_H
#define SR_TESTS_HARNESS_PROVIDER_H

/*
 * A provider for tests: an HTTPS server on a loopback address, in threads of
 * the test's process, with a certificate of its own that is its own CA. It
 * answers with what it was told to, and counts. Ignores SIGPIPE from its start.
 */

#include "core/base/base.h"

enum provider_mode {
	PROVIDER_MODE_KEYS,	/* 200 to good credentials, 401 to others. */
	PROVIDER_MODE_401, PROVIDER_MODE_403, PROVIDER_MODE_429,
	PROVIDER_MODE_500,
	PROVIDER_MODE_LIMITED,	/* 403, and a header that says why. */
	PROVIDER_MODE_GARBAGE,	/* Bytes that are no HTTP. */
	PROVIDER_MODE_NO_JSON,	/* 200 with a page. */
	PROVIDER_MODE_ENDLESS,	/* 200 with a body that does not end. */
	PROVIDER_MODE_DRIP,	/* 200, a byte every 100 ms. */
	PROVIDER_MODE_REDIRECT,	/* 302 to another host. */
	PROVIDER_MODE_CLOSE,	/* The connection ends after the request. */
	PROVIDER_MODE_ECHO	/* 401, the credential in body and headers. */
};

enum provider_certificate {
	PROVIDER_CERTIFICATE_GOOD,
	PROVIDER_CERTIFICATE_OTHER_NAME,
	PROVIDER_CERTIFICATE_EXPIRED,
	PROVIDER_PLAIN_HTTP
};

struct provider_server;

/**
 * provider_server_start(folder, certificate): listens when it returns; NULL if
 * it cannot. Writes its certificate into ${folder}.
 */
struct provider_server * provider_server_start(const char * folder,
    enum provider_certificate certificate);

/** provider_server_stop(s): ends its threads; *s becomes NULL; may be NULL. */
void provider_server_stop(struct provider_server ** s);

/** provider_server_url(s) / _ca(s): "https://127.0.0.1:PORT", a file's path. */
const char * provider_server_url(const struct provider_server * s);
const char * provider_server_ca(const struct provider_server * s);

/** provider_server_mode(s, mode): from the next request on. */
void provider_server_mode(struct provider_server * s, enum provider_mode mode);

/** provider_server_good(s, key): this credential is good from now on. */
void provider_server_good(struct provider_server * s, const char * key);

/** provider_server_bad(s, key): and not any more. */
void provider_server_bad(struct provider_server * s, const char * key);

/** provider_server_requests(s): how many came. */
unsigned provider_server_requests(const struct provider_server * s);

/** provider_server_last(s): the last one's headers; caller frees. */
char * provider_server_last(struct provider_server * s);

#endif /* !SR_TESTS_HARNESS_PROVIDER_H */
