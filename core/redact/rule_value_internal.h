#ifndef SR_CORE_REDACT_RULE_VALUE_INTERNAL_H
#define SR_CORE_REDACT_RULE_VALUE_INTERNAL_H

/* What rule_value.c and rule_filler.c ask about the bytes of a value. */

#include <string.h>
#include <strings.h>

#include "core/redact/rule_internal.h"

/* Of longer values the first bytes tell what they are. */
#define LOOKED_AT	((size_t)128)

static inline size_t
value_looked_at(size_t len)
{

	return (len < LOOKED_AT ? len : LOOKED_AT);
}

static inline size_t
value_count(const char * p, size_t len, char class)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += rule_class(class, p[i]);
	return (n);
}

static inline bool
value_contains(const char * p, size_t len, const char * word)
{
	size_t i, n = strlen(word);

	for (i = 0; i + n <= len; i++) {
		if ((p[i] | 0x20) == word[0] &&
		    strncasecmp(&p[i], word, n) == 0)
			return (true);
	}
	return (false);
}

#endif /* !SR_CORE_REDACT_RULE_VALUE_INTERNAL_H */
