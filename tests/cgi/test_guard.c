/* Sessions, roles, CSRF, origins and redirects, on the real flow. */

#include "core/access/account.h"
#include "core/base/secbuf.h"
#include "tests/cgi/visit.h"

#define EMAIL		"lead@example.org"
#define PASSWORD	"several plain words"

static char session[160];	/* "sr_session=…" of the owner. */

static int
open_site(void)
{
	struct secbuf * password = house_secret(PASSWORD);
	struct actor operator;
	struct sr_id owner;
	enum sr_error err;

	if (visit_open() != 0)
		return (-1);
	operator = visit_house.actor;
	operator.kind = ACTOR_OPERATOR;
	err = owner_create(&visit_house.store, &operator, NULL, EMAIL,
	    password, 1, &owner);
	secbuf_free(&password);
	return (err == SR_OK ? 0 : -1);
}

/* A cookie that the answer sets, as "name=value"; caller frees. */
static char *
set_cookie(const struct visit * v, const char * name)
{
	char start[64];
	char * value, * pair = NULL;

	(void)snprintf(start, sizeof(start), "Set-Cookie: %s=", name);
	value = visit_between(v, start, ';');
	if (asprintf(&pair, "%s=%s", name, value) < 0)
		pair = NULL;
	free(value);
	return (pair);
}

/* POST /login as a browser would after GET /login. ${next} may be "". */
static void
sign_in(struct visit * v, const char * password, const char * next)
{
	struct visit form = { .path = "/login" };
	char * cookie, * csrf, * body = NULL;

	(void)visit(&form);
	cookie = set_cookie(&form, "sr_form");
	csrf = visit_between(&form, "name=\"_csrf\" value=\"", '"');
	CU_ASSERT_EQUAL(strlen(csrf), 64);
	if (asprintf(&body, "_csrf=%s&login[email]=" EMAIL
	    "&login[password]=%s&next=%s", csrf, password, next) < 0)
		body = NULL;
	v->method = "POST";
	v->path = "/login";
	v->cookie = cookie;
	v->body = body;
	(void)visit(v);
	free(cookie);
	free(csrf);
	free(body);
	v->cookie = v->body = NULL;
	visit_free(&form);
}

static void
owner_session(void)
{
	struct visit v = { .path = "/login" };
	char * cookie;

	sign_in(&v, "several+plain+words", "");
	CU_ASSERT_EQUAL_FATAL(visit_status(&v), 303);
	CU_ASSERT_TRUE(visit_has(&v, "Location: /settings/security\r\n"));
	cookie = set_cookie(&v, "sr_session");
	(void)snprintf(session, sizeof(session), "%s", cookie);
	free(cookie);
	visit_free(&v);
}

static void
a_session_cookie_is_httponly_and_lax(void)
{
	struct visit v = { .path = "/login" };
	char * cookie;

	sign_in(&v, "several+plain+words", "");
	cookie = visit_between(&v, "Set-Cookie: sr_session=", '\r');
	CU_ASSERT_PTR_NOT_NULL(strstr(cookie,
	    "; Path=/; HttpOnly; SameSite=Lax"));
	CU_ASSERT_PTR_NULL(strstr(cookie, "Secure"));
	CU_ASSERT_TRUE(visit_has(&v, "Set-Cookie: sr_form=; "));
	CU_ASSERT_TRUE(visit_has(&v, "Cache-Control: no-store\r\n"));
	free(cookie);
	visit_free(&v);
}

static void
https_cookies_are_secure_and_host_bound(void)
{
	struct visit v = { .path = "/login", .https = "on" };
	struct site former = visit_worker.site;

	ASSERT_ERR(site_parse("https://vault.example", &visit_worker.site),
	    SR_OK);
	(void)visit(&v);
	CU_ASSERT_TRUE(visit_has(&v, "Set-Cookie: __Host-sr_form="));
	CU_ASSERT_TRUE(visit_has(&v, "; SameSite=Lax; Secure\r\n"));
	CU_ASSERT_TRUE(visit_has(&v, "Strict-Transport-Security: "));
	visit_worker.site = former;
	visit_free(&v);
}

static void
a_wrong_password_is_refused_on_the_form(void)
{
	struct visit v = { .path = "/login" };

	sign_in(&v, "several+other+words", "");
	CU_ASSERT_EQUAL(visit_status(&v), 401);
	CU_ASSERT_TRUE(visit_has(&v, "sign_in_refused"));
	CU_ASSERT_TRUE(visit_has(&v, "value=\"" EMAIL "\""));
	CU_ASSERT_FALSE(visit_has(&v, "other"));
	CU_ASSERT_FALSE(visit_has(&v, "Set-Cookie: sr_session="));
	visit_free(&v);
}

static void
next_goes_to_local_paths_only(void)
{
	static const char * const bad[] = { "//evil.example", "/%5Cevil",
	    "https://evil.example", "evil", "/a%0d%0aX:%20y", "/a?b",
	    "/%09/x" };
	struct visit v = { .path = "/login" };

	sign_in(&v, "several+plain+words", "/errors/usage");
	CU_ASSERT_TRUE(visit_has(&v, "Location: /errors/usage\r\n"));
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		sign_in(&v, "several+plain+words", bad[i]);
		CU_ASSERT_EQUAL(visit_status(&v), 303);
		CU_ASSERT_TRUE(visit_has(&v,
		    "Location: /settings/security\r\n"));
	}
	visit_free(&v);
}

static void
a_page_sends_strangers_to_sign_in_and_back(void)
{
	struct visit v = { .path = "/settings/security" };

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	CU_ASSERT_TRUE(visit_has(&v,
	    "Location: /login?next=/settings/security\r\n"));
	v.accept = "application/xml";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 401);
	CU_ASSERT_TRUE(visit_has(&v, "application/problem+xml"));
	v.accept = "application/json";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 401);
	CU_ASSERT_TRUE(visit_has(&v, "\"error\":\"session_required\""));
	visit_free(&v);
}

static void
unsafe_methods_of_strangers_are_answered_401(void)
{
	struct visit v = { .method = "POST", .path = "/settings/security",
	    .body = "security_secret[value]=x" };

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 401);
	CU_ASSERT_TRUE(visit_has(&v, "session_required"));
	visit_free(&v);
}

static void
an_ended_session_is_said_and_its_cookie_removed(void)
{
	static const char stale[] = "sr_session="
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	struct visit v = { .path = "/settings/security", .cookie = stale };

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	CU_ASSERT_TRUE(visit_has(&v, "Location: /login?notice=session-ended"
	    "&next=/settings/security\r\n"));
	CU_ASSERT_TRUE(visit_has(&v, "Set-Cookie: sr_session=; "
	    "Max-Age=0; Path=/; HttpOnly"));
	v = (struct visit){ .method = "POST", .path = "/logout",
	    .cookie = stale, .answer = v.answer };
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 401);
	CU_ASSERT_TRUE(visit_has(&v, "session_expired"));
	CU_ASSERT_TRUE(visit_has(&v, "Set-Cookie: sr_session=; "));
	v = (struct visit){ .path = "/login", .query = "notice=session-ended",
	    .answer = v.answer };
	(void)visit(&v);
	CU_ASSERT_TRUE(visit_has(&v, "Your session has ended"));
	visit_free(&v);
}

static void
idle_sessions_expire(void)
{
	struct visit v = { .path = "/settings/security", .cookie = session };

	owner_session();
	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE session SET "
	    "last_seen_at = last_seen_at - INTERVAL 31 MINUTE"));
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	CU_ASSERT_TRUE(visit_has(&v, "notice=session-ended"));
	visit_free(&v);
}

/* POST /logout with these; the session lives on when it is refused. */
static int
logout_with(const char * cookie, const char * csrf, const char * origin,
    const char * fetch_site)
{
	struct visit v = { .method = "POST", .path = "/logout",
	    .cookie = cookie, .origin = origin, .fetch_site = fetch_site };
	char body[128];
	int status;

	(void)snprintf(body, sizeof(body), "%s%s", csrf == NULL ? "" :
	    "_csrf=", csrf == NULL ? "" : csrf);
	v.body = body;
	(void)visit(&v);
	status = visit_status(&v);
	if (status == 403)
		CU_ASSERT_TRUE(visit_has(&v, "csrf_token_invalid"));
	visit_free(&v);
	return (status);
}

static void
forms_need_the_token_of_their_own_session(void)
{
	static const char zeros[] = "0000000000000000000000000000000000000000"
	    "000000000000000000000000";
	struct visit mine = { .path = "/", .cookie = session };
	struct visit other = { .path = "/login" };
	char * csrf, * foreign;

	owner_session();
	(void)visit(&mine);
	csrf = visit_between(&mine, "name=\"_csrf\" value=\"", '"');
	(void)visit(&other);
	foreign = visit_between(&other, "name=\"_csrf\" value=\"", '"');
	CU_ASSERT_EQUAL(logout_with(session, NULL, NULL, NULL), 403);
	CU_ASSERT_EQUAL(logout_with(session, "", NULL, NULL), 403);
	CU_ASSERT_EQUAL(logout_with(session, "abc", NULL, NULL), 403);
	CU_ASSERT_EQUAL(logout_with(session, zeros, NULL, NULL), 403);
	CU_ASSERT_EQUAL(logout_with(session, foreign, NULL, NULL), 403);
	CU_ASSERT_EQUAL(logout_with(session, csrf, "https://evil.example",
	    NULL), 403);
	CU_ASSERT_EQUAL(logout_with(session, csrf, "http://127.0.0.1:9",
	    NULL), 403);
	CU_ASSERT_EQUAL(logout_with(session, csrf, "null", "cross-site"), 403);
	CU_ASSERT_EQUAL(logout_with(session, csrf, "null", "same-origin"),
	    303);
	/* It has ended by that. */
	CU_ASSERT_EQUAL(logout_with(session, csrf, NULL, NULL), 401);
	free(csrf);
	free(foreign);
	visit_free(&mine);
	visit_free(&other);
}

static void
sign_in_needs_a_token_too(void)
{
	struct visit v = { .method = "POST", .path = "/login",
	    .body = "login[email]=" EMAIL
	    "&login[password]=several+plain+words" };

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 403);
	CU_ASSERT_TRUE(visit_has(&v, "csrf_token_invalid"));
	CU_ASSERT_FALSE(visit_has(&v, "sr_session="));
	visit_free(&v);
}

static void
an_auditor_may_look_and_not_write(void)
{
	struct visit v = { .path = "/settings/security", .cookie = session };
	char * csrf, * body = NULL;

	owner_session();
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'auditor'"));
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_FALSE(visit_has(&v, "settings-security-secret-form"));
	csrf = visit_between(&v, "name=\"_csrf\" value=\"", '"');
	if (asprintf(&body, "_csrf=%s", csrf) < 0)
		body = NULL;
	v.method = "POST";
	v.body = body;
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 403);
	CU_ASSERT_TRUE(visit_has(&v, "role_forbidden"));
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'owner'"));
	free(csrf);
	free(body);
	visit_free(&v);
}

static void
throttled_sign_in_says_how_long(void)
{
	struct visit v = { .path = "/login" };
	int status = 0;

	for (unsigned i = 0; i < 8 && status != 429; i++) {
		sign_in(&v, "several+other+words", "");
		status = visit_status(&v);
	}
	CU_ASSERT_EQUAL(status, 429);
	CU_ASSERT_TRUE(visit_has(&v, "\r\nRetry-After: "));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"login-retry-after\""));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(a_session_cookie_is_httponly_and_lax),
	TEST(https_cookies_are_secure_and_host_bound),
	TEST(a_wrong_password_is_refused_on_the_form),
	TEST(next_goes_to_local_paths_only),
	TEST(a_page_sends_strangers_to_sign_in_and_back),
	TEST(unsafe_methods_of_strangers_are_answered_401),
	TEST(an_ended_session_is_said_and_its_cookie_removed),
	TEST(idle_sessions_expire),
	TEST(forms_need_the_token_of_their_own_session),
	TEST(sign_in_needs_a_token_too),
	TEST(an_auditor_may_look_and_not_write),
	TEST(throttled_sign_in_says_how_long),
};

SUITE_MAIN("cgi/guard", tests, open_site, visit_close)
