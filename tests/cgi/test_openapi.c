/* The description of the API is what the tables say, and nothing else. */

#include "cgi/openapi.h"
#include "tests/cgi/api_visit.h"

static json_t * description;

static void
it_is_json_and_open_to_anyone(void)
{
	struct visit v = { .path = "/api/v1/openapi.json" };

	ASSERT_ANSWER(&v, 200, "Content-Type: application/json\r\n");
	description = api_json(&v);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(description,
	    "openapi")), "3.1.0");
	visit_free(&v);
}

static const json_t *
operation_of(const struct route * r)
{
	static const char * const names[] = { "get", "post", "put", "delete",
	    "patch" };
	json_t * paths = json_object_get(description, "paths");
	char path[256];
	size_t n = 0;

	for (const char * p = r->pattern; *p != '\0'; p++) {
		path[n++] = *p;
		if (*p == ':' || *p == '*') {
			path[n - 1] = '{';
			while (p[1] != '\0' && p[1] != '/')
				path[n++] = *++p;
			path[n++] = '}';
		}
	}
	path[n] = '\0';
	return (json_object_get(json_object_get(paths, path),
	    names[r->method]));
}

/* Whether ${op} has a parameter of that name at that place. */
static bool
has_parameter(const json_t * op, const char * in, const char * name)
{
	json_t * list = json_object_get(op, "parameters");

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t * p = json_array_get(list, i);

		if (strcmp(json_string_value(json_object_get(p, "in")),
		    in) == 0 && strcmp(json_string_value(json_object_get(p,
		    "name")), name) == 0)
			return (true);
	}
	return (false);
}

static void
check_security(const json_t * op, const struct route * r)
{
	json_t * list = json_object_get(op, "security");
	json_t * by, * scope;
	const bool session = r->role != ROLE_ANYONE &&
	    r->role != ROLE_PROGRAM;
	size_t expected = (session ? 1U : 0U) +
	    (r->key != KEY_SCOPE_NONE ? 1U : 0U);

	CU_ASSERT_EQUAL(json_array_size(list), expected);
	if (r->key != KEY_SCOPE_NONE) {
		by = json_object_get(json_array_get(list, 0), "apiKey");
		scope = json_array_get(by, 0);
		CU_ASSERT_STRING_EQUAL(json_string_value(scope),
		    key_scope_name(r->key));
	}
	if (session) {
		by = json_object_get(json_array_get(list, expected - 1),
		    "session");
		CU_ASSERT_STRING_EQUAL(json_string_value(json_array_get(by,
		    0)), role_name(r->role));
	}
}

static void
check_fields(const json_t * op, const struct route * r)
{
	const bool safe = r->method == METHOD_GET;
	enum field_set query = safe ? r->fields : api_query(r);
	json_t * body = json_object_get(op, "requestBody");
	json_t * content = json_object_get(body, "content");
	json_t * schema = json_object_get(json_object_get(content,
	    "application/json"), "schema");
	json_t * properties = json_object_get(schema, "properties");
	enum field f;
	bool in_body;

	CU_ASSERT_EQUAL(body != NULL, !safe && r->fields != FIELDS_NONE);
	for (unsigned i = 0; i < FIELD__MAX; i++) {
		f = (enum field)i;
		in_body = !safe && field_in(f, r->fields);
		if (field_in(f, query))
			CU_ASSERT_TRUE(has_parameter(op, "query",
			    field_name(f)));
		if (in_body)
			CU_ASSERT_PTR_NOT_NULL(json_object_get(properties,
			    field_name(f)));
	}
	if (body != NULL)
		CU_ASSERT_PTR_NOT_NULL(json_object_get(content,
		    "application/xml"));
	if (r->csrf == CSRF_API)
		CU_ASSERT_TRUE(has_parameter(op, "header", "X-CSRF-Token"));
}

static void
each_call_is_in_it_as_its_row_says(void)
{
	unsigned calls = 0;

	for (unsigned i = 0; i < ROUTE__MAX; i++) {
		const struct route * r = route_row((enum route_id)i);
		const json_t * op, * responses;

		if (strncmp(r->pattern, "/api/", 5) != 0)
			continue;
		calls++;
		op = operation_of(r);
		if (op == NULL)
			suite_note("not described: %s", r->pattern);
		CU_ASSERT_PTR_NOT_NULL_FATAL(op);
		CU_ASSERT_TRUE(json_is_string(json_object_get(op,
		    "summary")));
		check_security(op, r);
		check_fields(op, r);
		if (strchr(r->pattern, ':') != NULL)
			CU_ASSERT_TRUE(has_parameter(op, "path", "scope") ||
			    has_parameter(op, "path", "id") ||
			    has_parameter(op, "path", "provider") ||
			    has_parameter(op, "path", "env_var"));
		responses = json_object_get(op, "responses");
		CU_ASSERT_PTR_NOT_NULL(json_object_get(responses, "4XX"));
		CU_ASSERT_PTR_NOT_NULL(json_object_get(responses, "5XX"));
		CU_ASSERT(json_object_size(responses) >= 3);
	}
	suite_note("%u calls", calls);
}

static void
nothing_else_is_in_it(void)
{
	json_t * paths = json_object_get(description, "paths");
	const char * path;
	unsigned calls = 0, rows = 0;
	json_t * item;

	json_object_foreach(paths, path, item) {
		CU_ASSERT_EQUAL(strncmp(path, "/api/v1/", 8), 0);
		calls += (unsigned)json_object_size(item);
	}
	for (unsigned i = 0; i < ROUTE__MAX; i++)
		rows += strncmp(route_row((enum route_id)i)->pattern, "/api/",
		    5) == 0;
	CU_ASSERT_EQUAL(calls, rows);
}

/* The members of ${answer} and of its schema are the same. */
static void
same_members(const json_t * answer, const char * schema)
{
	json_t * schemas = json_object_get(json_object_get(description,
	    "components"), "schemas");
	json_t * properties = json_object_get(json_object_get(schemas, schema),
	    "properties");
	const char * name;
	json_t * value;

	CU_ASSERT_EQUAL(json_object_size(answer), json_object_size(properties));
	json_object_foreach(properties, name, value) {
		if (json_object_get(answer, name) == NULL)
			suite_note("%s: no %s", schema, name);
		CU_ASSERT_PTR_NOT_NULL(json_object_get(answer, name));
	}
}

static void
compare(struct visit * v, const char * list, const char * schema)
{
	json_t * j;

	ASSERT_ANSWER(v, 200, NULL);
	j = api_json(v);
	same_members(j, list);
	CU_ASSERT(json_array_size(json_object_get(j, "items")) > 0);
	same_members(json_array_get(json_object_get(j, "items"), 0), schema);
	json_decref(j);
}

/* One call whose answer is as that schema says; the id in it into ${id}. */
static void
compare_one(const char * bearer, const char * method, const char * path,
    const char * body, const char * schema, char id[37])
{
	struct visit v = { .method = method, .path = path, .authorization =
	    bearer, .body = body, .type = body == NULL ? "" :
	    "application/json" };
	json_t * j;

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v) / 100, 2);
	j = api_json(&v);
	same_members(j, schema);
	if (id != NULL)
		(void)snprintf(id, 37, "%s", json_string_value(
		    json_object_get(j, "id")));
	json_decref(j);
	visit_free(&v);
}

static void
compare_runs(const char * bearer)
{
	struct visit v = { .authorization = bearer,
	    .path = "/api/v1/projects" };
	char id[37], path[128];

	compare_one(bearer, "POST", "/api/v1/projects",
	    "{\"slug\":\"p\",\"name\":\"P\"}", "Project", id);
	compare(&v, "ProjectList", "Project");
	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/bindings/X",
	    id);
	compare_one(bearer, "PUT", path, "{\"scope\":\"instance\",\"name\":"
	    "\"described\"}", "Binding", NULL);
	path[strlen(path) - 2] = '\0';
	v.path = path;
	compare(&v, "BindingList", "Binding");
	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/runs", id);
	compare_one(bearer, "POST", path, "{\"workflow_name\":\"w\","
	    "\"workflow_version\":\"1\",\"trigger\":\"t\"}", "Run", id);
	compare(&v, "RunList", "Run");
	(void)snprintf(path, sizeof(path), "/api/v1/runs/%s/bindings", id);
	compare(&v, "ValueList", "Value");
	compare_one(bearer, "PUT", "/api/v1/secrets/integration/providers/"
	    "github_pat", "{\"value\":\"described value 2\"}", "Secret",
	    NULL);
	(void)snprintf(path, sizeof(path),
	    "/api/v1/runs/%s/credentials/github_pat", id);
	compare_one(bearer, "GET", path, NULL, "Credential", NULL);
	compare_one(bearer, "GET", "/api/v1/explain/GITHUB_PAT", NULL,
	    "Explanation", NULL);
	compare_one(bearer, "DELETE", "/api/v1/secrets/integration/providers/"
	    "github_pat", NULL, "RevokedSecret", NULL);
	visit_free(&v);
}

static void
answers_have_the_members_that_it_describes(void)
{
	char * bearer = api_bearer("secrets:write,secrets:read,audit:read,"
	    "secrets:resolve,runs:write", NULL, NULL);
	struct visit v = { .method = "PUT", .authorization = bearer,
	    .path = "/api/v1/secrets/instance/described",
	    .type = "application/json",
	    .body = "{\"value\":\"described value\"}" };
	json_t * j;

	visit_sign_in();
	ASSERT_ANSWER(&v, 201, NULL);
	j = api_json(&v);
	same_members(j, "Secret");
	json_decref(j);
	v = (struct visit){ .path = "/api/v1/secrets", .authorization =
	    bearer, .answer = v.answer };
	compare(&v, "SecretList", "Secret");
	v.path = "/api/v1/audit";
	compare(&v, "AuditEventList", "AuditEvent");
	v.path = "/api/v1/providers";
	compare(&v, "ProviderList", "Provider");
	compare_runs(bearer);
	v.authorization = NULL;
	v.cookie = visit_session;
	v.path = "/api/v1/api-keys";
	compare(&v, "ApiKeyList", "ApiKey");
	free(bearer);
	visit_free(&v);
	json_decref(description);
}

static const struct suite_test tests[] = {
	TEST(it_is_json_and_open_to_anyone),
	TEST(each_call_is_in_it_as_its_row_says),
	TEST(nothing_else_is_in_it),
	TEST(answers_have_the_members_that_it_describes),
};

SUITE_MAIN("cgi/openapi", tests, visit_open, visit_close)
