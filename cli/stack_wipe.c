#include <string.h>

#include "cli/stack_wipe.h"

/* As deep as the passes of the gate go, lenses within lenses. */
#define DEPTH	((size_t)256 * 1024)

/** stack_wipe(): what functions that have returned left there. */
__attribute__((noinline)) void
stack_wipe(void)
{
	char past[DEPTH];

	explicit_bzero(past, sizeof(past));
}
