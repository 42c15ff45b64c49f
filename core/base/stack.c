#include <sys/resource.h>

#include <alloca.h>
#include <pthread.h>
#include <string.h>

#include "core/base/stack.h"

/*
 * The deepest that was seen is 180 KiB: a provider's check, with its TLS; a
 * page takes 110. tests/e2e/test_image.c would find what is left below.
 */
#define DEPTH	((size_t)256 * 1024)

#ifndef SR_SANITIZED

static size_t depth = DEPTH;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Threads have the stack that the limit says, and need most of it. */
static void
find_depth(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur / 4 < DEPTH)
		depth = (size_t)limit.rlim_cur / 4;
}

/* One piece, without gaps: frames in between would not be wiped. */
static __attribute__((noinline)) void
wipe_below(size_t len)
{
	void * p = alloca(len);

	explicit_bzero(p, len);
}

#endif /* !SR_SANITIZED */

void
stack_wipe(void)
{

#ifndef SR_SANITIZED
	must(pthread_once(&once, find_depth) == 0);
	wipe_below(depth);
#endif
}
