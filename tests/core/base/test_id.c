#include <string.h>

#include "core/base/clock.h"
#include "core/base/id.h"
#include "tests/harness/suite.h"

static void
new_ids_are_version_7_of_now_and_differ(void)
{
	struct sr_id a, b;
	int64_t before, after, ms = 0;
	size_t i;

	before = clock_now() / 1000;
	ASSERT_ERR_FATAL(sr_id_new(&a), SR_OK);
	ASSERT_ERR_FATAL(sr_id_new(&b), SR_OK);
	after = clock_now() / 1000;
	for (i = 0; i < 6; i++)
		ms = ms * 256 + a.b[i];
	CU_ASSERT(ms >= before && ms <= after);
	CU_ASSERT_EQUAL(a.b[6] >> 4, 7);
	CU_ASSERT_EQUAL(a.b[8] >> 6, 2);
	CU_ASSERT_FALSE(sr_id_equal(&a, &b));
	CU_ASSERT_FALSE(sr_id_is_nil(&a));
}

static void
the_example_of_rfc_9562_comes_back(void)
{
	static const char text[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
	static const uint8_t bytes[16] = { 0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0,
		0x7c, 0xc3, 0x98, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f };
	char out[SR_ID_STRLEN + 1];
	struct sr_id id;

	CU_ASSERT_TRUE_FATAL(sr_id_parse(text, &id));
	CU_ASSERT_EQUAL(memcmp(id.b, bytes, sizeof(bytes)), 0);
	sr_id_format(&id, out);
	CU_ASSERT_STRING_EQUAL(out, text);
	CU_ASSERT_TRUE(sr_id_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
	    &id));
	sr_id_format(&id, out);
	CU_ASSERT_STRING_EQUAL(out, text);
}

static void
anything_else_is_refused_and_changes_nothing(void)
{
	static const char * const bad[] = {
		"", "-", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
		" 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
		"{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
		"017f22e2_79b0-7cc3-98c4-dc0c0c07398f",
		"017f22e-279b0-7cc3-98c4-dc0c0c07398f",
		"g17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
	};
	struct sr_id id = { { 42 } }, same = id;
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		CU_ASSERT_FALSE(sr_id_parse(bad[i], &id));
		CU_ASSERT_TRUE(sr_id_equal(&id, &same));
	}
}

static void
nil_is_all_zeros(void)
{
	char out[SR_ID_STRLEN + 1];
	struct sr_id id;

	CU_ASSERT_TRUE(sr_id_is_nil(&sr_id_nil));
	sr_id_format(&sr_id_nil, out);
	CU_ASSERT_STRING_EQUAL(out, "00000000-0000-0000-0000-000000000000");
	CU_ASSERT_TRUE_FATAL(sr_id_parse(out, &id));
	CU_ASSERT_TRUE(sr_id_is_nil(&id));
}

static const struct suite_test tests[] = {
	TEST(new_ids_are_version_7_of_now_and_differ),
	TEST(the_example_of_rfc_9562_comes_back),
	TEST(anything_else_is_refused_and_changes_nothing),
	TEST(nil_is_all_zeros),
};

SUITE_MAIN("core/base/id", tests, NULL, NULL)
