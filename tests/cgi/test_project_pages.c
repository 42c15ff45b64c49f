/* The pages of projects: made, bound, changed; each change is asked for. */

#include "tests/cgi/run_visit.h"

static void
a_project_is_made_and_listed(void)
{
	struct visit v = { 0 };

	visit_sign_in();
	get(&v, "/projects", NULL);
	visit_both(&v, 200, "projects");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"projects-empty\""));
	project_made();
	get(&v, "/projects", NULL);
	visit_both(&v, 200, "projects");
	CU_ASSERT_TRUE(visit_has(&v, ">Web shop</a>"));
	get(&v, place, "notice=project-created");
	visit_both(&v, 200, "project");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"notice\""));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"project-bindings-empty\""));
	visit_free(&v);
}

static void
a_project_that_cannot_be_keeps_what_was_typed(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(post(&v, "/projects", "project[slug]=No+Slug"
	    "&project[name]=Kept+name"), 422);
	CU_ASSERT_TRUE(visit_has(&v, "project_slug_invalid"));
	CU_ASSERT_TRUE(visit_has(&v, "value=\"Kept name\""));
	CU_ASSERT_EQUAL(post(&v, "/projects", "project[slug]=web-shop"
	    "&project[name]=Twice"), 409);
	CU_ASSERT_TRUE(visit_has(&v, "project_exists"));
	CU_ASSERT_EQUAL(post(&v, "/projects", "project[slug]=tok"
	    "&project[name]=" TOKEN), 422);
	CU_ASSERT_TRUE(visit_has(&v, "plaintext_secret_persistence_blocked"));
	CU_ASSERT_FALSE(visit_has(&v, TOKEN));
	visit_free(&v);
}

static void
a_binding_is_made_shown_and_removed(void)
{
	struct visit v = { 0 };
	char path[256];

	stored("integration", "providers/web_key", VALUE);
	(void)snprintf(path, sizeof(path), "/projects/%s/bindings", project);
	CU_ASSERT_EQUAL(post(&v, path, "binding[variable]=not+one"
	    "&binding[scope]=integration&binding[name]=providers/web_key"),
	    422);
	CU_ASSERT_TRUE(visit_has(&v, "binding_invalid"));
	CU_ASSERT_EQUAL(post(&v, path, "binding[variable]=WEB_KEY"
	    "&binding[scope]=integration&binding[name]=providers/none"), 404);
	CU_ASSERT_TRUE(visit_has(&v, "secret_not_found"));
	CU_ASSERT_EQUAL(post(&v, path, "binding[variable]=WEB_KEY"
	    "&binding[scope]=integration&binding[name]=providers/web_key"),
	    303);
	CU_ASSERT_EQUAL(post(&v, path, "binding[variable]=OLD_KEY"
	    "&binding[scope]=integration&binding[name]=providers/web_key"),
	    303);
	get(&v, place, NULL);
	visit_both(&v, 200, "project");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"project-binding-WEB_KEY\""));
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	(void)snprintf(path, sizeof(path),
	    "/projects/%s/bindings/OLD_KEY/remove", project);
	CU_ASSERT_EQUAL(post(&v, path, ""), 422);
	CU_ASSERT_TRUE(visit_has(&v, "confirmation_required"));
	CU_ASSERT_EQUAL(post(&v, path, "confirm=yes"), 303);
	get(&v, place, "notice=unbound");
	visit_both(&v, 200, "project");
	CU_ASSERT_FALSE(visit_has(&v, "id=\"project-binding-OLD_KEY\""));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'BINDING_REMOVE' AND outcome ="
	    " 'succeeded'"));
	visit_free(&v);
}

static void
binary_artifacts_are_allowed_by_a_box(void)
{
	struct visit v = { 0 };
	char path[256];

	(void)snprintf(path, sizeof(path), "/projects/%s", project);
	CU_ASSERT_EQUAL(post(&v, path, "project[binary_artifacts]=yes"), 303);
	get(&v, path, "notice=project-changed");
	visit_both(&v, 200, "project");
	CU_ASSERT_TRUE(visit_has(&v, "checked"));
	CU_ASSERT_EQUAL(post(&v, path, ""), 303);
	get(&v, path, NULL);
	visit_both(&v, 200, "project");
	CU_ASSERT_FALSE(visit_has(&v, "checked"));
	visit_free(&v);
}

static void
only_the_page_of_a_run_may_run_a_script(void)
{
	struct visit v = { 0 };
	char path[256];

	(void)snprintf(path, sizeof(path), "/projects/%s", project);
	get(&v, path, NULL);
	(void)visit(&v);
	CU_ASSERT_FALSE(visit_has(&v, "script-src"));
	CU_ASSERT_FALSE(visit_has(&v, "<script"));
	visit_free(&v);
}

static void
what_is_not_there_is_not_found(void)
{
	static const char * const paths[] = {
		"/projects/none",
		"/projects/00000000-0000-7000-8000-000000000000",
		"/projects/%s/runs/none",
		"/projects/%s/runs/00000000-0000-7000-8000-000000000000",
	};
	struct visit v = { 0 };
	char path[256];

	for (size_t i = 0; i < COUNTOF(paths); i++) {
		const char * mark = strstr(paths[i], "%s");

		(void)snprintf(path, sizeof(path), "%.*s%s%s",
		    (int)(mark == NULL ? strlen(paths[i]) :
		    (size_t)(mark - paths[i])), paths[i],
		    mark == NULL ? "" : project, mark == NULL ? "" : mark + 2);
		get(&v, path, NULL);
		(void)visit(&v);
		CU_ASSERT_EQUAL(visit_status(&v), 404);
	}
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(a_project_is_made_and_listed),
	TEST(a_project_that_cannot_be_keeps_what_was_typed),
	TEST(a_binding_is_made_shown_and_removed),
	TEST(binary_artifacts_are_allowed_by_a_box),
	TEST(only_the_page_of_a_run_may_run_a_script),
	TEST(what_is_not_there_is_not_found),
};

SUITE_MAIN("cgi/project_pages", tests, visit_open, visit_close)
