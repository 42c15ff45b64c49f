#include <string.h>

#include "core/access/account.h"
#include "tests/harness/suite.h"

static void
addresses_have_a_form(void)
{
	static const char * const good[] = { "a@b", "lead@example.org",
	    "first.last+tag@sub.example.org", "o'brien@example.org",
	    "j\xc3\xb6rg@example.org" };
	static const char * const bad[] = { "", "a", "@", "a@", "@b", "a@b@c",
	    "a b@c", "a@b c", "a@b\n", "a@b\x7f", "a@\xff", " a@b",
	    "a@b\r\nX" };
	char longest[EMAIL_MAX + 2];
	size_t i;

	for (i = 0; i < COUNTOF(good); i++)
		CU_ASSERT(email_valid(good[i]));
	for (i = 0; i < COUNTOF(bad); i++) {
		if (email_valid(bad[i]))
			suite_note("taken: %s", bad[i]);
		CU_ASSERT(!email_valid(bad[i]));
	}
	memset(longest, 'a', sizeof(longest));
	longest[1] = '@';
	longest[EMAIL_MAX] = '\0';
	CU_ASSERT(email_valid(longest));
	longest[EMAIL_MAX] = 'a';
	longest[EMAIL_MAX + 1] = '\0';
	CU_ASSERT(!email_valid(longest));
}

static void
folding_lowers_ascii_and_refuses_what_is_no_address(void)
{
	char out[EMAIL_MAX + 1];

	CU_ASSERT(email_fold("Lead@Example.ORG", out));
	CU_ASSERT_STRING_EQUAL(out, "lead@example.org");
	CU_ASSERT(email_fold("J\xc3\x96RG@EXAMPLE.org", out));
	CU_ASSERT_STRING_EQUAL(out, "j\xc3\x96rg@example.org");
	CU_ASSERT(!email_fold("nobody", out));
	CU_ASSERT_STRING_EQUAL(out, "");
	CU_ASSERT(!email_fold(NULL, out));
}

static void
roles_have_names_that_parse(void)
{
	enum role role = ROLE_ANYONE;

	CU_ASSERT_STRING_EQUAL(role_name(ROLE_OWNER), "owner");
	CU_ASSERT_STRING_EQUAL(role_name(ROLE_OPERATOR), "operator");
	CU_ASSERT_STRING_EQUAL(role_name(ROLE_AUDITOR), "auditor");
	CU_ASSERT(role_parse("operator", &role));
	CU_ASSERT_EQUAL(role, ROLE_OPERATOR);
	CU_ASSERT(!role_parse("anyone", &role));
	CU_ASSERT(!role_parse("Owner", &role));
	CU_ASSERT(!role_parse("", &role));
	CU_ASSERT_EQUAL(role, ROLE_OPERATOR);
	CU_ASSERT(ROLE_ANYONE < ROLE_AUDITOR && ROLE_AUDITOR < ROLE_OPERATOR &&
	    ROLE_OPERATOR < ROLE_OWNER);
}

static const struct suite_test tests[] = {
	TEST(addresses_have_a_form),
	TEST(folding_lowers_ascii_and_refuses_what_is_no_address),
	TEST(roles_have_names_that_parse),
};
SUITE_MAIN("core/access/email", tests, NULL, NULL)
