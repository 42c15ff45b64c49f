/*
 * Goal: a worker that cannot do its work says why and ends; one that can
 * begins its log anew when the file was moved away. It needs no database for
 * that.
 */

#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"

#define PATH_LEN	512

static char program[PATH_LEN];
static char conf[PATH_LEN];
static char log_file[PATH_LEN];
static char moved[PATH_LEN];
static char socket_path[PATH_LEN];

static int
start(void)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	const char * tmp = suite_tmpdir();

	(void)snprintf(program, sizeof(program), "%s/strongroom-worker",
	    build == NULL ? "build" : build);
	(void)snprintf(conf, sizeof(conf), "%s/conf", tmp);
	(void)snprintf(log_file, sizeof(log_file), "%s/log", tmp);
	(void)snprintf(moved, sizeof(moved), "%s/log.1", tmp);
	(void)snprintf(socket_path, sizeof(socket_path), "%s/socket", tmp);
	return (0);
}

static int
settings(const char * password_file)
{
	char * text = text_format("[site]\ntemplates = templates\n"
	    "[database]\nsocket = %s/none\npassword_file = %s\n"
	    "[log]\nfile = %s\n", suite_tmpdir(), password_file, log_file);
	int rc = file_write(conf, 0600, text);

	free(text);
	return (rc);
}

/* Wait until the file at ${path} holds ${text}. */
static bool
comes(const char * path, const char * text)
{
	const struct timespec pause = { 0, 20000000 };
	bool found = false;
	char * bytes;
	unsigned i;

	for (i = 0; i < 1000 && !found; i++) {
		bytes = file_read(path, NULL);
		found = bytes != NULL && strstr(bytes, text) != NULL;
		free(bytes);
		if (!found)
			(void)nanosleep(&pause, NULL);
	}
	return (found);
}

static void
a_log_that_was_moved_away_begins_anew(void)
{
	const char * const argv[] = { program, "--config", conf, "--listen",
	    socket_path, NULL };
	char password[PATH_LEN];
	struct stat st;
	char * old;
	pid_t pid;

	(void)snprintf(password, sizeof(password), "%s/password",
	    suite_tmpdir());
	CU_ASSERT_EQUAL_FATAL(file_write(password, 0600, "not needed\n"), 0);
	CU_ASSERT_EQUAL_FATAL(settings(password), 0);
	pid = process_start(argv, NULL);
	CU_ASSERT_FATAL(pid > 0);
	CU_ASSERT(comes(log_file, "\"worker_started\""));
	CU_ASSERT_EQUAL(rename(log_file, moved), 0);
	CU_ASSERT_EQUAL(kill(pid, SIGHUP), 0);
	CU_ASSERT(comes(log_file, "\"log_reopened\""));
	CU_ASSERT(comes(log_file, "\"root_key_unavailable\""));
	CU_ASSERT(stat(log_file, &st) == 0 && (st.st_mode & 0777) == 0600);
	old = file_read(moved, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(old);
	CU_ASSERT_PTR_NULL(strstr(old, "\"log_reopened\""));
	free(old);
	/* Where it cannot be opened it goes on in the old one. */
	CU_ASSERT_EQUAL(unlink(moved), 0);
	CU_ASSERT_EQUAL(rename(log_file, moved), 0);
	CU_ASSERT_EQUAL(mkdir(log_file, 0700), 0);
	CU_ASSERT_EQUAL(kill(pid, SIGHUP), 0);
	CU_ASSERT(comes(moved, "\"output_failed\""));
	CU_ASSERT_EQUAL(rmdir(log_file), 0);
	CU_ASSERT_EQUAL(process_stop(&pid, SIGTERM, 20), 0);
	CU_ASSERT(comes(moved, "\"worker_stopped\""));
	CU_ASSERT_EQUAL(unlink(moved), 0);
}

static void
a_worker_that_cannot_make_a_connection_ends(void)
{
	const char * const argv[] = { program, "--config", conf, "--listen",
	    socket_path, NULL };
	char * err = NULL;
	int rc;

	CU_ASSERT_EQUAL_FATAL(settings("/nonexistent/password"), 0);
	rc = process_run(argv, NULL, NULL, &err);
	CU_ASSERT(rc >= 64 && rc <= 78);
	CU_ASSERT_PTR_NOT_NULL_FATAL(err);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "\nstrongroom-worker: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "\"database.password_file\""));
	CU_ASSERT_NOT_EQUAL(access(socket_path, F_OK), 0);
	free(err);
}

static const struct suite_test tests[] = {
	TEST(a_log_that_was_moved_away_begins_anew),
	TEST(a_worker_that_cannot_make_a_connection_ends),
};

SUITE_MAIN("e2e/worker", tests, start, NULL)
