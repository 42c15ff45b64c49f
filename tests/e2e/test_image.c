/*
 * Goal: after each action with a secret, a full image of the worker's memory
 * has it nowhere: no form of it, and no eight bytes of it that are together.
 * Uses the plain build: sanitizers keep freed memory as it was.
 */

#include "tests/e2e/imaged.h"

/* What is held while the worker lives is found, and in locked pages alone. */
static void
is_locked_alone(const char * what, const void * bytes, size_t len)
{
	struct needles * n = needles_new();
	struct image i;

	needles_parts(n, bytes, len);
	CU_ASSERT_TRUE(image_rest(instance_worker(inst, 0), THREADS));
	CU_ASSERT_TRUE(image_search(instance_worker(inst, 0), n, &i));
	image_note(&i, what);
	CU_ASSERT(i.held > 0);
	CU_ASSERT_EQUAL(i.places, 0);
	needles_free(&n);
}

static void
what_is_held_is_in_locked_pages_alone(void)
{
	const char * password =
	    mariadb_worker_password(instance_database(inst));
	uint8_t key[64];

	if (!image_allowed())
		return;
	is_locked_alone("held: a secret of the environment", LIVE,
	    strlen(LIVE));
	is_locked_alone("held: the root key", key, root_key(key));
	is_locked_alone("held: the database's password", password,
	    strlen(password));
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

/* While it comes it is there: in the buffer of the FastCGI library as well. */
static bool
is_seen_meanwhile(const char * value)
{
	struct needles * n = needles_new();
	struct image i = { .places = 0 };

	needles_parts(n, value, strlen(value));
	for (unsigned try = 0; try < 1000 && i.held == 0; try++) {
		sleep_ms(5);
		CU_ASSERT_TRUE(image_search(instance_worker(inst, 0), n, &i));
	}
	image_note(&i, "a body, while it comes");
	needles_free(&n);
	return (i.held > 0 && i.places > 0);
}

static void
a_body_that_breaks_off(void)
{
	char * value = new_value(), * body = value_body(value, false);
	int fd = open_put("image/broken");

	CU_ASSERT(fastcgi_body(fd, body, strlen(body) - 4));
	if (image_allowed())
		CU_ASSERT(is_seen_meanwhile(value));
	close(fd);
	free(body);
	free(value);
	leaves_nothing("a body that breaks off");
}

static void
bodies_that_are_refused(void)
{
	char * value = new_value(), * body;

	/* Of letters that JSON takes as they are. */
	for (char * p = value; *p != '\0'; p++)
		if (*p == '"' || *p == '\\')
			*p = 'q';
	is_secret(value);
	body = text_format("{\"plaintext\":\"%s\"}", value);

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

/* Given to the provider over TLS; what it says back as well. */
static void
a_check_of_a_provider(void)
{
	char * value = new_value();

	provider_server_good(server, value);
	put_value(REFERENCE + strlen("/api/v1/secrets/"), value, 201);
	answers(program, "POST", CHECK, JSON, "{}", 200);
	leaves_nothing("provider's check");
	provider_server_mode(server, PROVIDER_MODE_ECHO);
	answers(program, "POST", CHECK, JSON, "{}", 200);
	leaves_nothing("provider's check, value said back");
	provider_server_mode(server, PROVIDER_MODE_CLOSE);
	answers(program, "POST", CHECK, JSON, "{}", 200);
	leaves_nothing("provider's check, broken off");
	provider_server_mode(server, PROVIDER_MODE_KEYS);
	free(value);
}

static void
a_rotation_of_a_provider(void)
{
	char * value = new_value(), * body = value_body(value, true);

	provider_server_good(server, value);
	answers(program, "POST", ROTATE, JSON, body, 200);
	free(body);
	free(value);
	leaves_nothing("provider's rotation");
	value = new_value();
	body = value_body(value, true);
	answers(program, "POST", ROTATE, JSON, body, 422);
	free(body);
	free(value);
	leaves_nothing("provider's rotation, refused");
}

static char *
run_path(const char * id, const char * rest)
{

	return (text_format("/api/v1/runs/%s/%s", id, rest));
}

/* What a run asks for: one value, and all of them in either format. */
static void
a_resolve(void)
{
	char * value = known_value("image/bound", "BOUND");
	struct http * reader = new_program();
	char * path, id[37] = "";

	CU_ASSERT_FATAL(begin_run(program, id));
	path = run_path(id, "credentials/anthropic");
	answers(program, "GET", path, NULL, NULL, 200);
	free(path);
	leaves_nothing("resolve of a credential");
	path = run_path(id, "bindings");
	answers(program, "GET", path, NULL, NULL, 200);
	leaves_nothing("resolve of all bindings");
	http_header(reader, "Accept: application/xml");
	answers(reader, "GET", path, NULL, NULL, 200);
	leaves_nothing("resolve of all bindings, XML");
	http_free(&reader);
	free(path);
	free(value);
}

/* Post ${text} to the run, as ${type} and with ${method}. */
static void
give(const char * id, const char * method, const char * rest,
    const char * type, const char * text, long status)
{
	char * path = run_path(id, rest);

	answers(program, method, path, type, text, status);
	free(path);
}

/* A text around what is known, as JSON. */
static char *
around(const char * format, const char * value)
{
	char * text = text_format("it said %s and went on", value);
	json_t * j = json_string(text);
	char * quoted = json_dumps(j, JSON_ENCODE_ANY);
	char * out;

	must(quoted != NULL);
	out = text_format("%s%s%s", format, quoted, strchr(format, '[') ==
	    NULL ? "}}" : "}]}");
	free(quoted);
	json_decref(j);
	free(text);
	return (out);
}

static void
what_a_run_sends(void)
{
	char * value = known_value("image/sent", "SENT"), * text;
	char id[37] = "";

	CU_ASSERT_FATAL(begin_run(program, id));
	text = around("{\"type\":\"output\",\"payload\":{\"text\":", value);
	give(id, "POST", "events", JSON, text, 201);
	free(text);
	leaves_nothing("event with a value");
	text = around("{\"messages\":[{\"role\":\"user\",\"content\":", value);
	give(id, "POST", "prompts", JSON, text, 200);
	free(text);
	leaves_nothing("prompt with a value");
	text = text_format("it said\n%s\nand went on\n", value);
	give(id, "PUT", "artifacts/out.txt", "text/plain", text, 201);
	leaves_nothing("artifact with a value");
	give(id, "GET", "artifacts/out.txt", NULL, NULL, 200);
	leaves_nothing("artifact, read");
	free(text);
	free(value);
}

static void
a_revoke(void)
{

	answers(program, "DELETE", "/api/v1/secrets/instance/image/form", NULL,
	    NULL, 200);
	leaves_nothing("revoke");
}

/* Submit the form of the page at ${path}, which says where to go on. */
static void
fill_in(const char * path, const char * form, const struct http_field * fields)
{
	struct http_reply * page = http_get(owner, path);
	struct http_reply * sent = http_submit(owner, page, form, fields);

	if (sent->status != 303)
		suite_note("%s %s: %ld %.2000s", path, form, sent->status,
		    sent->body);
	CU_ASSERT_EQUAL(sent->status, 303);
	http_reply_free(&sent);
	http_reply_free(&page);
}

/* Saved, given a new value and revoked on its page. */
static void
a_life_on_the_pages(void)
{
	char * value = new_value(), * id, * path, * revoke;
	struct http_reply * sent, * page;

	sent = walk_store(owner, "instance", "image/page", value);
	free(value);
	page = http_follow(owner, sent);
	id = shown(page, "Stored <a href=\"/settings/security/secrets/", "\"");
	http_reply_free(&page);
	http_reply_free(&sent);
	path = text_format("/settings/security/secrets/%s", id);
	revoke = text_format("%s/revoke", path);
	value = new_value();
	fill_in(path, "settings-security-secret-rotate-form", HTTP_FIELDS(
	    { "security_secret[value]", value }, { "confirm", "yes" }));
	leaves_nothing("rotation on the page");
	fill_in(revoke, "settings-security-secret-revoke-confirm-form",
	    HTTP_FIELDS({ "confirm", "yes" }));
	leaves_nothing("revoke on the page");
	free(value);
	free(revoke);
	free(path);
	free(id);
}

/* The form of set-up, which has it checked at once, and that of rotation. */
static void
a_provider_on_the_pages(void)
{
	char * value = new_value();

	provider_server_good(server, value);
	fill_in("/settings/security", "settings-security-provider-rotation-"
	    "form", HTTP_FIELDS(
	    { "security_provider_rotation[provider]", "anthropic" },
	    { "security_provider_rotation[value]", value },
	    { "confirm", "yes" }));
	free(value);
	leaves_nothing("provider's rotation on the page");
}

static const struct suite_test tests[] = {
	TEST(what_is_held_is_in_locked_pages_alone),
	TEST(a_save_by_the_form),
	TEST(a_save_by_the_api),
	TEST(a_body_of_unknown_length),
	TEST(a_body_that_breaks_off),
	TEST(bodies_that_are_refused),
	TEST(a_rotation),
	TEST(a_check_of_a_provider),
	TEST(a_rotation_of_a_provider),
	TEST(a_resolve),
	TEST(what_a_run_sends),
	TEST(a_revoke),
	TEST(a_life_on_the_pages),
	TEST(a_provider_on_the_pages),
};

SUITE_MAIN("e2e/image", tests, imaged_start, imaged_stop)
