/* Prompts: what comes back is redacted, whole, the same each time, and kept. */

#include <jansson.h>

#include "core/keys/mac.h"
#include "core/runs/prompt.h"
#include "tests/core/runs/gate_fault.h"
#include "tests/core/runs/artifact_visit.h"
#include "tests/harness/needles.h"

#define CONVERSATION							\
    "{\"model\": \"m\", \"max_tokens\": 1024, \"system\": \"You see "	\
    BOUND ".\",\n \"messages\": [{\"role\": \"user\", \"content\": "	\
    "\"export TOKEN=" TOKEN_SHAPED "\"}, {\"role\": \"assistant\", "	\
    "\"content\": [{\"type\": \"text\", \"text\": \"" UNBOUND "\"}]}]}"

static enum sr_error
make(const char * text, struct prompt_made * out, struct redacted ** body)
{
	const struct prompt_write w = { .run_id = run.id, .body = text,
	    .len = strlen(text) };
	struct prompt_made unread;

	return (prompt_make(&h.store, &h.actor, &w, 15, out == NULL ? &unread :
	    out, body));
}

static void
refused(const char * text, enum sr_error expected)
{
	struct redacted * body = NULL;

	ASSERT_ERR(make(text, NULL, &body), expected);
	CU_ASSERT_PTR_NULL(body);
	redacted_free(&body);
}

static enum sr_error
look_at_kept(const struct prompt_kept * k, void * cookie)
{
	const struct redacted * body = cookie;

	CU_ASSERT_STRING_EQUAL(k->body, redacted_bytes(body));
	CU_ASSERT_EQUAL(k->prompt.messages, 2);
	CU_ASSERT_EQUAL(k->prompt.hits.known, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(k->counts, "{\"known\":2,\"github"));
	return (SR_OK);
}

static void
st_sec_006_ac1_a_prompt_comes_back_masked_and_is_kept_so(void)
{
	struct needles * n = needles_new();
	struct redacted * body = NULL;
	struct prompt_made made;
	json_error_t why;
	uint8_t sha256[MAC_LEN];
	char * dump;
	json_t * j;

	needles_secret(n, BOUND, strlen(BOUND));
	needles_secret(n, UNBOUND, strlen(UNBOUND));
	needles_secret(n, TOKEN_SHAPED, strlen(TOKEN_SHAPED));
	ASSERT_ERR_FATAL(make(CONVERSATION, &made, &body), SR_OK);
	CU_ASSERT_EQUAL(needles_in(n, redacted_bytes(body),
	    redacted_len(body), NULL), 0);
	j = json_loadb(redacted_bytes(body), redacted_len(body), 0, &why);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(j, "max_tokens")),
	    1024);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "messages")), 2);
	json_decref(j);
	CU_ASSERT_PTR_NOT_NULL(strstr(redacted_bytes(body), "\"You see "
	    "[REDACTED:instance/team/bound@1:"));
	CU_ASSERT_PTR_NOT_NULL(strstr(redacted_bytes(body), "\"text\": "
	    "\"[REDACTED:secret:"));
	CU_ASSERT_EQUAL(made.prompt.hits.unnamed, 1);
	digest_compute(redacted_bytes(body), redacted_len(body), sha256);
	CU_ASSERT(mac_equal(sha256, made.prompt.sha256));
	ASSERT_ERR(prompt_show(h.store.db, &run.id, &made.prompt.id,
	    look_at_kept, body), SR_OK);
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_EQUAL(needles_in(n, dump, strlen(dump), NULL), 0);
	free(dump);
	redacted_free(&body);
	needles_free(&n);
}

/* What a provider caches by the bytes of a prompt is found again. */
static void
the_same_prompt_gives_the_same_bytes(void)
{
	struct redacted * first = NULL, * again = NULL;
	struct store other;

	ASSERT_ERR_FATAL(make(CONVERSATION, NULL, &first), SR_OK);
	CU_ASSERT_FATAL(house_thread(&h, &other) == 0);
	ASSERT_ERR_FATAL(make(CONVERSATION, NULL, &again), SR_OK);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(first), redacted_bytes(again));
	redacted_free(&again);
	/* Even when it comes back masked, in the history of the next turn. */
	ASSERT_ERR_FATAL(make(redacted_bytes(first), NULL, &again), SR_OK);
	CU_ASSERT_STRING_EQUAL(redacted_bytes(first), redacted_bytes(again));
	house_thread_end(&other);
	redacted_free(&first);
	redacted_free(&again);
}

static void
bodies_of_providers_are_prompts(void)
{
	static const struct {
		const char * text;
		unsigned messages;
	} good[] = {
		{ "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", 1 },
		{ " { \"input\" : \"x\" , \"model\":\"m\"} ", 1 },
		{ "{\"input\":[\"a\",{\"b\":[1,2]},[3],4,null]}", 5 },
		{ "{\"contents\":[{\"parts\":[{\"text\":\"]},{\\\"\"}]},{}]}",
		    2 },
		{ "{\"prompt\":\"messages\",\"stop\":[\",\"]}", 1 },
		{ "{\"tools\":{\"messages\":[1,2,3]},\"messages\":[1]}", 1 },
	};
	static const char * const bad[] = { "", "{}", "[]", "null", "\"x\"",
	    "{\"messages\":[]}", "{\"messages\":{}}", "{\"messages\":null}",
	    "{\"tools\":{\"messages\":[1]}}", "{\"messages\":[1]",
	    "{\"messages\":[1]} x", "{'messages':[1]}",
	    "{\"messages\":[\"\xff\"]}", "{\"key\":\"messages\"}",
	    "{\"a\":\"\\\"messages\\\":[1]\"}", "{\"contents\":[  ]}" };
	struct redacted * body = NULL;
	struct prompt_made made;

	for (size_t i = 0; i < COUNTOF(good); i++) {
		ASSERT_ERR_FATAL(make(good[i].text, &made, &body), SR_OK);
		CU_ASSERT_EQUAL(made.prompt.messages, good[i].messages);
		CU_ASSERT_STRING_EQUAL(redacted_bytes(body), good[i].text);
		redacted_free(&body);
	}
	for (size_t i = 0; i < COUNTOF(bad); i++)
		refused(bad[i], SR_E_PROMPT_MALFORMED);
	CU_ASSERT(house_sql_is(&h, "10", "SELECT COUNT(*) FROM"
	    " prompt_audit"));
}

/* Deeper than MariaDB reads JSON. */
static void
limits_are_those_that_are_said(void)
{
	struct strbuf b;
	struct redacted * body = NULL;

	strbuf_init(&b, PROMPT_BODY_MAX + 100);
	strbuf_puts(&b, "{\"messages\":[");
	for (unsigned i = 0; i < 62; i++)
		strbuf_putc(&b, '[');
	for (unsigned i = 0; i < 62; i++)
		strbuf_putc(&b, ']');
	strbuf_puts(&b, "]}");
	ASSERT_ERR(make(strbuf_str(&b), NULL, &body), SR_OK);
	redacted_free(&body);
	strbuf_reset(&b);
	strbuf_puts(&b, "{\"messages\":[");
	for (unsigned i = 0; i < 64; i++)
		strbuf_putc(&b, '[');
	refused(strbuf_str(&b), SR_E_PROMPT_TOO_LARGE);
	strbuf_reset(&b);
	strbuf_puts(&b, "{\"messages\":[0");
	for (unsigned i = 0; i < 100000; i++)
		strbuf_puts(&b, ",1");
	strbuf_puts(&b, "]}");
	refused(strbuf_str(&b), SR_E_PROMPT_TOO_LARGE);
	strbuf_reset(&b);
	strbuf_puts(&b, "{\"messages\":[\"");
	while (b.len < PROMPT_BODY_MAX)
		strbuf_puts(&b, "word ");
	strbuf_puts(&b, "\"]}");
	refused(strbuf_str(&b), SR_E_PROMPT_TOO_LARGE);
	strbuf_free(&b);
}

static void
st_sec_006_ac1_a_gate_that_fails_hands_nothing_back(void)
{
	static const enum redact_cause causes[] = { REDACT_CAUSE_STALE,
	    REDACT_CAUSE_MEMORY, REDACT_CAUSE_ENGINE, REDACT_CAUSE_LOCKED };
	struct liveset * live = h.store.live;
	struct redacted * body = NULL;
	enum sr_error err;

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM prompt_audit"));
	for (size_t i = 0; i < COUNTOF(causes); i++) {
		h.store.live = NULL;
		gate_fault(h.store.redact, causes[i]);
		err = make(CONVERSATION, NULL, &body);
		gate_fault(h.store.redact, REDACT_CAUSE_NONE);
		ASSERT_ERR(err, causes[i] == REDACT_CAUSE_MEMORY ?
		    SR_E_OUT_OF_MEMORY : SR_E_PROMPT_REDACTION_FAILED);
		CU_ASSERT_PTR_NULL(body);
		h.store.live = live;
		ASSERT_ERR(liveset_refresh(live, &h.store), SR_OK);
	}
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM prompt_audit"));
	CU_ASSERT(house_sql_is(&h, "channel_refused\tprompt\t3", "SELECT kind,"
	    " channel, hits FROM run_alert WHERE kind = 'channel_refused'"));
}

static void
nothing_comes_back_that_was_not_kept(void)
{
	struct redacted * body = NULL;

	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE prompt_audit TO hidden"));
	ASSERT_ERR(make(CONVERSATION, NULL, &body), SR_E_RUN_UNAVAILABLE);
	CU_ASSERT_PTR_NULL(body);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO prompt_audit"));
	ASSERT_ERR(make(CONVERSATION, NULL, &body), SR_OK);
	redacted_free(&body);
}

static enum sr_error
count(const struct prompt_kept * k, void * cookie)
{
	unsigned * n = cookie;

	CU_ASSERT_PTR_NULL(k->body);
	++*n;
	return (SR_OK);
}

static void
they_are_listed_and_go_when_they_are_old(void)
{
	struct redacted * body = NULL;
	struct prompt_made made;
	unsigned n = 0, gone;

	ASSERT_ERR(make(CONVERSATION, &made, &body), SR_OK);
	redacted_free(&body);
	ASSERT_ERR(prompt_list(h.store.db, &run.id, SR_TIME_NONE, 10, count,
	    &n), SR_OK);
	CU_ASSERT_EQUAL(n, 2);
	ASSERT_ERR(prompt_list(h.store.db, &run.id, made.prompt.created_at, 10,
	    count, &n), SR_OK);
	CU_ASSERT_EQUAL(n, 3);
	ASSERT_ERR(prompt_show(h.store.db, &project.id, &made.prompt.id, count,
	    &n), SR_E_PROMPT_NOT_FOUND);
	ASSERT_ERR(prompt_purge(h.store.db, made.prompt.created_at, 10, &gone),
	    SR_OK);
	CU_ASSERT_EQUAL(gone, 1);
}

static void
who_guesses_is_held_back_and_an_ended_run_takes_none(void)
{
	struct redacted * body = NULL;

	h.store.guess_limit = 2;
	CU_ASSERT_FATAL(house_do(&h, "UPDATE run_alert SET last_at = last_at -"
	    " INTERVAL 1 HOUR, first_at = first_at - INTERVAL 1 HOUR"));
	for (unsigned i = 0; i < 12; i++) {
		if (make("{\"prompt\":\"" UNBOUND "\"}", NULL, &body) !=
		    SR_OK)
			break;
		redacted_free(&body);
	}
	refused("{\"prompt\":\"" UNBOUND "\"}", SR_E_RUN_THROTTLED);
	h.store.guess_limit = UINT32_MAX;
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_COMPLETED, 1, NULL), SR_OK);
	refused(CONVERSATION, SR_E_RUN_FINISHED);
	run.id = project.id;
	refused(CONVERSATION, SR_E_RUN_NOT_FOUND);
}

static const struct suite_test tests[] = {
	TEST(st_sec_006_ac1_a_prompt_comes_back_masked_and_is_kept_so),
	TEST(the_same_prompt_gives_the_same_bytes),
	TEST(bodies_of_providers_are_prompts),
	TEST(limits_are_those_that_are_said),
	TEST(st_sec_006_ac1_a_gate_that_fails_hands_nothing_back),
	TEST(nothing_comes_back_that_was_not_kept),
	TEST(they_are_listed_and_go_when_they_are_old),
	TEST(who_guesses_is_held_back_and_an_ended_run_takes_none),
};

SUITE_MAIN("core/runs/prompt", tests, runs_open, runs_close)
