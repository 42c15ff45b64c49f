#ifndef SR_TESTS_HARNESS_WALK_H
#define SR_TESTS_HARNESS_WALK_H

/*
 * The ways of a person through the pages, for end-to-end tests: each step
 * gets the page and submits the form that is on it. Replies are the caller's
 * to free; a step that fails to find its way notes where it stood.
 */

#include "tests/harness/http.h"

struct instance;

#define WALK_EMAIL	"owner@example.org"
#define WALK_PASSWORD	"correct horse battery staple"

/** walk_owner(i, h): open a new set-up link and create the owner. 0 or -1. */
int walk_owner(const struct instance * i, struct http * h);

/** walk_sign_in(h): 0 when the security page answers after it, else -1. */
int walk_sign_in(struct http * h);

/** walk_in(i): a client signed in as the owner, made if needed; or NULL. */
struct http * walk_in(const struct instance * i);

/**
 * walk_store(h, scope, name, value): fill in the secret form and send it. The
 * reply is the answer to the form: 303 when it was stored.
 */
struct http_reply * walk_store(struct http * h, const char * scope,
    const char * name, const char * value);

/** walk_stored(h, scope, name, value): the same, and whether it was stored. */
bool walk_stored(struct http * h, const char * scope, const char * name,
    const char * value);

#endif /* !SR_TESTS_HARNESS_WALK_H */
