/* Secrets in plain fields, at the boundary of an action. */

#include "tests/core/vault/put.h"

static struct house h;

/* One refusal, with its blocked row and nothing else. */
static void
blocked(const struct secret_write * w, const char * field, const char * audit)
{
	struct secret_complaint c = { NULL, NULL };

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM audit_event"));
	ASSERT_ERR(secret_put(&h.store, &h.actor, w, &c, NULL),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c.field);
	CU_ASSERT_STRING_EQUAL(c.field, field);
	CU_ASSERT_STRING_EQUAL(c.policy, POLICY_PLAINTEXT);
	CU_ASSERT(house_sql_is(&h, audit, "SELECT action, outcome,"
	    " IFNULL(scope, '-'), IFNULL(name, '-'), actor_label"
	    " FROM audit_event"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM secret_ref"));
}

static void
st_sec_002_ac1_a_secret_in_any_plain_field_is_blocked(void)
{
	struct secbuf * value = house_secret("value-number-one");
	const struct secret_write good = { .scope = "instance",
	    .name = "plain/fields", .value = value };
	struct secret_write w = good;
	const char * audit = "CREATE\tblocked\tinstance\t-\t"
	    "lead@example.org";

	w.project = TOKEN_SHAPED;
	blocked(&w, "project", audit);
	w = good;
	w.name = "plain/" TOKEN_SHAPED;
	blocked(&w, "name", audit);
	w = good;
	w.expires_at = TOKEN_SHAPED;
	blocked(&w, "expires_at", audit);
	/* The value itself, pasted into the wrong field too. */
	w.expires_at = "value-number-one";
	blocked(&w, "expires_at", audit);
	w = good;
	w.scope = TOKEN_SHAPED;
	blocked(&w, "scope", "CREATE\tblocked\t-\t-\tlead@example.org");
	ASSERT_ERR(secret_put(&h.store, &h.actor, &good, NULL, NULL), SR_OK);
	secbuf_free(&value);
}

static void
st_sec_002_ac3_any_action_names_field_and_policy_and_leaves_a_row(void)
{
	const struct policy_field bad[] = { { "name", "ci" },
	    { "description", NULL }, { "label", "see " TOKEN_SHAPED } };
	const struct audit_entry about = { .actor = &h.actor,
	    .action = AUDIT_API_KEY_CREATE, .target_kind = "api_key",
	    .target_id = h.actor.id, .name = "see " TOKEN_SHAPED };
	struct secret_complaint c = { "unset", "unset" };

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM audit_event"));
	ASSERT_ERR(policy_admit(&h.store, &about, bad, 2, &c), SR_OK);
	CU_ASSERT_PTR_NULL(c.field);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM audit_event"));
	ASSERT_ERR(policy_admit(&h.store, &about, bad, COUNTOF(bad), &c),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	CU_ASSERT_STRING_EQUAL(c.field, "label");
	CU_ASSERT_STRING_EQUAL(c.policy, POLICY_PLAINTEXT);
	CU_ASSERT(house_sql_is(&h, "API_KEY_CREATE\tblocked\tapi_key\tNULL\t"
	    "NULL\tplaintext_secret_persistence_blocked\tlead@example.org",
	    "SELECT action, outcome, target_kind, target_id, name, error_type,"
	    " actor_label FROM audit_event"));
	ASSERT_ERR(policy_admit(&h.store, &about, bad, COUNTOF(bad), NULL),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
}

static int
setup(void)
{
	return (house_open(&h));
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(st_sec_002_ac1_a_secret_in_any_plain_field_is_blocked),
	TEST(st_sec_002_ac3_any_action_names_field_and_policy_and_leaves_a_row),
};
SUITE_MAIN("core/vault/policy_admit", tests, setup, teardown)
