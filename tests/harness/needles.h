#ifndef SR_TESTS_HARNESS_NEEDLES_H
#define SR_TESTS_HARNESS_NEEDLES_H

/*
 * Looking for secrets in what left the system: each secret in every form in
 * which it could have leaked, all of them in one pass over a haystack.
 */

#include "core/base/base.h"

struct needles;

/** needles_new(): empty; end with needles_free (which may be given NULL). */
struct needles * needles_new(void);
void needles_free(struct needles ** n);

/**
 * needles_secret(n, value, len): add ${value}, 8 bytes or more, as it is, in
 * base64 and base64url at three alignments, hex of either case, percent-encoded
 * of either case, and escaped for JSON, XML and SQL.
 */
void needles_secret(struct needles * n, const void * value, size_t len);

/** needles_raw(n, value, len): add it as it is alone. */
void needles_raw(struct needles * n, const void * value, size_t len);

/**
 * needles_parts(n, value, len): each 8 bytes of ${value} that are together, in
 * each of these forms and in UTF-16, so that what is left of a copy is found.
 */
void needles_parts(struct needles * n, const void * value, size_t len);

/**
 * needles_next(n, hay, len, at, form): whether one of them is in ${hay} at *at
 * or behind; *at becomes where, and *form which form it has.
 */
bool needles_next(const struct needles * n, const void * hay, size_t len,
    size_t * at, const char ** form);

/**
 * needles_in(n, hay, len): how many of them are in ${hay}; the first one's
 * form is in *form (may be NULL) as a constant, never its value.
 */
size_t needles_in(const struct needles * n, const void * hay, size_t len,
    const char ** form);

/** random_secret(len): printable ASCII with quotes and signs; caller frees. */
char * random_secret(size_t len);

#endif /* !SR_TESTS_HARNESS_NEEDLES_H */
