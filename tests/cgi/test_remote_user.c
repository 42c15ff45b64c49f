/* Signing in is the web server's: REMOTE_USER, which no header can set. */

#include "tests/cgi/people_visit.h"

#define PAGE	"/settings/security"

/* Ask as ${user} of the web server, with a header that says ${header}. */
static int
ask(struct visit * v, const char * user, const char * header)
{

	*v = (struct visit){ .path = PAGE, .remote_user = user,
	    .user_header = header, .accept = "application/json",
	    .cookie = v->cookie, .authorization = v->authorization,
	    .answer = v->answer };
	(void)visit(v);
	return (visit_status(v));
}

static void
the_account_with_that_address_is_let_in(void)
{
	struct visit v = { .path = "/" };

	visit_sign_in();
	visit_worker.remote_user = true;
	CU_ASSERT_EQUAL(ask(&v, VISIT_EMAIL, NULL), 200);
	CU_ASSERT_EQUAL(ask(&v, "Lead@Example.Org", NULL), 200);
	v = (struct visit){ .path = PAGE, .remote_user = VISIT_EMAIL,
	    .answer = v.answer };
	visit_both(&v, 200, "security");
	/* There is nothing to sign out of. */
	CU_ASSERT_FALSE(visit_has(&v, "logout-form"));
	visit_free(&v);
}

#define REFUSED		"SIGN_IN\tanonymous\t127.0.0.1\t"
#define LAST_REFUSED	"SELECT e.action, e.actor_kind, e.actor_label,"	\
    " e.error_type, IFNULL(a.email, '-') FROM audit_event e LEFT JOIN"	\
    " account a ON a.id = e.target_id WHERE e.outcome = 'failed'"	\
    " ORDER BY e.occurred_at DESC LIMIT 1"

static void
who_has_no_account_is_refused_by_type(void)
{
	static const char * const strangers[] = { "nobody@example.org", "lead",
	    "lead@example.org ", "%6cead@example.org",
	    "lead@example.org,other@example.org" };
	struct visit v = { .path = "/" };

	for (size_t i = 0; i < COUNTOF(strangers); i++) {
		CU_ASSERT_EQUAL(ask(&v, strangers[i], NULL), 403);
		CU_ASSERT_TRUE(visit_has(&v, "remote_user_unknown"));
	}
	CU_ASSERT(house_sql_is(&visit_house, REFUSED "remote_user_unknown\t-",
	    LAST_REFUSED));
	/* Who goes on does not fill the table. */
	for (unsigned i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(ask(&v, strangers[0], NULL), 403);
	CU_ASSERT(house_sql_is(&visit_house, "5", "SELECT COUNT(*) FROM"
	    " audit_event WHERE error_type = 'remote_user_unknown'"));
	CU_ASSERT_FATAL(house_do(&visit_house, "DELETE FROM throttle"));
	CU_ASSERT_EQUAL(ask(&v, NULL, NULL), 401);
	CU_ASSERT_TRUE(visit_has(&v, "remote_user_required"));
	CU_ASSERT_EQUAL(ask(&v, "", NULL), 401);
	CU_ASSERT_EQUAL(ask(&v, "lead@example.org\nx", NULL), 400);
	CU_ASSERT_FATAL(house_do(&visit_house, "UPDATE account SET"
	    " disabled_at = UTC_TIMESTAMP(6)"));
	CU_ASSERT_EQUAL(ask(&v, VISIT_EMAIL, NULL), 403);
	CU_ASSERT_TRUE(visit_has(&v, "account_disabled"));
	CU_ASSERT(house_sql_is(&visit_house, REFUSED "account_disabled\t"
	    VISIT_EMAIL, LAST_REFUSED));
	CU_ASSERT_FATAL(house_do(&visit_house, "UPDATE account SET"
	    " disabled_at = NULL"));
	visit_free(&v);
}

static void
a_header_of_that_name_never_counts(void)
{
	struct visit v = { .path = "/" };

	CU_ASSERT_EQUAL(ask(&v, NULL, VISIT_EMAIL), 401);
	CU_ASSERT_EQUAL(ask(&v, "nobody@example.org", VISIT_EMAIL), 403);
	visit_worker.remote_user = false;
	CU_ASSERT_EQUAL(ask(&v, NULL, VISIT_EMAIL), 401);
	CU_ASSERT_TRUE(visit_has(&v, "session_required"));
	/* Nor does the parameter, where the mode is off. */
	CU_ASSERT_EQUAL(ask(&v, VISIT_EMAIL, VISIT_EMAIL), 401);
	visit_worker.remote_user = true;
	visit_free(&v);
}

static void
passwords_and_sessions_count_for_nothing(void)
{
	struct visit v = { .path = "/" };
	struct person p;

	v.cookie = visit_session;
	CU_ASSERT_EQUAL(ask(&v, NULL, NULL), 401);
	CU_ASSERT_EQUAL(ask(&v, "nobody@example.org", NULL), 403);
	visit_worker.remote_user = false;
	p = person_stranger(&v);
	visit_worker.remote_user = true;
	CU_ASSERT_EQUAL(person_post(&p, &v, "/login", "login[email]="
	    VISIT_EMAIL "&login[password]=several+plain+words"), 401);
	CU_ASSERT_TRUE(visit_has(&v, "remote_user_required"));
	CU_ASSERT_FALSE(visit_has(&v, "sr_session="));
	v = (struct visit){ .path = "/login", .answer = v.answer };
	(void)visit(&v);
	ASSERT_STATUS(&v, 401);
	v = (struct visit){ .path = "/login", .query = "next=/setup",
	    .remote_user = VISIT_EMAIL, .answer = v.answer };
	(void)visit(&v);
	ASSERT_STATUS(&v, 303);
	CU_ASSERT_TRUE(visit_has(&v, "Location: /setup\r\n"));
	visit_free(&v);
}

/* A form goes by the random cookie that it came with. */
static void
forms_are_protected_by_a_cookie_of_their_own(void)
{
	struct visit v = { .path = "/settings/accounts",
	    .remote_user = VISIT_EMAIL };
	struct person p = { "", "" };
	char body[160];
	char * text;

	(void)visit(&v);
	ASSERT_STATUS(&v, 200);
	person_take(&p, &v, "sr_form");
	text = visit_between(&v, "name=\"_csrf\" value=\"", '"');
	(void)snprintf(p.csrf, sizeof(p.csrf), "%s", text);
	free(text);
	(void)snprintf(body, sizeof(body), "_csrf=%s&account[email]="
	    "e@example.org&account[role]=auditor", p.csrf);
	v = (struct visit){ .method = "POST", .path = "/settings/accounts",
	    .remote_user = VISIT_EMAIL, .body = body, .answer = v.answer };
	(void)visit(&v);
	ASSERT_STATUS(&v, 403);
	CU_ASSERT_TRUE(visit_has(&v, "csrf_token_invalid"));
	v.cookie = p.cookie;
	(void)visit(&v);
	ASSERT_STATUS(&v, 200);
	CU_ASSERT(house_sql_is(&visit_house, "ACCOUNT_INVITE\tsucceeded\t"
	    "account\t" VISIT_EMAIL, "SELECT action, outcome, actor_kind,"
	    " actor_label FROM audit_event ORDER BY occurred_at DESC"
	    " LIMIT 1"));
	visit_free(&v);
}

/* Its role is what the account has now; keys of programs work as ever. */
static void
roles_and_keys_go_on_as_everywhere(void)
{
	struct visit v = { .path = "/" };
	char * key = api_bearer("secrets:read", NULL, NULL);

	person_add("reader@example.org", "auditor");
	v = (struct visit){ .path = "/settings/accounts",
	    .remote_user = "reader@example.org", .answer = v.answer };
	(void)visit(&v);
	ASSERT_STATUS(&v, 200);
	CU_ASSERT_FALSE(visit_has(&v, "account-invite-form"));
	v = (struct visit){ .path = "/api/v1/secrets", .authorization = key,
	    .answer = v.answer };
	(void)visit(&v);
	ASSERT_STATUS(&v, 200);
	/* What a second factor is there, the web server knows. */
	v.authorization = NULL;
	visit_worker.require_factor = true;
	CU_ASSERT_EQUAL(ask(&v, VISIT_EMAIL, NULL), 200);
	visit_worker.require_factor = false;
	free(key);
	visit_free(&v);
}

static void
what_is_in_the_web_servers_hands_is_not_changed_here(void)
{
	static const struct {
		const char * path;
		const char * rest;
	} asked[] = { { "/logout", "" },
	    { "/settings/account/second-factor", "" },
	    { "/settings/account/second-factor/confirm",
	    "account[code]=000000" }, { "/settings/account/password",
	    "account[current_password]=several+plain+words&"
	    "account[password]=a+new+sentence+of+it&"
	    "account[password_confirmation]=a+new+sentence+of+it" } };
	struct visit v = { .path = "/settings/account",
	    .remote_user = VISIT_EMAIL };
	struct person p = { "", "" };
	char body[320];
	char * text;

	visit_both(&v, 200, "account");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"account-by-web-server\""));
	v.path = "/settings/accounts";
	(void)visit(&v);
	person_take(&p, &v, "sr_form");
	text = visit_between(&v, "name=\"_csrf\" value=\"", '"');
	for (size_t i = 0; i < COUNTOF(asked); i++) {
		(void)snprintf(body, sizeof(body), "_csrf=%s&%s", text,
		    asked[i].rest);
		v = (struct visit){ .method = "POST", .path = asked[i].path,
		    .remote_user = VISIT_EMAIL, .cookie = p.cookie,
		    .body = body, .answer = v.answer };
		(void)visit(&v);
		ASSERT_STATUS(&v, 401);
		CU_ASSERT_TRUE(visit_has(&v, "remote_user_required"));
	}
	free(text);
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(the_account_with_that_address_is_let_in),
	TEST(who_has_no_account_is_refused_by_type),
	TEST(a_header_of_that_name_never_counts),
	TEST(passwords_and_sessions_count_for_nothing),
	TEST(forms_are_protected_by_a_cookie_of_their_own),
	TEST(roles_and_keys_go_on_as_everywhere),
	TEST(what_is_in_the_web_servers_hands_is_not_changed_here),
};

SUITE_MAIN("cgi/remote_user", tests, visit_open, visit_close)
