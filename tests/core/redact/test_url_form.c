#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "tests/core/redact/kit.h"

/*
 * Forms in base64 of the URL-safe alphabet: their windows are picked out of
 * the text, by what kinds of bytes are around. Every length, - and _ at each
 * place of it alone, at all places modulo 16 and across the bytes that are
 * looked at together.
 */

#define LEAST		8
#define MOST		34
#define PLACES		40
#define APART		((size_t)241)
#define STRETCH		((size_t)4096)

/* ${len} bytes whose base64 has ${url}, - or _, at group ${group} alone. */
static size_t
make_value(char * value, size_t len, size_t group, char url, char * form)
{
	const char mark[3] = { url == '-' ? '\xfb' : '\xff',
	    url == '-' ? '\xef' : '\xff', url == '-' ? '\xbe' : '\xff' };
	uint64_t state = 88172645463325252U + len * 64 + group;
	char coded[BASE64_ENCODE_RAW_LENGTH(MOST)];
	size_t i, n;

	for (i = 0; i < len; i++)
		value[i] = (char)('a' + kit_random(&state) % 26);
	memcpy(&value[3 * group], mark, 3);
	base64_encode_raw(coded, len, (const uint8_t *)value);
	n = 8 * len / 6;
	for (i = 0; i < n; i++)
		form[i] = coded[i] == '+' ? '-' : coded[i] == '/' ? '_' :
		    coded[i];
	return (n);
}

/* ${form} many times, blanks or base64 between; the last one ends the text. */
static void
make_text(struct kit_text * t, const char * form, size_t n, char between)
{
	size_t at, i;

	for (i = 0; i < PLACES; i++) {
		at = i < 20 ? i * APART : STRETCH * 2 - 40 + i;
		if (i >= 20 && t->len > at)
			at = t->len + APART + i;
		while (t->len < at)
			kit_add(t, &between, 1);
		kit_add(t, form, n);
	}
}

static size_t
count(const char * p, size_t len, const char * form, size_t n)
{
	const char * at = p;
	size_t found = 0;

	while ((at = memmem(at, len - (size_t)(at - p), form, n)) != NULL) {
		found++;
		at += n;
	}
	return (found);
}

static void
check(size_t len, size_t group, char url, char between)
{
	struct redact * r = kit_ready();
	struct kit_text t = { .len = 0 };
	struct redacted * out;
	char value[MOST], form[2 * MOST];
	size_t n = make_value(value, len, group, url, form);

	kit_put(r, 1, "i/url@1", value, len, NULL);
	redact_mark(r, REDACT_READY);
	make_text(&t, form, n, between);
	CU_ASSERT(count(t.p, t.len, form, n) >= PLACES);
	ASSERT_ERR_FATAL(redact_text(r, REDACT_LOG, t.p, t.len, NULL, &out),
	    SR_OK);
	CU_ASSERT_EQUAL(count(redacted_bytes(out), redacted_len(out), form, n),
	    0);
	CU_ASSERT_EQUAL(count(redacted_bytes(out), redacted_len(out),
	    "[REDACTED:i/url@1:", 18), PLACES);
	redacted_free(&out);
	kit_reset(&t);
	redact_free(&r);
}

static void
url_safe_forms_are_found_at_every_place(void)
{
	size_t len, group;

	for (len = LEAST; len < MOST; len++) {
		for (group = 0; group < len / 3; group++) {
			if ((len + group) % 2 == 0)
				check(len, group, '-', ' ');
			else
				check(len, group, '_', 'x');
		}
	}
}

static const struct suite_test tests[] = {
	TEST(url_safe_forms_are_found_at_every_place),
};

SUITE_MAIN("core/redact/url_form", tests, NULL, NULL)
