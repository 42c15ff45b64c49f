/* A rotation that is stuck, and a check that is due, on the pages. */

#include "tests/cgi/provider_visit.h"

static void
a_key_is_saved_and_rotated_at_first(void)
{
	struct visit v = { 0 };

	visit_sign_in();
	CU_ASSERT_EQUAL_FATAL(post(&v, SAVE, "setup_provider[value]="
	    KEY_ONE), 303);
	CU_ASSERT_EQUAL_FATAL(post(&v, ROTATE, "security_provider_rotation"
	    "[provider]=anthropic&security_provider_rotation[value]="
	    KEY_TWO), 303);
	visit_free(&v);
}

#define CANCEL	SECURITY "/providers/anthropic/rotation/cancel"

static void
a_rotation_that_is_stuck_is_visible_and_can_be_cancelled(void)
{
	struct visit v = { 0 };

	CU_ASSERT_EQUAL(post(&v, CANCEL, "confirm=yes"), 409);
	CU_ASSERT_TRUE(visit_has(&v, "provider_rotation_not_open"));
	CU_ASSERT_TRUE(house_do(&visit_house, "UPDATE rotation SET open_mark ="
	    " 1, state = 'prechecked', finished_at = NULL, next_at ="
	    " '2020-01-01', deadline = '2020-01-01' ORDER BY started_at DESC"
	    " LIMIT 1"));
	see(&v, SECURITY, "security");
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"provider-anthropic-rotation-stuck\""));
	CU_ASSERT_TRUE(visit_has(&v, "Nothing was stored yet"));
	see(&v, SETUP, "setup");
	CU_ASSERT_TRUE(visit_has(&v,
	    "id=\"provider-anthropic-rotation-stuck\""));
	CU_ASSERT_EQUAL(post(&v, CANCEL, ""), 422);
	CU_ASSERT_TRUE(visit_has(&v, "confirmation_required"));
	CU_ASSERT_EQUAL(post(&v, SECURITY "/providers/nobody/rotation/cancel",
	    "confirm=yes"), 404);
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'auditor'"));
	CU_ASSERT_EQUAL(post(&v, CANCEL, "confirm=yes"), 403);
	see(&v, SECURITY, "security");
	CU_ASSERT_FALSE(visit_has(&v, "rotation/cancel"));
	CU_ASSERT_TRUE(house_do(&visit_house,
	    "UPDATE account SET role = 'owner'"));
	CU_ASSERT_EQUAL(post(&v, CANCEL, "confirm=yes"), 303);
	v = (struct visit){ .path = SECURITY, .cookie = visit_session,
	    .query = "notice=rotation-cancelled", .answer = v.answer };
	visit_both(&v, 200, "security");
	CU_ASSERT_TRUE(visit_has(&v, "The rotation is cancelled."));
	CU_ASSERT_FALSE(visit_has(&v, "rotation/cancel"));
	CU_ASSERT_TRUE(says(&v,
	    "settings-security-provider-rotation-state", "cancelled"));
	CU_ASSERT_TRUE(house_sql_is(&visit_house, "1", "SELECT COUNT(*) FROM"
	    " audit_event WHERE action = 'ROTATION_CANCEL' AND outcome ="
	    " 'succeeded' AND actor_kind = 'account'"));
	visit_free(&v);
}

#define DUE	"id=\"settings-security-provider-due-at-anthropic\"><strong>" \
    "check is due<"

/* Saved where secrets are saved, nobody has asked the provider yet. */
static void
a_key_that_was_not_checked_yet_says_that_a_check_is_due(void)
{
	struct visit v = { 0 };

	see(&v, SECURITY, "security");
	CU_ASSERT_FALSE(visit_has(&v, DUE));
	CU_ASSERT_EQUAL(post(&v, SECURITY, "security_secret[scope]=integration"
	    "&security_secret[name]=providers/anthropic_api_key"
	    "&security_secret[value]=" KEY_TWO), 303);
	see(&v, SECURITY, "security");
	CU_ASSERT_TRUE(visit_has(&v, DUE));
	see(&v, SETUP, "setup");
	CU_ASSERT_EQUAL(post(&v, SECURITY "/providers/anthropic/check", ""),
	    303);
	see(&v, SECURITY, "security");
	CU_ASSERT_FALSE(visit_has(&v, DUE));
	visit_free(&v);
}

static const struct suite_test tests[] = {
	TEST(a_key_is_saved_and_rotated_at_first),
	TEST(a_rotation_that_is_stuck_is_visible_and_can_be_cancelled),
	TEST(a_key_that_was_not_checked_yet_says_that_a_check_is_due),
};

SUITE_MAIN("cgi/rotation_cancel_pages", tests, open_house, close_house)
