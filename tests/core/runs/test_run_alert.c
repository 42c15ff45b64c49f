/* Guessing: counted, throttled, audited; and what else people should see. */

#include <limits.h>

#include "tests/core/runs/sending.h"

#define STRAY	"stray horse 42"
#define BOUND	"bound horse 42"

/* So much behind it that nothing of it is held back. */
#define FOLLOWS	" and what follows it, more than is ever held back " \
		"of words: they are no secret at all, nor the begin of one.\n"

static int
start(void)
{
	const struct binding_write bind = { .variable = "BOUND",
	    .scope = "instance", .name = "alert/bound" };
	struct binding_write w = bind;

	if (sending_start() != 0 ||
	    put(&h, "alert/stray", STRAY, NULL) != SR_OK ||
	    put(&h, "alert/bound", BOUND, NULL) != SR_OK)
		return (-1);
	w.project_id = project.id;
	return (binding_set(&h.store, &h.actor, &w, NULL) == SR_OK ? 0 : -1);
}

/* ${n} of ${text} in one payload. */
static enum sr_error
say(const struct run * run, const char * text, unsigned n)
{
	char * all = text_format("{\"a\":[0");
	char * more;
	enum sr_error err;

	for (; n > 0; n--) {
		more = text_format("%s,\"%s\"", all, text);
		free(all);
		all = more;
	}
	more = text_format("%s]}", all);
	err = post(run, "note", more, NULL);
	free(more);
	free(all);
	return (err);
}

struct alerts {
	char text[300];
};

static enum sr_error
add_alert(const struct run_alert * a, void * cookie)
{
	struct alerts * all = cookie;
	size_t n = strlen(all->text);

	(void)snprintf(&all->text[n], sizeof(all->text) - n, "%s/%d %u;",
	    run_alert_kind_name(a->kind), (int)a->channel, a->hits);
	CU_ASSERT(a->first_at <= a->last_at);
	CU_ASSERT(a->last_at > clock_now() - 60 * SR_SECOND);
	return (SR_OK);
}

static void
alerts_are(const struct run * run, const char * expected)
{
	struct alerts all = { "" };

	ASSERT_ERR(run_alerts(h.store.db, &run->id, add_alert, &all), SR_OK);
	if (strcmp(all.text, expected) != 0)
		suite_note("got '%s', expected '%s'", all.text, expected);
	CU_ASSERT_STRING_EQUAL(all.text, expected);
}

static bool
audited(const struct run * run, const char * expected)
{
	char id[SR_ID_STRLEN + 1];
	char * sql;
	bool is;

	sr_id_format(&run->id, id);
	sql = text_format("SELECT GROUP_CONCAT(CONCAT_WS('/', name, outcome,"
	    " error_type) ORDER BY occurred_at, name) FROM audit_event WHERE"
	    " action = 'RUN_ALERT' AND target_id = '%s'", id);
	is = house_sql_is(&h, expected, sql);
	free(sql);
	return (is);
}

static void
a_secret_that_is_not_bound_is_an_alert(void)
{
	struct run run = new_run(false);

	ASSERT_ERR(say(&run, "nothing", 3), SR_OK);
	ASSERT_ERR(say(&run, BOUND, 3), SR_OK);
	alerts_are(&run, "");
	CU_ASSERT(audited(&run, "NULL"));
	ASSERT_ERR(say(&run, STRAY, 2), SR_OK);
	ASSERT_ERR(say(&run, STRAY, 1), SR_OK);
	alerts_are(&run, "unbound_secret/1 3;");
	CU_ASSERT(audited(&run, "unbound_secret/blocked"));
}

static void
too_many_of_them_are_refused_for_a_minute(void)
{
	struct run run = new_run(false);
	struct event_written out;

	h.store.guess_limit = 5;
	ASSERT_ERR(say(&run, STRAY, 5), SR_OK);
	ASSERT_ERR(say(&run, STRAY, 1), SR_E_RUN_THROTTLED);
	ASSERT_ERR(chunk(&run, "tty", "x " STRAY FOLLOWS, &out),
	    SR_E_RUN_THROTTLED);
	CU_ASSERT_EQUAL(out.next_chunk, 0);
	alerts_are(&run, "unbound_secret/1 7;");
	/* What has none is taken. */
	ASSERT_ERR(say(&run, "nothing", 1), SR_OK);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM run_stream"));
	CU_ASSERT(house_do(&h, "UPDATE run_alert SET window_at ="
	    " window_at - INTERVAL 61 SECOND"));
	ASSERT_ERR(chunk(&run, "tty", "x " STRAY FOLLOWS, &out), SR_OK);
	CU_ASSERT_EQUAL(out.next_chunk, 1);
	/* Many in one text are too many, too. */
	ASSERT_ERR(say(&run, STRAY, 6), SR_E_RUN_THROTTLED);
	h.store.guess_limit = 0;
}

static void
another_runs_guesses_are_its_own(void)
{
	struct run run = new_run(false), other = new_run(false);

	h.store.guess_limit = 2;
	ASSERT_ERR(say(&run, STRAY, 3), SR_E_RUN_THROTTLED);
	CU_ASSERT(audited(&run, "unbound_secret/blocked/run_throttled"));
	ASSERT_ERR(say(&other, STRAY, 2), SR_OK);
	h.store.guess_limit = UINT_MAX;
	ASSERT_ERR(say(&run, STRAY, 100), SR_OK);
	h.store.guess_limit = 0;
}

static void
a_burst_is_an_alert_too(void)
{
	struct run run = new_run(false);
	unsigned i;

	h.store.guess_limit = 1;
	ASSERT_ERR(say(&run, BOUND, 500), SR_OK);
	for (i = 1; i < RUN_GUESS_BURST; i++)
		ASSERT_ERR(say(&run, BOUND, 1), SR_OK);
	alerts_are(&run, "");
	ASSERT_ERR(say(&run, BOUND, 1), SR_E_RUN_THROTTLED);
	alerts_are(&run, "burst/1 1;");
	CU_ASSERT(audited(&run, "burst/blocked/run_throttled"));
	h.store.guess_limit = 0;
}

static void
channels_count_together_and_show_apart(void)
{
	const struct redact_hits hits = { .known = 2, .unnamed = 2 };
	struct run run = new_run(false);

	h.store.guess_limit = 5;
	ASSERT_ERR(run_guess(&h.store, &h.actor, &run, REDACT_ARTIFACT,
	    &hits), SR_OK);
	ASSERT_ERR(run_guess(&h.store, &h.actor, &run, REDACT_PROMPT, &hits),
	    SR_OK);
	ASSERT_ERR(say(&run, STRAY, 1), SR_OK);
	ASSERT_ERR(run_guess(&h.store, &h.actor, &run, REDACT_PROMPT, &hits),
	    SR_E_RUN_THROTTLED);
	run_alert_raise(&h.store, &h.actor, &run, RUN_ALERT_PAGE_SUPPRESSED,
	    REDACT_UI);
	run_alert_raise(&h.store, &h.actor, &run, RUN_ALERT_CHANNEL_REFUSED,
	    REDACT_PROMPT);
	alerts_are(&run, "unbound_secret/2 2;unbound_secret/3 4;"
	    "unbound_secret/1 1;page_suppressed/4 1;channel_refused/3 1;");
	CU_ASSERT(audited(&run, "unbound_secret/blocked,unbound_secret/"
	    "blocked,unbound_secret/blocked,page_suppressed/blocked/"
	    "ui_redaction_failed,channel_refused/failed/"
	    "prompt_redaction_failed"));
	h.store.guess_limit = 0;
}

static void
what_was_masked_is_summed_by_channel(void)
{
	struct run run = new_run(false);
	struct run_masked m;

	ASSERT_ERR(say(&run, STRAY, 2), SR_OK);
	ASSERT_ERR(chunk(&run, "tty", BOUND " " TOKEN_SHAPED "\n", NULL),
	    SR_OK);
	ASSERT_ERR(end(&run, "tty", NULL), SR_OK);
	ASSERT_ERR(run_masked_of(h.store.db, &run.id, &m), SR_OK);
	CU_ASSERT_EQUAL(m.known[REDACT_PUBSUB], 3);
	CU_ASSERT_EQUAL(m.rules[REDACT_PUBSUB], 1);
	CU_ASSERT_EQUAL(m.known[REDACT_ARTIFACT], 0);
	CU_ASSERT_EQUAL(m.known[REDACT_UI], 0);
}

/* What cannot be counted is refused, and an alert is a line in the log. */
static void
without_a_row_nothing_goes_on(void)
{
	struct run run = new_run(false);
	const struct redact_hits none = { .rules = 3 };

	CU_ASSERT(house_do(&h, "RENAME TABLE run_alert TO run_alert_away"));
	ASSERT_ERR(say(&run, STRAY, 1), SR_E_RUN_UNAVAILABLE);
	ASSERT_ERR(say(&run, "nothing", 1), SR_OK);
	ASSERT_ERR(run_guess(&h.store, &h.actor, &run, REDACT_PROMPT, &none),
	    SR_OK);
	run_alert_raise(&h.store, &h.actor, &run, RUN_ALERT_PAGE_SUPPRESSED,
	    REDACT_UI);
	CU_ASSERT(house_do(&h, "RENAME TABLE run_alert_away TO run_alert"));
	CU_ASSERT(lists(&run, "1 run_started {}\n"
	    "2 note {\"a\":[0,\"nothing\"]}\n"));
}

/* A refusal says as much as a mask does. */
static void
a_guess_in_a_plain_field_counts_too(void)
{
	struct run run = new_run(false);
	const struct event_write w = { .run_id = run.id, .type = "note",
	    .step = STRAY, .payload = "{}", .payload_len = 2 };
	unsigned i;

	h.store.guess_limit = 5;
	for (i = 0; i < 20; i++)
		ASSERT_ERR(post_to(&h.store, &w, NULL), i < 5 ?
		    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED :
		    SR_E_RUN_THROTTLED);
	alerts_are(&run, "unbound_secret/1 20;");
	h.store.guess_limit = 0;
}

static const struct suite_test tests[] = {
	TEST(a_guess_in_a_plain_field_counts_too),
	TEST(a_secret_that_is_not_bound_is_an_alert),
	TEST(too_many_of_them_are_refused_for_a_minute),
	TEST(another_runs_guesses_are_its_own),
	TEST(a_burst_is_an_alert_too),
	TEST(channels_count_together_and_show_apart),
	TEST(what_was_masked_is_summed_by_channel),
	TEST(without_a_row_nothing_goes_on),
};

SUITE_MAIN("core/runs/run_alert", tests, start, sending_stop)
