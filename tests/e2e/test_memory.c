/*
 * Goal: after a request that carried a secret is answered, nothing in the
 * worker's memory holds the value: not the buffers of libfcgi, of Connector/C
 * or of the C library, nor a stack. Reads /proc/PID/mem, which the worker lets
 * nobody but root do: a plain user sees that it is refused, and no more. Uses
 * the plain build, since sanitizers keep freed memory as it was.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/needles.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define CHUNK	((size_t)1024 * 1024)
/* So that a needle that lies over the edge of two chunks is seen. */
#define OVERLAP	4096

static struct instance * inst;
static struct http * owner;

static int
start(void)
{

	if (setenv("STRONGROOM_TEST_BUILD", "build", 1) != 0 ||
	    (inst = instance_start(NULL)) == NULL)
		return (-1);
	return ((owner = walk_in(inst)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	http_free(&owner);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* Count needles in one mapping of the process. */
static size_t
in_mapping(const struct needles * n, int mem, uint64_t from, uint64_t to,
    uint64_t * seen)
{
	uint8_t * buf = malloc(CHUNK + OVERLAP);
	size_t found = 0;

	must(buf != NULL);
	for (uint64_t at = from; at < to; at += CHUNK) {
		size_t want = (size_t)(to - at) < CHUNK + OVERLAP ?
		    (size_t)(to - at) : CHUNK + OVERLAP;
		ssize_t got = pread(mem, buf, want, (off_t)at);

		if (got <= 0)
			break;
		*seen += (uint64_t)got;
		found += needles_in(n, buf, (size_t)got, NULL);
	}
	free(buf);
	return (found);
}

/* Count needles in all that ${pid} can write to; ${seen}: bytes looked at. */
static size_t
in_process(const struct needles * n, pid_t pid, uint64_t * seen)
{
	char * path = text_format("/proc/%d/mem", (int)pid);
	char * maps_path = text_format("/proc/%d/maps", (int)pid);
	FILE * maps = fopen(maps_path, "r");
	int mem = open(path, O_RDONLY | O_CLOEXEC);
	size_t found = 0;
	char line[512];

	*seen = 0;
	CU_ASSERT_PTR_NOT_NULL_FATAL(maps);
	CU_ASSERT_FATAL(mem >= 0);
	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned long long from, to;
		char rights[5];

		if (sscanf(line, "%llx-%llx %4s", &from, &to, rights) == 3 &&
		    rights[0] == 'r' && rights[1] == 'w')
			found += in_mapping(n, mem, from, to, seen);
	}
	fclose(maps);
	close(mem);
	free(maps_path);
	free(path);
	return (found);
}

/* What a plain user can find out instead. */
static bool
refused_to_plain_users(void)
{
	char * path;

	if (geteuid() == 0)
		return (false);
	suite_note("not run as root: only that it is refused is looked at");
	path = text_format("/proc/%d/mem", (int)instance_worker(inst, 0));
	CU_ASSERT(open(path, O_RDONLY | O_CLOEXEC) < 0);
	free(path);
	return (true);
}

static void
the_search_sees_the_worker_s_memory(void)
{
	struct needles * n;
	static const char present[] = "strongroom_worker";
	uint64_t seen;

	if (refused_to_plain_users())
		return;
	n = needles_new();
	needles_raw(n, present, strlen(present));
	CU_ASSERT(in_process(n, instance_worker(inst, 0), &seen) > 0);
	CU_ASSERT(seen > CHUNK);
	needles_free(&n);
}

static void
no_stored_value_stays_in_memory(void)
{
	struct needles * n;
	uint64_t seen;

	if (refused_to_plain_users())
		return;
	n = needles_new();
	for (unsigned i = 0; i < 40; i++) {
		char * value = random_secret(40 + i * 90);
		char * name = text_format("memory/secret-%u", i);

		needles_raw(n, value, strlen(value));
		/* A part is as bad: copies are often overwritten in part. */
		needles_raw(n, value + strlen(value) / 2, 16);
		CU_ASSERT(walk_stored(owner, "instance", name, value));
		free(name);
		free(value);
	}
	CU_ASSERT_EQUAL(in_process(n, instance_worker(inst, 0), &seen), 0);
	needles_free(&n);
}

static void
no_password_stays_in_memory(void)
{
	struct needles * n;
	uint64_t seen;

	if (refused_to_plain_users())
		return;
	n = needles_new();
	needles_raw(n, WALK_PASSWORD, strlen(WALK_PASSWORD));
	needles_raw(n, "correct+horse+battery", 21);
	needles_raw(n, "correct%20horse%20battery", 25);
	CU_ASSERT_EQUAL(walk_sign_in(owner), 0);
	CU_ASSERT_EQUAL(in_process(n, instance_worker(inst, 0), &seen), 0);
	needles_free(&n);
}

static const struct suite_test tests[] = {
	TEST(the_search_sees_the_worker_s_memory),
	TEST(no_stored_value_stays_in_memory),
	TEST(no_password_stays_in_memory),
};

SUITE_MAIN("e2e/memory", tests, start, stop)
