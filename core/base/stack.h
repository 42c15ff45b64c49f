#ifndef SR_CORE_BASE_STACK_H
#define SR_CORE_BASE_STACK_H

/* What calls that have returned leave on their thread's stack, and in its
 * vector registers. */

#include "core/base/base.h"

/**
 * stack_wipe():
 * Wipe what is below the caller on the stack of this thread, as deep as calls
 * of ours and of libraries go, and the vector registers. A thread that sees
 * values calls it when it has answered and is about to wait: words of a string
 * that was copied or compared stay in dead frames otherwise, until others
 * happen to lie over them. Does nothing in builds with sanitizers, which keep
 * frames apart. Takes some microseconds.
 */
void stack_wipe(void);

#endif /* !SR_CORE_BASE_STACK_H */
