/*
 * What is lost of a command's output is cut where no secret lies across
 * (run_out.h): neither the begin nor the end of one is left in the events.
 */

#include <string.h>

#include "cli/run_out.h"
#include "core/base/secbuf_bytes.h"
#include "tests/core/redact/kit.h"

#define LONG	"9vKx2mQ7bT4nR8wZ1cY6pL3hD5fG0jUa7Sd"
#define OPEN	"Zq8fW3tN6yB1xC5vM9kJ2hG4dS7aP0oIuYtReWqLkJhGfDsA" \
		"zXcVbNmPoIuYtReWAa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9Jj0Kk" \
		"1Ll2Mm3Nn4Oo5Pp6Qq7Rr8Ss9Tt0Uu1V"
#define LARGE	((size_t)60 * 1024)	/* Escaped more than is kept. */

static char text[2 * EVENT_CHUNK_MAX];
static struct run_out o;

static void
fill(struct backlog * b, unsigned chunks)
{

	memset(text, '.', EVENT_CHUNK_MAX);
	for (; chunks > 0; chunks--)
		CU_ASSERT_TRUE_FATAL(backlog_put(b, BACKLOG_STDERR, text,
		    EVENT_CHUNK_MAX));
}

static void
take(const char * bytes, size_t len)
{

	run_out_take(&o, bytes, len);
	redacted_free(&o.pending);
}

/* All that is posted of stdout, redacted as its stream is. */
static char *
posted(struct redact * r, struct backlog * b)
{
	struct redact_stream * s;
	struct backlog_chunk c;
	struct redacted * t;
	char * out = calloc(1, 4 * BACKLOG_MAX);
	size_t n = 0;

	ASSERT_ERR_FATAL(redact_open(r, REDACT_PUBSUB, NULL, &s), SR_OK);
	while (backlog_first(b, false, &c)) {
		if (c.stream == BACKLOG_STDOUT) {
			ASSERT_ERR_FATAL(redact_feed(s, c.bytes, c.len, &t),
			    SR_OK);
			memcpy(&out[n], redacted_bytes(t), redacted_len(t));
			n += redacted_len(t);
			redacted_free(&t);
		}
		backlog_done(b, &c, true);
		/* There is room again, and the command goes on. */
		if (c.stream == BACKLOG_STDERR && n == 0)
			take("later\n\n", 7);
	}
	ASSERT_ERR_FATAL(redact_finish(s, &t), SR_OK);
	memcpy(&out[n], redacted_bytes(t), redacted_len(t));
	redacted_free(&t);
	redact_stream_free(&s);
	return (out);
}

/* A read whose decided bytes are more than one chunk, a secret across. */
static void
a_loss_cuts_no_secret(void)
{
	struct redact * r = kit_ready();
	struct backlog * b;
	size_t at, shown;
	char * out;

	kit_put(r, 1, "i/long@1", LONG, strlen(LONG), NULL);
	kit_put(r, 2, "i/open@1", OPEN, strlen(OPEN), NULL);
	ASSERT_ERR_FATAL(backlog_new(&b), SR_OK);
	fill(b, 30);
	o = (struct run_out){ .from = -1, .to = -1,
	    .stream = BACKLOG_STDOUT };
	ASSERT_ERR_FATAL(run_out_open(&o, r, b), SR_OK);
	/* The begin of something long is held back ... */
	memset(text, '\n', sizeof(text));
	memcpy(&text[EVENT_CHUNK_MAX - 120], OPEN, 120);
	take(text, EVENT_CHUNK_MAX);
	at = (size_t)o.kept;
	/* ... and is not it; what is decided now is more than one chunk. */
	memset(text, '\n', sizeof(text));
	memcpy(&text[at - 20], LONG, strlen(LONG));
	take(text, EVENT_CHUNK_MAX);
	suite_note("held %zu, decided %zu", EVENT_CHUNK_MAX - at,
	    (size_t)o.kept - at);
	out = posted(r, b);
	for (shown = strlen(LONG); shown > 7; shown--) {
		char part[64];

		(void)snprintf(part, sizeof(part), "%.*s", (int)shown, LONG);
		if (strstr(out, part) != NULL) {
			suite_note("seen in the events: %s", part);
			break;
		}
	}
	CU_ASSERT_EQUAL(shown, 7);
	free(out);
	run_out_close(&o);
	backlog_free(&b);
	redact_free(&r);
}

/* ${secret} as JSON may write it, in six bytes for each. */
static char *
escape(const char * secret)
{
	char * all = malloc(6 * LARGE + 1);
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(all);
	for (i = 0; i < LARGE; i++)
		(void)snprintf(&all[6 * i], 7, "\\u00%02x",
		    (unsigned)secret[i]);
	return (all);
}

/* More stays open than is kept: its begin is not posted, nor its end. */
static void
what_is_open_for_too_long_is_lost_as_a_whole(void)
{
	struct redact * r = kit_ready();
	char secret[LARGE + 1], part[61], * written, * out;
	struct backlog * b;
	size_t i, n;

	for (i = 0; i < LARGE; i++)
		secret[i] = OPEN[(i * 7 + i / 64) % strlen(OPEN)];
	secret[LARGE] = '\0';
	written = escape(secret);
	kit_put(r, 1, "i/large@1", secret, LARGE, NULL);
	ASSERT_ERR_FATAL(backlog_new(&b), SR_OK);
	o = (struct run_out){ .from = -1, .to = -1,
	    .stream = BACKLOG_STDOUT };
	ASSERT_ERR_FATAL(run_out_open(&o, r, b), SR_OK);
	take("before\n\n", 8);
	for (i = 0; i < 6 * LARGE; i += n) {
		n = 6 * LARGE - i < EVENT_CHUNK_MAX ? 6 * LARGE - i :
		    EVENT_CHUNK_MAX;
		take(&written[i], n);
	}
	take("\n\nafter\n\n", 9);
	run_out_finish(&o);
	redacted_free(&o.pending);
	CU_ASSERT(backlog_missing(b) > LARGE);
	out = posted(r, b);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "before"));
	for (i = 0; i + 60 < 6 * LARGE; i += 600) {
		(void)snprintf(part, sizeof(part), "%.60s", &written[i]);
		CU_ASSERT_PTR_NULL(strstr(out, part));
	}
	free(out);
	free(written);
	run_out_close(&o);
	backlog_free(&b);
	redact_free(&r);
}

/* A piece that is refused takes along those that go on with it, and no more. */
static void
pieces_are_lost_together(void)
{
	struct backlog_chunk c;
	struct backlog * b;

	ASSERT_ERR_FATAL(backlog_new(&b), SR_OK);
	memset(text, 'a', sizeof(text));
	CU_ASSERT_TRUE(backlog_put(b, BACKLOG_STDOUT, text, sizeof(text)));
	memset(text, 'b', EVENT_CHUNK_MAX);
	CU_ASSERT_TRUE(backlog_put(b, BACKLOG_STDOUT, text, EVENT_CHUNK_MAX));
	CU_ASSERT_TRUE_FATAL(backlog_first(b, false, &c));
	CU_ASSERT_EQUAL(*c.bytes, 'a');
	backlog_done(b, &c, false);
	CU_ASSERT_EQUAL(backlog_missing(b), sizeof(text));
	CU_ASSERT_TRUE_FATAL(backlog_first(b, false, &c));
	CU_ASSERT_EQUAL(*c.bytes, 'b');
	CU_ASSERT_EQUAL(c.n, 0);
	backlog_free(&b);
}

/* The first of two pieces is with the server, the second is refused. */
static void
a_begin_that_was_posted_is_told_of(void)
{
	struct backlog_chunk c;
	struct backlog * b;

	ASSERT_ERR_FATAL(backlog_new(&b), SR_OK);
	memset(text, 'a', sizeof(text));
	CU_ASSERT_TRUE(backlog_put(b, BACKLOG_STDOUT, text, sizeof(text)));
	CU_ASSERT_TRUE(backlog_put(b, BACKLOG_STDOUT, "later", 5));
	CU_ASSERT_TRUE_FATAL(backlog_first(b, false, &c));
	CU_ASSERT_FALSE(c.discard);
	backlog_done(b, &c, true);
	CU_ASSERT_TRUE_FATAL(backlog_first(b, false, &c));
	backlog_done(b, &c, false);
	CU_ASSERT_TRUE(backlog_begun(b, BACKLOG_STDOUT, &c));
	CU_ASSERT_TRUE(c.discard);
	CU_ASSERT_EQUAL(c.n, 1);
	CU_ASSERT_TRUE_FATAL(backlog_first(b, false, &c));
	CU_ASSERT_TRUE(c.discard);
	backlog_done(b, &c, true);
	CU_ASSERT_TRUE(backlog_begun(b, BACKLOG_STDOUT, &c));
	CU_ASSERT_FALSE(c.discard);
	CU_ASSERT_EQUAL(c.n, 2);
	/* Of one that was whole nothing is open. */
	CU_ASSERT_TRUE(backlog_put(b, BACKLOG_STDOUT, "more", 4));
	CU_ASSERT_TRUE_FATAL(backlog_first(b, false, &c));
	backlog_done(b, &c, false);
	CU_ASSERT_TRUE(backlog_begun(b, BACKLOG_STDOUT, &c));
	CU_ASSERT_FALSE(c.discard);
	backlog_free(&b);
}

static const struct suite_test tests[] = {
	TEST(a_begin_that_was_posted_is_told_of),
	TEST(pieces_are_lost_together),
	TEST(what_is_open_for_too_long_is_lost_as_a_whole),
	TEST(a_loss_cuts_no_secret),
};

SUITE_MAIN("cli/run_out", tests, NULL, NULL)
