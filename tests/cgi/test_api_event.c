/* Events of runs by the API: posted, listed, and what is refused. */

#include "core/runs/run.h"
#include "tests/cgi/api_visit.h"

#define VALUE	"a value of Ours, 9c41f0"

static char * mine;		/* A key that may write runs. */
static char * other;		/* One of another project. */
static char run_id[37];
static char events[120];

static int
open_site(void)
{
	const struct project_write w = { .slug = "agents",
	    .name = "Agents" };
	struct run_write run = { .workflow_name = "nightly & co",
	    .workflow_version = "1", .trigger = "manual" };
	struct project project;
	struct run made;

	if (visit_open() != 0 ||
	    project_create(&visit_house.store, &visit_house.actor, &w, NULL,
	    &project) != SR_OK)
		return (-1);
	run.project_id = project.id;
	if (run_create(&visit_house.store, &visit_house.actor, &run, 15, NULL,
	    &made) != SR_OK)
		return (-1);
	sr_id_format(&made.id, run_id);
	(void)snprintf(events, sizeof(events), "/api/v1/runs/%s/events",
	    run_id);
	mine = api_bearer("runs:write,secrets:write", NULL, NULL);
	other = api_bearer("runs:write",
	    "0190a0b0-0000-7000-8000-000000000001", NULL);
	return (mine == NULL || other == NULL ? -1 : 0);
}

static int
close_site(void)
{

	free(mine);
	free(other);
	return (visit_close());
}

static struct visit
call(const char * method, const char * body)
{

	return ((struct visit){ .method = method, .path = events,
	    .accept = "application/json", .authorization = mine,
	    .body = body, .type = body == NULL ? "" : "application/json" });
}

static void
post(const char * body, int status, const char * text)
{
	struct visit v = call("POST", body);

	ASSERT_ANSWER(&v, status, text);
	visit_free(&v);
}

static json_t *
list(const char * query)
{
	struct visit v = call("GET", NULL);
	json_t * j;

	v.query = query;
	ASSERT_ANSWER(&v, 200, NULL);
	j = api_json(&v);
	visit_free(&v);
	return (j);
}

static const json_t *
item(const json_t * j, size_t i)
{

	return (json_array_get(json_object_get(j, "items"), i));
}

static const char *
text_of(const json_t * j, const char * name)
{

	return (json_string_value(json_object_get(j, name)));
}

static void
an_event_is_posted_and_listed(void)
{
	struct visit v = call("POST", "{\"type\":\"step_started\",\"step\":"
	    "\"build\",\"correlation_id\":\"c-1\",\"payload\":{\"n\":1.50,"
	    "\"list\":[null,{\"a\":\"\\u00e9\"}]}}");
	json_t * j;

	ASSERT_ANSWER(&v, 201, "\"topic\":\"jido_code:run:");
	CU_ASSERT(visit_has(&v, "\"seq\":2,\"events\":1,"));
	visit_free(&v);
	j = list("");
	CU_ASSERT_STRING_EQUAL(text_of(item(j, 0), "type"), "run_started");
	CU_ASSERT_STRING_EQUAL(text_of(item(j, 1), "step"), "build");
	CU_ASSERT_STRING_EQUAL(text_of(item(j, 1), "workflow_name"),
	    "nightly & co");
	CU_ASSERT(json_is_null(json_object_get(item(j, 1), "stream")));
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(item(j, 1),
	    "seq")), 2);
	CU_ASSERT_STRING_EQUAL(text_of(json_array_get(json_object_get(
	    json_object_get(item(j, 1), "payload"), "list"), 1), "a"),
	    "\xc3\xa9");
	CU_ASSERT(json_is_null(json_object_get(j, "next")));
	json_decref(j);
	j = list("after=1");
	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "items")), 1);
	json_decref(j);
}

static void
in_xml_a_payload_is_text(void)
{
	struct visit v = call("POST", "<event><type>note</type><payload>"
	    "{\"a\": \"&lt;b&gt;\"}</payload></event>");

	v.type = "application/xml";
	v.accept = "application/xml";
	ASSERT_ANSWER(&v, 201, "<seq>3</seq>");
	v.method = "GET";
	v.body = NULL;
	v.query = "after=2";
	ASSERT_ANSWER(&v, 200,
	    "<payload>{&quot;a&quot;: &quot;&lt;b&gt;&quot;}</payload>");
	v.method = "POST";
	v.query = "";
	v.body = "<event><type>note</type><payload><a/></payload></event>";
	ASSERT_ANSWER(&v, 422, "member_type_invalid");
	visit_free(&v);
}

static void
a_secret_is_masked_in_what_is_stored_and_in_what_was(void)
{
	struct visit v = call("PUT", "{\"value\":\"" VALUE "\"}");
	json_t * j;

	post("{\"type\":\"note\",\"payload\":{\"before\":\"" VALUE "\"}}", 201,
	    "\"masked_known\":0");
	v.path = "/api/v1/secrets/instance/events/value";
	ASSERT_ANSWER(&v, 201, NULL);
	visit_free(&v);
	post("{\"type\":\"note\",\"payload\":{\"after\":\"is " VALUE "\"}}",
	    201, "\"masked_known\":1");
	j = list("after=3");
	CU_ASSERT(strncmp(text_of(json_object_get(item(j, 0), "payload"),
	    "before"), "[REDACTED:secret:", 17) == 0);
	CU_ASSERT(strncmp(text_of(json_object_get(item(j, 1), "payload"),
	    "after"), "is [REDACTED:secret:", 20) == 0);
	json_decref(j);
}

static void
chunks_say_which_one_is_awaited(void)
{

	post("{\"type\":\"output\",\"stream\":\"tty\",\"payload\":{\"chunk\":"
	    "\"one " "\\u001b[31m\\n\",\"n\":0}}", 201, "\"next_chunk\":1");
	post("{\"type\":\"output\",\"stream\":\"tty\",\"payload\":{\"chunk\":"
	    "\"three\",\"n\":2}}", 409, "\"next_chunk\":1");
	post("{\"type\":\"output\",\"stream\":\"tty\",\"payload\":{\"chunk\":"
	    "\"one " "\\u001b[31m\\n\",\"n\":0}}", 201, "\"events\":0");
	post("{\"type\":\"output\",\"stream\":\"tty\",\"payload\":{\"chunk\":"
	    "\"two\",\"n\":1,\"end\":true}}", 201, "\"next_chunk\":2");
	post("{\"type\":\"output\",\"stream\":\"tty\",\"payload\":{\"chunk\":"
	    "\"four\",\"n\":2}}", 409, "event_stream_ended");
}

static void
what_is_no_event_is_refused_by_field(void)
{
	static const struct {
		const char * body;
		int status;
		const char * text;
	} bad[] = {
		{ "{}", 422, "\"field\":\"type\"" },
		{ "{\"type\":\"Big\"}", 422, "event_invalid" },
		{ "{\"type\":\"a\",\"payload\":\"{}\"}", 422,
		    "member_type_invalid" },
		{ "{\"type\":\"a\",\"payload\":7}", 422,
		    "member_type_invalid" },
		{ "{\"type\":\"a\",\"payload\":[1]}", 400,
		    "event_payload_malformed" },
		{ "{\"type\":\"a\",\"payload\":{\"a\":}}", 400,
		    "event_payload_malformed" },
		{ "{\"type\":\"a\",\"payload\":{\"a\":[}}", 400,
		    "body_malformed" },
		{ "{\"type\":\"a\",\"stream\":\"s\"}", 400,
		    "event_payload_malformed" },
		{ "{\"type\":\"a\",\"stream\":\"s\",\"payload\":{}}", 422,
		    "\"field\":\"payload\"" },
		{ "{\"type\":\"a\",\"stream\":\"s\",\"payload\":{\"chunk\":"
		    "\"x\",\"n\":-1}}", 422, "\"field\":\"payload\"" },
		{ "{\"type\":\"a\",\"stream\":\"s\",\"payload\":{\"chunk\":"
		    "\"x\",\"more\":1}}", 422, "event_invalid" },
		{ "{\"type\":\"a\",\"stream\":\"s\",\"payload\":{\"chunk\":"
		    "\"\\ud800\"}}", 400, "event_payload_malformed" },
		{ "{\"type\":\"a\",\"stream\":\"s/t\",\"payload\":{\"chunk\":"
		    "\"x\"}}", 422, "\"field\":\"stream\"" },
		{ "{\"type\":\"a\",\"value\":\"x\"}", 422,
		    "plaintext_secret_persistence_blocked" },
		{ "{\"type\":\"approval_granted\"}", 403,
		    "approval_needs_person" },
		{ "{\"type\":\"approval_rejected\"}", 403,
		    "approval_needs_person" },
		{ "{\"type\":\"run_started\"}", 409,
		    "run_transition_invalid" },
	};

	for (size_t i = 0; i < COUNTOF(bad); i++)
		post(bad[i].body, bad[i].status, bad[i].text);
}

static void
a_list_goes_on_by_number(void)
{
	json_t * j = list("limit=2");
	struct visit v = call("GET", NULL);

	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "items")), 2);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(j, "next")), 2);
	json_decref(j);
	v.query = "after=x";
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	v.query = "after=99999999999999999999";
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	v.query = "limit=0";
	ASSERT_ANSWER(&v, 422, "cursor_invalid");
	visit_free(&v);
}

/* Payloads of some size each: an answer ends before it is too large. */
static void
an_answer_is_bounded_by_bytes(void)
{
	char * body = malloc(120000);
	json_t * j;

	must(body != NULL);
	(void)snprintf(body, 120000, "{\"type\":\"large\",\"payload\":{\"a\":"
	    "\"%0100000d\"}}", 0);
	for (unsigned i = 0; i < 5; i++)
		post(body, 201, NULL);
	free(body);
	j = list("after=7&limit=200");
	CU_ASSERT_EQUAL(json_array_size(json_object_get(j, "items")), 2);
	CU_ASSERT(json_is_integer(json_object_get(j, "next")));
	json_decref(j);
}

static void
a_key_of_another_project_gets_nothing(void)
{
	struct visit v = call("GET", NULL);

	v.authorization = other;
	ASSERT_ANSWER(&v, 403, NULL);
	CU_ASSERT_FALSE(visit_has(&v, "step_started"));
	v.method = "POST";
	v.body = "{\"type\":\"note\"}";
	v.type = "application/json";
	ASSERT_ANSWER(&v, 403, NULL);
	visit_free(&v);
}

/* A program may ask, and give up; a person lets it go on. */
static void
a_key_does_not_grant_itself_an_approval(void)
{
	struct visit v = call("PATCH", "{\"status\":\"running\"}");
	char path[120];
	struct sr_id id;

	post("{\"type\":\"approval_requested\"}", 201, NULL);
	(void)snprintf(path, sizeof(path), "/api/v1/runs/%s", run_id);
	v.path = path;
	ASSERT_ANSWER(&v, 403, "approval_needs_person");
	visit_free(&v);
	post("{\"type\":\"run_started\"}", 403, "approval_needs_person");
	post("{\"type\":\"approval_granted\"}", 403,
	    "approval_needs_person");
	post("{\"type\":\"note\"}", 201, NULL);
	CU_ASSERT_TRUE_FATAL(sr_id_parse(run_id, &id));
	ASSERT_ERR(run_move(&visit_house.store, &id, RUN_RUNNING, 15, NULL),
	    SR_OK);
	CU_ASSERT(house_sql_is(&visit_house, "0", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'RUN_DECIDE'"));
}

/* A lost reply is asked for again. */
static void
a_repeated_event_is_stored_once(void)
{
	struct visit v = call("POST", "{\"type\":\"again\",\"payload\":"
	    "{\"n\":1}}");
	char first[64];
	json_t * j;

	v.idempotency_key = "11111111-2222-4333-8444-555555555555";
	ASSERT_ANSWER(&v, 201, "\"events\":1");
	j = api_json(&v);
	(void)snprintf(first, sizeof(first), "\"seq\":%d,\"events\":1,",
	    (int)json_integer_value(json_object_get(j, "seq")));
	json_decref(j);
	post("{\"type\":\"between\"}", 201, NULL);
	ASSERT_ANSWER(&v, 201, first);
	v.body = "{\"type\":\"again\",\"payload\":{\"n\":2}}";
	ASSERT_ANSWER(&v, 422, "idempotency_key_reused");
	v.idempotency_key = "short";
	ASSERT_ANSWER(&v, 400, "idempotency_key_invalid");
	visit_free(&v);
	CU_ASSERT(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " run_event WHERE type = 'again'"));
}

/* What is refused for good is a sign of life all the same. */
static void
a_full_run_says_so(void)
{

	CU_ASSERT(house_do(&visit_house, "UPDATE run SET event_bytes ="
	    " 268435456, heartbeat_at = '2020-01-01'"));
	post("{\"type\":\"note\"}", 409, "run_events_limit_reached");
	CU_ASSERT(house_sql_is(&visit_house, "1", "SELECT heartbeat_at >"
	    " '2020-01-02' FROM run"));
	CU_ASSERT(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " run_event WHERE type = 'limit_reached'"));
}

static void
an_ended_run_takes_nothing(void)
{

	post("{\"type\":\"run_completed\",\"payload\":{\"ok\":true}}", 201,
	    NULL);
	post("{\"type\":\"note\"}", 409, "run_finished");
}

static const struct suite_test tests[] = {
	TEST(an_event_is_posted_and_listed),
	TEST(in_xml_a_payload_is_text),
	TEST(a_secret_is_masked_in_what_is_stored_and_in_what_was),
	TEST(chunks_say_which_one_is_awaited),
	TEST(what_is_no_event_is_refused_by_field),
	TEST(a_list_goes_on_by_number),
	TEST(an_answer_is_bounded_by_bytes),
	TEST(a_key_of_another_project_gets_nothing),
	TEST(a_key_does_not_grant_itself_an_approval),
	TEST(a_repeated_event_is_stored_once),
	TEST(a_full_run_says_so),
	TEST(an_ended_run_takes_nothing),
};

SUITE_MAIN("cgi/api_event", tests, open_site, close_site)
