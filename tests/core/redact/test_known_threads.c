#include <pthread.h>
#include <stdatomic.h>

#include "tests/core/redact/kit.h"

#define ROUNDS	300

static struct redact * shared;
static atomic_bool done;

static void *
scanning(void * cookie)
{
	static const char text[] = "the steady secret of all, and the one that "
	    "comes and goes, and the steady secret of all";
	struct redact_hits hits;
	struct redacted * t;
	size_t * bad = cookie;

	while (!atomic_load(&done)) {
		if (redact_text(shared, REDACT_LOG, text, sizeof(text) - 1,
		    &hits, &t) != SR_OK) {
			(*bad)++;
			continue;
		}
		if (hits.known < 2 || hits.known > 3 ||
		    memmem(redacted_bytes(t), redacted_len(t),
		    "steady secret", 13) != NULL)
			(*bad)++;
		redacted_free(&t);
	}
	return (NULL);
}

static void
threads_scan_while_another_puts(void)
{
	pthread_t threads[3];
	size_t bad[3] = { 0 }, i;
	char value[64];
	struct sr_id id = kit_id(2);
	unsigned n;

	shared = kit_ready();
	kit_know(shared, 1, "the steady secret of all");
	atomic_store(&done, false);
	for (i = 0; i < 3; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL,
		    scanning, &bad[i]), 0);
	for (n = 0; n < ROUNDS; n++) {
		kit_know(shared, 2, "the one that comes and goes");
		(void)snprintf(value, sizeof(value), "secret %u to grow by", n);
		kit_know(shared, 3 + n, value);
		redact_mark(shared, REDACT_READY);
		redact_known_drop(shared, &id);
	}
	atomic_store(&done, true);
	for (i = 0; i < 3; i++) {
		(void)pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(bad[i], 0);
	}
	redact_free(&shared);
}

static const struct suite_test tests[] = {
	TEST(threads_scan_while_another_puts),
};

SUITE_MAIN("core/redact/known_threads", tests, NULL, NULL)
