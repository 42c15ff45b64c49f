#include <pthread.h>

#include "tests/core/audit/fixture.h"

#define WRITERS	4
#define EACH	12

struct writer {
	struct sr_id target;
	bool lock;		/* Take the target's lock, as callers must. */
	unsigned written;
	unsigned conflicts;
	enum sr_error result;
};

/* One row under a lock that stands for the target's. */
struct locked_append {
	const struct store * store;
	const struct audit_entry * entry;
	const struct writer * w;
	unsigned runs;
};

static enum sr_error
ignore(const struct db_row * row, void * cookie)
{

	(void)row;
	(void)cookie;
	return (SR_OK);
}

static enum sr_error
append_locked(struct tx * tx, void * cookie)
{
	struct locked_append * a = cookie;
	enum sr_error err = SR_OK;

	a->runs++;
	if (a->w->lock)
		err = db_query(tx_db(tx), STMT_SETUP_LOCK, DB_NOARGS, ignore,
		    NULL);
	return (err != SR_OK ? err : audit_append(tx, a->store, a->entry));
}

static void *
write_many(void * cookie)
{
	struct writer * w = cookie;
	struct store own = store;
	int i;

	own.db = worker_with(NULL, 15);
	for (i = 0; i < EACH; i++) {
		struct audit_entry e = entry_about(&w->target);
		struct locked_append a = { .store = &own, .entry = &e, .w = w };
		enum sr_error err = tx_run(own.db, &e.id, append_locked, &a);

		w->conflicts += a.runs - 1;
		if (err == SR_OK)
			w->written++;
		else
			w->result = err;
	}
	db_free(&own.db);
	db_thread_end();
	return (NULL);
}

/* All write to one chain; how many rows they were told are committed. */
static unsigned
write_at_once(const struct sr_id * target, bool lock, struct writer w[WRITERS])
{
	pthread_t threads[WRITERS];
	unsigned written = 0;
	size_t i;

	for (i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){ .target = *target, .lock = lock };
		must(pthread_create(&threads[i], NULL, write_many, &w[i]) == 0);
	}
	for (i = 0; i < WRITERS; i++) {
		(void)pthread_join(threads[i], NULL);
		written += w[i].written;
	}
	return (written);
}

static void
writers_that_lock_the_target_never_collide(void)
{
	struct sr_id target = new_id();
	struct writer w[WRITERS];
	uint32_t rows = 0;
	size_t i;

	CU_ASSERT_EQUAL(write_at_once(&target, true, w), WRITERS * EACH);
	for (i = 0; i < WRITERS; i++)
		CU_ASSERT_EQUAL(w[i].conflicts, 0);
	ASSERT_ERR(audit_verify_chain(&store, &target, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, WRITERS * EACH);
}

/* Then the chain's own number keeps them apart, at the price of repeats. */
static void
writers_that_do_not_lock_it_keep_the_chain_whole(void)
{
	struct sr_id target = new_id();
	struct writer w[WRITERS];
	uint32_t rows = 0;
	unsigned written;
	size_t i;

	written = write_at_once(&target, false, w);
	for (i = 0; i < WRITERS; i++)
		CU_ASSERT(w[i].result == SR_OK ||
		    w[i].result == SR_E_TRANSACTION_CONFLICT);
	ASSERT_ERR(audit_verify_chain(&store, &target, &rows), SR_OK);
	CU_ASSERT(written >= EACH);
	CU_ASSERT_EQUAL(rows, written);
}

/* The second writer, while the first has written and not committed. */
static enum sr_error
append_beside(struct tx * tx, void * cookie)
{
	struct sr_id other = new_id();
	struct audit_entry e = entry_about(&other);
	struct store beside = store;
	int64_t begin;
	enum sr_error err;

	if ((err = audit_append(tx, &store, cookie)) != SR_OK)
		return (err);
	beside.db = worker_with(NULL, 15);
	begin = clock_monotonic_ms();
	ASSERT_ERR(append_one(beside.db, &beside, &e), SR_OK);
	CU_ASSERT(clock_monotonic_ms() - begin < 2000);
	db_free(&beside.db);
	return (SR_OK);
}

static void
writers_of_two_chains_do_not_wait_for_each_other(void)
{
	struct sr_id target;
	int i;

	/* Several, since neighbours in the index are what could collide. */
	for (i = 0; i < 5; i++) {
		target = new_id();
		struct audit_entry e = entry_about(&target);

		ASSERT_ERR(tx_run(db, &e.id, append_beside, &e), SR_OK);
	}
}

static const struct suite_test tests[] = {
	TEST(writers_that_lock_the_target_never_collide),
	TEST(writers_that_do_not_lock_it_keep_the_chain_whole),
	TEST(writers_of_two_chains_do_not_wait_for_each_other),
};
SUITE_MAIN("core/audit/audit_writers", tests, audit_start, audit_stop)
