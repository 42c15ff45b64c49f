/* One's own page, and the second step of a sign-in. */

#include "tests/cgi/people_visit.h"

#define ME	"me@example.org"

#define PROOF	"factor[current_password]=several+plain+words"

static struct person me;
static char seed[40];			/* As it was shown. */
static char recovery[10][24];

static void
fresh(void)
{

	CU_ASSERT_FATAL(house_do(&visit_house, "DELETE FROM throttle;"
	    " DELETE FROM sign_in_step; DELETE FROM account_recovery;"
	    " DELETE FROM account_factor; DELETE FROM session;"
	    " DELETE FROM account WHERE email = '" ME "'"));
	visit_worker.require_factor = false;
	(void)person_owner();
	person_add(ME, "operator");
}

static int
confirm(struct visit * v, const char * code)
{
	char body[64];

	(void)snprintf(body, sizeof(body), "account[code]=%s", code);
	return (person_post(&me, v, "/settings/account/second-factor/confirm",
	    body));
}

/* Keep what the page of recovery codes shows. */
static void
take_codes(const struct visit * v)
{
	const char * p = strbuf_str(&v->answer);

	for (size_t i = 0; i < COUNTOF(recovery); i++) {
		p = strstr(p, "<li><code>");
		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		p += strlen("<li><code>");
		(void)snprintf(recovery[i], sizeof(recovery[i]), "%.19s", p);
	}
}

static void
begin_factor(struct visit * v)
{
	char * text;

	CU_ASSERT_EQUAL(person_post(&me, v, "/settings/account/second-factor",
	    PROOF), 200);
	text = visit_between(v, "class=\"once\">", '<');
	(void)snprintf(seed, sizeof(seed), "%s", text);
	free(text);
}

/* Signed in, with a confirmed second factor; the code of now is used. */
static void
with_factor(struct visit * v)
{
	char code[7];

	fresh();
	me = person_in(v, ME);
	begin_factor(v);
	authenticator_code(seed, 0, code);
	CU_ASSERT_EQUAL_FATAL(confirm(v, code), 200);
	take_codes(v);
}

static void
the_page_shows_what_there_is(void)
{
	struct visit v = { .path = "/" };

	fresh();
	me = person_in(&v, ME);
	v = (struct visit){ .path = "/settings/account", .cookie = me.cookie,
	    .answer = v.answer };
	visit_both(&v, 200, "account");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"account-password-form\""));
	CU_ASSERT_TRUE(visit_has(&v, ">not set up<"));
	visit_free(&v);
}

static int
change(struct visit * v, const char * current, const char * wanted,
    const char * again)
{
	char body[256];

	(void)snprintf(body, sizeof(body), "account[current_password]=%s&"
	    "account[password]=%s&account[password_confirmation]=%s", current,
	    wanted, again);
	return (person_post(&me, v, "/settings/account/password", body));
}

static void
a_password_is_changed_and_other_sessions_end(void)
{
	static const struct {
		const char * body[3];
		int status;
		const char * error;
	} bad[] = { { { "several+plain+words", "a+new+sentence+of+it",
	    "another+sentence" }, 422, "password_mismatch" },
	    { { "several+plain+words", "short", "short" }, 422,
	    "password_invalid" }, { { "not+the+right+one",
	    "a+new+sentence+of+it", "a+new+sentence+of+it" }, 422,
	    "password_wrong" } };
	struct visit v = { .path = "/" };
	struct person other;

	fresh();
	other = person_in(&v, ME);
	me = person_in(&v, ME);
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		CU_ASSERT_EQUAL(change(&v, bad[i].body[0], bad[i].body[1],
		    bad[i].body[2]), bad[i].status);
		CU_ASSERT_TRUE(visit_has(&v, bad[i].error));
		CU_ASSERT_TRUE(visit_has(&v, "aria-invalid=\"true\""));
	}
	CU_ASSERT_EQUAL(person_get(&other, &v, "/settings/account", NULL),
	    200);
	CU_ASSERT_EQUAL(change(&v, "several+plain+words",
	    "a+new+sentence+of+it", "a+new+sentence+of+it"), 303);
	CU_ASSERT_TRUE(visit_has(&v,
	    "Location: /settings/account?notice=password-changed\r\n"));
	CU_ASSERT_EQUAL(person_get(&other, &v, "/settings/account", NULL),
	    303);
	CU_ASSERT_EQUAL(person_get(&me, &v, "/settings/account",
	    "notice=password-changed"), 200);
	CU_ASSERT_TRUE(visit_has(&v, "id=\"notice\""));
	visit_free(&v);
}

static void
a_second_factor_is_shown_once_confirmed_and_asked_for(void)
{
	struct visit v = { .path = "/" };
	char code[7], body[128];

	fresh();
	me = person_in(&v, ME);
	begin_factor(&v);
	CU_ASSERT_TRUE(visit_has(&v, " d=\"M0 0h7M"));
	CU_ASSERT_FALSE(visit_has(&v, PAGE_SHOWN_HERE));
	CU_ASSERT_EQUAL(strlen(seed), 32);
	CU_ASSERT_EQUAL(person_get(&me, &v, "/settings/account", NULL), 200);
	CU_ASSERT_FALSE(visit_has(&v, seed));
	CU_ASSERT_TRUE(visit_has(&v, "account-factor-confirm-form"));
	CU_ASSERT_EQUAL(confirm(&v, "000000"), 401);
	CU_ASSERT_TRUE(visit_has(&v, "id=\"account-factor-error-type\">"
	    "second_factor_refused<"));
	authenticator_code(seed, 0, code);
	CU_ASSERT_EQUAL(confirm(&v, code), 200);
	take_codes(&v);
	CU_ASSERT_EQUAL(strlen(recovery[9]), 19);
	v = (struct visit){ .path = "/settings/account", .cookie = me.cookie,
	    .answer = v.answer };
	visit_both(&v, 200, "account");
	CU_ASSERT_TRUE(visit_has(&v, "id=\"account-recovery-codes\">10<"));
	CU_ASSERT_FALSE(visit_has(&v, recovery[0]));
	CU_ASSERT_EQUAL(confirm(&v, code), 409);
	CU_ASSERT_EQUAL(person_post(&me, &v, "/settings/account/second-factor",
	    PROOF), 409);
	CU_ASSERT_TRUE(visit_has(&v, "second_factor_exists"));
	/* The password gives no session, but a way to the code. */
	person_first_step(&me, &v, ME);
	CU_ASSERT_EQUAL(person_get(&me, &v, "/settings/account", NULL), 303);
	CU_ASSERT_EQUAL(person_post(&me, &v, "/login/code",
	    "login[code]=000000&next=/settings/account"), 401);
	CU_ASSERT_TRUE(visit_has(&v, "second_factor_refused"));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"login-code-form\""));
	authenticator_code(seed, 1, code);
	(void)snprintf(body, sizeof(body), "login[code]=%s&"
	    "next=/settings/account", code);
	CU_ASSERT_EQUAL(person_post(&me, &v, "/login/code", body), 303);
	CU_ASSERT_TRUE(visit_has(&v, "Location: /settings/account\r\n"));
	CU_ASSERT_TRUE(visit_has(&v, "Set-Cookie: sr_session="));
	CU_ASSERT_TRUE(visit_has(&v, "Set-Cookie: sr_step=;"));
	/* Its step is used up. */
	CU_ASSERT_EQUAL(person_post(&me, &v, "/login/code", body), 401);
	CU_ASSERT_TRUE(visit_has(&v, "sign_in_step_expired"));
	visit_free(&v);
}

static void
a_recovery_code_signs_in_once(void)
{
	struct visit v = { .path = "/" };
	char body[64];

	with_factor(&v);
	person_first_step(&me, &v, ME);
	(void)snprintf(body, sizeof(body), "login[code]=%s", recovery[2]);
	CU_ASSERT_EQUAL(person_post(&me, &v, "/login/code", body), 303);
	CU_ASSERT_TRUE(visit_has(&v,
	    "Location: /settings/account?notice=recovery-code-used\r\n"));
	person_take(&me, &v, "sr_session");
	CU_ASSERT_EQUAL(person_get(&me, &v, "/settings/account",
	    "notice=recovery-code-used"), 200);
	CU_ASSERT_TRUE(visit_has(&v, "id=\"account-recovery-codes\">9<"));
	person_first_step(&me, &v, ME);
	CU_ASSERT_EQUAL(person_post(&me, &v, "/login/code", body), 401);
	visit_free(&v);
}

static void
wrong_codes_end_in_429_with_retry_after(void)
{
	struct visit v = { .path = "/" };
	unsigned n;

	with_factor(&v);
	person_first_step(&me, &v, ME);
	for (n = 0; n < 20; n++) {
		if (person_post(&me, &v, "/login/code", "login[code]=000000")
		    != 401)
			break;
	}
	CU_ASSERT_EQUAL(n, 5);
	ASSERT_STATUS(&v, 429);
	CU_ASSERT_TRUE(visit_has(&v, "Retry-After: "));
	CU_ASSERT_TRUE(visit_has(&v, "second_factor_throttled"));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"login-retry-after\""));
	visit_free(&v);
}

static void
a_program_is_told_by_type(void)
{
	struct visit v = { .path = "/" };
	struct person p;

	with_factor(&v);
	p = person_stranger(&v);
	v.accept = "application/json";
	CU_ASSERT_EQUAL(person_post(&p, &v, "/login", "login[email]=" ME
	    "&login[password]=several+plain+words"), 401);
	CU_ASSERT_TRUE(visit_has(&v, "\"error\":\"second_factor_asked\""));
	CU_ASSERT_TRUE(visit_has(&v, "Set-Cookie: sr_step="));
	p = person_stranger(&v);
	v.accept = "application/json";
	CU_ASSERT_EQUAL(person_post(&p, &v, "/login/code",
	    "login[code]=000000"), 401);
	CU_ASSERT_TRUE(visit_has(&v, "\"error\":\"sign_in_step_expired\""));
	visit_free(&v);
}

static void
where_it_is_required_nothing_else_can_be_done_before(void)
{
	struct visit v = { .path = "/" };
	char code[7];

	fresh();
	me = person_in(&v, ME);
	visit_worker.require_factor = true;
	CU_ASSERT_EQUAL(person_get(&me, &v, "/settings/security", NULL), 403);
	CU_ASSERT_TRUE(visit_has(&v, "second_factor_required"));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"failure-second-factor\""));
	CU_ASSERT_EQUAL(person_get(&me, &v, "/settings/account", NULL), 200);
	CU_ASSERT_TRUE(visit_has(&v, "requires one"));
	begin_factor(&v);
	authenticator_code(seed, 0, code);
	CU_ASSERT_EQUAL(confirm(&v, code), 200);
	CU_ASSERT_EQUAL(person_get(&me, &v, "/settings/security", NULL), 200);
	CU_ASSERT_EQUAL(person_post(&me, &v, "/logout", ""), 303);
	visit_worker.require_factor = false;
	visit_free(&v);
}

static void
an_owner_resets_it_and_the_password_is_enough(void)
{
	struct visit v = { .path = "/" };
	struct person owner;
	char path[128];
	char * id;

	with_factor(&v);
	owner = person_owner();
	id = person_id(ME);
	(void)snprintf(path, sizeof(path),
	    "/settings/accounts/%s/reset-second-factor", id);
	CU_ASSERT_EQUAL(person_post(&owner, &v, path, ""), 422);
	CU_ASSERT_EQUAL(person_post(&owner, &v, path, "confirm=yes"), 303);
	CU_ASSERT_EQUAL(person_get(&me, &v, "/settings/account", NULL), 303);
	CU_ASSERT_EQUAL(person_post(&owner, &v, path, "confirm=yes"), 409);
	CU_ASSERT_TRUE(visit_has(&v, "second_factor_missing"));
	me = person_in(&v, ME);
	free(id);
	visit_free(&v);
}

/* At a browser that was left open nobody binds his own device. */
static void
a_second_factor_takes_the_password(void)
{
	static const char * const bad[] = { "", "factor[current_password]=",
	    "factor[current_password]=not+that+one" };
	struct visit v = { .path = "/" };

	fresh();
	me = person_in(&v, ME);
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		CU_ASSERT_EQUAL(person_post(&me, &v,
		    "/settings/account/second-factor", bad[i]), 422);
		CU_ASSERT_TRUE(visit_has(&v, "id=\"account-factor-error-type"
		    "\">password_wrong<"));
	}
	CU_ASSERT(house_sql_is(&visit_house, "0\t3", "SELECT (SELECT COUNT(*)"
	    " FROM account_factor), (SELECT COUNT(*) FROM audit_event WHERE"
	    " action = 'SECOND_FACTOR_BEGIN' AND error_type ="
	    " 'password_wrong')"));
	for (unsigned i = 0; i < 3; i++)
		(void)person_post(&me, &v, "/settings/account/second-factor",
		    bad[2]);
	CU_ASSERT_EQUAL(person_post(&me, &v, "/settings/account/second-factor",
	    PROOF), 429);
	visit_free(&v);
}

/* Their models: what a program gets of the pages that show once. */
static void
models_of_what_is_shown_once_are_valid(void)
{
	struct visit v = { .path = "/" };
	struct person owner;
	char code[7], body[64];
	char * text;

	fresh();
	me = person_in(&v, ME);
	v.accept = "application/xml";
	CU_ASSERT_EQUAL(person_post(&me, &v, "/settings/account/second-factor",
	    PROOF), 200);
	CU_ASSERT_TRUE(visit_valid(visit_body(&v), "second-factor"));
	text = visit_between(&v, "seed=\"", '"');
	authenticator_code(text, 0, code);
	free(text);
	(void)snprintf(body, sizeof(body), "account[code]=%s", code);
	v.accept = "application/xml";
	CU_ASSERT_EQUAL(person_post(&me, &v,
	    "/settings/account/second-factor/confirm", body), 200);
	CU_ASSERT_TRUE(visit_valid(visit_body(&v), "recovery-codes"));
	owner = person_owner();
	v.accept = "application/xml";
	CU_ASSERT_EQUAL(person_post(&owner, &v, "/settings/accounts",
	    "account[email]=d@example.org&account[role]=auditor"), 200);
	CU_ASSERT_TRUE(visit_valid(visit_body(&v), "invited"));
	person_first_step(&me, &v, ME);
	v = (struct visit){ .path = "/login/code", .query =
	    "next=/settings/account", .cookie = me.cookie,
	    .answer = v.answer };
	visit_both(&v, 200, "login-code");
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(the_page_shows_what_there_is),
	TEST(a_password_is_changed_and_other_sessions_end),
	TEST(a_second_factor_is_shown_once_confirmed_and_asked_for),
	TEST(a_recovery_code_signs_in_once),
	TEST(wrong_codes_end_in_429_with_retry_after),
	TEST(a_program_is_told_by_type),
	TEST(where_it_is_required_nothing_else_can_be_done_before),
	TEST(an_owner_resets_it_and_the_password_is_enough),
	TEST(a_second_factor_takes_the_password),
	TEST(models_of_what_is_shown_once_are_valid),
};

SUITE_MAIN("cgi/account_pages", tests, visit_open, visit_close)
