/* A right that ends while the body is awaited does not let it in. */

#include "tests/cgi/api_secret.h"

#define PATH	"/api/v1/secrets/instance/again/one"
#define BODY	"{\"value\":\"" CANARY "-again\"}"
#define FORM	"security_secret[scope]=instance"			\
    "&security_secret[name]=again/two&security_secret[value]=" CANARY "-again"

static const char * meanwhile;

static void
during(void)
{

	CU_ASSERT_TRUE(house_do(&visit_house, meanwhile));
}

/* Sent while ${sql} is done, undone by ${undo}. */
static void
by_key(const char * sql, const char * undo, int status, const char * error)
{
	struct visit v = call("PUT", PATH, BODY);

	meanwhile = sql;
	v.during = during;
	not_stored(&v, status, error);
	CU_ASSERT_TRUE(house_do(&visit_house, undo));
	visit_free(&v);
}

static void
by_session(const char * sql, const char * undo, int status, const char * error)
{
	char * body = text_format("_csrf=%s&" FORM, visit_csrf);
	struct visit v = { .method = "POST", .path = "/settings/security",
	    .cookie = visit_session, .body = body, .during = during,
	    .accept = "text/html" };
	unsigned before = secrets();

	meanwhile = sql;
	ASSERT_ANSWER(&v, status, error);
	CU_ASSERT_EQUAL(secrets(), before);
	CU_ASSERT_FALSE(visit_has(&v, CANARY));
	CU_ASSERT_TRUE(house_do(&visit_house, undo));
	free(body);
	visit_free(&v);
}

static void
a_key_that_ends_meanwhile_is_refused(void)
{

	by_key("UPDATE api_key SET expires_at = '2020-01-01'",
	    "UPDATE api_key SET expires_at = NULL", 401, "api_key_expired");
	by_key("UPDATE api_key SET revoked_at = '2020-01-01'",
	    "UPDATE api_key SET revoked_at = NULL", 401, "api_key_revoked");
	by_key("UPDATE api_key SET scopes = 'secrets:read'",
	    "UPDATE api_key SET scopes = 'secrets:read,secrets:write'", 403,
	    "api_key_scope_missing");
}

static void
a_session_that_ends_or_loses_its_role_meanwhile_is_refused(void)
{

	visit_sign_in();
	by_session("UPDATE session SET ended_at = UTC_TIMESTAMP(6)",
	    "UPDATE session SET ended_at = NULL", 401, "session_expired");
	by_session("UPDATE account SET role = 'auditor'",
	    "UPDATE account SET role = 'owner'", 403, "role_forbidden");
}

static void
what_cannot_be_looked_at_again_is_refused(void)
{

	by_key("RENAME TABLE api_key TO hidden",
	    "RENAME TABLE hidden TO api_key", 500, NULL);
}

static void
who_still_may_may(void)
{
	struct visit v = call("PUT", PATH, BODY);

	meanwhile = "DO 1";
	v.during = during;
	ASSERT_ANSWER(&v, 201, NULL);
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(a_key_that_ends_meanwhile_is_refused),
	TEST(a_session_that_ends_or_loses_its_role_meanwhile_is_refused),
	TEST(what_cannot_be_looked_at_again_is_refused),
	TEST(who_still_may_may),
};

SUITE_MAIN("cgi/guard_again", tests, open_site, close_site)
