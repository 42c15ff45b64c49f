/*
 * Goal: a person with a real browser, without JavaScript, sets up, signs in,
 * stores a secret, reads its detail and signs out. Pictures of each page, in
 * light and dark, wide and narrow, are kept under build/screenshots.
 */

#include "tests/browser/picture.h"

#define VALUE	"browser-secret-value-6e0f"
#define NAME	"providers/openai_api_key"

static void
the_set_up_link_opens_the_set_up_page(void)
{
	char * link = instance_setup_link(inst);
	char * url;

	CU_ASSERT_PTR_NOT_NULL_FATAL(link);
	CU_ASSERT_EQUAL_FATAL(webdriver_go(w, link), 0);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w, "#setup-form", WAIT), 0);
	url = webdriver_url(w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(url);
	CU_ASSERT_PTR_NULL(strstr(url, "token"));
	picture("setup");
	free(url);
	free(link);
}

static void
the_owner_is_created(void)
{

	CU_ASSERT_EQUAL(webdriver_type(w, "[name='setup[email]']",
	    WALK_EMAIL), 0);
	CU_ASSERT_EQUAL(webdriver_type(w, "[name='setup[password]']",
	    WALK_PASSWORD), 0);
	CU_ASSERT_EQUAL(webdriver_type(w,
	    "[name='setup[password_confirmation]']", WALK_PASSWORD), 0);
	CU_ASSERT_EQUAL(webdriver_click(w, "#setup-form button"), 0);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w, "#login-form", WAIT), 0);
	picture("login");
}

static void
the_owner_signs_in(void)
{

	CU_ASSERT_EQUAL(webdriver_type(w, "[name='login[email]']",
	    WALK_EMAIL), 0);
	CU_ASSERT_EQUAL(webdriver_type(w, "[name='login[password]']",
	    "not the right one"), 0);
	CU_ASSERT_EQUAL(webdriver_click(w, "#login-form button"), 0);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w, "#login-error h2", WAIT), 0);
	CU_ASSERT(shows("#login-error-recovery", "strongroom owner reset"));
	picture("login-refused");
	CU_ASSERT_EQUAL(webdriver_type(w, "[name='login[password]']",
	    WALK_PASSWORD), 0);
	CU_ASSERT_EQUAL(webdriver_click(w, "#login-form button"), 0);
	/* Set-up has another step, which can wait. */
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w, "#setup-later", WAIT), 0);
	CU_ASSERT_EQUAL(webdriver_click(w, "#setup-later"), 0);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w,
	    "#settings-security-secret-form", WAIT), 0);
	CU_ASSERT(shows("#settings-security-secret-metadata",
	    "No secret is stored yet."));
	picture("security-empty");
}

static void
a_secret_is_stored(void)
{

	CU_ASSERT_EQUAL(webdriver_type(w, "[name='security_secret[scope]']",
	    "integration"), 0);
	CU_ASSERT_EQUAL(webdriver_type(w, "[name='security_secret[name]']",
	    NAME), 0);
	CU_ASSERT_EQUAL(webdriver_type(w, "[name='security_secret[value]']",
	    VALUE), 0);
	CU_ASSERT_EQUAL(webdriver_click(w,
	    "#settings-security-secret-form button"), 0);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w,
	    "#settings-security-secret-metadata tbody tr", WAIT), 0);
	CU_ASSERT(shows("#notice", NAME));
	CU_ASSERT(shows("#settings-security-secret-metadata", NAME));
	CU_ASSERT(source_is_free_of(VALUE));
	picture("security");
}

static void
its_detail_shows_version_and_history(void)
{

	CU_ASSERT_EQUAL(webdriver_click(w,
	    "#settings-security-secret-metadata tbody a"), 0);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w,
	    "#settings-security-secret-audit-log", WAIT), 0);
	CU_ASSERT(shows("#settings-security-secret-audit-log", "CREATE"));
	CU_ASSERT(shows("#settings-security-secret-audit-log", WALK_EMAIL));
	CU_ASSERT(source_is_free_of(VALUE));
	picture("detail");
}

static void
a_refused_form_keeps_what_was_typed(void)
{
	char * name;

	go("/settings/security");
	CU_ASSERT_EQUAL(webdriver_type(w, "[name='security_secret[name]']",
	    "two words"), 0);
	CU_ASSERT_EQUAL(webdriver_type(w, "[name='security_secret[value]']",
	    VALUE), 0);
	CU_ASSERT_EQUAL(webdriver_click(w,
	    "#settings-security-secret-form button"), 0);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w,
	    "#settings-security-secret-error-type", WAIT), 0);
	CU_ASSERT(shows("#settings-security-secret-error-type",
	    "secret_name_invalid"));
	name = webdriver_property(w, "[name='security_secret[name]']",
	    "value");
	CU_ASSERT_PTR_NOT_NULL_FATAL(name);
	CU_ASSERT_STRING_EQUAL(name, "two words");
	CU_ASSERT(source_is_free_of(VALUE));
	picture("refused");
	free(name);
}

static void
no_page_complains_in_the_console(void)
{
	char * said, * large;

	go("/");
	picture("front");
	go("/errors/secret_encryption_unavailable");
	picture("error-type");
	go("/no/such/page");
	picture("not-found");
	/* Of the web server alone; no worker ever sees it. */
	large = calloc(1, 20000);
	CU_ASSERT_PTR_NOT_NULL_FATAL(large);
	memset(large, 'a', 19999);
	memcpy(large, "/errors?", 8);
	go(large);
	free(large);
	CU_ASSERT(shows("#error-recovery", "cookies"));
	picture("web-server");
	go("/settings/security");
	said = webdriver_console(w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(said);
	/* The 404 and the 422 above are the browser's own lines. */
	if (strstr(said, "Content Security Policy") != NULL)
		suite_note("%s", said);
	CU_ASSERT_PTR_NULL(strstr(said, "Content Security Policy"));
	CU_ASSERT_PTR_NULL(strstr(said, "MIME"));
	free(said);
}

static void
signing_out_leads_out(void)
{

	CU_ASSERT_EQUAL(webdriver_click(w, "#logout-form button"), 0);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w, "#notice", WAIT), 0);
	go("/settings/security");
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w, "#login-form", WAIT), 0);
}

static const struct suite_test tests[] = {
	TEST(the_set_up_link_opens_the_set_up_page),
	TEST(the_owner_is_created),
	TEST(the_owner_signs_in),
	TEST(a_secret_is_stored),
	TEST(its_detail_shows_version_and_history),
	TEST(a_refused_form_keeps_what_was_typed),
	TEST(no_page_complains_in_the_console),
	TEST(signing_out_leads_out),
};

SUITE_MAIN("browser/story", tests, start, stop)
