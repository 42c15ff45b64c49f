/*
 * Root secrets of the environment: taken out of it, held sealed off, masked
 * everywhere as "env/NAME" as soon as there is a key.
 */

#include <fcntl.h>
#include <unistd.h>

#include "tests/core/vault/process.h"

#include "core/base/secbuf.h"
#include "core/vault/environment.h"

static struct house h;

static void
clear(void)
{
	char name[80];
	int i;

	for (i = 0; i < ENVIRONMENT__MAX; i++) {
		(void)snprintf(name, sizeof(name), "%s_FILE",
		    environment_name((enum environment_id)i));
		(void)unsetenv(name);
		(void)unsetenv(environment_name((enum environment_id)i));
	}
}

static bool
holds(const struct environment * e, enum environment_id id, const char * value)
{
	const struct secbuf * got = environment_secret(e, id);
	struct secbuf * expected;
	bool same;

	if (got == NULL || value == NULL)
		return (got == NULL && value == NULL);
	expected = house_secret(value);
	same = secbuf_equal(got, expected);
	secbuf_free(&expected);
	return (same);
}

static char *
file_of(const char * name, const char * text)
{
	char * path = text_format("%s/%s", suite_tmpdir(), name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CU_ASSERT_FATAL(fd >= 0 && write(fd, text, strlen(text)) ==
	    (ssize_t)strlen(text));
	(void)close(fd);
	return (path);
}

static void
values_are_taken_out_of_the_environment(void)
{
	struct environment * e;
	char * value;

	clear();
	(void)setenv("ANTHROPIC_API_KEY", "made-up-anthropic-key-1", 1);
	(void)setenv("GITHUB_PAT", "made-up-github-pat-1\n", 1);
	(void)setenv("OPENAI_API_KEY", "", 1);
	value = getenv("ANTHROPIC_API_KEY");
	ASSERT_ERR_FATAL(environment_read(&e, NULL), SR_OK);
	CU_ASSERT(holds(e, ENVIRONMENT_ANTHROPIC_API_KEY,
	    "made-up-anthropic-key-1"));
	CU_ASSERT(holds(e, ENVIRONMENT_GITHUB_PAT, "made-up-github-pat-1"));
	CU_ASSERT(holds(e, ENVIRONMENT_OPENAI_API_KEY, NULL));
	CU_ASSERT(holds(e, ENVIRONMENT_SPRITES_API_TOKEN, NULL));
	CU_ASSERT_PTR_NULL(getenv("ANTHROPIC_API_KEY"));
	CU_ASSERT_PTR_NULL(getenv("GITHUB_PAT"));
	/* Not only unset: what /proc/PID/environ shows is overwritten. */
	CU_ASSERT_EQUAL(value[0], '\0');
	environment_free(&e);
	CU_ASSERT_PTR_NULL(e);
	ASSERT_ERR_FATAL(environment_read(&e, NULL), SR_OK);
	CU_ASSERT(holds(e, ENVIRONMENT_ANTHROPIC_API_KEY, NULL));
	environment_free(&e);
}

static void
a_file_can_hold_the_value(void)
{
	char * path = file_of("openai", "made-up-openai-key-1\n");
	struct environment * e;

	clear();
	(void)setenv("OPENAI_API_KEY_FILE", path, 1);
	ASSERT_ERR_FATAL(environment_read(&e, NULL), SR_OK);
	CU_ASSERT(holds(e, ENVIRONMENT_OPENAI_API_KEY, "made-up-openai-key-1"));
	environment_free(&e);
	free(path);
}

static void
both_forms_at_once_are_a_conflict(void)
{
	char * path = file_of("both", "made-up-openai-key-1\n");
	struct environment * e;

	clear();
	(void)setenv("OPENAI_API_KEY", "made-up-openai-key-2", 1);
	(void)setenv("OPENAI_API_KEY_FILE", path, 1);
	(void)setenv("SPRITES_API_TOKEN", "made-up-sprites-token", 1);
	ASSERT_ERR(environment_read(&e, NULL), SR_E_CONFIG_SOURCES_CONFLICT);
	CU_ASSERT_PTR_NULL(e);
	/* Nothing stays where a child could find it. */
	CU_ASSERT_PTR_NULL(getenv("OPENAI_API_KEY"));
	CU_ASSERT_PTR_NULL(getenv("SPRITES_API_TOKEN"));
	free(path);
}

static void
a_file_that_cannot_be_read_is_an_error(void)
{
	char * large = calloc(1, 70001);
	struct environment * e;
	char * path;

	clear();
	(void)setenv("GITHUB_PAT_FILE", "/nonexistent/pat", 1);
	ASSERT_ERR(environment_read(&e, NULL), SR_E_CONFIG_INVALID);
	(void)setenv("GITHUB_PAT_FILE", suite_tmpdir(), 1);
	ASSERT_ERR(environment_read(&e, NULL), SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NOT_NULL_FATAL(large);
	memset(large, 'q', 70000);
	path = file_of("large", large);
	(void)setenv("GITHUB_PAT_FILE", path, 1);
	ASSERT_ERR(environment_read(&e, NULL), SR_E_CONFIG_INVALID);
	free(path);
	free(large);
	clear();
}

static void
what_cannot_be_masked_is_not_taken(void)
{
	struct environment * e;

	clear();
	(void)setenv("ANTHROPIC_API_KEY", "short", 1);
	(void)setenv("OPENAI_API_KEY", "localhost", 1);
	(void)setenv("GITHUB_PAT", "Security settings", 1);
	(void)setenv("SPRITES_API_TOKEN", "made-up-sprites-token", 1);
	ASSERT_ERR_FATAL(environment_read(&e, NULL), SR_OK);
	CU_ASSERT(holds(e, ENVIRONMENT_ANTHROPIC_API_KEY, NULL));
	CU_ASSERT(holds(e, ENVIRONMENT_OPENAI_API_KEY, NULL));
	CU_ASSERT(holds(e, ENVIRONMENT_GITHUB_PAT, NULL));
	CU_ASSERT(holds(e, ENVIRONMENT_SPRITES_API_TOKEN,
	    "made-up-sprites-token"));
	CU_ASSERT_PTR_NULL(getenv("ANTHROPIC_API_KEY"));
	environment_free(&e);
}

static void
they_are_masked_whenever_the_redactor_has_a_key(void)
{
	const struct keyring_sources none = { NULL, NULL, NULL };
	const struct keyring_sources from = { h.key_file, NULL, NULL };
	struct environment * e;
	struct process p;

	clear();
	(void)setenv("ANTHROPIC_API_KEY", "made-up-anthropic-key-1", 1);
	(void)setenv("SPRITES_API_TOKEN", "made-up-sprites-token", 1);
	ASSERT_ERR_FATAL(environment_read(&e, NULL), SR_OK);
	process_open(&h, &p);
	liveset_environment(p.live, e);
	ASSERT_ERR_FATAL(put(&h, "env/other", "a-stored-value-1", NULL), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "made-up-anthropic-key-1",
	    "env/ANTHROPIC_API_KEY"));
	CU_ASSERT(masked_as(&p, "made-up-sprites-token",
	    "env/SPRITES_API_TOKEN"));
	CU_ASSERT(masked_as(&p, "bWFkZS11cC1hbnRocm9waWMta2V5LT",
	    "env/ANTHROPIC_API_KEY"));
	CU_ASSERT(masked_as(&p, "a-stored-value-1", "instance/env/other@1"));
	/* The key goes and comes back. */
	ASSERT_ERR(keystore_load(p.store.keys, &none), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_E_ROOT_KEY_MISSING);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_LOCKED);
	ASSERT_ERR(keystore_load(p.store.keys, &from), SR_OK);
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "made-up-anthropic-key-1",
	    "env/ANTHROPIC_API_KEY"));
	process_close(&p);
	environment_free(&e);
}

/* A private key in one line, as settings of services have it. */
static void
line_ends_spelled_out_are_known_as_line_ends_too(void)
{
	struct environment * e;
	struct process p;

	clear();
	(void)setenv("GITHUB_APP_PRIVATE_KEY", "-----BEGIN MADE UP-----\\n"
	    "Zm9sZGVkLWxpbmUtb25l\\nc2Vjb25kLWxpbmUtdHdv\\n"
	    "-----END MADE UP-----\\n", 1);
	ASSERT_ERR_FATAL(environment_read(&e, NULL), SR_OK);
	process_open(&h, &p);
	liveset_environment(p.live, e);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "Zm9sZGVkLWxpbmUtb25l",
	    "env/GITHUB_APP_PRIVATE_KEY"));
	CU_ASSERT(masked_as(&p, "c2Vjb25kLWxpbmUtdHdv",
	    "env/GITHUB_APP_PRIVATE_KEY"));
	process_close(&p);
	environment_free(&e);
}

static int
setup(void)
{
	return (house_open(&h));
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(values_are_taken_out_of_the_environment),
	TEST(a_file_can_hold_the_value),
	TEST(both_forms_at_once_are_a_conflict),
	TEST(a_file_that_cannot_be_read_is_an_error),
	TEST(what_cannot_be_masked_is_not_taken),
	TEST(they_are_masked_whenever_the_redactor_has_a_key),
	TEST(line_ends_spelled_out_are_known_as_line_ends_too),
};
SUITE_MAIN("core/vault/environment", tests, setup, teardown)
