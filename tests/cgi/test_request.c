#include <string.h>

#include "cgi/body.h"
#include "cgi/request.h"
#include "cgi/site.h"
#include "core/base/secbuf.h"
#include "tests/cgi/fixture.h"
#include "tests/harness/suite.h"

static const struct site plain = { .origin = "http://127.0.0.1:8080" };
static const struct site tls = { .https = true,
    .origin = "https://vault.example" };
static const struct site below = { .https = true,
    .origin = "https://vault.example", .prefix = "/strongroom" };

static enum sr_error
read_with(const struct site * site, struct fake * f, struct request * r)
{
	struct source s = fake_source(f);

	return (request_read(&s, site, r));
}

static void
path_is_script_name_and_path_info(void)
{
	struct fake lighttpd = { .params = { { "REQUEST_METHOD", "GET" },
	    { "SCRIPT_NAME", "" }, { "PATH_INFO", "/login" } } };
	struct fake apache = { .params = { { "REQUEST_METHOD", "GET" },
	    { "SCRIPT_NAME", "/login" } } };
	struct fake both = { .params = { { "REQUEST_METHOD", "HEAD" },
	    { "SCRIPT_NAME", "/settings" }, { "PATH_INFO", "/security" } } };
	struct request r;

	ASSERT_ERR(read_with(&plain, &lighttpd, &r), SR_OK);
	CU_ASSERT_STRING_EQUAL(r.path, "/login");
	CU_ASSERT_EQUAL(r.method, METHOD_GET);
	CU_ASSERT_FALSE(r.head);
	request_free(&r);
	ASSERT_ERR(read_with(&plain, &apache, &r), SR_OK);
	CU_ASSERT_STRING_EQUAL(r.path, "/login");
	request_free(&r);
	ASSERT_ERR(read_with(&plain, &both, &r), SR_OK);
	CU_ASSERT_STRING_EQUAL(r.path, "/settings/security");
	CU_ASSERT_EQUAL(r.method, METHOD_GET);
	CU_ASSERT_TRUE(r.head);
	request_free(&r);
}

static void
bad_paths_and_lengths_are_malformed(void)
{
	static const struct {
		const char * path;
		const char * length;
	} bad[] = {
		{ "", "" }, { "login", "" }, { "/a\xc0\xaf", "" },
		{ "/a\nb", "" }, { "/\x7f", "" }, { "/", "-1" },
		{ "/", "1e3" }, { "/", "99999999999999999999" },
	};
	struct request r;

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		struct fake f = { .params = { { "REQUEST_METHOD", "POST" },
		    { "SCRIPT_NAME", bad[i].path },
		    { "CONTENT_LENGTH", bad[i].length } } };

		ASSERT_ERR(read_with(&plain, &f, &r), SR_E_REQUEST_MALFORMED);
		CU_ASSERT_EQUAL(r.method, METHOD_POST);
		request_free(&r);
	}
}

/* Whoever asks could choose his address by a second line of the header. */
static void
what_is_decided_by_is_there_once(void)
{
	static const char * const names[] = { "HTTP_X_FORWARDED_FOR",
	    "REMOTE_USER", "REMOTE_ADDR", "HTTP_HOST", "HTTP_COOKIE",
	    "HTTP_AUTHORIZATION", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE",
	    "HTTP_X_CSRF_TOKEN" };
	struct request r;

	for (size_t i = 0; i < COUNTOF(names); i++) {
		struct fake f = { .params = { { "SCRIPT_NAME", "/" },
		    { names[i], "203.0.113.5" }, { names[i], "" } } };

		ASSERT_ERR(read_with(&plain, &f, &r), SR_E_REQUEST_MALFORMED);
		CU_ASSERT_STRING_EQUAL(r.address, "");
		CU_ASSERT_STRING_EQUAL(r.remote_user, "");
		request_free(&r);
		f.params[2].name = NULL;
		ASSERT_ERR(read_with(&plain, &f, &r), SR_OK);
		request_free(&r);
	}
}

static void
over_long_headers_are_refused(void)
{
	static const char * const names[] = { "SCRIPT_NAME", "QUERY_STRING",
	    "HTTP_COOKIE", "HTTP_ACCEPT", "CONTENT_TYPE", "HTTP_ORIGIN" };
	static char huge[REQUEST_COOKIE_MAX + 2];
	struct request r;

	memset(huge, '/', sizeof(huge) - 1);
	for (size_t i = 0; i < COUNTOF(names); i++) {
		struct fake f = { .params = { { names[i], huge },
		    { "SCRIPT_NAME", "/" } } };

		ASSERT_ERR(read_with(&plain, &f, &r),
		    SR_E_REQUEST_HEADERS_TOO_LARGE);
		request_free(&r);
	}
}

static bool
holds(const struct secbuf * b, const char * text)
{
	struct secbuf * t = NULL;
	bool same;

	if (b == NULL || secbuf_copy(text, strlen(text), &t) != SR_OK)
		return (false);
	same = secbuf_equal(b, t);
	secbuf_free(&t);
	return (same);
}

static void
cookies_go_by_their_exact_name(void)
{
	struct fake f = { .params = { { "SCRIPT_NAME", "/" },
	    { "HTTP_COOKIE", "xsr_session=no; sr_session=yes;sr_form=f; "
	    "sr_setup=a; sr_setup=b; __Host-sr_session=host" } } };
	struct request r;

	ASSERT_ERR(read_with(&plain, &f, &r), SR_OK);
	CU_ASSERT_TRUE(holds(r.cookies[COOKIE_SESSION], "yes"));
	CU_ASSERT_TRUE(holds(r.cookies[COOKIE_FORM], "f"));
	/* Twice: one of them is not ours, so neither counts. */
	CU_ASSERT_PTR_NULL(r.cookies[COOKIE_SETUP]);
	request_free(&r);
	ASSERT_ERR(read_with(&tls, &f, &r), SR_OK);
	CU_ASSERT_TRUE(holds(r.cookies[COOKIE_SESSION], "host"));
	CU_ASSERT_PTR_NULL(r.cookies[COOKIE_FORM]);
	request_free(&r);
}

static void
accept_chooses_the_representation(void)
{
	static const struct {
		const char * header;
		enum format format;
	} rows[] = {
		{ "", FORMAT_HTML }, { "*/*", FORMAT_HTML },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,"
		    "*/*;q=0.8", FORMAT_HTML },
		{ "application/xml", FORMAT_XML },
		{ "Application/XML; q=0.5", FORMAT_XML },
		{ "application/xml;q=0, text/html;q=0.1", FORMAT_HTML },
		{ "application/problem+json", FORMAT_JSON },
		{ "application/json, */*;q=0.1", FORMAT_JSON },
		{ "application/problem+xml, text/html;q=0.9", FORMAT_XML },
		{ "image/png", FORMAT_HTML }, { ",,;q=1,", FORMAT_HTML },
		{ "text/html;q=0.2, application/xml;q=0.3", FORMAT_XML },
		{ "application/xml;q=", FORMAT_XML },
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		CU_ASSERT_EQUAL(accept_format(rows[i].header), rows[i].format);
		if (accept_format(rows[i].header) != rows[i].format)
			suite_note("accept \"%s\"", rows[i].header);
	}
	CU_ASSERT_EQUAL(accept_format(NULL), FORMAT_HTML);
}

static enum sr_error
body_of(struct fake * f, const struct request * r, size_t limit, size_t * len)
{
	struct source s = fake_source(f);
	struct secbuf * body = NULL;
	enum sr_error err = body_read(&s, r, limit, &body);

	CU_ASSERT_EQUAL(err == SR_OK, body != NULL);
	*len = body == NULL ? 0 : secbuf_len(body);
	secbuf_free(&body);
	return (err);
}

static void
a_short_or_broken_body_is_incomplete(void)
{
	const struct request r = { .has_length = true, .length = 10 };
	struct fake whole = { .body = "0123456789xx", .body_len = 12,
	    .at_once = 3 };
	struct fake brief = { .body = "01234", .body_len = 5 };
	struct fake broken = { .body = "0123456789", .body_len = 10,
	    .broken = true };
	size_t len;

	ASSERT_ERR(body_of(&whole, &r, 100, &len), SR_OK);
	CU_ASSERT_EQUAL(len, 10);
	ASSERT_ERR(body_of(&brief, &r, 100, &len), SR_E_REQUEST_INCOMPLETE);
	ASSERT_ERR(body_of(&broken, &r, 100, &len), SR_E_REQUEST_INCOMPLETE);
}

static void
a_body_over_the_limit_is_refused_unread(void)
{
	const struct request announced = { .has_length = true, .length = 11 };
	const struct request chunked = { .has_length = false };
	struct fake f = { .body = "0123456789abcdef", .body_len = 16 };
	struct fake fits = { .body = "0123456789", .body_len = 10 };
	size_t len;

	ASSERT_ERR(body_of(&f, &announced, 10, &len),
	    SR_E_REQUEST_BODY_TOO_LARGE);
	CU_ASSERT_EQUAL(f.given, 0);
	ASSERT_ERR(body_of(&f, &chunked, 10, &len),
	    SR_E_REQUEST_BODY_TOO_LARGE);
	CU_ASSERT_TRUE(f.given <= 11);
	ASSERT_ERR(body_of(&fits, &chunked, 10, &len), SR_OK);
	CU_ASSERT_EQUAL(len, 10);
}

#define LONG_PREFIX							\
    "http://a/0123456789012345678901234567890123456789"			\
    "012345678901234567890123"

static void
site_urls_are_taken_apart(void)
{
	static const char * const bad[] = { "", "ftp://x", "http://",
	    "http://user@host", "//x", "http://a b", "https://x?y",
	    "http://a//", "http://a//b", "http://a/b//", "http://a/..",
	    "http://a/.b", "http://a/b/./c", "http://a/b?c", "http://a/%62",
	    "http://a/b\"c", "http://a/b<", "http://a/b c", "http://a/\303\244",
	    "http://a/b;c", LONG_PREFIX };
	struct site s;

	ASSERT_ERR(site_parse("HTTP://Vault.Example:80/", &s), SR_OK);
	CU_ASSERT_STRING_EQUAL(s.origin, "http://vault.example");
	CU_ASSERT_FALSE(s.https);
	ASSERT_ERR(site_parse("https://[::1]:8443", &s), SR_OK);
	CU_ASSERT_STRING_EQUAL(s.origin, "https://[::1]:8443");
	CU_ASSERT_TRUE(s.https);
	CU_ASSERT_STRING_EQUAL(s.prefix, "");
	ASSERT_ERR(site_parse("https://Vault.example:443/Team/strong-room_1.0/",
	    &s), SR_OK);
	CU_ASSERT_STRING_EQUAL(s.origin, "https://vault.example");
	CU_ASSERT_STRING_EQUAL(s.prefix, "/Team/strong-room_1.0");
	for (size_t i = 0; i < COUNTOF(bad); i++)
		ASSERT_ERR(site_parse(bad[i], &s), SR_E_CONFIG_INVALID);
}

/* Whether ${path} is of ${site}, and what is left of it. */
static bool
enters(const struct site * site, const char * path, const char * left)
{
	char text[64];
	bool in;

	(void)snprintf(text, sizeof(text), "%s", path);
	in = site_enter(site, text);
	if (strcmp(text, left) != 0)
		suite_note("%s becomes %s", path, text);
	return (in && strcmp(text, left) == 0);
}

static void
the_prefix_is_taken_off_a_path_and_nothing_else(void)
{
	static const char * const outside[] = { "/", "/strongrooms",
	    "/strongroom-2/x", "/strong", "/x/strongroom/", "/Strongroom/" };
	char text[64];

	CU_ASSERT(enters(&plain, "/", "/"));
	CU_ASSERT(enters(&plain, "/strongroom/x", "/strongroom/x"));
	CU_ASSERT(enters(&below, "/strongroom", "/"));
	CU_ASSERT(enters(&below, "/strongroom/", "/"));
	CU_ASSERT(enters(&below, "/strongroom/api/v1", "/api/v1"));
	CU_ASSERT(enters(&below, "/strongroom/strongroom/x", "/strongroom/x"));
	CU_ASSERT(enters(&below, "/strongroom//x", "//x"));
	for (size_t i = 0; i < COUNTOF(outside); i++) {
		(void)snprintf(text, sizeof(text), "%s", outside[i]);
		CU_ASSERT_FALSE(site_enter(&below, text));
		CU_ASSERT_STRING_EQUAL(text, outside[i]);
	}
}

static void
cookies_stay_where_the_site_is(void)
{

	CU_ASSERT_STRING_EQUAL(cookie_name(COOKIE_SESSION, &plain),
	    "sr_session");
	CU_ASSERT_STRING_EQUAL(cookie_path_name(&plain), "/");
	CU_ASSERT_STRING_EQUAL(cookie_name(COOKIE_SESSION, &tls),
	    "__Host-sr_session");
	/* __Host- needs Path=/, which other sites of the host would see. */
	CU_ASSERT_STRING_EQUAL(cookie_name(COOKIE_SESSION, &below),
	    "__Secure-sr_session");
	CU_ASSERT_STRING_EQUAL(cookie_path_name(&below), "/strongroom");
}

static void
the_path_of_a_request_is_below_the_prefix(void)
{
	struct fake in = { .params = { { "REQUEST_METHOD", "GET" },
	    { "SCRIPT_NAME", "/strongroom" }, { "PATH_INFO", "/api/v1/x" } } };
	struct fake apache = { .params = { { "REQUEST_METHOD", "GET" },
	    { "SCRIPT_NAME", "/strongroom/api/v1/x" } } };
	struct fake out = { .params = { { "REQUEST_METHOD", "GET" },
	    { "SCRIPT_NAME", "" }, { "PATH_INFO", "/api/v1/x" } } };
	struct request r;

	ASSERT_ERR(read_with(&below, &in, &r), SR_OK);
	CU_ASSERT_STRING_EQUAL(r.path, "/api/v1/x");
	CU_ASSERT_TRUE(r.api);
	request_free(&r);
	ASSERT_ERR(read_with(&below, &apache, &r), SR_OK);
	CU_ASSERT_STRING_EQUAL(r.path, "/api/v1/x");
	request_free(&r);
	ASSERT_ERR(read_with(&below, &out, &r), SR_E_ROUTE_NOT_FOUND);
	request_free(&r);
}

static void
foreign_origins_are_told_apart(void)
{

	CU_ASSERT_TRUE(site_same_origin(&plain, "http://127.0.0.1:8080", ""));
	CU_ASSERT_TRUE(site_same_origin(&plain, "http://localhost:8080",
	    "localhost:8080"));
	CU_ASSERT_FALSE(site_same_origin(&plain, "http://localhost:9090",
	    "localhost:8080"));
	CU_ASSERT_FALSE(site_same_origin(&plain, "https://evil.example",
	    "127.0.0.1:8080"));
	CU_ASSERT_FALSE(site_same_origin(&tls, "http://vault.example",
	    "vault.example"));
	CU_ASSERT_FALSE(site_same_origin(&tls, "https://other.example",
	    "other.example"));
	CU_ASSERT_TRUE(site_same_origin(&tls, "https://vault.example", ""));
}

/* No header can be REMOTE_USER, and X-Forwarded-For is for proxies alone. */
static void
who_and_from_where_is_not_said_by_headers(void)
{
	struct fake f = { .params = { { "REQUEST_METHOD", "GET" },
	    { "PATH_INFO", "/" }, { "REMOTE_ADDR", "10.1.2.3" },
	    { "HTTP_REMOTE_USER", "lead@example.org" },
	    { "HTTP_X_FORWARDED_FOR", "203.0.113.9, 198.51.100.7" } } };
	struct site behind = plain;
	struct request r;

	ASSERT_ERR(read_with(&plain, &f, &r), SR_OK);
	CU_ASSERT_STRING_EQUAL(r.remote_user, "");
	CU_ASSERT_STRING_EQUAL(r.address, "10.1.2.3");
	request_free(&r);
	CU_ASSERT_TRUE(proxies_parse("10.0.0.0/8", &behind.proxies));
	f.params[5] = (struct fake_param){ "REMOTE_USER", "a@example.org" };
	ASSERT_ERR(read_with(&behind, &f, &r), SR_OK);
	CU_ASSERT_STRING_EQUAL(r.remote_user, "a@example.org");
	CU_ASSERT_STRING_EQUAL(r.address, "198.51.100.7");
	request_free(&r);
}

static const struct suite_test tests[] = {
	TEST(path_is_script_name_and_path_info),
	TEST(bad_paths_and_lengths_are_malformed),
	TEST(what_is_decided_by_is_there_once),
	TEST(over_long_headers_are_refused),
	TEST(cookies_go_by_their_exact_name),
	TEST(accept_chooses_the_representation),
	TEST(a_short_or_broken_body_is_incomplete),
	TEST(a_body_over_the_limit_is_refused_unread),
	TEST(site_urls_are_taken_apart),
	TEST(the_prefix_is_taken_off_a_path_and_nothing_else),
	TEST(cookies_stay_where_the_site_is),
	TEST(the_path_of_a_request_is_below_the_prefix),
	TEST(foreign_origins_are_told_apart),
	TEST(who_and_from_where_is_not_said_by_headers),
};

SUITE_MAIN("cgi/request", tests, NULL, NULL)
