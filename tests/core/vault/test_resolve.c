/* A value leaves with its audit row, or not at all. */

#include <pthread.h>
#include <stdatomic.h>

#include "tests/core/vault/put.h"

#include "tests/harness/dbproxy.h"

#include "core/vault/liveset.h"
#include "core/vault/resolve.h"

static struct house h;

static enum sr_error
resolve(const struct store * store, const char * name,
    struct secret_meta * meta, struct disclosed ** out)
{
	return (resolve_value(store, &h.actor, SCOPE_INSTANCE, &sr_id_nil,
	    name, meta, out));
}

static bool
holds(const struct disclosed * d, const char * value)
{
	struct secbuf * expected = house_secret(value);
	bool same = secbuf_equal(disclosed_value(d), expected);

	secbuf_free(&expected);
	return (same);
}

static void
refused_as(const char * name, enum sr_error error, const char * audit)
{
	struct secret_meta m;
	struct disclosed * d;

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM audit_event"
	    " WHERE outcome <> 'succeeded'"));
	ASSERT_ERR(resolve(&h.store, name, &m, &d), error);
	CU_ASSERT_PTR_NULL(d);
	CU_ASSERT(house_sql_is(&h, audit, "SELECT action, outcome, error_type,"
	    " scope, IFNULL(name, '-'), IFNULL(key_version, 0), actor_label"
	    " FROM audit_event WHERE outcome <> 'succeeded'"));
}

static void
the_active_value_is_given_out_with_its_row(void)
{
	struct secret_meta m;
	struct disclosed * d;
	struct sr_id event;
	char id[SR_ID_STRLEN + 1];
	char * sql;
	uint32_t rows;

	ASSERT_ERR_FATAL(put(&h, "resolve/one", "value-number-one", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(put(&h, "resolve/one", "value-number-two", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(resolve(&h.store, "resolve/one", &m, &d), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 2);
	CU_ASSERT(holds(d, "value-number-two"));
	event = disclosed_event(d);
	sr_id_format(&event, id);
	sql = text_format("SELECT action, outcome, name, key_version,"
	    " actor_label FROM audit_event WHERE id = '%s'", id);
	CU_ASSERT(house_sql_is(&h, "RESOLVE\tsucceeded\tresolve/one\t2\t"
	    "lead@example.org", sql));
	ASSERT_ERR(audit_verify_chain(&h.store, &m.id, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, 3);
	disclosed_free(&d);
	free(sql);
}

static void
st_sec_010_ac3_a_value_without_its_row_is_not_given_out(void)
{
	struct disclosed * d;

	ASSERT_ERR_FATAL(put(&h, "resolve/row", "value-number-one", NULL),
	    SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "CREATE TRIGGER fault BEFORE INSERT ON"
	    " audit_event FOR EACH ROW SIGNAL SQLSTATE '45000'"));
	ASSERT_ERR(resolve(&h.store, "resolve/row", NULL, &d),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_PTR_NULL(d);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	ASSERT_ERR(resolve(&h.store, "resolve/row", NULL, &d), SR_OK);
	disclosed_free(&d);
}

static void
what_is_not_there_revoked_or_expired_is_refused_and_audited(void)
{
	struct secret_revocation r = { .expected = 0 };
	struct secret_meta m;
	struct disclosed * d;

	ASSERT_ERR_FATAL(put(&h, "resolve/gone", "value-number-one", &m),
	    SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_ref SET expires_at ="
	    " UTC_TIMESTAMP(6) WHERE name = 'resolve/gone'"));
	refused_as("resolve/gone", SR_E_SECRET_EXPIRED, "RESOLVE\tfailed\t"
	    "secret_expired\tinstance\tresolve/gone\t1\tlead@example.org");
	/* A new value without an expiry resolves again. */
	ASSERT_ERR_FATAL(put(&h, "resolve/gone", "value-number-two", &m),
	    SR_OK);
	ASSERT_ERR(resolve(&h.store, "resolve/gone", NULL, &d), SR_OK);
	disclosed_free(&d);
	r.id = m.id;
	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor, &r, NULL), SR_OK);
	refused_as("resolve/gone", SR_E_SECRET_REVOKED, "RESOLVE\tfailed\t"
	    "secret_revoked\tinstance\tresolve/gone\t2\tlead@example.org");
	/* Nobody can say yet that the name is no value. */
	refused_as("resolve/none", SR_E_SECRET_NOT_FOUND, "RESOLVE\tfailed\t"
	    "secret_not_found\tinstance\t-\t0\tlead@example.org");
}

/* --- Others at the same time --------------------------------------------- */

#define ROTATIONS	40
#define READERS		4

static atomic_bool over;

struct reader {
	pthread_t thread;
	unsigned resolved;
	enum sr_error unexpected;
};

/* Values say which version they are of: none is given out as another. */
static void *
read_on(void * cookie)
{
	struct reader * r = cookie;
	struct store store;
	struct secret_meta m;
	struct disclosed * d;
	char value[64];
	enum sr_error err;

	must(house_thread(&h, &store) == 0);
	while (!atomic_load(&over)) {
		err = resolve(&store, "resolve/race", &m, &d);
		if (err != SR_OK) {
			r->unexpected = err;
			break;
		}
		(void)snprintf(value, sizeof(value), "value-number-%u",
		    (unsigned)m.key_version);
		if (!holds(d, value))
			r->unexpected = SR_E_INTERNAL_ERROR;
		r->resolved++;
		disclosed_free(&d);
	}
	house_thread_end(&store);
	return (NULL);
}

static void
while_it_is_rotated_each_value_is_that_of_its_version(void)
{
	struct reader r[READERS];
	char value[64];
	unsigned i, all = 0;
	char * expected;

	ASSERT_ERR_FATAL(put(&h, "resolve/race", "value-number-1", NULL),
	    SR_OK);
	for (i = 0; i < READERS; i++) {
		r[i] = (struct reader){ .resolved = 0 };
		CU_ASSERT_FATAL(pthread_create(&r[i].thread, NULL, read_on,
		    &r[i]) == 0);
	}
	for (i = 2; i <= ROTATIONS; i++) {
		(void)snprintf(value, sizeof(value), "value-number-%u", i);
		ASSERT_ERR(put(&h, "resolve/race", value, NULL), SR_OK);
	}
	atomic_store(&over, true);
	for (i = 0; i < READERS; i++) {
		(void)pthread_join(r[i].thread, NULL);
		ASSERT_ERR(r[i].unexpected, SR_OK);
		all += r[i].resolved;
	}
	expected = text_format("%u", all);
	CU_ASSERT(house_sql_is(&h, expected, "SELECT COUNT(*) FROM audit_event"
	    " WHERE name = 'resolve/race' AND action = 'RESOLVE'"
	    " AND outcome = 'succeeded'"));
	free(expected);
}

static void
a_row_that_nobody_can_ask_about_gives_no_value_out(void)
{
	struct store through = h.store;
	struct dbproxy * proxy;
	struct db_options o;
	struct disclosed * d;

	ASSERT_ERR_FATAL(put(&h, "resolve/lost", "value-number-one", NULL),
	    SR_OK);
	CU_ASSERT_FATAL(dbproxy_start(mariadb_socket(h.m), &proxy) == 0);
	mariadb_worker_options(h.m, &o);
	o.socket = dbproxy_socket(proxy);
	ASSERT_ERR_FATAL(db_new(&o, &through.db), SR_OK);
	dbproxy_refuse_after(proxy, true);
	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(resolve(&through, "resolve/lost", NULL, &d),
	    SR_E_COMMIT_OUTCOME_UNKNOWN);
	CU_ASSERT_PTR_NULL(d);
	dbproxy_refuse_after(proxy, false);
	/* Lost and found: given out once, with one row. */
	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(resolve(&through, "resolve/lost", NULL, &d), SR_OK);
	disclosed_free(&d);
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM audit_event"
	    " WHERE name = 'resolve/lost' AND action = 'RESOLVE'"));
	dbproxy_arm(proxy, DBPROXY_EXECUTE, 1, DBPROXY_CUT_BEFORE);
	ASSERT_ERR(resolve(&through, "resolve/lost", NULL, &d),
	    SR_E_SECRET_METADATA_UNAVAILABLE);
	CU_ASSERT_PTR_NULL(d);
	db_free(&through.db);
	dbproxy_stop(&proxy);
}

static void
without_a_root_key_nothing_is_given_out(void)
{
	struct disclosed * d;

	ASSERT_ERR_FATAL(put(&h, "resolve/keyless", "value-number-one", NULL),
	    SR_OK);
	ASSERT_ERR(house_load_key(&h, NULL), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(resolve(&h.store, "resolve/keyless", NULL, &d),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	CU_ASSERT_PTR_NULL(d);
	ASSERT_ERR_FATAL(house_load_key(&h, h.key_file), SR_OK);
}

/* --- Names of secrets that are not there --------------------------------- */

static void
a_name_that_is_not_there_is_kept_if_it_may_be(void)
{
	struct liveset * live;

	ASSERT_ERR_FATAL(put(&h, "resolve/known", "quiet-river-42", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(liveset_new(&live), SR_OK);
	ASSERT_ERR_FATAL(liveset_refresh(live, &h.store), SR_OK);
	refused_as("resolve/none", SR_E_SECRET_NOT_FOUND, "RESOLVE\tfailed\t"
	    "secret_not_found\tinstance\tresolve/none\t0\tlead@example.org");
	refused_as("quiet-river-42", SR_E_SECRET_NOT_FOUND, "RESOLVE\tfailed\t"
	    "secret_not_found\tinstance\t-\t0\tlead@example.org");
	refused_as("no name", SR_E_SECRET_NOT_FOUND, "RESOLVE\tfailed\t"
	    "secret_not_found\tinstance\t-\t0\tlead@example.org");
	liveset_free(&live);
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
	TEST(the_active_value_is_given_out_with_its_row),
	TEST(st_sec_010_ac3_a_value_without_its_row_is_not_given_out),
	TEST(what_is_not_there_revoked_or_expired_is_refused_and_audited),
	TEST(while_it_is_rotated_each_value_is_that_of_its_version),
	TEST(a_row_that_nobody_can_ask_about_gives_no_value_out),
	TEST(without_a_root_key_nothing_is_given_out),
	TEST(a_name_that_is_not_there_is_kept_if_it_may_be),
};
SUITE_MAIN("core/vault/resolve", tests, setup, teardown)
