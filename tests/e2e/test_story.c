/*
 * Goal: a person with a browser's abilities sets the instance up, signs in,
 * stores a secret, sees what is known about it and signs out, over a real web
 * server and a real database; and again after a restart.
 */

#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define FIRST_VALUE	"first-value-of-the-story-3f9c"
#define SECOND_VALUE	"second-value-of-the-story-77ab"

static struct instance * inst;
static struct http * owner;

static int
start(void)
{

	return ((inst = instance_start(NULL)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static bool
text_is(struct http_reply * r, const char * xpath, const char * expected)
{
	char * text = http_xpath(r, xpath);
	bool same = strcmp(text, expected) == 0;

	if (!same)
		suite_note("%s is \"%s\", not \"%s\"", xpath, text, expected);
	free(text);
	return (same);
}

/* The path of the detail page of the first secret in the table. */
static char *
detail_path(void)
{
	struct http_reply * r = http_get(owner, "/settings/security");
	char * path = http_xpath(r, "string(//table"
	    "[@id='settings-security-secret-metadata']//a/@href)");

	http_reply_free(&r);
	return (path);
}

static void
before_the_owner_exists_the_site_says_that_it_waits(void)
{
	struct http * h = instance_client(inst);
	struct http_reply * r = http_get(h, "/setup");

	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(http_has(r, "System check"));
	CU_ASSERT_EQUAL(http_count(r, "//*[@id='setup-closed']"), 0);
	http_reply_free(&r);
	r = http_get(h, "/settings/security");
	CU_ASSERT_EQUAL(r->status, 303);
	http_reply_free(&r);
	http_free(&h);
}

static void
a_set_up_link_works_once(void)
{
	struct http * first = instance_client(inst);
	struct http * second = instance_client(inst);
	char * link = instance_setup_link(inst);
	struct http_reply * r;
	const char * path;

	CU_ASSERT_PTR_NOT_NULL_FATAL(link);
	path = link + strlen(instance_url(inst));
	r = http_get(first, path);
	CU_ASSERT_EQUAL(r->status, 303);
	http_reply_free(&r);
	r = http_get(second, path);
	CU_ASSERT_EQUAL(r->status, 403);
	CU_ASSERT(http_has(r, "setup_token_invalid"));
	http_reply_free(&r);
	free(link);
	http_free(&first);
	http_free(&second);
}

static void
the_owner_is_made_and_signs_in(void)
{

	owner = walk_in(inst);
	CU_ASSERT_PTR_NOT_NULL_FATAL(owner);
}

static void
set_up_is_closed_after_that(void)
{
	const char * const * args = INSTANCE_ARGS("owner", "link");
	struct http_reply * r = http_get(owner, "/setup");
	char * err = NULL;

	CU_ASSERT_EQUAL(http_count(r, "//*[@id='setup-step']"), 1);
	CU_ASSERT_EQUAL(http_count(r, "//form[@id='setup-form']"), 0);
	http_reply_free(&r);
	CU_ASSERT_EQUAL(instance_operator(inst, args, NULL, NULL, &err), 77);
	CU_ASSERT_PTR_NOT_NULL_FATAL(err);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "setup_closed"));
	free(err);
}

static void
st_sec_001_ac2_page_shows_metadata_and_no_value(void)
{
	struct http_reply * sent;
	struct http_reply * r;

	sent = walk_store(owner, "integration", "providers/anthropic_api_key",
	    FIRST_VALUE);
	CU_ASSERT_EQUAL(sent->status, 303);
	r = http_follow(owner, sent);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(http_has(r, "providers/anthropic_api_key"));
	CU_ASSERT_FALSE(http_has(r, FIRST_VALUE));
	CU_ASSERT(text_is(r, "string(//*[starts-with(@id, "
	    "'settings-security-secret-key-version-')])", "1"));
	CU_ASSERT(text_is(r, "string(//*[starts-with(@id, "
	    "'settings-security-secret-source-value-')])", "onboarding"));
	CU_ASSERT_EQUAL(http_count(r,
	    "//*[@id='settings-security-secret-audit-log']"), 1);
	http_reply_free(&sent);
	http_reply_free(&r);
}

static void
st_sec_003_ac1_detail_shows_version_and_rotation_time(void)
{
	struct http_reply * r;
	char * path;

	CU_ASSERT(walk_stored(owner, "integration",
	    "providers/anthropic_api_key", SECOND_VALUE));
	path = detail_path();
	r = http_get(owner, path);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(text_is(r, "string(//*[starts-with(@id, "
	    "'settings-security-secret-key-version-')])", "2"));
	CU_ASSERT(text_is(r, "string(//*[starts-with(@id, "
	    "'settings-security-secret-source-value-')])", "rotation"));
	CU_ASSERT(http_count(r, "//*[starts-with(@id, "
	    "'settings-security-secret-rotated-at-')]//time[@datetime]") == 1);
	CU_ASSERT_FALSE(http_has(r, FIRST_VALUE));
	CU_ASSERT_FALSE(http_has(r, SECOND_VALUE));
	http_reply_free(&r);
	free(path);
}

static void
st_sec_010_ac2_history_names_action_actor_and_outcome(void)
{
	char * path = detail_path();
	struct http_reply * r = http_get(owner, path);
	char * log = http_id_text(r, "settings-security-secret-audit-log");

	CU_ASSERT_PTR_NOT_NULL(strstr(log, "CREATE"));
	CU_ASSERT_PTR_NOT_NULL(strstr(log, "ROTATE"));
	CU_ASSERT_PTR_NOT_NULL(strstr(log, "outcome=succeeded"));
	CU_ASSERT_PTR_NOT_NULL(strstr(log, WALK_EMAIL));
	free(log);
	http_reply_free(&r);
	free(path);
}

static void
the_model_of_a_page_is_there_as_xml(void)
{
	struct http_reply * r;
	char * type;

	http_header(owner, "Accept: application/xml");
	r = http_get(owner, "/settings/security");
	type = http_reply_header(r, "Content-Type");
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_PTR_NOT_NULL_FATAL(type);
	CU_ASSERT_EQUAL(strncmp(type, "application/xml", 15), 0);
	CU_ASSERT(http_has(r, "providers/anthropic_api_key"));
	CU_ASSERT_FALSE(http_has(r, "<html"));
	CU_ASSERT_FALSE(http_has(r, SECOND_VALUE));
	http_header(owner, NULL);
	http_reply_free(&r);
	free(type);
}

static void
pages_are_never_cached_and_run_no_script(void)
{
	struct http_reply * r = http_get(owner, "/settings/security");
	char * cache = http_reply_header(r, "Cache-Control");
	char * csp = http_reply_header(r, "Content-Security-Policy");

	CU_ASSERT_PTR_NOT_NULL_FATAL(cache);
	CU_ASSERT_PTR_NOT_NULL(strstr(cache, "no-store"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(csp);
	CU_ASSERT_PTR_NOT_NULL(strstr(csp, "default-src 'none'"));
	CU_ASSERT_PTR_NULL(strstr(csp, "unsafe"));
	CU_ASSERT_EQUAL(http_count(r, "//script | //style | //*[@style]"), 0);
	http_reply_free(&r);
	free(cache);
	free(csp);
}

static void
a_restart_of_the_workers_keeps_session_and_secrets(void)
{
	struct http_reply * r;

	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
	r = http_get(owner, "/settings/security");
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(http_has(r, "providers/anthropic_api_key"));
	http_reply_free(&r);
}

static void
after_signing_out_the_session_is_gone(void)
{
	char * cookie = http_cookie(owner, "sr_session");
	struct http_reply * r = http_get(owner, "/settings/security");
	struct http_reply * sent;

	CU_ASSERT_PTR_NOT_NULL_FATAL(cookie);
	sent = http_submit(owner, r, "logout-form",
	    HTTP_FIELDS({ NULL, NULL }));
	CU_ASSERT_EQUAL(sent->status, 303);
	http_reply_free(&r);
	/* Not just out of the browser: the token is worth nothing any more. */
	http_set_cookie(owner, "sr_session", cookie);
	r = http_get(owner, "/settings/security");
	CU_ASSERT_EQUAL(r->status, 303);
	http_reply_free(&r);
	http_reply_free(&sent);
	free(cookie);
}

static const struct suite_test tests[] = {
	TEST(before_the_owner_exists_the_site_says_that_it_waits),
	TEST(a_set_up_link_works_once),
	TEST(the_owner_is_made_and_signs_in),
	TEST(set_up_is_closed_after_that),
	TEST(st_sec_001_ac2_page_shows_metadata_and_no_value),
	TEST(st_sec_003_ac1_detail_shows_version_and_rotation_time),
	TEST(st_sec_010_ac2_history_names_action_actor_and_outcome),
	TEST(the_model_of_a_page_is_there_as_xml),
	TEST(pages_are_never_cached_and_run_no_script),
	TEST(a_restart_of_the_workers_keeps_session_and_secrets),
	TEST(after_signing_out_the_session_is_gone),
};

SUITE_MAIN("e2e/story", tests, start, stop)
