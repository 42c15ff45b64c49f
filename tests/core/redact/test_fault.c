/*
 * Every cause of failure, on every channel, at every entry: nothing leaves,
 * the channel's error is given, the cause is told and counted.
 */
#include <dlfcn.h>

#include <hs/hs.h>

#include "core/redact/alloc_internal.h"
#include "core/redact/gate_internal.h"
#include "tests/core/redact/kit.h"

#define TEXT	"{\"m\":\"at hunter2! now, and ghp" "_" \
		"R4nd0mLo0k1ngT0kenThatN0b0dyEverMade\"}"

/* This program's own take the place of the room's and of the libraries'. */
static int allocs_left = -1;	/* Then they fail; -1: never. */
static hs_error_t scan_fault = HS_SUCCESS;

static bool
no_memory(void)
{

	if (allocs_left == 0)
		return (true);
	if (allocs_left > 0)
		allocs_left--;
	return (false);
}

#ifdef SR_SANITIZED
void *
redact_alloc(size_t size)
{

	return (no_memory() ? NULL : malloc(size));
}
#else
/* All of them, those of the pattern engine too. */
extern void * __libc_malloc(size_t size);

void *
malloc(size_t size)
{

	return (no_memory() ? NULL : __libc_malloc(size));
}
#endif

typedef hs_error_t scan_fn(const hs_database_t *, const char *, unsigned,
    unsigned, hs_scratch_t *, match_event_handler, void *);

hs_error_t
hs_scan(const hs_database_t * db, const char * data, unsigned length,
    unsigned flags, hs_scratch_t * scratch, match_event_handler on_event,
    void * context)
{
	static scan_fn * real;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "hs_scan");
	if (scan_fault != HS_SUCCESS)
		return (scan_fault);
	return (real(db, data, length, flags, scratch, on_event, context));
}

static const enum sr_error errors[REDACT__MAX] = {
	[REDACT_LOG] = SR_E_REDACTION_FAILED,
	[REDACT_PUBSUB] = SR_E_CHANNEL_REDACTION_FAILED,
	[REDACT_ARTIFACT] = SR_E_CHANNEL_REDACTION_FAILED,
	[REDACT_PROMPT] = SR_E_PROMPT_REDACTION_FAILED,
	[REDACT_UI] = SR_E_UI_REDACTION_FAILED,
};

/* Each gives what left in ${out}, or its error and nothing. */
typedef enum sr_error entry_fn(struct redact * r, enum redact_channel channel,
    const char * text, size_t len, struct redacted ** out);

static enum sr_error
by_text(struct redact * r, enum redact_channel channel, const char * text,
    size_t len, struct redacted ** out)
{

	return (redact_text(r, channel, text, len, NULL, out));
}

static enum sr_error
by_json(struct redact * r, enum redact_channel channel, const char * text,
    size_t len, struct redacted ** out)
{

	return (redact_json(r, channel, text, len, NULL, NULL, out));
}

/* In two pieces; of a stream that fails nothing may be in the second. */
static enum sr_error
by_stream(struct redact * r, enum redact_channel channel, const char * text,
    size_t len, struct redacted ** out)
{
	struct redact_stream * s;
	struct redacted * t = NULL;
	enum sr_error err;

	*out = NULL;
	if (redact_open(r, channel, NULL, &s) != SR_OK) {
		/* There is no stream that could fail. */
		return (SR_E_OUT_OF_MEMORY);
	}
	err = redact_feed(s, text, len, &t);
	if (err == SR_OK) {
		CU_ASSERT_PTR_NULL(memmem(redacted_bytes(t), redacted_len(t),
		    "hunter2!", 8));
		redacted_free(&t);
		err = redact_finish(s, out);
	} else {
		CU_ASSERT_PTR_NULL(t);
		ASSERT_ERR(redact_finish(s, out), err);
	}
	redact_stream_free(&s);
	return (err);
}

static entry_fn * const entries[] = { by_text, by_json, by_stream };

static struct rules * rules;

static struct redact *
fresh(void)
{
	struct secbuf * key = kit_key();
	struct redact * r;

	ASSERT_ERR_FATAL(gate_new(rules, &r), SR_OK);
	ASSERT_ERR_FATAL(redact_unlock(r, key), SR_OK);
	kit_know(r, 1, "hunter2!");
	redact_mark(r, REDACT_READY);
	secbuf_free(&key);
	return (r);
}

/* ${len} bytes of ${text} fail at ${entry} on ${channel} for ${cause}. */
static void
fails(struct redact * r, entry_fn * entry, enum redact_channel channel,
    const char * text, size_t len, enum redact_cause cause)
{
	struct redact_counts before, after;
	struct redacted * t = (void *)&before;

	redact_counts(r, channel, &before);
	ASSERT_ERR(entry(r, channel, text, len, &t), errors[channel]);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_EQUAL(redact_last_cause(), cause);
	redact_counts(r, channel, &after);
	CU_ASSERT(after.withheld[cause] > before.withheld[cause]);
	CU_ASSERT_EQUAL(after.passed, before.passed);
}

static void
fails_everywhere(struct redact * r, const char * text, size_t len,
    enum redact_cause cause)
{
	size_t e;
	int c;

	for (e = 0; e < COUNTOF(entries); e++) {
		for (c = 0; c < REDACT__MAX; c++)
			fails(r, entries[e], (enum redact_channel)c, text, len,
			    cause);
	}
}

static void
passes_everywhere(struct redact * r)
{
	struct redacted * t;
	size_t e;
	int c;

	for (e = 0; e < COUNTOF(entries); e++) {
		for (c = 0; c < REDACT__MAX; c++) {
			ASSERT_ERR(entries[e](r, (enum redact_channel)c, TEXT,
			    strlen(TEXT), &t), SR_OK);
			redacted_free(&t);
		}
	}
}

static void
locked(void)
{
	struct redact * r = fresh();

	passes_everywhere(r);
	redact_lock(r);
	fails_everywhere(r, TEXT, strlen(TEXT), REDACT_CAUSE_LOCKED);
	redact_free(&r);
}

static void
stale(void)
{
	struct redact * r = fresh();

	redact_mark(r, REDACT_STALE);
	fails_everywhere(r, TEXT, strlen(TEXT), REDACT_CAUSE_STALE);
	redact_mark(r, REDACT_READY);
	passes_everywhere(r);
	redact_free(&r);
}

static void
limit(void)
{
	struct redact * r = fresh();

	/* Not looked at, so it need not be there. */
	fails_everywhere(r, TEXT, REDACT_TEXT_MAX + 1, REDACT_CAUSE_LIMIT);
	passes_everywhere(r);
	redact_free(&r);
}

static void
engine(void)
{
	struct redact * r = fresh();

	scan_fault = HS_SCRATCH_IN_USE;
	fails_everywhere(r, TEXT, strlen(TEXT), REDACT_CAUSE_ENGINE);
	scan_fault = HS_SUCCESS;
	passes_everywhere(r);
	redact_free(&r);
}

/* The first allocation fails, or the second, and so on until none does. */
static unsigned
memory_at(entry_fn * entry, enum redact_channel channel)
{
	struct redacted * t;
	struct redact * r;
	enum sr_error err = SR_E_OUT_OF_MEMORY;
	unsigned n;

	for (n = 0; err != SR_OK && n < 200; n++) {
		r = fresh();
		t = (void *)&r;
		allocs_left = (int)n;
		err = entry(r, channel, TEXT, strlen(TEXT), &t);
		allocs_left = -1;
		if (err == SR_OK) {
			CU_ASSERT_PTR_NULL(strstr(redacted_bytes(t),
			    "hunter2!"));
			redacted_free(&t);
		} else {
			CU_ASSERT_PTR_NULL(t);
			CU_ASSERT(err == errors[channel] ||
			    err == SR_E_OUT_OF_MEMORY);
			if (err == errors[channel])
				CU_ASSERT_EQUAL(redact_last_cause(),
				    REDACT_CAUSE_MEMORY);
		}
		redact_free(&r);
	}
	CU_ASSERT(n > 2 && n < 200);
	return (n - 1);
}

static void
memory_at_every_allocation(void)
{
	unsigned n = 0;
	size_t e;
	int c;

	for (e = 0; e < COUNTOF(entries); e++) {
		for (c = 0; c < REDACT__MAX; c++)
			n += memory_at(entries[e], (enum redact_channel)c);
	}
	(void)printf("     %u allocations failed\n", n);
}

static int
setup(void)
{

	return (rules_new(&rules) == SR_OK ? 0 : -1);
}

static int
teardown(void)
{

	rules_free(&rules);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(locked),
	TEST(stale),
	TEST(limit),
	TEST(engine),
	TEST(memory_at_every_allocation),
};

SUITE_MAIN("core/redact/fault", tests, setup, teardown)
