#include "tests/core/log/kit.h"

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

static const struct suite_test tests[] = {
	TEST(lines_without_text_pass_in_every_state),
	TEST(without_an_engine_text_and_names_are_withheld),
	TEST(a_secret_across_two_fields_reduces_the_line),
	TEST(a_text_is_cut_but_not_before_it_is_masked),
	TEST(a_line_that_is_too_long_is_reduced),
	TEST(the_line_that_needs_no_memory_is_the_last_resort),
	TEST(every_lack_of_memory_leaves_a_line_and_no_text),
	TEST(a_closed_pipe_is_survived),
};

SUITE_MAIN("core/log/log_fault", tests, setup, teardown)
