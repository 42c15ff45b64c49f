/* Projects, bindings, runs, and the versions that runs hold. */

#include "core/audit/disclose.h"
#include "core/runs/credential.h"
#include "core/vault/environment.h"
#include "core/vault/lease.h"
#include "core/vault/provider.h"
#include "tests/core/vault/put.h"

#define LEASE_MINUTES	15
#define NAME		"providers/anthropic_api_key"

static struct house h;
static struct environment * environment;
static struct project project;
static const struct provider anthropic = { .name = "anthropic",
    .variable = "ANTHROPIC_API_KEY", .secret = NAME };

static int
setup(void)
{

	if (house_open(&h) != 0 || environment_read(&environment, NULL) !=
	    SR_OK)
		return (1);
	return (0);
}

static int
teardown(void)
{

	environment_free(&environment);
	house_close(&h);
	return (0);
}

static enum sr_error
make_project(const char * slug, const char * name, struct project * out,
    struct secret_complaint * complaint)
{
	const struct project_write w = { .slug = slug, .name = name,
	    .description = "What it is for" };

	return (project_create(&h.store, &h.actor, &w, complaint, out));
}

static void
store_version(const char * name, const char * value)
{

	ASSERT_ERR_FATAL(put_into(&h.store, &h.actor, "integration", name,
	    value, NULL, NULL), SR_OK);
}

static enum sr_error
start(struct run * out)
{
	const struct run_write w = { .project_id = project.id,
	    .workflow_name = "nightly", .workflow_version = "1.2",
	    .trigger = "manual" };

	return (run_create(&h.store, &h.actor, &w, LEASE_MINUTES, NULL, out));
}

/* The value that a run gets for the provider; 0 for an error. */
static uint32_t
version_of(const struct run * run, enum sr_error expected)
{
	const struct run_asking asking = { .store = &h.store,
	    .environment = environment, .actor = &h.actor,
	    .run_id = run->id, .lease_minutes = LEASE_MINUTES };
	struct run_source source;
	struct disclosed * out;

	ASSERT_ERR(run_credential(&asking, &anthropic, &source, &out),
	    expected);
	CU_ASSERT_EQUAL(out != NULL, expected == SR_OK);
	disclosed_free(&out);
	return (source.key_version);
}

static void
a_project_is_made_once_and_found(void)
{
	struct secret_complaint complaint;
	struct project p;

	ASSERT_ERR_FATAL(make_project("billing", "Billing agents", &project,
	    &complaint), SR_OK);
	ASSERT_ERR(make_project("billing", "Another", NULL, &complaint),
	    SR_E_PROJECT_EXISTS);
	ASSERT_ERR(project_show(h.store.db, &project.id, &p), SR_OK);
	CU_ASSERT_STRING_EQUAL(p.name, "Billing agents");
	ASSERT_ERR(project_by_slug(h.store.db, "billing", &p), SR_OK);
	ASSERT_ERR(project_by_slug(h.store.db, "nobody", &p),
	    SR_E_PROJECT_NOT_FOUND);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM audit_event"
	    " WHERE action = 'PROJECT_CREATE' AND outcome = 'succeeded'"));
}

static void
what_is_no_project_is_refused_by_field(void)
{
	static const struct {
		const char * slug, * name;
		enum sr_error err;
		const char * field;
	} bad[] = {
		{ "", "N", SR_E_PROJECT_SLUG_INVALID, "slug" },
		{ "-x", "N", SR_E_PROJECT_SLUG_INVALID, "slug" },
		{ "Upper", "N", SR_E_PROJECT_SLUG_INVALID, "slug" },
		{ "ok", "", SR_E_PROJECT_INVALID, "name" },
		{ "ok", "two\nlines", SR_E_PROJECT_INVALID, "name" },
		{ "ok", TOKEN_SHAPED, SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED,
		    "name" },
	};
	struct secret_complaint complaint;
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		ASSERT_ERR(make_project(bad[i].slug, bad[i].name, NULL,
		    &complaint), bad[i].err);
		CU_ASSERT_STRING_EQUAL(complaint.field, bad[i].field);
	}
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM project"));
	CU_ASSERT(house_sql_is(&h, "blocked", "SELECT outcome FROM audit_event"
	    " WHERE action = 'PROJECT_CREATE' AND outcome <> 'succeeded'"));
}

static enum sr_error
count_binding(const struct binding * b, void * cookie)
{
	unsigned * n = cookie;

	CU_ASSERT_STRING_EQUAL(b->variable, "ANTHROPIC_API_KEY");
	CU_ASSERT_STRING_EQUAL(b->name, NAME);
	++*n;
	return (SR_OK);
}

static void
a_binding_names_a_stored_secret(void)
{
	struct binding_write w = { .project_id = project.id,
	    .variable = "ANTHROPIC_API_KEY", .scope = "integration",
	    .name = NAME };
	struct secret_complaint complaint;
	unsigned n = 0;

	ASSERT_ERR(binding_set(&h.store, &h.actor, &w, &complaint),
	    SR_E_SECRET_NOT_FOUND);
	store_version(NAME, "value-of-version-one");
	ASSERT_ERR(binding_set(&h.store, &h.actor, &w, &complaint), SR_OK);
	ASSERT_ERR(binding_set(&h.store, &h.actor, &w, &complaint), SR_OK);
	ASSERT_ERR(binding_list(h.store.db, &project.id, count_binding, &n),
	    SR_OK);
	CU_ASSERT_EQUAL(n, 1);
	w.variable = "9LIVES";
	ASSERT_ERR(binding_set(&h.store, &h.actor, &w, &complaint),
	    SR_E_BINDING_INVALID);
	CU_ASSERT_STRING_EQUAL(complaint.field, "env_var");
	ASSERT_ERR(binding_remove(&h.store, &h.actor, &w),
	    SR_E_BINDING_INVALID);
}

static void
only_the_tables_moves_are_made(void)
{
	enum run_status from, to;
	struct run run;
	unsigned legal = 0;

	for (from = 0; from < RUN_STATUS__MAX; from++)
		for (to = 0; to < RUN_STATUS__MAX; to++)
			legal += run_may_move(from, to);
	CU_ASSERT_EQUAL(legal, 9);
	ASSERT_ERR_FATAL(start(&run), SR_OK);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_PENDING, 1, NULL),
	    SR_E_RUN_TRANSITION_INVALID);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_AWAITING_APPROVAL, 1, &run),
	    SR_OK);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_RUNNING, 1, &run), SR_OK);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_COMPLETED, 1, &run), SR_OK);
	CU_ASSERT_NOT_EQUAL(run.completed_at, SR_TIME_NONE);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_COMPLETED, 1, &run), SR_OK);
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_RUNNING, 1, NULL),
	    SR_E_RUN_TRANSITION_INVALID);
	(void)version_of(&run, SR_E_RUN_FINISHED);
	run.id = project.id;
	ASSERT_ERR(run_move(&h.store, &run.id, RUN_RUNNING, 1, NULL),
	    SR_E_RUN_NOT_FOUND);
}

static void
st_sec_008_ac2_a_run_keeps_its_version_and_a_new_one_gets_the_new(void)
{
	struct run before, after;

	ASSERT_ERR_FATAL(start(&before), SR_OK);
	CU_ASSERT_EQUAL(version_of(&before, SR_OK), 1);
	store_version(NAME, "value-of-version-two");
	CU_ASSERT_EQUAL(version_of(&before, SR_OK), 1);
	ASSERT_ERR_FATAL(start(&after), SR_OK);
	CU_ASSERT_EQUAL(version_of(&after, SR_OK), 2);
	CU_ASSERT_EQUAL(version_of(&before, SR_OK), 1);
	/* While a rotation goes on nobody begins on the unproved key. */
	CU_ASSERT_FATAL(house_do(&h, "INSERT INTO rotation (id, provider,"
	    " secret_id, from_version, to_version, state, attempts,"
	    " rolled_back, continuity_alarm, actor_kind, actor_label,"
	    " started_at, next_at, deadline, open_mark) SELECT UUID(),"
	    " 'anthropic', id, 1, 2, 'VALIDATING', 0, 0, 0, 'account', 'x',"
	    " now(), now(), now(), 1 FROM secret_ref"));
	ASSERT_ERR_FATAL(start(&after), SR_OK);
	CU_ASSERT_EQUAL(version_of(&after, SR_OK), 1);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM rotation"));
	CU_ASSERT(house_sql_is(&h, "RESOLVE", "SELECT DISTINCT action FROM"
	    " audit_event WHERE target_kind = 'secret' AND chain_id = id"));
	ASSERT_ERR(run_move(&h.store, &before.id, RUN_FAILED, 1, NULL), SR_OK);
	ASSERT_ERR(run_move(&h.store, &after.id, RUN_FAILED, 1, NULL), SR_OK);
}

/* What nobody holds is destroyed after its grace, and not before. */
static void
a_version_goes_when_nobody_holds_it(void)
{
	uint64_t destroyed;
	struct run run;
	bool more;

	CU_ASSERT_FATAL(house_do(&h, "UPDATE credential_lease SET"
	    " released_at = now()"));
	ASSERT_ERR_FATAL(start(&run), SR_OK);
	store_version(NAME, "value-of-version-three");
	ASSERT_ERR(lease_tidy(&h.store, &h.actor, 60, &destroyed, &more),
	    SR_OK);
	CU_ASSERT_EQUAL(destroyed, 0);
	ASSERT_ERR(lease_tidy(&h.store, &h.actor, 0, &destroyed, &more),
	    SR_OK);
	CU_ASSERT_EQUAL(destroyed, 1);		/* 1; 2 is held. */
	CU_ASSERT_EQUAL(version_of(&run, SR_OK), 2);
	CU_ASSERT(house_sql_is(&h, "1\t1\n2\t0\n3\t0", "SELECT key_version,"
	    " wrapped_dek IS NULL FROM secret_version ORDER BY 1"));
	/* A run that does not call any more loses its hold. */
	CU_ASSERT_FATAL(house_do(&h, "UPDATE credential_lease SET"
	    " expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	ASSERT_ERR(lease_tidy(&h.store, &h.actor, 0, &destroyed, &more),
	    SR_OK);
	CU_ASSERT_EQUAL(destroyed, 1);
	CU_ASSERT_EQUAL(version_of(&run, SR_OK), 3);
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM audit_event"
	    " WHERE action = 'DESTROY' AND outcome = 'succeeded'"));
}

static void
a_call_keeps_the_lease(void)
{
	struct run run;

	ASSERT_ERR_FATAL(start(&run), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE credential_lease SET expires_at ="
	    " UTC_TIMESTAMP(6) + INTERVAL 5 SECOND WHERE released_at IS"
	    " NULL"));
	ASSERT_ERR(run_beat(&h.store, &run.id, LEASE_MINUTES), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM"
	    " credential_lease WHERE released_at IS NULL AND expires_at >"
	    " UTC_TIMESTAMP(6) + INTERVAL 14 MINUTE"));
}

static void
st_sec_009_ac3_a_run_without_a_source_fails_at_once(void)
{
	struct secret_meta meta;
	struct run run;

	ASSERT_ERR_FATAL(start(&run), SR_OK);
	ASSERT_ERR_FATAL(secret_find(h.store.db, SCOPE_INTEGRATION, &sr_id_nil,
	    NAME, &meta), SR_OK);
	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor,
	    &(struct secret_revocation){ .id = meta.id }, NULL), SR_OK);
	(void)version_of(&run, SR_E_PROVIDER_SECRET_UNAVAILABLE);
	CU_ASSERT(house_sql_is(&h, "failed\tsecret_revoked", "SELECT outcome,"
	    " error_type FROM audit_event WHERE action = 'RESOLVE'"
	    " ORDER BY occurred_at DESC, id DESC LIMIT 1"));
}

static void
a_resolve_that_cannot_be_audited_gives_nothing(void)
{
	struct run run;

	store_version(NAME, "value-of-version-four");
	ASSERT_ERR_FATAL(start(&run), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	(void)version_of(&run, SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	CU_ASSERT_EQUAL(version_of(&run, SR_OK), 4);
}

static enum sr_error
count_value(const struct binding * binding, const struct run_source * source,
    enum sr_error err, struct disclosed ** value, void * cookie)
{
	unsigned * n = cookie;

	ASSERT_ERR(err, SR_OK);
	CU_ASSERT_PTR_NOT_NULL(*value);
	CU_ASSERT_EQUAL(source->kind, SOURCE_REFERENCE);
	CU_ASSERT_STRING_EQUAL(binding->variable, "ANTHROPIC_API_KEY");
	++*n;
	return (SR_OK);
}

static void
a_runs_bindings_are_given_together(void)
{
	struct run_asking asking = { .store = &h.store,
	    .environment = environment, .actor = &h.actor,
	    .lease_minutes = LEASE_MINUTES };
	struct run run;
	unsigned n = 0;

	ASSERT_ERR_FATAL(start(&run), SR_OK);
	asking.run_id = run.id;
	ASSERT_ERR(run_values(&asking, count_value, &n), SR_OK);
	CU_ASSERT_EQUAL(n, 1);
}

/* It ends while its values are being read: no more of them are given. */
static enum sr_error
end_it(const struct binding * binding, const struct run_source * source,
    enum sr_error err, struct disclosed ** value, void * cookie)
{
	struct run * run = cookie;

	(void)binding;
	(void)source;
	if (run->status == RUN_RUNNING) {
		ASSERT_ERR(err, SR_OK);
		CU_ASSERT_PTR_NOT_NULL(*value);
		ASSERT_ERR(run_move(&h.store, &run->id, RUN_CANCELLED,
		    LEASE_MINUTES, run), SR_OK);
		return (SR_OK);
	}
	ASSERT_ERR(err, SR_E_RUN_FINISHED);
	CU_ASSERT_PTR_NULL(*value);
	return (SR_OK);
}

static void
a_run_that_ends_meanwhile_is_given_no_more(void)
{
	struct run_asking asking = { .store = &h.store,
	    .environment = environment, .actor = &h.actor,
	    .lease_minutes = LEASE_MINUTES };
	struct run run;

	CU_ASSERT_FATAL(house_do(&h, "INSERT INTO project_secret_binding"
	    " (project_id, env_var_name, secret_id, created_at) SELECT"
	    " project_id, 'ZZ_LAST', secret_id, created_at FROM"
	    " project_secret_binding LIMIT 1"));
	ASSERT_ERR_FATAL(start(&run), SR_OK);
	asking.run_id = run.id;
	ASSERT_ERR(run_values(&asking, end_it, &run), SR_OK);
	CU_ASSERT_EQUAL(run.status, RUN_CANCELLED);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM credential_lease"
	    " l JOIN run r ON r.id = l.run_id WHERE r.status = 'cancelled'"
	    " AND l.released_at IS NULL"));
}

static const struct suite_test tests[] = {
	TEST(a_project_is_made_once_and_found),
	TEST(what_is_no_project_is_refused_by_field),
	TEST(a_binding_names_a_stored_secret),
	TEST(only_the_tables_moves_are_made),
	TEST(st_sec_008_ac2_a_run_keeps_its_version_and_a_new_one_gets_the_new),
	TEST(a_version_goes_when_nobody_holds_it),
	TEST(a_call_keeps_the_lease),
	TEST(st_sec_009_ac3_a_run_without_a_source_fails_at_once),
	TEST(a_resolve_that_cannot_be_audited_gives_nothing),
	TEST(a_runs_bindings_are_given_together),
	TEST(a_run_that_ends_meanwhile_is_given_no_more),
};

SUITE_MAIN("core/runs/run", tests, setup, teardown)
