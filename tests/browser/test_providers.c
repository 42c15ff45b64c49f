/*
 * Goal: providers in a real browser, without JavaScript, against a provider of
 * ours: set-up's second step, health, where a credential comes from, rotation.
 * Pictures of each page are kept under build/screenshots.
 */

#include "tests/browser/picture.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/provider.h"

#define KEY_ONE		"sk-" "ant-test-5Zr8Qk2LmW9xTv4BnP7s"
#define KEY_TWO		"sk-" "ant-test-Yt3Hd8Wq1ZxC6vBn0Lm4"
#define KEY_BAD		"sk-" "ant-test-not-this-one-1234567"
#define KEY_ENV		"github-of-the-environment-0123456789"
#define ANTHROPIC	"#setup-provider-anthropic"
#define ROTATION	"#settings-security-provider-rotation"

static struct provider_server * server;

static int
begin(void)
{
	const struct webdriver_options options = { .no_script = true };
	static char url[256], pat[256], openai[256], ca[512];
	const char * settings[] = { url, pat, openai, ca,
	    "STRONGROOM_PROVIDERS_ATTEMPTS=1",
	    "STRONGROOM_ROTATION_PAUSE_SECONDS=0", "GITHUB_PAT=" KEY_ENV,
	    NULL };
	const struct instance_options o = { .settings = settings };

	(void)mkdir("build", 0777);
	(void)mkdir(SHOTS, 0777);
	server = provider_server_start(suite_tmpdir(),
	    PROVIDER_CERTIFICATE_GOOD);
	if (server == NULL)
		return (-1);
	provider_server_good(server, KEY_ONE);
	provider_server_good(server, KEY_TWO);
	(void)snprintf(url, sizeof(url), "STRONGROOM_PROVIDER_ANTHROPIC_"
	    "BASE_URL=%s", provider_server_url(server));
	(void)snprintf(pat, sizeof(pat), "STRONGROOM_PROVIDER_GITHUB_PAT_"
	    "BASE_URL=%s", provider_server_url(server));
	(void)snprintf(openai, sizeof(openai), "STRONGROOM_PROVIDER_OPENAI_"
	    "BASE_URL=http://127.0.0.1:1");
	(void)snprintf(ca, sizeof(ca), "STRONGROOM_PROVIDERS_TLS_CA=%s",
	    provider_server_ca(server));
	if ((inst = instance_start(&o)) == NULL)
		return (-1);
	return ((w = webdriver_start(&options)) == NULL ? -1 : 0);
}

static int
end(void)
{
	int rc = stop();

	provider_server_stop(&server);
	return (rc);
}

static bool
no_key_is_shown(void)
{

	return (source_is_free_of(KEY_ONE) && source_is_free_of(KEY_TWO) &&
	    source_is_free_of(KEY_BAD) && source_is_free_of(KEY_ENV));
}

/* The whole text of an element. */
static bool
reads(const char * css, const char * text)
{
	char * there = webdriver_text(w, css);
	bool same = there != NULL && strcmp(there, text) == 0;

	if (!same)
		suite_note("%s reads \"%s\"", css, there == NULL ? "" : there);
	free(there);
	return (same);
}

static void
store(const char * provider, const char * value)
{
	char * css = text_format("#setup-provider-%s-value", provider);
	char * button = text_format("#setup-provider-%s-form button",
	    provider);

	/* Without a notice, so that the next one is the answer's. */
	go("/setup");
	CU_ASSERT_EQUAL(webdriver_type(w, css, value), 0);
	press(button);
	arrives("#notice");
	CU_ASSERT_TRUE(no_key_is_shown());
	free(css);
	free(button);
}

static void
check_again(void)
{

	go("/setup");
	press(ANTHROPIC "-check button");
	arrives("#notice");
}

static void
the_owner_goes_on_to_the_providers(void)
{
	char * link = instance_setup_link(inst);

	CU_ASSERT_PTR_NOT_NULL_FATAL(link);
	CU_ASSERT_EQUAL_FATAL(webdriver_go(w, link), 0);
	free(link);
	arrives("#setup-form");
	type_into("setup[email]", WALK_EMAIL);
	type_into("setup[password]", WALK_PASSWORD);
	type_into("setup[password_confirmation]", WALK_PASSWORD);
	press("#setup-form button");
	arrives("#login-form");
	type_into("login[email]", WALK_EMAIL);
	type_into("login[password]", WALK_PASSWORD);
	press("#login-form button");
	arrives("#setup-providers");
	CU_ASSERT(shows("#setup-step", "One step is left"));
}

static void
st_sec_009_ac1_the_environment_wins_and_the_page_says_why(void)
{

	CU_ASSERT(shows("#setup-provider-github_pat-source", "Environment"));
	CU_ASSERT(shows("#setup-provider-github_pat-source", "GITHUB_PAT"));
	CU_ASSERT(shows("#setup-provider-github_pat-environment-wins",
	    "no key is taken here"));
	CU_ASSERT_FALSE(webdriver_has(w, "#setup-provider-github_pat-form"));
	CU_ASSERT(shows(".precedence", "environment variable"));
	CU_ASSERT_TRUE(no_key_is_shown());
}

static void
st_sec_009_ac3_both_sources_missing_is_shown_with_what_to_do(void)
{

	CU_ASSERT(reads(ANTHROPIC "-error-type",
	    "anthropic_secret_unavailable"));
	CU_ASSERT(shows(ANTHROPIC "-remediation", "environment variable"));
	CU_ASSERT(reads(ANTHROPIC "-transition", "Not set"));
	press("#setup-complete-form button");
	arrives("#setup-complete-error-type");
	CU_ASSERT(reads("#setup-complete-error-type",
	    "setup_provider_required"));
	picture("providers-none");
	press("#setup-later");
	arrives("#settings-security-secret-form");
	go("/setup");
	CU_ASSERT(shows("#setup-step", "One step is left"));
}

static void
st_sec_007_ac1_a_refused_key_is_invalid_a_good_one_active(void)
{

	store("anthropic", KEY_BAD);
	CU_ASSERT(reads(ANTHROPIC "-status", "Invalid"));
	CU_ASSERT(reads(ANTHROPIC "-transition", "Not set -> Invalid"));
	CU_ASSERT(shows(ANTHROPIC "-error-type",
	    "anthropic_credentials_invalid"));
	CU_ASSERT(reads(ANTHROPIC "-verified-at", "Never"));
	picture("providers-refused");
	store("anthropic", KEY_ONE);
	CU_ASSERT(reads(ANTHROPIC "-status", "Active"));
	CU_ASSERT(reads(ANTHROPIC "-transition", "Invalid -> Active"));
	CU_ASSERT(reads(ANTHROPIC "-error-type", "None"));
	CU_ASSERT(shows(ANTHROPIC "-verified-at", "UTC"));
	CU_ASSERT(shows(ANTHROPIC "-source", "Encrypted reference"));
	CU_ASSERT(shows(ANTHROPIC "-source",
	    "integration/providers/anthropic_api_key: stored, version 2"));
}

static void
st_sec_007_ac3_an_endpoint_that_fails_keeps_the_verified_time(void)
{
	char * before = webdriver_attribute(w, ANTHROPIC "-verified-at time",
	    "datetime");
	char * after;

	provider_server_mode(server, PROVIDER_MODE_500);
	check_again();
	CU_ASSERT(reads(ANTHROPIC "-transition", "Active -> Invalid"));
	CU_ASSERT(shows(ANTHROPIC "-error-type",
	    "anthropic_provider_check_failed (server error)"));
	after = webdriver_attribute(w, ANTHROPIC "-verified-at time",
	    "datetime");
	CU_ASSERT(before != NULL && after != NULL &&
	    strcmp(before, after) == 0);
	free(before);
	free(after);
	store("openai", KEY_TWO "-of-openai");
	CU_ASSERT(shows("#setup-provider-openai-error-type", "(unreachable)"));
	picture("providers-failed");
	provider_server_mode(server, PROVIDER_MODE_KEYS);
}

/* Neither pages nor logs nor the database have what the provider echoes. */
static void
what_a_provider_echoes_is_nowhere(void)
{
	char * log, * rows;

	provider_server_mode(server, PROVIDER_MODE_ECHO);
	check_again();
	CU_ASSERT(shows(ANTHROPIC "-error-type",
	    "anthropic_credentials_invalid"));
	CU_ASSERT_TRUE(no_key_is_shown());
	log = instance_log(inst);
	CU_ASSERT(log != NULL && strstr(log, KEY_ONE) == NULL);
	rows = mariadb_dump(instance_database(inst));
	CU_ASSERT(rows != NULL && strstr(rows, KEY_ONE) == NULL);
	free(log);
	free(rows);
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	check_again();
	CU_ASSERT(reads(ANTHROPIC "-status", "Active"));
}

static void
set_up_is_completed_and_can_be_seen_again(void)
{

	press("#setup-complete-form button");
	arrives("#setup-done");
	CU_ASSERT(shows("#setup-done", "complete"));
	CU_ASSERT_FALSE(webdriver_has(w, "#setup-complete-form"));
	picture("providers-done");
}

static void
rotate_to(const char * value)
{

	go("/settings/security");
	CU_ASSERT_EQUAL(webdriver_type(w,
	    "#security-provider-rotation-provider", "Anthropic"), 0);
	type_into("security_provider_rotation[value]", value);
	press(ROTATION "-form button");
}

static void
st_sec_008_ac1_a_rotation_passes_before_and_after(void)
{

	go("/settings/security");
	CU_ASSERT(reads(ROTATION "-before-status", "None"));
	rotate_to(KEY_TWO);
	arrives("#notice");
	CU_ASSERT(reads(ROTATION "-before-status", "Passed"));
	CU_ASSERT(reads(ROTATION "-after-status", "Passed"));
	CU_ASSERT(reads(ROTATION "-rollback-status", "No"));
	CU_ASSERT(reads(ROTATION "-continuity-alarm", "No"));
	CU_ASSERT(reads(ROTATION "-error-type", "None"));
	CU_ASSERT(shows(ROTATION "-state", "Version 2 to 3"));
	CU_ASSERT(shows("#settings-security-provider-status-anthropic",
	    "Active"));
	CU_ASSERT_TRUE(no_key_is_shown());
	picture("providers-rotated");
}

static void
st_sec_008_ac3_a_rotation_that_fails_rolls_back(void)
{

	rotate_to(KEY_BAD);
	arrives("#notice");
	CU_ASSERT(reads(ROTATION "-before-status", "Passed"));
	CU_ASSERT(reads(ROTATION "-after-status", "Failed"));
	CU_ASSERT(reads(ROTATION "-rollback-status", "Yes"));
	CU_ASSERT(reads(ROTATION "-continuity-alarm", "No"));
	CU_ASSERT(reads(ROTATION "-error-type",
	    "provider_rotation_validation_failed"));
	CU_ASSERT(shows("#settings-security-provider-status-anthropic",
	    "Active"));
	CU_ASSERT(shows("#settings-security-provider-source-anthropic",
	    "version 3"));
	CU_ASSERT_TRUE(no_key_is_shown());
	picture("providers-rolled-back");
}

static void
a_refused_rotation_says_how_to_go_on(void)
{

	provider_server_bad(server, KEY_TWO);
	rotate_to(KEY_ONE);
	arrives(ROTATION "-error");
	CU_ASSERT(reads(ROTATION "-error-type",
	    "provider_rotation_precheck_failed"));
	CU_ASSERT(shows(ROTATION "-error-recovery", "confirm"));
	CU_ASSERT(reads(ROTATION "-before-status", "Failed"));
	picture("providers-precheck");
	type_into("security_provider_rotation[value]", KEY_ONE);
	press("#security-provider-rotation-confirm");
	press(ROTATION "-form button");
	arrives("#notice");
	CU_ASSERT(reads(ROTATION "-before-status", "Failed"));
	CU_ASSERT(reads(ROTATION "-after-status", "Passed"));
	CU_ASSERT(reads(ROTATION "-error-type", "None"));
}

static void
a_rotation_that_is_going_on_is_seen(void)
{
	struct mariadb * m = instance_database(inst);

	free(mariadb_sql(m, "UPDATE rotation SET open_mark = 1, state ="
	    " 'switched', finished_at = NULL, after_outcome = NULL, next_at ="
	    " '2999-01-01', deadline = '2999-01-01' ORDER BY started_at DESC"
	    " LIMIT 1"));
	free(mariadb_sql(m, "UPDATE provider_credential SET former_status ="
	    " status, status = 'rotating' WHERE provider = 'anthropic'"));
	go("/settings/security");
	CU_ASSERT(shows("#provider-anthropic-rotation", "switched"));
	CU_ASSERT(shows(ROTATION "-state", "goes on by itself"));
	picture("providers-rotating");
	free(mariadb_sql(m, "UPDATE rotation SET open_mark = NULL, state ="
	    " 'done' WHERE open_mark = 1"));
}

static void
no_page_complained_in_the_console(void)
{
	char * said = webdriver_console(w);

	CU_ASSERT_PTR_NOT_NULL_FATAL(said);
	CU_ASSERT_PTR_NULL(strstr(said, "Content Security Policy"));
	free(said);
}

static const struct suite_test tests[] = {
	TEST(the_owner_goes_on_to_the_providers),
	TEST(st_sec_009_ac1_the_environment_wins_and_the_page_says_why),
	TEST(st_sec_009_ac3_both_sources_missing_is_shown_with_what_to_do),
	TEST(st_sec_007_ac1_a_refused_key_is_invalid_a_good_one_active),
	TEST(st_sec_007_ac3_an_endpoint_that_fails_keeps_the_verified_time),
	TEST(what_a_provider_echoes_is_nowhere),
	TEST(set_up_is_completed_and_can_be_seen_again),
	TEST(st_sec_008_ac1_a_rotation_passes_before_and_after),
	TEST(st_sec_008_ac3_a_rotation_that_fails_rolls_back),
	TEST(a_refused_rotation_says_how_to_go_on),
	TEST(a_rotation_that_is_going_on_is_seen),
	TEST(no_page_complained_in_the_console),
};

SUITE_MAIN("browser/providers", tests, begin, end)
