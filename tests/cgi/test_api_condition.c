/* Conditions and repeated calls of /api/v1/secrets. */

#include "tests/cgi/api_secret.h"

static unsigned
audited(const char * action)
{
	char * sql = text_format("SELECT COUNT(*) FROM audit_event WHERE"
	    " action = '%s' AND outcome = 'succeeded'", action);
	char * n = mariadb_sql(visit_house.m, sql);
	unsigned count = (unsigned)atoi(n);

	free(n);
	free(sql);
	return (count);
}

static void
a_version_that_was_seen_is_the_one_that_is_rotated(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/c/version",
	    "{\"value\":\"" CANARY "-c1\"}");

	v.if_match = "\"1\"";
	ASSERT_ANSWER(&v, 412, "secret_version_conflict");
	v.if_match = NULL;
	ASSERT_ANSWER(&v, 201, "ETag: \"1\"");
	v.if_match = "\"1\"";
	v.body = "{\"value\":\"" CANARY "-c2\"}";
	ASSERT_ANSWER(&v, 200, "ETag: \"2\"");
	v.body = "{\"value\":\"" CANARY "-c3\"}";
	not_stored(&v, 412, "secret_version_conflict");
	v.if_match = "\"2\"";
	ASSERT_ANSWER(&v, 200, "ETag: \"3\"");
	visit_free(&v);
}

static void
what_is_there_is_not_created_again(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/c/once",
	    "{\"value\":\"" CANARY "-o1\"}");

	v.if_none_match = "*";
	ASSERT_ANSWER(&v, 201, "ETag: \"1\"");
	v.body = "{\"value\":\"" CANARY "-o2\"}";
	not_stored(&v, 412, "secret_exists");
	visit_free(&v);
}

static void
a_repeated_call_is_one_change(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/c/repeated",
	    "{\"value\":\"" CANARY "-r1\"}");
	unsigned creates = audited("CREATE"), rotates = audited("ROTATE");
	unsigned revokes = audited("REVOKE");

	v.idempotency_key = "7d1f0e3c-repeat-1";
	for (unsigned i = 0; i < 3; i++)
		ASSERT_ANSWER(&v, 201, "ETag: \"1\"");
	CU_ASSERT_EQUAL(audited("CREATE"), creates + 1);
	CU_ASSERT_EQUAL(audited("ROTATE"), rotates);
	v.body = "{\"value\":\"" CANARY "-r2\"}";
	not_stored(&v, 422, "idempotency_key_reused");
	v.idempotency_key = "short";
	not_stored(&v, 400, "idempotency_key_invalid");
	v.method = "DELETE";
	v.body = NULL;
	v.type = "";
	v.idempotency_key = "7d1f0e3c-repeat-2";
	for (unsigned i = 0; i < 2; i++)
		ASSERT_ANSWER(&v, 200, "\"status\":\"revoked\"");
	CU_ASSERT_EQUAL(audited("REVOKE"), revokes + 1);
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(a_version_that_was_seen_is_the_one_that_is_rotated),
	TEST(what_is_there_is_not_created_again),
	TEST(a_repeated_call_is_one_change),
};

SUITE_MAIN("cgi/api_condition", tests, open_site, close_site)
