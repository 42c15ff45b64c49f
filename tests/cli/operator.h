#ifndef SR_TESTS_CLI_OPERATOR_H
#define SR_TESTS_CLI_OPERATOR_H

/*
 * The real operator command, from $STRONGROOM_TEST_BUILD or build/, run with
 * nothing of Strongroom in its environment. What it printed last is in
 * op_out and op_err.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/process.h"
#include "tests/harness/suite.h"

#define OP_ARGS_MAX	24

static char * op_out;
static char * op_err;

/* Run it with ${args}, which end with NULL; its exit code. */
static inline int
op_run(const char * const * args, const char * input,
    const char * const * env)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	struct process_options options = { .input = input, .env = env };
	const char * argv[OP_ARGS_MAX];
	char program[512];
	size_t n = 1;
	int rc;

	free(op_out);
	free(op_err);
	op_out = op_err = NULL;
	(void)snprintf(program, sizeof(program), "%s/strongroom",
	    build == NULL ? "build" : build);
	argv[0] = program;
	while (*args != NULL && n < OP_ARGS_MAX - 1)
		argv[n++] = *args++;
	argv[n] = NULL;
	rc = process_run(argv, &options, &op_out, &op_err);
	if (op_out == NULL)
		op_out = strdup("");
	if (op_err == NULL)
		op_err = strdup("");
	return (rc);
}

static inline void
op_end(void)
{

	free(op_out);
	free(op_err);
	op_out = op_err = NULL;
}

#define ARGS(...)	((const char * const[]){ __VA_ARGS__, NULL })

/* Assert the exit code; else show what was said. */
#define ASSERT_RUNS(expected, input, ...) do {				\
	int rc_ = op_run(ARGS(__VA_ARGS__), (input), NULL);		\
	if (rc_ != (expected))						\
		suite_note("exit %d, expected %d: %s%s", rc_,		\
		    (expected), op_out, op_err);			\
	CU_ASSERT_EQUAL(rc_, (expected));				\
} while (0)

#define ASSERT_HAS(text, part) do {					\
	if (strstr((text), (part)) == NULL)				\
		suite_note("no \"%s\" in: %s", (part), (text));		\
	CU_ASSERT_PTR_NOT_NULL(strstr((text), (part)));			\
} while (0)

#define ASSERT_HAS_NOT(text, part)					\
	CU_ASSERT_PTR_NULL(strstr((text), (part)))

#endif /* !SR_TESTS_CLI_OPERATOR_H */
