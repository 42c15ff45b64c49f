/*
 * Goal: after a request that carried a secret is answered, nothing in the
 * worker's memory holds the value: not the buffers of libfcgi, of Connector/C
 * or of the C library, nor a stack. Many values of many lengths; each kind of
 * action has its test in tests/e2e/test_image*.c. The worker lets nobody but
 * root look: a plain user sees that it is refused, and no more. Uses the plain
 * build, since sanitizers keep freed memory as it was.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/image.h"
#include "tests/harness/instance.h"
#include "tests/harness/needles.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define MIB	((uint64_t)1024 * 1024)
/* Of the pool, as the settings have it. */
#define THREADS	16

static struct instance * inst;
static struct http * owner;

static int
start(void)
{

	if (setenv("STRONGROOM_TEST_BUILD", "build", 1) != 0 ||
	    (inst = instance_start(NULL)) == NULL)
		return (-1);
	return ((owner = walk_in(inst)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* Count places of needles in the worker; ${seen}: bytes looked at. */
static size_t
in_worker(const struct needles * n, uint64_t * seen)
{
	struct image i;

	CU_ASSERT_TRUE(image_rest(instance_worker(inst, 0), THREADS));
	CU_ASSERT_TRUE(image_search(instance_worker(inst, 0), n, &i));
	if (i.places + i.held != 0)
		image_note(&i, "");
	*seen = i.seen;
	return (i.places + i.held);
}

/* What a plain user can find out instead. */
static bool
refused_to_plain_users(void)
{
	char * path;

	if (image_allowed())
		return (false);
	path = text_format("/proc/%d/mem", (int)instance_worker(inst, 0));
	CU_ASSERT(open(path, O_RDONLY | O_CLOEXEC) < 0);
	free(path);
	return (true);
}

static void
the_search_sees_the_worker_s_memory(void)
{
	struct needles * n;
	static const char present[] = "strongroom_worker";
	uint64_t seen;

	if (refused_to_plain_users())
		return;
	n = needles_new();
	needles_raw(n, present, strlen(present));
	CU_ASSERT(in_worker(n, &seen) > 0);
	CU_ASSERT(seen > MIB);
	needles_free(&n);
}

static void
no_stored_value_stays_in_memory(void)
{
	struct needles * n;
	uint64_t seen;

	if (refused_to_plain_users())
		return;
	n = needles_new();
	for (unsigned i = 0; i < 40; i++) {
		char * value = random_secret(40 + i * 90);
		char * name = text_format("memory/secret-%u", i);

		needles_raw(n, value, strlen(value));
		/* A part is as bad: copies are often overwritten in part. */
		needles_raw(n, value + strlen(value) / 2, 16);
		CU_ASSERT(walk_stored(owner, "instance", name, value));
		free(name);
		free(value);
	}
	CU_ASSERT_EQUAL(in_worker(n, &seen), 0);
	needles_free(&n);
}

static void
no_password_stays_in_memory(void)
{
	struct needles * n;
	uint64_t seen;

	if (refused_to_plain_users())
		return;
	n = needles_new();
	needles_raw(n, WALK_PASSWORD, strlen(WALK_PASSWORD));
	needles_raw(n, "correct+horse+battery", 21);
	needles_raw(n, "correct%20horse%20battery", 25);
	CU_ASSERT_EQUAL(walk_sign_in(owner), 0);
	CU_ASSERT_EQUAL(in_worker(n, &seen), 0);
	needles_free(&n);
}

/* Put ${value} by the API, in a body of that type; whether it was taken. */
static bool
put_by_api(struct http * program, const char * name, const char * type,
    const char * form, const char * value)
{
	char * path = text_format("/api/v1/secrets/instance/%s", name);
	char * body;
	struct http_reply * r;
	bool taken;

	body = text_format(form[0] == '{' ? "{\"value\":\"%s\"}" :
	    "<s><value>%s</value></s>", value);
	r = http_request(program, "PUT", path, type, body, strlen(body));
	taken = r->status == 201;
	if (!taken)
		suite_note("%s: %ld %s", name, r->status, r->body);
	http_reply_free(&r);
	free(body);
	free(path);
	return (taken);
}

/* Random, and the same in JSON and XML. */
static char *
plain_secret(size_t len)
{
	char * value = random_secret(len);

	for (char * p = value; (p = strpbrk(p, "\"\\<>&")) != NULL; p++)
		*p = 'q';
	return (value);
}

/* The text of a key that the operator's command shows; caller frees. */
static char *
new_key(void)
{
	char * out = NULL, * err = NULL, * text = NULL;
	const char * at;

	if (instance_operator(inst, INSTANCE_ARGS("apikey", "create",
	    "--name", "memory/program", "--scope", "secrets:write", "--json"),
	    NULL, &out, &err) == 0 &&
	    (at = strstr(out, "\"key\":\"")) != NULL)
		text = strndup(at + strlen("\"key\":\""), 53);
	free(out);
	free(err);
	return (text);
}

/*
 * Bodies of programs, good and broken, and the keys that they come with: in
 * JSON and XML, refused for a member behind the value, and cut in the middle.
 */
static void
no_value_and_no_key_of_the_api_stays_in_memory(void)
{
	struct http * program = instance_client(inst);
	char * key = new_key(), * header, * value, * name, * body;
	struct http_reply * r;
	struct needles * n;
	uint64_t seen;

	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	header = text_format("Authorization: Bearer %s", key);
	http_header(program, header);
	n = needles_new();
	needles_raw(n, key + 4, strlen(key) - 4);
	needles_raw(n, key + 12, 24);
	for (unsigned i = 0; i < 40; i++) {
		value = plain_secret(40 + i * 90);
		name = text_format("memory/api-%u", i);
		needles_raw(n, value, strlen(value));
		needles_raw(n, value + strlen(value) / 2, 16);
		CU_ASSERT(put_by_api(program, name, i % 2 == 0 ?
		    "application/json" : "application/xml", i % 2 == 0 ? "{" :
		    "<", value));
		free(value);
		value = plain_secret(40 + i * 90);
		needles_raw(n, value, strlen(value));
		needles_raw(n, value + strlen(value) / 2, 16);
		body = text_format(i % 2 == 0 ?
		    "{\"value\":\"%s\",\"other\":1%s" :
		    "<s><value>%s</value><other/>%s", value,
		    i % 4 < 2 ? "" : i % 2 == 0 ? "}" : "</s>");
		r = http_request(program, "PUT", "/api/v1/secrets/instance/b",
		    i % 2 == 0 ? "application/json" : "application/xml", body,
		    strlen(body));
		CU_ASSERT(r->status >= 400 && r->status < 500);
		http_reply_free(&r);
		free(body);
		free(value);
		free(name);
	}
	if (!refused_to_plain_users())
		CU_ASSERT_EQUAL(in_worker(n, &seen), 0);
	needles_free(&n);
	http_free(&program);
	explicit_bzero(header, strlen(header));
	free(header);
	free(key);
}

/* A key that the owner makes on the page is shown once, and forgotten. */
static void
no_key_that_was_made_stays_in_memory(void)
{
	struct http_reply * page, * made;
	struct needles * n;
	uint64_t seen;
	const char * at;

	if (refused_to_plain_users())
		return;
	CU_ASSERT_EQUAL(walk_sign_in(owner), 0);
	n = needles_new();
	for (unsigned i = 0; i < 10; i++) {
		page = http_get(owner, "/settings/security");
		made = http_submit(owner, page,
		    "settings-security-api-key-form", HTTP_FIELDS(
		    { "api_key[name]", "memory/made" },
		    { "api_key[scopes]", "secrets:read" }));
		at = strstr(made->body, "sr" "k_");
		CU_ASSERT_PTR_NOT_NULL_FATAL(at);
		needles_raw(n, at + 4, 49);
		needles_raw(n, at + 12, 24);
		http_reply_free(&made);
		http_reply_free(&page);
	}
	CU_ASSERT_EQUAL(in_worker(n, &seen), 0);
	needles_free(&n);
}

static const struct suite_test tests[] = {
	TEST(the_search_sees_the_worker_s_memory),
	TEST(no_stored_value_stays_in_memory),
	TEST(no_password_stays_in_memory),
	TEST(no_value_and_no_key_of_the_api_stays_in_memory),
	TEST(no_key_that_was_made_stays_in_memory),
};

SUITE_MAIN("e2e/memory", tests, start, stop)
