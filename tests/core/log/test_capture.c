/*
 * Goal (ST-SEC-004): what libraries write to standard error is a line of the
 * log that passed the gate, or is gone.
 */

#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "core/log/capture.h"
#include "core/log/log.h"
#include "tests/core/redact/kit.h"
#include "tests/harness/files.h"

#define SECRET	"hunter2-the-known-value"
#define HUB	"gh" "p_" "R4nd0mLo0k1ngT0kenThatN0b0dyEverMade"

static char path[] = "/tmp/strongroom-capture-XXXXXX";
static int real;

/* Standard error of this test is a file for as long as a case runs. */
static void
divert(void)
{
	int fd = mkstemp(path);

	CU_ASSERT_NOT_EQUAL_FATAL(fd, -1);
	real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	CU_ASSERT_NOT_EQUAL_FATAL(dup2(fd, STDERR_FILENO), -1);
	(void)close(fd);
}

static char *
written(void)
{
	char * text = file_read(path, NULL);

	CU_ASSERT_NOT_EQUAL_FATAL(dup2(real, STDERR_FILENO), -1);
	(void)close(real);
	(void)unlink(path);
	memcpy(&path[strlen(path) - 6], "XXXXXX", 6);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	return (text);
}

static struct redact *
engine(void)
{
	struct redact * r = kit_ready();

	kit_put(r, 1, "i/known@1", SECRET, strlen(SECRET), NULL);
	return (r);
}

/* As a library does it, past everything that is ours. */
static void
library_says(const char * text)
{

	CU_ASSERT_EQUAL(write(STDERR_FILENO, text, strlen(text)),
	    (ssize_t)strlen(text));
}

static void
st_sec_004_ac1_what_libraries_say_is_a_masked_line(void)
{
	struct redact * r = engine();
	struct capture * c;
	char * text;

	divert();
	ASSERT_ERR_FATAL(capture_start(r, &c), SR_OK);
	library_says("* Trying 127.0.0.1:9...\n> x-api-key: " SECRET "\n");
	library_says("token " HUB " in \"quotes\"\nno end");
	capture_stop(&c);
	CU_ASSERT_PTR_NULL(c);
	text = written();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"event\":\"stderr_line\","
	    "\"text\":\"* Trying 127.0.0.1:9...\"}\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "x-api-key: [REDACTED:i/known@1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "[REDACTED:github_token"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "in \\\"quotes\\\"\"}\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"text\":\"no end\"}\n"));
	CU_ASSERT_PTR_NULL(strstr(text, SECRET));
	CU_ASSERT_PTR_NULL(strstr(text, HUB));
	free(text);
	redact_free(&r);
}

static void
st_sec_004_ac1_a_secret_written_bytewise_is_masked(void)
{
	struct redact * r = engine();
	struct capture * c;
	char * text;
	size_t i;

	divert();
	ASSERT_ERR_FATAL(capture_start(r, &c), SR_OK);
	for (i = 0; i < strlen(SECRET); i++)
		CU_ASSERT_EQUAL(write(STDERR_FILENO, &SECRET[i], 1), 1);
	library_says("\n");
	capture_stop(&c);
	text = written();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "[REDACTED:i/known@1"));
	CU_ASSERT_PTR_NULL(strstr(text, "hunter2"));
	free(text);
	redact_free(&r);
}

static void
st_sec_004_ac3_without_the_gate_the_raw_text_is_gone(void)
{
	struct redact * r = engine();
	struct capture * c;
	char * text;

	redact_mark(r, REDACT_STALE);
	divert();
	ASSERT_ERR_FATAL(capture_start(r, &c), SR_OK);
	library_says("harmless words and " SECRET "\n");
	capture_stop(&c);
	text = written();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"level\":\"alert\","
	    "\"event\":\"redaction_failed\",\"of\":\"stderr_line\","
	    "\"cause\":\"stale\""));
	CU_ASSERT_PTR_NULL(strstr(text, "harmless"));
	CU_ASSERT_PTR_NULL(strstr(text, SECRET));
	free(text);
	redact_free(&r);
}

static void
pause_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* The gate fails for a moment, in the middle of a secret. */
static void
st_sec_004_ac3_what_follows_a_failure_is_no_rest_of_a_secret(void)
{
	struct redact * r = engine();
	struct capture * c;
	char * text;

	divert();
	ASSERT_ERR_FATAL(capture_start(r, &c), SR_OK);
	library_says("key hunter2-");
	pause_ms(50);
	redact_mark(r, REDACT_STALE);
	library_says("the-");
	pause_ms(50);
	redact_mark(r, REDACT_READY);
	library_says("known-value\nnext line\n");
	capture_stop(&c);
	text = written();
	CU_ASSERT_PTR_NULL(strstr(text, "known-value"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "next line"));
	free(text);
	redact_free(&r);
}

static void
lines_of_the_log_go_to_the_console_at_once(void)
{
	struct redact * r = engine();
	struct capture * c;
	char * text;

	divert();
	log_open(r, STDERR_FILENO);
	ASSERT_ERR_FATAL(capture_start(r, &c), SR_OK);
	CU_ASSERT_NOT_EQUAL(sr_console(), STDERR_FILENO);
	LOG(WORKER_STARTED, log_u64("threads", 3));
	text = file_read(path, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "worker_started"));
	free(text);
	capture_stop(&c);
	log_open(NULL, STDERR_FILENO);
	CU_ASSERT_EQUAL(sr_console(), STDERR_FILENO);
	library_says("behind it all is as before\n");
	text = written();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nbehind it all is as before\n"));
	free(text);
	redact_free(&r);
}

static void *
many_lines(void * cookie)
{
	const char * line = cookie;
	int i;

	for (i = 0; i < 500; i++)
		library_says(line);
	return (NULL);
}

static void
many_threads_write_and_no_line_is_lost(void)
{
	static char line[] = "a line of a library\n";
	struct redact * r = engine();
	pthread_t threads[4];
	struct capture * c;
	char * text;
	const char * p;
	size_t i, n = 0;

	divert();
	ASSERT_ERR_FATAL(capture_start(r, &c), SR_OK);
	for (i = 0; i < COUNTOF(threads); i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL,
		    many_lines, line), 0);
	for (i = 0; i < COUNTOF(threads); i++)
		(void)pthread_join(threads[i], NULL);
	capture_stop(&c);
	text = written();
	for (p = text; (p = strstr(p, "a line of a library")) != NULL; p++)
		n++;
	CU_ASSERT_EQUAL(n, 2000);
	free(text);
	redact_free(&r);
}

static const struct suite_test tests[] = {
	TEST(st_sec_004_ac1_what_libraries_say_is_a_masked_line),
	TEST(st_sec_004_ac1_a_secret_written_bytewise_is_masked),
	TEST(st_sec_004_ac3_without_the_gate_the_raw_text_is_gone),
	TEST(st_sec_004_ac3_what_follows_a_failure_is_no_rest_of_a_secret),
	TEST(lines_of_the_log_go_to_the_console_at_once),
	TEST(many_threads_write_and_no_line_is_lost),
};

SUITE_MAIN("core/log/capture", tests, NULL, NULL)
