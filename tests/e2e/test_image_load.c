/*
 * Goal: many at once, large values, a database that goes away, who listens and
 * what breaks leave no more in the worker's memory than one save does: nothing.
 * At the end gdb takes a full core image of it. Uses the plain build:
 * sanitizers keep freed memory as it was.
 */

#include <pthread.h>

#include "tests/e2e/imaged.h"
#include "tests/e2e/ears.h"
#include "tests/harness/process.h"

#define CLIENTS	8
#define ROUNDS	6
#define LARGE	((size_t)60000)
#define CHUNK	((size_t)1024 * 1024)

static char run[37];

/* What each client does over and over, with values of its own. */
struct client {
	pthread_t thread;
	struct http * http;
	char * body[ROUNDS];
	char path[96];
	bool good;
};

static void *
go_round(void * cookie)
{
	struct client * c = cookie;
	struct http_reply * r;

	for (unsigned i = 0; i < ROUNDS; i++) {
		r = http_request(c->http, "PUT", c->path, JSON, c->body[i],
		    strlen(c->body[i]));
		c->good = c->good && (r->status == 200 || r->status == 201);
		http_reply_free(&r);
		r = call(c->http, "POST", CHECK, "{}");
		c->good = c->good && (r->status == 200 || r->status == 409);
		http_reply_free(&r);
	}
	return (NULL);
}

static void
many_saves_and_checks_at_once(void)
{
	static struct client c[CLIENTS];
	char * value = new_value();

	provider_server_good(server, value);
	put_value(REFERENCE + strlen("/api/v1/secrets/"), value, 201);
	free(value);
	for (unsigned k = 0; k < CLIENTS; k++) {
		c[k].http = new_program();
		c[k].good = true;
		(void)snprintf(c[k].path, sizeof(c[k].path),
		    "/api/v1/secrets/instance/load/%u", k);
		for (unsigned i = 0; i < ROUNDS; i++) {
			value = new_value();
			c[k].body[i] = value_body(value, false);
			free(value);
		}
		CU_ASSERT_EQUAL_FATAL(pthread_create(&c[k].thread, NULL,
		    go_round, &c[k]), 0);
	}
	for (unsigned k = 0; k < CLIENTS; k++) {
		pthread_join(c[k].thread, NULL);
		CU_ASSERT(c[k].good);
		http_free(&c[k].http);
		for (unsigned i = 0; i < ROUNDS; i++)
			free(c[k].body[i]);
	}
	leaves_nothing("48 saves and checks of 8 clients");
}

/* So large that every buffer on its way is filled several times. */
static char *
large_value(void)
{
	char * value = random_secret(LARGE);

	for (size_t at = 0; at + 48 <= LARGE; at += LARGE / 9)
		needles_parts(needles, value + at, 48);
	return (value);
}

static void
a_large_value(void)
{
	char * value = large_value(), * path;
	char id[37] = "";

	put_value("instance/load/large", value, 201);
	free(value);
	leaves_nothing("save of 60,000 bytes by the API");
	value = large_value();
	CU_ASSERT(walk_stored(owner, "instance", "load/large-2", value));
	free(value);
	leaves_nothing("save of 60,000 bytes by the form");
	path = text_format("/api/v1/projects/%.36s/bindings/LARGE",
	    runs_path + strlen("/api/v1/projects/"));
	answers(program, "PUT", path, JSON,
	    "{\"scope\":\"instance\",\"name\":\"load/large\"}", 200);
	free(path);
	CU_ASSERT_FATAL(begin_run(program, id));
	memcpy(run, id, sizeof(run));
	path = text_format("/api/v1/runs/%s/bindings", id);
	answers(program, "GET", path, NULL, NULL, 200);
	free(path);
	leaves_nothing("resolve of 60,000 bytes");
}

static void
an_artifact_full_of_values(void)
{
	char * value = known_value("load/artifact", "ARTIFACT");
	char * path = text_format("/api/v1/runs/%s/artifacts/full", run);
	struct strbuf b;

	strbuf_init(&b, CHUNK);
	for (unsigned i = 0; i < 3000; i++)
		strbuf_printf(&b, "%u the value is %s%s", i, value,
		    i % 3 == 0 ? "\n" : ", and ");
	answers(program, "PUT", path, "text/plain", strbuf_str(&b), 201);
	leaves_nothing("artifact of 3,000 values");
	answers(program, "GET", path, NULL, NULL, 200);
	leaves_nothing("artifact, read");
	strbuf_free(&b);
	free(path);
	free(value);
}

static bool
heard(const struct ear * e)
{

	return (strstr(strbuf_str(&e->text), "[REDACTED:instance/load/heard") !=
	    NULL);
}

/* A stream of chunks that cut a value, to who listens. */
static void
who_listens(void)
{
	char * value = known_value("load/heard", "HEARD"), * path, * header;
	char * token = http_cookie(owner, "sr_session");
	struct ear e;

	path = text_format("/projects/%.36s/runs/%s/events",
	    runs_path + strlen("/api/v1/projects/"), run);
	header = text_format("Cookie: sr_session=%s\r\n", token);
	is_secret(token);
	ear_open(&e, inst, path, header);
	e.keep = true;
	free(path);
	path = text_format("/api/v1/runs/%s/events", run);
	for (unsigned i = 0; i < 8; i++) {
		json_t * j = json_pack("{s:s,s:s,s:{s:s+%,s:i,s:b}}", "type",
		    "output", "stream", "out", "payload", "chunk", i == 0 ?
		    "and so " : "", value + 5 * i, (size_t)5, "n", (int)i,
		    "end", i == 7);
		char * body = json_dumps(j, JSON_COMPACT);

		answers(program, "POST", path, JSON, body, 201);
		free(body);
		json_decref(j);
	}
	CU_ASSERT(ears_until(&e, 1, heard));
	CU_ASSERT_PTR_NULL(strstr(strbuf_str(&e.text), value));
	leaves_nothing("chunks of a value, listened to");
	ear_close(&e);
	free(token);
	free(header);
	free(path);
	free(value);
}

static void
a_database_that_goes_away(void)
{
	struct mariadb * m = instance_database(inst);
	char * value = new_value(), * path;

	mariadb_kill9(m);
	put_value("instance/load/gone", value, 503);
	path = text_format("/api/v1/runs/%s/bindings", run);
	answers(program, "GET", path, NULL, NULL, 503);
	leaves_nothing("save without a database");
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	put_value("instance/load/gone", value, 201);
	leaves_nothing("save behind it");
	free(path);
	free(value);
}

/* Count finds in the file. */
static size_t
in_file(const char * path, uint64_t * size)
{
	uint8_t * buf = malloc(CHUNK + 4096);
	FILE * f = fopen(path, "r");
	size_t found = 0, kept = 0, got, at;
	const char * form = "";

	must(buf != NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	for (*size = 0; (got = fread(buf + kept, 1, CHUNK, f)) > 0;) {
		*size += got;
		got += kept;
		for (at = 0; needles_next(needles, buf, got, &at, &form); at++)
			found++;
		kept = got < 4096 ? got : 4096;
		memmove(buf, buf + got - kept, kept);
	}
	fclose(f);
	free(buf);
	return (found);
}

static void
a_core_image_of_gdb(void)
{
	char * pid = text_format("%d", (int)instance_worker(inst, 0));
	char * path = text_format("%s/image", suite_tmpdir());
	char * core = text_format("generate-core-file %s", path);
	char * out = NULL, * err = NULL;
	uint64_t size;
	int rc;

	rc = !image_allowed() ? 127 : process_run((const char * const[]){
	    "gdb", "-nx", "-batch", "-p", pid,
	    "-ex", "set use-coredump-filter off",
	    "-ex", "set dump-excluded-mappings on", "-ex", core,
	    "-ex", "detach", NULL }, NULL, &out, &err);
	if (rc == 127) {
		CU_PASS("no gdb, or not root");
	} else {
		CU_ASSERT_EQUAL(in_file(path, &size), 0);
		suite_note("gdb's image: %u MiB", (unsigned)(size >> 20));
		CU_ASSERT(size > 8 * CHUNK);
	}
	(void)unlink(path);
	free(out);
	free(err);
	free(core);
	free(path);
	free(pid);
}

static const struct suite_test tests[] = {
	TEST(many_saves_and_checks_at_once),
	TEST(a_large_value),
	TEST(an_artifact_full_of_values),
	TEST(who_listens),
	TEST(a_database_that_goes_away),
	TEST(a_core_image_of_gdb),
};

SUITE_MAIN("e2e/image_load", tests, imaged_start, imaged_stop)
