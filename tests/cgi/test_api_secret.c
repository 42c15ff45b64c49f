/* /api/v1/secrets, by keys: JSON and XML, conditions, refusals. */

#include "tests/cgi/api_visit.h"

#define P1	"0190a0b0-0000-7000-8000-000000000001"
#define P2	"0190a0b0-0000-7000-8000-000000000002"
#define CANARY	"value-canary-4417-of-the-api"

static char * writer;		/* "Bearer …" for secrets:write and read. */
static char * limited;		/* The same, for project P1 alone. */

static int
open_site(void)
{

	if (visit_open() != 0)
		return (-1);
	writer = api_bearer("secrets:write,secrets:read", NULL, NULL);
	limited = api_bearer("secrets:write,secrets:read", P1, NULL);
	return (writer == NULL || limited == NULL ? -1 : 0);
}

static int
close_site(void)
{

	free(writer);
	free(limited);
	return (visit_close());
}

static struct visit
call(const char * method, const char * path, const char * body)
{

	return ((struct visit){ .method = method, .path = path,
	    .accept = "*/*", .authorization = writer, .body = body,
	    .type = body == NULL ? "" : "application/json" });
}

static unsigned
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

/* What is refused stores nothing and tells nothing of the value. */
static void
not_stored(struct visit * v, int status, const char * error)
{
	unsigned before = secrets();

	ASSERT_ANSWER(v, status, error);
	CU_ASSERT_FALSE(visit_has(v, CANARY));
	CU_ASSERT_TRUE(visit_has(v, "application/problem+json"));
	CU_ASSERT_EQUAL(secrets(), before);
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

static void
names_and_scopes_of_the_path_are_checked(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/instance/a b",
	    "{\"value\":\"" CANARY "\"}");

	not_stored(&v, 422, "secret_name_invalid");
	v.path = "/api/v1/secrets/instance/a//b";
	not_stored(&v, 422, "secret_name_invalid");
	v.path = "/api/v1/secrets/galaxy/a";
	not_stored(&v, 422, "secret_scope_invalid");
	v.path = "/api/v1/secrets/project/a";
	not_stored(&v, 422, "secret_scope_invalid");
	v.query = "project=" P1;
	v.body = "{\"value\":\"" CANARY "\",\"project\":\"" P2 "\"}";
	not_stored(&v, 422, "\"field\":\"project\"");
	v.path = "/api/v1/secrets/instance/" CANARY;
	v.query = NULL;
	v.body = "{\"value\":\"" CANARY "\"}";
	not_stored(&v, 422, "plaintext_secret_persistence_blocked");
	v.method = "GET";
	v.body = NULL;
	v.type = "";
	v.path = "/api/v1/secrets/galaxy/a";
	not_stored(&v, 422, "secret_scope_invalid");
	v.path = "/api/v1/secrets/project/a";
	not_stored(&v, 422, "\"field\":\"project\"");
	v.path = "/api/v1/secrets/instance/a";
	v.query = "project=" P1;
	not_stored(&v, 422, "\"field\":\"project\"");
	v.query = NULL;
	not_stored(&v, 404, "secret_not_found");
	visit_free(&v);
}

static void
a_limited_key_sees_and_writes_its_projects_alone(void)
{
	struct visit v = call("PUT", "/api/v1/secrets/project/mine",
	    "{\"value\":\"" CANARY "-m\"}");
	json_t * j, * items;

	v.query = "project=" P2;
	ASSERT_ANSWER(&v, 201, "?project=" P2 "\r\n");
	v.authorization = limited;
	not_stored(&v, 403, "api_key_project_forbidden");
	CU_ASSERT(house_sql_is(&visit_house, "CREATE\tfailed\t"
	    "api_key_project_forbidden\tapi_key\tci/test", LAST_ROW));
	v.query = "project=" P1;
	ASSERT_ANSWER(&v, 201, "\"project\":\"" P1 "\"");
	v.path = "/api/v1/secrets/instance/api/limited";
	v.query = NULL;
	not_stored(&v, 403, "api_key_project_forbidden");
	v = (struct visit){ .path = "/api/v1/secrets/project/mine",
	    .query = "project=" P2, .authorization = limited,
	    .answer = v.answer };
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v.method = "DELETE";
	v.type = "";
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v = (struct visit){ .path = "/api/v1/secrets", .authorization =
	    limited, .answer = v.answer };
	ASSERT_ANSWER(&v, 200, NULL);
	j = api_json(&v);
	items = json_object_get(j, "items");
	CU_ASSERT_EQUAL(json_array_size(items), 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(
	    json_array_get(items, 0), "project")), P1);
	json_decref(j);
	visit_free(&v);
}

static void
lists_go_on_where_they_ended(void)
{
	struct visit v = { .path = "/api/v1/secrets", .query = "limit=2",
	    .authorization = writer };
	char query[64] = "limit=2";
	unsigned n = 0, pages = 0;
	json_t * j, * next;

	do {
		v.query = query;
		ASSERT_ANSWER(&v, 200, NULL);
		j = api_json(&v);
		n += (unsigned)json_array_size(json_object_get(j, "items"));
		next = json_object_get(j, "next");
		if (json_is_string(next))
			(void)snprintf(query, sizeof(query),
			    "limit=2&after=%s", json_string_value(next));
		else
			query[0] = '\0';
		json_decref(j);
		pages++;
	} while (query[0] != '\0' && pages < 100);
	CU_ASSERT_EQUAL(n, secrets());
	CU_ASSERT_EQUAL(pages, (n + 1) / 2);
	v.accept = "application/xml";
	v.query = "limit=1";
	ASSERT_ANSWER(&v, 200, "<list xmlns=\"urn:strongroom:api:1\"><items>"
	    "<secret><id>");
	v.accept = NULL;
	v.query = "limit=0";
	ASSERT_ANSWER(&v, 422, "\"field\":\"limit\"");
	v.query = "limit=201";
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	v.query = "after=x";
	ASSERT_ANSWER(&v, 422, "\"field\":\"after\"");
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
	TEST(names_and_scopes_of_the_path_are_checked),
	TEST(a_limited_key_sees_and_writes_its_projects_alone),
	TEST(lists_go_on_where_they_ended),
};

SUITE_MAIN("cgi/api_secret", tests, open_site, close_site)
