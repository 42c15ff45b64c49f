#ifndef SR_TESTS_CGI_ARTIFACT_VISIT_H
#define SR_TESTS_CGI_ARTIFACT_VISIT_H

/* A site with a project, a secret that it binds, a run, and calls of it. */

#include "core/runs/run.h"
#include "tests/cgi/api_visit.h"

#define VALUE	"artifact-api-value-31c5e9d07b4f"

static char * key;		/* runs:write, for all. */
static char * reader;		/* secrets:read alone. */
static char * stranger;		/* runs:write, of another project. */
static char project[37], run[37];

static inline void
make(const char * method, const char * path, const char * body, char id[37])
{
	struct visit v = { .method = method, .path = path, .authorization =
	    key, .accept = "application/json", .body = body, .type =
	    "application/json" };
	json_t * j;

	(void)visit(&v);
	CU_ASSERT_EQUAL_FATAL(visit_status(&v) / 100, 2);
	j = api_json(&v);
	if (id != NULL)
		(void)snprintf(id, 37, "%s", json_string_value(
		    json_object_get(j, "id")));
	json_decref(j);
	visit_free(&v);
}

static inline int
open_site(void)
{

	visit_settings = "[artifact]\nlimit_bytes = 300000\n";
	if (visit_open() != 0)
		return (-1);
	key = api_bearer("runs:write,secrets:write,secrets:read", NULL, NULL);
	reader = api_bearer("secrets:read", NULL, NULL);
	stranger = api_bearer("runs:write",
	    "0190a0b0-0000-7000-8000-000000000001", NULL);
	return (key == NULL || reader == NULL || stranger == NULL ? -1 : 0);
}

static inline int
close_site(void)
{

	free(key);
	free(reader);
	free(stranger);
	return (visit_close());
}

static inline const char *
path_of(const char * rest)
{
	static char path[400];

	(void)snprintf(path, sizeof(path), "/api/v1/runs/%s/%s", run, rest);
	return (path);
}

static inline struct visit
call(const char * method, const char * rest, const char * body)
{

	return ((struct visit){ .method = method, .path = path_of(rest),
	    .accept = "application/json", .authorization = key, .body = body,
	    .type = body == NULL ? "" : "text/plain; charset=utf-8" });
}

static inline void
begin(void)
{
	char path[120];

	make("PUT", "/api/v1/secrets/instance/team/api", "{\"value\":\"" VALUE
	    "\"}", NULL);
	make("POST", "/api/v1/projects", "{\"slug\":\"p\",\"name\":\"P\"}",
	    project);
	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/bindings/V",
	    project);
	make("PUT", path, "{\"scope\":\"instance\",\"name\":\"team/api\"}",
	    NULL);
	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/runs",
	    project);
	make("POST", path, "{\"workflow_name\":\"w\",\"workflow_version\":"
	    "\"1\",\"trigger\":\"t\"}", run);
}

#endif /* !SR_TESTS_CGI_ARTIFACT_VISIT_H */
