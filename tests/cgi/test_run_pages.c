/*
 * The pages of projects and runs: what they show is masked, what they change is
 * asked for and audited. ST-SEC-006.
 */

#include "core/redact/variant.h"
#include "core/runs/artifact.h"
#include "core/runs/prompt.h"
#include "core/runs/run_alert.h"
#include "core/store/keystore.h"
#include "tests/cgi/run_visit.h"

#define OTHER	"other-vaLue-of-nobody-9876543210"

static void
a_project_with_a_binding_is_there(void)
{
	struct visit v = { 0 };
	char path[256];

	project_made();
	stored("integration", "providers/web_key", VALUE);
	(void)snprintf(path, sizeof(path), "/projects/%s/bindings", project);
	CU_ASSERT_EQUAL(post(&v, path, "binding[variable]=WEB_KEY"
	    "&binding[scope]=integration&binding[name]=providers/web_key"),
	    303);
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
	/* This one, and the run that was cancelled before. */
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "2", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'RUN_DECIDE' AND outcome ="
	    " 'succeeded' AND actor_kind = 'account' AND target_kind ="
	    " 'run'"));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(a_project_with_a_binding_is_there),
	TEST(st_sec_006_ac2_a_run_page_shows_masks_and_no_values),
	TEST(events_come_page_by_page),
	TEST(st_sec_006_ac3_an_alert_of_a_run_is_shown),
	TEST(st_sec_006_ac3_what_is_found_after_rendering_is_suppressed),
	TEST(artifacts_prompts_and_leases_are_listed),
	TEST(an_operator_cancels_a_run),
	TEST(an_approval_is_given_and_refused),
};

SUITE_MAIN("cgi/run_pages", tests, visit_open, visit_close)
