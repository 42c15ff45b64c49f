#include <sys/resource.h>
#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/keys/mac.h"
#include "core/log/log.h"
#include "tests/harness/suite.h"

#define KEY_A	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B	"/////////////////////////////////////////wA="

static struct keyring * kr;
static char path[600];

/* Load the lines as a value. */
static enum sr_error
load_value(const char * lines)
{
	struct secbuf * value = NULL;
	struct keyring_sources sources = { .file = NULL };
	enum sr_error err;

	keyring_free(&kr);
	ASSERT_ERR_FATAL(secbuf_copy(lines, strlen(lines), &value), SR_OK);
	sources.value = value;
	err = keyring_load(&sources, &kr);
	secbuf_free(&value);
	return (err);
}

static void
put(const char * name, const char * text, mode_t mode)
{
	FILE * f;

	(void)snprintf(path, sizeof(path), "%s/%s", suite_tmpdir(), name);
	(void)unlink(path);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT(fputs(text, f) >= 0);
	CU_ASSERT_EQUAL(fclose(f), 0);
	CU_ASSERT_EQUAL(chmod(path, mode), 0);
}

static enum sr_error
load_file(const char * file, const char * credentials)
{
	struct keyring_sources sources = { .file = file,
		.credentials_dir = credentials };

	keyring_free(&kr);
	return (keyring_load(&sources, &kr));
}

static void
lines_give_versions_in_order(void)
{

	ASSERT_ERR_FATAL(load_value("# a comment\n\n10:" KEY_A "\r\n"
	    "2:" KEY_B "  \n4294967295:" KEY_A), SR_OK);
	CU_ASSERT_EQUAL(keyring_count(kr), 3);
	CU_ASSERT_EQUAL(keyring_version(kr, 0), 2);
	CU_ASSERT_EQUAL(keyring_version(kr, 1), 10);
	CU_ASSERT_EQUAL(keyring_newest(kr), UINT32_MAX);
	CU_ASSERT_TRUE(keyring_has(kr, 10));
	CU_ASSERT_FALSE(keyring_has(kr, 1));
}

static void
malformed_lines_are_refused(void)
{
	static const char * const bad[] = {
		"\n# only a comment\n",
		KEY_A, "1:", "1", ":" KEY_A, "0:" KEY_A, "01:" KEY_A,
		"-1:" KEY_A, "1 :" KEY_A, " 1:" KEY_A, "1: " KEY_A,
		"4294967296:" KEY_A, "99999999999:" KEY_A,
		"1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
		"1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISI=",
		"1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh!=",
		"1:AAECAwQFBgcICQoL DA0ODxAREhMUFRYXGBkaGxwdH8=",
		"1:" KEY_A "\n1:" KEY_B, "1:" KEY_A "\nx\n",
		"1:" KEY_A " 2:" KEY_B,
	};
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		if (load_value(bad[i]) != SR_E_ROOT_KEY_MALFORMED)
			suite_note("not malformed: %zu", i);
		CU_ASSERT_PTR_NULL(kr);
	}
}

static void
sixty_four_keys_fit_and_no_more(void)
{
	char lines[66 * 64];
	size_t len = 0;
	int i;

	for (i = 1; i <= 64; i++)
		len += (size_t)snprintf(&lines[len], sizeof(lines) - len,
		    "%d:" KEY_A "\n", i);
	ASSERT_ERR(load_value(lines), SR_OK);
	CU_ASSERT_EQUAL(keyring_count(kr), 64);
	(void)snprintf(&lines[len], sizeof(lines) - len, "65:" KEY_A "\n");
	ASSERT_ERR(load_value(lines), SR_E_ROOT_KEY_MALFORMED);
}

static void
a_private_file_is_read(void)
{

	put("key", "1:" KEY_A "\n", 0600);
	ASSERT_ERR(load_file(path, NULL), SR_OK);
	put("key", "1:" KEY_A "\n", 0400);
	ASSERT_ERR(load_file(path, ""), SR_OK);
	CU_ASSERT_TRUE(kr != NULL && keyring_has(kr, 1));
}

static void
a_file_that_others_can_access_is_refused(void)
{
	static const mode_t modes[] = { 0640, 0604, 0644, 0620, 0601, 0610,
		0666 };
	size_t i;

	for (i = 0; i < COUNTOF(modes); i++) {
		put("key", "1:" KEY_A "\n", modes[i]);
		ASSERT_ERR(load_file(path, NULL), SR_E_ROOT_KEY_PERMISSIONS);
		CU_ASSERT_PTR_NULL(kr);
	}
}

static void
what_is_no_readable_file_is_refused(void)
{
	char fifo[600];

	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", suite_tmpdir());
	ASSERT_ERR(load_file("/nonexistent/key", NULL),
	    SR_E_ROOT_KEY_UNREADABLE);
	ASSERT_ERR(load_file(suite_tmpdir(), NULL), SR_E_ROOT_KEY_UNREADABLE);
	CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
	ASSERT_ERR(load_file(fifo, NULL), SR_E_ROOT_KEY_UNREADABLE);
	put("key", "not a key\n", 0600);
	ASSERT_ERR(load_file(path, NULL), SR_E_ROOT_KEY_MALFORMED);
	CU_ASSERT_EQUAL(truncate(path, KEYRING_FILE_MAX + 1), 0);
	ASSERT_ERR(load_file(path, NULL), SR_E_ROOT_KEY_MALFORMED);
}

static void
a_systemd_credential_is_exempt_from_the_mode(void)
{
	const char * dir = suite_tmpdir();
	char other[700];

	put("root_key", "1:" KEY_A "\n", 0440);
	ASSERT_ERR(load_file(NULL, dir), SR_OK);
	/* Its own path, or another credential by its path. */
	ASSERT_ERR(load_file(path, dir), SR_OK);
	(void)unlink(path);
	put("kek", "1:" KEY_A "\n", 0440);
	ASSERT_ERR(load_file(path, dir), SR_OK);
	(void)snprintf(other, sizeof(other), "%s/../%s/kek", dir,
	    strrchr(dir, '/') + 1);
	ASSERT_ERR(load_file(other, dir), SR_E_ROOT_KEY_PERMISSIONS);
	ASSERT_ERR(load_file(path, "/elsewhere"), SR_E_ROOT_KEY_PERMISSIONS);
}

static void
no_source_is_missing_and_two_conflict(void)
{
	struct secbuf * value = NULL;
	struct keyring_sources sources = { .file = "" };

	ASSERT_ERR(keyring_load(&sources, &kr), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(load_file(NULL, "/nonexistent"), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR_FATAL(secbuf_copy("1:" KEY_A, 46, &value), SR_OK);
	sources.value = value;
	ASSERT_ERR(keyring_load(&sources, &kr), SR_OK);
	keyring_free(&kr);
	sources.file = "/some/file";
	ASSERT_ERR(keyring_load(&sources, &kr),
	    SR_E_ROOT_KEY_SOURCES_CONFLICT);
	put("root_key", "1:" KEY_A "\n", 0600);
	sources.credentials_dir = suite_tmpdir();
	ASSERT_ERR(keyring_load(&sources, &kr),
	    SR_E_ROOT_KEY_SOURCES_CONFLICT);
	sources.file = NULL;
	ASSERT_ERR(keyring_load(&sources, &kr),
	    SR_E_ROOT_KEY_SOURCES_CONFLICT);
	sources.value = NULL;
	sources.file = "/some/file";
	ASSERT_ERR(keyring_load(&sources, &kr),
	    SR_E_ROOT_KEY_SOURCES_CONFLICT);
	CU_ASSERT_PTR_NULL(kr);
	secbuf_free(&value);
	(void)unlink(path);
}

static void
check_values_tell_keys_and_versions_apart(void)
{
	uint8_t a1[KEK_CHECK_LEN], a2[KEK_CHECK_LEN], b[KEK_CHECK_LEN];

	ASSERT_ERR_FATAL(load_value("1:" KEY_A "\n2:" KEY_A "\n3:" KEY_B),
	    SR_OK);
	ASSERT_ERR(keyring_check_value(kr, 1, a1), SR_OK);
	ASSERT_ERR(keyring_check_value(kr, 2, a2), SR_OK);
	ASSERT_ERR(keyring_check_value(kr, 3, b), SR_OK);
	CU_ASSERT_FALSE(mac_equal(a1, a2));
	CU_ASSERT_FALSE(mac_equal(a2, b));
	ASSERT_ERR(keyring_check_value(kr, 4, b), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR_FATAL(load_value("1:" KEY_A), SR_OK);
	ASSERT_ERR(keyring_check_value(kr, 1, a2), SR_OK);
	CU_ASSERT_TRUE(mac_equal(a1, a2));
}

static void
a_new_file_loads_and_is_private(void)
{
	uint8_t one[KEK_CHECK_LEN], two[KEK_CHECK_LEN];
	struct stat st;
	mode_t mask = umask(0);

	(void)snprintf(path, sizeof(path), "%s/new", suite_tmpdir());
	ASSERT_ERR(keyring_new_file(path, 7), SR_OK);
	(void)umask(mask);
	CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	ASSERT_ERR_FATAL(load_file(path, NULL), SR_OK);
	CU_ASSERT_EQUAL(keyring_newest(kr), 7);
	ASSERT_ERR(keyring_check_value(kr, 7, one), SR_OK);
	ASSERT_ERR(keyring_new_file(path, 7), SR_E_ROOT_KEY_FILE_EXISTS);
	(void)unlink(path);
	ASSERT_ERR(keyring_new_file(path, 7), SR_OK);
	ASSERT_ERR_FATAL(load_file(path, NULL), SR_OK);
	ASSERT_ERR(keyring_check_value(kr, 7, two), SR_OK);
	CU_ASSERT_FALSE(mac_equal(one, two));
	ASSERT_ERR(keyring_new_file("/nonexistent/key", 1),
	    SR_E_OUTPUT_FAILED);
}

/* No byte may be written: the reason is told, and no file stays. */
static void
a_file_that_cannot_be_written_leaves_its_reason_alone(void)
{
	struct rlimit before, none;
	char said[1024] = "";
	struct stat st;
	int fd[2];

	CU_ASSERT_FATAL(pipe(fd) == 0 && getrlimit(RLIMIT_FSIZE, &before) == 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)snprintf(path, sizeof(path), "%s/full", suite_tmpdir());
	none = (struct rlimit){ 0, before.rlim_max };
	log_open(NULL, fd[1]);
	log_set_level(LOG_INFO);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &none), 0);
	ASSERT_ERR(keyring_new_file(path, 1), SR_E_OUTPUT_FAILED);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
	log_set_level(LOG_ALERT);
	log_open(NULL, STDERR_FILENO);
	CU_ASSERT(read(fd[0], said, sizeof(said) - 1) > 0);
	/* EFBIG, and not what unlink(2) or close(2) left. */
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "\"errno\":27"));
	CU_ASSERT_NOT_EQUAL(stat(path, &st), 0);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

/* Every refusal here is meant; its log line tells nothing new. */
static int
setup(void)
{

	log_set_level(LOG_ALERT);
	return (0);
}

static int
teardown(void)
{

	keyring_free(&kr);
	return (kr == NULL ? 0 : 1);
}

static const struct suite_test tests[] = {
	TEST(lines_give_versions_in_order),
	TEST(malformed_lines_are_refused),
	TEST(sixty_four_keys_fit_and_no_more),
	TEST(a_private_file_is_read),
	TEST(a_file_that_others_can_access_is_refused),
	TEST(what_is_no_readable_file_is_refused),
	TEST(a_systemd_credential_is_exempt_from_the_mode),
	TEST(no_source_is_missing_and_two_conflict),
	TEST(check_values_tell_keys_and_versions_apart),
	TEST(a_new_file_loads_and_is_private),
	TEST(a_file_that_cannot_be_written_leaves_its_reason_alone),
};

SUITE_MAIN("core/keys/keyring", tests, setup, teardown)
