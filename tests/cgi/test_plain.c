/*
 * Goal: an https site does nothing for who came without TLS, and believes only
 * its web server and proxies that are trusted that somebody did come by TLS.
 */

#include "tests/cgi/visit.h"

/* Ask at an https site; ${trusted}: of access.trusted_proxies. */
static void
visit_strict(struct visit * v, const char * trusted)
{
	const struct site former = visit_worker.site;

	ASSERT_ERR(site_parse("https://vault.example/team",
	    &visit_worker.site), SR_OK);
	CU_ASSERT_TRUE(proxies_parse(trusted, &visit_worker.site.proxies));
	(void)visit(v);
	visit_worker.site = former;
}

static void
without_tls_an_https_site_does_nothing(void)
{
	struct visit v = { .path = "/team/settings/security",
		.query = "notice=secret-saved" };

	visit_strict(&v, "");
	CU_ASSERT_EQUAL(visit_status(&v), 308);
	CU_ASSERT_TRUE(visit_has(&v,
	    "Location: https://vault.example/team/settings/security\r\n"));
	CU_ASSERT_FALSE(visit_has(&v, "Strict-Transport-Security"));
	CU_ASSERT_FALSE(visit_has(&v, "notice"));
	v = (struct visit){ .method = "POST", .path = "/team/login",
		.body = "login[email]=a@b.c&login[password]=plain+words",
		.answer = v.answer };
	visit_strict(&v, "");
	CU_ASSERT_EQUAL(visit_status(&v), 403);
	CU_ASSERT_TRUE(visit_has(&v, "https_required"));
	CU_ASSERT_FALSE(visit_has(&v, "Set-Cookie"));
	/* A key is not even looked for. */
	v = (struct visit){ .path = "/team/api/v1/secrets", .authorization =
		"Bearer srk_nosuchkey", .answer = v.answer };
	visit_strict(&v, "");
	CU_ASSERT_EQUAL(visit_status(&v), 403);
	CU_ASSERT_TRUE(visit_has(&v, "\"error\":\"https_required\""));
	v = (struct visit){ .path = "/team/no/such/page", .https = "off",
		.answer = v.answer };
	visit_strict(&v, "");
	CU_ASSERT_EQUAL(visit_status(&v), 308);
	v.path = "/team/healthz";
	visit_strict(&v, "");
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_FALSE(visit_has(&v, "Strict-Transport-Security"));
	visit_free(&v);
}

static void
who_says_that_it_came_by_tls_counts(void)
{
	struct visit v = { .path = "/team/login", .proto = "https" };

	/* Anybody; that there is a proxy before us ends a round trip. */
	visit_strict(&v, "");
	CU_ASSERT_EQUAL(visit_status(&v), 403);
	CU_ASSERT_TRUE(visit_has(&v, "access.trusted_proxies"));
	visit_strict(&v, "10.0.0.0/8");
	CU_ASSERT_EQUAL(visit_status(&v), 403);
	/* One that is trusted. */
	visit_strict(&v, "127.0.0.1");
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_TRUE(visit_has(&v, "Strict-Transport-Security: "));
	v.proto = "https, http";
	visit_strict(&v, "127.0.0.1");
	CU_ASSERT_EQUAL(visit_status(&v), 308);
	/* Its own hop to us is not the client's. */
	v.proto = "http";
	v.https = "on";
	visit_strict(&v, "127.0.0.1");
	CU_ASSERT_EQUAL(visit_status(&v), 308);
	visit_strict(&v, "");
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	visit_free(&v);
}

static void
what_is_said_twice_is_refused(void)
{
	struct fake f = { .params = { { "REQUEST_METHOD", "GET" },
	    { "SCRIPT_NAME", "/login" },
	    { "HTTP_X_FORWARDED_PROTO", "http" },
	    { "HTTP_X_FORWARDED_PROTO", "https" } } };
	const struct source source = fake_source(&f);
	struct request r;

	ASSERT_ERR(request_read(&source, &visit_worker.site, &r),
	    SR_E_REQUEST_MALFORMED);
	request_free(&r);
}

static const struct suite_test tests[] = {
	TEST(without_tls_an_https_site_does_nothing),
	TEST(who_says_that_it_came_by_tls_counts),
	TEST(what_is_said_twice_is_refused),
};

SUITE_MAIN("cgi/plain", tests, visit_open, visit_close)
