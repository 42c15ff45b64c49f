#include <pthread.h>
#include <stdatomic.h>

#include "core/redact/fingerprint_internal.h"
#include "core/redact/known_internal.h"
#include "tests/core/redact/kit.h"

#define CHANGES	1500
#define STEADY	"the steady secret of all"
#define PUT	"the one that is put again and again"

static struct known * set;
static struct fingerprint * prints;
static atomic_bool done;

static void
put(unsigned n, const char * value)
{
	struct redact_forms forms = kit_forms(value, strlen(value));
	struct sr_id id = kit_id(n);

	ASSERT_ERR(known_put(set, &id, 1, "instance/a@1", forms.v, forms.n),
	    SR_OK);
	redact_forms_free(&forms);
}

/* No lock is held here: what is found must be whole all the same. */
static void *
reading(void * cookie)
{
	static const char text[] = "so " STEADY ", and \\u0074" "he steady "
	    "secret of all, and " PUT ", and secret 17 to grow by";
	struct span_list spans = { .n = 0 };
	size_t * bad = cookie;
	size_t i;
	unsigned side;

	while (!atomic_load(&done)) {
		side = known_enter(set);
		span_reset(&spans);
		if (known_scan(set, prints, text, sizeof(text) - 1, &spans) !=
		    REDACT_CAUSE_NONE)
			(*bad)++;
		span_merge(&spans);
		if (spans.n < 3 || spans.n > 4)
			(*bad)++;
		for (i = 0; i < spans.n; i++) {
			if (strcmp(known_form_label(spans.v[i].known),
			    "instance/a@1") != 0)
				(*bad)++;
		}
		known_leave(set, side);
	}
	span_free(&spans);
	return (NULL);
}

static void
readers_need_no_lock_while_a_writer_changes_the_set(void)
{
	struct secbuf * key = kit_key();
	pthread_t threads[3];
	size_t bad[3] = { 0 }, i;
	char value[64];
	struct sr_id id;
	unsigned n;

	ASSERT_ERR_FATAL(known_new(&set), SR_OK);
	ASSERT_ERR_FATAL(fingerprint_new(key, &prints), SR_OK);
	secbuf_free(&key);
	put(1, STEADY);
	put(2, PUT);
	for (i = 0; i < 3; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL,
		    reading, &bad[i]), 0);
	for (n = 0; n < CHANGES; n++) {
		/* What is replaced by itself is known all the time. */
		put(2, PUT);
		(void)snprintf(value, sizeof(value), "secret %u to grow by",
		    n % 40);
		put(3 + n, value);
		if (n >= 700) {
			id = kit_id(3 + n - 700);
			known_drop(set, &id);
		}
	}
	atomic_store(&done, true);
	for (i = 0; i < 3; i++) {
		(void)pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(bad[i], 0);
	}
	CU_ASSERT_EQUAL(known_count(set), 702);
	known_free(&set);
	fingerprint_free(&prints);
}

static const struct suite_test tests[] = {
	TEST(readers_need_no_lock_while_a_writer_changes_the_set),
};

SUITE_MAIN("core/redact/known_readers", tests, NULL, NULL)
