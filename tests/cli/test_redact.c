#include "tests/cli/operator.h"

/* Values that nothing but the file of known values tells to be secret. */
#define VALUE		"plain words of a passphrase"
#define VALUE_64	"cGxhaW4gd29yZHMgb2YgYSBwYXNzcGhyYXNl"
#define TOKEN		"ghp_" "Zq8sV1nT5yWc3kLr7uHb0dXe9mPaGj2fKo4i"

static const char *
known_file(const char * text)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/known", suite_tmpdir());
	CU_ASSERT_EQUAL_FATAL(file_write(path, 0600, text), 0);
	return (path);
}

static void
what_the_rules_find_is_masked(void)
{

	ASSERT_RUNS(0, "a " TOKEN " b\n", "redact");
	ASSERT_HAS(op_out, "a [REDACTED:");
	ASSERT_HAS_NOT(op_out, TOKEN);
	ASSERT_HAS(op_out, " b\n");
	ASSERT_RUNS(0, "nothing " VALUE "\n", "redact", "--rules-only");
	CU_ASSERT_STRING_EQUAL(op_out, "nothing " VALUE "\n");
	ASSERT_RUNS(0, "", "redact");
	CU_ASSERT_STRING_EQUAL(op_out, "");
}

static void
known_values_are_masked_also_encoded(void)
{
	const char * path = known_file("# ours\n\n" VALUE_64 "\r\n");

	ASSERT_RUNS(0, "x " VALUE " y\nin base64: " VALUE_64 "\n"
	    "and " TOKEN "\n", "redact", "--known", path);
	ASSERT_HAS(op_out, "x [REDACTED:secret] y\n");
	ASSERT_HAS_NOT(op_out, "passphrase");
	ASSERT_HAS_NOT(op_out, VALUE_64);
	ASSERT_HAS_NOT(op_out, TOKEN);
	ASSERT_RUNS(0, "plain text\n", "redact", "--known", path);
	CU_ASSERT_STRING_EQUAL(op_out, "plain text\n");
}

static void
two_runs_give_the_same_bytes(void)
{
	const char * path = known_file(VALUE_64 "\n");
	char * first;

	ASSERT_RUNS(0, VALUE, "redact", "--known", path);
	first = strdup(op_out);
	ASSERT_RUNS(0, VALUE, "redact", "--known", path);
	CU_ASSERT_STRING_EQUAL(first, op_out);
	free(first);
}

static void
a_bad_file_of_known_values_lets_nothing_out(void)
{

	ASSERT_RUNS(65, VALUE, "redact", "--known",
	    known_file(VALUE_64 "\nnot base64!\n"));
	CU_ASSERT_STRING_EQUAL(op_out, "");
	ASSERT_HAS(op_err, "line 2 of the file of known values");
	ASSERT_HAS(op_err, "(input_malformed)\n");
	ASSERT_HAS_NOT(op_err, "not base64!");
	/* Seven bytes: too short to be masked. */
	ASSERT_RUNS(65, VALUE, "redact", "--known",
	    known_file("c2V2ZW4gYg==\n"));
	ASSERT_HAS(op_err, "(secret_value_invalid)\n");
	CU_ASSERT_STRING_EQUAL(op_out, "");
	ASSERT_RUNS(66, VALUE, "redact", "--known", "/nonexistent/known");
	ASSERT_HAS(op_err, "(input_unreadable)\n");
	CU_ASSERT_STRING_EQUAL(op_out, "");
	ASSERT_RUNS(64, VALUE, "redact", "--rules-only", "--known", "x");
}

static int
teardown(void)
{

	op_end();
	return (0);
}

static const struct suite_test tests[] = {
	TEST(what_the_rules_find_is_masked),
	TEST(known_values_are_masked_also_encoded),
	TEST(two_runs_give_the_same_bytes),
	TEST(a_bad_file_of_known_values_lets_nothing_out),
};

SUITE_MAIN("cli/redact", tests, NULL, teardown)
