#include "core/redact/alloc_internal.h"
#include "core/redact/fingerprint_internal.h"
#include "core/redact/known_internal.h"
#include "tests/core/redact/kit.h"

/* Allocations that still succeed; the linker takes this one, not alloc.c. */
static size_t left = SIZE_MAX;

void *
redact_alloc(size_t size)
{

	if (left == 0)
		return (NULL);
	left--;
	return (malloc(size));
}

static struct fingerprint *
prints(void)
{
	struct secbuf * key = kit_key();
	struct fingerprint * f;

	ASSERT_ERR_FATAL(fingerprint_new(key, &f), SR_OK);
	secbuf_free(&key);
	return (f);
}

static size_t
count(const struct known * k, const struct fingerprint * f, const char * text)
{
	struct span_list spans = { .n = 0 };
	size_t n;

	CU_ASSERT_EQUAL(known_scan(k, f, text, strlen(text), &spans),
	    REDACT_CAUSE_NONE);
	n = spans.n;
	span_free(&spans);
	return (n);
}

static void
a_put_that_fails_anywhere_changes_nothing(void)
{
	static const char old[] = "the old value of it, of some length";
	static const char new[] = "{\"a\":\"the new value of it, longer\","
	    "\"b\":\"and short\"}";
	struct redact_forms a = kit_forms(old, strlen(old));
	struct redact_forms b = kit_forms(new, strlen(new));
	struct fingerprint * f = prints();
	struct sr_id id = kit_id(1);
	struct known * k;
	enum sr_error err = SR_E_OUT_OF_MEMORY;
	size_t n;

	for (n = 0; err != SR_OK && n < 1000; n++) {
		left = SIZE_MAX;
		ASSERT_ERR_FATAL(known_new(&k), SR_OK);
		ASSERT_ERR_FATAL(known_put(k, &id, 1, "x", a.v, a.n), SR_OK);
		left = n;
		err = known_put(k, &id, 1, "x", b.v, b.n);
		left = SIZE_MAX;
		CU_ASSERT_EQUAL(known_count(k), 1);
		if (err != SR_OK) {
			ASSERT_ERR(err, SR_E_OUT_OF_MEMORY);
			CU_ASSERT_EQUAL(count(k, f, old), 1);
			CU_ASSERT_EQUAL(count(k, f, "and short"), 0);
			/* It can be tried again. */
			ASSERT_ERR(known_put(k, &id, 1, "x", b.v, b.n),
			    SR_OK);
		}
		CU_ASSERT_EQUAL(count(k, f, old), 0);
		CU_ASSERT_EQUAL(count(k, f, "and short"), 1);
		known_free(&k);
	}
	CU_ASSERT(n > 10);
	ASSERT_ERR(err, SR_OK);
	redact_forms_free(&a);
	redact_forms_free(&b);
	fingerprint_free(&f);
}

static void
a_span_that_cannot_be_kept_fails_closed(void)
{
	struct redact_forms forms = kit_forms("a \"value\"", 9);
	struct fingerprint * f = prints();
	struct span_list spans = { .n = 0 };
	struct sr_id id = kit_id(1);
	struct known * k;

	ASSERT_ERR_FATAL(known_new(&k), SR_OK);
	ASSERT_ERR_FATAL(known_put(k, &id, 1, "x", forms.v, forms.n), SR_OK);
	left = 0;
	CU_ASSERT_EQUAL(known_scan(k, f, "a \"value\"", 9, &spans),
	    REDACT_CAUSE_MEMORY);
	CU_ASSERT_EQUAL(known_scan(k, f, "a &quot;value&quot;", 19, &spans),
	    REDACT_CAUSE_MEMORY);
	left = SIZE_MAX;
	redact_forms_free(&forms);
	span_free(&spans);
	known_free(&k);
	fingerprint_free(&f);
}

static const struct suite_test tests[] = {
	TEST(a_put_that_fails_anywhere_changes_nothing),
	TEST(a_span_that_cannot_be_kept_fails_closed),
};

SUITE_MAIN("core/redact/known_fault", tests, NULL, NULL)
