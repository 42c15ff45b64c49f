#include <string.h>

#include "core/redact/json_internal.h"
#include "core/redact/rule_internal.h"

/** json_stays(p, len): what was masked already, or stands for a value. */
bool
json_stays(const char * p, size_t len)
{
	static const char said[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-/@+:";
	const size_t mark = strlen("[REDACTED:");

	if (len == 0 || (strchr("$<{%*", p[0]) != NULL && p[0] != '\0' &&
	    rule_placeholder(p, len)))
		return (true);
	if (len == strlen(REDACT_SUPPRESSED) &&
	    strncmp(p, REDACT_SUPPRESSED, len) == 0)
		return (true);
	return (len > mark + 1 && p[len - 1] == ']' &&
	    strncmp(p, "[REDACTED:", mark) == 0 &&
	    strspn(&p[mark], said) == len - mark - 1);
}

/** json_machine_made(p, len): what a key must hold that may hold secrets. */
bool
json_machine_made(const char * p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if ((unsigned char)p[i] <= ' ' || (unsigned char)p[i] > '~')
			return (false);
	}
	return (len >= 12 && !rule_placeholder(p, len) &&
	    rule_mixed(p, len) && rule_entropy(p, len) >= 30);
}
