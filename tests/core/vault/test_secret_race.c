#include <pthread.h>
#include <stdatomic.h>

#include "tests/core/vault/put.h"

#include "core/keys/keyring.h"
#include "core/store/keystore.h"

#define THREADS	8
#define ROUNDS	10

static struct house h;
static pthread_barrier_t start;

struct writer {
	pthread_t thread;
	unsigned no;
	const char * name;
	unsigned rounds;
	enum sr_error worst;
};

static void *
write_rounds(void * cookie)
{
	struct writer * w = cookie;
	struct store store;
	struct secret_meta m;
	char value[64];
	enum sr_error err;
	unsigned i;

	w->worst = SR_E_DATABASE_UNAVAILABLE;
	if (house_thread(&h, &store) != 0)
		return (NULL);
	w->worst = SR_OK;
	(void)pthread_barrier_wait(&start);
	for (i = 0; i < w->rounds; i++) {
		(void)snprintf(value, sizeof(value), "value-of-%u-round-%u",
		    w->no, i);
		err = put_into(&store, &h.actor, "instance", w->name, value,
		    NULL, &m);
		if (err != SR_OK)
			w->worst = err;
		else if (!opens_to(&store, &m.id, m.key_version, value))
			w->worst = SR_E_SECRET_ENCRYPTION_FAILED;
	}
	house_thread_end(&store);
	return (NULL);
}

/* ${THREADS} threads write ${name} ${rounds} times each, all at once. */
static void
write_at_once(const char * name, unsigned rounds)
{
	struct writer w[THREADS];
	unsigned i;

	(void)pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ .no = i, .name = name,
		    .rounds = rounds };
		CU_ASSERT_FATAL(pthread_create(&w[i].thread, NULL, write_rounds,
		    &w[i]) == 0);
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(w[i].thread, NULL);
		ASSERT_ERR(w[i].worst, SR_OK);
	}
	(void)pthread_barrier_destroy(&start);
}

static enum sr_error
chain_of_row(const struct audit_row * row, void * cookie)
{
	struct sr_id * chain = cookie;

	*chain = row->chain_id;
	return (SR_OK);
}

/* Versions 1..n, one of them active, each audited, the chain whole. */
static void
consecutive(const char * name, unsigned n)
{
	struct secret_meta m;
	struct sr_id chain;
	uint32_t rows = 0;
	char * sql;
	char * expected;

	ASSERT_ERR_FATAL(secret_find(h.store.db, SCOPE_INSTANCE, &sr_id_nil,
	    name, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, n);
	sql = text_format("SELECT COUNT(*), MIN(v.key_version),"
	    " MAX(v.key_version), SUM(state = 'active') FROM secret_version v"
	    " JOIN secret_ref r ON r.id = v.secret_id WHERE r.name = '%s'",
	    name);
	expected = text_format("%u\t1\t%u\t1", n, n);
	CU_ASSERT(house_sql_is(&h, expected, sql));
	free(sql);
	free(expected);
	sql = text_format("SELECT COUNT(DISTINCT key_version), COUNT(*),"
	    " SUM(action = 'CREATE') FROM audit_event WHERE name = '%s'", name);
	expected = text_format("%u\t%u\t1", n, n);
	CU_ASSERT(house_sql_is(&h, expected, sql));
	free(sql);
	free(expected);
	ASSERT_ERR_FATAL(audit_of_target(h.store.db, &m.id, 1, chain_of_row,
	    &chain), SR_OK);
	ASSERT_ERR(audit_verify_chain(&h.store, &chain, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, n);
}

static void
many_writers_of_one_secret_end_with_consecutive_versions(void)
{
	ASSERT_ERR_FATAL(put(&h, "race/rotate", "value-before-all", NULL),
	    SR_OK);
	write_at_once("race/rotate", ROUNDS);
	consecutive("race/rotate", THREADS * ROUNDS + 1);
}

static void
of_many_creations_at_once_one_creates_and_the_others_rotate(void)
{
	char name[32];
	unsigned i;

	for (i = 0; i < 5; i++) {
		(void)snprintf(name, sizeof(name), "race/create-%u", i);
		write_at_once(name, 1);
		consecutive(name, THREADS);
	}
}

/* --- Root keys that are read again (SIGHUP) ------------------------------ */

#define SAVES	150

static void *
reload(void * cookie)
{
	const struct keyring_sources from = { h.key_file, NULL, NULL };
	atomic_bool * end = cookie;

	while (!atomic_load(end)) {
		must(keystore_load(h.store.keys, &from) == SR_OK);
		sleep_ms(30);
	}
	return (NULL);
}

static void
a_reload_neither_refuses_a_save_nor_unseals_its_row(void)
{
	atomic_bool end = false;
	pthread_t thread;
	struct secret_meta m;
	char value[64];
	uint32_t rows;
	unsigned i;

	CU_ASSERT_FATAL(pthread_create(&thread, NULL, reload, &end) == 0);
	for (i = 0; i < SAVES; i++) {
		(void)snprintf(value, sizeof(value), "reloaded-value-%u", i);
		ASSERT_ERR(put(&h, "race/reload", value, &m), SR_OK);
	}
	atomic_store(&end, true);
	(void)pthread_join(thread, NULL);
	ASSERT_ERR_FATAL(keystore_bind(h.store.keys, h.store.db), SR_OK);
	ASSERT_ERR(audit_verify_chain(&h.store, &m.id, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, SAVES);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM audit_event"
	    " WHERE mac IS NULL"));
}

/* --- Times --------------------------------------------------------------- */

static void
times_of_a_secret_never_go_back(void)
{
	struct secret_meta first, second;

	ASSERT_ERR_FATAL(put(&h, "race/time", "time-value-one", &first), SR_OK);
	/* As if the machine that wrote it had a clock an hour ahead. */
	CU_ASSERT_FATAL(house_do(&h, "UPDATE secret_ref SET updated_at ="
	    " updated_at + INTERVAL 1 HOUR, last_rotated_at = updated_at"
	    " WHERE name = 'race/time'"));
	ASSERT_ERR_FATAL(put(&h, "race/time", "time-value-two", &second),
	    SR_OK);
	CU_ASSERT_EQUAL(second.updated_at,
	    first.updated_at + 3600 * SR_SECOND + 1);
	CU_ASSERT_EQUAL(second.last_rotated_at, second.updated_at);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT a.occurred_at = r.updated_at"
	    " AND r.last_rotated_at = r.updated_at FROM audit_event a JOIN"
	    " secret_ref r ON a.target_id = r.id WHERE r.name = 'race/time'"
	    " AND a.action = 'ROTATE'"));
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
	TEST(many_writers_of_one_secret_end_with_consecutive_versions),
	TEST(of_many_creations_at_once_one_creates_and_the_others_rotate),
	TEST(a_reload_neither_refuses_a_save_nor_unseals_its_row),
	TEST(times_of_a_secret_never_go_back),
};
SUITE_MAIN("core/vault/secret_race", tests, setup, teardown)
