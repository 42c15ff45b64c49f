#include "core/audit/query.h"
#include "core/redact/redact.h"
#include "tests/core/audit/fixture.h"

static const struct audit_filter nothing = { .from = SR_TIME_NONE,
    .to = SR_TIME_NONE };

struct found {
	unsigned n;
	struct audit_row row[4];
};

static enum sr_error
keep(const struct audit_row * row, void * cookie)
{
	struct found * f = cookie;

	must(f->n < COUNTOF(f->row));
	f->row[f->n++] = *row;
	return (SR_OK);
}

static enum sr_error
of_secret(const char * secret, struct audit_filter * f)
{
	const char * field;

	return (audit_filter_parse(&(struct audit_filter_text){
	    .secret = secret }, f, &field));
}

static void
reading_has_a_row_of_its_own(void)
{
	struct audit_filter f;
	struct found got = { .n = 0 };
	struct sr_id event, before = new_id();
	uint32_t rows;

	ASSERT_ERR(of_secret("project/team/key", &f), SR_OK);
	ASSERT_ERR(audit_reading(&store, &owner, AUDIT_AUDIT_EXPORT, &f,
	    &event), SR_OK);
	f.target_id = before;
	ASSERT_ERR(audit_reading(&store, &owner, AUDIT_AUDIT_READ, &f, NULL),
	    SR_OK);
	ASSERT_ERR(audit_find(db, &nothing, NULL, 2, keep, &got), SR_OK);
	CU_ASSERT_EQUAL_FATAL(got.n, 2);
	CU_ASSERT(sr_id_equal(&got.row[1].id, &event));
	CU_ASSERT(sr_id_equal(&got.row[1].chain_id, &event));
	CU_ASSERT_STRING_EQUAL(got.row[1].action, "AUDIT_EXPORT");
	CU_ASSERT_STRING_EQUAL(got.row[1].outcome, "succeeded");
	CU_ASSERT_STRING_EQUAL(got.row[1].target_kind, "secret");
	CU_ASSERT_STRING_EQUAL(got.row[1].scope, "project");
	CU_ASSERT_STRING_EQUAL(got.row[1].name, "team/key");
	/* Nothing is put into the chain of what was asked for. */
	CU_ASSERT_STRING_EQUAL(got.row[0].action, "AUDIT_READ");
	CU_ASSERT(sr_id_equal(&got.row[0].target_id, &before));
	CU_ASSERT(sr_id_equal(&got.row[0].chain_id, &got.row[0].id));
	ASSERT_ERR(audit_verify_chain(&store, &event, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, 1);
}

static void
without_a_key_reading_goes_on_and_exporting_does_not(void)
{
	struct store locked = store;
	struct sr_id event;

	must(keystore_new(&locked.keys) == SR_OK);
	ASSERT_ERR(audit_reading(&locked, &owner, AUDIT_AUDIT_READ, &nothing,
	    &event), SR_OK);
	CU_ASSERT(sr_id_is_nil(&event));
	ASSERT_ERR(audit_reading(&locked, &owner, AUDIT_AUDIT_EXPORT,
	    &nothing, &event), SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	keystore_free(&locked.keys);
}

static void
a_token_in_a_filter_is_not_written_down(void)
{
	struct found got = { .n = 0 };
	struct audit_filter f;
	char secret[64];

	/* Put together here, so that this file holds no token. */
	(void)snprintf(secret, sizeof(secret), "instance/%s_%s", "ghp",
	    "x9Kd83jfKs02LdkWq71mZpTt5bRy4cVn0aQe");
	ASSERT_ERR(of_secret(secret, &f), SR_OK);
	ASSERT_ERR(audit_reading(&store, &owner, AUDIT_AUDIT_READ, &f, NULL),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	ASSERT_ERR(audit_find(db, &nothing, NULL, 1, keep, &got), SR_OK);
	CU_ASSERT_EQUAL_FATAL(got.n, 1);
	CU_ASSERT_STRING_EQUAL(got.row[0].action, "AUDIT_READ");
	CU_ASSERT_STRING_EQUAL(got.row[0].outcome, "blocked");
	CU_ASSERT_STRING_EQUAL(got.row[0].name, "");
	CU_ASSERT_STRING_EQUAL(got.row[0].error_type,
	    "plaintext_secret_persistence_blocked");
}

static int
reading_start(void)
{

	if (audit_start() != 0)
		return (-1);
	return (redact_new(&store.redact) == SR_OK ? 0 : -1);
}

static int
reading_stop(void)
{

	redact_free(&store.redact);
	return (audit_stop());
}

static const struct suite_test tests[] = {
	TEST(reading_has_a_row_of_its_own),
	TEST(without_a_key_reading_goes_on_and_exporting_does_not),
	TEST(a_token_in_a_filter_is_not_written_down),
};
SUITE_MAIN("core/audit/reading", tests, reading_start, reading_stop)
