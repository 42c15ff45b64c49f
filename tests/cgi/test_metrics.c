/* /metrics: what Prometheus reads, and that it tells of all workers. */

#include "core/redact/redact.h"
#include "tests/cgi/api_visit.h"

static char * bearer;

static void
scraped(struct visit * v)
{

	if (visit_session[0] == '\0')
		visit_sign_in();
	if (bearer == NULL)
		bearer = api_bearer("metrics:read", NULL, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bearer);
	*v = (struct visit){ .path = "/metrics", .authorization = bearer,
	    .answer = v->answer };
	(void)visit(v);
	CU_ASSERT_EQUAL_FATAL(visit_status(v), 200);
}

/* The value of the series ${text}, or -1. */
static long
value_of(const struct visit * v, const char * text)
{
	char * line = text_format("\n%s ", text);
	const char * p = strstr(visit_body(v), line);
	long n = p == NULL ? -1 : strtol(p + strlen(line), NULL, 10);

	free(line);
	return (n);
}

static void
requests_are_counted_by_route_and_status(void)
{
	struct visit v = { 0 }, missing = { .path = "/no/such/page" };
	long before, after;

	scraped(&v);
	CU_ASSERT_TRUE(visit_has(&v,
	    "Content-Type: text/plain; version=0.0.4"));
	before = value_of(&v,
	    "strongroom_requests_total{route=\"\",code=\"4xx\"}");
	(void)visit(&missing);
	visit_free(&missing);
	scraped(&v);
	after = value_of(&v,
	    "strongroom_requests_total{route=\"\",code=\"4xx\"}");
	CU_ASSERT_EQUAL(after, (before < 0 ? 0 : before) + 1);
	CU_ASSERT(value_of(&v, "strongroom_requests_total{route=\"/metrics\","
	    "code=\"2xx\"}") >= 1);
	visit_free(&v);
}

static void
every_line_has_the_format_and_every_metric_its_type_once(void)
{
	struct visit v = { 0 };
	char * text, * line, * save = NULL;
	const char * end;
	unsigned types = 0;
	size_t len;

	scraped(&v);
	text = strdup(visit_body(&v));
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_EQUAL(text[strlen(text) - 1], '\n');
	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "# TYPE ", 7) == 0) {
			char * again = text_format("%s\n", line);

			types++;
			CU_ASSERT_PTR_NULL(strstr(strstr(visit_body(&v),
			    again) + 1, again));
			free(again);
			continue;
		}
		if (strncmp(line, "# HELP ", 7) == 0)
			continue;
		len = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
		CU_ASSERT(strncmp(line, "strongroom_", 11) == 0);
		CU_ASSERT(line[len] == ' ' || line[len] == '{');
		end = strrchr(line, ' ');
		CU_ASSERT_PTR_NOT_NULL_FATAL(end);
		CU_ASSERT_EQUAL(strspn(end + 1, "0123456789."),
		    strlen(end + 1));
	}
	CU_ASSERT(types >= 15);
	free(text);
	visit_free(&v);
}

/* A histogram's buckets hold those before them, and end with all. */
static void
the_histogram_adds_up(void)
{
	struct visit v = { 0 };
	long last, count;

	scraped(&v);
	last = value_of(&v,
	    "strongroom_request_duration_seconds_bucket{le=\"+Inf\"}");
	count = value_of(&v, "strongroom_request_duration_seconds_count");
	CU_ASSERT(last > 0);
	CU_ASSERT_EQUAL(last, count);
	CU_ASSERT(value_of(&v,
	    "strongroom_request_duration_seconds_bucket{le=\"0.005\"}") <=
	    last);
	CU_ASSERT_PTR_NOT_NULL(strstr(visit_body(&v),
	    "\nstrongroom_request_duration_seconds_sum "));
	visit_free(&v);
}

static void
what_another_worker_counted_is_told_too(void)
{
	struct worker other = { .redact = visit_worker.redact };
	struct visit v = { 0 };
	long before;

	scraped(&v);
	before = value_of(&v, "strongroom_requests_total{route=\"/login\","
	    "code=\"5xx\"}");
	ASSERT_ERR_FATAL(meter_new(&other.meter), SR_OK);
	meter_request(other.meter, ROUTE_LOGIN_SHOW, 503, 3);
	ASSERT_ERR_FATAL(meter_flush(&other, visit_db), SR_OK);
	/* Again: what was added once is not added twice. */
	ASSERT_ERR_FATAL(meter_flush(&other, visit_db), SR_OK);
	meter_free(&other.meter);
	scraped(&v);
	CU_ASSERT_EQUAL(value_of(&v, "strongroom_requests_total{route="
	    "\"/login\",code=\"5xx\"}"), (before < 0 ? 0 : before) + 1);
	visit_free(&v);
}

static void
redactions_and_their_failures_are_counted_by_channel(void)
{
	static const char token[] = "gh" "p_"
	    "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade";
	struct redact * r = visit_worker.redact;
	struct redacted * t = NULL;
	struct visit v = { 0 };
	long before;

	scraped(&v);
	before = value_of(&v, "strongroom_redaction_failures_total{channel="
	    "\"prompt\",cause=\"stale\"}");
	CU_ASSERT_EQUAL(before, 0);
	ASSERT_ERR_FATAL(redact_text(r, REDACT_PROMPT, token, strlen(token),
	    NULL, &t), SR_OK);
	redacted_free(&t);
	redact_mark(r, REDACT_STALE);
	ASSERT_ERR(redact_text(r, REDACT_PROMPT, "x", 1, NULL, &t),
	    SR_E_PROMPT_REDACTION_FAILED);
	scraped(&v);
	CU_ASSERT_EQUAL(value_of(&v, "strongroom_redaction_failures_total{"
	    "channel=\"prompt\",cause=\"stale\"}"), 1);
	CU_ASSERT_EQUAL(value_of(&v, "strongroom_rule_redactions_total{"
	    "channel=\"prompt\",rule=\"github_token\"}"), 1);
	CU_ASSERT(value_of(&v, "strongroom_redactions_total{channel="
	    "\"prompt\",kind=\"rule\"}") >= 1);
	visit_free(&v);
}

static void
the_state_of_things_is_told(void)
{
	struct visit v = { 0 };

	scraped(&v);
	CU_ASSERT_EQUAL(value_of(&v, "strongroom_check{check=\"database\"}"),
	    1);
	CU_ASSERT_EQUAL(value_of(&v, "strongroom_check{check=\"root_key\"}"),
	    1);
	CU_ASSERT_EQUAL(value_of(&v, "strongroom_provider_credentials{"
	    "provider=\"anthropic\",status=\"not_set\"}"), 1);
	CU_ASSERT_EQUAL(value_of(&v, "strongroom_provider_credentials{"
	    "provider=\"anthropic\",status=\"active\"}"), 0);
	CU_ASSERT_EQUAL(value_of(&v, "strongroom_leases_held"), 0);
	CU_ASSERT(value_of(&v, "strongroom_secrets{state=\"active\"}") >= 0);
	CU_ASSERT(value_of(&v, "strongroom_audit_unsealed_rows") >= 1);
	visit_free(&v);
}

/* No key, another scope, no session: nothing is told. */
static void
who_may_not_read_them_is_told_nothing(void)
{
	char * wrong = api_bearer("audit:read", NULL, NULL);
	struct visit v = { .path = "/metrics" };

	(void)visit(&v);
	CU_ASSERT(visit_status(&v) == 401 || visit_status(&v) == 303);
	CU_ASSERT_FALSE(visit_has(&v, "strongroom_requests_total"));
	v.authorization = wrong;
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 403);
	CU_ASSERT_FALSE(visit_has(&v, "strongroom_requests_total"));
	free(wrong);
	visit_free(&v);
}

static int
close_all(void)
{

	free(bearer);
	return (visit_close());
}

static const struct suite_test tests[] = {
	TEST(requests_are_counted_by_route_and_status),
	TEST(every_line_has_the_format_and_every_metric_its_type_once),
	TEST(the_histogram_adds_up),
	TEST(what_another_worker_counted_is_told_too),
	TEST(redactions_and_their_failures_are_counted_by_channel),
	TEST(the_state_of_things_is_told),
	TEST(who_may_not_read_them_is_told_nothing),
};

SUITE_MAIN("cgi/metrics", tests, visit_open, close_all)
