/* Providers on the pages: set-up's second step, checks, rotation. */

#include "tests/cgi/provider_visit.h"

static void
strangers_are_shown_no_provider(void)
{
	struct visit v = { .path = SETUP };

	visit_both(&v, 200, "setup");
	CU_ASSERT_FALSE(visit_has(&v, "setup-provider-"));
	visit_sign_in();
	v = (struct visit){ .path = SETUP, .answer = v.answer };
	visit_both(&v, 200, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-closed\""));
	CU_ASSERT_FALSE(visit_has(&v, "setup-provider-"));
	visit_free(&v);
}

static void
st_sec_009_ac3_the_page_says_that_both_sources_are_missing(void)
{
	struct visit v = { 0 };

	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-transition",
	    "Not set"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-error-type",
	    "anthropic_secret_unavailable"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-source",
	    "ANTHROPIC_API_KEY"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-source",
	    "integration/providers/anthropic_api_key"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-remediation",
	    "strongroom explain"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-verified-at",
	    "Never"));
	CU_ASSERT_EQUAL(post(&v, SAVE "/check", ""), 303);
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-error-type",
	    "anthropic_secret_unavailable"));
	visit_free(&v);
}

static void
st_sec_009_ac1_the_environment_takes_no_key_on_the_page(void)
{
	struct visit v = { 0 };

	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"setup-provider-github_pat-environment-wins\""));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"setup-provider-github_pat-form\""));
	CU_ASSERT_TRUE(says(&v, "setup-provider-github_pat-source",
	    "Environment"));
	CU_ASSERT_EQUAL(post(&v, "/setup/providers/github_pat",
	    "setup_provider[value]=" KEY_ONE), 409);
	CU_ASSERT_TRUE(visit_has(&v, "provider_source_conflict"));
	CU_ASSERT_EQUAL(post(&v, ROTATE, "security_provider_rotation[provider]"
	    "=github_pat&security_provider_rotation[value]=" KEY_ONE), 409);
	CU_ASSERT_TRUE(visit_has(&v, "provider_source_conflict"));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "0",
	    "SELECT COUNT(*) FROM secret_ref"));
	visit_free(&v);
}

static void
set_up_is_not_complete_without_a_provider(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(post(&v, "/setup/complete", ""), 409);
	CU_ASSERT_TRUE(visit_has(&v, "setup_provider_required"));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-complete-error-recovery\""));
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-step\""));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-later\""));
	/* The rest of the site does not wait for it. */
	see(&v, SECURITY, "security");
	visit_free(&v);
}

static void
st_sec_007_ac3_an_unreachable_provider_is_shown_with_its_class(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(post(&v, "/setup/providers/openai",
	    "setup_provider[expected]=0&setup_provider[value]=" KEY_TWO
	    "-of-openai"), 303);
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(says(&v, "setup-provider-openai-transition",
	    "Not set -&gt; Invalid"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-openai-error-type",
	    "openai_provider_check_failed"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-openai-error-type",
	    "unreachable"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-openai-verified-at", "Never"));
	visit_free(&v);
}

static void
st_sec_007_ac1_a_refused_key_is_invalid_and_a_good_one_active(void)
{
	struct visit v = { 0 };
	char * at;

	CU_ASSERT_EQUAL(post(&v, SAVE, "setup_provider[expected]=0"
	    "&setup_provider[value]=" KEY_BAD), 303);
	CU_ASSERT_TRUE(visit_has(&v, "Location: /setup?notice=provider-saved"
	    "#setup-provider-anthropic\r\n"));
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-transition",
	    "Not set -&gt; Invalid"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-error-type",
	    "anthropic_credentials_invalid"));
	/* It was stored as version 1; a form made before that is late. */
	CU_ASSERT_EQUAL(post(&v, SAVE, "setup_provider[expected]=0"
	    "&setup_provider[value]=" KEY_ONE), 412);
	CU_ASSERT_TRUE(visit_has(&v, "secret_exists"));
	CU_ASSERT_EQUAL(post(&v, SAVE, "setup_provider[expected]=1"
	    "&setup_provider[value]=" KEY_ONE), 303);
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-transition",
	    "Invalid -&gt; Active"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-verified-at", "UTC"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-error-type",
	    "None"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-source",
	    "version 2"));
	/* One that works is replaced by rotating it. */
	CU_ASSERT_FALSE(visit_has(&v, "id=\"setup-provider-anthropic-form\""));
	at = visit_between(&v, "verified-at\"><time datetime=\"", '"');
	provider_server_mode(server, PROVIDER_MODE_500);
	CU_ASSERT_EQUAL(post(&v, SAVE "/check", ""), 303);
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-transition",
	    "Active -&gt; Invalid"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-error-type",
	    "server error"));
	CU_ASSERT_TRUE(says(&v, "setup-provider-anthropic-verified-at", at));
	free(at);
	visit_free(&v);
}

static void
a_form_that_is_refused_or_malformed_says_so(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(post(&v, SAVE, "setup_provider[value]=short"), 422);
	CU_ASSERT_TRUE(visit_has(&v, "secret_value_invalid"));
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"setup-provider-anthropic-refused-error\""));
	CU_ASSERT_EQUAL(post(&v, SAVE, "setup_provider[expected]=x"
	    "&setup_provider[value]=" KEY_ONE), 400);
	CU_ASSERT_EQUAL(post(&v, "/setup/providers/nobody",
	    "setup_provider[value]=" KEY_ONE), 404);
	CU_ASSERT_TRUE(visit_has(&v, "provider_unknown"));
	CU_ASSERT_EQUAL(post(&v, "/setup/providers/nobody/check", ""), 404);
	CU_ASSERT_EQUAL(post(&v, SECURITY "/providers/nobody/check", ""), 404);
	visit_free(&v);
}

static void
set_up_is_completed_once_and_can_be_run_again(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(post(&v, SECURITY "/providers/anthropic/check", ""),
	    303);
	see(&v, "/", "front");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"front-finish-setup\""));
	CU_ASSERT_EQUAL(post(&v, "/setup/complete", ""), 303);
	see(&v, "/", "front");
	CU_ASSERT_FALSE(visit_has(&v, "id=\"front-finish-setup\""));
	CU_ASSERT_EQUAL(post(&v, "/setup/complete", ""), 303);
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-done\""));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"setup-complete-form\""));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-provider-openai-form\""));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'SETUP_COMPLETE' AND outcome ="
	    " 'succeeded' AND actor_label = '" VISIT_EMAIL "'"));
	v = (struct visit){ .path = SETUP, .query = "notice=setup-complete",
	    .cookie = visit_session, .answer = v.answer };
	visit_both(&v, 200, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"notice\""));
	visit_free(&v);
}

static int
rotate(struct visit * v, const char * rest)
{
	char form[512];

	(void)snprintf(form, sizeof(form),
	    "security_provider_rotation[provider]=anthropic&%s", rest);
	return (post(v, ROTATE, form));
}

static bool
result(const struct visit * v, const char * what, const char * text)
{
	char id[96];

	(void)snprintf(id, sizeof(id), "settings-security-provider-rotation-%s",
	    what);
	return (says(v, id, text));
}

static void
st_sec_008_ac1_a_rotation_shows_before_and_after(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(rotate(&v, "security_provider_rotation[value]="
	    KEY_TWO), 303);
	see(&v, SECURITY, "security");
	CU_ASSERT_TRUE(result(&v, "before-status", ">Passed<"));
	CU_ASSERT_TRUE(result(&v, "after-status", ">Passed<"));
	CU_ASSERT_TRUE(result(&v, "rollback-status", ">No<"));
	CU_ASSERT_TRUE(result(&v, "continuity-alarm", ">No<"));
	CU_ASSERT_TRUE(result(&v, "error-type", ">None<"));
	CU_ASSERT_TRUE(visit_has(&v, "Version 2 to 3"));
	visit_free(&v);
}

static void
st_sec_008_ac3_a_rotation_that_is_rolled_back_is_shown(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(rotate(&v, "security_provider_rotation[value]="
	    KEY_BAD), 303);
	see(&v, SECURITY, "security");
	CU_ASSERT_TRUE(result(&v, "before-status", ">Passed<"));
	CU_ASSERT_TRUE(result(&v, "after-status", ">Failed<"));
	CU_ASSERT_TRUE(result(&v, "rollback-status", ">Yes<"));
	CU_ASSERT_TRUE(result(&v, "continuity-alarm", ">No<"));
	CU_ASSERT_TRUE(visit_has(&v, "provider_rotation_validation_failed"));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"settings-security-provider-rotation"
	    "-error-recovery\""));
	CU_ASSERT_TRUE(visit_has(&v, ">Active<"));
	visit_free(&v);
}

static void
a_refused_current_key_asks_for_the_tick(void)
{
	struct visit v = { 0 };

	provider_server_bad(server, KEY_TWO);
	CU_ASSERT_EQUAL(rotate(&v, "security_provider_rotation[value]="
	    KEY_ONE), 409);
	CU_ASSERT_TRUE(visit_has(&v, "provider_rotation_precheck_failed"));
	CU_ASSERT_TRUE(result(&v, "before-status", ">Failed<"));
	CU_ASSERT_TRUE(result(&v, "after-status", ">None<"));
	CU_ASSERT_TRUE(visit_has(&v, "value=\"anthropic\" selected"));
	CU_ASSERT_EQUAL(rotate(&v, "confirm=yes&"
	    "security_provider_rotation[value]=" KEY_ONE), 303);
	see(&v, SECURITY, "security");
	CU_ASSERT_TRUE(result(&v, "before-status", ">Failed<"));
	CU_ASSERT_TRUE(result(&v, "after-status", ">Passed<"));
	provider_server_good(server, KEY_TWO);
	visit_free(&v);
}

static void
a_rotation_that_goes_on_is_visible(void)
{
	struct visit v = { 0 };

	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE rotation SET open_mark ="
	    " 1, state = 'switched', finished_at = NULL, next_at ="
	    " '2999-01-01', deadline = '2999-01-01' ORDER BY started_at DESC"
	    " LIMIT 1"));
	see(&v, SECURITY, "security");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"provider-anthropic-rotation\""));
	CU_ASSERT_TRUE(visit_has(&v,
	    rotation_state_meaning(ROTATION_SWITCHED)));
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"provider-anthropic-rotation\""));
	CU_ASSERT_EQUAL(rotate(&v, "security_provider_rotation[value]="
	    KEY_TWO), 409);
	CU_ASSERT_TRUE(visit_has(&v, "provider_rotation_in_progress"));
	/* Nor can it be overtaken by a save. */
	CU_ASSERT_EQUAL(post(&v, SAVE, "setup_provider[value]=" KEY_TWO), 409);
	CU_ASSERT_TRUE(visit_has(&v, "provider_rotation_in_progress"));
	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE rotation SET open_mark ="
	    " NULL, state = 'done' WHERE open_mark = 1"));
	visit_free(&v);
}

#define CANCEL	SECURITY "/providers/anthropic/rotation/cancel"

static void
a_rotation_that_is_stuck_is_visible_and_can_be_cancelled(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(post(&v, CANCEL, "confirm=yes"), 409);
	CU_ASSERT_TRUE(visit_has(&v, "provider_rotation_not_open"));
	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE rotation SET open_mark ="
	    " 1, state = 'prechecked', finished_at = NULL, next_at ="
	    " '2020-01-01', deadline = '2020-01-01' ORDER BY started_at DESC"
	    " LIMIT 1"));
	see(&v, SECURITY, "security");
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"provider-anthropic-rotation-stuck\""));
	CU_ASSERT_TRUE(visit_has(&v, "Nothing was stored yet"));
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"provider-anthropic-rotation-stuck\""));
	CU_ASSERT_EQUAL(post(&v, CANCEL, ""), 422);
	CU_ASSERT_TRUE(visit_has(&v, "confirmation_required"));
	CU_ASSERT_EQUAL(post(&v, SECURITY "/providers/nobody/rotation/cancel",
	    "confirm=yes"), 404);
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'auditor'"));
	CU_ASSERT_EQUAL(post(&v, CANCEL, "confirm=yes"), 403);
	see(&v, SECURITY, "security");
	CU_ASSERT_FALSE(visit_has(&v, "rotation/cancel"));
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'owner'"));
	CU_ASSERT_EQUAL(post(&v, CANCEL, "confirm=yes"), 303);
	v = (struct visit){ .path = SECURITY, .cookie = visit_session,
	    .query = "notice=rotation-cancelled", .answer = v.answer };
	visit_both(&v, 200, "security");
	CU_ASSERT_TRUE(visit_has(&v, "The rotation is cancelled."));
	CU_ASSERT_FALSE(visit_has(&v, "rotation/cancel"));
	CU_ASSERT_TRUE(result(&v, "state", "cancelled"));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'ROTATION_CANCEL' AND outcome ="
	    " 'succeeded' AND actor_kind = 'account'"));
	visit_free(&v);
}

static void
what_is_no_rotation_is_refused_before_anybody_is_asked(void)
{
	struct visit v = { 0 };
	unsigned asked = provider_server_requests(server);

	CU_ASSERT_EQUAL(rotate(&v, "security_provider_rotation[value]="), 422);
	CU_ASSERT_TRUE(visit_has(&v, "secret_value_invalid"));
	CU_ASSERT_EQUAL(post(&v, ROTATE, "security_provider_rotation[provider]"
	    "=nobody&security_provider_rotation[value]=" KEY_ONE), 404);
	CU_ASSERT_TRUE(visit_has(&v, "provider_unknown"));
	CU_ASSERT_EQUAL(post(&v, ROTATE, "security_provider_rotation[provider]"
	    "=sprites&security_provider_rotation[value]=" KEY_ONE), 409);
	CU_ASSERT_TRUE(visit_has(&v, "provider_credential_missing"));
	CU_ASSERT_EQUAL(provider_server_requests(server), asked);
	visit_free(&v);
}

static void
an_auditor_reads_and_changes_nothing(void)
{
	struct visit v = { 0 };

	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'auditor'"));
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-provider-anthropic-status\""));
	CU_ASSERT_FALSE(visit_has(&v, "id=\"setup-provider-openai-form\""));
	see(&v, SECURITY, "security");
	CU_ASSERT_FALSE(visit_has(&v, "id=\"settings-security-provider-"
	    "rotation-form\""));
	CU_ASSERT_EQUAL(post(&v, SAVE, "setup_provider[value]=" KEY_ONE), 403);
	CU_ASSERT_EQUAL(post(&v, SAVE "/check", ""), 403);
	CU_ASSERT_EQUAL(post(&v, "/setup/complete", ""), 403);
	CU_ASSERT_EQUAL(rotate(&v, "security_provider_rotation[value]="
	    KEY_ONE), 403);
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'owner'"));
	visit_free(&v);
}

static void
what_cannot_be_read_or_written_is_said(void)
{
	struct visit v = { 0 };

	CU_ASSERT_TRUE(house_do(&visit_house,
	    "RENAME TABLE provider_credential TO gone"));
	v = (struct visit){ .path = SETUP, .cookie = visit_session };
	visit_both(&v, 503, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "provider_credential_unavailable"));
	CU_ASSERT_EQUAL(post(&v, SAVE "/check", ""), 503);
	CU_ASSERT_EQUAL(post(&v, SECURITY "/providers/anthropic/check", ""),
	    503);
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "RENAME TABLE gone TO provider_credential"));
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE rotation TO gone"));
	v = (struct visit){ .path = SECURITY, .cookie = visit_session,
	    .answer = v.answer };
	visit_both(&v, 503, "security");
	CU_ASSERT_TRUE(house_do(&visit_house, "RENAME TABLE gone TO rotation"));
	/* Without its audit row set-up is not completed. */
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE setup SET providers_done_at = NULL"));
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "RENAME TABLE audit_event TO gone"));
	CU_ASSERT_EQUAL(post(&v, "/setup/complete", ""), 503);
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "RENAME TABLE gone TO audit_event"));
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-step\""));
	visit_free(&v);
}

#define DUE	"id=\"settings-security-provider-due-at-anthropic\"><strong>" \
    "check is due<"

/* Saved where secrets are saved, nobody has asked the provider yet. */
static void
a_key_that_was_not_checked_yet_says_that_a_check_is_due(void)
{
	struct visit v = { 0 };

	see(&v, SECURITY, "security");
	CU_ASSERT_FALSE(visit_has(&v, DUE));
	CU_ASSERT_EQUAL(post(&v, SECURITY, "security_secret[scope]=integration"
	    "&security_secret[name]=providers/anthropic_api_key"
	    "&security_secret[value]=" KEY_TWO), 303);
	see(&v, SECURITY, "security");
	CU_ASSERT_TRUE(visit_has(&v, DUE));
	see(&v, SETUP, "setup");
	CU_ASSERT_EQUAL(post(&v, SECURITY "/providers/anthropic/check", ""),
	    303);
	see(&v, SECURITY, "security");
	CU_ASSERT_FALSE(visit_has(&v, DUE));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(strangers_are_shown_no_provider),
	TEST(st_sec_009_ac3_the_page_says_that_both_sources_are_missing),
	TEST(st_sec_009_ac1_the_environment_takes_no_key_on_the_page),
	TEST(set_up_is_not_complete_without_a_provider),
	TEST(st_sec_007_ac3_an_unreachable_provider_is_shown_with_its_class),
	TEST(st_sec_007_ac1_a_refused_key_is_invalid_and_a_good_one_active),
	TEST(a_form_that_is_refused_or_malformed_says_so),
	TEST(set_up_is_completed_once_and_can_be_run_again),
	TEST(st_sec_008_ac1_a_rotation_shows_before_and_after),
	TEST(st_sec_008_ac3_a_rotation_that_is_rolled_back_is_shown),
	TEST(a_refused_current_key_asks_for_the_tick),
	TEST(a_rotation_that_goes_on_is_visible),
	TEST(a_rotation_that_is_stuck_is_visible_and_can_be_cancelled),
	TEST(a_key_that_was_not_checked_yet_says_that_a_check_is_due),
	TEST(what_is_no_rotation_is_refused_before_anybody_is_asked),
	TEST(an_auditor_reads_and_changes_nothing),
	TEST(what_cannot_be_read_or_written_is_said),
};

SUITE_MAIN("cgi/provider_pages", tests, open_house, close_house)
