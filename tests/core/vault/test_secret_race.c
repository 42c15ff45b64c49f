#include <pthread.h>

#include "tests/core/vault/put.h"

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
};
SUITE_MAIN("core/vault/secret_race", tests, setup, teardown)
