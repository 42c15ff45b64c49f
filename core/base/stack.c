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

#ifdef __x86_64__

/* Those that only the widest instructions use: of no caller of ours. */
static __attribute__((noinline, target("avx512f"))) void
wipe_registers_512(void)
{

	__asm__ volatile("vpxord %zmm16, %zmm16, %zmm16\n\t"
	    "vmovdqa64 %zmm16, %zmm17\n\tvmovdqa64 %zmm16, %zmm18\n\t"
	    "vmovdqa64 %zmm16, %zmm19\n\tvmovdqa64 %zmm16, %zmm20\n\t"
	    "vmovdqa64 %zmm16, %zmm21\n\tvmovdqa64 %zmm16, %zmm22\n\t"
	    "vmovdqa64 %zmm16, %zmm23\n\tvmovdqa64 %zmm16, %zmm24\n\t"
	    "vmovdqa64 %zmm16, %zmm25\n\tvmovdqa64 %zmm16, %zmm26\n\t"
	    "vmovdqa64 %zmm16, %zmm27\n\tvmovdqa64 %zmm16, %zmm28\n\t"
	    "vmovdqa64 %zmm16, %zmm29\n\tvmovdqa64 %zmm16, %zmm30\n\t"
	    "vmovdqa64 %zmm16, %zmm31");
}

static __attribute__((noinline, target("avx"))) void
wipe_registers_256(void)
{

	/* All of zmm0 to zmm15, where there are such. */
	__asm__ volatile("vzeroall");
}

#endif /* __x86_64__ */

/*
 * Copies go through the vector registers, which keep them until something else
 * does. A call may change them all, so this is one that does.
 */
static void
wipe_registers(void)
{

#ifdef __x86_64__
	if (__builtin_cpu_supports("avx"))
		wipe_registers_256();
	if (__builtin_cpu_supports("avx512f"))
		wipe_registers_512();
#endif
}

#endif /* !SR_SANITIZED */

void
stack_wipe(void)
{

#ifndef SR_SANITIZED
	must(pthread_once(&once, find_depth) == 0);
	wipe_below(depth);
	wipe_registers();
#endif
}
