#include <string.h>

#include "cgi/route.h"
#include "tests/harness/suite.h"

static const struct {
	enum method method;
	const char * path;
	enum route_id id;
	const char * param;
} found[] = {
	{ METHOD_GET, "/", ROUTE_FRONT, "" },
	{ METHOD_GET, "/setup", ROUTE_SETUP_SHOW, "" },
	{ METHOD_POST, "/setup", ROUTE_SETUP_CREATE, "" },
	{ METHOD_POST, "/login", ROUTE_LOGIN_CHECK, "" },
	{ METHOD_POST, "/logout", ROUTE_LOGOUT, "" },
	{ METHOD_GET, "/settings/security", ROUTE_SECURITY_SHOW, "" },
	{ METHOD_GET, "/settings/security/secrets/abc", ROUTE_SECRET_SHOW,
	    "abc" },
	{ METHOD_GET, "/errors/secret_not_found", ROUTE_ERROR_TYPE,
	    "secret_not_found" },
	{ METHOD_GET, "/errors", ROUTE_ERRORS, "" },
	{ METHOD_GET, "/healthz", ROUTE_HEALTHZ, "" },
	{ METHOD_GET, "/api/v1/secrets", ROUTE_API_SECRET_LIST, "" },
	{ METHOD_DELETE, "/api/v1/api-keys/1", ROUTE_API_KEY_REVOKE, "1" },
};

static void
a_pattern_takes_two_parameters_and_a_tail(void)
{
	static char longer[REQUEST_PATH_MAX + 1] =
	    "/api/v1/secrets/instance/";
	const struct route * route;
	struct route_param param;
	unsigned allow;

	ASSERT_ERR(route_find(METHOD_PUT, "/api/v1/secrets/project/a/b//c.d/",
	    &route, &param, &allow), SR_OK);
	CU_ASSERT_PTR_EQUAL(route, route_row(ROUTE_API_SECRET_PUT));
	CU_ASSERT_STRING_EQUAL(param.text, "project");
	CU_ASSERT_STRING_EQUAL(param.rest, "a/b//c.d/");
	memset(longer + 25, 'n', REQUEST_PATH_MAX - 25);
	ASSERT_ERR(route_find(METHOD_GET, longer, &route, &param, &allow),
	    SR_OK);
	CU_ASSERT_EQUAL(strlen(param.rest), REQUEST_PATH_MAX - 25);
	ASSERT_ERR(route_find(METHOD_GET, "/api/v1/secrets/instance/", &route,
	    &param, &allow), SR_E_ROUTE_NOT_FOUND);
	ASSERT_ERR(route_find(METHOD_GET, "/api/v1/secrets/instance", &route,
	    &param, &allow), SR_E_ROUTE_NOT_FOUND);
	ASSERT_ERR(route_find(METHOD_GET, "/api/v1/secrets//a", &route,
	    &param, &allow), SR_E_ROUTE_NOT_FOUND);
	ASSERT_ERR(route_find(METHOD_PATCH, "/api/v1/secrets/instance/a",
	    &route, &param, &allow), SR_E_METHOD_NOT_ALLOWED);
	CU_ASSERT_EQUAL(allow, (1U << METHOD_GET) | (1U << METHOD_PUT) |
	    (1U << METHOD_DELETE));
}

static void
a_tail_may_come_behind_two_parameters(void)
{
	const struct route * route;
	struct route_param param;
	unsigned allow;

	ASSERT_ERR(route_find(METHOD_GET, "/projects/p/runs/r/artifacts/a/b.c",
	    &route, &param, &allow), SR_OK);
	CU_ASSERT_PTR_EQUAL(route, route_row(ROUTE_ARTIFACT_DOWNLOAD));
	CU_ASSERT_STRING_EQUAL(param.text, "p");
	CU_ASSERT_STRING_EQUAL(param.between, "r");
	CU_ASSERT_STRING_EQUAL(param.rest, "a/b.c");
	ASSERT_ERR(route_find(METHOD_GET, "/api/v1/runs/r/artifacts/a",
	    &route, &param, &allow), SR_OK);
	CU_ASSERT_STRING_EQUAL(param.between, "");
}

static void
every_address_finds_its_row(void)
{
	const struct route * route;
	struct route_param param;
	unsigned allow;

	for (size_t i = 0; i < COUNTOF(found); i++) {
		ASSERT_ERR(route_find(found[i].method, found[i].path, &route,
		    &param, &allow), SR_OK);
		CU_ASSERT_PTR_EQUAL(route, route_row(found[i].id));
		CU_ASSERT_EQUAL(allow, 0);
		CU_ASSERT_STRING_EQUAL(param.text, found[i].param);
	}
}

static void
other_addresses_are_not_found(void)
{
	static const char * const paths[] = { "/x", "/Login", "/login/",
	    "/login/x", "//", "/settings", "/settings/security/secrets",
	    "/settings/security/secrets/", "/settings/security/secrets/a/b",
	    "/errors/", "", "login" };
	static char longer[512] = "/errors/";
	const struct route * route;
	struct route_param param;
	unsigned allow;

	for (size_t i = 0; i < COUNTOF(paths); i++) {
		ASSERT_ERR(route_find(METHOD_GET, paths[i], &route, &param,
		    &allow), SR_E_ROUTE_NOT_FOUND);
		CU_ASSERT_PTR_NULL(route);
	}
	memset(longer + 8, 'a', ROUTE_PARAM_MAX + 1);
	ASSERT_ERR(route_find(METHOD_GET, longer, &route, &param, &allow),
	    SR_E_ROUTE_NOT_FOUND);
}

static void
a_wrong_method_says_which_are_right(void)
{
	const struct route * route;
	struct route_param param;
	unsigned allow;

	ASSERT_ERR(route_find(METHOD_OTHER, "/login", &route, &param, &allow),
	    SR_E_METHOD_NOT_ALLOWED);
	CU_ASSERT_EQUAL(allow, (1U << METHOD_GET) | (1U << METHOD_POST));
	ASSERT_ERR(route_find(METHOD_GET, "/logout", &route, &param, &allow),
	    SR_E_METHOD_NOT_ALLOWED);
	CU_ASSERT_EQUAL(allow, 1U << METHOD_POST);
}

/* What may be done without an account is written down here once more. */
static void
only_these_rows_are_open_to_anyone(void)
{
	static const enum route_id open[] = { ROUTE_FRONT, ROUTE_SETUP_SHOW,
	    ROUTE_SETUP_CREATE, ROUTE_LOGIN_SHOW, ROUTE_LOGIN_CHECK,
	    ROUTE_ERRORS, ROUTE_ERROR_TYPE, ROUTE_HEALTHZ, ROUTE_READYZ,
	    ROUTE_API_OPENAPI, ROUTE_SECURITY_TXT, ROUTE_LOGIN_CODE_SHOW,
	    ROUTE_LOGIN_CODE,
	    ROUTE_INVITATION_SHOW, ROUTE_INVITATION_ACCEPT };
	bool listed;

	for (unsigned i = 0; i < ROUTE__MAX; i++) {
		listed = false;
		for (size_t k = 0; k < COUNTOF(open); k++)
			listed = listed || open[k] == (enum route_id)i;
		CU_ASSERT_EQUAL(route_row((enum route_id)i)->role ==
		    ROLE_ANYONE, listed);
		CU_ASSERT_EQUAL(route_row((enum route_id)i)->pattern[0], '/');
		CU_ASSERT_PTR_NOT_NULL(route_row((enum route_id)i)->handler);
	}
}

static const struct suite_test tests[] = {
	TEST(every_address_finds_its_row),
	TEST(a_pattern_takes_two_parameters_and_a_tail),
	TEST(a_tail_may_come_behind_two_parameters),
	TEST(other_addresses_are_not_found),
	TEST(a_wrong_method_says_which_are_right),
	TEST(only_these_rows_are_open_to_anyone),
};

SUITE_MAIN("cgi/route", tests, NULL, NULL)
