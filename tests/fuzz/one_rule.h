#ifndef SR_TESTS_FUZZ_ONE_RULE_H
#define SR_TESTS_FUZZ_ONE_RULE_H

/*
 * The rules alone, over any bytes. What is glued to a token without anything
 * between them may be a find of its own once the token is a mask; such texts
 * are counted, must be rare, and a third pass finds nothing more.
 */

#include "tests/fuzz/one.h"

static unsigned one_glued;

static void
one_twice(struct redact * r, const char * text, size_t size,
    const struct redacted * once)
{
	struct redacted * twice;
	struct redacted * thrice;

	ONE_HOLDS(redact_rules_text(r, redacted_bytes(once),
	    redacted_len(once), NULL, &twice) == SR_OK);
	if (redacted_len(once) != redacted_len(twice) ||
	    memcmp(redacted_bytes(once), redacted_bytes(twice),
	    redacted_len(once)) != 0) {
		one_glued++;
		ONE_HOLDS(redact_rules_text(r, redacted_bytes(twice),
		    redacted_len(twice), NULL, &thrice) == SR_OK);
		one_same("thrice", text, size, redacted_bytes(twice),
		    redacted_len(twice), redacted_bytes(thrice),
		    redacted_len(thrice));
		redacted_free(&thrice);
	}
	redacted_free(&twice);
}

ONE_UNUSED static void
one_rule_input(const uint8_t * data, size_t size)
{
	const char * text = (const char *)data;
	struct one_text out = { .len = 0 };
	struct redact * r = one_redact();
	struct redacted * once;
	uint64_t state = 88172645463325252U + size;
	size_t i, small;

	if (size > 65536)
		return;
	/* Byte by byte takes long: now and then. */
	small = size % 8 == 0 ? 1 + size / 600 : 1 + size / 40;
	ONE_HOLDS(redact_rules_text(r, text, size, NULL, &once) == SR_OK);
	one_twice(r, text, size, once);
	for (i = 0; i < 3; i++) {
		out.len = 0;
		one_add(&out, "", 0);
		one_stream(text, size, i == 0 ? small :
		    (size_t)5 << 4 * i, &state,
		    true, &out);
		one_same("in pieces", text, size, redacted_bytes(once),
		    redacted_len(once), out.p, out.len);
	}
	redacted_free(&once);
	free(out.p);
}

#endif /* !SR_TESTS_FUZZ_ONE_RULE_H */
