/* An emergency revocation names the runs that it cuts off. */

#include "core/runs/run.h"
#include "tests/cgi/api_secret.h"

#define NAME	"held/token"
#define PATH	"/api/v1/secrets/instance/" NAME

static struct run run;
static char id[SR_ID_STRLEN + 1];

static void
held(void)
{
	static struct project project;
	const struct project_write p = { "billing", "Billing", NULL };
	struct binding_write b = { .variable = "TOKEN", .scope = "instance",
	    .name = NAME };
	struct run_write w = { .workflow_name = "Nightly <check>",
	    .workflow_version = "1", .trigger = "test", .name = "the one" };
	struct visit v = call("PUT", PATH, "{\"value\":\"" CANARY "-9\"}");

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v) / 100, 2);
	visit_free(&v);
	if (sr_id_is_nil(&project.id)) {
		ASSERT_ERR_FATAL(project_create(&visit_house.store,
		    &visit_house.actor, &p, NULL, &project), SR_OK);
		b.project_id = project.id;
		ASSERT_ERR_FATAL(binding_set(&visit_house.store,
		    &visit_house.actor, &b, NULL), SR_OK);
	}
	w.project_id = project.id;
	ASSERT_ERR_FATAL(run_create(&visit_house.store, &visit_house.actor,
	    &w, 15, NULL, &run), SR_OK);
	sr_id_format(&run.id, id);
}

static void
the_page_names_them_before_it_is_done(void)
{
	struct secret_meta meta;
	char path[128], secret[SR_ID_STRLEN + 1];
	struct visit v;

	held();
	visit_sign_in();
	ASSERT_ERR_FATAL(secret_find(visit_db, SCOPE_INSTANCE, &sr_id_nil,
	    NAME, &meta), SR_OK);
	sr_id_format(&meta.id, secret);
	(void)snprintf(path, sizeof(path),
	    "/settings/security/secrets/%s/revoke", secret);
	v = (struct visit){ .path = path, .cookie = visit_session };
	visit_both(&v, 200, "revoke");
	CU_ASSERT_TRUE(visit_has(&v, id));
	CU_ASSERT_TRUE(visit_has(&v, "Nightly &lt;check&gt;"));
	CU_ASSERT_TRUE(visit_has(&v, "billing"));
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE credential_lease"
	    " TO hidden"));
	visit_both(&v, 503, "revoke");
	CU_ASSERT_TRUE(visit_has(&v, "run_unavailable"));
	CU_ASSERT_TRUE(visit_has(&v, "revoke-confirm-form"));
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE hidden TO"
	    " credential_lease"));
	ASSERT_ERR(run_move(&visit_house.store, &run.id, RUN_FAILED, 15,
	    &run), SR_OK);
	visit_both(&v, 200, "revoke");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"revoke-cuts-none\""));
	visit_free(&v);
}

static void
the_api_names_them_when_it_is_done(void)
{
	struct visit v = call("DELETE", PATH, NULL);
	char text[96];

	held();
	ASSERT_ANSWER(&v, 200, "\"status\":\"revoked\"");
	(void)snprintf(text, sizeof(text), "\"runs\":[{\"id\":\"%s\",", id);
	CU_ASSERT_TRUE(visit_has(&v, text));
	CU_ASSERT_TRUE(visit_has(&v, "\"status\":\"running\","
	    "\"key_version\":"));
	CU_ASSERT_TRUE(visit_has(&v, "\"runs_complete\":true"));
	held();
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 200, "<runs><run><id>");
	visit_free(&v);
}

/* It is done, and says that it does not know. */
static void
what_cannot_be_read_keeps_nobody_from_revoking(void)
{
	struct visit v = call("DELETE", PATH, NULL);

	held();
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE credential_lease"
	    " TO hidden"));
	ASSERT_ANSWER(&v, 200, "\"runs\":[],\"runs_complete\":false");
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE hidden TO"
	    " credential_lease"));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(the_page_names_them_before_it_is_done),
	TEST(the_api_names_them_when_it_is_done),
	TEST(what_cannot_be_read_keeps_nobody_from_revoking),
};

SUITE_MAIN("cgi/revoke_runs", tests, open_site, close_site)
