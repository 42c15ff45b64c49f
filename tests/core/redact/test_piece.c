#include "tests/core/redact/forms.h"

/* The pieces of ${value} beside the whole are exactly ${expected}. */
static void
check_pieces(const char * value, size_t len, enum redact_kind kind,
    const char * const * expected, size_t n)
{
	struct redact_forms forms = kit_forms(value, len);
	size_t i;

	CU_ASSERT(kit_has_form(&forms, REDACT_RAW, value, len));
	CU_ASSERT_EQUAL(forms.n, 4 * (n + 1));
	for (i = 0; i < n; i++) {
		if (kit_has_form(&forms, kind, expected[i],
		    strlen(expected[i])))
			continue;
		suite_note("'%s' has no piece '%s'", value, expected[i]);
		CU_FAIL("a piece is missing");
	}
	redact_forms_free(&forms);
}

#define CHECK_PIECES(value, kind, ...) do {				\
	static const char * const expected_[] = { __VA_ARGS__ };	\
	check_pieces((value), strlen(value), (kind), expected_,		\
	    COUNTOF(expected_));					\
} while (0)

static void
lines_of_eight_bytes_and_more_are_pieces(void)
{

	CHECK_PIECES("line one\nshort\n  line three\t\r\n\nline four",
	    REDACT_LINE, "line one", "line three", "line four");
	/* The same line twice is one piece; a final newline makes none. */
	CHECK_PIECES("same line\nsame line\n", REDACT_LINE, "same line");
	CHECK_PIECES("  blanks around  ", REDACT_LINE, "blanks around");
}

static void
armour_and_ornaments_are_no_pieces(void)
{

	CHECK_PIECES("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n"
	    "-----END PRIVATE KEY-----\n==========\n", REDACT_LINE,
	    "MIIEvQIBADANBgkq");
}

static void
leaves_of_json_are_pieces(void)
{

	CHECK_PIECES("{\n  \"user\": \"somebody-else\",\n  \"pin\": 1234,\n"
	    "  \"serial\": 123456789012,\n  \"deep\": [[{\"x\":"
	    " \"caf\\u00e9 \\\"au lait\\\"\"}]], \"ok\": true,"
	    " \"none\": null, \"real\": 3.14159265358979\n}",
	    REDACT_LEAF, "somebody-else", "123456789012",
	    "caf\xc3\xa9 \"au lait\"");
	CHECK_PIECES(" [\"first leaf\", \"second leaf\"]", REDACT_LEAF,
	    "first leaf", "second leaf");
	/* An integer that no C type holds does not hide the rest. */
	CHECK_PIECES("{\"n\":123456789012345678901234567890,"
	    "\"s\":\"the string\"}", REDACT_LEAF, "the string");
}

static void
lines_of_a_leaf_are_pieces_too(void)
{
	const char * value = "{\"private_key\":\"first line of it\\n"
	    "second line of it\\n\"}";
	struct redact_forms forms = kit_forms(value, strlen(value));

	CU_ASSERT_EQUAL(forms.n, 16);
	CU_ASSERT(kit_has_form(&forms, REDACT_LEAF,
	    "first line of it\nsecond line of it\n", 35));
	CU_ASSERT(kit_has_form(&forms, REDACT_LINE, "first line of it", 16));
	CU_ASSERT(kit_has_form(&forms, REDACT_LINE, "second line of it", 17));
	redact_forms_free(&forms);
}

static void
what_is_nearly_json_has_lines(void)
{

	CHECK_PIECES("{\"a\": \"not closed\"\n}}", REDACT_LINE,
	    "{\"a\": \"not closed\"");
	/* A lone string is JSON, but no object or array. */
	CHECK_PIECES("\"only a string\"\n", REDACT_LINE, "\"only a string\"");
}

static void
values_of_env_files_are_pieces(void)
{

	CHECK_PIECES("# settings\nDB_USER=application\n\n"
	    "export DB_PASS='top secret one'\n"
	    "API_KEY=\"top secret two\"\nPLAIN=top secret 3 # a comment\n"
	    "ESC=\"line\\tand \\\"quote\\\"\"\n",
	    REDACT_LEAF, "application", "top secret one", "top secret two",
	    "top secret 3 # a comment", "top secret 3",
	    "line\\tand \\\"quote\\\"", "line\tand \"quote\"");
	CHECK_PIECES("KEY=a value alone", REDACT_LEAF, "a value alone");
}

static void
a_short_env_value_is_known_by_its_line(void)
{

	const char * value = "DOOR_PIN=1234\nUSER_NAME=somebody\n";
	struct redact_forms forms = kit_forms(value, strlen(value));

	CU_ASSERT_EQUAL(forms.n, 12);
	CU_ASSERT(kit_has_form(&forms, REDACT_LINE, "DOOR_PIN=1234", 13));
	CU_ASSERT(kit_has_form(&forms, REDACT_LEAF, "somebody", 8));
	redact_forms_free(&forms);
}

static void
a_line_that_assigns_nothing_makes_it_plain_lines(void)
{

	CHECK_PIECES("PATH_A=somewhere\nand some prose\n", REDACT_LINE,
	    "PATH_A=somewhere", "and some prose");
}

static const struct suite_test tests[] = {
	TEST(lines_of_eight_bytes_and_more_are_pieces),
	TEST(armour_and_ornaments_are_no_pieces),
	TEST(leaves_of_json_are_pieces),
	TEST(lines_of_a_leaf_are_pieces_too),
	TEST(what_is_nearly_json_has_lines),
	TEST(values_of_env_files_are_pieces),
	TEST(a_short_env_value_is_known_by_its_line),
	TEST(a_line_that_assigns_nothing_makes_it_plain_lines),
};

SUITE_MAIN("core/redact/piece", tests, NULL, NULL)
