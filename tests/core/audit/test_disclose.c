#include "core/audit/disclose.h"
#include "core/base/secbuf.h"
#include "tests/harness/suite.h"

static void
a_disclosed_value_is_bound_to_its_row(void)
{
	struct audit_receipt receipt;
	struct disclosed * d = NULL;
	struct secbuf * value, * copy;
	struct sr_id event;

	must(sr_id_new(&receipt.event_id) == SR_OK);
	must(secbuf_copy("session token", 13, &value) == SR_OK);
	must(secbuf_copy("session token", 13, &copy) == SR_OK);
	ASSERT_ERR(disclose(&receipt, &value, &d), SR_OK);
	CU_ASSERT_PTR_NULL(value);
	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	CU_ASSERT(secbuf_equal(disclosed_value(d), copy));
	event = disclosed_event(d);
	CU_ASSERT(sr_id_equal(&event, &receipt.event_id));
	disclosed_free(&d);
	CU_ASSERT_PTR_NULL(d);
	disclosed_free(&d);
	secbuf_free(&copy);
}

static const struct suite_test tests[] = {
	TEST(a_disclosed_value_is_bound_to_its_row),
};
SUITE_MAIN("core/audit/disclose", tests, NULL, NULL)
