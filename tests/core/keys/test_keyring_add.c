/* Adding a root key to a file that is in use. */

#include <sys/resource.h>
#include <sys/stat.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/keys/keyring.h"
#include "core/keys/mac.h"
#include "tests/harness/files.h"
#include "tests/harness/suite.h"

static struct keyring * kr;
static char path[600];

static enum sr_error
load(void)
{
	const struct keyring_sources sources = { .file = path };

	keyring_free(&kr);
	return (keyring_load(&sources, &kr));
}

static char *
whole_file(void)
{
	char * text = file_read(path, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	return (text);
}

static void
nothing_beside_it(void)
{
	char beside[610];
	struct stat st;

	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	CU_ASSERT_NOT_EQUAL(stat(beside, &st), 0);
}

static void
the_next_version_is_added_and_the_former_ones_stay(void)
{
	uint8_t one[KEK_CHECK_LEN], again[KEK_CHECK_LEN];
	uint32_t version = 0;
	struct stat st;
	char * before, * after;

	(void)snprintf(path, sizeof(path), "%s/grows", suite_tmpdir());
	ASSERT_ERR(keyring_new_file(path, 7), SR_OK);
	CU_ASSERT_EQUAL(chmod(path, 0400), 0);
	ASSERT_ERR_FATAL(load(), SR_OK);
	ASSERT_ERR(keyring_check_value(kr, 7, one), SR_OK);
	before = whole_file();
	ASSERT_ERR(keyring_add_to_file(path, &version), SR_OK);
	CU_ASSERT_EQUAL(version, 8);
	ASSERT_ERR(keyring_add_to_file(path, &version), SR_OK);
	CU_ASSERT_EQUAL(version, 9);
	after = whole_file();
	CU_ASSERT_EQUAL(strncmp(before, after, strlen(before)), 0);
	ASSERT_ERR_FATAL(load(), SR_OK);
	CU_ASSERT_EQUAL(keyring_count(kr), 3);
	ASSERT_ERR(keyring_check_value(kr, 7, again), SR_OK);
	CU_ASSERT(mac_equal(one, again));
	CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0400);
	nothing_beside_it();
	free(before);
	free(after);
}

static void
a_last_line_without_its_end_gets_one(void)
{
	uint32_t version = 0;
	char * text;

	text = whole_file();
	text[strlen(text) - 1] = '\0';
	CU_ASSERT_EQUAL(chmod(path, 0600), 0);
	CU_ASSERT_EQUAL_FATAL(file_write(path, 0600, text), 0);
	free(text);
	ASSERT_ERR(keyring_add_to_file(path, &version), SR_OK);
	ASSERT_ERR_FATAL(load(), SR_OK);
	CU_ASSERT_EQUAL(keyring_newest(kr), version);
	CU_ASSERT_EQUAL(keyring_count(kr), 4);
}

static void
what_an_addition_left_that_was_killed_is_no_hindrance(void)
{
	char beside[610];
	uint32_t version;

	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	CU_ASSERT_EQUAL_FATAL(file_write(beside, 0600, "half of a li"), 0);
	ASSERT_ERR(keyring_add_to_file(path, &version), SR_OK);
	nothing_beside_it();
}

static void
a_link_stays_a_link(void)
{
	char link[600];
	uint32_t version;
	struct stat st;

	(void)snprintf(link, sizeof(link), "%s/link", suite_tmpdir());
	(void)unlink(link);
	CU_ASSERT_EQUAL_FATAL(symlink(path, link), 0);
	ASSERT_ERR(keyring_add_to_file(link, &version), SR_OK);
	CU_ASSERT_EQUAL_FATAL(lstat(link, &st), 0);
	CU_ASSERT(S_ISLNK(st.st_mode));
	ASSERT_ERR_FATAL(load(), SR_OK);
	CU_ASSERT_EQUAL(keyring_newest(kr), version);
}

static void
to_what_is_no_key_file_nothing_is_added(void)
{
	uint32_t version;
	char * before = whole_file(), * after;

	ASSERT_ERR(keyring_add_to_file("/nonexistent/key", &version),
	    SR_E_ROOT_KEY_UNREADABLE);
	CU_ASSERT_EQUAL(chmod(path, 0640), 0);
	ASSERT_ERR(keyring_add_to_file(path, &version),
	    SR_E_ROOT_KEY_PERMISSIONS);
	CU_ASSERT_EQUAL(file_write(path, 0600, "1:no key"), 0);
	CU_ASSERT_EQUAL(chmod(path, 0600), 0);
	ASSERT_ERR(keyring_add_to_file(path, &version),
	    SR_E_ROOT_KEY_MALFORMED);
	after = whole_file();
	CU_ASSERT_STRING_EQUAL(after, "1:no key");
	CU_ASSERT_EQUAL(file_write(path, 0600, before), 0);
	nothing_beside_it();
	free(before);
	free(after);
}

static void
a_full_file_takes_no_more(void)
{
	uint32_t version = 0;
	enum sr_error err;
	unsigned i;

	for (i = 0; i < 64; i++)
		if ((err = keyring_add_to_file(path, &version)) != SR_OK)
			break;
	ASSERT_ERR(err, SR_E_LIMIT_EXCEEDED);
	ASSERT_ERR_FATAL(load(), SR_OK);
	CU_ASSERT_EQUAL(keyring_count(kr), 64);
	(void)unlink(path);
	ASSERT_ERR(keyring_new_file(path, UINT32_MAX), SR_OK);
	ASSERT_ERR(keyring_add_to_file(path, &version), SR_E_LIMIT_EXCEEDED);
}

/* No byte may be written, or only some: the former file stays as it is. */
static void
without_room_the_former_file_stays(void)
{
	struct rlimit before, some;
	uint32_t version;
	char * kept, * now;
	rlim_t room;

	(void)unlink(path);
	ASSERT_ERR(keyring_new_file(path, 1), SR_OK);
	kept = whole_file();
	CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	for (room = 0; room < strlen(kept) + 40; room += 13) {
		some = (struct rlimit){ room, before.rlim_max };
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &some), 0);
		ASSERT_ERR(keyring_add_to_file(path, &version),
		    SR_E_OUTPUT_FAILED);
		CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
		now = whole_file();
		CU_ASSERT_STRING_EQUAL(now, kept);
		nothing_beside_it();
		free(now);
	}
	free(kept);
}

struct adder {
	pthread_t thread;
	uint32_t version;
	enum sr_error result;
};

static void *
add_one(void * cookie)
{
	struct adder * a = cookie;

	a->result = keyring_add_to_file(path, &a->version);
	return (NULL);
}

static void
additions_at_once_lose_no_key(void)
{
	struct adder a[8];
	uint32_t seen = 0;
	size_t i;

	for (i = 0; i < COUNTOF(a); i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&a[i].thread, NULL,
		    add_one, &a[i]), 0);
	for (i = 0; i < COUNTOF(a); i++) {
		(void)pthread_join(a[i].thread, NULL);
		ASSERT_ERR(a[i].result, SR_OK);
		seen |= UINT32_C(1) << a[i].version;
	}
	CU_ASSERT_EQUAL(seen, 0x3fc);
	ASSERT_ERR_FATAL(load(), SR_OK);
	CU_ASSERT_EQUAL(keyring_count(kr), 9);
}

static int
stop(void)
{

	keyring_free(&kr);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(the_next_version_is_added_and_the_former_ones_stay),
	TEST(a_last_line_without_its_end_gets_one),
	TEST(what_an_addition_left_that_was_killed_is_no_hindrance),
	TEST(a_link_stays_a_link),
	TEST(to_what_is_no_key_file_nothing_is_added),
	TEST(a_full_file_takes_no_more),
	TEST(without_room_the_former_file_stays),
	TEST(additions_at_once_lose_no_key),
};
SUITE_MAIN("core/keys/keyring_add", tests, NULL, stop)
