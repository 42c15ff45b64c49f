/*
 * Goal: a root secret that is given to the programs in their environment is
 * not there any more once they run, is refused and masked like a stored one,
 * and is in no log; both of its forms at once are an error that says so.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"
#include "tests/harness/needles.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define KEY	"made-up.root-key_of-the-environment-77"

static const char * const settings[] = { "ANTHROPIC_API_KEY=" KEY,
	"GITHUB_PAT=tiny", NULL };

static struct instance * inst;
static struct http * owner;

static int
start(void)
{
	const struct instance_options o = { .settings = settings };

	if ((inst = instance_start(&o)) == NULL)
		return (-1);
	return ((owner = walk_in(inst)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* Bytes of a file of /proc, which has NULs in it. */
static size_t
read_all(const char * path, char * to, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	CU_ASSERT_FATAL(fd >= 0);
	while (len < room && (n = read(fd, to + len, room - len)) > 0)
		len += (size_t)n;
	(void)close(fd);
	return (len);
}

static void
the_workers_environment_does_not_hold_it(void)
{
	static char bytes[65536];
	char * path = text_format("/proc/%d/environ",
	    (int)instance_worker(inst, 0));
	size_t len = read_all(path, bytes, sizeof(bytes));

	CU_ASSERT(len > 0);
	CU_ASSERT_PTR_NULL(memmem(bytes, len, KEY, strlen(KEY)));
	CU_ASSERT_PTR_NULL(memmem(bytes, len, "=tiny", 5));
	free(path);
}

/* It is in no form of a shape that a rule would know. */
static void
it_is_refused_where_plain_text_is_kept(void)
{
	struct http_reply * r = walk_store(owner, "instance",
	    "about/" KEY "/old", "another-value-4711");

	CU_ASSERT_EQUAL(r->status, 422);
	CU_ASSERT(http_has(r, "plaintext_secret_persistence_blocked"));
	CU_ASSERT_FALSE(http_has(r, KEY));
	http_reply_free(&r);
}

static void
the_operators_command_knows_it_too(void)
{
	char * out = NULL, * err = NULL;
	int code;

	code = instance_operator(inst, INSTANCE_ARGS("secret", "put",
	    "--scope", "instance", "--name", "x-" KEY), "another-value-4712",
	    &out, &err);
	CU_ASSERT_EQUAL(code, 65);
	CU_ASSERT_PTR_NOT_NULL(strstr(err,
	    "plaintext_secret_persistence_blocked"));
	CU_ASSERT_PTR_NULL(strstr(err, KEY));
	free(out);
	free(err);
}

static void
no_log_line_holds_it_and_one_names_what_was_not_taken(void)
{
	struct needles * n = needles_new();
	char * log = instance_log(inst);

	needles_secret(n, KEY, strlen(KEY));
	CU_ASSERT_EQUAL(needles_in(n, log, strlen(log), NULL), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(log, "environment_secret_refused"));
	CU_ASSERT_PTR_NOT_NULL(strstr(log, "\"setting\":\"GITHUB_PAT\""));
	free(log);
	needles_free(&n);
}

static void
both_forms_at_once_are_an_error(void)
{
	char * out = NULL, * err = NULL;
	int code;

	(void)setenv("ANTHROPIC_API_KEY_FILE", "/nonexistent", 1);
	code = instance_operator(inst, INSTANCE_ARGS("secret", "list"), "",
	    &out, &err);
	(void)unsetenv("ANTHROPIC_API_KEY_FILE");
	CU_ASSERT_EQUAL(code, 78);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "config_sources_conflict"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "ANTHROPIC_API_KEY"));
	CU_ASSERT_PTR_NULL(strstr(err, KEY));
	free(out);
	free(err);
}

static const struct suite_test tests[] = {
	TEST(the_workers_environment_does_not_hold_it),
	TEST(it_is_refused_where_plain_text_is_kept),
	TEST(the_operators_command_knows_it_too),
	TEST(no_log_line_holds_it_and_one_names_what_was_not_taken),
	TEST(both_forms_at_once_are_an_error),
};

SUITE_MAIN("e2e/environment", tests, start, stop)
