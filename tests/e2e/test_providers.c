/*
 * Goal: a provider's credential is rotated under load and nobody notices: fifty
 * runs that began before keep the former version, whoever begins after has the
 * new one, no call fails, and a key that the provider does not take is given to
 * nobody. A provider that says the key back puts it nowhere.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/needles.h"
#include "tests/harness/provider.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define JSON	"application/json"
#define ONE	"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define TWO	"sk-" "ant-test-Yt3Hd8Wq1ZxC6vBn0Lm4"
#define BAD	"sk-" "ant-test-not-this-one-1234567"
#define ECHOED	"sk-" "ant-test-Pq7Rd2Sx5TvW9yZb3NcM"
#define REFERENCE "/api/v1/secrets/integration/providers/anthropic_api_key"
#define CHECK	"/api/v1/providers/anthropic/check"
#define ROTATE	"/api/v1/providers/anthropic/rotate"

#define THREADS	10
#define RUNS	5		/* Of each thread. */

static struct provider_server * server;
static struct instance * inst;
static struct http * program;
static char bearer[128];
static char runs_path[96];	/* Of the project. */

static int
start_instance(void)
{
	static char url[128], ca[512];
	static const char * settings[] = { url, ca,
	    "STRONGROOM_WORKER_THREADS=4", NULL };
	const struct instance_options options = { .workers = 2,
	    .settings = settings };

	server = provider_server_start(suite_tmpdir(),
	    PROVIDER_CERTIFICATE_GOOD);
	if (server == NULL)
		return (-1);
	(void)snprintf(url, sizeof(url),
	    "STRONGROOM_PROVIDER_ANTHROPIC_BASE_URL=%s",
	    provider_server_url(server));
	(void)snprintf(ca, sizeof(ca), "STRONGROOM_PROVIDERS_TLS_CA=%s",
	    provider_server_ca(server));
	inst = instance_start(&options);
	return (inst == NULL ? -1 : 0);
}

/* A program with a key for all of it. */
static struct http *
new_program(void)
{
	struct http * h = instance_client(inst);

	http_header(h, bearer);
	return (h);
}

static struct http_reply *
call(struct http * h, const char * method, const char * path,
    const char * body)
{

	return (http_request(h, method, path, body == NULL ? NULL : JSON, body,
	    body == NULL ? 0 : strlen(body)));
}

static void
expect(const char * method, const char * path, const char * body, long status,
    const char * text)
{
	struct http_reply * r = call(program, method, path, body);

	if (r->status != status || !http_has(r, text))
		suite_note("%s %s: %ld %s: %s", method, path, r->status,
		    r->error, r->body);
	CU_ASSERT_EQUAL(r->status, status);
	CU_ASSERT(http_has(r, text));
	http_reply_free(&r);
}

/* The id that an answer begins with. */
static bool
take_id(const struct http_reply * r, char id[37])
{
	const char * p = strstr(r->body, "\"id\":\"");

	if (r->status != 201 || p == NULL)
		return (false);
	(void)snprintf(id, 37, "%s", p + strlen("\"id\":\""));
	return (true);
}

static int
start(void)
{
	char * out = NULL;
	const char * key;
	struct http_reply * r;
	char id[37];
	bool good;

	if (start_instance() != 0 || instance_operator(inst,
	    INSTANCE_ARGS("apikey", "create", "--name", "e2e/program",
	    "--scope", "secrets:write,secrets:read,secrets:resolve,runs:write",
	    "--json"), NULL, &out, NULL) != 0 ||
	    (key = strstr(out, "\"key\":\"")) == NULL)
		return (-1);
	(void)snprintf(bearer, sizeof(bearer), "Authorization: Bearer %.53s",
	    key + strlen("\"key\":\""));
	free(out);
	program = new_program();
	provider_server_good(server, ONE);
	provider_server_good(server, TWO);
	r = call(program, "POST", "/api/v1/projects",
	    "{\"slug\":\"billing\",\"name\":\"Billing\"}");
	good = take_id(r, id);
	if (!good)
		suite_note("%ld %s", r->status, r->body);
	http_reply_free(&r);
	(void)snprintf(runs_path, sizeof(runs_path),
	    "/api/v1/projects/%s/runs", id);
	return (good ? 0 : -1);
}

static int
stop(void)
{
	unsigned faults;

	http_free(&program);
	faults = instance_stop(&inst);
	provider_server_stop(&server);
	return (faults == 0 ? 0 : -1);
}

static void
st_sec_007_ac1_statuses_move_through_the_web_server(void)
{

	expect("POST", CHECK, NULL, 200, "anthropic_secret_unavailable");
	expect("PUT", REFERENCE, "{\"value\":\"" ONE "\"}", 201, "active");
	expect("POST", CHECK, NULL, 200,
	    "\"status\":\"active\",\"former_status\":\"not_set\"");
	provider_server_mode(server, PROVIDER_MODE_401);
	expect("POST", CHECK, NULL, 200, "\"status\":\"invalid\"");
	expect("GET", "/api/v1/providers", NULL, 200,
	    "\"error_type\":\"anthropic_credentials_invalid\"");
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	expect("POST", CHECK, NULL, 200, "\"former_status\":\"invalid\"");
}

static void
st_sec_009_ac2_the_source_is_explained_through_the_web_server(void)
{

	expect("GET", "/api/v1/explain/ANTHROPIC_API_KEY", NULL, 200,
	    "\"source\":\"reference\"");
	expect("GET", "/api/v1/explain/OPENAI_API_KEY", NULL, 200,
	    "\"error_type\":\"openai_secret_unavailable\"");
}

static bool
begin_run(struct http * h, char id[37])
{
	struct http_reply * r = call(h, "POST", runs_path, "{\"workflow_name\":"
	    "\"load\",\"workflow_version\":\"1\",\"trigger\":\"test\"}");
	bool good = take_id(r, id);

	if (!good)
		suite_note("a run: %ld %s %s", r->status, r->error, r->body);
	http_reply_free(&r);
	return (good);
}

/* The version that the run is given, with the value that belongs to it. */
static unsigned
resolve(struct http * h, const char * run, const char * const values[],
    unsigned n)
{
	struct http_reply * r;
	char path[128], text[96];
	unsigned version = 0;
	const char * p;

	(void)snprintf(path, sizeof(path),
	    "/api/v1/runs/%s/credentials/anthropic", run);
	r = call(h, "GET", path, NULL);
	p = strstr(r->body, "\"key_version\":");
	if (r->status == 200 && p != NULL)
		version = (unsigned)strtoul(p + strlen("\"key_version\":"),
		    NULL, 10);
	if (version == 0 || version >= n || values[version] == NULL) {
		suite_note("resolve: %ld %s, version %u", r->status, r->error,
		    version);
		version = 0;
	} else {
		(void)snprintf(text, sizeof(text), "\"value\":\"%s\"}",
		    values[version]);
		if (!http_has(r, text))
			version = 0;
	}
	http_reply_free(&r);
	return (version);
}

/* What a rotation under load is held against. */
static struct {
	const char * values[8];		/* By version. */
	unsigned before;		/* The version that runs began with. */
	unsigned bad;			/* The one that nobody may have; 0. */
	atomic_bool stop;
	atomic_uint ready;		/* Threads that have begun. */
	atomic_uint failed;
	atomic_uint resolved;
} load;

struct worker_of_runs {
	pthread_t thread;
	struct http * http;
	char run[RUNS][37];
};

static void
look(bool good)
{

	atomic_fetch_add(good ? &load.resolved : &load.failed, 1);
}

/* Runs that began before keep what they have; and some begin meanwhile. */
static void *
go_round(void * cookie)
{
	struct worker_of_runs * w = cookie;
	char fresh[37];
	unsigned version;

	for (unsigned i = 0; i < RUNS; i++)
		look(begin_run(w->http, w->run[i]) && resolve(w->http,
		    w->run[i], load.values, 8) == load.before);
	atomic_fetch_add(&load.ready, 1);
	do {
		for (unsigned i = 0; i < RUNS; i++)
			look(resolve(w->http, w->run[i], load.values, 8) ==
			    load.before);
		version = begin_run(w->http, fresh) ?
		    resolve(w->http, fresh, load.values, 8) : 0;
		look(version != 0 && version != load.bad);
	} while (!atomic_load(&load.stop));
	return (NULL);
}

/* Rotate to ${value} while fifty runs resolve, and some begin. */
static void
rotate_under_load(const char * value, long status, const char * text)
{
	static struct worker_of_runs w[THREADS];
	char body[128];

	atomic_store(&load.stop, false);
	atomic_store(&load.ready, 0);
	atomic_store(&load.failed, 0);
	atomic_store(&load.resolved, 0);
	for (unsigned i = 0; i < THREADS; i++) {
		w[i].http = new_program();
		CU_ASSERT_EQUAL_FATAL(pthread_create(&w[i].thread, NULL,
		    go_round, &w[i]), 0);
	}
	while (atomic_load(&load.ready) < THREADS)
		sleep_ms(5);
	(void)snprintf(body, sizeof(body), "{\"value\":\"%s\"}", value);
	expect("POST", ROTATE, body, status, text);
	atomic_store(&load.stop, true);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		http_free(&w[i].http);
	}
	suite_note("%u calls as they should be, %u not", load.resolved,
	    load.failed);
	CU_ASSERT_EQUAL(load.failed, 0);
	CU_ASSERT(load.resolved >= THREADS * (2 * RUNS + 1));
}

static unsigned
version_of_a_new_run(void)
{
	char id[37] = "";

	if (!begin_run(program, id))
		return (0);
	return (resolve(program, id, load.values, 8));
}

static void
st_sec_008_ac2_fifty_runs_resolve_while_the_key_is_rotated(void)
{

	load.values[1] = ONE;
	load.values[2] = TWO;
	load.before = 1;
	load.bad = 0;
	rotate_under_load(TWO, 200, "\"state\":\"done\"");
	CU_ASSERT_EQUAL(version_of_a_new_run(), 2);
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":2");
}

static void
st_sec_008_ac3_fifty_runs_keep_the_former_key_when_the_new_is_refused(void)
{

	load.values[3] = BAD;
	load.before = 2;
	load.bad = 3;
	rotate_under_load(BAD, 422, "\"rolled_back\":true,"
	    "\"continuity_alarm\":false,\"from_version\":2");
	CU_ASSERT_EQUAL(version_of_a_new_run(), 2);
	expect("GET", REFERENCE, NULL, 200, "\"key_version\":2");
}

static void
an_echoed_key_is_in_no_answer(void)
{
	struct http_reply * r;

	provider_server_mode(server, PROVIDER_MODE_ECHO);
	r = call(program, "POST", ROTATE, "{\"value\":\"" ECHOED
	    "\",\"confirm\":true}");
	CU_ASSERT_EQUAL(r->status, 422);
	CU_ASSERT_FALSE(http_has(r, ECHOED));
	CU_ASSERT_FALSE(http_has(r, TWO));
	http_reply_free(&r);
	r = call(program, "GET", "/api/v1/providers", NULL);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_FALSE(http_has(r, "ant-test"));
	http_reply_free(&r);
	provider_server_mode(server, PROVIDER_MODE_KEYS);
}

static void
no_credential_is_in_a_page_a_log_or_the_database(void)
{
	static const char * const keys[] = { ONE, TWO, BAD, ECHOED };
	struct needles * n = needles_new();
	struct http * person = walk_in(inst);
	struct http_reply * r;
	const char * form = "";

	CU_ASSERT_PTR_NOT_NULL_FATAL(person);
	r = http_get(person, "/settings/security");
	char * all[] = { mariadb_dump(instance_database(inst)),
	    instance_log(inst), instance_access_log(inst),
	    instance_web_log(inst), strdup(r->body) };

	for (size_t k = 0; k < COUNTOF(keys); k++)
		needles_secret(n, keys[k], strlen(keys[k]));
	for (size_t i = 0; i < COUNTOF(all); i++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(all[i]);
		if (needles_in(n, all[i], strlen(all[i]), &form) != 0)
			suite_note("place %zu, form %s", i, form);
		CU_ASSERT_EQUAL(needles_in(n, all[i], strlen(all[i]), &form),
		    0);
		free(all[i]);
	}
	http_reply_free(&r);
	http_free(&person);
	needles_free(&n);
}

static const struct suite_test tests[] = {
	TEST(st_sec_007_ac1_statuses_move_through_the_web_server),
	TEST(st_sec_009_ac2_the_source_is_explained_through_the_web_server),
	TEST(st_sec_008_ac2_fifty_runs_resolve_while_the_key_is_rotated),
	TEST(st_sec_008_ac3_fifty_runs_keep_the_former_key_when_the_new_is_refused),
	TEST(an_echoed_key_is_in_no_answer),
	TEST(no_credential_is_in_a_page_a_log_or_the_database),
};

SUITE_MAIN("e2e/providers", tests, start, stop)
