/* /api/v1/secrets, by keys: JSON and XML, conditions, refusals. */

#include "tests/cgi/api_secret.h"

static void
st_sec_001_ac1_a_secret_is_stored_and_rotated_by_api(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/api/one",
	    "{\"value\":\"" CANARY "\",\"expires_at\":\"2099-01-31\"}");
	json_t * j;

	ASSERT_ANSWER(&v, 201, "ETag: \"1\"\r\n");
	CU_ASSERT_TRUE(visit_has(&v,
	    "Location: /api/v1/secrets/instance/api/one\r\n"));
	CU_ASSERT_TRUE(visit_has(&v, "Content-Type: application/json\r\n"));
	j = api_json(&v);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j, "name")),
	    "api/one");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(j,
	    "key_version")), 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j,
	    "source")), "onboarding");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j,
	    "expires_at")), "2099-01-31T00:00:00.000000Z");
	CU_ASSERT_TRUE(json_is_null(json_object_get(j, "project")));
	json_decref(j);
	CU_ASSERT_FALSE(visit_has(&v, CANARY));
	CU_ASSERT(house_sql_is(&visit_house,
	    "CREATE\tsucceeded\t-\tapi_key\tci/test", LAST_ROW));
	v.body = "{\"value\":\"" CANARY "-2\"}";
	ASSERT_ANSWER(&v, 200, "ETag: \"2\"\r\n");
	CU_ASSERT_FALSE(visit_has(&v, "Location: "));
	CU_ASSERT_FALSE(visit_has(&v, CANARY));
	CU_ASSERT(house_sql_is(&visit_house,
	    "ROTATE\tsucceeded\t-\tapi_key\tci/test", LAST_ROW));
	v.method = "GET";
	v.body = NULL;
	v.type = "";
	ASSERT_ANSWER(&v, 200, "\"key_version\":2");
	CU_ASSERT_TRUE(visit_has(&v, "ETag: \"2\"\r\n"));
	CU_ASSERT_FALSE(visit_has(&v, CANARY));
	visit_free(&v);
}

static void
xml_says_the_same(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/api/xml",
	    "<secret><value>a &amp; b &#x20AC; <![CDATA[<c>]]></value>"
	    "</secret>");
	struct secbuf * stored = NULL, * expected;
	struct secret_meta meta;

	v.type = "application/xml; charset=UTF-8";
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 201, "Content-Type: application/xml");
	CU_ASSERT_TRUE(visit_has(&v,
	    "<secret xmlns=\"urn:strongroom:api:1\"><id>"));
	CU_ASSERT_TRUE(visit_has(&v, "<name>api/xml</name>"));
	CU_ASSERT_TRUE(visit_has(&v, "<key_version>1</key_version>"));
	CU_ASSERT_FALSE(visit_has(&v, "<project>"));
	ASSERT_ERR_FATAL(secret_find(visit_db, SCOPE_INSTANCE, &sr_id_nil,
	    "api/xml", &meta), SR_OK);
	ASSERT_ERR_FATAL(secret_open(&visit_house.store, &meta.id, 1,
	    &stored), SR_OK);
	expected = house_secret("a & b \xe2\x82\xac <c>");
	CU_ASSERT_TRUE(secbuf_equal(stored, expected));
	secbuf_free(&stored);
	secbuf_free(&expected);
	visit_free(&v);
}

static void
a_value_is_stored_as_its_json_says(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/api/escaped",
	    "{\"value\":\"line\\r\\n\\u20ac\\ud83d\\ude00\\\\\"}");
	struct secbuf * stored = NULL, * expected;
	struct secret_meta meta;

	ASSERT_ANSWER(&v, 201, NULL);
	ASSERT_ERR_FATAL(secret_find(visit_db, SCOPE_INSTANCE, &sr_id_nil,
	    "api/escaped", &meta), SR_OK);
	ASSERT_ERR_FATAL(secret_open(&visit_house.store, &meta.id, 1,
	    &stored), SR_OK);
	expected = house_secret("line\r\n\xe2\x82\xac\xf0\x9f\x98\x80\\");
	CU_ASSERT_TRUE(secbuf_equal(stored, expected));
	secbuf_free(&stored);
	secbuf_free(&expected);
	visit_free(&v);
}

static void
st_sec_003_ac1_a_secret_is_revoked_by_api(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/api/gone",
	    "{\"value\":\"" CANARY "-3\"}");

	ASSERT_ANSWER(&v, 201, NULL);
	v.method = "DELETE";
	v.body = NULL;
	v.type = "";
	v.if_match = "\"2\"";
	ASSERT_ANSWER(&v, 412, "secret_version_conflict");
	v.if_match = "\"tag\"";
	ASSERT_ANSWER(&v, 412, "secret_version_conflict");
	v.if_match = "\"1\"";
	ASSERT_ANSWER(&v, 200, "\"status\":\"revoked\"");
	CU_ASSERT(house_sql_is(&visit_house,
	    "REVOKE\tsucceeded\t-\tapi_key\tci/test", LAST_ROW));
	v.if_match = NULL;
	ASSERT_ANSWER(&v, 409, "secret_already_revoked");
	v.path = "/api/v1/secrets/instance/api/never";
	ASSERT_ANSWER(&v, 404, "secret_not_found");
	CU_ASSERT(house_sql_is(&visit_house, "REVOKE\tfailed\t"
	    "secret_not_found\tapi_key\tci/test", LAST_ROW));
	visit_free(&v);
}

static void
if_match_star_wants_one_that_is_there(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/api/star",
	    "{\"value\":\"" CANARY "-4\"}");

	v.if_match = "*";
	ASSERT_ANSWER(&v, 412, "secret_version_conflict");
	CU_ASSERT(house_sql_is(&visit_house, "CREATE\tfailed\t"
	    "secret_version_conflict\tapi_key\tci/test", LAST_ROW));
	v.if_match = NULL;
	ASSERT_ANSWER(&v, 201, NULL);
	v.if_match = "*";
	v.body = "{\"value\":\"" CANARY "-5\"}";
	ASSERT_ANSWER(&v, 200, NULL);
	v.if_match = "W/\"2\"";
	ASSERT_ANSWER(&v, 412, "secret_version_conflict");
	v.if_match = "2";
	ASSERT_ANSWER(&v, 400, "request_malformed");
	v.if_match = NULL;
	v.if_none_match = "\"2\"";
	ASSERT_ANSWER(&v, 400, "request_malformed");
	visit_free(&v);
}

static void
st_sec_002_ac1_plaintext_members_are_blocked_at_the_api(void)
{
	static const char * const names[] = { "plaintext", "ciphertext",
	    "secret", "secret_value", "wrapped_dek", "Value", "PLAINTEXT" };
	struct visit v = call("PUT", "/api/v1/secrets/instance/api/blocked",
	    NULL);
	char body[128], field[64];

	v.type = "application/json";
	for (size_t i = 0; i < COUNTOF(names); i++) {
		(void)snprintf(body, sizeof(body), "{\"%s\":\"" CANARY "\"}",
		    names[i]);
		(void)snprintf(field, sizeof(field), "\"field\":\"%s\"",
		    names[i]);
		v.body = body;
		not_stored(&v, sr_error_row(
		    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED)->status, field);
		CU_ASSERT_TRUE(visit_has(&v, "\"policy\":\""
		    "operational_secret_plaintext_forbidden\""));
		CU_ASSERT_TRUE(visit_has(&v, "SecretRef"));
		CU_ASSERT(house_sql_is(&visit_house, "CREATE\tblocked\t"
		    "plaintext_secret_persistence_blocked\tapi_key\tci/test",
		    LAST_ROW));
	}
	/* Where an action takes no value, "value" is one of these too. */
	v.method = "DELETE";
	v.body = "{\"value\":\"" CANARY "\"}";
	not_stored(&v, 422, "\"field\":\"value\"");
	CU_ASSERT(house_sql_is(&visit_house, "REVOKE\tblocked\t"
	    "plaintext_secret_persistence_blocked\tapi_key\tci/test",
	    LAST_ROW));
	v.method = "GET";
	v.body = NULL;
	v.type = "";
	v.query = "value=" CANARY;
	not_stored(&v, 422, "plaintext_secret_persistence_blocked");
	visit_free(&v);
}

static void
bodies_that_are_wrong_are_named_and_refused(void)
{
	static const struct {
		const char * body;
		int status;
		const char * text;
	} bad[] = {
		{ "{\"value\":\"" CANARY "\",\"color\":\"x\"}", 422,
		    "\"error\":\"member_unknown\"" },
		{ "{\"color\":\"" CANARY "\"}", 422,
		    "\"field\":\"color\"" },
		{ "{\"" CANARY " x\":\"a\"}", 422, "member_unknown" },
		{ "{\"value\":\"" CANARY "\",\"value\":\"b\"}", 422,
		    "\"error\":\"member_repeated\"" },
		{ "{\"value\":[\"" CANARY "\"]}", 422,
		    "\"error\":\"member_type_invalid\"" },
		{ "{\"value\":12345678}", 422, "\"field\":\"value\"" },
		{ "{\"value\":{\"a\":\"" CANARY "\"}}", 422,
		    "member_type_invalid" },
		{ "{\"value\":\"" CANARY "\"", 400, "body_malformed" },
		{ "value=" CANARY, 400, "body_malformed" },
		{ "", 422, "secret_value_invalid" },
		{ "{}", 422, "secret_value_invalid" },
		{ "{\"value\":null}", 422, "secret_value_invalid" },
		{ "{\"value\":\"short\"}", 422, "secret_value_invalid" },
		{ "{\"value\":\"" CANARY "\\u0000\"}", 422,
		    "secret_value_invalid" },
		{ "{\"value\":\"" CANARY "\",\"expires_at\":\"soon\"}", 422,
		    "\"field\":\"expires_at\"" },
		{ "{\"value\":\"" CANARY "\",\"expires_at\":\"\\u0007\"}", 422,
		    "secret_expiry_invalid" },
	};
	struct visit v = call("PUT", "/api/v1/secrets/instance/api/wrong",
	    NULL);

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		v.type = "application/json";
		v.body = bad[i].body;
		not_stored(&v, bad[i].status, bad[i].text);
	}
	v.body = "value=" CANARY;
	v.type = "application/x-www-form-urlencoded";
	not_stored(&v, 415, "media_type_unsupported");
	v.type = "application/json; charset=latin1";
	not_stored(&v, 415, "media_type_unsupported");
	v.type = "text/plain";
	not_stored(&v, 415, "media_type_unsupported");
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(st_sec_001_ac1_a_secret_is_stored_and_rotated_by_api),
	TEST(xml_says_the_same),
	TEST(a_value_is_stored_as_its_json_says),
	TEST(st_sec_003_ac1_a_secret_is_revoked_by_api),
	TEST(if_match_star_wants_one_that_is_there),
	TEST(st_sec_002_ac1_plaintext_members_are_blocked_at_the_api),
	TEST(bodies_that_are_wrong_are_named_and_refused),
};

SUITE_MAIN("cgi/api_secret", tests, open_site, close_site)
