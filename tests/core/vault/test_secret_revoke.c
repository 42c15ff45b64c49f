#include "tests/core/vault/put.h"

#include "core/store/keystore.h"

static struct house h;

static enum sr_error
revoke(const struct sr_id * id, uint32_t expected, struct secret_meta * out)
{
	const struct secret_revocation r = { .id = *id, .expected = expected };

	return (secret_revoke(&h.store, &h.actor, &r, out));
}

static void
revoking_destroys_every_version_and_keeps_what_is_known(void)
{
	struct secret_meta one, m, seen;
	struct secbuf * value;
	uint32_t rows = 0;

	ASSERT_ERR_FATAL(put(&h, "revoke/me", "value-number-one", &one), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "revoke/me", "value-number-two", &one), SR_OK);
	ASSERT_ERR_FATAL(revoke(&one.id, 0, &m), SR_OK);
	CU_ASSERT_STRING_EQUAL(m.status, "revoked");
	CU_ASSERT_EQUAL(m.key_version, 2);
	CU_ASSERT(m.updated_at > one.updated_at);
	CU_ASSERT_EQUAL(m.last_rotated_at, one.last_rotated_at);
	ASSERT_ERR_FATAL(secret_show(h.store.db, &one.id, &seen), SR_OK);
	CU_ASSERT_STRING_EQUAL(seen.status, "revoked");
	CU_ASSERT_EQUAL(seen.updated_at, m.updated_at);
	ASSERT_ERR(secret_open(&h.store, &one.id, 1, &value),
	    SR_E_SECRET_REVOKED);
	ASSERT_ERR(secret_open(&h.store, &one.id, 2, &value),
	    SR_E_SECRET_REVOKED);
	CU_ASSERT(house_sql_is(&h, "1\trevoked\t1\t1\n2\trevoked\t1\t1",
	    "SELECT v.key_version, v.state, v.wrapped_dek IS NULL,"
	    " v.destroyed_at = r.updated_at FROM secret_version v"
	    " JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'revoke/me' ORDER BY 1"));
	CU_ASSERT(house_sql_is(&h, "CREATE\t1\nROTATE\t2\nREVOKE\t2",
	    "SELECT action, key_version FROM audit_event"
	    " WHERE name = 'revoke/me' ORDER BY chain_seq"));
	ASSERT_ERR(audit_verify_chain(&h.store, &one.id, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, 3);
}

static void
its_forms_are_retired_and_told_to_all(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "revoke/forms", "value-still-masked", &m),
	    SR_OK);
	ASSERT_ERR_FATAL(revoke(&m.id, 1, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) > 0"
	    " AND SUM(retired_at IS NULL) = 0 FROM redaction_variant v"
	    " JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'revoke/forms'"));
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM redaction_change"
	    " c JOIN secret_ref r ON r.id = c.secret_id"
	    " WHERE r.name = 'revoke/forms'"));
}

static void
a_revoked_name_starts_anew_and_its_former_versions_stay_destroyed(void)
{
	struct secret_meta m, two;
	struct secbuf * value;

	ASSERT_ERR_FATAL(put(&h, "revoke/again", "value-number-one", &m),
	    SR_OK);
	ASSERT_ERR_FATAL(revoke(&m.id, 0, NULL), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "revoke/again", "value-number-two", &two),
	    SR_OK);
	CU_ASSERT(sr_id_equal(&m.id, &two.id));
	CU_ASSERT_EQUAL(two.key_version, 2);
	CU_ASSERT_STRING_EQUAL(two.status, "active");
	CU_ASSERT(opens_to(&h.store, &m.id, 2, "value-number-two"));
	ASSERT_ERR(secret_open(&h.store, &m.id, 1, &value),
	    SR_E_SECRET_REVOKED);
	ASSERT_ERR_FATAL(revoke(&m.id, 2, NULL), SR_OK);
	/* Each version says when it was destroyed, the first one earlier. */
	CU_ASSERT(house_sql_is(&h, "1", "SELECT MIN(destroyed_at) <"
	    " MAX(destroyed_at) FROM secret_version v JOIN secret_ref r"
	    " ON r.id = v.secret_id WHERE r.name = 'revoke/again'"));
}

static void
refused_as(const struct sr_id * id, uint32_t expected, enum sr_error error,
    const char * audit)
{
	char text[SR_ID_STRLEN + 1];
	char * sql;

	sr_id_format(id, text);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM audit_event"
	    " WHERE outcome <> 'succeeded'"));
	ASSERT_ERR(revoke(id, expected, NULL), error);
	sql = text_format("SELECT action, outcome, error_type, IFNULL(name,"
	    " '-'), IFNULL(key_version, 0), actor_label, target_id = '%s'"
	    " FROM audit_event WHERE outcome <> 'succeeded'", text);
	CU_ASSERT(house_sql_is(&h, audit, sql));
	free(sql);
}

static void
what_cannot_be_revoked_is_refused_and_audited(void)
{
	const struct sr_id nobody = { { 9, 9 } };
	struct secret_meta m, seen;

	refused_as(&nobody, 0, SR_E_SECRET_NOT_FOUND, "REVOKE\tfailed\t"
	    "secret_not_found\t-\t0\tlead@example.org\t1");
	ASSERT_ERR_FATAL(put(&h, "revoke/no", "value-number-one", &m), SR_OK);
	refused_as(&m.id, 2, SR_E_SECRET_VERSION_CONFLICT, "REVOKE\tfailed\t"
	    "secret_version_conflict\trevoke/no\t1\tlead@example.org\t1");
	ASSERT_ERR_FATAL(secret_show(h.store.db, &m.id, &seen), SR_OK);
	CU_ASSERT_STRING_EQUAL(seen.status, "active");
	CU_ASSERT(opens_to(&h.store, &m.id, 1, "value-number-one"));
	ASSERT_ERR_FATAL(revoke(&m.id, 1, NULL), SR_OK);
	refused_as(&m.id, 1, SR_E_SECRET_ALREADY_REVOKED, "REVOKE\tfailed\t"
	    "secret_already_revoked\trevoke/no\t1\tlead@example.org\t1");
}

static void
without_a_root_key_nothing_is_revoked(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "revoke/keyless", "value-number-one", &m),
	    SR_OK);
	ASSERT_ERR(house_load_key(&h, NULL), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(revoke(&m.id, 0, NULL), SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR_FATAL(house_load_key(&h, h.key_file), SR_OK);
	CU_ASSERT(opens_to(&h.store, &m.id, 1, "value-number-one"));
}

/* --- Versions and expiry ------------------------------------------------- */

struct versions {
	struct secret_version_meta v[8];
	unsigned n;
};

static enum sr_error
keep_version(const struct secret_version_meta * version, void * cookie)
{
	struct versions * all = cookie;

	if (all->n == COUNTOF(all->v))
		return (SR_E_LIMIT_EXCEEDED);
	all->v[all->n++] = *version;
	return (SR_OK);
}

static enum sr_error
stop_at_once(const struct secret_version_meta * version, void * cookie)
{
	(void)version;
	(void)cookie;
	return (SR_E_LIMIT_EXCEEDED);
}

static void
versions_are_listed_newest_first_and_paged(void)
{
	const struct sr_id nobody = { { 9, 9 } };
	struct versions all = { .n = 0 };
	struct secret_meta m;
	unsigned i;

	for (i = 0; i < 3; i++)
		ASSERT_ERR_FATAL(put(&h, "versions/all", "value-number-one",
		    &m), SR_OK);
	ASSERT_ERR_FATAL(secret_versions(h.store.db, &m.id, 0, 8, keep_version,
	    &all), SR_OK);
	CU_ASSERT_EQUAL_FATAL(all.n, 3);
	for (i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(all.v[i].key_version, 3 - i);
		CU_ASSERT_EQUAL(all.v[i].kek_version, 1);
		CU_ASSERT_STRING_EQUAL(all.v[i].state,
		    i == 0 ? "active" : "superseded");
		CU_ASSERT_EQUAL(all.v[i].destroyed_at, SR_TIME_NONE);
	}
	CU_ASSERT_EQUAL(all.v[2].created_at, m.created_at);
	all.n = 0;
	ASSERT_ERR_FATAL(secret_versions(h.store.db, &m.id, 3, 1, keep_version,
	    &all), SR_OK);
	CU_ASSERT_EQUAL_FATAL(all.n, 1);
	CU_ASSERT_EQUAL(all.v[0].key_version, 2);
	ASSERT_ERR_FATAL(revoke(&m.id, 3, NULL), SR_OK);
	all.n = 0;
	ASSERT_ERR_FATAL(secret_versions(h.store.db, &m.id, 0, 8, keep_version,
	    &all), SR_OK);
	CU_ASSERT_EQUAL_FATAL(all.n, 3);
	CU_ASSERT_STRING_EQUAL(all.v[2].state, "revoked");
	CU_ASSERT(all.v[2].destroyed_at > m.updated_at);
	ASSERT_ERR(secret_versions(h.store.db, &m.id, 0, 8, stop_at_once,
	    NULL), SR_E_LIMIT_EXCEEDED);
	ASSERT_ERR(secret_versions(h.store.db, &nobody, 0, 8, stop_at_once,
	    NULL), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE secret_version TO hidden"));
	ASSERT_ERR(secret_versions(h.store.db, &m.id, 0, 8, keep_version,
	    &all), SR_E_SECRET_METADATA_UNAVAILABLE);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO secret_version"));
}

static void
a_secret_expires_at_its_very_time(void)
{
	struct secret_meta m = { .expires_at = 1000 };

	CU_ASSERT(!secret_expired(&m, 999));
	CU_ASSERT(secret_expired(&m, 1000));
	CU_ASSERT(secret_expired(&m, 1001));
	m.expires_at = SR_TIME_NONE;
	CU_ASSERT(!secret_expired(&m, INT64_MAX));
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
	TEST(revoking_destroys_every_version_and_keeps_what_is_known),
	TEST(its_forms_are_retired_and_told_to_all),
	TEST(a_revoked_name_starts_anew_and_its_former_versions_stay_destroyed),
	TEST(what_cannot_be_revoked_is_refused_and_audited),
	TEST(without_a_root_key_nothing_is_revoked),
	TEST(versions_are_listed_newest_first_and_paged),
	TEST(a_secret_expires_at_its_very_time),
};
SUITE_MAIN("core/vault/secret_revoke", tests, setup, teardown)
