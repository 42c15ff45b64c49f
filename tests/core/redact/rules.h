#ifndef SR_TESTS_CORE_REDACT_RULES_H
#define SR_TESTS_CORE_REDACT_RULES_H

#include "tests/core/redact/kit.h"

/* Whether the rules alone, without a key, make ${expected} of ${text}. */
KIT_UNUSED static bool
becomes(const char * text, size_t len, const char * expected, size_t n)
{
	static struct redact * r;
	struct redacted * t;
	bool same;

	if (text == NULL) {
		redact_free(&r);
		return (true);
	}
	if (r == NULL)
		ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR_FATAL(redact_rules_text(r, text, len, NULL, &t), SR_OK);
	same = redacted_len(t) == n && memcmp(redacted_bytes(t), expected,
	    n) == 0;
	if (!same)
		suite_note("'%.*s' became '%s', not '%.*s'", (int)len, text,
		    redacted_bytes(t), (int)n, expected);
	redacted_free(&t);
	return (same);
}

KIT_UNUSED static bool
becomes_text(const char * text, const char * expected)
{

	return (becomes(text, strlen(text), expected, strlen(expected)));
}

KIT_UNUSED static bool
stays(const char * text)
{

	return (becomes_text(text, text));
}

KIT_UNUSED static int
teardown(void)
{

	(void)becomes(NULL, 0, NULL, 0);
	return (0);
}

#endif /* !SR_TESTS_CORE_REDACT_RULES_H */
