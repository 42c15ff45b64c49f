/* Pages that need no account, their failures, set-up. */

#include "tests/cgi/visit.h"

static void
open_pages_are_valid_before_set_up(void)
{
	struct visit v = { .path = "/" };

	visit_both(&v, 200, "front");
	CU_ASSERT_TRUE(visit_has(&v, "Set-up is open"));
	v.path = "/setup";
	visit_both(&v, 200, "setup");
	CU_ASSERT_TRUE(visit_has(&v, "name=\"setup[token]\""));
	v.path = "/login";
	visit_both(&v, 200, "login");
	v.path = "/errors";
	visit_both(&v, 200, "errors");
	v.path = "/errors/secret_not_found";
	visit_both(&v, 200, "error-type");
	visit_free(&v);
}

static void
unknown_addresses_and_methods_have_pages(void)
{
	struct visit v = { .path = "/no/such" };

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 404);
	CU_ASSERT_TRUE(visit_has(&v, "route_not_found"));
	v.accept = "application/json";
	(void)visit(&v);
	CU_ASSERT_TRUE(visit_has(&v, "application/problem+json"));
	v = (struct visit){ .method = "DELETE", .path = "/login",
	    .answer = v.answer };
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 405);
	CU_ASSERT_TRUE(visit_has(&v, "Allow: GET, HEAD, POST\r\n"));
	v.method = "GET";
	v.path = "/errors/no_such_error";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 404);
	v.method = "HEAD";
	v.path = "/login";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_STRING_EQUAL(visit_body(&v), "");
	visit_free(&v);
}

static void
health_and_readiness_are_told(void)
{
	struct visit v = { .path = "/healthz" };

	(void)visit(&v);
	CU_ASSERT_STRING_EQUAL(visit_body(&v), "ok\n");
	v.path = "/readyz";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_STRING_EQUAL(visit_body(&v), "database ok\nschema ok\n"
	    "root_key ok\nredaction ok\naudit_checkpoint ok\n");
	v.accept = "application/json";
	(void)visit(&v);
	CU_ASSERT_TRUE(visit_has(&v, "{\"ready\":true,"));
	visit_free(&v);
}

static void
the_set_up_link_makes_the_owner_once(void)
{
	struct visit v = { .path = "/setup" };
	struct disclosed * d = NULL;
	char query[128], cookies[256], body[512];
	char * token, * setup, * form, * token_csrf;

	ASSERT_ERR_FATAL(setup_link(&visit_house.store, &visit_house.actor, 60,
	    &d), SR_OK);
	token = visit_token(d);
	disclosed_free(&d);
	(void)snprintf(query, sizeof(query), "token=%s", token);
	v.query = query;
	/* A link preview asks with HEAD: the link must survive that. */
	v.method = "HEAD";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	v.method = "GET";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	CU_ASSERT_TRUE(visit_has(&v, "Location: /setup\r\n"));
	CU_ASSERT_TRUE(visit_has(&v, "Referrer-Policy: no-referrer\r\n"));
	setup = visit_between(&v, "Set-Cookie: sr_setup=", ';');
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 403);
	CU_ASSERT_TRUE(visit_has(&v, "setup_token_invalid"));
	CU_ASSERT_FALSE(visit_has(&v, token));
	(void)snprintf(cookies, sizeof(cookies), "sr_setup=%s", setup);
	v.query = NULL;
	v.cookie = cookies;
	(void)visit(&v);
	CU_ASSERT_FALSE(visit_has(&v, "name=\"setup[token]\""));
	form = visit_between(&v, "Set-Cookie: sr_form=", ';');
	token_csrf = visit_between(&v, "name=\"_csrf\" value=\"", '"');
	(void)snprintf(cookies, sizeof(cookies), "sr_setup=%s; sr_form=%s",
	    setup, form);
	(void)snprintf(body, sizeof(body), "_csrf=%s&setup[email]=" VISIT_EMAIL
	    "&setup[password]=several+plain+words"
	    "&setup[password_confirmation]=several+plain+word", token_csrf);
	v.method = "POST";
	v.body = body;
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 422);
	CU_ASSERT_TRUE(visit_has(&v, "password_mismatch"));
	CU_ASSERT_TRUE(visit_has(&v, "value=\"" VISIT_EMAIL "\""));
	CU_ASSERT_FALSE(visit_has(&v, "several plain"));
	body[strlen(body) + 1] = '\0';
	body[strlen(body)] = 's';
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 303);
	CU_ASSERT_TRUE(visit_has(&v,
	    "Location: /login?notice=owner-created&next=/setup\r\n"));
	CU_ASSERT_TRUE(visit_has(&v, "Set-Cookie: sr_setup=; "));
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 409);
	CU_ASSERT_TRUE(visit_has(&v, "setup_closed"));
	free(token);
	free(setup);
	free(form);
	free(token_csrf);
	visit_free(&v);
}

static void
an_id_that_is_none_is_not_found(void)
{
	struct visit v = { .cookie = visit_session,
	    .path = "/settings/security/secrets/nonsense" };

	visit_sign_in();
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 404);
	CU_ASSERT_TRUE(visit_has(&v, "secret_not_found"));
	v.path = "/settings/security/secrets/"
	    "00000000-0000-7000-8000-000000000001";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 404);
	visit_free(&v);
}

static void
a_database_that_is_down_is_said_and_recovered_from(void)
{
	struct visit v = { .path = "/settings/security",
	    .cookie = visit_session };

	mariadb_kill9(visit_house.m);
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 503);
	CU_ASSERT_TRUE(visit_has(&v, "database_unavailable"));
	v.path = "/";
	visit_both(&v, 200, "front");
	v.path = "/setup";
	visit_both(&v, 503, "setup");
	v.path = "/readyz";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 503);
	CU_ASSERT_TRUE(visit_has(&v, "database database_unavailable"));
	v.path = "/healthz";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(visit_house.m), 0);
	v.path = "/settings/security";
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(open_pages_are_valid_before_set_up),
	TEST(unknown_addresses_and_methods_have_pages),
	TEST(health_and_readiness_are_told),
	TEST(the_set_up_link_makes_the_owner_once),
	TEST(an_id_that_is_none_is_not_found),
	TEST(a_database_that_is_down_is_said_and_recovered_from),
};

SUITE_MAIN("cgi/view", tests, visit_open, visit_close)
