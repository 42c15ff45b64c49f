#ifndef SR_TESTS_HARNESS_FASTCGI_H
#define SR_TESTS_HARNESS_FASTCGI_H

/*
 * The web server's side of FastCGI, for what no web server would send: bodies
 * of unknown length in pieces of any size, and those that break off.
 */

#include "tests/harness/http.h"

/** fastcgi_open(path, params): connect to a worker's socket and send a request
 * with these parameters. Its descriptor or -1. */
int fastcgi_open(const char * path, const struct http_field * params);

/** fastcgi_body(fd, bytes, len): one record of the body; 0 bytes end it. */
bool fastcgi_body(int fd, const void * bytes, size_t len);

/** fastcgi_answer(fd): what is answered, and close. Caller frees. */
char * fastcgi_answer(int fd);

#endif /* !SR_TESTS_HARNESS_FASTCGI_H */
