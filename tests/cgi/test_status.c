/* /status for people, and where to report a vulnerability. */

#include "core/redact/redact.h"
#include "tests/cgi/visit.h"

static void
the_status_says_what_is_well(void)
{
	struct visit v = { .path = "/status" };

	visit_sign_in();
	v.cookie = visit_session;
	visit_both(&v, 200, "status");
	CU_ASSERT_TRUE(visit_has(&v, "All is well"));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"setup-check-database\""));
	CU_ASSERT_TRUE(visit_has(&v, "id=\"status-channel-prompts\""));
	visit_free(&v);
}

static void
what_is_not_well_is_said_with_its_remedy(void)
{
	struct visit v = { .path = "/status", .cookie = visit_session };

	visit_worker.selftest = SR_E_INTERNAL_ERROR;
	visit_both(&v, 503, "status");
	CU_ASSERT_TRUE(visit_has(&v, "needs attention"));
	CU_ASSERT_TRUE(visit_has(&v, "redaction_unavailable"));
	CU_ASSERT_FALSE(visit_has(&v, "All is well"));
	visit_worker.selftest = SR_OK;
	visit_free(&v);
}

static void
a_stranger_is_not_told(void)
{
	struct visit v = { .path = "/status" };

	(void)visit(&v);
	CU_ASSERT_FALSE(visit_has(&v, "status-channels"));
	CU_ASSERT(visit_status(&v) == 303 || visit_status(&v) == 401);
	visit_free(&v);
}

static void
where_to_report_is_told_when_it_is_set(void)
{
	struct visit v = { .path = "/.well-known/security.txt" };
	struct config * none = visit_worker.config;

	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 404);
	visit_settings = "[site]\n"
	    "security_contact = mailto:security@example.org\n";
	CU_ASSERT_TRUE_FATAL(visit_reload());
	(void)visit(&v);
	CU_ASSERT_EQUAL(visit_status(&v), 200);
	CU_ASSERT_TRUE(visit_has(&v, "\nContact: "
	    "mailto:security@example.org\nExpires: 20"));
	config_free(&visit_worker.config);
	visit_worker.config = none;
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(the_status_says_what_is_well),
	TEST(what_is_not_well_is_said_with_its_remedy),
	TEST(a_stranger_is_not_told),
	TEST(where_to_report_is_told_when_it_is_set),
};

SUITE_MAIN("cgi/status", tests, visit_open, visit_close)
