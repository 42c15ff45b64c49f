/*
 * Goal: artifacts and prompts through the web server: large ones go up and come
 * down whole, what is too large is said by the worker, what breaks off leaves
 * nothing, and no secret is in what is stored or comes back.
 */

#include <jansson.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/needles.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define MIB	((size_t)1024 * 1024)
#ifdef SR_SANITIZED
#define LARGE	(12 * MIB)
#else
#define LARGE	(20 * MIB)
#endif

static struct instance * inst;
static struct http * h;
static char * secret;
static char bearer[200], project[37], run[37];

static int
stop(void)
{

	free(secret);
	http_free(&h);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* The member of the JSON that a call answers. */
static void
ask(const char * method, const char * path, const char * body,
    const char * member, char * out, size_t size)
{
	struct http_reply * r = http_request(h, method, path,
	    "application/json", body, strlen(body));
	json_t * j = json_loads(r->body, 0, NULL);
	const char * text = json_string_value(json_object_get(j, member));

	if (text == NULL)
		suite_note("%s: %ld %s", path, r->status, r->body);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	(void)snprintf(out, size, "%s", text);
	json_decref(j);
	http_reply_free(&r);
}

static int
start(void)
{
	static const char scopes[] = "secrets:write,secrets:read,runs:write";
	static const struct instance_options two = { .workers = 2 };
	char * out = NULL, * err = NULL;
	json_t * j;

	if ((inst = instance_start(&two)) == NULL || instance_operator(inst,
	    INSTANCE_ARGS("apikey", "create", "--name", "ci", "--scope",
	    scopes, "--json"), "", &out, &err) != 0)
		return (-1);
	j = json_loads(out, 0, NULL);
	(void)snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s",
	    json_string_value(json_object_get(j, "key")));
	json_decref(j);
	free(out);
	free(err);
	h = instance_client(inst);
	http_header(h, bearer);
	http_header(h, "Accept: application/json");
	secret = strdup("a-secret-on-its-way-through-58d1c6f0a2");
	return (0);
}

static const char *
path_of(const char * rest)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "/api/v1/runs/%s/%s", run, rest);
	return (path);
}

static void
a_run_begins(void)
{
	char path[200], body[200], unread[64];

	(void)snprintf(body, sizeof(body), "{\"value\":\"%s\"}", secret);
	ask("PUT", "/api/v1/secrets/instance/team/key", body, "name", unread,
	    sizeof(unread));
	ask("POST", "/api/v1/projects", "{\"slug\":\"p\",\"name\":\"P\"}",
	    "id", project, sizeof(project));
	/* Who writes secrets that are not its own is held back. */
	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/bindings/KEY",
	    project);
	ask("PUT", path, "{\"scope\":\"instance\",\"name\":\"team/key\"}",
	    "name", unread, sizeof(unread));
	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/runs",
	    project);
	ask("POST", path, "{\"workflow_name\":\"w\",\"workflow_version\":\"1\","
	    "\"trigger\":\"t\"}", "id", run, sizeof(run));
}

/* Lines, and in each thousandth the secret. */
static char *
large_text(size_t len)
{
	char * text = malloc(len + 200);
	size_t at = 0;
	unsigned n = 0;

	must(text != NULL);
	while (at < len) {
		n++;
		at += (size_t)snprintf(&text[at], 100, "%07u %s%s\n", n,
		    n % 1000 == 0 ? "the key is " : "nothing to see",
		    n % 1000 == 0 ? secret : "");
	}
	text[len] = '\0';
	return (text);
}

static void
expect(const char * method, const char * rest, const char * type,
    const char * body, size_t len, long status, const char * says)
{
	struct http_reply * r = http_request(h, method, path_of(rest), type,
	    body, len);

	if (r->status != status || !http_has(r, says))
		suite_note("%s: %ld %s %.300s", rest, r->status, r->error,
		    r->body);
	CU_ASSERT_EQUAL(r->status, status);
	CU_ASSERT(http_has(r, says));
	http_reply_free(&r);
}

static void
st_sec_005_ac1_a_large_artifact_is_stored_and_read_masked(void)
{
	char * text = large_text(LARGE);
	struct needles * n = needles_new();
	struct http_reply * r;
	char * dump;

	needles_secret(n, secret, strlen(secret));
	expect("PUT", "artifacts/logs/large.log", "text/plain", text, LARGE,
	    201, "\"name\":\"logs/large.log\"");
	r = http_get(h, path_of("artifacts/logs/large.log"));
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(r->len > LARGE - LARGE / 100);
	CU_ASSERT_EQUAL(needles_in(n, r->body, r->len, NULL), 0);
	CU_ASSERT_EQUAL(strncmp(r->body, text, 5000), 0);
	CU_ASSERT(http_has(r, "0001000 the key is "
	    "[REDACTED:instance/team/key@1:"));
	http_reply_free(&r);
	dump = mariadb_dump(instance_database(inst));
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_EQUAL(needles_in(n, dump, strlen(dump), NULL), 0);
	free(dump);
	needles_free(&n);
	free(text);
}

static void
what_is_too_large_is_said_by_the_worker(void)
{
	size_t len = 65 * MIB;
	char * text = calloc(1, len);
	struct http_reply * r;

	must(text != NULL);
	memset(text, 'a', len);
	expect("PUT", "artifacts/more", "text/plain", text, len, 413,
	    "artifact_too_large");
	expect("POST", "prompts", "application/json", text, 5 * MIB, 413,
	    "prompt_too_large");
	/* Nobody whom the worker knows: it says so all the same. */
	http_header(h, NULL);
	http_header(h, "Accept: application/json");
	r = http_request(h, "PUT", path_of("artifacts/x"), "text/plain", text,
	    8 * MIB);
	CU_ASSERT_EQUAL(r->status, 401);
	http_reply_free(&r);
	http_header(h, bearer);
	/* Elsewhere the limit is the former one. */
	r = http_request(h, "POST", path_of("heartbeat"), "application/json",
	    text, 2 * MIB);
	CU_ASSERT_EQUAL(r->status, 413);
	http_reply_free(&r);
	free(text);
	expect("GET", "artifacts", NULL, NULL, 0, 200, "large.log");
}

/* A client that goes away in the middle, announced and chunked. */
static void
an_upload_that_breaks_off_leaves_nothing(void)
{
	const char * url = instance_url(inst);
	struct addrinfo * to = NULL;
	char head[700], text[4000];
	int fd;

	memset(text, 't', sizeof(text));
	CU_ASSERT_EQUAL_FATAL(getaddrinfo("127.0.0.1", strrchr(url, ':') + 1,
	    NULL, &to), 0);
	for (unsigned i = 0; i < 2; i++) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		CU_ASSERT_FATAL(connect(fd, to->ai_addr, to->ai_addrlen) == 0);
		(void)snprintf(head, sizeof(head), "PUT %s HTTP/1.1\r\nHost: "
		    "%s\r\n%s\r\n%s\r\n", path_of("artifacts/broken"), url + 7,
		    bearer, i == 0 ? "Content-Length: 100000\r\n" :
		    "Transfer-Encoding: chunked\r\n\r\nff00");
		CU_ASSERT(write(fd, head, strlen(head)) > 0);
		CU_ASSERT(write(fd, text, sizeof(text)) > 0);
		(void)close(fd);
	}
	freeaddrinfo(to);
	expect("PUT", "artifacts/after", "text/plain", "x", 1, 201, "after");
	expect("GET", "artifacts/broken", NULL, NULL, 0, 404,
	    "artifact_not_found");
}

static void
a_chunked_upload_without_a_length_is_taken(void)
{

	http_header(h, "Transfer-Encoding: chunked");
	expect("PUT", "artifacts/chunked", "text/plain", "in chunks", 9, 201,
	    "\"size\":9");
	http_header(h, NULL);
	http_header(h, bearer);
	http_header(h, "Accept: application/json");
	expect("GET", "artifacts/chunked", NULL, NULL, 0, 200, "in chunks");
}

static void
the_operator_puts_gets_and_lists(void)
{
	char * out = NULL, * err = NULL, * said = text_format("say %s\n",
	    secret);

	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("artifact",
	    "put", run, "by/hand.txt", "--kind", "report", "--json"), said,
	    &out, &err), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\"name\":\"by/hand.txt\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\"known\":1"));
	free(out);
	free(err);
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("artifact",
	    "get", run, "by/hand.txt"), "", &out, &err), 0);
	CU_ASSERT_EQUAL(strncmp(out, "say [REDACTED:instance/team/key@1:",
	    33), 0);
	free(out);
	free(err);
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("artifact",
	    "list", run, "--json"), "", &out, &err), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\"kind\":\"report\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "logs/large.log"));
	free(out);
	free(err);
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("artifact",
	    "get", run, "nothing"), "", &out, &err), 66);
	CU_ASSERT_PTR_NULL(strstr(out, "say"));
	free(out);
	free(err);
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("artifact",
	    "put", run, "x", "--kind", "nonsense"), "x", &out, &err), 65);
	free(out);
	free(err);
	CU_ASSERT_EQUAL(instance_operator(inst, INSTANCE_ARGS("artifact",
	    "put", run), "x", &out, &err), 64);
	free(out);
	free(err);
	free(said);
}

static const struct suite_test tests[] = {
	TEST(a_run_begins),
	TEST(st_sec_005_ac1_a_large_artifact_is_stored_and_read_masked),
	TEST(what_is_too_large_is_said_by_the_worker),
	TEST(an_upload_that_breaks_off_leaves_nothing),
	TEST(a_chunked_upload_without_a_length_is_taken),
	TEST(the_operator_puts_gets_and_lists),
};

SUITE_MAIN("e2e/artifact", tests, start, stop)
