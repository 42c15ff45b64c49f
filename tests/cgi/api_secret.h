#ifndef SR_TESTS_CGI_API_SECRET_H
#define SR_TESTS_CGI_API_SECRET_H

/* What the tests of /api/v1/secrets share. */

#include "tests/cgi/api_visit.h"

#define P1	"0190a0b0-0000-7000-8000-000000000001"
#define P2	"0190a0b0-0000-7000-8000-000000000002"
#define CANARY	"value-canary-4417-of-the-api"

static char * writer;		/* "Bearer …" for secrets:write and read. */
static char * limited;		/* The same, for project P1 alone. */

static inline int
open_site(void)
{

	if (visit_open() != 0)
		return (-1);
	writer = api_bearer("secrets:write,secrets:read", NULL, NULL);
	limited = api_bearer("secrets:write,secrets:read", P1, NULL);
	return (writer == NULL || limited == NULL ? -1 : 0);
}

static inline int
close_site(void)
{

	free(writer);
	free(limited);
	return (visit_close());
}

static inline struct visit
call(const char * method, const char * path, const char * body)
{

	return ((struct visit){ .method = method, .path = path,
	    .accept = "*/*", .authorization = writer, .body = body,
	    .type = body == NULL ? "" : "application/json" });
}

static inline unsigned
secrets(void)
{
	char * n = mariadb_sql(visit_house.m, "SELECT COUNT(*) FROM"
	    " secret_ref");
	unsigned count = (unsigned)atoi(n);

	free(n);
	return (count);
}

#define LAST_ROW "SELECT action, outcome, IFNULL(error_type, '-'),"	\
    " actor_kind, actor_label FROM audit_event"				\
    " ORDER BY occurred_at DESC, id DESC LIMIT 1"

/* What is refused stores nothing and tells nothing of the value. */
static inline void
not_stored(struct visit * v, int status, const char * error)
{
	unsigned before = secrets();

	ASSERT_ANSWER(v, status, error);
	CU_ASSERT_FALSE(visit_has(v, CANARY));
	CU_ASSERT_TRUE(visit_has(v, "application/problem+json"));
	CU_ASSERT_EQUAL(secrets(), before);
}

#endif /* !SR_TESTS_CGI_API_SECRET_H */
