/*
 * Goal: who connects to the worker and then says nothing, or half of his
 * parameters, holds a thread for some seconds and no longer, and does not keep
 * the worker from ending.
 */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/harness/files.h"
#include "tests/harness/http.h"
#include "tests/harness/instance.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"

#define STALLED		20	/* More than there are threads. */
#define TIMEOUT_MS	10000	/* Of the worker, */
#define CROWDED_MS	1000	/* and while others wait. */

static struct instance * inst;

static int
start(void)
{
	static const char * const settings[] = { "STRONGROOM_WORKER_THREADS=16",
	    NULL };
	const struct instance_options options = { .settings = settings };

	return ((inst = instance_start(&options)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* A request's begin, and the head of parameters that never come. */
static int
stall(bool silent)
{
	static const uint8_t begin[] = { 1, 1, 0, 1, 0, 8, 0, 0,
	    0, 1, 0, 0, 0, 0, 0, 0,
	    1, 4, 0, 1, 0, 200, 0, 0, 12, 3, 'Q' };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s/worker-0.sock",
	    instance_folder(inst));
	CU_ASSERT_FATAL(fd != -1 &&
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	if (!silent)
		CU_ASSERT_EQUAL(write(fd, begin, sizeof(begin)),
		    (ssize_t)sizeof(begin));
	return (fd);
}

static void
stall_all(int fds[STALLED])
{

	for (unsigned i = 0; i < STALLED; i++)
		fds[i] = stall(i % 4 == 0);
	sleep_ms(200);
}

static void
end_all(const int fds[STALLED])
{

	for (unsigned i = 0; i < STALLED; i++)
		(void)close(fds[i]);
}

static void
those_who_stall_do_not_keep_others_waiting(void)
{
	struct http * h = instance_client(inst);
	struct http_reply * r;
	int fds[STALLED];
	unsigned gone = 0;
	int64_t began;

	stall_all(fds);
	began = clock_monotonic_ms();
	r = http_get(h, "/healthz");
	CU_ASSERT_EQUAL(r->status, 200);
	CU_ASSERT(clock_monotonic_ms() - began < CROWDED_MS + 4000);
	/* As many as it took were shown out: nothing comes any more. */
	for (unsigned i = 0; i < STALLED; i++)
		gone += recv(fds[i], &(char){ 0 }, 1, MSG_DONTWAIT) == 0;
	CU_ASSERT(gone > 0);
	http_reply_free(&r);
	http_free(&h);
	end_all(fds);
}

static void
those_who_stall_do_not_keep_the_worker_from_ending(void)
{
	int fds[STALLED];
	int64_t began;

	stall_all(fds);
	began = clock_monotonic_ms();
	CU_ASSERT_EQUAL(instance_stop_workers(inst), 0);
	CU_ASSERT(clock_monotonic_ms() - began < TIMEOUT_MS + 2000);
	end_all(fds);
	CU_ASSERT_EQUAL(instance_start_workers(inst), 0);
}

/* Nobody writes the password; the worker says so and ends. */
static void
a_password_file_that_is_a_pipe_is_complained_about(void)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	char * program = text_format("%s/strongroom-worker",
	    build == NULL ? "build" : build);
	char * path = text_format("%s/pipe", instance_folder(inst));
	char * socket_path = text_format("%s/pipe.sock", instance_folder(inst));
	char * setting = text_format("STRONGROOM_DATABASE_PASSWORD_FILE=%s",
	    path);
	const char * env[] = { "STRONGROOM_DATABASE_PASSWORD", setting, NULL };
	const struct process_options options = { .env = env, .seconds = 15 };
	char * err = NULL;

	CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
	CU_ASSERT_EQUAL(process_run((const char * const[]){ program, "--listen",
	    socket_path, NULL },
	    &options, NULL, &err), 78);
	CU_ASSERT_PTR_NOT_NULL_FATAL(err);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "database.password"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "config_invalid"));
	free(err);
	free(setting);
	free(socket_path);
	free(path);
	free(program);
}

static const struct suite_test tests[] = {
	TEST(a_password_file_that_is_a_pipe_is_complained_about),
	TEST(those_who_stall_do_not_keep_others_waiting),
	TEST(those_who_stall_do_not_keep_the_worker_from_ending),
};

SUITE_MAIN("fault/stalled", tests, start, stop)
