#ifndef SR_TESTS_FUZZ_ONE_BUNDLE_H
#define SR_TESTS_FUZZ_ONE_BUNDLE_H

/*
 * Bundles: the file as it is, and one whose head and MAC are made good, so that
 * its records are read. What was taken masks a text as any known secret does:
 * the same twice, and without reading what is not there.
 */

#include "core/redact/bundle_internal.h"
#include "tests/fuzz/one.h"

#define ONE_BUNDLE_MAX	65536

/* An engine that is unlocked by each bundle anew. */
static struct redact * one_bundle_engine;

ONE_UNUSED static void
one_bundle_end(void)
{

	redact_free(&one_bundle_engine);
}

static void
one_bundle_masks(const char * bytes, size_t len)
{
	struct redacted * once, * twice;

	redact_mark(one_bundle_engine, REDACT_READY);
	ONE_HOLDS(redact_text(one_bundle_engine, REDACT_LOG, bytes, len, NULL,
	    &once) == SR_OK);
	ONE_HOLDS(redact_text(one_bundle_engine, REDACT_LOG,
	    redacted_bytes(once), redacted_len(once), NULL, &twice) == SR_OK);
	redacted_free(&once);
	redacted_free(&twice);
}

static void
one_bundle_load(const char * bytes, size_t len)
{
	struct secbuf * key = NULL;
	enum sr_error err;

	err = bundle_load(one_bundle_engine, bytes, len);
	ONE_HOLDS(err == SR_OK || err == SR_E_BUNDLE_INVALID);
	if (err != SR_OK)
		return;
	ONE_HOLDS(bundle_key(bytes, len, &key) == SR_OK);
	ONE_HOLDS(secbuf_len(key) == BUNDLE_KEY_LEN);
	secbuf_free(&key);
	one_bundle_masks(bytes, len);
}

/* The first byte: whether the bundle's head and MAC are made good. */
ONE_UNUSED static void
one_bundle_input(const uint8_t * data, size_t size)
{
	const size_t room = BUNDLE_HEAD_LEN + size + BUNDLE_MAC_LEN;
	uint8_t * b;
	size_t len;

	if (size < 6 || size > ONE_BUNDLE_MAX)
		return;
	if (one_bundle_engine == NULL)
		ONE_HOLDS(redact_new(&one_bundle_engine) == SR_OK);
	if (data[0] % 8 == 0) {
		one_bundle_load((const char *)data + 1, size - 1);
		return;
	}
	ONE_HOLDS((b = calloc(1, room)) != NULL);
	memcpy(b, BUNDLE_MAGIC, BUNDLE_MAGIC_LEN);
	b[BUNDLE_MAGIC_LEN] = BUNDLE_VERSION;
	b[BUNDLE_MAGIC_LEN + 1] = data[0] >> 1 & BUNDLE_SHORT;
	memset(&b[BUNDLE_KEY_AT], 7, BUNDLE_KEY_LEN);
	/* How many there are, and they. */
	memcpy(&b[BUNDLE_SECRETS_AT], data + 1, size - 1);
	len = BUNDLE_SECRETS_AT + size - 1;
	bundle_mac(&b[BUNDLE_KEY_AT], b, len, &b[len]);
	len += BUNDLE_MAC_LEN;
	/* Exactly so large, so that what reads past its end is seen. */
	ONE_HOLDS((b = realloc(b, len)) != NULL);
	one_bundle_load((const char *)b, len);
	free(b);
}

#endif /* !SR_TESTS_FUZZ_ONE_BUNDLE_H */
