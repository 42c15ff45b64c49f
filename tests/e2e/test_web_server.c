/*
 * Goal: what the web server answers itself, because a request is too large for
 * a worker or because none answers, is a page that says what to do.
 */

#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"
#include "tests/harness/suite.h"

static struct instance * inst;

static int
start(void)
{

	return ((inst = instance_start(NULL)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* A page of the web server's own, which looks as ours do; frees it. */
static void
expect_static(struct http_reply * r, long status, const char * says)
{
	char * type = http_reply_header(r, "Content-Type");

	if (r->status != status)
		suite_note("%ld %s %s", r->status, r->error, r->body);
	CU_ASSERT_EQUAL(r->status, status);
	CU_ASSERT(http_has(r, says));
	CU_ASSERT(http_has(r, "id=\"error-recovery\""));
	CU_ASSERT(http_has(r, "href=\"/assets/strongroom.css\""));
	CU_ASSERT_PTR_NOT_NULL_FATAL(type);
	CU_ASSERT_EQUAL(strncmp(type, "text/html", 9), 0);
	free(type);
	http_reply_free(&r);
}

/* lighttpd makes one name of the two; whose the address is cannot be told. */
static void
two_addresses_of_one_client_are_refused(void)
{
	struct http * h = instance_client(inst);
	struct http_reply * r;

	http_header(h, "X-Forwarded-For: 203.0.113.5");
	r = http_get(h, "/login");
	CU_ASSERT_EQUAL(r->status, 200);
	http_reply_free(&r);
	http_header(h, "X_Forwarded_For: 198.51.100.7");
	r = http_get(h, "/login");
	CU_ASSERT_EQUAL(r->status, 400);
	CU_ASSERT(http_has(r, "request_malformed"));
	http_reply_free(&r);
	http_free(&h);
}

static void
what_no_worker_sees_is_answered_with_a_page(void)
{
	size_t len = 2 * 1024 * 1024;
	char * body = calloc(1, len);
	char * line = calloc(1, 20000);
	static const char type[] = "application/x-www-form-urlencoded";
	struct http * h = instance_client(inst);
	struct http_reply * r;

	CU_ASSERT_FATAL(body != NULL && line != NULL);
	memset(body, 'x', len);
	r = http_request(h, "POST", "/login", type, body, len);
	expect_static(r, 413, "The request is too large");
	/* As curl -X POST sends it. */
	r = http_request(h, "POST", "/api/v1/providers/anthropic/check", NULL,
	    NULL, 0);
	expect_static(r, 411, "Content-Length");
	r = http_request(h, "POST", "/api/v1/providers/anthropic/check", NULL,
	    "", 0);
	CU_ASSERT_EQUAL(r->status, 401);
	CU_ASSERT(http_has(r, "session_required"));
	http_reply_free(&r);
	memset(line, 'a', 19999);
	memcpy(line, "X-Long: ", 8);
	http_header(h, line);
	expect_static(http_get(h, "/login"), 431, "headers are too large");
	http_free(&h);
	free(line);
	free(body);
}

static void
a_site_without_workers_says_so(void)
{
	struct http * h = instance_client(inst);

	CU_ASSERT_EQUAL(instance_stop_workers(inst), 0);
	expect_static(http_get(h, "/login"), 503,
	    "Strongroom is not available");
	http_free(&h);
}

static const struct suite_test tests[] = {
	TEST(two_addresses_of_one_client_are_refused),
	TEST(what_no_worker_sees_is_answered_with_a_page),
	TEST(a_site_without_workers_says_so),
};

SUITE_MAIN("e2e/web_server", tests, start, stop)
