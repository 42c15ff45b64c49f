/*
 * Goal: the site is whole behind this web server and at this place of it: every
 * address that a page gives works, what is elsewhere is not ours, and workers
 * are replaced under load without a failed request.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/http.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define ADDRESSES	"//@href | //@src | //@action | //@formaction"
#define PLACES_MAX	120
#define JSON		"application/json"
#define CLIENTS		4

static struct instance * inst;
static struct http * owner;
static char bearer[128];

static bool
make_key(void)
{
	char * out = NULL, * err = NULL;
	const char * key = NULL;

	if (instance_operator(inst, INSTANCE_ARGS("apikey", "create", "--name",
	    "e2e/hosting", "--scope", "secrets:write,secrets:read", "--json"),
	    NULL, &out, &err) == 0 &&
	    (key = strstr(out, "\"key\":\"")) != NULL)
		(void)snprintf(bearer, sizeof(bearer),
		    "Authorization: Bearer %.53s", key + strlen("\"key\":\""));
	free(out);
	free(err);
	return (key != NULL);
}

static int
start(void)
{
	const struct instance_options o = { .key = INSTANCE_KEY_GOOD,
		.workers = 2, .shared = true };

	if ((inst = instance_start(&o)) == NULL ||
	    (owner = walk_in(inst)) == NULL || !make_key())
		return (-1);
	return (walk_stored(owner, "instance", "hosting/kept",
	    "a-value-that-is-kept-5c1d") ? 0 : -1);
}

static int
stop(void)
{

	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* --- Addresses ------------------------------------------------------------ */

struct places {
	char * path[PLACES_MAX];
	size_t n;
	unsigned errors;
};

/* Once each, without what is for the browser alone. */
static void
note_place(struct places * p, const char * address)
{
	const size_t len = strcspn(address, "#");

	for (size_t i = 0; i < p->n; i++) {
		if (strlen(p->path[i]) == len &&
		    strncmp(p->path[i], address, len) == 0)
			return;
	}
	/* The pages of the catalogue are all of one kind. */
	if (strstr(address, "/errors/") != NULL && p->errors++ > 3)
		return;
	if (p->n < PLACES_MAX)
		p->path[p->n++] = text_format("%.*s", (int)len, address);
}

/* Below the prefix, or on the page itself. */
static bool
inside(const char * address)
{
	const char * prefix = instance_prefix(inst);

	if (address[0] == '#' || address[0] == '?')
		return (true);
	return (strncmp(address, prefix, strlen(prefix)) == 0 &&
	    address[strlen(prefix)] == '/');
}

static void
take_addresses(struct places * p, struct http_reply * page, const char * at)
{
	unsigned count = http_count(page, ADDRESSES);

	for (unsigned i = 1; i <= count; i++) {
		char * which = text_format("string((%s)[%u])", ADDRESSES, i);
		char * is_form = text_format("name((%s)[%u])", ADDRESSES, i);
		char * address = http_xpath(page, which);
		char * name = http_xpath(page, is_form);

		if (!inside(address)) {
			suite_note("%s has %s=\"%s\"", at, name, address);
			CU_ASSERT(false);
		} else if (address[0] == '/' && strstr(name, "action") == NULL)
			note_place(p, address);
		free(which);
		free(is_form);
		free(address);
		free(name);
	}
}

static void
every_address_on_every_page_works(void)
{
	struct places p = { .n = 0 };
	struct http_reply * r;
	char * type;

	note_place(&p, "/");
	note_place(&p, "/login");
	note_place(&p, "/setup");
	note_place(&p, "/settings/security");
	for (size_t i = 0; i < p.n; i++) {
		r = http_get(owner, p.path[i]);
		if (r->status != 200 && r->status != 303)
			suite_note("%s: %ld %s", p.path[i], r->status,
			    r->error);
		CU_ASSERT(r->status == 200 || r->status == 303);
		type = http_reply_header(r, "Content-Type");
		if (r->status == 200 && type != NULL &&
		    strncmp(type, "text/html", 9) == 0)
			take_addresses(&p, r, p.path[i]);
		free(type);
		http_reply_free(&r);
	}
	CU_ASSERT(p.n > 12);
	for (size_t i = 0; i < p.n; i++)
		free(p.path[i]);
}

static void
assets_are_served_by_the_web_server(void)
{
	struct http_reply * r = http_get(owner, "/assets/strongroom.css");
	char * type = http_reply_header(r, "Content-Type");
	char * sniff = http_reply_header(r, "X-Content-Type-Options");
	char * csp = http_reply_header(r, "Content-Security-Policy");

	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT_PTR_NOT_NULL_FATAL(type);
	CU_ASSERT_EQUAL(strncmp(type, "text/css", 8), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(sniff);
	CU_ASSERT_STRING_EQUAL(sniff, "nosniff");
	CU_ASSERT_PTR_NOT_NULL_FATAL(csp);
	CU_ASSERT_STRING_EQUAL(csp, "default-src 'none'; sandbox");
	CU_ASSERT_PTR_NULL(strstr(r->headers, "X-Correlation-Id"));
	free(type);
	free(sniff);
	free(csp);
	http_reply_free(&r);
	r = http_get(owner, "/assets/../strongroom.conf");
	CU_ASSERT_NOT_EQUAL(r->status, 200);
	http_reply_free(&r);
}

/* An address of the host, whatever the prefix is. */
static long
status_at(const char * path)
{
	char * url = text_format("http://127.0.0.1:%u%s", instance_port(inst),
	    path);
	struct http_reply * r = http_get(owner, url);
	long status = r->status;

	http_reply_free(&r);
	free(url);
	return (status);
}

/* By whatever else the host serves: here, nothing or what is forbidden. */
static bool
refused(const char * path)
{
	long status = status_at(path);

	return (status == 404 || status == 403);
}

static void
outside_of_its_place_the_site_is_not_there(void)
{
	const char * prefix = instance_prefix(inst);
	char * beside = text_format("%ss/login", prefix);

	if (prefix[0] == '\0') {
		CU_ASSERT(refused("/strongroom/login"));
	} else {
		CU_ASSERT(refused(beside));
		CU_ASSERT(refused("/login"));
		CU_ASSERT(refused("/settings/security"));
		/* Its name alone leads to the front page. */
		CU_ASSERT(status_at(prefix) == 200 ||
		    status_at(prefix) == 308);
	}
	free(beside);
}

static void
cookies_are_for_the_place_of_the_site(void)
{
	struct http * h = instance_client(inst);
	struct http_reply * r = http_get(h, "/login");
	char * cookie = http_reply_header(r, "Set-Cookie");
	char * expected = text_format("; Path=%s; HttpOnly; SameSite=Lax",
	    instance_prefix(inst)[0] != '\0' ? instance_prefix(inst) : "/");

	CU_ASSERT_PTR_NOT_NULL_FATAL(cookie);
	CU_ASSERT_PTR_NOT_NULL(strstr(cookie, expected));
	free(expected);
	free(cookie);
	http_reply_free(&r);
	http_free(&h);
}

static void
a_problem_names_its_page_under_the_prefix(void)
{
	struct http_reply * r = http_get(owner, "/api/v1/secrets/instance/no");
	char * type = text_format("\"type\":\"%s/errors/",
	    instance_prefix(inst));

	CU_ASSERT_EQUAL(r->status, 404);
	CU_ASSERT(http_has(r, type));
	free(type);
	http_reply_free(&r);
}

static void
what_the_web_server_refuses_has_a_page_of_ours(void)
{
	const size_t len = 2 * 1024 * 1024;
	char * body = malloc(len);
	char * css = text_format("href=\"%s/assets/strongroom.css\"",
	    instance_prefix(inst));
	struct http_reply * r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	memset(body, 'x', len);
	r = http_request(owner, "POST", "/login",
	    "application/x-www-form-urlencoded", body, len);
	CU_ASSERT_EQUAL(r->status, 413);
	CU_ASSERT(http_has(r, "The request is too large"));
	CU_ASSERT(http_has(r, css));
	http_reply_free(&r);
	free(css);
	free(body);
}

/* --- Restarts ------------------------------------------------------------ */

struct load {
	pthread_t thread;
	unsigned number;
	struct http * http;
	unsigned good;
	unsigned bad;
	long last_bad;
};

static atomic_bool enough;

static void *
load(void * cookie)
{
	struct load * l = cookie;
	struct http_reply * r;

	for (unsigned i = 0; !atomic_load(&enough); i++) {
		char * path = text_format("/api/v1/secrets/instance/load/%u",
		    l->number);
		char * body = text_format("{\"value\":\"under-load-%u-%u\"}",
		    l->number, i);

		r = i % 4 != 0 ? http_get(l->http, "/login") :
		    http_request(l->http, "PUT", path, JSON, body,
		    strlen(body));
		if (r->status >= 200 && r->status < 300) {
			l->good++;
		} else {
			l->bad++;
			l->last_bad = r->status;
		}
		http_reply_free(&r);
		free(body);
		free(path);
	}
	return (NULL);
}

static void
workers_are_replaced_under_load_without_a_failed_request(void)
{
	struct load l[CLIENTS] = { { .good = 0 } };
	unsigned good = 0, bad = 0;

	atomic_store(&enough, false);
	for (unsigned i = 0; i < CLIENTS; i++) {
		l[i].number = i;
		l[i].http = instance_client(inst);
		http_header(l[i].http, bearer);
		must(pthread_create(&l[i].thread, NULL, load, &l[i]) == 0);
	}
	/* One after the other; then all of them at once. */
	CU_ASSERT_EQUAL(instance_roll_workers(inst), 0);
	CU_ASSERT_EQUAL(instance_restart_workers(inst), 0);
	atomic_store(&enough, true);
	for (unsigned i = 0; i < CLIENTS; i++) {
		must(pthread_join(l[i].thread, NULL) == 0);
		good += l[i].good;
		bad += l[i].bad;
		if (l[i].bad > 0)
			suite_note("%u failed, the last with %ld", l[i].bad,
			    l[i].last_bad);
		http_free(&l[i].http);
	}
	suite_note("%u requests, %u failed", good + bad, bad);
	CU_ASSERT(good > 20);
	CU_ASSERT_EQUAL(bad, 0);
}

static const struct suite_test tests[] = {
	TEST(every_address_on_every_page_works),
	TEST(assets_are_served_by_the_web_server),
	TEST(outside_of_its_place_the_site_is_not_there),
	TEST(cookies_are_for_the_place_of_the_site),
	TEST(a_problem_names_its_page_under_the_prefix),
	TEST(what_the_web_server_refuses_has_a_page_of_ours),
	TEST(workers_are_replaced_under_load_without_a_failed_request),
};

SUITE_MAIN("e2e/hosting", tests, start, stop)
