#include <sys/socket.h>

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <jansson.h>

#include "core/log/log.h"
#include "core/redact/alloc_internal.h"
#include "tests/core/redact/kit.h"

#define HUB	"ghp" "_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

/* This program's own, so that it can fail; by thread, for the last test. */
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

/*
 * The log's descriptor is one end of a socket that keeps each write(2) apart:
 * one read is one line, or lines are not written as they should.
 */
static int ends[2] = { -1, -1 };
static char line[1024 * 1024];

static int
setup(void)
{
	int size = 4 * 1024 * 1024;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
		return (1);
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return (0);
}

static int
teardown(void)
{

	(void)close(ends[0]);
	(void)close(ends[1]);
	return (0);
}

/* The next line, as JSON; it must be one whole object. */
static json_t *
next(void)
{
	ssize_t n = recv(ends[1], line, sizeof(line) - 1, MSG_DONTWAIT);
	json_t * o;

	CU_ASSERT_FATAL(n > 1);
	line[n] = '\0';
	CU_ASSERT_EQUAL(line[n - 1], '\n');
	CU_ASSERT_PTR_EQUAL(strchr(line, '\n'), &line[n - 1]);
	o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	if (o == NULL)
		suite_note("no JSON: %s", line);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	return (o);
}

static void
no_more(void)
{

	CU_ASSERT_EQUAL(recv(ends[1], line, sizeof(line), MSG_DONTWAIT), -1);
	CU_ASSERT_EQUAL(errno, EAGAIN);
}

static bool
is(json_t * o, const char * key, const char * value)
{
	const char * got = json_string_value(json_object_get(o, key));

	if (got == NULL || strcmp(got, value) != 0)
		suite_note("%s is '%s', not '%s'", key, got == NULL ? "(none)" :
		    got, value);
	return (got != NULL && strcmp(got, value) == 0);
}

/* The next line is the alert about ${event}. */
static void
expect_alert(const char * event, const char * cause)
{
	json_t * o = next();

	CU_ASSERT(is(o, "level", "alert"));
	CU_ASSERT(is(o, "event", "redaction_failed"));
	CU_ASSERT(is(o, "of", event));
	CU_ASSERT(is(o, "cause", cause));
	json_decref(o);
}

static struct redact *
open_ready(void)
{
	struct redact * r = kit_ready();

	kit_know(r, 1, "hunter2!");
	log_open(r, ends[0]);
	return (r);
}

static void
close_log(struct redact ** r)
{

	log_open(NULL, ends[0]);
	redact_free(r);
}

static void
a_line_is_one_json_object(void)
{
	struct redact * r = open_ready();
	struct sr_id id = kit_id(7);
	json_t * o;
	sr_time t;

	LOG(REQUEST, log_id("id", id), log_u64("status", 200),
	    log_i64("delta", -5), log_error(SR_E_SECRET_NOT_FOUND),
	    log_const("method", "GET"), log_name("name", "a/b"),
	    log_text("path", "/x \"y\"\n"), log_text("none", NULL));
	o = next();
	CU_ASSERT(is(o, "level", "info"));
	CU_ASSERT(is(o, "event", "request"));
	CU_ASSERT(is(o, "id", "01000000-0000-0000-0700-000000000000"));
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "status")), 200);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "delta")), -5);
	CU_ASSERT(is(o, "error", "secret_not_found"));
	CU_ASSERT(is(o, "method", "GET"));
	CU_ASSERT(is(o, "name", "a/b"));
	CU_ASSERT(is(o, "path", "/x \"y\"\n"));
	CU_ASSERT(json_is_null(json_object_get(o, "none")));
	CU_ASSERT_PTR_NULL(json_object_get(o, "correlation_id"));
	CU_ASSERT(clock_parse(json_string_value(json_object_get(o, "time")),
	    &t));
	CU_ASSERT(t <= clock_now() && t > clock_now() - 60 * SR_SECOND);
	json_decref(o);
	LOG0(SCHEMA_CHECKED);
	o = next();
	CU_ASSERT(is(o, "event", "schema_checked"));
	json_decref(o);
	no_more();
	close_log(&r);
}

static void
lines_carry_their_threads_correlation_id(void)
{
	struct redact * r = open_ready();
	struct sr_id id = kit_id(9);
	json_t * o;

	log_correlation(&id);
	LOG0(REQUEST);
	o = next();
	CU_ASSERT(is(o, "correlation_id",
	    "01000000-0000-0000-0900-000000000000"));
	json_decref(o);
	log_correlation(NULL);
	LOG0(REQUEST);
	o = next();
	CU_ASSERT_PTR_NULL(json_object_get(o, "correlation_id"));
	json_decref(o);
	close_log(&r);
}

static void
lines_below_the_level_are_dropped(void)
{
	struct redact * r = open_ready();

	log_set_level(LOG_WARNING);
	LOG0(REQUEST);
	no_more();
	LOG0(SIGN_IN_REFUSED);
	json_decref(next());
	log_set_level(LOG_INFO);
	LOG0(REQUEST);
	json_decref(next());
	close_log(&r);
}

static void
every_event_has_a_name_and_is_no_secret(void)
{
	struct redact * r = open_ready();
	size_t i;

	for (i = 0; i < LOG_EVENT__MAX; i++) {
		CU_ASSERT(strlen(log_event_name((enum log_event)i)) > 2);
		log_write((enum log_event)i,
		    (const struct log_field[]){ { .kind = LOGF_END } });
		json_decref(next());
		no_more();
	}
	close_log(&r);
}

static enum sr_error
failing(void)
{

	return (sr_fail(SR_E_DATABASE_UNAVAILABLE, log_u64("tries", 3)));
}

static void
a_failure_is_logged_where_it_is_detected(void)
{
	struct redact * r = open_ready();
	json_t * o;

	ASSERT_ERR(failing(), SR_E_DATABASE_UNAVAILABLE);
	o = next();
	CU_ASSERT(is(o, "level", "error"));
	CU_ASSERT(is(o, "event", "failure"));
	CU_ASSERT(is(o, "error", "database_unavailable"));
	CU_ASSERT(is(o, "where", "failing"));
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "tries")), 3);
	json_decref(o);
	no_more();
	close_log(&r);
}

static void
st_sec_004_ac1_log_events_pass_redaction_before_they_are_persisted(void)
{
	struct redact * r = open_ready();

	LOG(REQUEST, log_text("query", "user=a&pw=hunter2!&t=" HUB));
	json_decref(next());
	CU_ASSERT_PTR_NULL(strstr(line, "hunter2"));
	CU_ASSERT_PTR_NULL(strstr(line, "R4nd0m"));
	CU_ASSERT_PTR_NOT_NULL(strstr(line, "[REDACTED:instance/known@1:"));
	CU_ASSERT_PTR_NOT_NULL(strstr(line, "[REDACTED:github_token:"));
	/* Names are looked at as well. */
	LOG(REQUEST, log_name("name", HUB));
	json_decref(next());
	CU_ASSERT_PTR_NULL(strstr(line, "R4nd0m"));
	CU_ASSERT_PTR_NOT_NULL(strstr(line, REDACT_SUPPRESSED));
	no_more();
	close_log(&r);
}

static void
st_sec_004_ac2_masked_values_keep_the_context(void)
{
	struct redact * r = open_ready();
	json_t * o;

	LOG(STATEMENT_FAILED, log_u64("errno", 1045),
	    log_text("message", "Access denied for 'app'@'db' (pw: "
	    "\"hunter2!\", again: \"hunter2!\")\nretry in 5 s"));
	o = next();
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "errno")), 1045);
	/* Which secret, the same both times, and all that stood around it. */
	CU_ASSERT(is(o, "message", "Access denied for 'app'@'db' (pw: "
	    "\"[REDACTED:instance/known@1:yf4rjr]\", again: "
	    "\"[REDACTED:instance/known@1:yf4rjr]\")\nretry in 5 s"));
	json_decref(o);
	no_more();
	close_log(&r);
}

static void
st_sec_004_ac3_a_failed_redaction_is_an_alert_and_blocks_raw_output(void)
{
	struct redact * r = open_ready();
	struct sr_id id = kit_id(3);
	json_t * o;

	log_correlation(&id);
	redact_mark(r, REDACT_STALE);
	LOG(REQUEST, log_u64("status", 200), log_name("name", "a/b"),
	    log_text("query", "raw words"));
	o = next();
	CU_ASSERT(is(o, "event", "request"));
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "status")), 200);
	CU_ASSERT(is(o, "name", "a/b"));
	CU_ASSERT(is(o, "query", REDACT_SUPPRESSED));
	json_decref(o);
	o = next();
	CU_ASSERT(is(o, "correlation_id",
	    "01000000-0000-0000-0300-000000000000"));
	CU_ASSERT(is(o, "level", "alert"));
	CU_ASSERT(is(o, "event", "redaction_failed"));
	CU_ASSERT(is(o, "of", "request"));
	CU_ASSERT(is(o, "cause", "stale"));
	json_decref(o);
	log_correlation(NULL);

	redact_lock(r);
	LOG(REQUEST, log_text("query", "raw words"));
	json_decref(next());
	CU_ASSERT_PTR_NULL(strstr(line, "raw words"));
	expect_alert("request", "locked");
	no_more();
	close_log(&r);
}

static void
lines_without_text_pass_in_every_state(void)
{
	struct redact * r = open_ready();

	redact_mark(r, REDACT_STALE);
	LOG(REQUEST, log_u64("status", 200), log_name("name", "a"));
	json_decref(next());
	no_more();
	redact_lock(r);
	LOG(REQUEST, log_u64("status", 200), log_name("name", "a"));
	json_decref(next());
	no_more();
	log_open(NULL, ends[0]);
	LOG(REQUEST, log_u64("status", 200));
	json_decref(next());
	no_more();
	close_log(&r);
}

static void
without_an_engine_text_and_names_are_withheld(void)
{
	json_t * o;

	log_open(NULL, ends[0]);
	LOG(REQUEST, log_text("query", "raw"), log_name("name", "a"));
	o = next();
	CU_ASSERT(is(o, "query", REDACT_SUPPRESSED));
	CU_ASSERT(is(o, "name", REDACT_SUPPRESSED));
	json_decref(o);
	expect_alert("request", "engine");
	no_more();
}

static void
a_secret_across_two_fields_reduces_the_line(void)
{
	struct redact * r = open_ready();
	json_t * o;

	kit_know(r, 2, "a\",\"second\":\"b");
	LOG(REQUEST, log_u64("status", 200), log_text("first", "a"),
	    log_name("second", "b"), log_const("method", "GET"));
	o = next();
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "status")), 200);
	CU_ASSERT(is(o, "method", "GET"));
	CU_ASSERT_PTR_NULL(json_object_get(o, "first"));
	CU_ASSERT_PTR_NULL(json_object_get(o, "second"));
	json_decref(o);
	expect_alert("request", "hit");
	no_more();
	/* Among typed parts: the alert alone is left. */
	kit_know(r, 3, "\"status\":2");
	LOG(REQUEST, log_u64("status", 200));
	expect_alert("request", "hit");
	no_more();
	close_log(&r);
}

static void
a_text_is_cut_but_not_before_it_is_masked(void)
{
	struct redact * r = open_ready();
	static char text[20000];
	const char * got;
	json_t * o;

	memset(text, 'x', sizeof(text) - 1);
	/* Half of it lies behind the cut. */
	memcpy(&text[8192 - 4], "hunter2!", 8);
	LOG(REQUEST, log_text("query", text));
	o = next();
	got = json_string_value(json_object_get(o, "query"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_EQUAL(strlen(got), 8192 + 3);
	CU_ASSERT_PTR_NULL(strstr(got, "hunt"));
	CU_ASSERT_STRING_EQUAL(&got[8192], "\xe2\x80\xa6");
	json_decref(o);
	no_more();
	close_log(&r);
}

static void
a_line_that_is_too_long_is_reduced(void)
{
	struct redact * r = open_ready();
	static char text[8193];
	json_t * o;

	memset(text, '\1', sizeof(text) - 1);
	LOG(REQUEST, log_u64("status", 200), log_text("a", text),
	    log_text("b", text), log_text("c", text), log_text("d", text),
	    log_text("e", text), log_text("f", text));
	o = next();
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "status")), 200);
	CU_ASSERT_PTR_NULL(json_object_get(o, "a"));
	json_decref(o);
	expect_alert("request", "limit");
	no_more();
	close_log(&r);
}

static void
the_line_that_needs_no_memory_is_the_last_resort(void)
{
	struct redact * r = open_ready();
	json_t * o;

	allocs_left = 0;
	LOG(REQUEST, log_u64("status", 200), log_text("query", "raw words"));
	allocs_left = -1;
	o = next();
	CU_ASSERT(is(o, "level", "alert"));
	CU_ASSERT(is(o, "event", "redaction_failed"));
	CU_ASSERT(is(o, "cause", "line_not_composed"));
	json_decref(o);
	no_more();
	close_log(&r);
}

static void
every_lack_of_memory_leaves_a_line_and_no_text(void)
{
	struct redact * r;
	ssize_t n;
	int i, lines;
	bool whole = false;

	for (i = 0; i < 20 && !whole; i++) {
		r = open_ready();
		allocs_left = i;
		LOG(REQUEST, log_u64("status", 200),
		    log_text("query", "pw hunter2! raw"));
		allocs_left = -1;
		for (lines = 0;; lines++) {
			n = recv(ends[1], line, sizeof(line) - 1,
			    MSG_DONTWAIT);
			if (n < 0)
				break;
			line[n] = '\0';
			CU_ASSERT_PTR_NULL(strstr(line, "hunter2"));
			whole = strstr(line, "pw [REDACTED:") != NULL;
		}
		CU_ASSERT(lines >= 1 && lines <= 2);
		close_log(&r);
	}
	CU_ASSERT(whole && i > 3);
}

static void
a_closed_pipe_is_survived(void)
{
	struct redact * r = open_ready();

	log_open(r, -1);
	LOG(REQUEST, log_u64("status", 200));
	close_log(&r);
	no_more();
}

#define THREADS		4
#define LINES		200

static void *
writing(void * cookie)
{
	struct sr_id id = kit_id(*(unsigned *)cookie);
	unsigned i;

	log_correlation(&id);
	for (i = 0; i < LINES; i++)
		LOG(REQUEST, log_u64("n", i),
		    log_text("query", "pw=hunter2! and more"));
	return (NULL);
}

static void *
reading(void * cookie)
{
	size_t * bad = cookie;
	size_t i;
	ssize_t n;

	for (i = 0; i < THREADS * LINES; i++) {
		n = recv(ends[1], line, sizeof(line) - 1, 0);
		if (n <= 0 || line[0] != '{' || line[n - 1] != '\n')
			(*bad)++;
		line[n < 0 ? 0 : n] = '\0';
		if (strstr(line, "hunter2") != NULL ||
		    strstr(line, "yf4rjr] and more\"}") == NULL)
			(*bad)++;
	}
	return (NULL);
}

static void
threads_write_whole_lines(void)
{
	struct redact * r = open_ready();
	pthread_t threads[THREADS], reader;
	unsigned ids[THREADS];
	size_t bad = 0, i;

	CU_ASSERT_EQUAL_FATAL(pthread_create(&reader, NULL, reading, &bad), 0);
	for (i = 0; i < THREADS; i++) {
		ids[i] = (unsigned)i;
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL,
		    writing, &ids[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_join(reader, NULL);
	CU_ASSERT_EQUAL(bad, 0);
	no_more();
	close_log(&r);
}

static const struct suite_test tests[] = {
	TEST(a_line_is_one_json_object),
	TEST(lines_carry_their_threads_correlation_id),
	TEST(lines_below_the_level_are_dropped),
	TEST(every_event_has_a_name_and_is_no_secret),
	TEST(a_failure_is_logged_where_it_is_detected),
	TEST(st_sec_004_ac1_log_events_pass_redaction_before_they_are_persisted),
	TEST(st_sec_004_ac2_masked_values_keep_the_context),
	TEST(st_sec_004_ac3_a_failed_redaction_is_an_alert_and_blocks_raw_output),
	TEST(lines_without_text_pass_in_every_state),
	TEST(without_an_engine_text_and_names_are_withheld),
	TEST(a_secret_across_two_fields_reduces_the_line),
	TEST(a_text_is_cut_but_not_before_it_is_masked),
	TEST(a_line_that_is_too_long_is_reduced),
	TEST(the_line_that_needs_no_memory_is_the_last_resort),
	TEST(every_lack_of_memory_leaves_a_line_and_no_text),
	TEST(a_closed_pipe_is_survived),
	TEST(threads_write_whole_lines),
};

SUITE_MAIN("core/log/log", tests, setup, teardown)
