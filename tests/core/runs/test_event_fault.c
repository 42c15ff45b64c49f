/*
 * ST-SEC-005: each cause for which the gate withholds. Nothing is stored or
 * published, a stream takes nothing more, and people are told.
 */

#include <dlfcn.h>

#include <hs/hs.h>

#include "core/log/log.h"
#include "core/redact/alloc_internal.h"
#include "tests/core/runs/sending.h"

/* This program's own take the place of the room's and of the library's. */
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

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "hs_scan");
	/* Names of types pass, so that the text is what is refused. */
	if (scan_fault != HS_SUCCESS && length > 30)
		return (scan_fault);
	return (real(db, data, length, flags, scratch, on_event, context));
}

/* Something of each kind of text, so that every part of the gate works. */
#define TEXT	"at hunter2! now, and ghp" "_" \
		"R4nd0mLo0k1ngT0kenThatN0b0dyEverMade\n"
#define PAYLOAD	"{\"m\":\"at hunter2! now\"}"

static enum sr_error
post_payload(struct run * run)
{

	return (post(run, "note", PAYLOAD, NULL));
}

static enum sr_error
post_chunk(struct run * run)
{

	return (chunk(run, "tty", TEXT, NULL));
}

static enum sr_error
post_end(struct run * run)
{

	return (chunk_to(&h.store, run, "open", TEXT, strlen(TEXT), true,
	    NULL));
}

static const struct {
	enum sr_error (*post)(struct run *);
	const char * stream;	/* That fails with it. */
} posts[] = {
	{ post_payload, NULL }, { post_chunk, "tty" }, { post_end, "open" },
};

/* What is refused leaves this behind, and nothing else. */
static void
nothing_left(const struct run * run, const char * stream, unsigned times)
{
	char * sql, * expected;
	char id[SR_ID_STRLEN + 1];

	CU_ASSERT(lists(run, "1 run_started {}\n"));
	sr_id_format(&run->id, id);
	sql = text_format("SELECT hits, audited_at IS NOT NULL FROM run_alert"
	    " WHERE run_id = '%s' AND kind = 'channel_refused' AND channel ="
	    " 'pubsub'", id);
	expected = text_format("%u\t1", times);
	CU_ASSERT(house_sql_is(&h, expected, sql));
	free(expected);
	free(sql);
	sql = text_format("SELECT COUNT(*), MAX(error_type) FROM audit_event"
	    " WHERE target_id = '%s' AND action = 'RUN_ALERT'"
	    " AND outcome = 'failed'", id);
	CU_ASSERT(house_sql_is(&h, "1\tchannel_redaction_failed", sql));
	free(sql);
	if (stream == NULL)
		return;
	sql = text_format("SELECT state, tail_sealed FROM run_stream WHERE"
	    " run_id = '%s' AND stream = '%s'", id, stream);
	CU_ASSERT(house_sql_is(&h, "failed\tNULL", sql));
	free(sql);
}

static struct run
run_with_stream(void)
{
	struct run run = new_run(false);

	/* All of it is held back. */
	ASSERT_ERR(chunk(&run, "open", "hunt", NULL), SR_OK);
	CU_ASSERT(lists(&run, "1 run_started {}\n"));
	return (run);
}

static void
refused(size_t i, void (*fault)(bool on))
{
	struct run run = run_with_stream();

	fault(true);
	ASSERT_ERR(posts[i].post(&run), SR_E_CHANNEL_REDACTION_FAILED);
	fault(false);
	nothing_left(&run, posts[i].stream, 1);
	/* The fault is over: what failed stays so, all else goes on. */
	ASSERT_ERR(posts[i].post(&run), posts[i].stream == NULL ? SR_OK :
	    SR_E_EVENT_STREAM_ENDED);
	ASSERT_ERR(chunk(&run, "new", "x", NULL), SR_OK);
	ASSERT_ERR(post(&run, "run_completed", NULL, NULL), SR_OK);
}

static void
locked(bool on)
{

	h.store.live = on ? NULL : live;
	if (on)
		redact_lock(h.store.redact);
}

static void
stale(bool on)
{

	h.store.live = on ? NULL : live;
	if (on)
		redact_mark(h.store.redact, REDACT_STALE);
}

static void
engine(bool on)
{

	scan_fault = on ? HS_SCRATCH_IN_USE : HS_SUCCESS;
}

static void
st_sec_005_ac3_without_a_gate_nothing_is_published(void)
{
	static void (* const faults[])(bool) = { locked, stale };
	size_t i, k;

	ASSERT_ERR_FATAL(put(&h, "fault/one", "hunter2!", NULL), SR_OK);
	for (i = 0; i < COUNTOF(faults); i++) {
		for (k = 0; k < COUNTOF(posts); k++)
			refused(k, faults[i]);
	}
}

/* Rules cannot look: a text that has anchors of theirs. */
static void
st_sec_005_ac3_a_broken_engine_publishes_nothing(void)
{

	refused(1, engine);
	refused(2, engine);
}

/* Each allocation in turn: it is published whole, or not at all. */
static void
st_sec_005_ac3_without_memory_nothing_is_published(void)
{
	struct run run;
	enum sr_error err;
	unsigned n, failed;
	size_t k;

	for (k = 0; k < COUNTOF(posts); k++) {
		failed = 0;
		for (n = 0; n < 200; n++) {
			run = run_with_stream();
			/* Refreshing is another matter; it was done. */
			h.store.live = NULL;
			allocs_left = (int)n;
			err = posts[k].post(&run);
			allocs_left = -1;
			h.store.live = live;
			if (err == SR_OK)
				break;
			failed++;
			if (err == SR_E_CHANNEL_REDACTION_FAILED)
				nothing_left(&run, posts[k].stream, 1);
			else
				ASSERT_ERR(err, SR_E_OUT_OF_MEMORY);
			CU_ASSERT(lists(&run, "1 run_started {}\n"));
		}
		suite_note("%u allocations", failed);
		CU_ASSERT(failed > 0 && failed < 200);
	}
}

/* Of many refusals one is audited; all are counted. */
static void
refusals_are_audited_once_a_minute(void)
{
	struct run run = run_with_stream();
	unsigned i;

	locked(true);
	for (i = 0; i < 5; i++)
		ASSERT_ERR(post_payload(&run), SR_E_CHANNEL_REDACTION_FAILED);
	locked(false);
	nothing_left(&run, NULL, 5);
	CU_ASSERT(house_do(&h, "UPDATE run_alert SET audited_at ="
	    " audited_at - INTERVAL 61 SECOND"));
	locked(true);
	ASSERT_ERR(post_payload(&run), SR_E_CHANNEL_REDACTION_FAILED);
	locked(false);
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM audit_event"
	    " WHERE action = 'RUN_ALERT' AND target_id ="
	    " (SELECT MAX(id) FROM run)"));
}

/* A database that is gone is no fault of the gate: it comes back. */
static void
a_database_that_is_gone_fails_no_stream(void)
{
	struct run run = run_with_stream();

	mariadb_kill9(h.m);
	ASSERT_ERR(chunk(&run, "open", "er2! and more\n", NULL),
	    SR_E_RUN_UNAVAILABLE);
	ASSERT_ERR(post_payload(&run), SR_E_RUN_UNAVAILABLE);
	CU_ASSERT_FATAL(mariadb_restart(h.m) == 0);
	ASSERT_ERR(chunk(&run, "open", "er2! and more\n", NULL), SR_OK);
	ASSERT_ERR(end(&run, "open", NULL), SR_OK);
	CU_ASSERT(starts(&run, "1 run_started {}\n2 output "
	    "{\"stream\":\"open\",\"chunk\":\"[REDACTED:secret:"));
}

static const struct suite_test tests[] = {
	TEST(st_sec_005_ac3_without_a_gate_nothing_is_published),
	TEST(st_sec_005_ac3_a_broken_engine_publishes_nothing),
	TEST(st_sec_005_ac3_without_memory_nothing_is_published),
	TEST(refusals_are_audited_once_a_minute),
	TEST(a_database_that_is_gone_fails_no_stream),
};

SUITE_MAIN("core/runs/event_fault", tests, sending_start, sending_stop)
