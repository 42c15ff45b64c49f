/*
 * Goal: behind a real web server no header signs anybody in, whatever its
 * spelling, where signing in is left to that web server.
 */

#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

static struct instance * inst;

static void
no_header_is_remote_user(void)
{
	static const char * const names[] = { "Remote-User", "REMOTE-USER",
	    "REMOTE_USER", "Remote_User", "HTTP_REMOTE_USER", "X-Remote-User",
	    "X-Forwarded-User" };
	struct http * h = instance_client(inst);
	struct http_reply * r;
	char * line;

	CU_ASSERT_EQUAL_FATAL(instance_operator(inst, INSTANCE_ARGS("owner",
	    "create", "--email", WALK_EMAIL), WALK_PASSWORD, NULL, NULL), 0);
	for (size_t i = 0; i < COUNTOF(names); i++) {
		line = text_format("%s: " WALK_EMAIL, names[i]);
		http_header(h, NULL);
		http_header(h, line);
		r = http_get(h, "/settings/security");
		CU_ASSERT_EQUAL(r->status, 401);
		CU_ASSERT_TRUE(http_has(r, "remote_user_required"));
		http_reply_free(&r);
		free(line);
	}
	http_free(&h);
}

static void
a_password_signs_nobody_in(void)
{
	struct http * h = instance_client(inst);
	struct http_reply * r = http_get(h, "/login");

	CU_ASSERT_EQUAL(r->status, 401);
	CU_ASSERT_TRUE(http_has(r, "remote_user_required"));
	http_reply_free(&r);
	http_free(&h);
}

static int
setup(void)
{
	static const char * const settings[] = {
	    "STRONGROOM_ACCESS_REMOTE_USER=on", NULL };
	const struct instance_options options = { .settings = settings };

	inst = instance_start(&options);
	return (inst == NULL ? -1 : 0);
}

static int
teardown(void)
{

	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static const struct suite_test tests[] = {
	TEST(no_header_is_remote_user),
	TEST(a_password_signs_nobody_in),
};

SUITE_MAIN("e2e/remote_user", tests, setup, teardown)
