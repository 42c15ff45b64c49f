#ifndef SR_CORE_REDACT_ALLOC_INTERNAL_H
#define SR_CORE_REDACT_ALLOC_INTERNAL_H

/* For core/redact alone. */

#include "core/base/base.h"

/**
 * redact_alloc(size):
 * malloc(3), for all that passing text needs. It has a file of its own so
 * that a test program can define a failing one: the linker then takes that
 * and leaves this one out. free(3) releases.
 */
void * redact_alloc(size_t size);

#endif /* !SR_CORE_REDACT_ALLOC_INTERNAL_H */
