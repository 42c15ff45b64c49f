#ifndef SR_TESTS_E2E_IMAGED_H
#define SR_TESTS_E2E_IMAGED_H

/*
 * An instance with a provider, whose worker is looked at after each action with
 * secrets: what was sent or shown is a needle, in all its forms and in parts.
 */

#define LIVE		"w8Xq3vNz5Ltb7RkYd2PfJm6HsC4gTa9EuWx"

#define PROVIDERS_WORKERS	1
#define PROVIDERS_SETTINGS	"OPENAI_API_KEY=" LIVE,

#include <jansson.h>
#include <nettle/base64.h>
#include <unistd.h>

#include "tests/e2e/providers.h"
#include "tests/harness/fastcgi.h"
#include "tests/harness/image.h"
#include "tests/harness/needles.h"

#define VALUE_LEN	40
#define THREADS		4	/* As providers.h has it. */

static struct http * owner;
static struct needles * needles;

static inline int
imaged_start(void)
{

	if (setenv("STRONGROOM_TEST_BUILD", "build", 1) != 0 ||
	    program_start() != 0 || (owner = walk_in(inst)) == NULL)
		return (-1);
	needles = needles_new();
	/* Not in smaller parts, which are words of anybody. */
	needles_secret(needles, WALK_PASSWORD, strlen(WALK_PASSWORD));
	needles_secret(needles, WALK_PASSWORD + 4, 16);
	return (0);
}

static inline int
imaged_stop(void)
{

	needles_free(&needles);
	http_free(&owner);
	return (program_stop());
}

/* It is secret from now on. */
static inline void
is_secret(const char * text)
{

	needles_parts(needles, text, strlen(text));
}

/* A new one that is looked for; caller frees. */
static inline char *
new_value(void)
{
	char * value = random_secret(VALUE_LEN);

	is_secret(value);
	return (value);
}

/* {"value": "…"}, and {"value": "…", "confirm": true}; caller frees. */
static inline char *
value_body(const char * value, bool confirm)
{
	json_t * j = json_pack("{s:s}", "value", value);
	char * text;

	must(j != NULL);
	if (confirm)
		json_object_set_new(j, "confirm", json_true());
	text = json_dumps(j, JSON_COMPACT);
	must(text != NULL);
	json_decref(j);
	return (text);
}

static inline void
answers(struct http * h, const char * method, const char * path,
    const char * type, const char * body, long status)
{
	struct http_reply * r = http_request(h, method, path, type, body,
	    body == NULL ? 0 : strlen(body));

	if (r->status != status)
		suite_note("%s %s: %ld %s %.300s", method, path, r->status,
		    r->error, r->body);
	CU_ASSERT_EQUAL(r->status, status);
	http_reply_free(&r);
}

/* "VERSION:BASE64", the last line of the file. */
static inline size_t
root_key(uint8_t out[64])
{
	char * path = text_format("%s/root.key", instance_folder(inst));
	char * text = file_read(path, NULL);
	struct base64_decode_ctx ctx;
	const char * at;
	size_t len = 64;

	must(text != NULL && (at = strrchr(text, ':')) != NULL);
	base64_decode_init(&ctx);
	must(base64_decode_update(&ctx, &len, out, strcspn(at + 1, "\n"),
	    at + 1) == 1);
	free(text);
	free(path);
	return (len);
}

/* Store ${value} by the API. */
static inline void
put_value(const char * name, const char * value, long status)
{
	char * path = text_format("/api/v1/secrets/%s", name);
	char * body = value_body(value, false);

	answers(program, "PUT", path, JSON, body, status);
	free(body);
	free(path);
}

/* A new one that is stored and that runs are given; caller frees. */
static inline char *
known_value(const char * name, const char * variable)
{
	char * value = new_value(), * path, * body;

	path = text_format("instance/%s", name);
	put_value(path, value, 201);
	free(path);
	path = text_format("/api/v1/projects/%.36s/bindings/%s",
	    runs_path + strlen("/api/v1/projects/"), variable);
	body = text_format("{\"scope\":\"instance\",\"name\":\"%s\"}", name);
	answers(program, "PUT", path, JSON, body, 200);
	free(body);
	free(path);
	return (value);
}

/* The text of a page between ${before} and one of ${end}; caller frees. */
static inline char *
shown(const struct http_reply * r, const char * before, const char * end)
{
	const char * p = strstr(r->body, before);

	if (p == NULL)
		suite_note("%ld %.2000s", r->status, r->body);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	p += strlen(before);
	return (strndup(p, strcspn(p, end)));
}

/* Nothing that was secret is left in the worker. */
static inline void
leaves_nothing(const char * what)
{
	struct image i;

	if (!image_allowed())
		return;
	CU_ASSERT_TRUE(image_rest(instance_worker(inst, 0), THREADS));
	CU_ASSERT_TRUE(image_search(instance_worker(inst, 0), needles, &i));
	image_note(&i, what);
	CU_ASSERT(i.seen > 1024 * 1024);
	CU_ASSERT(i.threads > THREADS);
	CU_ASSERT_EQUAL(i.places, 0);
	/* What was locked is wiped as well when it is let go. */
	CU_ASSERT_EQUAL(i.held, 0);
}

#endif /* !SR_TESTS_E2E_IMAGED_H */
