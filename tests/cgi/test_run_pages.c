/*
 * The pages of projects and runs: what they show is masked, what they change is
 * asked for and audited. ST-SEC-006.
 */

#include "core/redact/variant.h"
#include "core/runs/artifact.h"
#include "core/runs/event.h"
#include "core/runs/prompt.h"
#include "core/runs/run_alert.h"
#include "core/store/keystore.h"
#include "core/vault/secret.h"
#include "tests/cgi/visit.h"

#define VALUE	"run-page-vaLue-0123456789-abcdef"
#define OTHER	"other-vaLue-of-nobody-9876543210"
#define TOKEN	"gh" "p_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

static char project[SR_ID_STRLEN + 1];
static struct sr_id project_id;
static char place[200];			/* Path of a page. */

static int
post(struct visit * v, const char * path, const char * rest)
{
	static char body[8192];

	(void)snprintf(body, sizeof(body), "_csrf=%s&%s", visit_csrf, rest);
	*v = (struct visit){ .method = "POST", .path = path,
	    .cookie = visit_session, .body = body, .answer = v->answer };
	(void)visit(v);
	return (visit_status(v));
}

static void
get(struct visit * v, const char * path, const char * query)
{

	*v = (struct visit){ .path = path, .query = query,
	    .cookie = visit_session, .answer = v->answer };
}

static void
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
static struct run
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

static void
posted(const struct run * run, const char * type, const char * step,
    const char * payload)
{
	const struct event_write write = { .run_id = run->id, .type = type,
	    .step = step, .payload = payload, .payload_len = strlen(payload) };
	struct event_written written;

	ASSERT_ERR_FATAL(event_post(&visit_house.store, &visit_house.actor,
	    &write, 15, NULL, &written), SR_OK);
}

static void
printed(const struct run * run, const char * text, bool end)
{
	const struct event_write write = { .run_id = run->id,
	    .type = "output", .stream = "stdout", .chunk = text,
	    .chunk_len = strlen(text), .end = end };
	struct event_written written;

	ASSERT_ERR_FATAL(event_post(&visit_house.store, &visit_house.actor,
	    &write, 15, NULL, &written), SR_OK);
}

static void
a_project_is_made_and_listed(void)
{
	struct visit v = { 0 };
	char * where;

	visit_sign_in();
	get(&v, "/projects", NULL);
	visit_both(&v, 200, "projects");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"projects-empty\""));
	CU_ASSERT_EQUAL_FATAL(post(&v, "/projects", "project[slug]=web-shop"
	    "&project[name]=Web+shop&project[description]=Sells"), 303);
	where = visit_between(&v, "Location: /projects/", '?');
	CU_ASSERT_PTR_NOT_NULL_FATAL(where);
	(void)snprintf(project, sizeof(project), "%s", where);
	free(where);
	CU_ASSERT_TRUE_FATAL(sr_id_parse(project, &project_id));
	get(&v, "/projects", NULL);
	visit_both(&v, 200, "projects");
	CU_ASSERT_TRUE(visit_has(&v, ">Web shop</a>"));
	(void)snprintf(place, sizeof(place), "/projects/%s", project);
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
st_sec_006_ac2_a_run_page_shows_masks_and_no_values(void)
{
	static const char * const ids[] = { "run-events", "run-artifacts",
	    "run-prompts", "run-output", "run-steps", "run-leases" };
	const struct run run = started("deploy", "v1.2");
	struct visit v = { 0 };

	posted(&run, "step_started", "build", "{}");
	posted(&run, "step_completed", "build",
	    "{\"log\":\"key " VALUE " and " TOKEN "\"}");
	printed(&run, "\033[31mred " VALUE "\033[0m\n50%\r100% done\n", true);
	get(&v, place, NULL);
	visit_both(&v, 200, "run");
	for (size_t i = 0; i < COUNTOF(ids); i++) {
		char * id = text_format("id=\"%s\"", ids[i]);

		CU_ASSERT_TRUE(visit_has(&v, id));
		free(id);
	}
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	CU_ASSERT_FALSE(visit_has(&v, TOKEN));
	CU_ASSERT_TRUE(visit_has(&v,
	    "[REDACTED:integration/providers/web_key@1"));
	CU_ASSERT_TRUE(visit_has(&v, "[REDACTED:github_token"));
	/* The terminal's own: no colours, the line as it was last. */
	CU_ASSERT_TRUE(visit_has(&v, ">red [REDACTED:"));
	CU_ASSERT_TRUE(visit_has(&v, "\n100% done\n"));
	CU_ASSERT_TRUE(visit_has(&v, "data-step=\"build\""));
	CU_ASSERT_TRUE(visit_has(&v, "script-src 'self'; connect-src 'self'"));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"run-security-alert\""));
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
events_come_page_by_page(void)
{
	const struct run run = started("many", "v1");
	struct visit v = { 0 };
	char payload[64];

	for (int i = 0; i < 250; i++) {
		(void)snprintf(payload, sizeof(payload), "{\"i\":%d}", i);
		posted(&run, "note", "", payload);
	}
	get(&v, place, NULL);
	visit_both(&v, 200, "run");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"run-events-older\""));
	CU_ASSERT_TRUE(visit_has(&v, "{&quot;i&quot;:249}") ||
	    visit_has(&v, "{\"i\":249}"));
	get(&v, place, "before=40");
	visit_both(&v, 200, "run");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"run-event-39\""));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"run-event-40\""));
	CU_ASSERT_FALSE(visit_has(&v, "script-src"));
	get(&v, place, "before=x");
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 400);
	visit_free(&v);
}

static void
st_sec_006_ac3_an_alert_of_a_run_is_shown(void)
{
	const struct run run = started("guesses", "v1");
	struct visit v = { 0 };

	stored("instance", "not/bound", OTHER);
	posted(&run, "note", "", "{\"guess\":\"" OTHER "\"}");
	run_alert_raise(&visit_house.store, &visit_house.actor, &run,
	    RUN_ALERT_CHANNEL_REFUSED, REDACT_ARTIFACT);
	get(&v, place, NULL);
	visit_both(&v, 200, "run");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"run-security-alert\""));
	CU_ASSERT_TRUE(visit_has(&v, "data-kind=\"channel_refused\""));
	CU_ASSERT_TRUE(visit_has(&v, "data-kind=\"unbound_secret\""));
	CU_ASSERT_TRUE(visit_has(&v, "[REDACTED:secret"));
	CU_ASSERT_FALSE(visit_has(&v, OTHER));
	visit_free(&v);
}

static void
know(const struct sr_id * id, const char * value)
{
	const struct keyset * keys = keystore_hold(visit_worker.keys);
	struct secbuf * b = house_secret(value);
	struct redact_forms forms = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(keys);
	ASSERT_ERR_FATAL(redact_forms_of(keyset_redaction_key(keys), b,
	    &forms), SR_OK);
	ASSERT_ERR_FATAL(redact_known_put(visit_worker.redact, id, 1,
	    "instance/x@1", forms.v, forms.n), SR_OK);
	redact_forms_free(&forms);
	secbuf_free(&b);
	keyset_release(&keys);
}

/*
 * A secret that is in none of the model's texts, and in the page that is made
 * of them.
 */
static void
st_sec_006_ac3_what_is_found_after_rendering_is_suppressed(void)
{
	static const struct sr_id id = { { 9 } };
	struct visit v = { 0 };

	(void)started("first-half", "second-half");
	know(&id, "first-half <span class=\"scope\">second-half</span>");
	get(&v, place, NULL);
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_TRUE(visit_has(&v, "id=\"run-security-alert\""));
	CU_ASSERT_TRUE(visit_has(&v, "[SENSITIVE CONTENT SUPPRESSED]"));
	CU_ASSERT_FALSE(visit_has(&v, "second-half"));
	redact_known_drop(visit_worker.redact, &id);
	/* It stays on record, on the page and in the audit. */
	(void)visit(&v);
	CU_ASSERT_TRUE(visit_has(&v, "data-kind=\"page_suppressed\""));
	CU_ASSERT_TRUE(visit_has(&v, "second-half"));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT COUNT(*) > 0"
	    " FROM audit_event WHERE action = 'PAGE_SUPPRESSED'"));
	visit_free(&v);
}

static void
artifacts_prompts_and_leases_are_listed(void)
{
	static const char body[] = "{\"messages\":[{\"role\":\"user\","
	    "\"content\":\"use " VALUE " please\"}]}";
	const struct run run = started("parts", "v1");
	const struct artifact_write write = { .run_id = run.id,
	    .name = "logs/build.txt", .kind = ARTIFACT_LOG,
	    .limits = { .each = 1 << 20, .run = 1 << 20 } };
	const struct prompt_write prompt = { .run_id = run.id, .body = body,
	    .len = strlen(body) };
	struct artifact_up * up = NULL;
	struct redacted * back = NULL;
	struct artifact a;
	struct prompt_made p;
	struct visit v = { 0 };

	ASSERT_ERR_FATAL(artifact_begin(&visit_house.store,
	    &visit_house.actor, &write, NULL, &up), SR_OK);
	ASSERT_ERR_FATAL(artifact_feed(up, VALUE "\n", strlen(VALUE) + 1),
	    SR_OK);
	ASSERT_ERR_FATAL(artifact_end(up, &a), SR_OK);
	artifact_drop(&up);
	ASSERT_ERR_FATAL(prompt_make(&visit_house.store, &visit_house.actor,
	    &prompt, 15, &p, &back), SR_OK);
	redacted_free(&back);
	get(&v, place, NULL);
	visit_both(&v, 200, "run");
	CU_ASSERT_TRUE(visit_has(&v, "/artifacts/logs/build.txt\""));
	CU_ASSERT_TRUE(visit_has(&v, "1 messages, 1 masked"));
	CU_ASSERT_TRUE(visit_has(&v, "integration/</span>providers/web_key"));
	CU_ASSERT_TRUE(visit_has(&v, "lease-held"));
	CU_ASSERT_FALSE(visit_has(&v, VALUE));
	visit_free(&v);
}

static void
an_operator_cancels_a_run(void)
{
	const struct run run = started("stop", "v1");
	struct run now = run;
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(post(&v, place, "run[decision]=cancel"), 422);
	CU_ASSERT_TRUE(visit_has(&v, "confirmation_required"));
	ASSERT_ERR(run_show(visit_db, &run.id, &now), SR_OK);
	CU_ASSERT_EQUAL(now.status, RUN_RUNNING);
	CU_ASSERT_EQUAL(post(&v, place, "run[decision]=explode&confirm=yes"),
	    400);
	CU_ASSERT_EQUAL(post(&v, place, "run[decision]=cancel&confirm=yes"),
	    303);
	ASSERT_ERR(run_show(visit_db, &run.id, &now), SR_OK);
	CU_ASSERT_EQUAL(now.status, RUN_CANCELLED);
	/* It has ended: nobody can stop it once more. */
	CU_ASSERT_EQUAL(post(&v, place, "run[decision]=cancel&confirm=yes"),
	    409);
	get(&v, place, "notice=run-cancelled");
	visit_both(&v, 200, "run");
	CU_ASSERT_FALSE(visit_has(&v, "id=\"run-decision-form\""));
	visit_free(&v);
}

static void
an_approval_is_given_and_refused(void)
{
	struct run run = started("approve", "v1");
	struct visit v = { 0 };

	posted(&run, "approval_requested", "release", "{}");
	get(&v, place, NULL);
	visit_both(&v, 200, "run");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"run-approve\""));
	CU_ASSERT_EQUAL(post(&v, place, "run[decision]=approve&confirm=yes"),
	    303);
	ASSERT_ERR(run_show(visit_db, &run.id, &run), SR_OK);
	CU_ASSERT_EQUAL(run.status, RUN_RUNNING);
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " run_event WHERE type = 'approval_granted'"));
	visit_free(&v);
}

static void
what_is_not_there_is_not_found(void)
{
	static const char * const paths[] = {
		"/projects/none", "/projects/00000000-0000-7000-8000-000000000000",
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
	TEST(st_sec_006_ac2_a_run_page_shows_masks_and_no_values),
	TEST(only_the_page_of_a_run_may_run_a_script),
	TEST(events_come_page_by_page),
	TEST(st_sec_006_ac3_an_alert_of_a_run_is_shown),
	TEST(st_sec_006_ac3_what_is_found_after_rendering_is_suppressed),
	TEST(artifacts_prompts_and_leases_are_listed),
	TEST(an_operator_cancels_a_run),
	TEST(an_approval_is_given_and_refused),
	TEST(what_is_not_there_is_not_found),
};

SUITE_MAIN("cgi/run_pages", tests, visit_open, visit_close)
