#include <sys/mman.h>

#include <dlfcn.h>

#include <hs/hs.h>

#include "core/redact/alloc_internal.h"
#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

/*
 * Faults: this program's own redact_alloc and hs_scan take the place of the
 * room's and of the library's.
 */
static int allocs_left = -1;	/* Then they fail; -1: never. */
static hs_error_t scan_fault = HS_SUCCESS;

void *
redact_alloc(size_t size)
{

	if (allocs_left == 0)
		return (NULL);
	if (allocs_left > 0)
		allocs_left--;
	return (malloc(size));
}

typedef hs_error_t scan_fn(const hs_database_t *, const char *, unsigned,
    unsigned, hs_scratch_t *, match_event_handler, void *);

hs_error_t
hs_scan(const hs_database_t * db, const char * data, unsigned length,
    unsigned flags, hs_scratch_t * scratch, match_event_handler on_event,
    void * context)
{
	static scan_fn * real;

	if (scan_fault != HS_SUCCESS)
		return (scan_fault);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "hs_scan");
	return (real(db, data, length, flags, scratch, on_event, context));
}

static const struct {
	enum redact_channel channel;
	enum sr_error err;
} channels[] = {
	{ REDACT_LOG, SR_E_REDACTION_FAILED },
	{ REDACT_PUBSUB, SR_E_CHANNEL_REDACTION_FAILED },
	{ REDACT_ARTIFACT, SR_E_CHANNEL_REDACTION_FAILED },
	{ REDACT_PROMPT, SR_E_PROMPT_REDACTION_FAILED },
	{ REDACT_UI, SR_E_UI_REDACTION_FAILED },
};

/* Every channel withholds ${text} for ${cause}, and counts it. */
static void
fails_closed(struct redact * r, const char * text, size_t len,
    enum redact_cause cause, int allocs)
{
	struct redact_counts before, after;
	struct redacted * t;
	size_t i;

	for (i = 0; i < COUNTOF(channels); i++) {
		t = (void *)&i;
		redact_counts(r, channels[i].channel, &before);
		allocs_left = allocs;
		ASSERT_ERR(redact_text(r, channels[i].channel, text, len, NULL,
		    &t), channels[i].err);
		allocs_left = -1;
		CU_ASSERT_PTR_NULL(t);
		CU_ASSERT_EQUAL(redact_last_cause(), cause);
		redact_counts(r, channels[i].channel, &after);
		CU_ASSERT_EQUAL(after.withheld[cause],
		    before.withheld[cause] + 1);
		CU_ASSERT_EQUAL(after.passed, before.passed);
	}
	CU_ASSERT_EQUAL(COUNTOF(channels), REDACT__MAX);
}

static void
a_locked_engine_passes_nothing(void)
{
	struct redact * r;
	struct redact_hits hits;

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	fails_closed(r, "harmless", 8, REDACT_CAUSE_LOCKED, -1);
	/* The rules look all the same. */
	ASSERT_ERR(redact_scan(r, REDACT_PROMPT, HUB, strlen(HUB), &hits),
	    SR_E_PROMPT_REDACTION_FAILED);
	CU_ASSERT_EQUAL(hits.rules, 1);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_LOCKED);
	/* It cannot be marked ready, nor told of a secret. */
	redact_mark(r, REDACT_READY);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	redact_free(&r);
	CU_ASSERT_PTR_NULL(r);
}

static void
a_locked_engine_takes_no_secrets(void)
{
	struct redact * r;
	struct redact_forms forms = kit_forms("hunter2!", 8);
	struct sr_id id = kit_id(1);

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR(redact_known_put(r, &id, 1, "x", forms.v, forms.n),
	    SR_E_INTERNAL_ERROR);
	redact_known_drop(r, &id);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	redact_forms_free(&forms);
	redact_free(&r);
}

static void
a_stale_engine_passes_nothing(void)
{
	struct redact * r = kit_ready();
	struct redact_hits hits;

	kit_know(r, 1, "hunter2!");
	redact_mark(r, REDACT_STALE);
	fails_closed(r, "harmless", 8, REDACT_CAUSE_STALE, -1);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, HUB " hunter2!",
	    strlen(HUB) + 9, &hits), SR_E_REDACTION_FAILED);
	CU_ASSERT_EQUAL(hits.rules, 1);
	CU_ASSERT_EQUAL(hits.known, 0);
	redact_mark(r, REDACT_READY);
	CU_ASSERT(kit_becomes(r, "harmless", "harmless"));
	redact_free(&r);
}

static void
a_text_above_the_limit_does_not_pass(void)
{
	struct redact * r = kit_ready();
	struct redacted * t;
	char * text = mmap(NULL, REDACT_TEXT_MAX + 1, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CU_ASSERT_FATAL(text != MAP_FAILED);
	fails_closed(r, text, REDACT_TEXT_MAX + 1, REDACT_CAUSE_LIMIT, -1);
	ASSERT_ERR(redact_rules_text(r, text, REDACT_TEXT_MAX + 1, NULL, &t),
	    SR_E_LIMIT_EXCEEDED);
	ASSERT_ERR(redact_rendered(r, text, REDACT_TEXT_MAX + 1, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_LIMIT);
	(void)munmap(text, REDACT_TEXT_MAX + 1);
	redact_free(&r);
}

static void
an_engine_that_fails_passes_nothing(void)
{
	struct redact * r = kit_ready();
	struct redacted * t;
	struct redact_hits hits;

	scan_fault = HS_SCRATCH_IN_USE;
	fails_closed(r, "harmless", 8, REDACT_CAUSE_ENGINE, -1);
	ASSERT_ERR(redact_rules_text(r, "harmless", 8, NULL, &t),
	    SR_E_INTERNAL_ERROR);
	ASSERT_ERR(redact_rendered(r, "harmless", 8, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_ENGINE);
	ASSERT_ERR(redact_scan(r, REDACT_LOG, "harmless", 8, &hits),
	    SR_E_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_ENGINE);
	ASSERT_ERR(redact_selftest(r), SR_E_INTERNAL_ERROR);
	scan_fault = HS_SUCCESS;
	CU_ASSERT(kit_becomes(r, "harmless", "harmless"));
	redact_free(&r);
}

static void
without_memory_nothing_passes(void)
{
	struct redact * r = kit_ready();
	struct redacted * t;
	int n;

	kit_know(r, 1, "hunter2!");
	/* The first text needs most: its working place, spans, the output. */
	for (n = 0; n < 20; n++) {
		redact_free(&r);
		r = kit_ready();
		kit_know(r, 1, "hunter2!");
		allocs_left = n;
		if (redact_text(r, REDACT_LOG, "hunter2! " HUB,
		    9 + strlen(HUB), NULL, &t) == SR_OK)
			break;
		allocs_left = -1;
		CU_ASSERT_PTR_NULL(t);
		CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_MEMORY);
		CU_ASSERT(kit_becomes(r, "x", "x"));
	}
	allocs_left = -1;
	CU_ASSERT(n >= 3 && n < 20);
	redacted_free(&t);
	fails_closed(r, "harmless", 8, REDACT_CAUSE_MEMORY, 0);
	allocs_left = 0;
	ASSERT_ERR(redact_rules_text(r, "x", 1, NULL, &t), SR_E_OUT_OF_MEMORY);
	ASSERT_ERR(redact_rendered(r, "a &amp; b", 9, NULL, &t),
	    SR_E_UI_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_MEMORY);
	allocs_left = -1;
	redact_free(&r);
}

static void
a_put_without_memory_keeps_the_former_forms(void)
{
	struct redact_forms forms = kit_forms("the newer value", 15);
	struct sr_id id = kit_id(1);
	struct redact * r;
	struct redact_hits hits;
	enum sr_error err = SR_E_OUT_OF_MEMORY;
	int n;

	for (n = 0; err != SR_OK && n < 40; n++) {
		r = kit_ready();
		kit_know(r, 1, "hunter2!");
		allocs_left = n;
		err = redact_known_put(r, &id, 1, "x", forms.v, forms.n);
		allocs_left = -1;
		if (err != SR_OK) {
			ASSERT_ERR(err, SR_E_OUT_OF_MEMORY);
			CU_ASSERT_EQUAL(redact_state(r), REDACT_STALE);
			redact_mark(r, REDACT_READY);
		}
		ASSERT_ERR(redact_scan(r, REDACT_LOG, "hunter2!", 8, &hits),
		    SR_OK);
		CU_ASSERT_EQUAL(hits.known, err == SR_OK ? 0 : 1);
		ASSERT_ERR(redact_scan(r, REDACT_LOG, "the newer value", 15,
		    &hits), SR_OK);
		CU_ASSERT_EQUAL(hits.known, err == SR_OK ? 1 : 0);
		redact_free(&r);
	}
	CU_ASSERT(n > 4 && n < 40);
	redact_forms_free(&forms);
}

static void
the_same_key_again_keeps_the_live_set(void)
{
	struct redact * r = kit_ready();
	struct secbuf * key = kit_key();
	struct secbuf * other;

	kit_know(r, 1, "hunter2!");
	ASSERT_ERR(redact_unlock(r, key), SR_OK);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_READY);
	CU_ASSERT_EQUAL(redact_known_count(r), 1);
	ASSERT_ERR_FATAL(secbuf_random(32, &other), SR_OK);
	ASSERT_ERR(redact_unlock(r, other), SR_OK);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_STALE);
	CU_ASSERT_EQUAL(redact_known_count(r), 0);
	redact_lock(r);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	secbuf_free(&other);
	ASSERT_ERR_FATAL(secbuf_random(16, &other), SR_OK);
	ASSERT_ERR(redact_unlock(r, other), SR_E_INTERNAL_ERROR);
	CU_ASSERT_EQUAL(redact_state(r), REDACT_LOCKED);
	secbuf_free(&other);
	secbuf_free(&key);
	redact_free(&r);
}

static void
causes_have_names(void)
{

	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_NONE), "none");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_LOCKED),
	    "locked");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_STALE), "stale");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_MEMORY),
	    "memory");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_LIMIT), "limit");
	CU_ASSERT_STRING_EQUAL(redact_cause_name(REDACT_CAUSE_ENGINE),
	    "engine");
}

static void
what_passes_is_counted(void)
{
	struct redact * r = kit_ready();
	struct redact_counts n;
	struct redact_hits hits;
	struct redacted * t;

	kit_know(r, 1, "hunter2!");
	ASSERT_ERR(redact_text(r, REDACT_PROMPT, "hunter2! " HUB " hunter2!",
	    18 + strlen(HUB), &hits, &t), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 2);
	CU_ASSERT_EQUAL(hits.rules, 1);
	redact_counts(r, REDACT_PROMPT, &n);
	CU_ASSERT_EQUAL(n.passed, 1);
	CU_ASSERT_EQUAL(n.known, 2);
	CU_ASSERT_EQUAL(n.rules, 1);
	redact_counts(r, REDACT_LOG, &n);
	CU_ASSERT_EQUAL(n.passed, 0);
	redacted_free(&t);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(a_locked_engine_passes_nothing),
	TEST(a_locked_engine_takes_no_secrets),
	TEST(a_stale_engine_passes_nothing),
	TEST(a_text_above_the_limit_does_not_pass),
	TEST(an_engine_that_fails_passes_nothing),
	TEST(without_memory_nothing_passes),
	TEST(a_put_without_memory_keeps_the_former_forms),
	TEST(the_same_key_again_keeps_the_live_set),
	TEST(causes_have_names),
	TEST(what_passes_is_counted),
};

SUITE_MAIN("core/redact/gate", tests, NULL, NULL)
