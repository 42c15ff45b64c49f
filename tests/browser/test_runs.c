/*
 * Goal: projects and runs in a real browser. Without JavaScript the page is as
 * of when it was made; with it, what follows appears by itself, masked.
 * ST-SEC-005, ST-SEC-006. Pictures are kept under build/screenshots.
 */

#include "tests/browser/picture.h"
#include "tests/harness/http.h"
#include "tests/harness/mariadb.h"

#define VALUE	"browser-run-vaLue-0123456789-qwerty"
#define GUESS	"browser-guess-vaLue-of-nobody-55321"
/* What may go on is held back; so much more, and it cannot. */
#define MORE	"a line that follows, and says nothing of note 0123456789\\n" \
    "a line that follows, and says nothing of note 0123456789\\n"

#define TOKEN	"gh" "p_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

static struct http * owner;
static struct http * program;
static char project[64];	/* Ids. */
static char run[64];
static char run_page[256];

static int
begin(void)
{

	if (start() != 0)
		return (-1);
	program = instance_client(inst);
	return (program == NULL ? -1 : 0);
}

static int
end(void)
{

	http_free(&owner);
	http_free(&program);
	return (stop());
}

static void
give_key(void)
{
	char * out = NULL, * err = NULL, * line;
	const char * key;

	CU_ASSERT_EQUAL_FATAL(instance_operator(inst, INSTANCE_ARGS("apikey",
	    "create", "--name", "browser/agent", "--scope", "runs:write",
	    "--json"), NULL, &out, &err), 0);
	key = strstr(out, "\"key\":\"");
	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	line = text_format("Authorization: Bearer %.53s",
	    key + strlen("\"key\":\""));
	http_header(program, line);
	free(line);
	free(out);
	free(err);
}

/* The program's call; the value of the member ${name} of its answer. */
static void
call(const char * method, const char * path, const char * body, long status,
    const char * name, char * out, size_t size)
{
	struct http_reply * r = http_request(program, method, path,
	    "application/json", body, strlen(body));
	char * member = text_format("\"%s\":\"", name);
	const char * p = strstr(r->body, member);

	if (r->status != status)
		suite_note("%s %s: %ld %s", method, path, r->status, r->body);
	CU_ASSERT_EQUAL_FATAL(r->status, status);
	if (out != NULL) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		p += strlen(member);
		(void)snprintf(out, size, "%.*s", (int)strcspn(p, "\""), p);
	}
	free(member);
	http_reply_free(&r);
}

static void
event(const char * body)
{
	char * path = text_format("/api/v1/runs/%s/events", run);

	call("POST", path, body, 201, "", NULL, 0);
	free(path);
}

static void
a_project_is_made_and_bound(void)
{
	char * url;

	CU_ASSERT_PTR_NOT_NULL_FATAL(owner = walk_in(inst));
	CU_ASSERT_TRUE(walk_stored(owner, "integration", "providers/agent_key",
	    VALUE));
	CU_ASSERT_TRUE(walk_stored(owner, "instance", "not/bound", GUESS));
	sign_in_there();
	press("header a[href$='/projects']");
	arrives("#project-form");
	type_into("project[name]", "Web shop");
	type_into("project[slug]", "web-shop");
	type_into("project[description]", "What sells");
	press("#project-form button");
	arrives("#project-binding-form");
	picture("project-new");
	type_into("binding[variable]", "AGENT_KEY");
	type_into("binding[name]", "providers/agent_key");
	press("#project-binding-form button");
	arrives("#project-binding-AGENT_KEY");
	CU_ASSERT(source_is_free_of(VALUE));
	url = webdriver_text(w, "#project-id");
	CU_ASSERT_PTR_NOT_NULL_FATAL(url);
	(void)snprintf(project, sizeof(project), "%s", url);
	free(url);
}

static void
st_sec_006_ac2_the_page_of_a_run_shows_masks(void)
{
	char * path = text_format("/api/v1/projects/%s/runs", project);

	give_key();
	call("POST", path, "{\"workflow_name\":\"deploy\","
	    "\"workflow_version\":\"v1.4\",\"trigger\":\"push\"}", 201, "id",
	    run, sizeof(run));
	free(path);
	event("{\"type\":\"step_started\",\"step\":\"build\",\"payload\":{}}");
	event("{\"type\":\"step_completed\",\"step\":\"build\",\"payload\":"
	    "{\"log\":\"used " VALUE " and " TOKEN "\"}}");
	event("{\"type\":\"output\",\"stream\":\"stdout\",\"payload\":"
	    "{\"chunk\":\"\\u001b[32mok\\u001b[0m " VALUE "\\n" MORE "\"}}");
	(void)snprintf(run_page, sizeof(run_page), "/projects/%s/runs/%s",
	    project, run);
	go(run_page);
	arrives("#run-events tbody tr");
	CU_ASSERT(shows("#run-events",
	    "[REDACTED:integration/providers/agent_key@1"));
	CU_ASSERT(shows("#run-events", "[REDACTED:github_token"));
	CU_ASSERT(shows("#run-output pre", "ok [REDACTED:"));
	CU_ASSERT(shows("#run-steps", "completed"));
	CU_ASSERT(shows("#run-status", "running"));
	CU_ASSERT(shows("#run-leases", "providers/agent_key"));
	CU_ASSERT(shows("#run-masked", "known"));
	CU_ASSERT(source_is_free_of(VALUE));
	CU_ASSERT(source_is_free_of(TOKEN));
	CU_ASSERT_FALSE(webdriver_has(w, "#run-security-alert"));
	picture("run");
}

static void
st_sec_006_ac3_the_page_of_a_run_raises_the_alert(void)
{

	event("{\"type\":\"note\",\"payload\":{\"guess\":\"" GUESS "\"}}");
	press("#run-refresh");
	arrives("#run-security-alert");
	CU_ASSERT(shows("#run-security-alert", "guessing"));
	CU_ASSERT(shows("#run-events", "[REDACTED:secret"));
	CU_ASSERT(source_is_free_of(GUESS));
	picture("run-alert");
}

static void
what_is_stored_on_settings_is_masked_too(void)
{

	go("/settings/security");
	CU_ASSERT(source_is_free_of(VALUE));
	CU_ASSERT(source_is_free_of(GUESS));
	picture("run-settings");
}

/* From here on with JavaScript. */
static void
st_sec_005_ac2_events_appear_live_in_order(void)
{
	static const struct webdriver_options options = { .no_script = false };
	char * text, * order;

	webdriver_end(&w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w = webdriver_start(&options));
	sign_in_there();
	go(run_page);
	CU_ASSERT_EQUAL_FATAL(webdriver_wait(w, "#run-events tbody tr", WAIT),
	    0);
	event("{\"type\":\"step_started\",\"step\":\"ship\",\"payload\":{}}");
	event("{\"type\":\"live\",\"payload\":{\"key\":\"" VALUE "\"}}");
	event("{\"type\":\"output\",\"stream\":\"stdout\",\"payload\":"
	    "{\"chunk\":\"live " VALUE "\\n" MORE "\"}}");
	/* Titles, colours, a bell: marks of a terminal are text, and join
	 * nothing that they part. */
	event("{\"type\":\"output\",\"stream\":\"esc\",\"payload\":"
	    "{\"chunk\":\"\\u001b]0;owned\\u0007first-\\u001b[31mpart\\u001b[2J"
	    "\\n" MORE "\\n\"}}");
	event("{\"type\":\"step_failed\",\"step\":\"ship\",\"payload\":{}}");
	arrives("#run-steps li[data-step='ship'].failed");
	CU_ASSERT(shows("#run-output pre[data-stream='esc']",
	    "first-\xe2\x90\x9b[31mpart\xe2\x90\x9b[2J"));
	CU_ASSERT_FALSE(shows("#run-output pre[data-stream='esc']", "\x1b"));
	CU_ASSERT(shows("#run-live", "Live"));
	CU_ASSERT(shows("#run-events", "live"));
	CU_ASSERT(shows("#run-output pre", "live [REDACTED:"));
	order = webdriver_script(w, "var s = [].map.call(document."
	    "querySelectorAll('#run-event-rows tr'), function (r) { return "
	    "Number(r.id.slice(10)); }); return String(s.every(function (n, i)"
	    " { return i === 0 || n === s[i - 1] - 1; }) && s[s.length - 1] "
	    "=== 1);");
	CU_ASSERT_PTR_NOT_NULL_FATAL(order);
	CU_ASSERT_STRING_EQUAL(order, "true");
	free(order);
	text = webdriver_script(w,
	    "return document.documentElement.outerHTML;");
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NULL(strstr(text, VALUE));
	free(text);
	picture("run-live");
}

static void
the_end_of_a_run_ends_the_live_page(void)
{

	event("{\"type\":\"run_completed\",\"payload\":{}}");
	arrives("#run-status .run-completed");
	CU_ASSERT_EQUAL(webdriver_wait(w, "#run-event-rows tr", WAIT), 0);
	CU_ASSERT(shows("#run-live", "ended"));
}

/* Text that looks like markup stays text. */
static void
markup_in_an_event_is_text(void)
{
	char * path = text_format("/api/v1/projects/%s/runs", project);

	call("POST", path, "{\"workflow_name\":\"<i>wf</i>\","
	    "\"workflow_version\":\"v1\",\"trigger\":\"push\"}", 201, "id",
	    run, sizeof(run));
	free(path);
	(void)snprintf(run_page, sizeof(run_page), "/projects/%s/runs/%s",
	    project, run);
	event("{\"type\":\"note\",\"payload\":{\"x\":\"<img src=x id=first>"
	    "\"}}");
	go(run_page);
	arrives("#run-event-2, #run-event-1");
	event("{\"type\":\"note\",\"step\":\"<b id=second>\",\"payload\":"
	    "{\"x\":\"</code><script id=third>document.title='owned'"
	    "</script>\"}}");
	CU_ASSERT_EQUAL(webdriver_wait(w, "#run-event-rows tr:nth-child(2)",
	    WAIT), 0);
	CU_ASSERT_FALSE(webdriver_has(w, "#first, #second, #third"));
	CU_ASSERT(shows("#run-name", "<i>wf</i>"));
}

static void
an_operator_stops_a_run_on_its_page(void)
{

	press("#run-confirm");
	press("#run-cancel");
	arrives("#notice");
	CU_ASSERT(shows("#run-status", "cancelled"));
}

static const struct suite_test tests[] = {
	TEST(a_project_is_made_and_bound),
	TEST(st_sec_006_ac2_the_page_of_a_run_shows_masks),
	TEST(st_sec_006_ac3_the_page_of_a_run_raises_the_alert),
	TEST(what_is_stored_on_settings_is_masked_too),
	TEST(st_sec_005_ac2_events_appear_live_in_order),
	TEST(the_end_of_a_run_ends_the_live_page),
	TEST(markup_in_an_event_is_text),
	TEST(an_operator_stops_a_run_on_its_page),
};

SUITE_MAIN("browser/runs", tests, begin, end)
