/* /api/v1/secrets, by keys: its paths, lists, and keys that are limited. */

#include "tests/cgi/api_secret.h"

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
	TEST(names_and_scopes_of_the_path_are_checked),
	TEST(a_limited_key_sees_and_writes_its_projects_alone),
	TEST(lists_go_on_where_they_ended),
};

SUITE_MAIN("cgi/api_list", tests, open_site, close_site)
