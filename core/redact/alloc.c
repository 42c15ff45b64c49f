#include <stdlib.h>

#include "core/redact/alloc_internal.h"

/** redact_alloc(size): malloc(3). */
void *
redact_alloc(size_t size)
{

	return (malloc(size));
}
