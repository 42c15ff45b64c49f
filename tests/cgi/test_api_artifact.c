/* Artifacts by the API, and the page's download. */

#include "cgi/keeper_runs.h"
#include "core/runs/prompt.h"
#include "tests/cgi/artifact_visit.h"

#define LIMIT	300000

static void
bytes_go_up_masked_and_come_down_as_a_file(void)
{
	struct visit v;

	begin();
	v = call("PUT", "artifacts/logs/a.log", "say " VALUE "\n");
	v.query = "kind=log";
	ASSERT_ANSWER(&v, 201, "\"masked_known\":1,");
	CU_ASSERT(visit_has(&v, "\"name\":\"logs/a.log\",\"kind\":\"log\","
	    "\"media_type\":\"text/plain\""));
	ASSERT_ANSWER(&v, 200, "\"size\":");
	v = (struct visit){ .path = path_of("artifacts/logs/a.log"),
	    .authorization = key, .answer = v.answer };
	ASSERT_ANSWER(&v, 200, "\r\nContent-Type: text/plain; charset=utf-8"
	    "\r\n");
	CU_ASSERT(visit_has(&v, "\r\nContent-Disposition: attachment; "
	    "filename=\"a.log\"\r\n"));
	CU_ASSERT(visit_has(&v, "\r\nX-Content-Type-Options: nosniff\r\n"));
	CU_ASSERT(visit_has(&v, "Cache-Control: no-store"));
	CU_ASSERT_EQUAL(strncmp(visit_body(&v), "say [REDACTED:instance/team/"
	    "api@1:", 34), 0);
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	/* What a browser would run is bytes to it. */
	visit_free(&v);
	v = call("PUT", "artifacts/page.html", "<script>1</script>");
	v.type = "text/html";
	ASSERT_ANSWER(&v, 201, "\"media_type\":\"text/html\"");
	visit_free(&v);
	v = call("GET", "artifacts/page.html", NULL);
	ASSERT_ANSWER(&v, 200, "\r\nContent-Type: application/octet-stream"
	    "\r\n");
	visit_free(&v);
}

static void
the_page_gives_it_to_who_is_signed_in(void)
{
	char path[300];
	struct visit v = { .path = path };

	(void)snprintf(path, sizeof(path),
	    "/projects/%s/runs/%s/artifacts/logs/a.log", project, run);
	v.accept = "text/html";
	ASSERT_ANSWER(&v, 303, "Location: /login");
	visit_sign_in();
	v.cookie = visit_session;
	ASSERT_ANSWER(&v, 200, "filename=\"a.log\"");
	CU_ASSERT(visit_has(&v, "say [REDACTED:"));
	(void)snprintf(path, sizeof(path),
	    "/projects/%s/runs/%s/artifacts/logs/a.log", run, run);
	ASSERT_ANSWER(&v, 404, "run_not_found");
	(void)snprintf(path, sizeof(path),
	    "/projects/%s/runs/%s/artifacts/nothing", project, run);
	ASSERT_ANSWER(&v, 404, "artifact_not_found");
	visit_free(&v);
}

static void
what_is_not_acceptable_is_named(void)
{
	static const struct {
		const char * rest, * query, * type;
		int status;
		const char * text;
	} bad[] = {
		{ "artifacts/../x", NULL, "text/plain", 422,
		    "\"field\":\"name\"" },
		{ "artifacts/a//b", NULL, "text/plain", 422, "artifact_inv" },
		{ "artifacts/a\"; x=\"b", NULL, "text/plain", 422,
		    "artifact_invalid" },
		{ "artifacts/x", "kind=page", "text/plain", 422,
		    "\"field\":\"kind\"" },
		{ "artifacts/x", NULL, "nonsense", 422,
		    "\"field\":\"media_type\"" },
		{ "artifacts/x", "media_type=image/png", "text/plain", 415,
		    "artifact_media_type_forbidden" },
		{ "artifacts/x.json", NULL, "application/json", 400,
		    "artifact_malformed" },
		{ "artifacts/x", "nothing=1", "text/plain", 422,
		    "member_unknown" },
		{ "artifacts/" VALUE, NULL, "text/plain", 422,
		    "operational_secret_plaintext_forbidden" },
	};
	struct visit v;

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		v = call("PUT", bad[i].rest, "plain words");
		v.query = bad[i].query;
		v.type = bad[i].type;
		ASSERT_ANSWER(&v, bad[i].status, bad[i].text);
		CU_ASSERT_FALSE(visit_has(&v, VALUE));
		visit_free(&v);
	}
	v = call("PUT", "artifacts/x", "x");
	v.path = path_of("artifacts/a\r\nX-Evil: 1");
	ASSERT_ANSWER(&v, 400, "request_malformed");
	v.path = "/api/v1/runs/0190a0b0-0000-7000-8000-000000000001/"
	    "artifacts/x";
	ASSERT_ANSWER(&v, 404, "run_not_found");
	v.path = path_of("artifacts/x");
	v.authorization = reader;
	ASSERT_ANSWER(&v, 403, "api_key_scope_missing");
	v.authorization = stranger;
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v.method = "GET";
	v.body = NULL;
	v.path = path_of("artifacts/logs/a.log");
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	v.path = path_of("artifacts");
	ASSERT_ANSWER(&v, 403, "api_key_project_forbidden");
	visit_free(&v);
	CU_ASSERT(house_sql_is(&visit_house, "2", "SELECT COUNT(*) FROM"
	    " artifact"));
}

static void
a_list_goes_on(void)
{
	struct visit v = call("GET", "artifacts", NULL);
	char query[80], * next;
	json_t * j;

	v.query = "limit=1";
	ASSERT_ANSWER(&v, 200, "\"name\":\"logs/a.log\"");
	j = api_json(&v);
	next = strdup(json_string_value(json_object_get(j, "next")));
	(void)snprintf(query, sizeof(query), "limit=1&after=%s", next);
	json_decref(j);
	v.query = query;
	ASSERT_ANSWER(&v, 200, "\"name\":\"page.html\"");
	CU_ASSERT(visit_has(&v, "\"next\":null"));
	v.query = NULL;
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 200, "<name>page.html</name>");
	(void)snprintf(query, sizeof(query), "after=%s", run);
	v.query = query;
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	free(next);
	visit_free(&v);
}

static void
a_project_says_whether_it_takes_what_is_no_text(void)
{
	char path[100];
	struct visit v = { .method = "PATCH", .path = path, .authorization =
	    key, .type = "application/json",
	    .body = "{\"binary_artifacts\":true}" };

	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s", project);
	ASSERT_ANSWER(&v, 200, "\"binary_artifacts\":true");
	v.body = "{}";
	ASSERT_ANSWER(&v, 422, "\"field\":\"binary_artifacts\"");
	v.authorization = reader;
	ASSERT_ANSWER(&v, 403, "api_key_scope_missing");
	visit_free(&v);
	v = call("PUT", "artifacts/shot.png", "\x89PNG\r\n\x1a\n rest");
	v.type = "image/png";
	ASSERT_ANSWER(&v, 201, "image/png");
	v.body = "\x89PNG\r\n\x1a\n " VALUE;
	ASSERT_ANSWER(&v, 422, "artifact_unsafe");
	visit_free(&v);
	v = call("GET", "artifacts/shot.png", NULL);
	ASSERT_ANSWER(&v, 200, "application/octet-stream");
	visit_free(&v);
}

/* One whose head is of ${length} (NULL: chunked), and whose bytes are fewer. */
static int
send_body(const char * length, const char * body, size_t len, bool broken,
    const char * expected)
{
	struct visit v = { .path = "" };
	struct fake f = { .params = { { "REQUEST_METHOD", "PUT" },
	    { "SCRIPT_NAME", "" }, { "PATH_INFO", path_of("artifacts/cut") },
	    { "CONTENT_TYPE", "text/plain" }, { "CONTENT_LENGTH", length },
	    { "REMOTE_ADDR", "127.0.0.1" }, { "HTTP_AUTHORIZATION", key },
	    { "HTTP_HOST", "127.0.0.1:8080" } }, .body = body, .body_len = len,
	    .at_once = 7001, .broken = broken };
	const struct source source = fake_source(&f);
	const struct sink sink = { .write = visit_sink,
	    .break_off = visit_break_off, .cookie = &v.answer };
	int status;

	strbuf_init(&v.answer, VISIT_ANSWER_MAX);
	exchange_run(&visit_worker, visit_db, &source, &sink);
	status = visit_status(&v);
	if (!visit_has(&v, expected))
		suite_note("no %s: %s", expected, strbuf_str(&v.answer));
	CU_ASSERT(visit_has(&v, expected));
	/* Whoever still sends is listened to. */
	CU_ASSERT_EQUAL(f.given, len);
	visit_free(&v);
	return (status);
}

static void
a_body_that_breaks_off_or_is_too_long_leaves_nothing(void)
{
	char * text = malloc(LIMIT + 5000);

	must(text != NULL);
	memset(text, 'z', LIMIT + 5000);
	CU_ASSERT_EQUAL(send_body(NULL, text, LIMIT, false,
	    "\"size\":300000"), 201);
	CU_ASSERT_EQUAL(send_body("290000", text, 280000, false,
	    "request_incomplete"), 400);
	CU_ASSERT_EQUAL(send_body(NULL, text, 280000, true,
	    "request_incomplete"), 400);
	CU_ASSERT_EQUAL(send_body(NULL, text, LIMIT + 5000, false,
	    "artifact_too_large"), 413);
	CU_ASSERT_EQUAL(send_body("305000", text, LIMIT + 5000, false,
	    "artifact_too_large"), 413);
	free(text);
	CU_ASSERT(house_sql_is(&visit_house, "4\t4", "SELECT COUNT(*),"
	    " SUM(state = 'stored') FROM artifact"));
}

static size_t
read_and_revoke(void * cookie, void * into, size_t len)
{
	size_t n = fake_read(cookie, into, len);

	if (n != 0)
		CU_ASSERT(house_do(&visit_house, "UPDATE api_key SET"
		    " revoked_at = UTC_TIMESTAMP(6) WHERE name = 'ci/test' AND"
		    " scopes = 'runs:write,audit:read'"));
	return (n);
}

/* What it sent before its key was revoked is not taken after. */
static void
a_key_that_ends_while_its_body_comes_stores_nothing(void)
{
	static const char * const rests[] = { "artifacts/revoked", "prompts" };
	struct visit v = { .path = "" };
	char * brief;

	for (size_t i = 0; i < COUNTOF(rests); i++) {
		brief = api_bearer("runs:write,audit:read", NULL, NULL);
		struct fake f = { .params = { { "REQUEST_METHOD", i == 0 ?
		    "PUT" : "POST" }, { "PATH_INFO", path_of(rests[i]) },
		    { "CONTENT_TYPE", "application/json" },
		    { "REMOTE_ADDR", "127.0.0.1" },
		    { "HTTP_AUTHORIZATION", brief }, { "HTTP_HOST",
		    "127.0.0.1:8080" } }, .body = "{\"prompt\":\"x\"}",
		    .body_len = 14 };
		struct source source = fake_source(&f);
		const struct sink sink = { .write = visit_sink,
		    .break_off = visit_break_off, .cookie = &v.answer };

		source.read = read_and_revoke;
		strbuf_init(&v.answer, VISIT_ANSWER_MAX);
		exchange_run(&visit_worker, visit_db, &source, &sink);
		ASSERT_STATUS(&v, 401);
		CU_ASSERT(visit_has(&v, "api_key_revoked"));
		visit_free(&v);
		free(brief);
	}
	CU_ASSERT(house_sql_is(&visit_house, "0\t0", "SELECT (SELECT COUNT(*)"
	    " FROM artifact WHERE name = 'revoked'), COUNT(*) FROM"
	    " prompt_audit"));
}

static void
downloads_leave_threads_for_others(void)
{
	struct visit v = call("GET", "artifacts/cut", NULL);

	atomic_store(&visit_worker.exports, 1);
	ASSERT_ANSWER(&v, 503, "artifact_busy");
	CU_ASSERT(visit_has(&v, "Retry-After: "));
	atomic_store(&visit_worker.exports, 0);
	ASSERT_ANSWER(&v, 200, "zzzz");
	CU_ASSERT_EQUAL(atomic_load(&visit_worker.exports), 0);
	visit_free(&v);
}

static void
one_job_that_fails_keeps_no_other_from_running(void)
{

	CU_ASSERT_FATAL(house_do(&visit_house, "UPDATE artifact SET created_at"
	    " = created_at - INTERVAL 31 DAY WHERE kind = 'log'; UPDATE chore"
	    " SET due_at = UTC_TIMESTAMP(6); RENAME TABLE run_stream TO"
	    " hidden; RENAME TABLE prompt_audit TO hidden_too"));
	CU_ASSERT_NOT_EQUAL(keeper_runs(&visit_worker, &visit_house.store),
	    SR_OK);
	CU_ASSERT_FATAL(house_do(&visit_house, "RENAME TABLE hidden TO"
	    " run_stream; RENAME TABLE hidden_too TO prompt_audit"));
	CU_ASSERT(house_sql_is(&visit_house, "0", "SELECT COUNT(*) FROM"
	    " artifact WHERE kind = 'log'"));
}

/* By the settings, whichever way nobody speaks for them any more. */
static void
runs_that_wait_for_ever_are_ended(void)
{

	CU_ASSERT_FATAL(house_do(&visit_house, "INSERT INTO run (id,"
	    " project_id, workflow_name, workflow_version, run_trigger, status,"
	    " created_at, heartbeat_at) SELECT UUID(), project_id, 'forever',"
	    " '1', 'x', s.status, '2020-01-01', UTC_TIMESTAMP(6) - INTERVAL"
	    " s.hours HOUR FROM run JOIN (SELECT 'pending' status, 25 hours"
	    " UNION SELECT 'pending', 23 UNION SELECT 'awaiting_approval', 169"
	    " UNION SELECT 'awaiting_approval', 167) s LIMIT 4; UPDATE chore"
	    " SET due_at = UTC_TIMESTAMP(6)"));
	ASSERT_ERR(keeper_runs(&visit_worker, &visit_house.store), SR_OK);
	CU_ASSERT(house_sql_is(&visit_house, "awaiting_approval,cancelled,"
	    "failed,pending", "SELECT GROUP_CONCAT(CAST(status AS CHAR) ORDER"
	    " BY CAST(status AS CHAR)) FROM run WHERE workflow_name ="
	    " 'forever'"));
	CU_ASSERT_FATAL(house_do(&visit_house, "DELETE e FROM run_event e JOIN"
	    " run r ON r.id = e.run_id WHERE r.workflow_name = 'forever';"
	    " DELETE FROM run WHERE workflow_name = 'forever'"));
}

static void
what_is_old_goes(void)
{

	struct visit v = call("POST", "prompts", "{\"prompt\":\"x\"}");

	v.type = "application/json";
	ASSERT_ANSWER(&v, 200, "\"messages\":1");
	visit_free(&v);
	CU_ASSERT_FATAL(house_do(&visit_house, "UPDATE artifact SET created_at"
	    " = created_at - INTERVAL 31 DAY WHERE kind = 'log'; UPDATE"
	    " prompt_audit SET created_at = created_at - INTERVAL 31 DAY;"
	    " UPDATE chore SET due_at = UTC_TIMESTAMP(6)"));
	ASSERT_ERR(keeper_runs(&visit_worker, &visit_house.store), SR_OK);
	CU_ASSERT(house_sql_is(&visit_house, "0\t0\t3", "SELECT (SELECT"
	    " COUNT(*) FROM prompt_audit), SUM(kind = 'log'), COUNT(*) FROM"
	    " artifact"));
	/* Not again within the hour. */
	CU_ASSERT_FATAL(house_do(&visit_house, "UPDATE artifact SET created_at"
	    " = created_at - INTERVAL 91 DAY"));
	ASSERT_ERR(keeper_runs(&visit_worker, &visit_house.store), SR_OK);
	CU_ASSERT(house_sql_is(&visit_house, "3", "SELECT COUNT(*) FROM"
	    " artifact"));
	CU_ASSERT_FATAL(house_do(&visit_house, "UPDATE chore SET due_at ="
	    " UTC_TIMESTAMP(6)"));
	ASSERT_ERR(keeper_runs(&visit_worker, &visit_house.store), SR_OK);
	CU_ASSERT(house_sql_is(&visit_house, "0\t0", "SELECT COUNT(*), (SELECT"
	    " artifact_bytes FROM run) FROM artifact"));
}

static const struct suite_test tests[] = {
	TEST(bytes_go_up_masked_and_come_down_as_a_file),
	TEST(the_page_gives_it_to_who_is_signed_in),
	TEST(what_is_not_acceptable_is_named),
	TEST(a_list_goes_on),
	TEST(a_project_says_whether_it_takes_what_is_no_text),
	TEST(a_body_that_breaks_off_or_is_too_long_leaves_nothing),
	TEST(a_key_that_ends_while_its_body_comes_stores_nothing),
	TEST(downloads_leave_threads_for_others),
	TEST(one_job_that_fails_keeps_no_other_from_running),
	TEST(runs_that_wait_for_ever_are_ended),
	TEST(what_is_old_goes),
};

SUITE_MAIN("cgi/api artifacts", tests, open_site, close_site)
