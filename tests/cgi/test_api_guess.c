/* Names that are tried one after the other, to find a secret by refusals. */

#include "core/runs/project.h"
#include "core/vault/secret.h"
#include "tests/cgi/api_visit.h"

#define KEY	"a value of Ours, 9c41f0"

static char * all;		/* A key that guesses. */
static char * mine;		/* One that does not. */
static char project[SR_ID_STRLEN + 1];

static int
open_site(void)
{
	const struct project_write w = { .slug = "agents",
	    .name = "Agents" };
	struct project made;
	struct secbuf * value;
	struct secret_write write = { .scope = "instance", .name = "guessed" };
	enum sr_error err;

	if (visit_open() != 0 || project_create(&visit_house.store,
	    &visit_house.actor, &w, NULL, &made) != SR_OK)
		return (-1);
	sr_id_format(&made.id, project);
	write.value = value = house_secret(KEY);
	err = secret_put(&visit_house.store, &visit_house.actor, &write, NULL,
	    NULL);
	secbuf_free(&value);
	all = api_bearer("runs:write", NULL, NULL);
	mine = api_bearer("runs:write", NULL, NULL);
	return (err == SR_OK && all != NULL && mine != NULL ? 0 : -1);
}

static int
close_site(void)
{

	free(all);
	free(mine);
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
	TEST(names_are_not_for_guessing),
};

SUITE_MAIN("cgi/api_guess", tests, open_site, close_site)
