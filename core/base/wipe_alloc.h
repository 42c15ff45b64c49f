#ifndef SR_CORE_BASE_WIPE_ALLOC_H
#define SR_CORE_BASE_WIPE_ALLOC_H

#include "core/base/base.h"

/**
 * wipe_alloc_install():
 * Called by main of both programs, so that the linker cannot leave out the
 * free(3) and realloc(3) defined beside it: they wipe each block before it
 * goes back to the heap, also blocks of libraries (request buffers of the
 * FastCGI library, packets of the database client), which hold secrets for a
 * while and do not wipe. Builds with sanitizers keep the sanitizer's own.
 * Return whether the two are ours.
 */
bool wipe_alloc_install(void);

#endif /* !SR_CORE_BASE_WIPE_ALLOC_H */
