#include <sys/resource.h>
#include <sys/wait.h>

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/stack.h"
#include "tests/harness/suite.h"

#define DEEP	((size_t)100 * 1024)

static bool ours;

/* Sanitizers have frames of their own; valgrind is told of every such read. */
static int
setup(void)
{
	const char * preload = getenv("LD_PRELOAD");

	ours = preload == NULL || strstr(preload, "vgpreload") == NULL;
#ifdef SR_SANITIZED
	ours = false;
#endif
	return (0);
}

/* As a function that copied a value, far down; where, as a number. */
static __attribute__((noinline)) uintptr_t
leave_behind(void)
{
	volatile char frame[DEEP];

	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = 'v';
	return ((uintptr_t)&frame[0]);
}

/* How many of these bytes are still there: read by number, on purpose. */
static size_t
left(uintptr_t where)
{
	union {
		uintptr_t number;
		const volatile char * pointer;
	} cast = { .number = where };
	const volatile char * p = cast.pointer;
	size_t n = 0;

	for (size_t i = 0; i < DEEP; i++)
		n += p[i] == 'v';
	return (n);
}

static void
dead_frames_are_wiped(void)
{
	volatile uintptr_t where;

	if (!ours) {
		stack_wipe();
		CU_PASS("not with a sanitizer or valgrind");
		return;
	}
	where = leave_behind();
	CU_ASSERT(left(where) > DEEP / 2);
	stack_wipe();
	CU_ASSERT_EQUAL(left(where), 0);
}

static void
vector_registers_are_wiped(void)
{
#if defined(__x86_64__) && !defined(SR_SANITIZED)
	uint64_t value = UINT64_C(0x7676767676767676), after = value;

	if (!__builtin_cpu_supports("avx")) {
		CU_PASS("not on this processor");
		return;
	}
	__asm__ volatile("movq %0, %%xmm13" : : "r"(value) : "xmm13");
	stack_wipe();
	__asm__ volatile("movq %%xmm13, %0" : "=r"(after));
	CU_ASSERT_EQUAL(after, 0);
#else
	CU_PASS("not in this build");
#endif
}

static void *
wipe(void * cookie)
{

	stack_wipe();
	return (cookie);
}

/* The threads of a process that may have small stacks alone. */
static void
a_small_stack_is_not_overrun(void)
{
	const struct rlimit small = { 512 * 1024, 512 * 1024 };
	pthread_attr_t attr;
	pthread_t t;
	int status = -1;
	pid_t pid = fork();

	CU_ASSERT_FATAL(pid >= 0);
	if (pid == 0) {
		if (setrlimit(RLIMIT_STACK, &small) != 0 ||
		    pthread_attr_init(&attr) != 0 ||
		    pthread_attr_setstacksize(&attr, 200 * 1024) != 0 ||
		    pthread_create(&t, &attr, wipe, NULL) != 0 ||
		    pthread_join(t, NULL) != 0)
			_exit(1);
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
}

static const struct suite_test tests[] = {
	/* First: the depth is found once for a process. */
	TEST(a_small_stack_is_not_overrun),
	TEST(dead_frames_are_wiped),
	TEST(vector_registers_are_wiped),
};

SUITE_MAIN("core/base/stack", tests, setup, NULL)
