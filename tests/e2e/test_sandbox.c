/*
 * Goal: the worker that serves is the one that is confined: every thread of it
 * has the filter, cannot gain rights and leaves no core; it serves all the
 * same, and reads its keys again; and the watchdog hears from it. Builds with
 * sanitizers have no filter, so this one is run on a plain build.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/process.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#ifdef SR_SANITIZED
#define FILTER	"0"
#else
#define FILTER	"2"
#endif

static struct instance * inst;
static struct http * owner;

static int
start(void)
{

	if ((inst = instance_start(NULL)) == NULL ||
	    (owner = walk_in(inst)) == NULL)
		return (-1);
	return (0);
}

static int
stop(void)
{

	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

static bool
says(const char * path, const char * name, const char * value)
{
	char * text = file_read(path, NULL);
	const char * p = text == NULL ? NULL : strstr(text, name);
	bool same = p != NULL && strncmp(p + strlen(name), value,
	    strlen(value)) == 0 && strchr("\n\t ", p[strlen(name) +
	    strlen(value)]) != NULL;

	if (!same)
		suite_note("%s: %.40s", path, p == NULL ? "gone" : p);
	free(text);
	return (same);
}

static void
every_thread_is_confined(void)
{
	char * tasks = text_format("/proc/%d/task", (int)instance_worker(inst,
	    0));
	DIR * d = opendir(tasks);
	const struct dirent * e;
	unsigned seen = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	while ((e = readdir(d)) != NULL) {
		char * status = text_format("%s/%s/status", tasks, e->d_name);

		if (e->d_name[0] != '.') {
			CU_ASSERT(says(status, "Seccomp:\t", FILTER));
			CU_ASSERT(says(status, "NoNewPrivs:\t", "1"));
			seen++;
		}
		free(status);
	}
	closedir(d);
	free(tasks);
	CU_ASSERT(seen > 10);
}

static void
it_leaves_no_core(void)
{
	char * limits = text_format("/proc/%d/limits",
	    (int)instance_worker(inst, 0));

	CU_ASSERT(says(limits, "Max core file size        ", "0"));
	free(limits);
}

static void
it_serves_and_reads_its_keys_again(void)
{
	char * log;

	CU_ASSERT(walk_stored(owner, "instance", "sandbox/one",
	    "stored-in-a-sandbox-17c4"));
	CU_ASSERT_EQUAL(instance_set_key(inst, INSTANCE_KEY_OTHER), 0);
	instance_hangup(inst);
	for (unsigned i = 0; i < 200; i++) {
		struct http_reply * r = http_get(owner, "/readyz");
		long status = r->status;

		http_reply_free(&r);
		if (status == 503)
			break;
		sleep_ms(25);
	}
	CU_ASSERT_EQUAL(instance_set_key(inst, INSTANCE_KEY_GOOD), 0);
	instance_hangup(inst);
	for (unsigned i = 0; i < 200; i++) {
		struct http_reply * r = http_get(owner, "/readyz");
		long status = r->status;

		http_reply_free(&r);
		if (status == 200)
			break;
		sleep_ms(25);
	}
	CU_ASSERT(walk_stored(owner, "instance", "sandbox/two",
	    "stored-in-a-sandbox-28d5"));
	log = instance_log(inst);
#ifndef SR_SANITIZED
	CU_ASSERT_PTR_NOT_NULL(strstr(log, "\"worker_confined\""));
#endif
	CU_ASSERT_PTR_NULL(strstr(log, "sandbox_failed"));
	free(log);
}

/* As systemd starts it with WatchdogSec=. */
static void
the_watchdog_hears_from_it(void)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	char * program = text_format("%s/strongroom-worker", build == NULL ?
	    "build" : build);
	char * path = text_format("%s/second.sock", instance_folder(inst));
	char * name = text_format("%s/manager", suite_tmpdir());
	char * notify = text_format("NOTIFY_SOCKET=%s", name);
	const char * argv[] = { program, "--config", instance_config(inst),
	    "--listen", path, NULL };
	const char * env[] = { notify, "WATCHDOG_USEC=150000", NULL };
	struct process_options options = { .env = env };
	struct timeval patience = { .tv_sec = 30 };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[128] = "";
	unsigned alive = 0;
	bool ready = false;
	pid_t pid;

	must(strlen(name) < sizeof(a.sun_path));
	memcpy(a.sun_path, name, strlen(name));
	must(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience)) == 0);
	pid = process_start(argv, &options);
	while (alive < 4 && recv(fd, text, sizeof(text) - 1, 0) > 0) {
		ready = ready || strncmp(text, "READY=1", 7) == 0;
		alive += ready && strncmp(text, "WATCHDOG=1", 10) == 0;
		memset(text, 0, sizeof(text));
	}
	CU_ASSERT(ready);
	CU_ASSERT_EQUAL(alive, 4);
	CU_ASSERT_EQUAL(process_stop(&pid, SIGTERM, 20), 0);
	CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
	close(fd);
	free(notify);
	free(name);
	free(path);
	free(program);
}

static const struct suite_test tests[] = {
	TEST(every_thread_is_confined),
	TEST(it_leaves_no_core),
	TEST(it_serves_and_reads_its_keys_again),
	TEST(the_watchdog_hears_from_it),
};

SUITE_MAIN("e2e/sandbox", tests, start, stop)
