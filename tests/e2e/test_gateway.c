/*
 * Goal: what the web server hands to a worker is what it has to: the path, the
 * client's Authorization, and nobody's REMOTE_USER; and events reach the client
 * when they are made. The test stands in the worker's place.
 */

#include <sys/eventfd.h>

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"
#include "tests/harness/process.h"
#include "tests/harness/responder.h"
#include "tests/harness/suite.h"

#define SECONDS		20
#define EVENTS		"/projects/0192/runs/0193/events"

static struct instance * inst;

/* A client in a thread of its own. */
struct caller {
	pthread_t thread;
	struct http * http;
	const char * path;
	const char * method;
	const char * body;
	struct http_reply * reply;
	int heard;		/* eventfd: a piece of the body came. */
};

static int
start(void)
{
	const struct instance_options o = { .key = INSTANCE_KEY_GOOD,
		.shared = true };

	if ((inst = instance_start(&o)) == NULL)
		return (-1);
	return (instance_stop_workers(inst) == 0 ? 0 : -1);
}

static int
stop(void)
{

	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static bool
hear(size_t before, void * cookie)
{
	const struct caller * c = cookie;

	(void)before;
	return (eventfd_write(c->heard, 1) == 0);
}

static void *
call(void * cookie)
{
	struct caller * c = cookie;

	c->reply = http_request(c->http, c->method, c->path,
	    c->body == NULL ? NULL : "text/plain", c->body,
	    c->body == NULL ? 0 : strlen(c->body));
	return (NULL);
}

static void
begin(struct caller * c, const char * method, const char * path,
    const char * body)
{

	c->method = method;
	c->path = path;
	c->body = body;
	c->heard = eventfd(0, EFD_CLOEXEC);
	must(c->heard != -1);
	http_watch(c->http, hear, c);
	must(pthread_create(&c->thread, NULL, call, c) == 0);
}

static void
end(struct caller * c)
{

	must(pthread_join(c->thread, NULL) == 0);
	close(c->heard);
	http_reply_free(&c->reply);
	http_free(&c->http);
}

static void
answer(struct responder ** r)
{

	CU_ASSERT(responder_write(*r, "Status: 200\r\nContent-Type: "
	    "text/plain\r\n\r\nseen\n"));
	responder_end(r);
}

/* A parameter is not there, or is empty. */
static bool
nothing(const struct responder * r, const char * name)
{
	const char * value = responder_param(r, name);

	if (value != NULL && value[0] != '\0')
		suite_note("%s is %s", name, value);
	return (value == NULL || value[0] == '\0');
}

static bool
is(const struct responder * r, const char * name, const char * expected)
{
	const char * value = responder_param(r, name);
	bool same = value != NULL && strcmp(value, expected) == 0;

	if (!same)
		suite_note("%s is %s, not %s", name, value == NULL ? "not "
		    "there" : value, expected);
	return (same);
}

static void
what_a_client_claims_to_be_is_not_passed_on_as_who_it_is(void)
{
	struct caller c = { .http = instance_client(inst) };
	struct responder * r;

	http_header(c.http, "Remote-User: owner@example.org");
	http_header(c.http, "Remote_User: owner@example.org");
	http_header(c.http, "X-Remote-User: owner@example.org");
	http_header(c.http, "REMOTE-USER: owner@example.org");
	/* owner@example.org:x */
	http_header(c.http,
	    "Authorization: Basic b3duZXJAZXhhbXBsZS5vcmc6eA==");
	http_header(c.http, "HTTPS: on");
	http_header(c.http, "Proxy: http://evil.example/");
	begin(&c, "GET", "/settings/security?a=b%20c", NULL);
	r = responder_accept(instance_listener(inst), SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT(nothing(r, "REMOTE_USER"));
	CU_ASSERT(nothing(r, "REDIRECT_REMOTE_USER"));
	CU_ASSERT(nothing(r, "HTTPS"));
	CU_ASSERT(nothing(r, "HTTP_PROXY"));
	CU_ASSERT(is(r, "HTTP_AUTHORIZATION",
	    "Basic b3duZXJAZXhhbXBsZS5vcmc6eA=="));
	CU_ASSERT(is(r, "QUERY_STRING", "a=b%20c"));
	CU_ASSERT(is(r, "REQUEST_METHOD", "GET"));
	CU_ASSERT(is(r, "REMOTE_ADDR", "127.0.0.1"));
	answer(&r);
	end(&c);
}

/* Two lines become one list, the proxy's last. What gets the header's name and
 * is not it becomes a second parameter at the most: a worker refuses two. */
static void
an_address_that_is_claimed_is_not_taken_for_the_proxys(void)
{
	static const char * const claims[] = { "X-Forwarded-For: 203.0.113.5",
	    "X_Forwarded_For: 203.0.113.5" };
	struct responder * r;
	const char * value, * last;

	for (size_t i = 0; i < 2 * COUNTOF(claims); i++) {
		struct caller c = { .http = instance_client(inst) };

		if (i < COUNTOF(claims))
			http_header(c.http, claims[i]);
		http_header(c.http, "X-Forwarded-For: 198.51.100.7");
		if (i == COUNTOF(claims) + 1)
			http_header(c.http, claims[1]);
		begin(&c, "GET", "/login", NULL);
		r = responder_accept(instance_listener(inst), SECONDS);
		CU_ASSERT_PTR_NOT_NULL_FATAL(r);
		CU_ASSERT_EQUAL(responder_count(r, "HTTP_HOST"), 1);
		CU_ASSERT(responder_count(r, "REMOTE_USER") <= 1);
		value = responder_param(r, "HTTP_X_FORWARDED_FOR");
		CU_ASSERT_PTR_NOT_NULL_FATAL(value);
		last = strrchr(value, ' ') == NULL ? value :
		    strrchr(value, ' ') + 1;
		if (responder_count(r, "HTTP_X_FORWARDED_FOR") == 1 &&
		    strcmp(last, "198.51.100.7") != 0) {
			suite_note("%zu: %s", i, value);
			CU_ASSERT(false);
		}
		/* Lines of the one header are never two parameters. */
		CU_ASSERT(i % 2 == 1 ||
		    responder_count(r, "HTTP_X_FORWARDED_FOR") == 1);
		answer(&r);
		end(&c);
	}
}

/* What the worker routes by, for an address as it is asked for. */
static void
routes(const char * asked, const char * expected)
{
	struct caller c = { .http = instance_client(inst) };
	struct responder * r;
	char * path, * whole = text_format("%s%s", instance_prefix(inst),
	    expected);
	const char * part;

	begin(&c, "GET", asked, NULL);
	r = responder_accept(instance_listener(inst), SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	part = responder_param(r, "SCRIPT_NAME");
	path = text_format("%s", part == NULL ? "" : part);
	part = responder_param(r, "PATH_INFO");
	part = part == NULL ? "" : part;
	if (strlen(path) + strlen(part) != strlen(whole) ||
	    strncmp(whole, path, strlen(path)) != 0 ||
	    strcmp(whole + strlen(path), part) != 0) {
		suite_note("%s gives %s and %s", asked, path, part);
		CU_ASSERT(false);
	}
	answer(&r);
	end(&c);
	free(path);
	free(whole);
}

static void
script_name_and_path_info_are_the_path(void)
{

	routes("/", "/");
	routes("/settings/security", "/settings/security");
	routes("/api/v1/secrets/instance/app%2Fdb%20x",
	    "/api/v1/secrets/instance/app/db x");
	routes("/errors/a%25b%3F", "/errors/a%b?");
	routes("/settings/./x/../security", "/settings/security");
}

static void
a_body_comes_whole(void)
{
	struct caller c = { .http = instance_client(inst) };
	struct responder * r;

	begin(&c, "PUT", "/api/v1/x", "a body, as it was sent");
	r = responder_accept(instance_listener(inst), SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT(is(r, "CONTENT_LENGTH", "22"));
	CU_ASSERT(is(r, "CONTENT_TYPE", "text/plain"));
	CU_ASSERT_STRING_EQUAL(responder_body(r), "a body, as it was sent");
	answer(&r);
	end(&c);
}

/* Larger than what the others may send. */
static void
an_artifact_comes_whole(void)
{
	const size_t len = 3 * 1024 * 1024;
	struct caller c = { .http = instance_client(inst) };
	struct responder * r;
	char * body = malloc(len + 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	for (size_t i = 0; i < len; i++)
		body[i] = (char)('a' + i % 23);
	body[len] = '\0';
	begin(&c, "PUT", "/api/v1/runs/0193/artifacts/out/log.txt", body);
	r = responder_accept(instance_listener(inst), SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_EQUAL(strlen(responder_body(r)), len);
	CU_ASSERT(strcmp(responder_body(r), body) == 0);
	answer(&r);
	end(&c);
	free(body);
}

static bool
heard(const struct caller * c)
{
	struct pollfd p = { .fd = c->heard, .events = POLLIN };
	eventfd_t n;

	return (poll(&p, 1, SECONDS * 1000) == 1 &&
	    eventfd_read(c->heard, &n) == 0);
}

/* Each is there before the next one is made. */
static void
events_reach_the_client_when_they_are_made(void)
{
	struct caller c = { .http = instance_client(inst) };
	struct responder * r;
	char * type;

	http_header(c.http, "Accept: text/event-stream");
	begin(&c, "GET", EVENTS, NULL);
	r = responder_accept(instance_listener(inst), SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT(responder_write(r, "Status: 200\r\nContent-Type: "
	    "text/event-stream\r\nCache-Control: no-store\r\n\r\n"
	    "data: one\n\n"));
	CU_ASSERT(heard(&c));
	CU_ASSERT(responder_write(r, "data: two\n\n"));
	CU_ASSERT(heard(&c));
	CU_ASSERT(responder_write(r, ":\n\n"));
	CU_ASSERT(heard(&c));
	responder_end(&r);
	must(pthread_join(c.thread, NULL) == 0);
	CU_ASSERT_EQUAL(c.reply->status, 200);
	CU_ASSERT_STRING_EQUAL(c.reply->body,
	    "data: one\n\ndata: two\n\n:\n\n");
	type = http_reply_header(c.reply, "Content-Type");
	CU_ASSERT_PTR_NOT_NULL_FATAL(type);
	CU_ASSERT_EQUAL(strncmp(type, "text/event-stream", 17), 0);
	free(type);
	close(c.heard);
	http_reply_free(&c.reply);
	http_free(&c.http);
}

static bool
leave(size_t before, void * cookie)
{

	(void)before;
	(void)cookie;
	return (false);
}

/* Whoever writes events has to learn that nobody listens any more. */
static void
a_client_that_left_is_noticed_by_who_writes(void)
{
	struct caller c = { .http = instance_client(inst) };
	struct responder * r;
	bool taken = true;

	begin(&c, "GET", EVENTS, NULL);
	http_watch(c.http, leave, NULL);
	r = responder_accept(instance_listener(inst), SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT(responder_write(r, "Status: 200\r\nContent-Type: "
	    "text/event-stream\r\n\r\ndata: one\n\n"));
	must(pthread_join(c.thread, NULL) == 0);
	for (unsigned i = 0; i < 400 && taken; i++) {
		taken = responder_write(r, ":\n\n");
		sleep_ms(25);
	}
	CU_ASSERT_FALSE(taken);
	responder_end(&r);
	close(c.heard);
	http_reply_free(&c.reply);
	http_free(&c.http);
}

/* Each would be more than a path in one of the servers' configurations. */
static void
what_is_no_plain_path_is_not_written_into_a_configuration(void)
{
	static const char * const bad[][2] = {
		{ "--socket", "/run/a\"b" }, { "--socket", "/run/a$b" },
		{ "--socket", "/run/a\nb" }, { "--socket", "/run/a;b" },
		{ "--templates", "relative" }, { "--spool", "/run/{a" },
		{ "--errors", "/a\\b" }, { "--access-log", "/a#b" },
		{ "--prefix", "strongroom" }, { "--prefix", "/strongroom/" },
		{ "--prefix", "/a/../b" }, { "--prefix", "/a b" },
		{ "--prefix", "/a.*" }, { "--unknown", "/a" },
	};
	char * out = text_format("%s/out", suite_tmpdir());

	for (size_t i = 0; i < COUNTOF(bad); i++) {
		const char * argv[] = { "deploy/snippets", bad[i][0],
			bad[i][1], out, NULL };
		int rc = process_run(argv, NULL, NULL, NULL);

		if (rc != 64)
			suite_note("%s %s: %d", bad[i][0], bad[i][1], rc);
		CU_ASSERT_EQUAL(rc, 64);
		CU_ASSERT_NOT_EQUAL(access(out, F_OK), 0);
	}
	free(out);
}

static const struct suite_test tests[] = {
	TEST(what_is_no_plain_path_is_not_written_into_a_configuration),
	TEST(what_a_client_claims_to_be_is_not_passed_on_as_who_it_is),
	TEST(an_address_that_is_claimed_is_not_taken_for_the_proxys),
	TEST(script_name_and_path_info_are_the_path),
	TEST(a_body_comes_whole),
	TEST(an_artifact_comes_whole),
	TEST(events_reach_the_client_when_they_are_made),
	TEST(a_client_that_left_is_noticed_by_who_writes),
};

SUITE_MAIN("e2e/gateway", tests, start, stop)
