/*
 * Goal: a program works through the real web server with a key: its header
 * passes, names have slashes, and a revoked key stops. Whatever it sends that
 * is malformed is answered, and no value of it gets into a log or the database.
 */

#include <stdio.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/http.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define CANARY	"api-canary-8b1f-of-the-storm"
#define JSON	"application/json"

static struct instance * inst;
static struct http * program;
static char key_id[37];

/* A key of the operator's, into ${h}'s headers; its id into ${id}. */
static bool
give_key(struct http * h, const char * scopes, char id[37])
{
	char * out = NULL, * err = NULL;
	char line[128];
	const char * key;
	bool good;

	good = instance_operator(inst, INSTANCE_ARGS("apikey", "create",
	    "--name", "e2e/program", "--scope", scopes, "--json"), NULL, &out,
	    &err) == 0;
	key = good ? strstr(out, "\"key\":\"") : NULL;
	if (key != NULL) {
		(void)snprintf(id, 37, "%s", out + strlen("{\"id\":\""));
		(void)snprintf(line, sizeof(line), "Authorization: Bearer "
		    "%.53s", key + strlen("\"key\":\""));
		http_header(h, line);
	} else {
		suite_note("no key: %s%s", out == NULL ? "" : out,
		    err == NULL ? "" : err);
	}
	free(out);
	free(err);
	return (key != NULL);
}

static int
start(void)
{

	if ((inst = instance_start(NULL)) == NULL)
		return (-1);
	program = instance_client(inst);
	return (give_key(program, "secrets:write,secrets:read,audit:read",
	    key_id) ? 0 : -1);
}

static int
stop(void)
{

	http_free(&program);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* One call has that status and that text in its answer. */
static void
expect(const char * method, const char * path, const char * body, long status,
    const char * text)
{
	struct http_reply * r = http_request(program, method, path, body ==
	    NULL ? NULL : JSON, body, body == NULL ? 0 : strlen(body));

	if (r->status != status || !http_has(r, text))
		suite_note("%s %s: %ld %s: %s", method, path, r->status,
		    r->error, r->body);
	CU_ASSERT_EQUAL(r->status, status);
	CU_ASSERT(http_has(r, text));
	CU_ASSERT_FALSE(http_has(r, CANARY));
	http_reply_free(&r);
}

static void
a_program_stores_rotates_lists_and_revokes(void)
{

	expect("PUT", "/api/v1/secrets/instance/app/db/password",
	    "{\"value\":\"" CANARY "-1\"}", 201, "\"key_version\":1");
	expect("PUT", "/api/v1/secrets/instance/app/db/password",
	    "{\"value\":\"" CANARY "-2\"}", 200, "\"key_version\":2");
	expect("GET", "/api/v1/secrets/instance/app%2Fdb%2Fpassword", NULL,
	    200, "\"name\":\"app/db/password\"");
	expect("GET", "/api/v1/secrets", NULL, 200, "app/db/password");
	expect("GET", "/api/v1/audit?action=ROTATE", NULL, 200,
	    "\"actor\":\"e2e/program\"");
	expect("DELETE", "/api/v1/secrets/instance/app/db/password", NULL,
	    200, "\"status\":\"revoked\"");
	expect("PATCH", "/api/v1/secrets/instance/app/db/password", "{}", 405,
	    "method_not_allowed");
	expect("GET", "/api/v1/openapi.json", NULL, 200, "\"3.1.0\"");
}

static void
conditions_and_versions_pass_the_web_server(void)
{
	struct http_reply * r;
	char * etag;

	r = http_request(program, "PUT", "/api/v1/secrets/instance/app/etag",
	    JSON, "{\"value\":\"" CANARY "-3\"}", strlen("{\"value\":\"" CANARY
	    "-3\"}"));
	etag = http_reply_header(r, "ETag");
	CU_ASSERT_EQUAL(r->status, 201);
	CU_ASSERT_PTR_NOT_NULL_FATAL(etag);
	CU_ASSERT_STRING_EQUAL(etag, "\"1\"");
	free(etag);
	http_reply_free(&r);
	http_header(program, "If-Match: \"7\"");
	expect("DELETE", "/api/v1/secrets/instance/app/etag", NULL, 412,
	    "secret_version_conflict");
	http_header(program, "If-Match:");
}

static uint32_t state = 4711;

static uint32_t
pick(uint32_t below)
{

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state % below);
}

/* A body with the value in it somewhere, and broken somewhere else. */
static size_t
broken_body(char * out, size_t room)
{
	static const char * const seeds[] = { "{\"value\":\"" CANARY
	    "\",\"expires_at\":\"2099-01-01\"}", "<s><value>" CANARY
	    "</value><expires_at>2099-01-01</expires_at></s>", "{\"" CANARY
	    "\":[{\"value\":\"x\"}]}", "value=" CANARY "&value=%zz" };
	static const char junk[] = "{}[]<>&\"\\;:,%\x01\xff\n";
	size_t n = (size_t)snprintf(out, room, "%s",
	    seeds[pick(COUNTOF(seeds))]);

	for (uint32_t k = pick(4); k > 0; k--)
		out[pick(4) == 0 ? pick((uint32_t)n) : pick(9)] =
		    junk[pick(sizeof(junk) - 1)];
	return (pick(5) == 0 ? pick((uint32_t)n) : n);
}

static void
thousands_of_malformed_calls_leave_nothing(void)
{
	static const char * const methods[] = { "PUT", "POST", "DELETE", "GET",
	    "PATCH", "BREW" };
	static const char * const paths[] = { "/api/v1/secrets/instance/storm",
	    "/api/v1/secrets/galaxy/storm", "/api/v1/secrets",
	    "/api/v1/api-keys", "/api/v1/api-keys/x", "/api/v1/audit?limit=x",
	    "/api/v1/audit?value=x", "/api/v1/secrets/project/s?project=x",
	    "/api/v2", "/api/v1/secrets/instance/%2e%2e%2fx" };
	static const char * const types[] = { JSON, "application/xml",
	    "application/xml; charset=utf-16", "text/plain", NULL };
	unsigned count[6] = { 0 };
	struct http_reply * r;
	char body[256];
	size_t n;

	for (unsigned i = 0; i < 3000; i++) {
		n = broken_body(body, sizeof(body));
		r = http_request(program, methods[pick(COUNTOF(methods))],
		    paths[pick(COUNTOF(paths))], types[pick(COUNTOF(types))],
		    body, n);
		/* A method that is none is the web server's to refuse. */
		if (r->status == 501)
			r->status = 400;
		if (r->status == 0 || r->status >= 500)
			suite_note("%ld %s %s", r->status, r->error, r->body);
		CU_ASSERT(r->status >= 200 && r->status < 500);
		CU_ASSERT_FALSE(http_has(r, CANARY));
		count[r->status / 100]++;
		http_reply_free(&r);
	}
	suite_note("%u good, %u refused", count[2], count[4]);
	CU_ASSERT(count[4] > 2000);
}

static void
a_revoked_key_stops(void)
{

	expect("GET", "/api/v1/secrets", NULL, 200, "\"items\":[");
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("apikey",
	    "revoke", key_id), NULL, NULL, NULL), 0);
	expect("GET", "/api/v1/secrets", NULL, 401, "api_key_revoked");
	expect("PUT", "/api/v1/secrets/instance/app/late",
	    "{\"value\":\"" CANARY "-9\"}", 401, "api_key_revoked");
}

static void
no_value_and_no_key_is_in_a_log_or_the_database(void)
{
	char * dump = mariadb_dump(instance_database(inst));
	char * logs[] = { instance_log(inst), instance_access_log(inst),
	    instance_web_log(inst) };

	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, CANARY));
	free(dump);
	for (size_t i = 0; i < COUNTOF(logs); i++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(logs[i]);
		CU_ASSERT_PTR_NULL(strstr(logs[i], CANARY));
		CU_ASSERT_PTR_NULL(strstr(logs[i], "sr" "k_"));
		free(logs[i]);
	}
}

static const struct suite_test tests[] = {
	TEST(a_program_stores_rotates_lists_and_revokes),
	TEST(conditions_and_versions_pass_the_web_server),
	TEST(thousands_of_malformed_calls_leave_nothing),
	TEST(a_revoked_key_stops),
	TEST(no_value_and_no_key_is_in_a_log_or_the_database),
};

SUITE_MAIN("e2e/api", tests, start, stop)
