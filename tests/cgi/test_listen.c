/* The listening socket: made, replaced, refused, taken away. */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/listen.h"
#include "tests/harness/files.h"
#include "tests/harness/suite.h"

static char folder[128];
static char path[160];

static int
open_folder(void)
{

	if (temp_folder("listen", folder, sizeof(folder)) != 0)
		return (-1);
	(void)snprintf(path, sizeof(path), "%s/w.sock", folder);
	return (0);
}

static int
close_folder(void)
{

	remove_tree(folder);
	return (0);
}

/* Whether somebody takes a connection at ${path}. */
static bool
answers(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int rc;

	memcpy(a.sun_path, path, strlen(path) + 1);
	rc = connect(fd, (const struct sockaddr *)(const void *)&a, sizeof(a));
	(void)close(fd);
	return (rc == 0);
}

static void
a_socket_is_made_for_its_group(void)
{
	struct listener l;
	struct stat st;

	ASSERT_ERR_FATAL(listen_open(path, &l), SR_OK);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_TRUE(S_ISSOCK(st.st_mode));
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0660);
	CU_ASSERT_TRUE((fcntl(l.fd, F_GETFL) & O_NONBLOCK) != 0);
	CU_ASSERT_TRUE(answers());
	listen_close(&l);
	CU_ASSERT_NOT_EQUAL(stat(path, &st), 0);
	listen_close(&l);
}

static void
a_socket_that_nobody_serves_is_replaced(void)
{
	struct listener dead, l;

	ASSERT_ERR_FATAL(listen_open(path, &dead), SR_OK);
	/* As after kill -9: the file stays, the socket is gone. */
	(void)close(dead.fd);
	sleep_ms(30);
	ASSERT_ERR_FATAL(listen_open(path, &l), SR_OK);
	CU_ASSERT_TRUE(answers());
	/* The former owner must not take the new socket away. */
	CU_ASSERT_TRUE(listen_withdraw(&dead));
	CU_ASSERT_TRUE(answers());
	listen_close(&l);
	CU_ASSERT_FALSE(answers());
}

static void
a_socket_in_use_and_other_files_are_left_alone(void)
{
	struct listener l, second;

	ASSERT_ERR_FATAL(listen_open(path, &l), SR_OK);
	ASSERT_ERR(listen_open(path, &second), SR_E_LISTEN_FAILED);
	listen_close(&second);
	CU_ASSERT_TRUE(answers());
	listen_close(&l);
	CU_ASSERT_EQUAL(file_write(path, 0600, "precious"), 0);
	ASSERT_ERR(listen_open(path, &l), SR_E_LISTEN_FAILED);
	listen_close(&l);
	CU_ASSERT_EQUAL(unlink(path), 0);
}

static void
paths_that_cannot_be_are_refused(void)
{
	char longer[200];
	struct listener l;

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ASSERT_ERR(listen_open(longer, &l), SR_E_USAGE);
	ASSERT_ERR(listen_open("", &l), SR_E_USAGE);
	ASSERT_ERR(listen_open("/nonexistent/folder/w.sock", &l),
	    SR_E_LISTEN_FAILED);
	listen_close(&l);
}

static void
without_a_path_a_socket_must_be_handed_over(void)
{
	struct listener l;
	int null = open("/dev/null", O_RDONLY);
	int former = dup(STDIN_FILENO);

	CU_ASSERT_EQUAL(dup2(null, STDIN_FILENO), STDIN_FILENO);
	ASSERT_ERR(listen_open(NULL, &l), SR_E_USAGE);
	CU_ASSERT_FALSE(listen_withdraw(&l));
	listen_close(&l);
	(void)dup2(former, STDIN_FILENO);
	(void)close(former);
	(void)close(null);
}

static void
a_socket_on_standard_input_is_taken_over(void)
{
	struct listener made, l;
	int former = dup(STDIN_FILENO);

	ASSERT_ERR_FATAL(listen_open(path, &made), SR_OK);
	CU_ASSERT_EQUAL(dup2(made.fd, STDIN_FILENO), STDIN_FILENO);
	ASSERT_ERR(listen_open(NULL, &l), SR_OK);
	CU_ASSERT_EQUAL(l.fd, STDIN_FILENO);
	/* It is not ours to remove: siblings may serve it. */
	CU_ASSERT_FALSE(listen_withdraw(&l));
	listen_close(&l);
	CU_ASSERT_TRUE(answers());
	(void)dup2(former, STDIN_FILENO);
	(void)close(former);
	listen_close(&made);
}

static const struct suite_test tests[] = {
	TEST(a_socket_is_made_for_its_group),
	TEST(a_socket_that_nobody_serves_is_replaced),
	TEST(a_socket_in_use_and_other_files_are_left_alone),
	TEST(paths_that_cannot_be_are_refused),
	TEST(without_a_path_a_socket_must_be_handed_over),
	TEST(a_socket_on_standard_input_is_taken_over),
};

SUITE_MAIN("cgi/listen", tests, open_folder, close_folder)
