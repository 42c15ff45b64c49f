/* A request that comes many times at once is done once, and all are told so. */

#include <pthread.h>

#include "tests/core/vault/request.h"

#define THREADS	16

static struct house h;

static pthread_barrier_t start;

struct asker {
	pthread_t thread;
	const struct request * request;	/* NULL: a revocation. */
	struct sr_id id;
	enum sr_error err;
	struct secret_meta meta;
};

static void *
ask_once(void * cookie)
{
	struct asker * a = cookie;
	struct store store;

	a->err = SR_E_DATABASE_UNAVAILABLE;
	must(house_thread(&h, &store) == 0);
	must(db_ping(store.db) == SR_OK);
	(void)pthread_barrier_wait(&start);
	if (a->request != NULL)
		a->err = ask(&store, &h.actor, a->request, NULL, &a->meta);
	else
		a->err = revoke_by(&store, &h.actor,
		    "key-of-a-race-of-many", &a->id, 0, &a->meta);
	house_thread_end(&store);
	return (NULL);
}

static void
ask_at_once(const struct request * r, const struct sr_id * id,
    struct asker a[THREADS])
{
	unsigned i;

	(void)pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		a[i] = (struct asker){ .request = r, .id = *id };
		CU_ASSERT_FATAL(pthread_create(&a[i].thread, NULL, ask_once,
		    &a[i]) == 0);
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(a[i].thread, NULL);
		ASSERT_ERR(a[i].err, SR_OK);
	}
	(void)pthread_barrier_destroy(&start);
}

static void
of_one_request_that_comes_sixteen_times_at_once_one_is_done(void)
{
	char name[32], key[32];
	struct request r = { .key = key, .name = name,
	    .value = "value-of-the-race", .only_create = true };
	struct asker a[THREADS];
	unsigned i, round;

	for (round = 0; round < 6; round++) {
		/* Creations and rotations in turn. */
		(void)snprintf(name, sizeof(name), "race/%u", round / 2);
		(void)snprintf(key, sizeof(key), "key-of-race-%u", round);
		r.only_create = round % 2 == 0;
		ask_at_once(&r, &sr_id_nil, a);
		for (i = 0; i < THREADS; i++) {
			CU_ASSERT(sr_id_equal(&a[i].meta.id, &a[0].meta.id));
			CU_ASSERT_EQUAL(a[i].meta.key_version, 1 + round % 2);
		}
	}
	CU_ASSERT(house_sql_is(&h, "6\t6", "SELECT COUNT(*),"
	    " SUM(outcome = 'succeeded') FROM audit_event"
	    " WHERE name LIKE 'race/%'"));
}

static void
of_one_revocation_that_comes_sixteen_times_at_once_one_is_done(void)
{
	struct asker a[THREADS];
	struct secret_meta m;
	unsigned i;

	ASSERT_ERR_FATAL(put(&h, "revoked/race", "value-number-one", &m),
	    SR_OK);
	ask_at_once(NULL, &m.id, a);
	for (i = 0; i < THREADS; i++)
		CU_ASSERT_STRING_EQUAL(a[i].meta.status, "revoked");
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM audit_event"
	    " WHERE name = 'revoked/race'"));
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
	TEST(of_one_request_that_comes_sixteen_times_at_once_one_is_done),
	TEST(of_one_revocation_that_comes_sixteen_times_at_once_one_is_done),
};
SUITE_MAIN("core/vault/idempotency_race", tests, setup, teardown)
