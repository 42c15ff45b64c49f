/*
 * Goal: after each action with a secret, a full image of the worker's memory
 * has it nowhere: no form of it, and no eight bytes of it that are together.
 * Uses the plain build: sanitizers keep freed memory as it was.
 */

#include "tests/e2e/imaged.h"

/* What is held while the worker lives is found, and in locked pages alone. */
static void
the_search_sees_what_is_held(void)
{
	struct needles * n;
	struct image i;

	if (!image_allowed())
		return;
	n = needles_new();
	needles_parts(n, LIVE, strlen(LIVE));
	CU_ASSERT_TRUE(image_rest(instance_worker(inst, 0), THREADS));
	CU_ASSERT_TRUE(image_search(instance_worker(inst, 0), n, &i));
	image_note(&i, "a root secret of the environment");
	CU_ASSERT_EQUAL(i.held, 1);
	CU_ASSERT_EQUAL(i.places, 0);
	needles_free(&n);
}

static void
a_save_by_the_form(void)
{
	char * value = new_value();

	CU_ASSERT(walk_stored(owner, "instance", "image/form", value));
	free(value);
	leaves_nothing("save by the form");
}

static void
a_save_by_the_api(void)
{
	char * value = new_value(), * body;

	put_value("instance/image/json", value, 201);
	free(value);
	leaves_nothing("save by the API, JSON");
	value = new_value();
	for (char * p = value; (p = strpbrk(p, "<>&")) != NULL; p++)
		*p = 'q';
	is_secret(value);
	body = text_format("<s><value>%s</value></s>", value);
	answers(program, "PUT", "/api/v1/secrets/instance/image/xml",
	    "application/xml", body, 201);
	free(body);
	free(value);
	leaves_nothing("save by the API, XML");
}

static int
open_put(const char * name)
{
	char * path = text_format("/api/v1/secrets/instance/%s", name);
	char * socket = instance_socket(inst);
	int fd = fastcgi_open(socket, HTTP_FIELDS(
	    { "REQUEST_METHOD", "PUT" }, { "SCRIPT_NAME", "" },
	    { "PATH_INFO", path }, { "CONTENT_TYPE", JSON },
	    { "HTTP_AUTHORIZATION", bearer + strlen("Authorization: ") },
	    { "HTTP_HOST", strchr(instance_url(inst), '/') + 2 },
	    { "REMOTE_ADDR", "127.0.0.1" }, { "HTTP_ACCEPT", JSON }));

	CU_ASSERT_NOT_EQUAL_FATAL(fd, -1);
	free(socket);
	free(path);
	return (fd);
}

/* In records of a few bytes, and no length said before. */
static void
a_body_of_unknown_length(void)
{
	char * value = new_value(), * body = value_body(value, false);
	char * text;
	int fd = open_put("image/chunked");

	for (size_t i = 0; i < strlen(body); i += 7)
		CU_ASSERT(fastcgi_body(fd, body + i, strlen(body + i) < 7 ?
		    strlen(body + i) : 7));
	CU_ASSERT(fastcgi_body(fd, NULL, 0));
	text = fastcgi_answer(fd);
	CU_ASSERT_EQUAL(strncmp(text, "Status: 201", 11), 0);
	free(text);
	free(body);
	free(value);
	leaves_nothing("save, length not known");
}

static void
a_body_that_breaks_off(void)
{
	char * value = new_value(), * body = value_body(value, false);
	int fd = open_put("image/broken");

	CU_ASSERT(fastcgi_body(fd, body, strlen(body) - 4));
	close(fd);
	free(body);
	free(value);
	leaves_nothing("a body that breaks off");
}

static void
bodies_that_are_refused(void)
{
	char * value = new_value();
	char * body = text_format("{\"plaintext\":\"%s\"}", value);

	answers(program, "PUT", "/api/v1/secrets/instance/image/json", JSON,
	    body, 422);
	free(body);
	body = text_format("{\"value\":[\"%s\"]}", value);
	answers(program, "PUT", "/api/v1/secrets/instance/image/json", JSON,
	    body, 422);
	free(body);
	free(value);
	leaves_nothing("bodies that are refused");
}

static void
a_rotation(void)
{
	char * value = new_value();

	put_value("instance/image/json", value, 200);
	free(value);
	leaves_nothing("rotation by the API");
}

static const struct suite_test tests[] = {
	TEST(the_search_sees_what_is_held),
	TEST(a_save_by_the_form),
	TEST(a_save_by_the_api),
	TEST(a_body_of_unknown_length),
	TEST(a_body_that_breaks_off),
	TEST(bodies_that_are_refused),
	TEST(a_rotation),
};

SUITE_MAIN("e2e/image", tests, imaged_start, imaged_stop)
