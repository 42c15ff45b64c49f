#ifndef SR_TESTS_CORE_REDACT_KIT_H
#define SR_TESTS_CORE_REDACT_KIT_H

/* What the tests of core/redact and core/log share. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/redact/redact.h"
#include "core/redact/variant.h"
#include "tests/harness/suite.h"

#define KIT_UNUSED	__attribute__((unused))

/* The fingerprint key 00 01 02 … 1f of variant.FORMAT. */
KIT_UNUSED static struct secbuf *
kit_key(void)
{
	uint8_t bytes[32];
	struct secbuf * key;
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	ASSERT_ERR_FATAL(secbuf_copy(bytes, sizeof(bytes), &key), SR_OK);
	return (key);
}

KIT_UNUSED static struct sr_id
kit_id(unsigned n)
{
	struct sr_id id = { .b = { 1 } };

	memcpy(&id.b[8], &n, sizeof(n));
	return (id);
}

KIT_UNUSED static struct redact_forms
kit_forms(const void * value, size_t len)
{
	struct redact_forms forms;
	struct secbuf * key = kit_key();
	struct secbuf * b;

	ASSERT_ERR_FATAL(secbuf_copy(value, len, &b), SR_OK);
	ASSERT_ERR_FATAL(redact_forms_of(key, b, &forms), SR_OK);
	secbuf_free(&b);
	secbuf_free(&key);
	return (forms);
}

/* An engine with the key, ready, its live set empty. */
KIT_UNUSED static struct redact *
kit_ready(void)
{
	struct redact * r;
	struct secbuf * key = kit_key();

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR_FATAL(redact_unlock(r, key), SR_OK);
	secbuf_free(&key);
	redact_mark(r, REDACT_READY);
	return (r);
}

/* Know ${value} as secret ${n}; its tag goes to ${tag} unless NULL. */
KIT_UNUSED static void
kit_put(struct redact * r, unsigned n, const char * label, const void * value,
    size_t len, char tag[REDACT_TAG_LEN + 1])
{
	struct redact_forms forms = kit_forms(value, len);
	struct sr_id id = kit_id(n);

	ASSERT_ERR_FATAL(redact_known_put(r, &id, 1, label, forms.v, forms.n),
	    SR_OK);
	if (tag != NULL)
		memcpy(tag, forms.v[0].tag, sizeof(forms.v[0].tag));
	redact_forms_free(&forms);
}

KIT_UNUSED static void
kit_know(struct redact * r, unsigned n, const char * value)
{

	kit_put(r, n, "instance/known@1", value, strlen(value), NULL);
}

/* A text under construction. */
struct kit_text {
	char * p;
	size_t len;
};

KIT_UNUSED static void
kit_add(struct kit_text * t, const void * bytes, size_t len)
{

	t->p = realloc(t->p, t->len + len + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t->p);
	if (len != 0)
		memcpy(&t->p[t->len], bytes, len);
	t->len += len;
	t->p[t->len] = '\0';
}

KIT_UNUSED static void
kit_adds(struct kit_text * t, const char * s)
{

	kit_add(t, s, strlen(s));
}

KIT_UNUSED static void
kit_reset(struct kit_text * t)
{

	free(t->p);
	*t = (struct kit_text){ .len = 0 };
}

/* Whether ${text} becomes exactly ${expected} on the log channel. */
KIT_UNUSED static bool
kit_becomes_n(struct redact * r, const char * text, size_t len,
    const char * expected, size_t expected_len)
{
	struct redacted * t;
	enum sr_error err;
	bool same;

	if ((err = redact_text(r, REDACT_LOG, text, len, NULL, &t)) != SR_OK) {
		suite_note("%s: %s (%s)", text, sr_error_name(err),
		    redact_cause_name(redact_last_cause()));
		return (false);
	}
	same = redacted_len(t) == expected_len &&
	    memcmp(redacted_bytes(t), expected, expected_len) == 0;
	if (!same)
		suite_note("'%.300s' became '%.300s', not '%.300s'", text,
		    redacted_bytes(t), expected);
	redacted_free(&t);
	return (same);
}

KIT_UNUSED static bool
kit_becomes(struct redact * r, const char * text, const char * expected)
{

	return (kit_becomes_n(r, text, strlen(text), expected,
	    strlen(expected)));
}

/* Numbers that are the same in every run. */
KIT_UNUSED static uint32_t
kit_random(uint64_t * state)
{

	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return ((uint32_t)(*state >> 16));
}

#endif /* !SR_TESTS_CORE_REDACT_KIT_H */
