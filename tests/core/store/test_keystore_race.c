#include <pthread.h>

#include "tests/core/store/keys.h"

#define WORKERS	8

struct racer {
	pthread_barrier_t * line;
	const char * file;
	struct keystore * ks;
	enum sr_error result;
};

static void *
race(void * cookie)
{
	struct racer * r = cookie;
	struct db * own = worker_with(NULL, 15);

	must(db_ping(own) == SR_OK);
	(void)pthread_barrier_wait(r->line);
	r->result = keystore_bind(r->ks, own);
	db_free(&own);
	db_thread_end();
	return (NULL);
}

/* ${files}: of each worker's root key. ${shared}: all of one process. */
static void
run_race(const char * const files[WORKERS], bool shared,
    struct racer racers[WORKERS])
{
	pthread_barrier_t line;
	pthread_t threads[WORKERS];
	size_t i;

	CU_ASSERT_EQUAL_FATAL(pthread_barrier_init(&line, NULL, WORKERS), 0);
	for (i = 0; i < WORKERS; i++) {
		racers[i].line = &line;
		racers[i].ks = shared && i != 0 ? racers[0].ks :
		    new_keystore();
		if (!shared || i == 0)
			must(load(racers[i].ks, files[i]) == SR_OK);
	}
	for (i = 0; i < WORKERS; i++)
		must(pthread_create(&threads[i], NULL, race, &racers[i]) == 0);
	for (i = 0; i < WORKERS; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_barrier_destroy(&line);
}

static void
end_race(bool shared, struct racer racers[WORKERS])
{
	size_t i;

	for (i = 0; i < WORKERS; i++) {
		if (!shared || i == 0)
			keystore_free(&racers[i].ks);
	}
}

static void
workers_that_start_at_once_end_with_the_same_keys(void)
{
	const char * files[WORKERS];
	struct racer racers[WORKERS];
	const struct keyset * first, * other;
	size_t i;
	int round;

	for (i = 0; i < WORKERS; i++)
		files[i] = file_a;
	for (round = 0; round < 4; round++) {
		bool shared = round % 2 == 1;

		forget_keys();
		run_race(files, shared, racers);
		first = keystore_hold(racers[0].ks);
		CU_ASSERT_PTR_NOT_NULL_FATAL(first);
		for (i = 0; i < WORKERS; i++) {
			ASSERT_ERR(racers[i].result, SR_OK);
			other = keystore_hold(racers[i].ks);
			CU_ASSERT_PTR_NOT_NULL_FATAL(other);
			CU_ASSERT(secbuf_equal(keyset_audit_key(first),
			    keyset_audit_key(other)));
			keyset_release(&other);
		}
		keyset_release(&first);
		CU_ASSERT(admin_says("SELECT COUNT(*) FROM system_key", "6"));
		end_race(shared, racers);
	}
}

static void
of_workers_with_different_keys_one_kind_wins(void)
{
	const char * files[WORKERS];
	struct racer racers[WORKERS];
	char second[100];
	unsigned won[3] = { 0, 0, 0 };
	size_t i;

	/* Same version, another key; and another version. */
	(void)snprintf(second, sizeof(second), "%s/2", dir);
	for (i = 0; i < WORKERS; i++)
		files[i] = i % 3 == 0 ? file_a : i % 3 == 1 ? file_b : second;
	forget_keys();
	run_race(files, false, racers);
	for (i = 0; i < WORKERS; i++) {
		if (racers[i].result == SR_OK)
			won[i % 3]++;
		else
			ASSERT_ERR(racers[i].result, SR_E_ROOT_KEY_MISMATCH);
	}
	CU_ASSERT_EQUAL((won[0] != 0) + (won[1] != 0) + (won[2] != 0), 1);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM kek", "1"));
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM system_key", "6"));
	end_race(false, racers);
	forget_keys();
}

/* As of a version that knew two purposes: each worker would add the others. */
static void
workers_that_bind_an_older_database_at_once_end_alike(void)
{
	const char * files[WORKERS];
	struct racer racers[WORKERS];
	const struct keyset * first, * other;
	size_t i;
	int round;

	for (i = 0; i < WORKERS; i++)
		files[i] = file_a;
	forget_keys();
	run_race(files, false, racers);
	end_race(false, racers);
	for (round = 0; round < 4; round++) {
		admin("DELETE FROM system_key WHERE purpose IN"
		    " ('sign', 'request')");
		run_race(files, false, racers);
		first = keystore_hold(racers[0].ks);
		CU_ASSERT_PTR_NOT_NULL_FATAL(first);
		for (i = 0; i < WORKERS; i++) {
			ASSERT_ERR(racers[i].result, SR_OK);
			other = keystore_hold(racers[i].ks);
			CU_ASSERT_PTR_NOT_NULL_FATAL(other);
			CU_ASSERT(secbuf_equal(keyset_sign_key(first),
			    keyset_sign_key(other)));
			CU_ASSERT(secbuf_equal(keyset_request_key(first),
			    keyset_request_key(other)));
			keyset_release(&other);
		}
		keyset_release(&first);
		CU_ASSERT(admin_says("SELECT COUNT(*) FROM system_key", "6"));
		end_race(false, racers);
	}
	forget_keys();
}

static const struct suite_test tests[] = {
	TEST(workers_that_start_at_once_end_with_the_same_keys),
	TEST(workers_that_bind_an_older_database_at_once_end_alike),
	TEST(of_workers_with_different_keys_one_kind_wins),
};
SUITE_MAIN("core/store/keystore_race", tests, keys_start, keys_stop)
