#include <pthread.h>

#include "tests/core/log/kit.h"

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

/* Digests, keys and signatures, and times other than the line's. */
static void
bytes_are_hexadecimal_and_times_are_rfc_3339(void)
{
	static const uint8_t bytes[64] = { 0x00, 0xff, 0x1a };
	struct redact * r = open_ready();
	json_t * o;

	LOG(REQUEST, log_hex("root", bytes, 4), log_hex("none", bytes, 0),
	    log_hex("signature", bytes, sizeof(bytes)),
	    log_time("made_at", INT64_C(1234567)));
	o = next();
	CU_ASSERT(is(o, "root", "00ff1a00"));
	CU_ASSERT(is(o, "none", ""));
	CU_ASSERT_EQUAL(json_string_length(json_object_get(o, "signature")),
	    128);
	CU_ASSERT(is(o, "made_at", "1970-01-01T00:00:01.234567Z"));
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
st_sec_004_ac1_events_pass_redaction_before_they_persist(void)
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
st_sec_004_ac3_failed_redaction_alerts_and_blocks_raw_text(void)
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
	TEST(bytes_are_hexadecimal_and_times_are_rfc_3339),
	TEST(lines_carry_their_threads_correlation_id),
	TEST(lines_below_the_level_are_dropped),
	TEST(every_event_has_a_name_and_is_no_secret),
	TEST(a_failure_is_logged_where_it_is_detected),
	TEST(st_sec_004_ac1_events_pass_redaction_before_they_persist),
	TEST(st_sec_004_ac2_masked_values_keep_the_context),
	TEST(st_sec_004_ac3_failed_redaction_alerts_and_blocks_raw_text),
	TEST(threads_write_whole_lines),
};

SUITE_MAIN("core/log/log", tests, setup, teardown)
