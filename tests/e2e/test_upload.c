/*
 * Goal: uploads of every kind arrive whole or are refused with what to do,
 * whether the web server collects them or streams them: slow ones, chunked ones
 * without a length, large ones, and those that break off.
 */

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/http.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"

#define JSON		"application/json"

static struct instance * inst;
static struct http * program;
static char bearer[128];

static bool
make_key(void)
{
	char * out = NULL, * err = NULL;
	const char * key = NULL;

	if (instance_operator(inst, INSTANCE_ARGS("apikey", "create", "--name",
	    "e2e/upload", "--scope", "secrets:write,secrets:read", "--json"),
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

	if ((inst = instance_start(NULL)) == NULL || !make_key())
		return (-1);
	program = instance_client(inst);
	http_header(program, bearer);
	return (0);
}

static int
stop(void)
{

	http_free(&program);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static int
dial(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)instance_port(inst)),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd != -1 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	return (fd);
}

static void
put(int fd, const char * text)
{

	/* A server that has answered already may have closed. */
	(void)(send(fd, text, strlen(text), MSG_NOSIGNAL) == 0);
}

static void
put_head(int fd, const char * name, const char * how)
{
	char * head = text_format("PUT %s/api/v1/secrets/instance/%s "
	    "HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\nContent-Type: " JSON "\r\n"
	    "Connection: close\r\nAccept: " JSON "\r\n%s\r\n\r\n",
	    instance_prefix(inst), name, bearer, how);

	put(fd, head);
	free(head);
}

/* In pieces, each some time after the other. */
static void
put_chunks(int fd, const char * text, size_t piece)
{
	for (size_t i = 0; i < strlen(text); i += piece) {
		char * chunk = text_format("%zx\r\n%.*s\r\n",
		    strlen(text + i) < piece ? strlen(text + i) : piece,
		    (int)piece, text + i);

		put(fd, chunk);
		free(chunk);
		if (piece < 1000)
			sleep_ms(5);
	}
}

/* All of the answer; caller frees. */
static char *
answer(int fd)
{
	char buf[4096];
	char * all = text_format("%s", "");
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf) - 1, 0)) > 0) {
		char * more = text_format("%s%.*s", all, (int)n, buf);

		free(all);
		all = more;
	}
	close(fd);
	return (all);
}

static long
status_of(const char * text)
{

	return (strncmp(text, "HTTP/1.1 ", 9) == 0 ? atol(text + 9) : 0);
}

static char *
stored(const char * name)
{
	char * sql = text_format("SELECT count(*) FROM secret_ref WHERE "
	    "name = '%s'", name);
	char * n = mariadb_sql(instance_database(inst), sql);

	free(sql);
	return (n);
}

static void
expect_stored(const char * name, const char * expected)
{
	char * n = stored(name);

	CU_ASSERT_PTR_NOT_NULL_FATAL(n);
	n[strcspn(n, "\n")] = '\0';
	if (strcmp(n, expected) != 0)
		suite_note("%s: %s stored", name, n);
	CU_ASSERT_STRING_EQUAL(n, expected);
	free(n);
}

static void
a_slow_upload_in_chunks_is_stored(void)
{
	int fd = dial();
	char * text;

	put_head(fd, "upload/chunked", "Transfer-Encoding: chunked");
	put_chunks(fd, "{\"value\":\"sent-in-chunks-of-seven-e71b\"}", 7);
	put(fd, "0\r\n\r\n");
	text = answer(fd);
	CU_ASSERT_EQUAL(status_of(text), 201);
	free(text);
	expect_stored("upload/chunked", "1");
}

static void
a_slow_upload_with_its_length_is_stored(void)
{
	static const char body[] = "{\"value\":\"sent-byte-by-byte-90aa\"}";
	char * how = text_format("Content-Length: %zu", strlen(body));
	char one[2] = "";
	int fd = dial();
	char * text;

	put_head(fd, "upload/slow", how);
	for (size_t i = 0; i < strlen(body); i++) {
		one[0] = body[i];
		put(fd, one);
		sleep_ms(2);
	}
	text = answer(fd);
	CU_ASSERT_EQUAL(status_of(text), 201);
	free(text);
	free(how);
	expect_stored("upload/slow", "1");
}

static void
what_is_too_large_in_chunks_is_refused_by_name(void)
{
	char * body = malloc(400001);
	int fd = dial();
	char * text;

	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	memset(body, 'v', 400000);
	body[400000] = '\0';
	put_head(fd, "upload/large", "Transfer-Encoding: chunked");
	put(fd, "b\r\n{\"value\":\"v\r\n");
	put_chunks(fd, body, 40000);
	put(fd, "2\r\n\"}\r\n0\r\n\r\n");
	text = answer(fd);
	if (status_of(text) != 413)
		suite_note("%.300s", text);
	CU_ASSERT_EQUAL(status_of(text), 413);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "request_body_too_large"));
	free(text);
	free(body);
	expect_stored("upload/large", "0");
}

static void
an_upload_that_breaks_off_stores_nothing(void)
{
	static const char whole[] = "{\"value\":\"sent-whole-1b2c3d4e\"}";
	struct http_reply * r;
	int fd = dial();

	put_head(fd, "upload/half", "Transfer-Encoding: chunked");
	put(fd, "25\r\n{\"value\":\"sent-in-chunks-of-seven-e7\r\n");
	close(fd);
	fd = dial();
	put_head(fd, "upload/half", "Content-Length: 100");
	put(fd, "{\"value\":\"a-whole-document-but-not-all-of-it\"}");
	close(fd);
	fd = dial();
	put_head(fd, "upload/half", "Transfer-Encoding: chunked");
	put(fd, "zz\r\n{\"value\":\"no-chunk-has-such-a-length\"}\r\n");
	put(fd, "0\r\n\r\n");
	free(answer(fd));
	/* What was sent before has been dealt with when this one is stored. */
	r = http_request(program, "PUT",
	    "/api/v1/secrets/instance/upload/whole", JSON, whole,
	    strlen(whole));
	CU_ASSERT_EQUAL(r->status, 201);
	http_reply_free(&r);
	expect_stored("upload/half", "0");
}

static const struct suite_test tests[] = {
	TEST(a_slow_upload_in_chunks_is_stored),
	TEST(a_slow_upload_with_its_length_is_stored),
	TEST(what_is_too_large_in_chunks_is_refused_by_name),
	TEST(an_upload_that_breaks_off_stores_nothing),
};

SUITE_MAIN("e2e/upload", tests, start, stop)
