/* Projects, bindings and runs by the API, and what a run is given. */

#include "tests/cgi/api_visit.h"

#define KEY	"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define PEM	"first line of a long one\nsecond \"quoted\" \\ line\n\tthird"
#define CONTROL	"bell \a and escape \x1b in a value"
#define WIDE	"größer als 日本語 & <tags> ]]> \r\n🔑"

static char * all;		/* A key for everything. */
static char * mine;		/* One for the project alone. */
static char * other;		/* One for another project. */
static char project[37];

static int
open_site(void)
{
	static const char scopes[] = "secrets:write,secrets:read,"
	    "secrets:resolve,runs:write";

	if (visit_open() != 0 || (all = api_bearer(scopes, NULL, NULL)) ==
	    NULL)
		return (-1);
	other = api_bearer(scopes, "0190a0b0-0000-7000-8000-000000000001",
	    NULL);
	return (other == NULL ? -1 : 0);
}

static int
close_site(void)
{

	free(all);
	free(mine);
	free(other);
	return (visit_close());
}

static struct visit
call(const char * method, const char * path, const char * body)
{

	return ((struct visit){ .method = method, .path = path,
	    .accept = "application/json", .authorization = all,
	    .body = body, .type = body == NULL ? "" : "application/json" });
}

static void
expect(const char * method, const char * path, const char * body, int status,
    const char * text)
{
	struct visit v = call(method, path, body);

	ASSERT_ANSWER(&v, status, text);
	visit_free(&v);
}

/* ${before}${id}${after}, until the next call. */
static const char *
at(const char * before, const char * id, const char * after)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s%s%s", before, id, after);
	return (path);
}

#define PROJECT(rest)	at("/api/v1/projects/", project, (rest))
#define RUN(id, rest)	at("/api/v1/runs/", (id), (rest))
/* Store ${value} and bind ${variable} of the project to it. */
static void
bind_value(const char * variable, const char * name, const char * value)
{
	json_t * j = json_pack("{s:s}", "value", value);
	char * body = json_dumps(j, 0);
	char * binding = NULL;

	expect("PUT", at("/api/v1/secrets/instance/", name, ""), body, 201,
	    NULL);
	free(body);
	json_decref(j);
	must(asprintf(&binding, "{\"scope\":\"instance\",\"name\":\"%s\"}",
	    name) > 0);
	body = strdup(at("/bindings/", variable, ""));
	expect("PUT", PROJECT(body), binding, 200, "\"scope\":\"instance\"");
	free(binding);
	free(body);
}

/* Begin a run; its id. */
static void
begin(const char * status, char id[37])
{
	struct visit v = call("POST", PROJECT("/runs"), NULL);
	char body[256];
	json_t * j;

	(void)snprintf(body, sizeof(body), "{\"workflow_name\":\"nightly "
	    "\\\"build\\\"\",\"workflow_version\":\"1.2\",\"trigger\":"
	    "\"manual\",\"status\":\"%s\"}", status);
	v.body = body;
	v.type = "application/json";
	ASSERT_ANSWER(&v, 201, "Location: /api/v1/runs/");
	j = api_json(&v);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j,
	    "workflow_name")), "nightly \"build\"");
	(void)snprintf(id, 37, "%s", json_string_value(json_object_get(j,
	    "id")));
	json_decref(j);
	visit_free(&v);
}

static void
projects_are_made_listed_and_shown(void)
{
	struct visit v = call("POST", "/api/v1/projects", "{\"slug\":"
	    "\"billing\",\"name\":\"Billing & <agents>\",\"description\":"
	    "\"Two\\\"quotes\\\"\"}");
	json_t * j;

	ASSERT_ANSWER(&v, 201, "Location: /api/v1/projects/");
	j = api_json(&v);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(j,
	    "description")), "Two\"quotes\"");
	(void)snprintf(project, sizeof(project), "%s",
	    json_string_value(json_object_get(j, "id")));
	json_decref(j);
	ASSERT_ANSWER(&v, 409, "project_exists");
	v.accept = "application/xml";
	v.method = "GET";
	v.body = NULL;
	ASSERT_ANSWER(&v, 200, "<name>Billing &amp; &lt;agents&gt;</name>");
	v.authorization = other;
	ASSERT_ANSWER(&v, 200, "<items></items>");
	visit_free(&v);
	mine = api_bearer("secrets:read,secrets:resolve,runs:write", project,
	    NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mine);
	expect("POST", "/api/v1/projects", "{\"slug\":\"archive\","
	    "\"name\":\"Archive\"}", 201, NULL);
	v = call("GET", "/api/v1/projects", NULL);
	v.query = "limit=1";
	ASSERT_ANSWER(&v, 200, "\"slug\":\"archive\"");
	CU_ASSERT_FALSE(visit_has(&v, "billing"));
	v.query = NULL;
	v.authorization = mine;
	ASSERT_ANSWER(&v, 200, "\"slug\":\"billing\"");
	CU_ASSERT_FALSE(visit_has(&v, "archive"));
	v.path = PROJECT("");
	ASSERT_ANSWER(&v, 200, "\"slug\":\"billing\"");
	v.authorization = other;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	visit_free(&v);
}

static void
what_is_no_project_is_refused(void)
{

	expect("POST", "/api/v1/projects", "{\"slug\":\"-\",\"name\":\"x\"}",
	    422, "project_slug_invalid");
	expect("POST", "/api/v1/projects", "{\"slug\":\"x\"}", 422,
	    "\"field\":\"name\"");
	expect("POST", "/api/v1/projects", "{\"slug\":\"x\",\"name\":\"gh"
	    "p_x7Kd02mQp9LrT4vBn81sWzYh3cEfGu0kFOMf\"}", 422,
	    "plaintext_secret_persistence_blocked");
	expect("GET", "/api/v1/projects/x", NULL, 404, "project_not_found");
}

static void
variables_are_bound_and_unbound(void)
{

	bind_value("PEM_KEY", "run/pem", PEM);
	expect("GET", PROJECT("/bindings"), NULL, 200,
	    "{\"variable\":\"PEM_KEY\",");
	expect("PUT", PROJECT("/bindings/1BAD"), "{\"scope\":\"instance\","
	    "\"name\":\"run/pem\"}", 422, "\"field\":\"env_var\"");
	expect("PUT", PROJECT("/bindings/GOOD"), "{\"scope\":\"instance\","
	    "\"name\":\"run/nothing\"}", 404, "secret_not_found");
	expect("DELETE", PROJECT("/bindings/PEM_KEY"), NULL, 200,
	    "\"name\":\"run/pem\"");
	expect("DELETE", PROJECT("/bindings/PEM_KEY"), NULL, 404,
	    "binding_not_found");
	expect("PUT", PROJECT("/bindings/PEM_KEY"), "{\"scope\":\"instance\","
	    "\"name\":\"run/pem\"}", 200, "PEM_KEY");
}

static void
st_sec_009_ac2_a_projects_variable_is_explained(void)
{
	struct visit v = call("GET", "/api/v1/explain/PEM_KEY", NULL);
	char query[64];

	(void)snprintf(query, sizeof(query), "project=%s", project);
	ASSERT_ANSWER(&v, 404, "binding_not_found");
	v.query = query;
	v.authorization = mine;
	ASSERT_ANSWER(&v, 200, "{\"provider\":null,\"variable\":\"PEM_KEY\","
	    "\"environment\":\"absent\",\"scope\":\"instance\","
	    "\"project\":null,\"name\":\"run/pem\",\"key_version\":1,"
	    "\"reference\":\"present\",\"source\":\"reference\"");
	v.authorization = other;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	visit_free(&v);
}

static void
a_run_moves_and_ends(void)
{
	char id[37];

	begin("pending", id);
	expect("GET", RUN(id, "/bindings"), NULL, 409, "run_not_started");
	expect("PATCH", RUN(id, ""), "{\"status\":\"sleeping\"}", 422,
	    "\"field\":\"status\"");
	expect("PATCH", RUN(id, ""), "{\"status\":\"completed\"}", 409,
	    "run_transition_invalid");
	expect("PATCH", RUN(id, ""), "{\"status\":\"running\"}", 200,
	    "\"status\":\"running\"");
	expect("POST", RUN(id, "/heartbeat"), NULL, 200, "\"heartbeat_at\"");
	expect("GET", RUN(id, ""), NULL, 200, "\"completed_at\":null");
	expect("PATCH", RUN(id, ""), "{\"status\":\"completed\"}", 200,
	    "\"status\":\"completed\"");
	expect("GET", RUN(id, "/bindings"), NULL, 409, "run_finished");
	expect("GET", "/api/v1/runs/x", NULL, 404, "run_not_found");
	expect("POST", PROJECT("/runs"), "{\"workflow_name\":\"x\","
	    "\"workflow_version\":\"1\",\"trigger\":\"m\",\"status\":"
	    "\"failed\"}", 422, "\"field\":\"status\"");
}

/* The value that the answer's list has for ${variable}; "" for none. */
static const char *
value_of(const json_t * answer, const char * variable, const char ** error)
{
	const json_t * items = json_object_get(answer, "items");
	const json_t * item, * value;

	for (size_t i = 0; i < json_array_size(items); i++) {
		item = json_array_get(items, i);
		if (strcmp(json_string_value(json_object_get(item,
		    "variable")), variable) != 0)
			continue;
		value = json_object_get(item, "value");
		*error = json_string_value(json_object_get(item,
		    "error_type"));
		return (json_is_null(value) ? "" : json_string_value(value));
	}
	return ("not there");
}

static void
values_arrive_as_they_were_stored(void)
{
	static const struct {
		const char * variable, * name, * value;
	} v[] = {
		{ "A_CONTROL", "run/control", CONTROL },
		{ "A_WIDE", "run/wide", WIDE },
	};
	struct visit ask;
	const char * error = "";
	char id[37];
	json_t * j;

	for (size_t i = 0; i < COUNTOF(v); i++)
		bind_value(v[i].variable, v[i].name, v[i].value);
	begin("running", id);
	ask = call("GET", RUN(id, "/bindings"), NULL);
	ask.authorization = mine;
	ASSERT_ANSWER(&ask, 200, "Cache-Control: no-store");
	j = api_json(&ask);
	for (size_t i = 0; i < COUNTOF(v); i++)
		CU_ASSERT_STRING_EQUAL(value_of(j, v[i].variable, &error),
		    v[i].value);
	CU_ASSERT_STRING_EQUAL(value_of(j, "PEM_KEY", &error), PEM);
	json_decref(j);
	visit_free(&ask);
	CU_ASSERT(house_sql_is(&visit_house, "3", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'RESOLVE' AND outcome = 'succeeded'"
	    " AND actor_kind = 'api_key'"));
}

/* XML has no control characters: that one is missing, and says why. */
static void
values_in_xml_are_whole_or_not_there(void)
{
	xmlDocPtr doc;
	xmlNodePtr n;
	xmlChar * text;
	char id[37];
	struct visit v;

	begin("running", id);
	v = call("GET", RUN(id, "/bindings"), NULL);
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 200, "<variable>A_CONTROL</variable>"
	    "<source>reference</source><key_version>1</key_version>"
	    "<error_type>secret_value_not_representable</error_type>"
	    "</binding>");
	doc = xmlReadMemory(visit_body(&v), (int)strlen(visit_body(&v)), NULL,
	    NULL, XML_PARSE_NONET);
	CU_ASSERT_PTR_NOT_NULL_FATAL(doc);
	/* list/items/the second binding/its last child */
	n = xmlDocGetRootElement(doc)->children->children->next;
	text = xmlNodeGetContent(n->last);
	CU_ASSERT_STRING_EQUAL((const char *)text, WIDE);
	xmlFree(text);
	xmlFreeDoc(doc);
	visit_free(&v);
}

static void
a_revoked_value_keeps_none_of_the_others_back(void)
{
	struct visit v;
	const char * error = NULL;
	char id[37];
	json_t * j;

	expect("DELETE", "/api/v1/secrets/instance/run/wide", NULL, 200, NULL);
	begin("running", id);
	v = call("GET", RUN(id, "/bindings"), NULL);
	ASSERT_ANSWER(&v, 200, NULL);
	j = api_json(&v);
	CU_ASSERT_STRING_EQUAL(value_of(j, "PEM_KEY", &error), PEM);
	CU_ASSERT_STRING_EQUAL(value_of(j, "A_WIDE", &error), "");
	CU_ASSERT_STRING_EQUAL(error, "provider_secret_unavailable");
	json_decref(j);
	visit_free(&v);
}

static void
st_sec_009_ac3_a_run_without_a_credential_is_told_at_once(void)
{
	char id[37];

	begin("running", id);
	expect("GET", RUN(id, "/credentials/anthropic"), NULL, 424,
	    "\"type\":\"/errors/anthropic_secret_unavailable\"");
	expect("GET", RUN(id, "/credentials/nobody"), NULL, 404,
	    "provider_unknown");
}

static void
st_sec_008_ac2_a_run_keeps_its_version_by_api(void)
{
	static const char ref[] = "/api/v1/secrets/integration/providers/"
	    "anthropic_api_key";
	char first[37], second[37];

	expect("PUT", ref, "{\"value\":\"" KEY "\"}", 201, NULL);
	begin("running", first);
	expect("GET", RUN(first, "/credentials/anthropic"), NULL, 200,
	    "\"key_version\":1,\"value\":\"" KEY "\"}");
	expect("PUT", ref, "{\"value\":\"" KEY "-2\"}", 200, NULL);
	begin("running", second);
	expect("GET", RUN(first, "/credentials/anthropic"), NULL, 200,
	    "\"value\":\"" KEY "\"}");
	expect("GET", RUN(second, "/credentials/anthropic"), NULL, 200,
	    "\"key_version\":2,\"value\":\"" KEY "-2\"}");
}

static void
nobody_else_is_given_a_value(void)
{
	struct visit v;
	char id[37];

	begin("running", id);
	v = call("GET", RUN(id, "/credentials/anthropic"), NULL);
	v.authorization = other;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	CU_ASSERT_FALSE(visit_has(&v, "ant-test"));
	visit_sign_in();
	v.authorization = NULL;
	v.cookie = visit_session;
	ASSERT_ANSWER(&v, 403, "role_forbidden");
	CU_ASSERT_FALSE(visit_has(&v, "ant-test"));
	visit_free(&v);
	CU_ASSERT(house_sql_is(&visit_house, "2", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'RESOLVE' AND outcome = 'failed' AND"
	    " error_type IN ('api_key_project_forbidden', 'role_forbidden')"));
}

/* A refusal tells as much as a mask: it is told so often, and not again. */
static void
names_are_not_for_guessing(void)
{
	char path[80];
	struct visit v;

	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/runs",
	    project);
	for (unsigned i = 0; i < 20; i++)
		expect("POST", path, "{\"workflow_name\":\"" KEY "\","
		    "\"workflow_version\":\"1\",\"trigger\":\"x\"}", 422,
		    "plaintext_secret_persistence_blocked");
	v = call("POST", path, "{\"workflow_name\":\"harmless\","
	    "\"workflow_version\":\"1\",\"trigger\":\"x\"}");
	ASSERT_ANSWER(&v, 429, "guesses_throttled");
	CU_ASSERT(visit_has(&v, "Retry-After: "));
	CU_ASSERT(visit_has(&v, "\"error_type\":\"guesses_throttled\""));
	/* What stores no names goes on, and so do others. */
	v.method = "GET";
	v.body = NULL;
	ASSERT_ANSWER(&v, 200, NULL);
	v.method = "POST";
	v.body = "{\"workflow_name\":\"harmless\",\"workflow_version\":"
	    "\"1\",\"trigger\":\"x\"}";
	v.authorization = mine;
	ASSERT_ANSWER(&v, 201, NULL);
	visit_free(&v);
	CU_ASSERT(house_do(&visit_house, "DELETE FROM throttle"));
	expect("POST", path, "{\"workflow_name\":\"harmless\","
	    "\"workflow_version\":\"1\",\"trigger\":\"x\"}", 201, NULL);
}

static const struct suite_test tests[] = {
	TEST(projects_are_made_listed_and_shown),
	TEST(what_is_no_project_is_refused),
	TEST(variables_are_bound_and_unbound),
	TEST(st_sec_009_ac2_a_projects_variable_is_explained),
	TEST(a_run_moves_and_ends),
	TEST(values_arrive_as_they_were_stored),
	TEST(values_in_xml_are_whole_or_not_there),
	TEST(a_revoked_value_keeps_none_of_the_others_back),
	TEST(st_sec_009_ac3_a_run_without_a_credential_is_told_at_once),
	TEST(st_sec_008_ac2_a_run_keeps_its_version_by_api),
	TEST(nobody_else_is_given_a_value),
	TEST(names_are_not_for_guessing),
};

SUITE_MAIN("cgi/api_run", tests, open_site, close_site)
