/* The list of a project's runs. */

#include "core/runs/run.h"
#include "tests/cgi/api_secret.h"

#define RUNS	7

static struct project one, two;
static char runs_path[96];

static int
open_runs(void)
{
	const struct project_write a = { "one", "One", NULL };
	const struct project_write b = { "two", "Two", NULL };
	struct run_write w = { .workflow_name = "w", .workflow_version = "1",
	    .trigger = "t" };
	char id[SR_ID_STRLEN + 1];
	struct run run;

	if (open_site() != 0 ||
	    project_create(&visit_house.store, &visit_house.actor, &a, NULL,
	    &one) != SR_OK || project_create(&visit_house.store,
	    &visit_house.actor, &b, NULL, &two) != SR_OK)
		return (-1);
	for (unsigned i = 0; i <= RUNS; i++) {
		w.project_id = i == RUNS ? two.id : one.id;
		if (run_create(&visit_house.store, &visit_house.actor, &w, 15,
		    NULL, &run) != SR_OK)
			return (-1);
	}
	sr_id_format(&one.id, id);
	(void)snprintf(runs_path, sizeof(runs_path),
	    "/api/v1/projects/%s/runs", id);
	free(writer);
	writer = api_bearer("runs:write", NULL, NULL);
	/* Of one time, so that the ids alone tell them apart. */
	return (house_do(&visit_house, "UPDATE run SET created_at ="
	    " '2026-01-01 12:00:00'") ? 0 : -1);
}

/* A page of two; how many it has, and where the next begins. */
static size_t
page(const char * after, char next[SR_ID_STRLEN + 1], char ids[RUNS + 1][37],
    size_t n)
{
	char * query = text_format("limit=2%s%s", after[0] == '\0' ? "" :
	    "&after=", after);
	struct visit v = call("GET", runs_path, NULL);
	json_t * j, * items;
	const char * text;
	size_t i;

	v.query = query;
	ASSERT_ANSWER(&v, 200, NULL);
	j = api_json(&v);
	items = json_object_get(j, "items");
	for (i = 0; i < json_array_size(items) && n + i < RUNS; i++)
		(void)snprintf(ids[n + i], 37, "%s", json_string_value(
		    json_object_get(json_array_get(items, i), "id")));
	text = json_string_value(json_object_get(j, "next"));
	(void)snprintf(next, SR_ID_STRLEN + 1, "%s", text == NULL ? "" : text);
	json_decref(j);
	free(query);
	visit_free(&v);
	return (i);
}

static void
pages_go_on_by_key(void)
{
	char next[SR_ID_STRLEN + 1] = "", ids[RUNS + 1][37];
	size_t n = 0;

	do
		n += page(next, next, ids, n);
	while (next[0] != '\0' && n < RUNS);
	CU_ASSERT_EQUAL(n, RUNS);
	CU_ASSERT_EQUAL(next[0], '\0');
	for (size_t i = 1; i < n; i++)
		CU_ASSERT(strcmp(ids[i - 1], ids[i]) > 0);
}

static void
what_is_no_cursor_of_it_is_refused(void)
{
	struct visit v = call("GET", runs_path, NULL);
	char * others = mariadb_sql(visit_house.m, "SELECT CONCAT('after=',"
	    " r.id) FROM run r JOIN project p ON p.id = r.project_id"
	    " WHERE p.slug = 'two'");

	others[strcspn(others, "\n")] = '\0';
	v.query = others;
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	v.query = "after=" P1;
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	v.query = "after=x";
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	v.query = "limit=0";
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	v.query = NULL;
	v.path = "/api/v1/projects/" P1 "/runs";
	ASSERT_ANSWER(&v, 404, "project_not_found");
	v.authorization = limited;
	ASSERT_ANSWER(&v, 403, NULL);
	free(others);
	visit_free(&v);
}

static void
what_cannot_be_read_is_said(void)
{
	struct visit v = call("GET", runs_path, NULL);

	CU_ASSERT(house_do(&visit_house, "RENAME TABLE run TO hidden"));
	ASSERT_ANSWER(&v, 503, "run_unavailable");
	v.query = "after=" P1;
	ASSERT_ANSWER(&v, 503, "run_unavailable");
	CU_ASSERT(house_do(&visit_house, "RENAME TABLE hidden TO run"));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(pages_go_on_by_key),
	TEST(what_is_no_cursor_of_it_is_refused),
	TEST(what_cannot_be_read_is_said),
};

SUITE_MAIN("cgi/api_run_list", tests, open_runs, close_site)
