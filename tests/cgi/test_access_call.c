/* Calls of sessions and of keys: what they must carry, and what is counted. */

#include "tests/cgi/access_visit.h"

/* Each unsafe call of a session wants token and origin; a key does not. */
static void
calls_of_a_session_are_protected(void)
{
	static const char path[] = "/api/v1/secrets/instance/csrf";
	char csrf[65], cookie[64];
	struct visit v = { .method = "PUT", .path = path, .cookie = cookie,
	    .type = "application/json", .body = "{\"value\":\"not kept it\"}" };

	(void)snprintf(cookie, sizeof(cookie), "sr_session=%s",
	    people[1].token);
	csrf_of(people[1].token, csrf);
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.csrf = csrf;
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.origin = "null";
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.origin = "http://evil.example";
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.origin = "http://127.0.0.1:8080";
	v.fetch_site = "cross-site";
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	v.fetch_site = NULL;
	csrf[5] = csrf[5] == '0' ? '1' : '0';
	ASSERT_ANSWER(&v, 403, "csrf_token_invalid");
	CU_ASSERT(house_sql_is(&visit_house, "0",
	    "SELECT COUNT(*) FROM secret_ref WHERE name = 'csrf'"));
	csrf_of(people[1].token, csrf);
	ASSERT_ANSWER(&v, 201, "\"name\":\"csrf\"");
	v.cookie = v.csrf = v.origin = NULL;
	v.authorization = keys[0];
	ASSERT_ANSWER(&v, 200, "\"key_version\":2");
	visit_free(&v);
}

static void
who_is_not_known_is_told_how_to_be(void)
{
	struct visit v = { .path = "/api/v1/secrets", .accept = "text/html" };

	ASSERT_ANSWER(&v, 401,
	    "WWW-Authenticate: Bearer realm=\"strongroom\"\r\n");
	CU_ASSERT_TRUE(visit_has(&v, "application/problem+json"));
	v.authorization = "Bearer nonsense";
	ASSERT_ANSWER(&v, 401, "realm=\"strongroom\", error=\"invalid_token\"");
	v.authorization = "Basic dXNlcjpwYXNz";
	ASSERT_ANSWER(&v, 401, "session_required");
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 401, "application/problem+xml");
	visit_free(&v);
}

static void
wrong_keys_are_counted_against_their_address(void)
{
	struct visit v = { .path = "/api/v1/secrets", .address =
	    "192.0.2.77", .authorization = "Bearer sr" "k_wrong" };
	unsigned n;

	for (n = 0; n < 20; n++) {
		(void)visit(&v);
		if (visit_status(&v) != 401)
			break;
	}
	CU_ASSERT_EQUAL(n, 5);
	ASSERT_STATUS(&v, 429);
	CU_ASSERT_TRUE(visit_has(&v, "Retry-After: "));
	CU_ASSERT_TRUE(visit_has(&v, "sign_in_throttled"));
	/* Other addresses, and a good key, are not held up. */
	v.authorization = keys[1];
	ASSERT_ANSWER(&v, 200, "\"items\":[");
	v.address = "192.0.2.78";
	v.authorization = "Bearer sr" "k_wrong";
	ASSERT_ANSWER(&v, 401, "api_key_invalid");
	/* What was a key is no guess. */
	v.address = "192.0.2.79";
	v.authorization = revoked;
	for (n = 0; n < 30; n++) {
		(void)visit(&v);
		CU_ASSERT_EQUAL(visit_status(&v), 401);
	}
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(calls_of_a_session_are_protected),
	TEST(who_is_not_known_is_told_how_to_be),
	TEST(wrong_keys_are_counted_against_their_address),
};

SUITE_MAIN("cgi/access_call", tests, access_open, access_close)
