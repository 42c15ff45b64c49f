/*
 * ST-SEC-005: a stream that goes on in another process, and what masks say to
 * whom. Two engines with one live set stand for two workers.
 */

#include "core/redact/gate_internal.h"
#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"
#define LONG	"a value that is longer than thirty-one bytes, 5d07ae1"

static struct redact *
engine(void)
{
	struct redact * r = kit_ready();

	kit_put(r, 1, "i/short@1", "hunter2!", 8, NULL);
	kit_put(r, 2, "i/medium@1", "correct horse 42", 16, NULL);
	kit_put(r, 3, "i/long@1", LONG, strlen(LONG), NULL);
	kit_put(r, 4, "i/lines@1", "line the first, 1c9e\nline two, 77b0", 35,
	    NULL);
	return (r);
}

static const char * const texts[] = {
	"plain words and no secret at all\n",
	"x hunter2! y", "hunter2!hunter2!hunter2!",
	"at " LONG " and correct horse 42, twice: correct horse 42\n",
	"line the first, 1c9e\nline two, 77b0", "line two, 77b0\r\nhunter2!",
	"token " HUB " and more", HUB HUB, "hunter2!" HUB, HUB "hunter2!",
	"aHVudGVyMiE= and Y29ycmVjdCBob3JzZSA0Mg==",
	"\\u0068unter2\\u0021 68756e7465723221 %68unter2%21 hunter2&#33;",
	"https://user:pa55w0rd-x@host/path Authorization: Bearer abcdefghijk12",
	"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
	"AgEAAoIBAQ\nC7VJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMv\n"
	"-----END PRIVATE KEY-----\nafter",
	"password = \"Tr0ub4dor&3xyz\" and password = \"Tr0ub4dor&3xyz\"",
	"a long line of no secrets at all, so long that context falls off: "
	"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 "
	"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 "
	"0123456789 0123456789 0123456789 0123456789 hunter2! and " HUB "\n",
};

/* The next piece, by a worker that knows the state and nothing else. */
static bool
piece(struct redact * r, struct secbuf ** state, const char * bytes,
    size_t len, struct kit_text * all)
{
	struct redact_stream * s;
	struct redacted * t = NULL;
	bool good;

	ASSERT_ERR_FATAL(redact_resume(r, REDACT_PUBSUB, NULL, *state, &s),
	    SR_OK);
	secbuf_free(state);
	good = bytes == NULL ? redact_finish(s, &t) == SR_OK :
	    redact_feed(s, bytes, len, &t) == SR_OK;
	if (good)
		kit_add(all, redacted_bytes(t), redacted_len(t));
	if (good && bytes != NULL)
		good = redact_suspend(s, state) == SR_OK;
	redacted_free(&t);
	redact_stream_free(&s);
	return (good);
}

static void
same_as_whole(struct redact * const r[2], const char * text, size_t most,
    uint64_t * random)
{
	size_t len = strlen(text), at = 0, n;
	struct redacted * whole = NULL;
	struct kit_text all = { .len = 0 };
	struct secbuf * state = NULL;
	unsigned turn = 0;

	ASSERT_ERR_FATAL(redact_text(r[0], REDACT_PUBSUB, text, len, NULL,
	    &whole), SR_OK);
	kit_adds(&all, "");
	for (; at < len; at += n) {
		n = most == 1 ? 1 : kit_random(random) % most;
		if (n > len - at)
			n = len - at;
		CU_ASSERT_FATAL(piece(r[turn++ & 1], &state, &text[at], n,
		    &all));
	}
	CU_ASSERT_FATAL(piece(r[turn & 1], &state, NULL, 0, &all));
	if (all.len != redacted_len(whole) ||
	    memcmp(all.p, redacted_bytes(whole), all.len) != 0) {
		suite_note("in pieces of %zu '%s' became '%s', not '%s'", most,
		    text, all.p, redacted_bytes(whole));
		CU_FAIL("another text");
	}
	redacted_free(&whole);
	kit_reset(&all);
}

static void
st_sec_005_ac1_a_stream_goes_on_in_another_worker(void)
{
	struct redact * r[2] = { engine(), engine() };
	uint64_t random = 3;
	size_t i, most;

	for (i = 0; i < COUNTOF(texts); i++) {
		for (most = 1; most < 40; most++)
			same_as_whole(r, texts[i], most, &random);
	}
	redact_free(&r[0]);
	redact_free(&r[1]);
}

static void
another_text_is_no_state(void)
{
	struct redact * r = engine();
	struct redact_stream * s;
	struct secbuf * state;
	struct secbuf * cut;
	char bytes[64] = "SRT1 and what is none of ours, sixty-three bytes of";
	size_t len;

	ASSERT_ERR_FATAL(redact_resume(r, REDACT_PUBSUB, NULL, NULL, &s),
	    SR_OK);
	ASSERT_ERR_FATAL(redact_suspend(s, &state), SR_OK);
	CU_ASSERT_PTR_NULL(state);
	redact_stream_free(&s);
	for (len = 0; len < sizeof(bytes); len++) {
		ASSERT_ERR_FATAL(secbuf_copy(bytes, len, &cut), SR_OK);
		ASSERT_ERR(redact_resume(r, REDACT_PUBSUB, NULL, cut, &s),
		    SR_E_INTERNAL_ERROR);
		CU_ASSERT_PTR_NULL(s);
		secbuf_free(&cut);
	}
	redact_free(&r);
}

static void
a_stream_that_failed_has_no_state(void)
{
	struct redact * r = engine();
	struct redact_stream * s;
	struct redacted * t;
	struct secbuf * state;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	redact_mark(r, REDACT_STALE);
	ASSERT_ERR(redact_feed(s, "hunter2", 7, &t),
	    SR_E_CHANNEL_REDACTION_FAILED);
	redact_mark(r, REDACT_READY);
	ASSERT_ERR(redact_suspend(s, &state), SR_E_CHANNEL_REDACTION_FAILED);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_STALE);
	CU_ASSERT_PTR_NULL(state);
	redact_stream_free(&s);
	redact_free(&r);
}

static void
masks_name_what_the_reader_may_know(void)
{
	static const char text[] = "hunter2! and correct horse 42";
	struct redact * r = engine();
	struct sr_id first = kit_id(1);
	const struct redact_reader reader = { .named = &first, .n = 1 };
	struct redact_hits hits;
	struct redacted * t = NULL;

	ASSERT_ERR_FATAL(redact_text_for(r, REDACT_PUBSUB, &reader, NULL, text,
	    strlen(text), &hits, &t), SR_OK);
	CU_ASSERT_EQUAL(hits.known, 2);
	CU_ASSERT_EQUAL(hits.unnamed, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(redacted_bytes(t),
	    "[REDACTED:i/short@1:"));
	CU_ASSERT_PTR_NOT_NULL(strstr(redacted_bytes(t), "[REDACTED:secret:"));
	CU_ASSERT_PTR_NULL(strstr(redacted_bytes(t), "medium"));
	redacted_free(&t);
	ASSERT_ERR_FATAL(redact_json_for(r, REDACT_PROMPT, &reader, NULL,
	    "[\"correct horse 42\"]", 20, NULL, &hits, &t), SR_OK);
	CU_ASSERT_EQUAL(hits.unnamed, 1);
	CU_ASSERT_PTR_NULL(strstr(redacted_bytes(t), "medium"));
	redacted_free(&t);
	redact_free(&r);
}

static unsigned
tallied(const struct redact_tally * t, const char * rule)
{
	const char * name;
	unsigned i, n, all = 0;

	for (i = 0; redact_tally_get(t, i, &name, &n); i++)
		all += strcmp(name, rule) == 0 ? n : 0;
	return (all);
}

static void
a_tally_counts_by_rule(void)
{
	static const char text[] = "{\"a\":\"" HUB "\",\"password\":\"x-y z\"}";
	struct redact * r = engine();
	struct redact_tally * tally;
	struct redacted * t = NULL;

	ASSERT_ERR_FATAL(redact_tally_new(&tally), SR_OK);
	ASSERT_ERR_FATAL(redact_json_for(r, REDACT_PROMPT, NULL, tally, text,
	    strlen(text), NULL, NULL, &t), SR_OK);
	redacted_free(&t);
	ASSERT_ERR_FATAL(redact_text_for(r, REDACT_PROMPT, NULL, tally, HUB,
	    strlen(HUB), NULL, &t), SR_OK);
	redacted_free(&t);
	CU_ASSERT_EQUAL(tallied(tally, "github_token"), 2);
	CU_ASSERT_EQUAL(tallied(tally, "named_value"), 1);
	redact_tally_free(&tally);
	CU_ASSERT_PTR_NULL(tally);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(st_sec_005_ac1_a_stream_goes_on_in_another_worker),
	TEST(another_text_is_no_state),
	TEST(a_stream_that_failed_has_no_state),
	TEST(masks_name_what_the_reader_may_know),
	TEST(a_tally_counts_by_rule),
};

SUITE_MAIN("core/redact/stream_state", tests, NULL, NULL)
