/*
 * A connection that breaks at any command of a write: the write either is
 * done, once and whole, or is refused and has changed nothing.
 */

#include "tests/core/vault/put.h"

#include "tests/harness/dbproxy.h"

static struct house h;
static struct dbproxy * proxy;
static struct store through;		/* The house's store, by the proxy. */

#define NAME	"lost/one"

static uint32_t
version_now(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(secret_find(h.store.db, SCOPE_INSTANCE, &sr_id_nil,
	    NAME, &m), SR_OK);
	return (m.key_version);
}

/* Every version has its one row, its forms and its audit row; one is active. */
static void
all_is_whole(uint32_t version, const char * value)
{
	struct secret_meta m;
	char * expected = text_format("%u\t%u\t%u\t1", version, version,
	    version);

	CU_ASSERT(house_sql_is(&h, expected, "SELECT COUNT(*),"
	    " (SELECT COUNT(DISTINCT f.key_version) FROM redaction_variant f"
	    " WHERE f.secret_id = r.id),"
	    " (SELECT COUNT(*) FROM audit_event a WHERE a.target_id = r.id"
	    " AND a.outcome = 'succeeded'), SUM(v.state = 'active')"
	    " FROM secret_ref r JOIN secret_version v ON v.secret_id = r.id"
	    " WHERE r.name = '" NAME "'"));
	free(expected);
	ASSERT_ERR_FATAL(secret_find(h.store.db, SCOPE_INSTANCE, &sr_id_nil,
	    NAME, &m), SR_OK);
	CU_ASSERT(opens_to(&h.store, &m.id, version, value));
}

/* Break the nth such command of a rotation; whether there was one. */
static bool
break_one(enum dbproxy_what what, unsigned nth, enum dbproxy_how how)
{
	const uint32_t before = version_now();
	struct secret_meta m;
	char value[64];
	enum sr_error err;
	bool broken;

	(void)snprintf(value, sizeof(value), "value-broken-at-%d-%u-%d",
	    (int)what, nth, (int)how);
	dbproxy_arm(proxy, what, nth, how);
	err = put_into(&through, &h.actor, "instance", NAME, value, NULL, &m);
	broken = dbproxy_broken(proxy) > 0;
	if (err == SR_OK) {
		CU_ASSERT_EQUAL(m.key_version, before + 1);
		all_is_whole(before + 1, value);
	} else {
		ASSERT_ERR(err, SR_E_SECRET_PERSISTENCE_FAILED);
		CU_ASSERT_EQUAL(version_now(), before);
	}
	return (broken);
}

static void
a_statement_lost_on_its_way_is_made_up_for(void)
{
	unsigned n = 1;

	ASSERT_ERR_FATAL(put(&h, NAME, "value-before-all", NULL), SR_OK);
	while (break_one(DBPROXY_EXECUTE, n, DBPROXY_CUT_BEFORE))
		n++;
	/* Look, number, lock, rotation, writes, chain, the rest with COMMIT:
	 * the loop did meet them. */
	CU_ASSERT(n > 7);
}

static void
an_answer_lost_on_its_way_is_made_up_for(void)
{
	unsigned n = 1;

	ASSERT_ERR_FATAL(put(&h, NAME, "value-before-all", NULL), SR_OK);
	while (break_one(DBPROXY_EXECUTE, n, DBPROXY_CUT_AFTER))
		n++;
	CU_ASSERT(n > 7);
}

static void
a_commit_that_was_lost_or_not_answered_is_done_once(void)
{
	ASSERT_ERR_FATAL(put(&h, NAME, "value-before-all", NULL), SR_OK);
	CU_ASSERT(break_one(DBPROXY_BEGIN, 1, DBPROXY_CUT_BEFORE));
	CU_ASSERT(break_one(DBPROXY_COMMIT, 1, DBPROXY_CUT_BEFORE));
	CU_ASSERT(break_one(DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER));
	CU_ASSERT(break_one(DBPROXY_COMMIT, 1, DBPROXY_CUT_LATE));
}

/* --- Revocation ---------------------------------------------------------- */

/* Break the nth such command of a revocation; whether there was one. */
static bool
break_a_revocation(enum dbproxy_what what, unsigned nth, enum dbproxy_how how)
{
	struct secret_revocation r = { .expected = 0 };
	struct secret_meta m;
	struct secbuf * value;
	uint32_t rows;
	enum sr_error err;

	ASSERT_ERR_FATAL(put(&h, "lost/revoked", "value-to-be-destroyed", &m),
	    SR_OK);
	r.id = m.id;
	r.expected = m.key_version;
	dbproxy_arm(proxy, what, nth, how);
	err = secret_revoke(&through, &h.actor, &r, &m);
	if (err == SR_OK) {
		CU_ASSERT_STRING_EQUAL(m.status, "revoked");
		ASSERT_ERR(secret_open(&h.store, &m.id, m.key_version,
		    &value), SR_E_SECRET_REVOKED);
	} else {
		ASSERT_ERR(err, SR_E_SECRET_REVOCATION_FAILED);
		CU_ASSERT(opens_to(&h.store, &r.id, r.expected,
		    "value-to-be-destroyed"));
	}
	ASSERT_ERR(audit_verify_chain(&h.store, &r.id, &rows), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) = SUM(r.status ="
	    " IF(v.state = 'revoked', 'revoked', 'active')) FROM secret_ref r"
	    " JOIN secret_version v ON v.secret_id = r.id"
	    " AND v.key_version = r.key_version"
	    " WHERE r.name = 'lost/revoked'"));
	return (dbproxy_broken(proxy) > 0);
}

static void
a_revocation_that_loses_its_connection_is_made_up_for(void)
{
	unsigned n = 1, m = 1;

	while (break_a_revocation(DBPROXY_EXECUTE, n, DBPROXY_CUT_BEFORE))
		n++;
	while (break_a_revocation(DBPROXY_EXECUTE, m, DBPROXY_CUT_AFTER))
		m++;
	/* Lock, status, versions, forms, change, chain, audit row. */
	CU_ASSERT(n > 6 && m > 6);
	CU_ASSERT(break_a_revocation(DBPROXY_COMMIT, 1, DBPROXY_CUT_BEFORE));
	CU_ASSERT(break_a_revocation(DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER));
	CU_ASSERT(break_a_revocation(DBPROXY_COMMIT, 1, DBPROXY_CUT_LATE));
}

static void
a_commit_that_nobody_can_ask_about_is_not_called_failed(void)
{
	uint32_t before;
	enum sr_error err;

	ASSERT_ERR_FATAL(put(&h, NAME, "value-before-all", NULL), SR_OK);
	before = version_now();
	dbproxy_refuse_after(proxy, true);
	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	err = put_into(&through, &h.actor, "instance", NAME,
	    "value-nobody-knows-of", NULL, NULL);
	dbproxy_refuse_after(proxy, false);
	ASSERT_ERR(err, SR_E_COMMIT_OUTCOME_UNKNOWN);
	/* It was saved, in fact, and no audit row says that it was not. */
	CU_ASSERT_EQUAL(version_now(), before + 1);
	all_is_whole(before + 1, "value-nobody-knows-of");
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM audit_event"
	    " WHERE outcome <> 'succeeded' AND error_type ="
	    " 'commit_outcome_unknown'"));
}

static int
setup(void)
{
	struct db_options o;

	if (house_open(&h) != 0 ||
	    dbproxy_start(mariadb_socket(h.m), &proxy) != 0)
		return (-1);
	mariadb_worker_options(h.m, &o);
	o.socket = dbproxy_socket(proxy);
	through = h.store;
	return (db_new(&o, &through.db) == SR_OK ? 0 : -1);
}

static int
teardown(void)
{
	db_free(&through.db);
	dbproxy_stop(&proxy);
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(a_statement_lost_on_its_way_is_made_up_for),
	TEST(an_answer_lost_on_its_way_is_made_up_for),
	TEST(a_commit_that_was_lost_or_not_answered_is_done_once),
	TEST(a_revocation_that_loses_its_connection_is_made_up_for),
	TEST(a_commit_that_nobody_can_ask_about_is_not_called_failed),
};
SUITE_MAIN("core/vault/secret_lost", tests, setup, teardown)
