/*
 * Goal: in a real browser and without JavaScript, somebody is invited, sets a
 * password, sets up a second factor with the code of an authenticator, signs in
 * with it, and is signed out by the owner. Pictures are under
 * build/screenshots.
 */

#include "tests/browser/picture.h"
#include "tests/harness/authenticator.h"

#define GUEST	"guest@example.org"
#define WORDS	"a password of the guest"

static char * invitation;	/* The link. */
static char * seed;

static void
sign_in_as_guest(void)
{

	go("/login");
	type_into("login[email]", GUEST);
	type_into("login[password]", WORDS);
	press("#login-form button");
}

static void
the_owner_invites_somebody(void)
{
	struct http * h = instance_client(inst);

	CU_ASSERT_EQUAL_FATAL(walk_owner(inst, h), 0);
	http_free(&h);
	sign_in_there();
	go("/settings/accounts");
	CU_ASSERT(shows("#accounts-list", WALK_EMAIL));
	type_into("account[email]", WALK_EMAIL);
	press("#account-invite-form button");
	arrives("#account-error-type");
	CU_ASSERT(shows("#account-error-type", "account_exists"));
	CU_ASSERT_EQUAL(webdriver_clear(w, "#account-email"), 0);
	type_into("account[email]", GUEST);
	press("#account-invite-form button");
	arrives("#account-invitation-link");
	invitation = webdriver_text(w, "#account-invitation-link");
	CU_ASSERT_PTR_NOT_NULL_FATAL(invitation);
	picture("people-invited");
	go("/settings/accounts");
	CU_ASSERT(shows("#accounts-invited", GUEST));
	picture("people-accounts");
}

/* The link names the site's address, which is not this instance's port. */
static void
the_guest_chooses_a_password(void)
{
	const char * path = strstr(invitation, "/invitation?");

	CU_ASSERT_PTR_NOT_NULL_FATAL(path);
	CU_ASSERT_EQUAL(webdriver_forget_cookies(w), 0);
	go(path);
	arrives("#invitation-form");
	CU_ASSERT(shows("#invitation-email", GUEST));
	CU_ASSERT(source_is_free_of(path + strlen("/invitation?token=")));
	picture("people-invitation");
	type_into("invitation[password]", WORDS);
	type_into("invitation[password_confirmation]", "another one of these");
	press("#invitation-form button");
	arrives("#invitation-error-type");
	CU_ASSERT(shows("#invitation-error-type", "password_mismatch"));
	type_into("invitation[password]", WORDS);
	type_into("invitation[password_confirmation]", WORDS);
	press("#invitation-form button");
	arrives("#login-form");
	CU_ASSERT(shows("#notice", "Your account is ready"));
	sign_in_as_guest();
	arrives("#visitor-email");
	CU_ASSERT(shows("#visitor-email", GUEST));
	go(path);
	arrives("#error-type");
	CU_ASSERT(shows("#error-type", "invitation_invalid"));
}

static void
a_second_factor_is_set_up(void)
{
	char code[7];

	press("#visitor-email");
	arrives("#account-factor-form");
	picture("people-account");
	type_into("factor[current_password]", WORDS);
	press("#account-factor-form button");
	arrives("#account-factor-qr");
	seed = webdriver_text(w, "#account-factor-seed");
	CU_ASSERT_PTR_NOT_NULL_FATAL(seed);
	picture("people-factor");
	authenticator_code(seed, 0, code);
	type_into("account[code]", "000000");
	press("#account-factor-confirm-form button");
	arrives("#account-factor-error-type");
	CU_ASSERT(shows("#account-factor-error-type",
	    "second_factor_refused"));
	CU_ASSERT(source_is_free_of(seed));
	type_into("account[code]", code);
	press("#account-factor-confirm-form button");
	arrives("#account-recovery-code-list");
	picture("people-recovery-codes");
	go("/settings/account");
	CU_ASSERT(shows("#account-factor-state", "on"));
	CU_ASSERT(shows("#account-recovery-codes", "10"));
}

static void
signing_in_asks_for_a_code(void)
{
	char code[7];

	press("#logout-form button");
	arrives("#login-form");
	sign_in_as_guest();
	arrives("#login-code-form");
	picture("people-code");
	type_into("login[code]", "000000");
	press("#login-code-form button");
	arrives("#login-error-type");
	CU_ASSERT(shows("#login-error-type", "second_factor_refused"));
	authenticator_code(seed, 1, code);
	type_into("login[code]", code);
	press("#login-code-form button");
	arrives("#settings-security-token-list");
	CU_ASSERT(shows("#settings-security-token-list", GUEST));
}

static void
the_owner_ends_the_session_and_the_guest_is_out(void)
{
	struct http * h = walk_in(inst);
	char * cookie = webdriver_cookie(w, "sr_session");
	struct http_reply * r;
	char * id;

	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	r = http_get(h, "/settings/security");
	id = http_xpath(r, "string(//table[@id='settings-security-token-list']"
	    "//tr[contains(., '" GUEST "') and contains(., 'active')]//form"
	    "/@id)");
	CU_ASSERT_EQUAL(strncmp(id, "settings-security-revoke-token-", 31), 0);
	http_reply_free(&r);
	r = http_get(h, "/settings/security");
	{
		struct http_reply * done = http_submit(h, r, id, HTTP_FIELDS(
		    { NULL, NULL }));

		CU_ASSERT_EQUAL(done->status, 303);
		http_reply_free(&done);
	}
	go("/settings/security");
	arrives("#login-form");
	CU_ASSERT(shows("#notice", "session has ended"));
	free(cookie);
	free(id);
	http_reply_free(&r);
	http_free(&h);
}

static void
no_page_complained_in_the_console(void)
{
	char * said = webdriver_console(w);

	CU_ASSERT_PTR_NOT_NULL_FATAL(said);
	CU_ASSERT_PTR_NULL(strstr(said, "Content Security Policy"));
	free(said);
	free(seed);
	free(invitation);
}

static const struct suite_test tests[] = {
	TEST(the_owner_invites_somebody),
	TEST(the_guest_chooses_a_password),
	TEST(a_second_factor_is_set_up),
	TEST(signing_in_asks_for_a_code),
	TEST(the_owner_ends_the_session_and_the_guest_is_out),
	TEST(no_page_complained_in_the_console),
};

SUITE_MAIN("browser/people", tests, start, stop)
