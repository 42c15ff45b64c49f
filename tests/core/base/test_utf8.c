#include <string.h>

#include "core/base/strbuf.h"
#include "tests/harness/suite.h"

static void
well_formed_text_is_valid(void)
{
	static const char * const good[] = { "", "ascii", "\xc2\x80",
		"\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		"a\xc3\xa9z" };
	size_t i;

	for (i = 0; i < COUNTOF(good); i++)
		CU_ASSERT_TRUE(utf8_valid(good[i], strlen(good[i])));
	CU_ASSERT_TRUE(utf8_valid("\0", 1));
}

static void
malformed_text_is_not(void)
{
	static const char * const bad[] = { "\x80", "\xbf", "\xc0\xaf",
		"\xc1\xbf", "\xc2", "\xc2 ", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xe2\x82", "\xe2\x82z", "\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x94", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xfe", "\xff", "good\xff" };
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++)
		CU_ASSERT_FALSE(utf8_valid(bad[i], strlen(bad[i])));
}

static void
control_characters_are_found(void)
{

	CU_ASSERT_FALSE(utf8_has_control("", 0));
	CU_ASSERT_FALSE(utf8_has_control("plain \xc2\xa0 \xc3\xbf", 10));
	CU_ASSERT_TRUE(utf8_has_control("a\nb", 3));
	CU_ASSERT_TRUE(utf8_has_control("a\0b", 3));
	CU_ASSERT_TRUE(utf8_has_control("\x7f", 1));
	CU_ASSERT_TRUE(utf8_has_control("\xc2\x9f", 2));
	/* The last byte of another character is no control character. */
	CU_ASSERT_FALSE(utf8_has_control("\xe2\x82\x80", 3));
}

static const struct suite_test tests[] = {
	TEST(well_formed_text_is_valid),
	TEST(malformed_text_is_not),
	TEST(control_characters_are_found),
};

SUITE_MAIN("core/base/utf8", tests, NULL, NULL)
