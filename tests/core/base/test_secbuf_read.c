#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/base/secbuf_bytes.h"
#include "tests/harness/suite.h"

static void
a_file_is_read_to_its_end(void)
{
	static char big[100000];
	struct secbuf * b;
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/big", suite_tmpdir());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(fd >= 0);
	memset(big, 'x', sizeof(big));
	CU_ASSERT_EQUAL_FATAL(write(fd, big, sizeof(big)),
	    (ssize_t)sizeof(big));
	(void)lseek(fd, 0, SEEK_SET);
	ASSERT_ERR_FATAL(secbuf_read_fd(fd, sizeof(big), &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(b), sizeof(big));
	CU_ASSERT_EQUAL(memcmp(secbuf_bytes(b), big, sizeof(big)), 0);
	secbuf_free(&b);
	(void)lseek(fd, 0, SEEK_SET);
	ASSERT_ERR(secbuf_read_fd(fd, sizeof(big) - 1, &b),
	    SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_PTR_NULL(b);
	ASSERT_ERR(secbuf_read_fd(fd, SECBUF_MAX + 1, &b),
	    SR_E_LIMIT_EXCEEDED);
	(void)close(fd);
	ASSERT_ERR(secbuf_read_fd(fd, 10, &b), SR_E_INPUT_UNREADABLE);
	CU_ASSERT_PTR_NULL(b);
}

static void
a_pipe_in_pieces_is_read_to_its_end(void)
{
	struct secbuf * b;
	int fd[2], status;
	pid_t child;

	CU_ASSERT_EQUAL_FATAL(pipe(fd), 0);
	if ((child = fork()) == 0) {
		(void)!write(fd[1], "one ", 4);
		(void)usleep(20000);
		(void)!write(fd[1], "two", 3);
		_exit(0);
	}
	(void)close(fd[1]);
	ASSERT_ERR_FATAL(secbuf_read_fd(fd[0], 7, &b), SR_OK);
	(void)close(fd[0]);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(secbuf_len(b), 7);
	CU_ASSERT_EQUAL(memcmp(secbuf_bytes(b), "one two", 7), 0);
	secbuf_free(&b);
}

static void
a_line_ends_at_its_newline(void)
{
	struct secbuf * b;
	int fd[2];

	CU_ASSERT_EQUAL_FATAL(pipe(fd), 0);
	CU_ASSERT_EQUAL(write(fd[1], "first\n\nlonger\nend", 17), 17);
	(void)close(fd[1]);
	ASSERT_ERR_FATAL(secbuf_read_line(fd[0], 10, &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(b), 5);
	CU_ASSERT_EQUAL(memcmp(secbuf_bytes(b), "first", 5), 0);
	secbuf_free(&b);
	ASSERT_ERR_FATAL(secbuf_read_line(fd[0], 10, &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(b), 0);
	secbuf_free(&b);
	ASSERT_ERR(secbuf_read_line(fd[0], 5, &b), SR_E_LIMIT_EXCEEDED);
	CU_ASSERT_PTR_NULL(b);
	ASSERT_ERR_FATAL(secbuf_read_line(fd[0], 10, &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(b), 0);
	secbuf_free(&b);
	ASSERT_ERR_FATAL(secbuf_read_line(fd[0], 10, &b), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(b), 3);
	secbuf_free(&b);
	(void)close(fd[0]);
	ASSERT_ERR(secbuf_read_line(fd[0], 10, &b), SR_E_INPUT_UNREADABLE);
}

static const struct suite_test tests[] = {
	TEST(a_file_is_read_to_its_end),
	TEST(a_pipe_in_pieces_is_read_to_its_end),
	TEST(a_line_ends_at_its_newline),
};

SUITE_MAIN("core/base/secbuf_read", tests, NULL, NULL)
