/*
 * Changing the root key when the connection breaks at any command, when
 * several do it at once, and while others write.
 */

#include "tests/core/vault/writers.h"
#include "tests/harness/dbproxy.h"

#define SECRETS	12

static struct house h;
static struct dbproxy * proxy;
static struct store through;		/* The house's store, by the proxy. */
static struct secret_meta kept[SECRETS];

static void
value_of(unsigned i, char out[64])
{

	(void)snprintf(out, 64, "value-that-is-kept-%u", i);
}

static bool
all_kept(const struct store * store)
{
	char value[64];
	unsigned i;

	for (i = 0; i < SECRETS; i++) {
		value_of(i, value);
		if (!opens_to(store, &kept[i].id, 1, value))
			return (false);
	}
	return (true);
}

/* --- Lost connections ---------------------------------------------------- */

static const struct rewrap_watch by_four = { .batch = 4 };

/* Break the nth such command of a rotation; whether there was one. */
static bool
break_one(enum dbproxy_what what, unsigned nth, enum dbproxy_how how,
    unsigned * refused)
{
	const uint32_t version = add_key(&h);
	char * expected;
	enum sr_error err;
	bool broken;

	ASSERT_ERR_FATAL(keystore_bind(h.store.keys, h.store.db), SR_OK);
	dbproxy_arm(proxy, what, nth, how);
	err = rewrap_rotate(&through, &h.actor, &by_four, NULL);
	broken = dbproxy_broken(proxy) > 0;
	if (err != SR_OK) {
		++*refused;
		ASSERT_ERR(err, SR_E_DATABASE_UNAVAILABLE);
		ASSERT_ERR(rewrap_rotate(&h.store, &h.actor, &by_four, NULL),
		    SR_OK);
	}
	expected = text_format("%u\t%u\t0", SECRETS + 6, version);
	CU_ASSERT(house_sql_is(&h, expected, "SELECT (SELECT COUNT(*) FROM"
	    " secret_version v WHERE v.kek_version = k.kek_version) +"
	    " (SELECT COUNT(*) FROM system_key s WHERE s.kek_version ="
	    " k.kek_version), k.kek_version, (SELECT COUNT(*) FROM"
	    " secret_version v WHERE v.kek_version <> k.kek_version)"
	    " FROM kek k WHERE state = 'wrapping'"));
	free(expected);
	drop_older_keys(&h, version);
	ASSERT_ERR(keystore_bind(h.store.keys, h.store.db), SR_OK);
	CU_ASSERT(all_kept(&h.store));
	root_key_chain_is(&h, version, 2);
	return (broken);
}

/* A new proxy, since one passes on 64 connections. */
static int
new_proxy(void)
{
	struct db_options o;

	db_free(&through.db);
	dbproxy_stop(&proxy);
	if (dbproxy_start(mariadb_socket(h.m), &proxy) != 0)
		return (-1);
	mariadb_worker_options(h.m, &o);
	o.socket = dbproxy_socket(proxy);
	through = h.store;
	return (db_new(&o, &through.db) == SR_OK ? 0 : -1);
}

static void
a_command_that_is_lost_is_made_up_for(void)
{
	unsigned n = 1, refused = 0;

	CU_ASSERT_FATAL(new_proxy() == 0);
	while (break_one(DBPROXY_EXECUTE, n, DBPROXY_CUT_BEFORE, &refused))
		n++;
	(void)printf("commands lost %u, runs that ended %u\n", n - 1, refused);
	CU_ASSERT(n > 10);
}

static void
an_answer_that_is_lost_is_made_up_for(void)
{
	unsigned n = 1, refused = 0;

	CU_ASSERT_FATAL(new_proxy() == 0);
	while (break_one(DBPROXY_EXECUTE, n, DBPROXY_CUT_AFTER, &refused))
		n++;
	(void)printf("answers lost %u, runs that ended %u\n", n - 1, refused);
	CU_ASSERT(n > 10);
}

static void
a_commit_that_is_lost_or_not_answered_is_made_up_for(void)
{
	unsigned n = 1, refused = 0;

	CU_ASSERT_FATAL(new_proxy() == 0);
	while (break_one(DBPROXY_COMMIT, n, DBPROXY_CUT_BEFORE, &refused))
		n++;
	(void)printf("commits lost %u\n", n - 1);
	CU_ASSERT(n > 5);
	for (n = 1; break_one(DBPROXY_COMMIT, n, DBPROXY_CUT_AFTER, &refused);)
		n++;
	CU_ASSERT(n > 5);
	(void)printf("runs that ended %u\n", refused);
}

/* --- Several at once ----------------------------------------------------- */

#define RUNS	4

struct run {
	pthread_t thread;
	pthread_barrier_t * line;
	struct process p;
	struct rewrap_progress progress;
	enum sr_error result;
};

static void *
run_rotation(void * cookie)
{
	const struct rewrap_watch one_by_one = { .batch = 1 };
	struct run * r = cookie;

	(void)pthread_barrier_wait(r->line);
	r->result = rewrap_rotate(&r->p.store, &h.actor, &one_by_one,
	    &r->progress);
	db_free(&r->p.store.db);
	db_thread_end();
	return (NULL);
}

static void
several_at_once_do_each_others_work(void)
{
	pthread_barrier_t line;
	struct run runs[RUNS];
	uint64_t rewrapped = 0;
	unsigned activated = 0, round, i;
	uint32_t version;

	(void)pthread_barrier_init(&line, NULL, RUNS);
	for (round = 0; round < 10; round++) {
		version = add_key(&h);
		for (i = 0; i < RUNS; i++) {
			runs[i].line = &line;
			process_open(&h, &runs[i].p);
			CU_ASSERT_FATAL(pthread_create(&runs[i].thread, NULL,
			    run_rotation, &runs[i]) == 0);
		}
		for (i = 0; i < RUNS; i++) {
			(void)pthread_join(runs[i].thread, NULL);
			process_close(&runs[i].p);
			ASSERT_ERR(runs[i].result, SR_OK);
			rewrapped += runs[i].progress.rewrapped;
			activated += runs[i].progress.activated;
		}
		drop_older_keys(&h, version);
		ASSERT_ERR(keystore_bind(h.store.keys, h.store.db), SR_OK);
		CU_ASSERT(all_kept(&h.store));
	}
	CU_ASSERT_EQUAL(rewrapped, round * (SECRETS + 6));
	CU_ASSERT_EQUAL(activated, round);
	(void)pthread_barrier_destroy(&line);
}

/* --- While others write -------------------------------------------------- */

#define ROTATIONS	12

/* A worker that has the key and does not know that it wraps finds out. */
static void
what_is_written_meanwhile_is_under_the_new_version(void)
{
	struct writer w[WRITERS];
	atomic_bool end = false;
	unsigned i, saved, revoked;
	uint32_t version = 0;

	writers_start(&h, w, &end);
	for (i = 0; i < ROTATIONS; i++) {
		version = add_key(&h);
		wait_for_reloads(w);
		ASSERT_ERR(rewrap_rotate(&h.store, &h.actor, &by_four, NULL),
		    SR_OK);
	}
	writers_end(&h, w, &end, &saved, &revoked);
	(void)printf("saved %u, revoked %u, rotations %u\n", saved, revoked,
	    ROTATIONS);
	CU_ASSERT(house_sql_is(&h, "0\t0", "SELECT SUM(wrapped_dek IS NOT NULL"
	    " AND kek_version <> (SELECT kek_version FROM kek WHERE state ="
	    " 'wrapping')), SUM(state = 'revoked' AND wrapped_dek IS NOT NULL)"
	    " FROM secret_version"));
	drop_older_keys(&h, version);
	ASSERT_ERR(keystore_bind(h.store.keys, h.store.db), SR_OK);
	CU_ASSERT(all_kept(&h.store));
}

/* A worker whose file lacks the version: it refuses, reads, and is mended. */
static void
a_process_that_lacks_the_version_refuses_to_write_and_reads_on(void)
{
	struct secret_revocation r = { .expected = 0 };
	struct secret_meta m;
	struct process p;

	process_open(&h, &p);
	ASSERT_ERR(put_into(&p.store, &h.actor, "instance", "lacks/one",
	    "value-before-moving", NULL, &m), SR_OK);
	(void)add_key(&h);
	/* Activated, and not rewrapped yet. */
	CU_ASSERT_FATAL(house_do(&h, "CREATE TRIGGER fault BEFORE UPDATE ON"
	    " secret_version FOR EACH ROW SIGNAL SQLSTATE '45000'"));
	ASSERT_ERR(rewrap_rotate(&h.store, &h.actor, NULL, NULL),
	    SR_E_DATABASE_REFUSED);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	ASSERT_ERR(put_into(&p.store, &h.actor, "instance", "lacks/two",
	    "value-after-moving", NULL, NULL), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR(keystore_reason(p.store.keys), SR_E_ROOT_KEY_MISMATCH);
	CU_ASSERT(house_sql_is(&h, "failed\troot_key_mismatch\t1", "SELECT"
	    " outcome, error_type, mac IS NOT NULL FROM audit_event"
	    " WHERE error_type = 'root_key_mismatch'"));
	CU_ASSERT(opens_to(&p.store, &m.id, 1, "value-before-moving"));
	ASSERT_ERR(reload_keys(&h, &p.store), SR_OK);
	ASSERT_ERR(put_into(&p.store, &h.actor, "instance", "lacks/two",
	    "value-after-moving", NULL, &m), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT kek_version = (SELECT"
	    " kek_version FROM kek WHERE state = 'wrapping') FROM"
	    " secret_version v JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'lacks/two'"));
	ASSERT_ERR(rewrap_rotate(&h.store, &h.actor, NULL, NULL), SR_OK);
	r.id = m.id;
	ASSERT_ERR(secret_revoke(&p.store, &h.actor, &r, NULL), SR_OK);
	process_close(&p);
}

static int
setup(void)
{
	char name[32], value[64];
	unsigned i;

	if (house_open(&h) != 0)
		return (-1);
	for (i = 0; i < SECRETS; i++) {
		(void)snprintf(name, sizeof(name), "kept/%u", i);
		value_of(i, value);
		if (put(&h, name, value, &kept[i]) != SR_OK)
			return (-1);
	}
	return (0);
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
	TEST(a_command_that_is_lost_is_made_up_for),
	TEST(an_answer_that_is_lost_is_made_up_for),
	TEST(a_commit_that_is_lost_or_not_answered_is_made_up_for),
	TEST(several_at_once_do_each_others_work),
	TEST(a_process_that_lacks_the_version_refuses_to_write_and_reads_on),
	TEST(what_is_written_meanwhile_is_under_the_new_version),
};
SUITE_MAIN("core/vault/rewrap_faults", tests, setup, teardown)
