/* /api/v1/api-keys and /api/v1/audit. */

#include "tests/cgi/api_visit.h"

#define P1	"0190a0b0-0000-7000-8000-000000000001"

static struct visit
call(const char * method, const char * path, const char * body)
{

	return ((struct visit){ .method = method, .path = path,
	    .cookie = visit_session, .csrf = visit_csrf,
	    .origin = "http://127.0.0.1:8080", .body = body,
	    .type = body == NULL ? "" : "application/json" });
}

static void
st_sec_010_ac1_the_owner_makes_and_revokes_keys_by_api(void)
{
	struct visit v = call("POST", "/api/v1/api-keys", "{\"name\":"
	    "\"ci/deploy\",\"scopes\":\"secrets:read,audit:read\","
	    "\"projects\":\"" P1 "\",\"expires_at\":\"2099-01-01\"}");
	struct visit use = { .path = "/api/v1/secrets" };
	char path[128], bearer[80];
	json_t * j, * item;

	visit_sign_in();
	ASSERT_ANSWER(&v, 201, "{\"id\":\"");
	j = api_json(&v);
	(void)snprintf(bearer, sizeof(bearer), "Bearer %s",
	    json_string_value(json_object_get(j, "key")));
	(void)snprintf(path, sizeof(path), "/api/v1/api-keys/%s",
	    json_string_value(json_object_get(j, "id")));
	json_decref(j);
	CU_ASSERT_EQUAL(strlen(bearer), 7 + 53);
	use.authorization = bearer;
	ASSERT_ANSWER(&use, 200, "\"items\":[]");
	v = (struct visit){ .path = "/api/v1/api-keys",
	    .cookie = visit_session, .answer = v.answer };
	ASSERT_ANSWER(&v, 200, NULL);
	CU_ASSERT_FALSE(visit_has(&v, bearer + 7));
	j = api_json(&v);
	item = json_array_get(json_object_get(j, "items"), 0);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(item,
	    "scopes")), "secrets:read,audit:read");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(item,
	    "projects")), P1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(item,
	    "hint")), bearer + 7 + 49);
	CU_ASSERT_TRUE(json_is_string(json_object_get(item, "last_used_at")));
	json_decref(j);
	visit_free(&v);
	v = call("DELETE", path, NULL);
	ASSERT_ANSWER(&v, 200, "\"status\":\"revoked\"");
	ASSERT_ANSWER(&use, 401, "api_key_revoked");
	(void)visit(&v);
	ASSERT_STATUS(&v, 409);
	CU_ASSERT_TRUE(visit_has(&v, "api_key_already_revoked"));
	v.path = "/api/v1/api-keys/nothing";
	ASSERT_ANSWER(&v, 404, "api_key_not_found");
	CU_ASSERT(house_sql_is(&visit_house, "1\t3", "SELECT"
	    " SUM(action = 'API_KEY_CREATE'), SUM(action = 'API_KEY_REVOKE')"
	    " FROM audit_event WHERE target_kind = 'api_key'"));
	visit_free(&v);
	visit_free(&use);
}

/* A lost answer makes no second key; and the first is shown to nobody else. */
static void
a_repeated_request_makes_no_other_key(void)
{
	struct visit v = call("POST", "/api/v1/api-keys", "{\"name\":"
	    "\"ci/once\",\"scopes\":\"runs:write\"}");
	char * id, * again, * key;

	v.idempotency_key = "make-this-key-once";
	ASSERT_ANSWER(&v, 201, "\"key\":\"srk_");
	id = visit_between(&v, "\"id\":\"", '"');
	key = visit_between(&v, "\"key\":\"", '"');
	ASSERT_ANSWER(&v, 200, "\"key\":null");
	again = visit_between(&v, "\"id\":\"", '"');
	CU_ASSERT_STRING_EQUAL(id, again);
	CU_ASSERT_FALSE(visit_has(&v, key));
	v.body = "{\"name\":\"ci/other\",\"scopes\":\"runs:write\"}";
	ASSERT_ANSWER(&v, 422, "idempotency_key_reused");
	CU_ASSERT_TRUE(visit_has(&v, "\"field\":\"idempotency_key\""));
	v.idempotency_key = "short";
	ASSERT_ANSWER(&v, 400, "idempotency_key_invalid");
	CU_ASSERT(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " api_key WHERE name LIKE 'ci/o%'"));
	free(id);
	free(again);
	free(key);
	visit_free(&v);
}

static void
a_new_key_in_xml(void)
{
	struct visit v = call("POST", "/api/v1/api-keys", "<key><name>x</name>"
	    "<scopes>runs:write</scopes></key>");
	char * key;

	v.type = "application/xml";
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 201, "<api_key xmlns=\"urn:strongroom:api:1\"><id>");
	key = visit_between(&v, "<key>", '<');
	CU_ASSERT_EQUAL(strlen(key), 53);
	CU_ASSERT_TRUE(visit_has(&v, "</key></api_key>\n"));
	free(key);
	visit_free(&v);
}

static void
keys_that_are_not_acceptable_are_refused_with_the_field(void)
{
	static const struct {
		const char * body;
		const char * error;
		const char * field;
	} bad[] = {
		{ "{\"name\":\"a b\",\"scopes\":\"runs:write\"}",
		    "api_key_name_invalid", "\"field\":\"name\"" },
		{ "{\"name\":\"a\"}", "api_key_scopes_invalid",
		    "\"field\":\"scopes\"" },
		{ "{\"name\":\"a\",\"scopes\":[\"runs:write\"]}",
		    "member_type_invalid", "\"field\":\"scopes\"" },
		{ "{\"name\":\"a\",\"scopes\":\"runs:write\","
		    "\"projects\":\"x\"}", "api_key_projects_invalid",
		    "\"field\":\"projects\"" },
		{ "{\"name\":\"a\",\"scopes\":\"runs:write\","
		    "\"expires_at\":\"2001-01-01\"}",
		    "api_key_expiry_invalid", "\"field\":\"expires_at\"" },
		{ "{\"name\":\"gh" "p_x7Kd02mQp9LrT4vBn81sWzYh3cEfGu0kFOMf\","
		    "\"scopes\":\"runs:write\"}",
		    "plaintext_secret_persistence_blocked",
		    "\"policy\":\"operational_secret" },
	};
	struct visit v = call("POST", "/api/v1/api-keys", NULL);

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		v.body = bad[i].body;
		v.type = "application/json";
		ASSERT_ANSWER(&v, 422, bad[i].error);
		CU_ASSERT_TRUE(visit_has(&v, bad[i].field));
		CU_ASSERT_FALSE(visit_has(&v, "x7Kd02mQ"));
	}
	visit_free(&v);
}

static void
the_audit_is_read_by_page_and_the_reading_is_audited(void)
{
	struct visit v = { .path = "/api/v1/audit", .query = "limit=3",
	    .cookie = visit_session };
	char query[96];
	json_t * j, * first, * second;

	ASSERT_ANSWER(&v, 200, NULL);
	j = api_json(&v);
	first = json_array_get(json_object_get(j, "items"), 0);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "items")), 3);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(first,
	    "action")), "AUDIT_READ");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(first,
	    "actor")), VISIT_EMAIL);
	(void)snprintf(query, sizeof(query), "limit=3&after=%s",
	    json_string_value(json_object_get(j, "next")));
	json_decref(j);
	v.query = query;
	ASSERT_ANSWER(&v, 200, NULL);
	j = api_json(&v);
	second = json_array_get(json_object_get(j, "items"), 0);
	CU_ASSERT_STRING_NOT_EQUAL(json_string_value(json_object_get(second,
	    "action")), "AUDIT_READ");
	json_decref(j);
	v.query = "action=API_KEY_CREATE&outcome=blocked";
	ASSERT_ANSWER(&v, 200, NULL);
	j = api_json(&v);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "items")), 1);
	CU_ASSERT_TRUE(json_is_null(json_object_get(j, "next")));
	json_decref(j);
	v.query = "from=someday";
	ASSERT_ANSWER(&v, 422, "\"field\":\"from\"");
	v.query = "plaintext=x";
	ASSERT_ANSWER(&v, 422, "plaintext_secret_persistence_blocked");
	v.query = NULL;
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 200, "<items><event><id>");
	visit_free(&v);
}

static void
a_limited_key_does_not_read_the_audit(void)
{
	char * limited = api_bearer("audit:read", P1, NULL);
	char * all = api_bearer("audit:read", NULL, NULL);
	struct visit v = { .path = "/api/v1/audit",
	    .authorization = limited };

	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v.authorization = all;
	ASSERT_ANSWER(&v, 200, "\"actor_kind\":\"api_key\"");
	free(limited);
	free(all);
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(st_sec_010_ac1_the_owner_makes_and_revokes_keys_by_api),
	TEST(a_repeated_request_makes_no_other_key),
	TEST(a_new_key_in_xml),
	TEST(keys_that_are_not_acceptable_are_refused_with_the_field),
	TEST(the_audit_is_read_by_page_and_the_reading_is_audited),
	TEST(a_limited_key_does_not_read_the_audit),
};

SUITE_MAIN("cgi/api_key", tests, visit_open, visit_close)
