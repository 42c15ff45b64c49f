#ifndef SR_TESTS_E2E_PROVIDERS_H
#define SR_TESTS_E2E_PROVIDERS_H

/*
 * An instance whose provider is a server of the test's, a project, and a
 * program with a key for all of it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
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

/* A suite may want others. */
#ifndef PROVIDERS_WORKERS
#define PROVIDERS_WORKERS	2
#endif
#ifndef PROVIDERS_SETTINGS
#define PROVIDERS_SETTINGS
#endif

static struct provider_server * server;
static struct instance * inst;
static struct http * program;
static char bearer[128];
static char runs_path[96];	/* Of the project. */

static inline int
start_instance(void)
{
	static char url[128], ca[512];
	static const char * settings[] = { url, ca,
	    "STRONGROOM_WORKER_THREADS=4",
	    "STRONGROOM_ROTATION_PAUSE_SECONDS=1", PROVIDERS_SETTINGS NULL };
	const struct instance_options options = {
	    .workers = PROVIDERS_WORKERS,
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
static inline struct http *
new_program(void)
{
	struct http * h = instance_client(inst);

	http_header(h, bearer);
	return (h);
}

static inline struct http_reply *
call(struct http * h, const char * method, const char * path,
    const char * body)
{

	return (http_request(h, method, path, body == NULL ? NULL : JSON, body,
	    body == NULL ? 0 : strlen(body)));
}

static inline void
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
static inline bool
take_id(const struct http_reply * r, char id[37])
{
	const char * p = strstr(r->body, "\"id\":\"");

	if (r->status != 201 || p == NULL)
		return (false);
	(void)snprintf(id, 37, "%s", p + strlen("\"id\":\""));
	return (true);
}

static inline int
program_start(void)
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

static inline int
program_stop(void)
{
	unsigned faults;

	http_free(&program);
	faults = instance_stop(&inst);
	provider_server_stop(&server);
	return (faults == 0 ? 0 : -1);
}

static inline bool
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
static inline unsigned
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

#endif /* !SR_TESTS_E2E_PROVIDERS_H */
