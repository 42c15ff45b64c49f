/*
 * Goal: behind a web server with TLS, as deploy/snippets --host sets it up, all
 * works by TLS and nothing without it, and only the web server or a proxy that
 * is trusted can say that a request came by TLS.
 */

#include <sys/socket.h>

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define JSON		"application/json"
#define VALUE		"a-value-that-goes-by-tls-41fe"
#define LARGE		((size_t)6 * 1024 * 1024)
#define PROXY		"127.0.0.2"

static struct instance * inst;		/* By TLS. */
static struct instance * bare;		/* An https site without TLS. */
static struct http * owner;
static struct http * program;
static char bearer[128], project[37], run[37];

static bool
make_key(void)
{
	char * out = NULL, * err = NULL;
	json_t * j = NULL;
	bool made;

	made = instance_operator(inst, INSTANCE_ARGS("apikey", "create",
	    "--name", "e2e/tls", "--scope", "secrets:write,secrets:read,"
	    "secrets:resolve,runs:write", "--json"), NULL, &out, &err) == 0 &&
	    (j = json_loads(out, 0, NULL)) != NULL;
	if (made)
		(void)snprintf(bearer, sizeof(bearer), "Authorization: "
		    "Bearer %s", json_string_value(json_object_get(j, "key")));
	json_decref(j);
	free(out);
	free(err);
	return (made);
}

static int
start(void)
{
	static const char * const site[] = { "STRONGROOM_SITE_URL="
	    "https://vault.test", "STRONGROOM_ACCESS_TRUSTED_PROXIES=" PROXY,
	    NULL };
	static const char * const slow[] = { "STRONGROOM_SSE_SECONDS=50",
	    "STRONGROOM_SSE_HEARTBEAT_SECONDS=45", NULL };
	const struct instance_options with = { .tls = true,
	    .settings = slow };
	const struct instance_options without = { .settings = site,
	    .prefix = "", .unmigrated = true };

	if ((inst = instance_start(&with)) == NULL ||
	    (bare = instance_start(&without)) == NULL ||
	    (owner = walk_in(inst)) == NULL || !make_key())
		return (-1);
	program = instance_client(inst);
	http_header(program, bearer);
	http_header(program, "Accept: " JSON);
	return (0);
}

static int
stop(void)
{
	unsigned faults;

	http_free(&owner);
	http_free(&program);
	faults = instance_stop(&bare);
	faults += instance_stop(&inst);
	return (faults == 0 ? 0 : -1);
}

static bool
has_header(const struct http_reply * r, const char * name, const char * text)
{
	char * value = http_reply_header(r, name);
	bool has = value != NULL && strstr(value, text) != NULL;

	free(value);
	return (has);
}

static void
pages_are_strict_and_cookies_secure(void)
{
	struct http * h = instance_client(inst);
	struct http_reply * r = http_get(h, "/login");
	bool root = instance_prefix(inst)[0] == '\0';

	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(has_header(r, "Strict-Transport-Security", "max-age=31536"));
	CU_ASSERT_EQUAL(http_reply_header_count(r,
	    "Strict-Transport-Security"), 1);
	CU_ASSERT(has_header(r, "Set-Cookie", root ? "__Host-sr_form=" :
	    "__Secure-sr_form="));
	CU_ASSERT(has_header(r, "Set-Cookie", "; HttpOnly; SameSite=Lax; "
	    "Secure"));
	http_reply_free(&r);
	http_free(&h);
	/* Signed in by such cookies (start). */
	CU_ASSERT(walk_stored(owner, "instance", "tls/kept", VALUE));
}

/* --- Without it ----------------------------------------------------------- */

/* Ask ${port} in plain text, from ${from}; all of the answer, caller frees. */
static char *
ask_plain(unsigned port, const char * from, const char * method,
    const char * path, const char * lines)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	char * request = text_format("%s %s HTTP/1.1\r\nHost: elsewhere.test"
	    "\r\nConnection: close\r\nContent-Length: 0\r\n%s\r\n", method,
	    path, lines);
	char * all = calloc(1, 65536);
	size_t len = 0;
	ssize_t n;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(all != NULL && inet_pton(AF_INET, from, &a.sin_addr) == 1);
	must(fd != -1 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	must(send(fd, request, strlen(request), MSG_NOSIGNAL) ==
	    (ssize_t)strlen(request));
	while ((n = recv(fd, all + len, 65535 - len, 0)) > 0)
		len += (size_t)n;
	close(fd);
	free(request);
	return (all);
}

static long
status_of(const char * answer)
{

	return (strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atol(answer + 9) : 0);
}

static void
what_comes_without_tls_is_sent_there_by_the_web_server(void)
{
	static const char * const methods[] = { "GET", "POST", "PUT" };
	const char * prefix = instance_prefix(inst);
	char * path = text_format("%s/api/v1/secrets?limit=1", prefix);
	char * to = text_format("ocation: https://127.0.0.1:%u%s\r\n",
	    instance_port(inst), path);
	char * line = text_format("%s\r\n", bearer);
	char * answer;

	for (size_t i = 0; i < COUNTOF(methods); i++) {
		answer = ask_plain(instance_plain_port(inst), "127.0.0.1",
		    methods[i], path, line);
		if (status_of(answer) != 308 || strstr(answer, to) == NULL)
			suite_note("%s: %.400s", methods[i], answer);
		CU_ASSERT_EQUAL(status_of(answer), 308);
		CU_ASSERT_PTR_NOT_NULL(strstr(answer, to));
		CU_ASSERT_PTR_NULL(strcasestr(answer, "\r\nStrict-"));
		CU_ASSERT_PTR_NULL(strcasestr(answer, "\r\nSet-Cookie"));
		/* A worker was not asked. */
		CU_ASSERT_PTR_NULL(strcasestr(answer, "X-Correlation-Id"));
		CU_ASSERT_PTR_NULL(strstr(answer, "elsewhere.test"));
		free(answer);
	}
	free(line);
	free(to);
	free(path);
}

/* Of a web server that sends nobody anywhere. */
static void
expect_open(const char * from, const char * path, const char * lines,
    long status, bool strict)
{
	char * answer = ask_plain(instance_port(bare), from, "GET", path,
	    lines);

	if (status_of(answer) != status)
		suite_note("%s %s %s: %.600s", from, path, lines, answer);
	CU_ASSERT_EQUAL(status_of(answer), status);
	CU_ASSERT(strict == (strcasestr(answer, "\r\nStrict-Transport-"
	    "Security: ") != NULL));
	CU_ASSERT_PTR_NULL(strstr(answer, "elsewhere.test"));
	if (status == 308)
		CU_ASSERT_PTR_NOT_NULL(strstr(answer,
		    "ocation: https://vault.test/login\r\n"));
	free(answer);
}

static void
a_worker_that_is_reached_without_tls_refuses(void)
{
	static const char * const headers[] = { "HTTPS: on\r\n",
	    "Https: on\r\nREQUEST_SCHEME: https\r\n",
	    "Request-Scheme: https\r\nX-Forwarded-Ssl: on\r\n",
	    "Front-End-Https: on\r\nForwarded: proto=https\r\n",
	    "X-Url-Scheme: https\r\nX-Forwarded-Scheme: https\r\n" };

	expect_open("127.0.0.1", "/login", "", 308, false);
	for (size_t i = 0; i < COUNTOF(headers); i++)
		expect_open("127.0.0.1", "/login", headers[i], 308, false);
	expect_open("127.0.0.1", "/login", "X-Forwarded-Proto: https\r\n",
	    403, false);
	expect_open("127.0.0.1", "/api/v1/secrets", "", 403, false);
	expect_open("127.0.0.1", "/healthz", "", 200, false);
}

static void
a_proxy_that_is_trusted_says_how_it_came(void)
{

	expect_open(PROXY, "/login", "X-Forwarded-Proto: https\r\n", 200,
	    true);
	expect_open(PROXY, "/login", "X-Forwarded-Proto: http\r\n", 308,
	    false);
	expect_open(PROXY, "/login", "", 308, false);
	/* One of them is not the proxy's. */
	expect_open(PROXY, "/login", "X-Forwarded-Proto: http\r\n"
	    "X-Forwarded-Proto: https\r\n",
	    instance_web(bare) == INSTANCE_WEB_NGINX ? 400 : 308, false);
}

/* --- Programs ------------------------------------------------------------- */

static void
call(const char * method, const char * path, const char * body,
    const char * member, char id[37])
{
	struct http_reply * r = http_request(program, method, path, JSON, body,
	    strlen(body));
	json_t * j = json_loads(r->body, 0, NULL);
	const char * text = json_string_value(json_object_get(j, member));

	if (r->status < 200 || r->status > 299)
		suite_note("%s %s: %ld %s %s", method, path, r->status,
		    r->error, r->body);
	CU_ASSERT_FATAL(r->status >= 200 && r->status <= 299);
	if (id != NULL) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(text);
		(void)snprintf(id, 37, "%s", text);
	}
	json_decref(j);
	http_reply_free(&r);
}

static void
a_program_gets_its_values(void)
{
	char * path;
	struct http_reply * r;

	call("POST", "/api/v1/projects", "{\"slug\":\"tls\",\"name\":\"T\"}",
	    "id", project);
	path = text_format("/api/v1/projects/%s/bindings/KEPT", project);
	call("PUT", path, "{\"scope\":\"instance\",\"name\":\"tls/kept\"}",
	    NULL, NULL);
	free(path);
	path = text_format("/api/v1/projects/%s/runs", project);
	call("POST", path, "{\"workflow_name\":\"w\",\"workflow_version\":"
	    "\"1\",\"trigger\":\"push\"}", "id", run);
	free(path);
	path = text_format("/api/v1/runs/%s/bindings", run);
	r = http_get(program, path);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(http_has(r, "\"" VALUE "\""));
	CU_ASSERT(has_header(r, "Strict-Transport-Security", "max-age"));
	CU_ASSERT(has_header(r, "Cache-Control", "no-store"));
	http_reply_free(&r);
	free(path);
}

/*
 * The next event is told when the one before it has been heard: what collects
 * them would wait for ever.
 */
static bool
tell_the_next(size_t before, void * cookie)
{
	unsigned * told = cookie;
	char * heard = text_format("\"told-%u\"", *told);
	char * path = text_format("/api/v1/runs/%s/events", run);
	char * body = text_format("{\"type\":\"step_started\",\"step\":"
	    "\"told-%u\",\"payload\":{}}", *told + 1);

	(void)before;
	if (http_coming(owner, *told == 0 ? "retry: " : heard)) {
		if (++*told < 3)
			call("POST", path, body, NULL, NULL);
	}
	free(body);
	free(path);
	free(heard);
	return (*told < 3);
}

static void
events_come_as_they_are_made(void)
{
	char * path = text_format("/projects/%s/runs/%s/events", project, run);
	unsigned told = 0;
	struct http_reply * r;

	http_watch(owner, tell_the_next, &told);
	r = http_get(owner, path);
	http_watch(owner, NULL, NULL);
	if (told != 3)
		suite_note("%ld %s told %u: %s", r->status, r->error, told,
		    r->body);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_EQUAL(told, 3);
	CU_ASSERT(http_has(r, "\"told-1\""));
	http_reply_free(&r);
	free(path);
}

static void
a_large_upload_is_whole(void)
{
	char * path = text_format("/api/v1/runs/%s/artifacts/large.txt", run);
	char * body = malloc(LARGE);
	struct http_reply * r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	for (size_t i = 0; i < LARGE; i++)
		body[i] = i % 64 == 63 ? '\n' : (char)('a' + i / 64 % 26);
	r = http_request(program, "PUT", path, "text/plain", body, LARGE);
	if (r->status != 201)
		suite_note("%ld %s %s", r->status, r->error, r->body);
	CU_ASSERT_EQUAL(r->status, 201);
	http_reply_free(&r);
	http_header(program, "Accept: text/plain");
	r = http_get(program, path);
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_FATAL(r->len == LARGE);
	CU_ASSERT_EQUAL(memcmp(r->body, body, LARGE), 0);
	http_reply_free(&r);
	/*
	 * What is too large is said by TLS as well. libcurl 7.88 does not take
	 * what it is told while it sends, by HTTP/2.
	 */
	http_first_version(owner);
	r = http_request(owner, "POST", "/login",
	    "application/x-www-form-urlencoded", body, (size_t)2 << 20);
	if (r->status != 413)
		suite_note("%ld %s %.200s", r->status, r->error, r->body);
	CU_ASSERT_EQUAL(r->status, 413);
	http_reply_free(&r);
	free(body);
	free(path);
}

static void
the_name_that_is_asked_for_decides_nothing(void)
{
	struct http * h = instance_client(inst);
	struct http_reply * r;

	http_header(h, "Host: elsewhere.test");
	r = http_get(h, "/settings/security");
	CU_ASSERT_EQUAL(r->status, 303);
	CU_ASSERT_PTR_NULL(strstr(r->headers, "elsewhere.test"));
	http_reply_free(&r);
	r = http_get(h, "/login");
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_FALSE(http_has(r, "elsewhere.test"));
	http_reply_free(&r);
	http_header(h, "Origin: https://elsewhere.test");
	r = http_post(h, "/login", HTTP_FIELDS({ "login[email]", "a@b.c" }));
	CU_ASSERT_EQUAL(r->status, 403);
	http_reply_free(&r);
	http_free(&h);
}

static const struct suite_test tests[] = {
	TEST(pages_are_strict_and_cookies_secure),
	TEST(what_comes_without_tls_is_sent_there_by_the_web_server),
	TEST(a_worker_that_is_reached_without_tls_refuses),
	TEST(a_proxy_that_is_trusted_says_how_it_came),
	TEST(a_program_gets_its_values),
	TEST(events_come_as_they_are_made),
	TEST(a_large_upload_is_whole),
	TEST(the_name_that_is_asked_for_decides_nothing),
};

SUITE_MAIN("e2e/tls", tests, start, stop)
