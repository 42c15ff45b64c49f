#ifndef SR_TESTS_CGI_RUN_VISIT_H
#define SR_TESTS_CGI_RUN_VISIT_H

/* What the tests of the pages of projects and runs share. */

#include "core/runs/event.h"
#include "core/vault/secret.h"
#include "tests/cgi/visit.h"

#define VALUE	"run-page-vaLue-0123456789-abcdef"
#define TOKEN	"gh" "p_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

static char project[SR_ID_STRLEN + 1];
static struct sr_id project_id;
static char place[200];			/* Path of a page. */

static inline int
post(struct visit * v, const char * path, const char * rest)
{
	static char body[8192];

	(void)snprintf(body, sizeof(body), "_csrf=%s&%s", visit_csrf, rest);
	*v = (struct visit){ .method = "POST", .path = path,
	    .cookie = visit_session, .body = body, .answer = v->answer };
	(void)visit(v);
	return (visit_status(v));
}

static inline void
get(struct visit * v, const char * path, const char * query)
{

	*v = (struct visit){ .path = path, .query = query,
	    .cookie = visit_session, .answer = v->answer };
}

static inline void
stored(const char * scope, const char * name, const char * value)
{
	struct secbuf * b = house_secret(value);
	const struct secret_write write = { .scope = scope, .name = name,
	    .project = strcmp(scope, "project") == 0 ? project : "",
	    .value = b };
	struct visit v = { .path = "/projects", .cookie = visit_session };

	ASSERT_ERR_FATAL(secret_put(&visit_house.store, &visit_house.actor,
	    &write, NULL, NULL), SR_OK);
	secbuf_free(&b);
	/* The next request knows it; no event is one. */
	(void)visit(&v);
	visit_free(&v);
}

/* The page of a run that goes on. */
static inline struct run
started(const char * workflow, const char * version)
{
	const struct run_write write = { .project_id = project_id,
	    .workflow_name = workflow, .workflow_version = version,
	    .trigger = "manual" };
	char id[SR_ID_STRLEN + 1];
	struct run run = { .name = "" };

	ASSERT_ERR_FATAL(run_create(&visit_house.store, &visit_house.actor,
	    &write, 15, NULL, &run), SR_OK);
	sr_id_format(&run.id, id);
	(void)snprintf(place, sizeof(place), "/projects/%s/runs/%s", project,
	    id);
	return (run);
}

static inline void
posted(const struct run * run, const char * type, const char * step,
    const char * payload)
{
	const struct event_write write = { .run_id = run->id, .type = type,
	    .step = step, .payload = payload, .payload_len = strlen(payload) };
	struct event_written written;

	ASSERT_ERR_FATAL(event_post(&visit_house.store, &visit_house.actor,
	    &write, 15, NULL, &written), SR_OK);
}

static inline void
printed(const struct run * run, const char * text, bool end)
{
	const struct event_write write = { .run_id = run->id,
	    .type = "output", .stream = "stdout", .chunk = text,
	    .chunk_len = strlen(text), .end = end };
	struct event_written written;

	ASSERT_ERR_FATAL(event_post(&visit_house.store, &visit_house.actor,
	    &write, 15, NULL, &written), SR_OK);
}

/* The project, made as a person makes it; once. */
static inline void
project_made(void)
{
	struct visit v = { 0 };
	char * where;

	visit_sign_in();
	CU_ASSERT_EQUAL_FATAL(post(&v, "/projects", "project[slug]=web-shop"
	    "&project[name]=Web+shop&project[description]=Sells"), 303);
	where = visit_between(&v, "Location: /projects/", '?');
	CU_ASSERT_PTR_NOT_NULL_FATAL(where);
	(void)snprintf(project, sizeof(project), "%s", where);
	free(where);
	CU_ASSERT_TRUE_FATAL(sr_id_parse(project, &project_id));
	(void)snprintf(place, sizeof(place), "/projects/%s", project);
	visit_free(&v);
}

#endif /* !SR_TESTS_CGI_RUN_VISIT_H */
