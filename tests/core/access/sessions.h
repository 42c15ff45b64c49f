#ifndef SR_TESTS_CORE_ACCESS_SESSIONS_H
#define SR_TESTS_CORE_ACCESS_SESSIONS_H

/* An owner who signs in, in one line, for the tests of sessions. */

#include "tests/core/access/people.h"

static struct house h;

#define HOME	"192.0.2.1"

static inline struct disclosed *
signed_in(void)
{
	struct disclosed * token = NULL;

	ASSERT_ERR_FATAL(sign_in_from(&h, HOME, OWNER, PASSWORD, &token, NULL),
	    SR_OK);
	return (token);
}

static inline enum sr_error
find(const struct disclosed * token, struct session * out)
{
	return (session_find(h.store.db, disclosed_value(token), &limits, out));
}

static inline void
fresh(void)
{
	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR_FATAL(make_owner(&h), SR_OK);
}

/* Who is signed in, as the actor of what is done there. */
static inline struct actor
actor_in(const struct session * s)
{
	struct actor a = actor_of(&h, ACTOR_ACCOUNT);

	a.id = s->account_id;
	(void)snprintf(a.label, sizeof(a.label), "%s", s->email);
	return (a);
}

/* Another account, with PASSWORD, made as the database has it. */
static inline void
add_person(const char * email, const char * role)
{
	char * sql = text_format("INSERT INTO account (id, email,"
	    " password_hash, role, created_at, updated_at) SELECT UUID(),"
	    " '%s', password_hash, '%s', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
	    " FROM account WHERE email = '" OWNER "'", email, role);

	CU_ASSERT_FATAL(house_do(&h, sql));
	free(sql);
}

static inline int
sessions_open(void)
{
	return (house_open(&h));
}

static inline int
sessions_close(void)
{
	house_close(&h);
	return (0);
}

#endif /* !SR_TESTS_CORE_ACCESS_SESSIONS_H */
