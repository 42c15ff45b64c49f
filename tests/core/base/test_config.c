#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "tests/harness/suite.h"

static const char * dir;
static char conf[512];
static char secret_path[512];
static char complaint[1024];
static struct config * c;

static int
setup(void)
{

	dir = suite_tmpdir();
	(void)snprintf(conf, sizeof(conf), "%s/conf", dir);
	(void)snprintf(secret_path, sizeof(secret_path), "%s/secret", dir);
	return (0);
}

static void
put(const char * path, const char * text, size_t len)
{
	FILE * f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(text, 1, len, f), len);
	CU_ASSERT_EQUAL(fclose(f), 0);
}

/* Load ${text} as the file; NULL: none. */
static enum sr_error
load(const char * text)
{

	config_free(&c);
	if (text != NULL)
		put(conf, text, strlen(text));
	return (config_load(text == NULL ? NULL : conf, complaint,
	    sizeof(complaint), &c));
}

static void
secret_is(enum config_id id, const char * expected)
{
	struct secbuf * b;

	ASSERT_ERR_FATAL(config_secret(c, id, &b), SR_OK);
	if (expected == NULL) {
		CU_ASSERT_PTR_NULL(b);
		return;
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	CU_ASSERT_EQUAL(secbuf_len(b), strlen(expected));
	CU_ASSERT_EQUAL(memcmp(secbuf_bytes(b), expected, secbuf_len(b)), 0);
	secbuf_free(&b);
}

static void
defaults_are_those_of_the_table(void)
{

	ASSERT_ERR_FATAL(load(NULL), SR_OK);
	CU_ASSERT_STRING_EQUAL(config_text(c, CFG_SITE_URL),
	    "http://127.0.0.1:8080");
	CU_ASSERT_EQUAL(config_number(c, CFG_DATABASE_PORT), 3306);
	CU_ASSERT_STRING_EQUAL(config_text(c, CFG_DATABASE_SOCKET), "");
	CU_ASSERT_TRUE(config_is_default(c, CFG_SITE_URL));
	secret_is(CFG_ROOT_KEY, NULL);
	secret_is(CFG_DATABASE_PASSWORD, NULL);
	CU_ASSERT_STRING_EQUAL(config_secret_file(c, CFG_ROOT_KEY), "");
	CU_ASSERT_STRING_EQUAL(config_row(CFG_SESSION_AGE)->key, "max_hours");
}

static void
every_default_is_a_value_its_type_takes(void)
{
	size_t i;

	for (i = 0; i < CFG__MAX; i++)
		CU_ASSERT_PTR_NOT_NULL(config_row((enum config_id)i)->help);
	ASSERT_ERR(load(""), SR_OK);
}

static void
the_file_is_read_and_the_environment_wins(void)
{

	(void)setenv("STRONGROOM_DATABASE_PORT", "3308", 1);
	ASSERT_ERR_FATAL(load("# comment\nroot_key_file = /etc/key\n\n"
	    "[site]\nurl = https://s.example ; ours\n"
	    "[database]\nport = 3307\npassword = hunter2hunter2\n"), SR_OK);
	(void)unsetenv("STRONGROOM_DATABASE_PORT");
	CU_ASSERT_STRING_EQUAL(config_text(c, CFG_SITE_URL),
	    "https://s.example");
	CU_ASSERT_FALSE(config_is_default(c, CFG_SITE_URL));
	CU_ASSERT_EQUAL(config_number(c, CFG_DATABASE_PORT), 3308);
	CU_ASSERT_STRING_EQUAL(config_secret_file(c, CFG_ROOT_KEY),
	    "/etc/key");
	secret_is(CFG_ROOT_KEY, NULL);
	secret_is(CFG_DATABASE_PASSWORD, "hunter2hunter2");
}

static void
main_has_no_part_in_names_and_may_be_written(void)
{

	(void)setenv("STRONGROOM_ROOT_KEY_FILE", "/run/key", 1);
	ASSERT_ERR_FATAL(load(NULL), SR_OK);
	(void)unsetenv("STRONGROOM_ROOT_KEY_FILE");
	CU_ASSERT_STRING_EQUAL(config_secret_file(c, CFG_ROOT_KEY),
	    "/run/key");
	ASSERT_ERR_FATAL(load("[main]\nroot_key_file = /a\n"), SR_OK);
	CU_ASSERT_STRING_EQUAL(config_secret_file(c, CFG_ROOT_KEY), "/a");
}

static void
secrets_leave_the_environment(void)
{
	char * kept;

	(void)setenv("STRONGROOM_ROOT_KEY", "1:from-the-environment\n", 1);
	kept = getenv("STRONGROOM_ROOT_KEY");
	ASSERT_ERR_FATAL(load(NULL), SR_OK);
	CU_ASSERT_PTR_NULL(getenv("STRONGROOM_ROOT_KEY"));
	/* setenv(3) keeps its copy, so this is still ours to read. */
	CU_ASSERT_EQUAL(kept[0], '\0');
	CU_ASSERT_EQUAL(kept[10], '\0');
	secret_is(CFG_ROOT_KEY, "1:from-the-environment");
}

static void
secrets_leave_the_environment_also_when_loading_fails(void)
{

	(void)setenv("STRONGROOM_DATABASE_PASSWORD", "hunter2hunter2", 1);
	ASSERT_ERR(load("nonsense\n"), SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NULL(getenv("STRONGROOM_DATABASE_PASSWORD"));
	CU_ASSERT_PTR_NULL(c);
}

static void
a_secret_file_is_read_and_one_newline_dropped(void)
{
	char text[600];
	struct secbuf * b;

	put(secret_path, "from a file\n", 12);
	(void)snprintf(text, sizeof(text), "[database]\npassword_file = %s\n",
	    secret_path);
	ASSERT_ERR_FATAL(load(text), SR_OK);
	secret_is(CFG_DATABASE_PASSWORD, "from a file");
	(void)unlink(secret_path);
	ASSERT_ERR(config_secret(c, CFG_DATABASE_PASSWORD, &b),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NULL(b);
}

static void
both_forms_at_one_level_conflict(void)
{

	ASSERT_ERR(load("[database]\npassword = hunter2hunter2\n"
	    "password_file = /x\n"), SR_E_CONFIG_SOURCES_CONFLICT);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint, "password"));
	CU_ASSERT_PTR_NULL(strstr(complaint, "hunter2"));
	(void)setenv("STRONGROOM_DATABASE_PASSWORD", "hunter2hunter2", 1);
	(void)setenv("STRONGROOM_DATABASE_PASSWORD_FILE", "/x", 1);
	ASSERT_ERR(load(NULL), SR_E_CONFIG_SOURCES_CONFLICT);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint,
	    "STRONGROOM_DATABASE_PASSWORD_FILE"));
	(void)unsetenv("STRONGROOM_DATABASE_PASSWORD_FILE");
}

static void
the_form_of_a_higher_level_replaces_the_other(void)
{

	(void)setenv("STRONGROOM_DATABASE_PASSWORD", "from the env", 1);
	ASSERT_ERR_FATAL(load("[database]\npassword_file = /x\n"), SR_OK);
	CU_ASSERT_STRING_EQUAL(config_secret_file(c, CFG_DATABASE_PASSWORD),
	    "");
	secret_is(CFG_DATABASE_PASSWORD, "from the env");
}

static void
two_root_keys_conflict_at_any_level(void)
{

	(void)setenv("STRONGROOM_ROOT_KEY", "1:x", 1);
	ASSERT_ERR(load("root_key_file = /x\n"),
	    SR_E_ROOT_KEY_SOURCES_CONFLICT);
	(void)setenv("STRONGROOM_ROOT_KEY_FILE", "/y", 1);
	ASSERT_ERR(load("root_key_file = /x\n"),
	    SR_E_ROOT_KEY_SOURCES_CONFLICT);
	(void)setenv("STRONGROOM_ROOT_KEY", "1:x", 1);
	ASSERT_ERR(load(NULL), SR_E_ROOT_KEY_SOURCES_CONFLICT);
	(void)unsetenv("STRONGROOM_ROOT_KEY_FILE");
}

static void
bad_files_are_refused_with_their_line_and_no_value(void)
{
	static const char * const bad[] = {
		"[database]\nport = 33o6-hunter2\n",
		"[database]\nport = -1\n",
		"[database]\nport = 0\n",
		"[database]\nport = 65536\n",
		"[database]\nport = 99999999999999999999\n",
		"[database]\nport =\n",
		"[database]\nhunter2 = x\n",
		"[database]\nport_file = hunter2\n",
		"[hunter2]\nport = 1\n",
		"[database]\nport = 1\nport = 1\n",
		"[database]\npassword = hunter2 ;hunter2\n",
		"\nhunter2\n",
		"\nhunter2==\n",
	};
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		if (load(bad[i]) != SR_E_CONFIG_INVALID)
			suite_note("taken: %s", bad[i]);
		CU_ASSERT_PTR_NULL(c);
		CU_ASSERT_PTR_NOT_NULL(strstr(complaint,
		    i == 9 ? "/conf:3: " : "/conf:2: "));
		CU_ASSERT_PTR_NULL(strstr(complaint, "hunter2"));
	}
}

static void
a_line_too_long_or_with_nul_is_refused_whole(void)
{
	static const char nul[] = "[site]\nurl = a\0b\n";
	char text[5000];

	memset(text, 'x', sizeof(text));
	memcpy(text, "[site]\nurl = ", 13);
	memcpy(&text[1000], "\n", 2);
	ASSERT_ERR(load(text), SR_OK);
	CU_ASSERT_EQUAL(strlen(config_text(c, CFG_SITE_URL)), 1000 - 13);
	text[1000] = 'x';
	text[1001] = 'x';
	memcpy(&text[4900], " port = 1\n", 11);
	ASSERT_ERR(load(text), SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint, ":2: the line is too long"));
	put(conf, nul, sizeof(nul) - 1);
	ASSERT_ERR(config_load(conf, complaint, sizeof(complaint), &c),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint, ":2: the line is not text"));
}

static void
a_missing_or_huge_file_is_refused(void)
{
	static char huge[200000];

	ASSERT_ERR(config_load("/nonexistent/conf", complaint,
	    sizeof(complaint), &c), SR_E_CONFIG_INVALID);
	CU_ASSERT_STRING_EQUAL(complaint,
	    "/nonexistent/conf cannot be opened");
	ASSERT_ERR(config_load(dir, complaint, sizeof(complaint), &c),
	    SR_E_CONFIG_INVALID);
	memset(huge, '\n', sizeof(huge));
	put(conf, huge, sizeof(huge));
	ASSERT_ERR(config_load(conf, complaint, sizeof(complaint), &c),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint, "too large"));
}

static void
bad_variables_are_refused_by_name(void)
{

	(void)setenv("STRONGROOM_SESSION_FOO", "hunter2", 1);
	ASSERT_ERR(load(NULL), SR_E_CONFIG_INVALID);
	CU_ASSERT_STRING_EQUAL(complaint,
	    "STRONGROOM_SESSION_FOO: no setting has this name");
	(void)unsetenv("STRONGROOM_SESSION_FOO");
	(void)setenv("STRONGROOM_PASSWORD_COST", "12", 1);
	ASSERT_ERR(load(NULL), SR_E_CONFIG_INVALID);
	CU_ASSERT_STRING_EQUAL(complaint,
	    "STRONGROOM_PASSWORD_COST is not in the range 1 to 11");
	(void)setenv("STRONGROOM_PASSWORD_COST", "seven", 1);
	ASSERT_ERR(load(NULL), SR_E_CONFIG_INVALID);
	CU_ASSERT_STRING_EQUAL(complaint,
	    "STRONGROOM_PASSWORD_COST is not a whole number");
	(void)unsetenv("STRONGROOM_PASSWORD_COST");
}

static void
variables_of_no_section_and_empty_ones_are_passed_over(void)
{

	(void)setenv("STRONGROOM_VAR", "/srv/var", 1);
	(void)setenv("STRONGROOM_TEST_ANYTHING", "1", 1);
	(void)setenv("STRONGROOM_DATABASE_PORT", "", 1);
	(void)setenv("STRONGROOM_ROOT_KEY", "", 1);
	ASSERT_ERR_FATAL(load("root_key_file = /x\n[database]\nport = 1\n"),
	    SR_OK);
	CU_ASSERT_EQUAL(config_number(c, CFG_DATABASE_PORT), 1);
	(void)unsetenv("STRONGROOM_VAR");
	(void)unsetenv("STRONGROOM_TEST_ANYTHING");
	(void)unsetenv("STRONGROOM_DATABASE_PORT");
	config_free(&c);
	CU_ASSERT_PTR_NULL(c);
	config_free(&c);
}

/* A pipe that nobody writes to must not hold the program up. */
static void
what_is_no_regular_file_is_refused_at_once(void)
{
	char pipe_path[512], text[640];
	struct secbuf * b;

	(void)snprintf(pipe_path, sizeof(pipe_path), "%s/pipe", dir);
	CU_ASSERT_EQUAL_FATAL(mkfifo(pipe_path, 0600), 0);
	(void)alarm(10);
	config_free(&c);
	ASSERT_ERR(config_load(pipe_path, complaint, sizeof(complaint), &c),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint, "is not a regular file"));
	ASSERT_ERR(config_load(dir, complaint, sizeof(complaint), &c),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(complaint, "is not a regular file"));
	(void)snprintf(text, sizeof(text), "[database]\npassword_file = %s\n",
	    pipe_path);
	ASSERT_ERR_FATAL(load(text), SR_OK);
	ASSERT_ERR(config_secret(c, CFG_DATABASE_PASSWORD, &b),
	    SR_E_CONFIG_INVALID);
	CU_ASSERT_PTR_NULL(b);
	(void)alarm(0);
	CU_ASSERT_EQUAL(unlink(pipe_path), 0);
}

static const struct suite_test tests[] = {
	TEST(defaults_are_those_of_the_table),
	TEST(every_default_is_a_value_its_type_takes),
	TEST(the_file_is_read_and_the_environment_wins),
	TEST(main_has_no_part_in_names_and_may_be_written),
	TEST(secrets_leave_the_environment),
	TEST(secrets_leave_the_environment_also_when_loading_fails),
	TEST(a_secret_file_is_read_and_one_newline_dropped),
	TEST(both_forms_at_one_level_conflict),
	TEST(the_form_of_a_higher_level_replaces_the_other),
	TEST(two_root_keys_conflict_at_any_level),
	TEST(bad_files_are_refused_with_their_line_and_no_value),
	TEST(a_line_too_long_or_with_nul_is_refused_whole),
	TEST(a_missing_or_huge_file_is_refused),
	TEST(bad_variables_are_refused_by_name),
	TEST(variables_of_no_section_and_empty_ones_are_passed_over),
	TEST(what_is_no_regular_file_is_refused_at_once),
};

SUITE_MAIN("core/base/config", tests, setup, NULL)
