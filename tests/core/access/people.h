#ifndef SR_TESTS_CORE_ACCESS_PEOPLE_H
#define SR_TESTS_CORE_ACCESS_PEOPLE_H

/* An owner and sign-ins in one line, for the tests of access. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/access/session.h"
#include "core/base/secbuf.h"
#include "tests/harness/files.h"
#include "tests/harness/house.h"
#include "tests/harness/suite.h"

#define COST		1	/* The cheapest: the tests hash a lot. */
#define OWNER		"owner@example.org"
#define PASSWORD	"a sentence of several words"

static const struct session_limits limits = { .idle_minutes = 30,
    .max_hours = 12 };

static inline struct actor
actor_of(const struct house * h, enum actor_kind kind)
{
	struct actor a = h->actor;

	a.kind = kind;
	a.id = sr_id_nil;
	a.label[0] = '\0';
	return (a);
}

/* The owner, made by the operator at the command line. */
static inline enum sr_error
make_owner(const struct house * h)
{
	const struct actor operator = actor_of(h, ACTOR_OPERATOR);
	struct secbuf * password = house_secret(PASSWORD);
	struct sr_id id;
	enum sr_error err;

	err = owner_create(&h->store, &operator, NULL, OWNER, password, COST,
	    &id);
	secbuf_free(&password);
	return (err);
}

/* As on the day it was migrated; the audit rows stay. */
static inline bool
start_over(const struct house * h)
{
	return (house_do(h, "DELETE FROM session; DELETE FROM sign_in_step;"
	    " DELETE FROM account_recovery; DELETE FROM account_factor;"
	    " DELETE FROM invitation; DELETE FROM account;"
	    " DELETE FROM throttle; UPDATE setup SET token_hash = NULL,"
	    " token_expires_at = NULL, cookie_hash = NULL,"
	    " cookie_expires_at = NULL, completed_at = NULL, owner_id = NULL"));
}

static inline enum sr_error
sign_in_from(const struct house * h, const char * address, const char * email,
    const char * text, struct disclosed ** token, unsigned * retry_after)
{
	struct actor nobody = actor_of(h, ACTOR_ANONYMOUS);
	struct secbuf * password = house_secret(text);
	const struct sign_in in = { .email = email, .password = password,
	    .address = address, .cost = COST };
	struct disclosed * unread = NULL;
	enum sr_error err;

	(void)snprintf(nobody.label, sizeof(nobody.label), "%s", address);
	err = session_begin(&h->store, &nobody, &in, &limits,
	    token == NULL ? &unread : token, retry_after);
	disclosed_free(&unread);
	secbuf_free(&password);
	return (err);
}

#define LAST_AUDIT	"SELECT action, outcome, IFNULL(error_type, '-')," \
    " actor_kind, actor_label, IFNULL(target_kind, '-') FROM audit_event"  \
    " ORDER BY occurred_at DESC LIMIT 1"

#endif /* !SR_TESTS_CORE_ACCESS_PEOPLE_H */
