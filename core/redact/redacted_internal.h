#ifndef SR_CORE_REDACT_REDACTED_INTERNAL_H
#define SR_CORE_REDACT_REDACTED_INTERNAL_H

/* For core/redact alone: the one constructor of struct redacted. */

#include "core/redact/redact.h"

struct redacted {
	size_t len;
	char bytes[];		/* And a NUL behind them. */
};

/** redacted_new(len): room for ${len} bytes; NULL when out of memory. */
struct redacted * redacted_new(size_t len);

/** redacted_copy(text, len): filled with ${text}. */
struct redacted * redacted_copy(const char * text, size_t len);

#endif /* !SR_CORE_REDACT_REDACTED_INTERNAL_H */
