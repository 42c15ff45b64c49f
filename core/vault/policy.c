#include "core/redact/redact.h"

#include "core/vault/policy.h"
#include "core/vault/secret.h"

static bool
name_char(char c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-');
}

/**
 * policy_name(name):
 * Whether ${name} has the grammar of a secret's name.
 */
bool
policy_name(const char * name)
{
	size_t i;
	char before = '/';

	/* A name begins and ends with something other than "/". */
	for (i = 0; name[i] != '\0'; i++) {
		if (i == SECRET_NAME_MAX)
			return (false);
		if (name[i] == '/' ? before == '/' : !name_char(name[i]))
			return (false);
		before = name[i];
	}
	return (before != '/');
}

/**
 * policy_plain_text(redact, text):
 * SR_OK if ${text} may be stored in a plain field.
 */
enum sr_error
policy_plain_text(struct redact * redact, const char * text)
{
	struct redact_hits hits = { 0, 0 };
	enum redact_cause cause;

	if (redact_scan(redact, REDACT_UI, text, strlen(text), &hits) !=
	    SR_OK) {
		/* Locked or stale: the rules have spoken. Else nobody has. */
		cause = redact_last_cause();
		if (cause != REDACT_CAUSE_LOCKED && cause != REDACT_CAUSE_STALE)
			return (SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	}
	return (hits.known + hits.rules == 0 ?
	    SR_OK : SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
}
