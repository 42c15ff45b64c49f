/*
 * Goal: one secret walks into all channels, encoded, whole and cut, from two
 * senders at once and through two workers, and is in nothing that comes out.
 */

#include <pthread.h>
#include <string.h>

#include "tests/e2e/encoded.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/needles.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define SENDERS		2
#define MASK		"[REDACTED:integration/providers/walker@1"

static struct instance * inst;
static struct http * owner;
static struct needles * needles;
static char * value;
static char * bearer;
static char project[64];
static char run[64];

static bool
clean(const char * where, const char * text, size_t len)
{
	const char * form = NULL;
	size_t n = needles_in(needles, text, len, &form);

	if (n != 0)
		suite_note("the secret is in %s, as %s", where, form);
	return (n == 0);
}

static int
start(void)
{
	static const char * const settings[] = {
		"STRONGROOM_RUN_GUESS_LIMIT=100000", NULL };
	static const struct instance_options o = { .workers = 2,
	    .settings = settings };

	if ((inst = instance_start(&o)) == NULL)
		return (-1);
	needles = needles_new();
	value = random_secret(40);
	needles_secret(needles, value, strlen(value));
	for (size_t half = 0; half < 40; half += 20)	/* Of what is cut. */
		needles_raw(needles, &value[half], 20);
	return ((owner = walk_in(inst)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	needles_free(&needles);
	http_free(&owner);
	free(value);
	free(bearer);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static struct http *
agent(void)
{
	struct http * h = instance_client(inst);

	http_header(h, bearer);
	return (h);
}

/* Every answer is looked at too: an error must not say the secret back. */
static struct http_reply *
sent(struct http * h, const char * method, const char * path,
    const char * type, const char * body)
{
	struct http_reply * r = http_request(h, method, path, type, body,
	    strlen(body));

	CU_ASSERT(clean(path, r->body, r->len));
	CU_ASSERT(clean(path, r->headers, strlen(r->headers)));
	return (r);
}

static void
member(const struct http_reply * r, const char * name, char * out, size_t size)
{
	char * key = text_format("\"%s\":\"", name);
	const char * p = strstr(r->body, key);

	if (p == NULL)
		suite_note("%ld %s", r->status, r->body);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	p += strlen(key);
	(void)snprintf(out, size, "%.*s", (int)strcspn(p, "\""), p);
	free(key);
}

static void
a_run_of_a_bound_project_begins(void)
{
	char * out = NULL, * err = NULL;
	struct http_reply * r;
	struct http * h;
	const char * key;
	char * path;

	CU_ASSERT_TRUE_FATAL(walk_stored(owner, "integration",
	    "providers/walker", value));
	CU_ASSERT_EQUAL_FATAL(instance_operator(inst, INSTANCE_ARGS("apikey",
	    "create", "--name", "e2e/agent", "--scope",
	    "secrets:write,secrets:read,runs:write", "--json"), NULL, &out,
	    &err), 0);
	key = strstr(out, "\"key\":\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	bearer = text_format("Authorization: Bearer %.53s",
	    key + strlen("\"key\":\""));
	free(out);
	free(err);
	h = agent();
	r = sent(h, "POST", "/api/v1/projects", "application/json",
	    "{\"slug\":\"walked\",\"name\":\"Walked\"}");
	member(r, "id", project, sizeof(project));
	http_reply_free(&r);
	path = text_format("/api/v1/projects/%s/bindings/WALKER", project);
	r = sent(h, "PUT", path, "application/json",
	    "{\"scope\":\"integration\",\"name\":\"providers/walker\"}");
	CU_ASSERT(r->status == 200 || r->status == 201);
	http_reply_free(&r);
	free(path);
	path = text_format("/api/v1/projects/%s/runs", project);
	r = sent(h, "POST", path, "application/json", "{\"trigger\":\"test\","
	    "\"workflow_name\":\"walk\",\"workflow_version\":\"1\"}");
	member(r, "id", run, sizeof(run));
	http_reply_free(&r);
	free(path);
	http_free(&h);
}

/* The log's channel: what a client may get into a line of it. */
static void
st_sec_004_ac1_what_requests_say_is_not_in_logs(void)
{
	struct http * h = agent();
	char * line = text_format("User-Agent: %s", value);
	char * percent = encoded(value, PERCENT);
	char * path = text_format("/%s?token=%s", percent, percent);
	struct http_reply * r;

	http_header(h, line);
	r = http_get(h, path);
	CU_ASSERT(clean("an error's page", r->body, r->len));
	http_reply_free(&r);
	http_free(&h);
	free(path);
	free(percent);
	free(line);
}

static struct http_reply * heard[SENDERS];	/* Until the run ends. */

static void *
listen_to_it(void * cookie)
{
	size_t i = *(const size_t *)cookie;
	struct http * h = agent();
	char * path = text_format("/projects/%s/runs/%s/events", project, run);

	heard[i] = http_get(h, path);
	free(path);
	http_free(&h);
	return (NULL);
}

/* All encodings whole, as payloads, and cut in two at many places. */
static void *
send_it(void * cookie)
{
	size_t which = *(const size_t *)cookie;
	struct http * h = agent();
	char * path = text_format("/api/v1/runs/%s/events", run);
	struct http_reply * r;
	unsigned long n = 0;

	for (enum encoding e = RAW; e < ENCODING__MAX; e++) {
		char * text = encoded(value, e);
		char * inside = quoted(text, strlen(text));
		char * body = text_format("{\"type\":\"note\",\"payload\":"
		    "{\"said\":\"it is %s.\"}}", inside);
		size_t step = strlen(text) / 5;

		r = sent(h, "POST", path, "application/json", body);
		CU_ASSERT_EQUAL(r->status, 201);
		http_reply_free(&r);
		free(body);
		free(inside);
		for (size_t cut = 1; cut < strlen(text); cut += step) {
			for (unsigned half = 0; half < 2; half++) {
				inside = half == 0 ? quoted(text, cut) :
				    quoted(&text[cut], strlen(text) - cut);
				body = text_format("{\"type\":\"output\","
				    "\"stream\":\"out-%zu\",\"payload\":"
				    "{\"n\":%lu,\"chunk\":\"%s%s\"}}", which,
				    n++, inside, half == 0 ? "" : "\\n");
				r = sent(h, "POST", path,
				    "application/json", body);
				if (r->status != 201 && r->status != 200)
					suite_note("%ld %s", r->status,
					    r->body);
				CU_ASSERT(r->status == 201 ||
				    r->status == 200);
				http_reply_free(&r);
				free(body);
				free(inside);
			}
		}
		free(text);
	}
	free(path);
	http_free(&h);
	return (NULL);
}

static void
artifacts_and_prompts(struct http * h)
{

	for (enum encoding e = RAW; e < ENCODING__MAX; e++) {
		char * text = encoded(value, e);
		char * inside = quoted(text, strlen(text));
		char * path = text_format("/api/v1/runs/%s/artifacts/out-%u",
		    run, (unsigned)e);
		char * body = text_format("first line\n%s\nlast %s line\n",
		    text, text);
		struct http_reply * r;

		r = sent(h, "PUT", path, "text/plain", body);
		CU_ASSERT(r->status == 200 || r->status == 201);
		http_reply_free(&r);
		r = http_get(h, path);
		CU_ASSERT_EQUAL(r->status, 200);
		CU_ASSERT(clean("a downloaded artifact", r->body, r->len));
		CU_ASSERT(http_has(r, MASK));
		CU_ASSERT(http_has(r, "first line\n"));
		http_reply_free(&r);
		free(path);
		free(body);
		path = text_format("/api/v1/runs/%s/prompts", run);
		body = text_format("{\"messages\":[{\"role\":\"user\","
		    "\"content\":\"use %s now\"}]}", inside);
		r = sent(h, "POST", path, "application/json", body);
		CU_ASSERT(r->status == 200 || r->status == 201);
		CU_ASSERT(http_has(r, MASK));
		http_reply_free(&r);
		free(path);
		free(body);
		free(inside);
		free(text);
	}
}

static void
st_sec_005_ac1_a_secret_walks_into_every_channel(void)
{
	pthread_t listeners[SENDERS], senders[SENDERS];
	static const size_t which[SENDERS] = { 0, 1 };
	struct http * h = agent();
	char * path = text_format("/api/v1/runs/%s/events", run);
	struct http_reply * r;
	union { const size_t * in; void * out; } arg;
	size_t i;

	for (i = 0; i < SENDERS; i++) {
		arg.in = &which[i];
		CU_ASSERT_EQUAL_FATAL(pthread_create(&listeners[i], NULL,
		    listen_to_it, arg.out), 0);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&senders[i], NULL,
		    send_it, arg.out), 0);
	}
	artifacts_and_prompts(h);
	for (i = 0; i < SENDERS; i++)
		(void)pthread_join(senders[i], NULL);
	for (i = 0; i < SENDERS; i++) {
		char * body = text_format("{\"type\":\"output\",\"stream\":"
		    "\"out-%zu\",\"payload\":{\"chunk\":\"\",\"end\":true}}",
		    i);

		r = sent(h, "POST", path, "application/json", body);
		CU_ASSERT(r->status == 201 || r->status == 200);
		http_reply_free(&r);
		free(body);
	}
	r = sent(h, "POST", path, "application/json",
	    "{\"type\":\"run_completed\",\"payload\":{}}");
	CU_ASSERT_EQUAL(r->status, 201);
	http_reply_free(&r);
	for (i = 0; i < SENDERS; i++)
		(void)pthread_join(listeners[i], NULL);
	free(path);
	http_free(&h);
}

/* The ids of an event stream, in their order: 1, 2, 3 … */
static bool
in_order(const char * stream, unsigned * n)
{
	const char * p = stream;
	unsigned long id;

	*n = 0;
	while ((p = strstr(p, "id: ")) != NULL) {
		if (p == stream || p[-1] == '\n') {
			id = strtoul(p + 4, NULL, 10);
			/* 0: where it began. */
			if (id != 0 && id != ++*n)
				return (false);
		}
		p += 4;
	}
	return (true);
}

static void
st_sec_005_ac2_listeners_get_masked_events_in_order(void)
{
	unsigned n[SENDERS];

	for (size_t i = 0; i < SENDERS; i++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(heard[i]);
		CU_ASSERT_EQUAL(heard[i]->status, 200);
		CU_ASSERT(clean("an event stream", heard[i]->body,
		    heard[i]->len));
		CU_ASSERT(http_has(heard[i], MASK));
		CU_ASSERT(in_order(heard[i]->body, &n[i]));
		CU_ASSERT(n[i] > 20);
		CU_ASSERT(http_has(heard[i], "run_completed"));
	}
	CU_ASSERT_EQUAL(n[0], n[1]);
	for (size_t i = 0; i < SENDERS; i++)
		http_reply_free(&heard[i]);
}

static void
st_sec_006_ac2_no_page_shows_it(void)
{
	char * run_page = text_format("/projects/%s/runs/%s", project, run);
	char * project_page = text_format("/projects/%s", project);
	const char * const pages[] = { run_page, project_page,
	    "/settings/security", "/settings/security/audit", "/projects" };

	for (size_t i = 0; i < COUNTOF(pages); i++) {
		struct http_reply * r = http_get(owner, pages[i]);

		CU_ASSERT_EQUAL(r->status, 200);
		CU_ASSERT(clean(pages[i], r->body, r->len));
		http_reply_free(&r);
	}
	free(run_page);
	free(project_page);
}

static void
st_sec_005_ac1_the_dump_does_not_hold_it(void)
{
	char * dump = mariadb_dump(instance_database(inst));

	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NOT_NULL(strstr(dump, MASK));
	CU_ASSERT(clean("the dump", dump, strlen(dump)));
	free(dump);
}

static void
st_sec_004_ac1_no_log_holds_it(void)
{
	/* Not the access log: its paths are as they came (deploy/). */
	char * ours = instance_log(inst), * web = instance_web_log(inst);

	CU_ASSERT_PTR_NOT_NULL(strstr(ours, "/api/v1/runs/:id/events"));
	CU_ASSERT(clean("our log", ours, strlen(ours)));
	CU_ASSERT(clean("the web server's log", web, strlen(web)));
	free(ours);
	free(web);
}

static const struct suite_test tests[] = {
	TEST(a_run_of_a_bound_project_begins),
	TEST(st_sec_004_ac1_what_requests_say_is_not_in_logs),
	TEST(st_sec_005_ac1_a_secret_walks_into_every_channel),
	TEST(st_sec_005_ac2_listeners_get_masked_events_in_order),
	TEST(st_sec_006_ac2_no_page_shows_it),
	TEST(st_sec_005_ac1_the_dump_does_not_hold_it),
	TEST(st_sec_004_ac1_no_log_holds_it),
};

SUITE_MAIN("e2e/channels", tests, start, stop)
