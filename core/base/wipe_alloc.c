#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/wipe_alloc.h"

#ifndef SR_SANITIZED

/* glibc's own, under the names that remain when free is replaced. */
extern void __libc_free(void *);

/** free(p): wipe the whole block, then release it. */
void
free(void * p)
{
	int keep = errno;

	if (p == NULL)
		return;
	explicit_bzero(p, malloc_usable_size(p));
	__libc_free(p);
	errno = keep;
}

/**
 * realloc(p, size):
 * As the C library's; what is cut off and what is moved away from is wiped.
 */
void *
realloc(void * p, size_t size)
{
	size_t old;
	void * moved;

	if (p == NULL)
		return (malloc(size));
	if (size == 0) {
		free(p);
		return (NULL);
	}
	old = malloc_usable_size(p);
	if (size <= old && size >= old / 2) {
		explicit_bzero((char *)p + size, old - size);
		return (p);
	}
	if ((moved = malloc(size)) == NULL)
		return (NULL);
	memcpy(moved, p, size < old ? size : old);
	free(p);
	return (moved);
}

#endif /* !SR_SANITIZED */

/** wipe_alloc_install(): make sure that this file is part of the program. */
bool
wipe_alloc_install(void)
{

#ifdef SR_SANITIZED
	return (false);
#else
	return (true);
#endif
}
