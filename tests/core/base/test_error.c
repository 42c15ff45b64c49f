#include <string.h>

#include "core/base/error.h"
#include "tests/harness/suite.h"

static void
every_row_has_a_name_of_its_own_and_texts(void)
{
	const struct sr_error_row * row;
	int i;

	for (i = SR_OK + 1; i < SR_E__MAX; i++) {
		row = sr_error_row((enum sr_error)i);
		/* The first row of that name is this one. */
		CU_ASSERT_EQUAL(sr_error_by_name(row->name), (enum sr_error)i);
		CU_ASSERT_STRING_EQUAL(sr_error_name((enum sr_error)i),
		    row->name);
		CU_ASSERT(row->status >= 400 && row->status <= 599);
		CU_ASSERT((row->exit_code >= 64 && row->exit_code <= 78) ||
		    row->exit_code == 126 || row->exit_code == 127);
		CU_ASSERT(row->remedy[0] != '\0');
		CU_ASSERT_EQUAL(row->remedy[strlen(row->remedy) - 1], '.');
	}
}

static void
names_are_lower_case_words(void)
{
	const char * name;
	int i;

	for (i = SR_OK + 1; i < SR_E__MAX; i++) {
		name = sr_error_name((enum sr_error)i);
		CU_ASSERT_EQUAL(strspn(name, "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(name));
	}
}

static bool
plain(const char * text)
{

	return (strpbrk(text, "\"\\\n\r\t") == NULL);
}

/* So that they can be put between quotes in JSON as they are. */
static void
texts_are_plain_and_in_one_line(void)
{
	const struct sr_error_row * row;
	int i;

	for (i = SR_OK + 1; i < SR_E__MAX; i++) {
		row = sr_error_row((enum sr_error)i);
		CU_ASSERT_TRUE(plain(row->title));
		CU_ASSERT_TRUE(plain(row->detail));
		CU_ASSERT_TRUE(plain(row->remedy));
	}
}

static void
ok_has_a_name_and_no_row(void)
{

	CU_ASSERT_STRING_EQUAL(sr_error_name(SR_OK), "ok");
	CU_ASSERT_EQUAL(sr_error_by_name("ok"), SR_OK);
	CU_ASSERT_EQUAL(sr_error_by_name(""), SR_OK);
	CU_ASSERT_EQUAL(sr_error_by_name("no_such_error"), SR_OK);
}

static void
rows_keep_their_numbers(void)
{

	CU_ASSERT_EQUAL(sr_error_row(SR_E_SECRET_NOT_FOUND)->status, 404);
	CU_ASSERT_EQUAL(sr_error_row(SR_E_SECRET_NOT_FOUND)->exit_code, 66);
	CU_ASSERT_EQUAL(sr_error_by_name("usage"), SR_E_USAGE);
}

static const struct suite_test tests[] = {
	TEST(every_row_has_a_name_of_its_own_and_texts),
	TEST(names_are_lower_case_words),
	TEST(texts_are_plain_and_in_one_line),
	TEST(ok_has_a_name_and_no_row),
	TEST(rows_keep_their_numbers),
};

SUITE_MAIN("core/base/error", tests, NULL, NULL)
