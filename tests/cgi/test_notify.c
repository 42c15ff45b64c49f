/* Goal: the service manager hears what sd_notify(3) says, and no more. */

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/notify.h"
#include "tests/harness/files.h"
#include "tests/harness/suite.h"

static int
manager(const char * name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(strlen(name) < sizeof(a.sun_path));
	memcpy(a.sun_path, name, strlen(name));
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	must(bind(fd, (struct sockaddr *)&a, (socklen_t)(offsetof(struct
	    sockaddr_un, sun_path) + strlen(name))) == 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return (fd);
}

static bool
hears(int fd, const char * expected)
{
	char text[256] = "";
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	return (expected == NULL ? n == -1 : n > 0 &&
	    strncmp(text, expected, strlen(expected)) == 0);
}

static void
ready_alive_and_stopping_are_told(void)
{
	char * path = text_format("%s/notify", suite_tmpdir());
	int fd = manager(path);
	struct notify n;

	unsetenv("WATCHDOG_USEC");
	notify_open(&n);
	CU_ASSERT_EQUAL(n.watchdog_ms, 0);
	notify_ready(&n);
	CU_ASSERT(hears(fd, "READY=1"));
	notify_alive(&n);
	CU_ASSERT(hears(fd, "WATCHDOG=1"));
	notify_stopping(&n);
	CU_ASSERT(hears(fd, "STOPPING=1"));
	CU_ASSERT(hears(fd, NULL));
	/* One that is gone is no reason to fail. */
	close(fd);
	notify_alive(&n);
	notify_close(&n);
	free(path);
}

static void
a_name_that_is_no_file_is_reached(void)
{
	char * name = text_format("@strongroom-test-%d", (int)getpid());
	int fd = manager(name);
	struct notify n;

	notify_open(&n);
	notify_ready(&n);
	CU_ASSERT(hears(fd, "READY=1"));
	notify_close(&n);
	close(fd);
	free(name);
}

/* What the watchdog of ${usec}, meant for ${pid}, makes of us. */
static uint64_t
asks(const char * usec, const char * pid)
{
	struct notify n;
	uint64_t ms;

	setenv("WATCHDOG_USEC", usec, 1);
	if (pid == NULL)
		unsetenv("WATCHDOG_PID");
	else
		setenv("WATCHDOG_PID", pid, 1);
	notify_open(&n);
	ms = n.watchdog_ms;
	notify_close(&n);
	return (ms);
}

static void
the_watchdog_is_fed_in_time(void)
{
	char * path = text_format("%s/watchdog", suite_tmpdir());
	char * me = text_format("%d", (int)getpid());
	int fd = manager(path);

	CU_ASSERT_EQUAL(asks("30000000", NULL), 10000);
	CU_ASSERT_EQUAL(asks("30000000", me), 10000);
	CU_ASSERT_EQUAL(asks("30000000", "1"), 0);
	CU_ASSERT_EQUAL(asks("1000", NULL), 1);
	CU_ASSERT_EQUAL(asks("0", NULL), 0);
	CU_ASSERT_EQUAL(asks("often", NULL), 0);
	close(fd);
	free(me);
	free(path);
}

static void
without_a_manager_nothing_is_told(void)
{
	static const char * const none[] = { "", "relative/path", "/",
	    "/nonexistent/notify" };
	struct notify n;

	for (size_t i = 0; i < COUNTOF(none); i++) {
		setenv("NOTIFY_SOCKET", none[i], 1);
		notify_open(&n);
		CU_ASSERT_EQUAL(n.fd, -1);
		notify_ready(&n);
		notify_close(&n);
	}
	unsetenv("NOTIFY_SOCKET");
	notify_open(&n);
	CU_ASSERT_EQUAL(n.fd, -1);
}

static const struct suite_test tests[] = {
	TEST(ready_alive_and_stopping_are_told),
	TEST(a_name_that_is_no_file_is_reached),
	TEST(the_watchdog_is_fed_in_time),
	TEST(without_a_manager_nothing_is_told),
};

SUITE_MAIN("cgi/notify", tests, NULL, NULL)
