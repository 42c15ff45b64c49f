#ifndef SR_TESTS_CORE_LOG_KIT_H
#define SR_TESTS_CORE_LOG_KIT_H

/* A log that ends in a socket, and what came out of it. */

#include <sys/socket.h>

#include <errno.h>
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

KIT_UNUSED static int
setup(void)
{
	int size = 4 * 1024 * 1024;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
		return (1);
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return (0);
}

KIT_UNUSED static int
teardown(void)
{

	(void)close(ends[0]);
	(void)close(ends[1]);
	return (0);
}

/* The next line, as JSON; it must be one whole object. */
KIT_UNUSED static json_t *
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

KIT_UNUSED static void
no_more(void)
{

	CU_ASSERT_EQUAL(recv(ends[1], line, sizeof(line), MSG_DONTWAIT), -1);
	CU_ASSERT_EQUAL(errno, EAGAIN);
}

KIT_UNUSED static bool
is(json_t * o, const char * key, const char * value)
{
	const char * got = json_string_value(json_object_get(o, key));

	if (got == NULL || strcmp(got, value) != 0)
		suite_note("%s is '%s', not '%s'", key, got == NULL ? "(none)" :
		    got, value);
	return (got != NULL && strcmp(got, value) == 0);
}

/* The next line is the alert about ${event}. */
KIT_UNUSED static void
expect_alert(const char * event, const char * cause)
{
	json_t * o = next();

	CU_ASSERT(is(o, "level", "alert"));
	CU_ASSERT(is(o, "event", "redaction_failed"));
	CU_ASSERT(is(o, "of", event));
	CU_ASSERT(is(o, "cause", cause));
	json_decref(o);
}

KIT_UNUSED static struct redact *
open_ready(void)
{
	struct redact * r = kit_ready();

	kit_know(r, 1, "hunter2!");
	log_open(r, ends[0]);
	return (r);
}

KIT_UNUSED static void
close_log(struct redact ** r)
{

	log_open(NULL, ends[0]);
	redact_free(r);
}

#endif /* !SR_TESTS_CORE_LOG_KIT_H */
