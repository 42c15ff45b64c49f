/*
 * Goal: after people have typed passwords and codes, and were shown keys, seeds
 * and links once, a full image of the worker's memory has none of them. Uses
 * the plain build: sanitizers keep freed memory as it was.
 */

#include "tests/e2e/imaged.h"
#include "tests/harness/authenticator.h"

#define ACCOUNT	"/settings/account"

static char * password;			/* The owner's. */
static char * seed;			/* Of his second factor. */
static char * recovery;			/* One of his codes. */

/* Submit the form of the page at ${path}. */
static struct http_reply *
fill_in(const char * path, const char * form, const struct http_field * fields,
    long status)
{
	struct http_reply * page = http_get(owner, path), * sent;

	sent = http_submit(owner, page, form, fields);
	if (sent->status != status)
		suite_note("%s %s: %ld %.3000s", path, form, sent->status,
		    sent->body);
	CU_ASSERT_EQUAL_FATAL(sent->status, status);
	http_reply_free(&page);
	return (sent);
}

static void
done(struct http_reply * r)
{

	http_reply_free(&r);
}

static void
a_password_that_is_changed(void)
{
	char * wanted = new_value();

	done(fill_in(ACCOUNT, "account-password-form", HTTP_FIELDS(
	    { "account[current_password]", WALK_PASSWORD },
	    { "account[password]", wanted },
	    { "account[password_confirmation]", wanted }), 303));
	password = wanted;
	leaves_nothing("password, changed");
}

/* The picture says the seed as well: pieces of it that are no other's. */
static void
take_picture(const struct http_reply * r)
{
	char * picture = shown(r, "crispEdges\" d=\"", "\"");

	CU_ASSERT(strlen(picture) > 1000);
	for (size_t i = strlen(picture) / 4; i + 32 < strlen(picture); i += 32)
		needles_raw(needles, picture + i, 32);
	free(picture);
}

static void
a_second_factor(void)
{
	struct http_reply * r;
	const char * p;
	char code[7];

	r = fill_in(ACCOUNT, "account-factor-form", HTTP_FIELDS(
	    { "factor[current_password]", password }), 200);
	seed = shown(r, "class=\"once\">", "<");
	is_secret(seed);
	take_picture(r);
	leaves_nothing("seed of a second factor, shown");
	authenticator_code(seed, 0, code);
	done(fill_in(ACCOUNT, "account-factor-confirm-form", HTTP_FIELDS(
	    { "account[code]", "000000" }), 401));
	done(r);
	r = fill_in(ACCOUNT, "account-factor-confirm-form", HTTP_FIELDS(
	    { "account[code]", code }), 200);
	for (p = r->body; (p = strstr(p, "<li><code>")) != NULL; p++) {
		free(recovery);
		recovery = strndup(p + strlen("<li><code>"), 19);
		is_secret(recovery);
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(recovery);
	done(r);
	leaves_nothing("recovery codes, shown");
}

/* The cookie of ${name} is as good as a password. */
static void
take_cookie(const char * name)
{
	char * value = http_cookie(owner, name);

	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	is_secret(value);
	free(value);
}

static void
sign_in(const char * code)
{

	http_forget_cookies(owner);
	done(fill_in("/login", "login-form", HTTP_FIELDS(
	    { "login[email]", WALK_EMAIL },
	    { "login[password]", password }), 303));
	take_cookie("sr_step");
	leaves_nothing("sign-in, password");
	done(fill_in("/login/code", "login-code-form", HTTP_FIELDS(
	    { "login[code]", code }), 303));
	take_cookie("sr_session");
}

static void
a_sign_in_with_a_second_factor(void)
{
	char code[7];

	authenticator_code(seed, 1, code);
	sign_in(code);
	leaves_nothing("sign-in, code of an authenticator");
	sign_in(recovery);
	leaves_nothing("sign-in, recovery code");
	done(http_get(owner, "/settings/security"));
	leaves_nothing("a page, with the session's cookie");
}

/* A password in the wrong field, and one that is wrong. */
static void
a_sign_in_that_is_refused(void)
{
	struct http * stranger = instance_client(inst);
	struct http_reply * page = http_get(stranger, "/login");
	char * wrong = new_value();

	done(http_submit(stranger, page, "login-form", HTTP_FIELDS(
	    { "login[email]", WALK_EMAIL }, { "login[password]", wrong })));
	leaves_nothing("sign-in, refused");
	done(http_submit(stranger, page, "login-form", HTTP_FIELDS(
	    { "login[email]", wrong }, { "login[password]", wrong })));
	leaves_nothing("sign-in, a password for a name");
	free(wrong);
	done(page);
	http_free(&stranger);
}

static void
a_key_that_is_made(void)
{
	struct http_reply * r;
	char * key;

	r = fill_in("/settings/security", "settings-security-api-key-form",
	    HTTP_FIELDS({ "api_key[name]", "image/made" },
	    { "api_key[scopes]", "secrets:read" }), 200);
	key = shown(r, "sr" "k_", "< \"\n");
	CU_ASSERT_EQUAL(strlen(key), 49);
	is_secret(key);
	free(key);
	done(r);
	leaves_nothing("API key, made on the page");
}

static void
an_invitation(void)
{
	struct http * guest = instance_client(inst);
	struct http_reply * r, * page;
	char * link, * path, * csrf, * chosen = new_value();

	r = fill_in("/settings/accounts", "account-invite-form", HTTP_FIELDS(
	    { "account[email]", "guest@example.org" },
	    { "account[role]", "auditor" }), 200);
	link = shown(r, "/invitation?token=", "<");
	is_secret(link);
	done(r);
	leaves_nothing("invitation, made");
	path = text_format("/invitation?token=%s", link);
	page = http_get(guest, path);
	CU_ASSERT_EQUAL(page->status, 200);
	leaves_nothing("invitation, opened");
	/* Its form goes to where it came from. */
	csrf = http_csrf(page, "invitation-form");
	done(page);
	r = http_post(guest, path, HTTP_FIELDS({ "_csrf", csrf },
	    { "invitation[password]", chosen },
	    { "invitation[password_confirmation]", chosen }));
	CU_ASSERT_EQUAL(r->status, 303);
	done(r);
	free(csrf);
	leaves_nothing("invitation, accepted");
	free(path);
	free(link);
	free(chosen);
	http_free(&guest);
}

static int
stop(void)
{

	free(password);
	free(seed);
	free(recovery);
	return (imaged_stop());
}

static const struct suite_test tests[] = {
	TEST(a_password_that_is_changed),
	TEST(a_second_factor),
	TEST(a_sign_in_with_a_second_factor),
	TEST(a_sign_in_that_is_refused),
	TEST(a_key_that_is_made),
	TEST(an_invitation),
};

SUITE_MAIN("e2e/image_people", tests, imaged_start, stop)
