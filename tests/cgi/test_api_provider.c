/* /api/v1/providers and /api/v1/explain, against a provider of ours. */

#include "core/vault/provider_check.h"
#include "tests/cgi/api_visit.h"
#include "tests/harness/provider.h"

#define P1	"0190a0b0-0000-7000-8000-000000000001"
#define ONE	"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define TWO	"sk-" "ant-test-Yt3Hd8Wq1ZxC6vBn0Lm4"
#define THREE	"sk-" "ant-test-Pq7Rd2Sx5TvW9yZb3NcM"
#define BAD	"sk-" "ant-test-not-this-one-1234567"
#define OF_ENVIRONMENT	"sk-" "test-Wm4Kc8Xz2LqN7vRb5TgY"
#define REFERENCE "/api/v1/secrets/integration/providers/anthropic_api_key"
#define CHECK	"/api/v1/providers/anthropic/check"
#define ROTATE	"/api/v1/providers/anthropic/rotate"

static struct provider_server * server;
static char settings[512];
static char * writer;
static char * limited;

static int
open_site(void)
{

	if (provider_library_init() != SR_OK)
		return (-1);
	server = provider_server_start(suite_tmpdir(), PROVIDER_PLAIN_HTTP);
	if (server == NULL)
		return (-1);
	provider_server_good(server, ONE);
	provider_server_good(server, TWO);
	provider_server_good(server, THREE);
	(void)snprintf(settings, sizeof(settings), "[providers]\n"
	    "attempts = 1\n[rotation]\npause_seconds = 60\n"
	    "[provider anthropic]\nbase_url = %s\n",
	    provider_server_url(server));
	visit_settings = settings;
	if (setenv("OPENAI_API_KEY", OF_ENVIRONMENT, 1) != 0 ||
	    visit_open() != 0)
		return (-1);
	writer = api_bearer("secrets:write,secrets:read", NULL, NULL);
	limited = api_bearer("secrets:write,secrets:read", P1, NULL);
	return (writer == NULL || limited == NULL ? -1 : 0);
}

static int
close_site(void)
{
	int rc;

	free(writer);
	free(limited);
	rc = visit_close();
	provider_server_stop(&server);
	provider_library_end();
	return (rc);
}

static struct visit
call(const char * method, const char * path, const char * body)
{

	return ((struct visit){ .method = method, .path = path,
	    .accept = "application/json", .authorization = writer,
	    .body = body, .type = body == NULL ? "" : "application/json" });
}

/* One call has that status and that text in its answer; and no key. */
static void
expect(const char * method, const char * path, const char * body, int status,
    const char * text)
{
	struct visit v = call(method, path, body);

	ASSERT_ANSWER(&v, status, text);
	CU_ASSERT_FALSE(visit_has(&v, "ant-test"));
	visit_free(&v);
}

/* Begin anew, with ${key} stored. */
static void
store(const char * key)
{
	char body[128];

	CU_ASSERT_FATAL(house_do(&visit_house, "DELETE FROM credential_lease;"
	    " DELETE FROM rotation; DELETE FROM provider_credential;"
	    " DELETE FROM redaction_variant; DELETE FROM secret_version;"
	    " DELETE FROM secret_ref"));
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	(void)snprintf(body, sizeof(body), "{\"value\":\"%s\"}", key);
	expect("PUT", REFERENCE, body, 201, "\"key_version\":1");
}

static void
st_sec_007_ac1_the_api_shows_each_status_and_its_change(void)
{

	expect("GET", "/api/v1/providers", NULL, 200, "{\"provider\":"
	    "\"anthropic\",\"title\":\"Anthropic\",\"status\":\"not_set\"");
	expect("POST", CHECK, NULL, 200,
	    "\"error_type\":\"anthropic_secret_unavailable\"");
	store(ONE);
	expect("POST", CHECK, NULL, 200,
	    "\"status\":\"active\",\"former_status\":\"not_set\"");
	provider_server_bad(server, ONE);
	expect("POST", CHECK, NULL, 200,
	    "\"error_type\":\"anthropic_credentials_invalid\","
	    "\"failure\":\"refused\"");
	provider_server_good(server, ONE);
	expect("POST", CHECK, NULL, 200, "\"former_status\":\"invalid\"");
	expect("GET", "/api/v1/providers", NULL, 200,
	    "\"checked_source\":\"reference\",\"checked_version\":1,"
	    "\"error_type\":null,\"failure\":null,"
	    "\"variable\":\"ANTHROPIC_API_KEY\",\"environment\":\"absent\"");
}

static json_t *
checked(void)
{
	struct visit v = call("POST", CHECK, NULL);
	json_t * j;

	ASSERT_ANSWER(&v, 200, NULL);
	j = api_json(&v);
	visit_free(&v);
	return (j);
}

static const char *
member(const json_t * j, const char * name)
{
	const char * text = json_string_value(json_object_get(j, name));

	return (text == NULL ? "" : text);
}

static void
st_sec_007_ac2_a_failed_check_keeps_the_time_of_the_last_good_one(void)
{
	json_t * good, * bad;

	store(ONE);
	good = checked();
	provider_server_mode(server, PROVIDER_MODE_500);
	bad = checked();
	CU_ASSERT_EQUAL(strlen(member(good, "verified_at")), 27);
	CU_ASSERT_STRING_EQUAL(member(good, "verified_at"),
	    member(bad, "verified_at"));
	CU_ASSERT(strcmp(member(good, "checked_at"),
	    member(bad, "checked_at")) < 0);
	json_decref(good);
	json_decref(bad);
}

static void
st_sec_007_ac3_an_endpoints_error_has_its_class_in_the_api(void)
{
	static const struct {
		enum provider_mode mode;
		const char * failure;
	} bad[] = {
		{ PROVIDER_MODE_500, "server_error" },
		{ PROVIDER_MODE_429, "rate_limited" },
		{ PROVIDER_MODE_GARBAGE, "malformed_reply" },
		{ PROVIDER_MODE_REDIRECT, "redirected" },
	};
	json_t * j;

	store(ONE);
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		provider_server_mode(server, bad[i].mode);
		j = checked();
		CU_ASSERT_STRING_EQUAL(member(j, "status"), "invalid");
		CU_ASSERT_STRING_EQUAL(member(j, "failure"), bad[i].failure);
		CU_ASSERT_STRING_EQUAL(member(j, "error_type"),
		    "anthropic_provider_check_failed");
		json_decref(j);
	}
}

static void
an_echoed_key_is_in_no_answer_and_no_row(void)
{
	char * dump;

	store(ONE);
	provider_server_mode(server, PROVIDER_MODE_ECHO);
	expect("POST", CHECK, NULL, 200, "anthropic_credentials_invalid");
	expect("POST", ROTATE, "{\"value\":\"" TWO "\"}", 409,
	    "\"before\":\"refused\"");
	expect("POST", ROTATE, "{\"value\":\"" TWO "\",\"confirm\":true}",
	    422, "\"after\":\"refused\"");
	expect("GET", "/api/v1/providers", NULL, 200, "anthropic");
	dump = mariadb_dump(visit_house.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, ONE));
	CU_ASSERT_PTR_NULL(strstr(dump, TWO));
	free(dump);
}

static void
st_sec_008_ac1_the_api_reports_before_and_after(void)
{

	store(ONE);
	expect("POST", ROTATE, "{\"value\":\"" TWO "\"}", 200,
	    "\"state\":\"done\",\"open\":false,\"before\":\"passed\","
	    "\"before_failure\":\"none\",\"after\":\"passed\","
	    "\"after_failure\":\"none\",\"rolled_back\":false,"
	    "\"continuity_alarm\":false,\"from_version\":1,"
	    "\"to_version\":2");
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":2");
}

static void
st_sec_008_ac3_the_api_reports_a_roll_back(void)
{

	store(ONE);
	expect("POST", ROTATE, "{\"value\":\"" BAD "\"}", 422,
	    "\"error\":\"provider_rotation_validation_failed\"");
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":1");
	expect("POST", ROTATE, "{\"value\":\"" BAD "\"}", 422,
	    "\"state\":\"rolled_back\",\"before\":\"passed\","
	    "\"before_failure\":\"none\",\"after\":\"refused\","
	    "\"after_failure\":\"refused\",\"rolled_back\":true,"
	    "\"continuity_alarm\":false,\"from_version\":1,\"to_version\":3,"
	    "\"correlation_id\"");
}

static void
a_key_that_is_refused_already_wants_a_confirmation(void)
{
	struct visit v = call("POST", ROTATE, "<r><value>" TWO "</value></r>");

	store(BAD);
	v.type = v.accept = "application/xml";
	ASSERT_ANSWER(&v, 409, "<error>provider_rotation_precheck_failed"
	    "</error>");
	CU_ASSERT(visit_has(&v, "<before>refused</before>"));
	v.body = "<r><value>" TWO "</value><confirm>perhaps</confirm></r>";
	ASSERT_ANSWER(&v, 422, "<field>confirm</field>");
	v.body = "<r><value>" TWO "</value><confirm>true</confirm></r>";
	ASSERT_ANSWER(&v, 200, "<state>done</state>");
	visit_free(&v);
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":2");
}

/* The pause between two checks is longer than a request may take. */
static void
one_that_cannot_end_in_time_is_a_workers(void)
{

	store(ONE);
	provider_server_mode(server, PROVIDER_MODE_500);
	expect("POST", ROTATE, "{\"value\":\"" TWO "\",\"confirm\":true}",
	    202, "\"state\":\"switched\",\"open\":true");
	expect("GET", "/api/v1/providers", NULL, 200,
	    "\"status\":\"rotating\"");
	expect("POST", ROTATE, "{\"value\":\"" THREE "\",\"confirm\":true}",
	    409, "provider_rotation_in_progress");
}

#define CANCEL	"/api/v1/providers/anthropic/rotation/cancel"

/* The one that a worker would go on with; the provider is well again. */
static void
one_that_is_open_can_be_cancelled(void)
{

	store(ONE);
	expect("POST", CANCEL, NULL, 409, "provider_rotation_not_open");
	provider_server_mode(server, PROVIDER_MODE_500);
	expect("POST", ROTATE, "{\"value\":\"" TWO "\",\"confirm\":true}",
	    202, "\"state\":\"switched\",\"open\":true");
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	expect("POST", CANCEL, NULL, 200,
	    "\"state\":\"rolled_back\",\"open\":false");
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":1");
	expect("POST", CANCEL, NULL, 409, "provider_rotation_not_open");
	expect("POST", "/api/v1/providers/nobody/rotation/cancel", NULL, 404,
	    "provider_unknown");
}

static void
what_is_no_rotation_is_refused(void)
{

	store(ONE);
	expect("POST", ROTATE, "{}", 422, "secret_value_invalid");
	expect("POST", ROTATE, "{\"value\":[]}", 422, "member_type_invalid");
	expect("POST", ROTATE, "{\"plaintext\":\"" TWO "\"}", 422,
	    "plaintext_secret_persistence_blocked");
	expect("POST", "/api/v1/providers/nobody/rotate", "{\"value\":\"" TWO
	    "\"}", 404, "provider_unknown");
	expect("POST", "/api/v1/providers/nobody/check", NULL, 404,
	    "provider_unknown");
	expect("POST", "/api/v1/providers/google/rotate", "{\"value\":\"" TWO
	    "\"}", 409, "provider_credential_missing");
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":1");
}

static void
st_sec_009_ac1_the_api_says_that_the_environment_wins(void)
{

	expect("GET", "/api/v1/explain/OPENAI_API_KEY", NULL, 200,
	    "\"environment\":\"present\",\"scope\":\"integration\","
	    "\"project\":null,\"name\":\"providers/openai_api_key\","
	    "\"key_version\":0,\"reference\":\"absent\","
	    "\"source\":\"environment\"");
	expect("POST", "/api/v1/providers/openai/rotate", "{\"value\":\"" TWO
	    "\"}", 409, "provider_source_conflict");
}

static void
st_sec_009_ac2_the_api_explains_without_a_value(void)
{

	store(ONE);
	expect("GET", "/api/v1/explain/ANTHROPIC_API_KEY", NULL, 200,
	    "\"key_version\":1,\"reference\":\"present\","
	    "\"source\":\"reference\"");
	expect("GET", "/api/v1/explain/GITHUB_PAT", NULL, 200,
	    "\"error_type\":\"github_pat_secret_unavailable\"");
	expect("GET", "/api/v1/explain/NOBODYS", NULL, 404,
	    "binding_not_found");
}

static void
errors_of_a_provider_have_pages(void)
{
	struct visit v = { .path = "/errors/anthropic_credentials_invalid",
	    .accept = "text/html" };

	ASSERT_ANSWER(&v, 200, "refused the credential");
	v.path = "/errors/github_app_provider_check_failed";
	ASSERT_ANSWER(&v, 200, NULL);
	v.path = "/errors/nobody_credentials_invalid";
	ASSERT_ANSWER(&v, 404, NULL);
	visit_free(&v);
}

static void
a_limited_key_has_no_business_with_providers(void)
{
	struct visit v = call("GET", "/api/v1/providers", NULL);

	v.authorization = limited;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v.path = "/api/v1/explain/ANTHROPIC_API_KEY";
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v.method = "POST";
	v.path = CHECK;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	visit_free(&v);
	CU_ASSERT(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'PROVIDER_CHECK' AND error_type ="
	    " 'api_key_project_forbidden'"));
}

static const struct suite_test tests[] = {
	TEST(st_sec_007_ac1_the_api_shows_each_status_and_its_change),
	TEST(st_sec_007_ac2_a_failed_check_keeps_the_time_of_the_last_good_one),
	TEST(st_sec_007_ac3_an_endpoints_error_has_its_class_in_the_api),
	TEST(an_echoed_key_is_in_no_answer_and_no_row),
	TEST(st_sec_008_ac1_the_api_reports_before_and_after),
	TEST(st_sec_008_ac3_the_api_reports_a_roll_back),
	TEST(a_key_that_is_refused_already_wants_a_confirmation),
	TEST(one_that_cannot_end_in_time_is_a_workers),
	TEST(one_that_is_open_can_be_cancelled),
	TEST(what_is_no_rotation_is_refused),
	TEST(st_sec_009_ac1_the_api_says_that_the_environment_wins),
	TEST(st_sec_009_ac2_the_api_explains_without_a_value),
	TEST(errors_of_a_provider_have_pages),
	TEST(a_limited_key_has_no_business_with_providers),
};

SUITE_MAIN("cgi/api_provider", tests, open_site, close_site)
