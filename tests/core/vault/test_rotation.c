/* Rotation of a provider's credential, against a real server. */

#include "tests/core/vault/rotating.h"

#define VERSIONS "SELECT key_version, state FROM secret_version ORDER BY 1"

static void
st_sec_008_ac1_a_new_version_is_active_and_the_reference_moves(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct provider_state s;
	struct rotation n;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	CU_ASSERT_EQUAL(n.state, ROTATION_SWITCHED);
	CU_ASSERT_EQUAL(n.before, ROTATION_PASSED);
	CU_ASSERT(house_sql_is(&h, "2\tswitched\trotating", "SELECT"
	    " r.key_version, o.state, p.status FROM secret_ref r, rotation o,"
	    " provider_credential p"));
	ASSERT_ERR(rotation_run(&r, &provider, &n), SR_OK);
	CU_ASSERT_EQUAL(n.state, ROTATION_DONE);
	CU_ASSERT_EQUAL(n.after, ROTATION_PASSED);
	CU_ASSERT_FALSE(n.rolled_back);
	CU_ASSERT_FALSE(n.continuity_alarm);
	CU_ASSERT(house_sql_is(&h, "1\tsuperseded\n2\tactive", VERSIONS));
	ASSERT_ERR(provider_state_read(h.store.db, &provider, &s), SR_OK);
	CU_ASSERT_EQUAL(s.status, PROVIDER_ACTIVE);
	CU_ASSERT(s.has_former && s.former == PROVIDER_ROTATING);
	CU_ASSERT_EQUAL(s.checked_version, 2);
	CU_ASSERT(house_sql_is(&h, "ROTATION_BEGIN\nROTATE\nROTATION_DONE",
	    "SELECT action FROM audit_event WHERE chain_id = (SELECT id FROM"
	    " secret_ref) AND chain_seq > 1 ORDER BY chain_seq"));
}

static void
st_sec_008_ac3_a_refused_key_is_rolled_back(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct provider_state s;
	struct secret_meta meta;
	struct rotation n;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_BAD, false, &n), SR_OK);
	ASSERT_ERR(rotation_run(&r, &provider, &n),
	    SR_E_PROVIDER_ROTATION_VALIDATION_FAILED);
	CU_ASSERT_EQUAL(n.state, ROTATION_ROLLED_BACK);
	CU_ASSERT_EQUAL(n.after, ROTATION_REFUSED);
	CU_ASSERT_EQUAL(n.attempts, 1);
	CU_ASSERT(n.rolled_back);
	CU_ASSERT_FALSE(n.continuity_alarm);
	CU_ASSERT(house_sql_is(&h, "1\tactive\n2\trolled_back", VERSIONS));
	CU_ASSERT(house_sql_is(&h, "1\t0\n2\t1", "SELECT key_version,"
	    " MAX(retired_at IS NOT NULL) FROM redaction_variant"
	    " GROUP BY key_version"));
	ASSERT_ERR(provider_state_read(h.store.db, &provider, &s), SR_OK);
	CU_ASSERT_EQUAL(s.status, PROVIDER_ACTIVE);
	CU_ASSERT_EQUAL(s.checked_version, 1);
	/* The number of the version that was taken back is not used again. */
	ASSERT_ERR(put_into(&h.store, &h.actor, "integration", KEY_NAME,
	    KEY_TWO, NULL, &meta), SR_OK);
	CU_ASSERT_EQUAL(meta.key_version, 3);
	CU_ASSERT(house_sql_is(&h,
	    "1\tsuperseded\n2\trolled_back\n3\tactive", VERSIONS));
}

/* What was tried has no expiry; what comes back has the one it had. */
static void
a_version_that_comes_back_still_expires(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct rotation n;

	start_with(KEY_ONE);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_ref SET expires_at ="
	    " '2099-01-02'"));
	ASSERT_ERR_FATAL(begin(KEY_BAD, false, &n), SR_OK);
	ASSERT_ERR(rotation_run(&r, &provider, &n),
	    SR_E_PROVIDER_ROTATION_VALIDATION_FAILED);
	CU_ASSERT_EQUAL(n.state, ROTATION_ROLLED_BACK);
	CU_ASSERT(house_sql_is(&h, "1\t2099-01-02 00:00:00.000000",
	    "SELECT key_version, expires_at FROM secret_ref"));
}

static void
an_endpoint_that_fails_is_asked_again_then_rolled_back(void)
{
	const struct rotating r = rotating_with(&h.store);
	unsigned before;
	struct rotation n;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	provider_server_mode(server, PROVIDER_MODE_500);
	before = provider_server_requests(server);
	ASSERT_ERR(rotation_run(&r, &provider, &n),
	    SR_E_PROVIDER_ROTATION_VALIDATION_FAILED);
	CU_ASSERT_EQUAL(n.attempts, 3);
	CU_ASSERT_EQUAL(n.after, ROTATION_FAILED);
	CU_ASSERT_EQUAL(n.after_failure, PROVIDER_FAILURE_SERVER_ERROR);
	/* The former key cannot be asked about either. */
	CU_ASSERT(n.rolled_back && n.continuity_alarm);
	CU_ASSERT_EQUAL(provider_server_requests(server), before + 4);
	CU_ASSERT(house_sql_is(&h, "1\tactive\n2\trolled_back", VERSIONS));
}

static void
a_precheck_that_fails_asks_to_confirm(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct rotation n;

	start_with(KEY_BAD);
	ASSERT_ERR(begin(KEY_TWO, false, &n),
	    SR_E_PROVIDER_ROTATION_PRECHECK_FAILED);
	CU_ASSERT_EQUAL(n.before, ROTATION_REFUSED);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM rotation"));
	ASSERT_ERR_FATAL(begin(KEY_TWO, true, &n), SR_OK);
	ASSERT_ERR(rotation_run(&r, &provider, &n), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1\tsuperseded\n2\tactive", VERSIONS));
}

static void
the_environments_value_cannot_be_rotated(void)
{
	struct rotation n;

	start_with(KEY_ONE);
	environment_free(&environment);
	CU_ASSERT_EQUAL(setenv(provider.variable, KEY_TWO, 1), 0);
	ASSERT_ERR_FATAL(environment_read(&environment, NULL), SR_OK);
	ASSERT_ERR(begin(KEY_TWO, false, &n), SR_E_PROVIDER_SOURCE_CONFLICT);
	environment_free(&environment);
	ASSERT_ERR_FATAL(environment_read(&environment, NULL), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_ref SET"
	    " status = 'revoked'"));
	ASSERT_ERR(begin(KEY_TWO, false, &n), SR_E_PROVIDER_CREDENTIAL_MISSING);
	CU_ASSERT(house_sql_is(&h, "1\tactive", VERSIONS));
}

static void
one_rotation_at_a_time(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct rotation n, other;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	ASSERT_ERR(begin(KEY_ONE, false, &other),
	    SR_E_PROVIDER_ROTATION_IN_PROGRESS);
	ASSERT_ERR(put_into(&h.store, &h.actor, "integration", KEY_NAME,
	    KEY_ONE, NULL, NULL), SR_E_PROVIDER_ROTATION_IN_PROGRESS);
	ASSERT_ERR(rotation_run(&r, &provider, &n), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1\tsuperseded\n2\tactive", VERSIONS));
}

static void
a_secret_revoked_meanwhile_ends_it(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct rotation n;
	bool ended;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor,
	    &(struct secret_revocation){ .id = n.secret_id }, NULL), SR_OK);
	ASSERT_ERR(rotation_step(&r, &provider, &n, &ended), SR_OK);
	CU_ASSERT(ended && n.state == ROTATION_CANCELLED);
	CU_ASSERT(house_sql_is(&h, "1\trevoked\n2\trevoked", VERSIONS));
	CU_ASSERT(house_sql_is(&h, "not_set", "SELECT status FROM"
	    " provider_credential"));
}

static void
a_value_that_cannot_be_stored_leaves_no_open_rotation(void)
{
	struct rotation n;

	start_with(KEY_ONE);
	ASSERT_ERR(begin("short", false, &n), SR_E_SECRET_VALUE_INVALID);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE redaction_change TO"
	    " hidden"));
	ASSERT_ERR(begin(KEY_TWO, false, &n), SR_E_SECRET_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO"
	    " redaction_change"));
	CU_ASSERT(house_sql_is(&h, "cancelled\tNULL\ncancelled\tNULL",
	    "SELECT state, open_mark FROM rotation"));
	CU_ASSERT(house_sql_is(&h, "1\tactive", VERSIONS));
}

/* Any worker goes on where the one that began it was killed. */
static void
another_worker_goes_on(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct providers * providers;
	struct config * config;
	char complaint[256];
	struct rotation n;
	bool taken, found;

	start_with(KEY_ONE);
	CU_ASSERT_EQUAL(setenv("STRONGROOM_PROVIDER_ANTHROPIC_BASE_URL",
	    provider_server_url(server), 1), 0);
	ASSERT_ERR_FATAL(config_load(NULL, complaint, sizeof(complaint),
	    &config), SR_OK);
	ASSERT_ERR_FATAL(providers_new(config, complaint, sizeof(complaint),
	    &providers), SR_OK);
	ASSERT_ERR(rotation_resume(&r, providers, &taken), SR_OK);
	CU_ASSERT_FALSE(taken);
	ASSERT_ERR_FATAL(begin(KEY_BAD, false, &n), SR_OK);
	ASSERT_ERR(rotation_resume(&r, providers, &taken), SR_OK);
	CU_ASSERT(taken);
	ASSERT_ERR(rotation_latest(h.store.db, &provider, &n, &found), SR_OK);
	CU_ASSERT_EQUAL(n.state, ROTATION_CONFIRMING);
	ASSERT_ERR(rotation_resume(&r, providers, &taken), SR_OK);
	ASSERT_ERR(rotation_latest(h.store.db, &provider, &n, &found), SR_OK);
	CU_ASSERT(found && n.state == ROTATION_ROLLED_BACK);
	CU_ASSERT_FALSE(n.continuity_alarm);
	ASSERT_ERR(rotation_resume(&r, providers, &taken), SR_OK);
	CU_ASSERT_FALSE(taken);
	CU_ASSERT(house_sql_is(&h, "1\tactive\n2\trolled_back", VERSIONS));
	providers_free(&providers);
	config_free(&config);
	CU_ASSERT_EQUAL(unsetenv("STRONGROOM_PROVIDER_ANTHROPIC_BASE_URL"),
	    0);
}

static const struct suite_test tests[] = {
	TEST(st_sec_008_ac1_a_new_version_is_active_and_the_reference_moves),
	TEST(st_sec_008_ac3_a_refused_key_is_rolled_back),
	TEST(a_version_that_comes_back_still_expires),
	TEST(an_endpoint_that_fails_is_asked_again_then_rolled_back),
	TEST(a_precheck_that_fails_asks_to_confirm),
	TEST(the_environments_value_cannot_be_rotated),
	TEST(one_rotation_at_a_time),
	TEST(a_secret_revoked_meanwhile_ends_it),
	TEST(a_value_that_cannot_be_stored_leaves_no_open_rotation),
	TEST(another_worker_goes_on),
};

SUITE_MAIN("core/vault/rotation", tests, rotating_setup, rotating_teardown)
