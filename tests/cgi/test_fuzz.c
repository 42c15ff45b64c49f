/*
 * Short runs of the fuzz targets (tests/fuzz) whose seeds are files, the same
 * each time.
 */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/one_backup.h"
#include "tests/fuzz/one_bundle.h"
#include "tests/fuzz/one_config.h"
#include "tests/fuzz/one_export.h"
#include "tests/fuzz/one_filter.h"
#include "tests/fuzz/one_member.h"
#include "tests/fuzz/one_request.h"
#include "tests/fuzz/one_seal.h"
#include "tests/harness/suite.h"

#define LEAST	50	/* Inputs, on however slow a machine. */

static void
what_the_web_server_says_is_within_limits(void)
{

	CU_ASSERT(mutate_folder(one_request_input,
	    "tests/fuzz/fuzz_request.seeds") > LEAST);
}

static void
forms_are_read_as_they_were_sent(void)
{

	CU_ASSERT(mutate_folder(one_form_input,
	    "tests/fuzz/fuzz_form.seeds") > LEAST);
}

static void
words_of_queries_say_the_same_again(void)
{

	CU_ASSERT(mutate_folder(one_filter_input,
	    "tests/fuzz/fuzz_filter.seeds") > LEAST);
}

static void
sealed_forms_open_as_they_are_alone(void)
{

	CU_ASSERT(mutate_folder(one_seal_input,
	    "tests/fuzz/fuzz_seal.seeds") > LEAST);
}

static void
bundles_are_read_or_refused(void)
{

	CU_ASSERT(mutate_folder(one_bundle_input,
	    "tests/fuzz/fuzz_bundle.seeds") > LEAST);
}

static void
complaints_about_settings_say_no_value(void)
{

	CU_ASSERT(mutate_folder(one_config_input,
	    "tests/fuzz/fuzz_config.seeds") > LEAST);
}

static void
bodies_are_read_as_others_read_them(void)
{

	CU_ASSERT(mutate_folder(one_member_input,
	    "tests/fuzz/fuzz_member.seeds") > LEAST);
}

static void
nothing_that_nobody_signed_is_an_export(void)
{

	CU_ASSERT(mutate_folder(one_export_input,
	    "tests/fuzz/fuzz_export.seeds") > LEAST);
}

static void
nothing_that_nobody_signed_is_a_backup(void)
{

	CU_ASSERT(mutate_run(one_backup_input, MUTATE_RULE) > LEAST);
}

static int
silent(void)
{

	log_open(NULL, -1);
	return (0);
}

static int
teardown(void)
{

	one_seal_end();
	one_bundle_end();
	one_end();
	return (0);
}

static const struct suite_test tests[] = {
	TEST(what_the_web_server_says_is_within_limits),
	TEST(forms_are_read_as_they_were_sent),
	TEST(words_of_queries_say_the_same_again),
	TEST(sealed_forms_open_as_they_are_alone),
	TEST(bundles_are_read_or_refused),
	TEST(complaints_about_settings_say_no_value),
	TEST(bodies_are_read_as_others_read_them),
	TEST(nothing_that_nobody_signed_is_an_export),
	TEST(nothing_that_nobody_signed_is_a_backup),
};

SUITE_MAIN("cgi/fuzz", tests, silent, teardown)
