#include "core/redact/alloc_internal.h"
#include "core/redact/gate_internal.h"
#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"
#define LONG	"a value that is longer than thirty-one bytes, 5d07ae1"

static int allocs_left = -1;

void *
redact_alloc(size_t size)
{

	if (allocs_left == 0)
		return (NULL);
	if (allocs_left > 0)
		allocs_left--;
	return (malloc(size));
}

static struct redact *
engine(void)
{
	struct redact * r = kit_ready();

	kit_put(r, 1, "i/short@1", "hunter2!", 8, NULL);
	kit_put(r, 2, "i/medium@1", "correct horse 42", 16, NULL);
	kit_put(r, 3, "i/long@1", LONG, strlen(LONG), NULL);
	kit_put(r, 4, "i/lines@1", "line the first, 1c9e\nline two, 77b0", 35,
	    NULL);
	kit_put(r, 5, "i/same@1", "zzzzzzzzzzzz", 12, NULL);
	return (r);
}

/* ${len} more bytes, which are yet to be filled in. */
static void
room(struct kit_text * t, size_t len)
{

	t->p = realloc(t->p, t->len + len + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t->p);
	memset(&t->p[t->len], 0, len + 1);
	t->len += len;
}

/* Feed ${text} in pieces of the sizes that ${state} gives; collect. */
static bool
in_pieces(struct redact * r, const char * text, size_t len, size_t most,
    uint64_t * state, struct kit_text * all)
{
	struct redact_stream * s;
	struct redacted * t = NULL;
	size_t at = 0, n;
	bool good = true;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	while (good && at < len) {
		n = most == 1 ? 1 : kit_random(state) % most;
		if (n > len - at)
			n = len - at;
		good = redact_feed(s, &text[at], n, &t) == SR_OK;
		at += n;
		if (good)
			kit_add(all, redacted_bytes(t), redacted_len(t));
		redacted_free(&t);
	}
	if (good && (good = redact_finish(s, &t) == SR_OK))
		kit_add(all, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	redact_stream_free(&s);
	return (good);
}

static void
same_as_whole(struct redact * r, const char * text, size_t len, size_t most,
    uint64_t * state)
{
	struct redacted * whole = NULL;
	struct kit_text all = { .len = 0 };
	bool same;

	ASSERT_ERR_FATAL(redact_text(r, REDACT_PUBSUB, text, len, NULL, &whole),
	    SR_OK);
	kit_adds(&all, "");
	CU_ASSERT(in_pieces(r, text, len, most, state, &all));
	same = all.len == redacted_len(whole) &&
	    memcmp(all.p, redacted_bytes(whole), all.len) == 0;
	if (!same)
		suite_note("in pieces of %zu '%.200s' became '%.200s', not "
		    "'%.200s'", most, text, all.p, redacted_bytes(whole));
	CU_ASSERT(same);
	redacted_free(&whole);
	kit_reset(&all);
}

static const char * const texts[] = {
	"", "a", "plain words and no secret at all\n",
	"x hunter2! y", "hunter2!", "hunter2!hunter2!hunter2!",
	"at " LONG " and correct horse 42, twice: correct horse 42\n",
	"line the first, 1c9e\nline two, 77b0", "line two, 77b0\r\nhunter2!",
	"token " HUB " and more", HUB HUB, "hunter2!" HUB,
	"aHVudGVyMiE= and Y29ycmVjdCBob3JzZSA0Mg==",
	"\\u0068unter2\\u0021 68756e7465723221 %68unter2%21 hunter2&#33;",
	"https://user:pa55w0rd-x@host/path Authorization: Bearer abcdefghijk12",
	"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
	"AgEAAoIBAQ\nC7VJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMv\n"
	"-----END PRIVATE KEY-----\nafter",
	"\033[1;31mhunter2!\033[0m\033]0;title\007 \xff\xfe hunter2! \x80",
	"[REDACTED:i/short@1:yf4rjr] [REDACTED:",
	"password = \"Tr0ub4dor&3xyz\"",
};

static void
every_cut_gives_the_same_bytes(void)
{
	struct redact * r = engine();
	uint64_t state = 3;
	size_t i, most;

	for (i = 0; i < COUNTOF(texts); i++) {
		for (most = 1; most < 40; most++)
			same_as_whole(r, texts[i], strlen(texts[i]), most,
			    &state);
	}
	redact_free(&r);
}

static void
binary_data_and_long_lines_pass(void)
{
	const size_t len = 1024 * 1024 + 17;
	struct redact * r = engine();
	struct kit_text text = { .len = 0 };
	struct redacted * t = NULL;
	uint64_t state = 11;
	size_t i;

	room(&text, len);
	for (i = 0; i < len; i++)
		text.p[i] = (char)kit_random(&state);
	ASSERT_ERR(redact_text(r, REDACT_PUBSUB, text.p, len, NULL, &t), SR_OK);
	CU_ASSERT(redacted_len(t) == len &&
	    memcmp(redacted_bytes(t), text.p, len) == 0);
	redacted_free(&t);
	memcpy(&text.p[len / 2], "hunter2!", 8);
	same_as_whole(r, text.p, len, 65536, &state);
	/* One line of a megabyte. */
	memset(text.p, 'q', len);
	memcpy(&text.p[len / 2], "hunter2!", 8);
	same_as_whole(r, text.p, len, 4096, &state);
	kit_reset(&text);
	redact_free(&r);
}

/* Unions longer than any buffer: the mask comes, and then nothing. */
static void
a_union_without_end_is_one_mask(void)
{
	const size_t len = SPAN_NAMED * 3 + 5;
	struct redact * r = engine();
	struct kit_text text = { .len = 0 }, all = { .len = 0 };
	struct redacted * t = NULL;
	uint64_t state = 12;

	kit_adds(&text, "before ");
	room(&text, len);
	memset(&text.p[7], 'z', len);
	kit_adds(&text, " after");
	kit_adds(&all, "");
	/* So many hits in one text may pass a limit. */
	if (redact_text(r, REDACT_PUBSUB, text.p, text.len, NULL, &t) ==
	    SR_OK) {
		redacted_free(&t);
		same_as_whole(r, text.p, text.len, 65536, &state);
		CU_ASSERT(in_pieces(r, text.p, text.len, 65536, &state, &all));
	}
	CU_ASSERT(all.len < 60);
	kit_reset(&text);
	kit_reset(&all);
	redact_free(&r);
}

static size_t
feed(struct redact_stream * s, const char * text, struct kit_text * all)
{
	struct redacted * t = NULL;
	size_t n;

	ASSERT_ERR_FATAL(redact_feed(s, text, strlen(text), &t), SR_OK);
	n = redacted_len(t);
	kit_add(all, redacted_bytes(t), n);
	redacted_free(&t);
	return (n);
}

static void
a_stream_that_fails_gives_nothing_more(void)
{
	struct redact * r = engine();
	struct redact_stream * s;
	struct redacted * t = NULL;
	struct kit_text all = { .len = 0 };
	struct redact_counts counts;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_ARTIFACT, NULL, &s), SR_OK);
	(void)feed(s, "harmless words and hunter", &all);
	redact_mark(r, REDACT_STALE);
	t = (void *)&all;
	ASSERT_ERR(redact_feed(s, "2!", 2, &t),
	    SR_E_CHANNEL_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_EQUAL(redact_last_cause(), REDACT_CAUSE_STALE);
	/* It does not come back, or what was lost would be a hole. */
	redact_mark(r, REDACT_READY);
	ASSERT_ERR(redact_feed(s, "more", 4, &t),
	    SR_E_CHANNEL_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	ASSERT_ERR(redact_finish(s, &t), SR_E_CHANNEL_REDACTION_FAILED);
	CU_ASSERT_PTR_NULL(t);
	redact_counts(r, REDACT_ARTIFACT, &counts);
	CU_ASSERT_EQUAL(counts.passed, 0);
	CU_ASSERT_EQUAL(counts.withheld[REDACT_CAUSE_STALE], 3);
	redact_stream_free(&s);
	kit_reset(&all);
	redact_free(&r);
}

static void
a_secret_that_comes_to_be_known_is_masked_in_what_is_held(void)
{
	struct redact * r = engine();
	struct redact_stream * s;
	struct redacted * t = NULL;
	struct kit_text all = { .len = 0 };

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	(void)feed(s, "swordf", &all);
	kit_put(r, 9, "i/new@1", "swordfish-99", 12, NULL);
	(void)feed(s, "ish-99 hun", &all);
	redact_known_drop(r, &(struct sr_id){ .b = { 1 } });
	(void)feed(s, "ter2! ", &all);
	ASSERT_ERR(redact_finish(s, &t), SR_OK);
	kit_add(&all, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	CU_ASSERT_PTR_NULL(strstr(all.p, "hunter2!"));
	redact_stream_free(&s);
	kit_reset(&all);
	redact_free(&r);
}

static void
without_memory_a_stream_fails_closed(void)
{
	static const char text[] = "some words, hunter2! and " HUB "\n";
	struct redact * r = engine();
	struct redact_stream * s;
	struct redacted * t;
	enum sr_error err;
	int n, fails = 0;

	for (n = 0; n < 60; n++) {
		struct kit_text all = { .len = 0 };

		kit_adds(&all, "");
		allocs_left = n;
		err = redact_open(r, REDACT_PROMPT, NULL, &s);
		if (err == SR_OK) {
			err = redact_feed(s, text, strlen(text), &t);
			if (err == SR_OK) {
				kit_add(&all, redacted_bytes(t),
				    redacted_len(t));
				redacted_free(&t);
				err = redact_finish(s, &t);
			}
			CU_ASSERT(err == SR_OK ||
			    err == SR_E_PROMPT_REDACTION_FAILED);
			if (err == SR_OK)
				redacted_free(&t);
			else
				CU_ASSERT_EQUAL(redact_last_cause(),
				    REDACT_CAUSE_MEMORY);
			redact_stream_free(&s);
		}
		allocs_left = -1;
		fails += err != SR_OK;
		CU_ASSERT_PTR_NULL(strstr(all.p, "hunter2!"));
		kit_reset(&all);
	}
	CU_ASSERT(fails >= 3 && fails < 60);
	redact_free(&r);
}

static void
a_stream_counts_once_and_by_rule(void)
{
	struct redact * r = engine();
	struct redact_stream * s;
	struct redacted * t = NULL;
	struct kit_text all = { .len = 0 };
	struct redact_counts counts;
	const char * name;
	uint64_t n, hub = 0;
	unsigned i;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	(void)feed(s, "hunter2! ", &all);
	(void)feed(s, HUB " hunter2! ", &all);
	ASSERT_ERR(redact_finish(s, &t), SR_OK);
	redacted_free(&t);
	CU_ASSERT_EQUAL(redact_stream_hits(s).known, 2);
	CU_ASSERT_EQUAL(redact_stream_hits(s).rules, 1);
	redact_counts(r, REDACT_PUBSUB, &counts);
	CU_ASSERT_EQUAL(counts.passed, 1);
	CU_ASSERT_EQUAL(counts.known, 2);
	CU_ASSERT_EQUAL(counts.rules, 1);
	for (i = 0; redact_rule_count(r, REDACT_PUBSUB, i, &name, &n); i++)
		hub += strncmp(name, "github", 6) == 0 ? n : 0;
	CU_ASSERT_EQUAL(hub, 1);
	redact_stream_free(&s);
	kit_reset(&all);
	redact_free(&r);
}

static void
rules_alone_need_no_key(void)
{
	const struct redact_stream_options options = { .rules_only = true };
	struct redact_stream * s;
	struct redacted * t = NULL;
	struct redact * r;
	struct kit_text all = { .len = 0 };

	ASSERT_ERR_FATAL(redact_new(&r), SR_OK);
	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, &options, &s), SR_OK);
	(void)feed(s, "x " HUB, &all);
	(void)feed(s, " y", &all);
	ASSERT_ERR(redact_finish(s, &t), SR_OK);
	kit_add(&all, redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	CU_ASSERT_PTR_NULL(strstr(all.p, HUB));
	CU_ASSERT_EQUAL(strncmp(all.p, "x [REDACTED:github", 18), 0);
	redact_stream_free(&s);
	redact_stream_free(&s);
	kit_reset(&all);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(every_cut_gives_the_same_bytes),
	TEST(binary_data_and_long_lines_pass),
	TEST(a_union_without_end_is_one_mask),
	TEST(a_stream_that_fails_gives_nothing_more),
	TEST(a_secret_that_comes_to_be_known_is_masked_in_what_is_held),
	TEST(without_memory_a_stream_fails_closed),
	TEST(a_stream_counts_once_and_by_rule),
	TEST(rules_alone_need_no_key),
};

SUITE_MAIN("core/redact/stream", tests, NULL, NULL)
