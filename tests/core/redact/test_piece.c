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
	    "\"s\":\"the string\"}", REDACT_LEAF,
	    "123456789012345678901234567890", "the string");
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
twice_the_same_key_and_large_numbers_are_leaves(void)
{

	CHECK_PIECES("{\"k\":\"first value\",\"k\":\"other value\","
	    "\"n\":123456789012345678901234567890,\"m\":1e10}",
	    REDACT_LEAF, "first value", "other value",
	    "123456789012345678901234567890");
}

static void
lines_of_json_and_a_bom_are_no_hindrance(void)
{

	CHECK_PIECES("{\"a\":\"first value\"}\n{\"a\":\"other value\"}\n",
	    REDACT_LEAF, "first value", "other value");
	CHECK_PIECES("\xef\xbb\xbf{\"a\":\"first value\"}", REDACT_LEAF,
	    "first value");
}

static void
json_in_a_string_has_leaves(void)
{

	CHECK_PIECES("{\"a\":\"{\\\"b\\\":\\\"inner value\\\"}\"}",
	    REDACT_LEAF, "{\"b\":\"inner value\"}", "inner value");
	CHECK_PIECES("CONFIG={\"b\":\"inner value\"}", REDACT_LEAF,
	    "{\"b\":\"inner value\"}", "inner value");
	/* Where it ends, the string is a leaf and no more. */
	CHECK_PIECES("[\"[\\\"[\\\\\\\"abcdefgh\\\\\\\"]\\\"]\"]",
	    REDACT_LEAF, "[\"[\\\"abcdefgh\\\"]\"]",
	    "[\"abcdefgh\"]", "abcdefgh");
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

static void
an_odd_line_among_many_is_a_line(void)
{
	const char * value = "A=first value\nB=second value\nC=third value\n"
	    "unset OTHER_THING\nD=fourth value\n";
	struct redact_forms forms = kit_forms(value, strlen(value));

	CU_ASSERT_EQUAL(forms.n, 24);
	CU_ASSERT(kit_has_form(&forms, REDACT_LEAF, "third value", 11));
	CU_ASSERT(kit_has_form(&forms, REDACT_LINE, "unset OTHER_THING", 17));
	redact_forms_free(&forms);
}

static void
sections_and_blanks_around_the_sign(void)
{

	CHECK_PIECES("; settings\n[database]\nuser = application\n"
	    "password = first secret\n\n[mail]\n"
	    "password: second secret\ntoml = \"a\\u00e4 \\\"third\\\"\"\n",
	    REDACT_LEAF, "application", "first secret", "second secret",
	    "a\\u00e4 \\\"third\\\"", "a\xc3\xa4 \"third\"");
}

static void
yaml_is_read_flat_and_nested(void)
{

	CHECK_PIECES("---\ndatabase:\n  password: first secret  # old\n"
	    "  quoted: 'it''s a secret'\n  port: 5432\n  hosts:\n"
	    "    - \"third secret\"\n    - name: fourth secret\n",
	    REDACT_LEAF, "first secret  # old", "first secret",
	    "it''s a secret", "it's a secret", "third secret",
	    "fourth secret");
}

static void
blocks_of_yaml_are_lines(void)
{
	const char * value = "name: the first one\nkey: |\n  block line 1\n"
	    "  block line 2\nother: second one\n";
	struct redact_forms forms = kit_forms(value, strlen(value));

	CU_ASSERT_EQUAL(forms.n, 20);
	CU_ASSERT(kit_has_form(&forms, REDACT_LINE, "block line 2", 12));
	CU_ASSERT(kit_has_form(&forms, REDACT_LEAF, "second one", 10));
	redact_forms_free(&forms);
}

static void
short_values_of_secret_names_are_known_by_their_line(void)
{
	const char * value = "port: 54321\ndoor_pin: 1234\nname: somebody\n";
	struct redact_forms forms = kit_forms(value, strlen(value));

	CU_ASSERT_EQUAL(forms.n, 12);
	CU_ASSERT(kit_has_form(&forms, REDACT_LINE, "door_pin: 1234", 14));
	redact_forms_free(&forms);
}

static void
text_and_attributes_of_xml_are_pieces(void)
{

	CHECK_PIECES("<?xml version='1.0'?>\n<c>\n <!-- a comment -->\n"
	    " <add key=\"k\" value=\"first &quot;secret&quot;\"/>\n"
	    " <p>\n  second secret\n </p><q><![CDATA[third <secret>]]></q>"
	    "<r>a&#38;b secret</r>\n</c>\n", REDACT_LEAF,
	    "first \"secret\"", "second secret", "third <secret>",
	    "a&b secret");
}

static void
passwords_of_addresses_are_pieces(void)
{

	CHECK_PIECES("postgres://app:S3cr3tPassw@db.internal/app",
	    REDACT_LEAF, "S3cr3tPassw", "app:S3cr3tPassw");
	CHECK_PIECES("mongodb+srv://app:p%40ss%2Fw0rd@c.net/x", REDACT_LEAF,
	    "p%40ss%2Fw0rd", "p@ss/w0rd", "app:p%40ss%2Fw0rd");
	CHECK_PIECES("jdbc:mysql://db/app?user=me&password=S3cr3tPassw",
	    REDACT_LEAF, "S3cr3tPassw");
	CHECK_PIECES("Server=db;Uid=application;Pwd=S3cr3t=Passw;Encrypt=yes",
	    REDACT_LEAF, "S3cr3t=Passw");
	CHECK_PIECES("host=db user=application password=S3cr3tPassw",
	    REDACT_LEAF, "S3cr3tPassw");
	CHECK_PIECES("DATABASE_URL=redis://:S3cr3tPassw@h:6379/0",
	    REDACT_LEAF, "redis://:S3cr3tPassw@h:6379/0", "S3cr3tPassw",
	    ":S3cr3tPassw");
	/* Nobody's password is in it. */
	check_pieces("https://db.internal:5432/some/path?page=2", 41,
	    REDACT_LEAF, NULL, 0);
}

static void
names_with_passwords_are_pieces(void)
{

	CHECK_PIECES("deploy-bot:S3cr3tPassw", REDACT_LEAF, "S3cr3tPassw");
	/* Of deploy-bot:S3cr3tPassw. */
	CHECK_PIECES("ZGVwbG95LWJvdDpTM2NyM3RQYXNzdw==", REDACT_LEAF,
	    "deploy-bot:S3cr3tPassw", "S3cr3tPassw");
}

static const struct suite_test tests[] = {
	TEST(lines_of_eight_bytes_and_more_are_pieces),
	TEST(armour_and_ornaments_are_no_pieces),
	TEST(leaves_of_json_are_pieces),
	TEST(lines_of_a_leaf_are_pieces_too),
	TEST(twice_the_same_key_and_large_numbers_are_leaves),
	TEST(lines_of_json_and_a_bom_are_no_hindrance),
	TEST(json_in_a_string_has_leaves),
	TEST(what_is_nearly_json_has_lines),
	TEST(values_of_env_files_are_pieces),
	TEST(a_short_env_value_is_known_by_its_line),
	TEST(a_line_that_assigns_nothing_makes_it_plain_lines),
	TEST(an_odd_line_among_many_is_a_line),
	TEST(sections_and_blanks_around_the_sign),
	TEST(yaml_is_read_flat_and_nested),
	TEST(blocks_of_yaml_are_lines),
	TEST(short_values_of_secret_names_are_known_by_their_line),
	TEST(text_and_attributes_of_xml_are_pieces),
	TEST(passwords_of_addresses_are_pieces),
	TEST(names_with_passwords_are_pieces),
};

SUITE_MAIN("core/redact/piece", tests, NULL, NULL)
