/* Writers who say what they saw: what moved on meanwhile is not overwritten. */

#include <pthread.h>
#include <stdatomic.h>

#include "tests/core/vault/put.h"

#define THREADS	16
#define VERSIONS	12

static struct house h;

/* What a writer asks for beside a new value. */
struct terms {
	uint32_t expected;
	bool only_create;
	bool only_rotate;
};

static enum sr_error
put_on(const struct store * store, const char * name, const char * value,
    struct terms t, struct secret_meta * out)
{
	struct secbuf * b = house_secret(value);
	const struct secret_write w = { .scope = "instance", .name = name,
	    .value = b, .expected = t.expected, .only_create = t.only_create,
	    .only_rotate = t.only_rotate };
	enum sr_error err;

	err = secret_put(store, &h.actor, &w, NULL, out);
	secbuf_free(&b);
	return (err);
}

static void
refused_as(const char * name, struct terms t, enum sr_error error,
    const char * audit)
{
	char * before;
	char * after;
	char * sql;

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM audit_event"
	    " WHERE outcome <> 'succeeded'"));
	before = house_counts(&h);
	ASSERT_ERR(put_on(&h.store, name, "value-of-the-late", t, NULL),
	    error);
	sql = text_format("SELECT action, outcome, error_type, key_version"
	    " FROM audit_event WHERE name = '%s' AND outcome <> 'succeeded'",
	    name);
	CU_ASSERT(house_sql_is(&h, audit, sql));
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM audit_event"
	    " WHERE outcome <> 'succeeded';"
	    " DELETE p FROM audit_pending p LEFT JOIN audit_event e"
	    " ON e.id = p.event_id WHERE e.id IS NULL"));
	after = house_counts(&h);
	CU_ASSERT_STRING_EQUAL(before, after);
	free(before);
	free(after);
	free(sql);
}

static void
revoke_it(const struct sr_id * id)
{
	const struct secret_revocation r = { .id = *id };

	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor, &r, NULL), SR_OK);
}

static void
a_rotation_from_the_version_that_was_seen_is_done(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "expect/one", "value-number-one", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(put_on(&h.store, "expect/one", "value-number-two",
	    (struct terms){ .expected = 1 }, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 2);
	ASSERT_ERR_FATAL(put_on(&h.store, "expect/one", "value-number-three",
	    (struct terms){ .only_rotate = true }, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 3);
	CU_ASSERT(opens_to(&h.store, &m.id, 3, "value-number-three"));
}

static void
a_stale_rotation_is_refused_audited_and_loses_nothing(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "expect/stale", "value-number-one", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(put(&h, "expect/stale", "value-number-two", &m),
	    SR_OK);
	refused_as("expect/stale", (struct terms){ .expected = 1 },
	    SR_E_SECRET_VERSION_CONFLICT,
	    "ROTATE\tfailed\tsecret_version_conflict\t2");
	refused_as("expect/stale", (struct terms){ .expected = 3 },
	    SR_E_SECRET_VERSION_CONFLICT,
	    "ROTATE\tfailed\tsecret_version_conflict\t2");
	CU_ASSERT(opens_to(&h.store, &m.id, 2, "value-number-two"));
	/* What is revoked, or is not there, is at no version. */
	revoke_it(&m.id);
	refused_as("expect/stale", (struct terms){ .expected = 2 },
	    SR_E_SECRET_VERSION_CONFLICT,
	    "ROTATE\tfailed\tsecret_version_conflict\t2");
	refused_as("expect/stale", (struct terms){ .only_rotate = true },
	    SR_E_SECRET_REVOKED, "ROTATE\tfailed\tsecret_revoked\t2");
	ASSERT_ERR(put_on(&h.store, "expect/none", "value-number-one",
	    (struct terms){ .expected = 1 }, NULL),
	    SR_E_SECRET_VERSION_CONFLICT);
	ASSERT_ERR(put_on(&h.store, "expect/none", "value-number-one",
	    (struct terms){ .only_rotate = true }, NULL),
	    SR_E_SECRET_NOT_FOUND);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM secret_ref"
	    " WHERE name = 'expect/none'"));
}

static void
a_creation_does_not_rotate(void)
{
	struct secret_meta m;

	ASSERT_ERR_FATAL(put_on(&h.store, "create/only", "value-number-one",
	    (struct terms){ .only_create = true }, &m), SR_OK);
	refused_as("create/only", (struct terms){ .only_create = true },
	    SR_E_SECRET_EXISTS, "CREATE\tfailed\tsecret_exists\t1");
	CU_ASSERT(opens_to(&h.store, &m.id, 1, "value-number-one"));
	/* A revoked name is free. */
	revoke_it(&m.id);
	ASSERT_ERR_FATAL(put_on(&h.store, "create/only", "value-number-two",
	    (struct terms){ .only_create = true }, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 2);
}

/* --- All at once --------------------------------------------------------- */

static pthread_barrier_t start;
static atomic_uint winners[VERSIONS + 2];	/* By the version they made. */

struct writer {
	pthread_t thread;
	unsigned no;
	enum sr_error unexpected;
};

/* Rotate from the version that is seen until ${VERSIONS} are made. */
static void *
rotate_on(void * cookie)
{
	struct writer * w = cookie;
	struct store store;
	struct secret_meta m;
	char value[64];
	enum sr_error err;
	uint32_t seen;

	must(house_thread(&h, &store) == 0);
	(void)pthread_barrier_wait(&start);
	for (seen = 1; seen <= VERSIONS; seen++) {
		(void)snprintf(value, sizeof(value), "value-%u-of-%u", seen,
		    w->no);
		err = put_on(&store, "race/expect", value,
		    (struct terms){ .expected = seen }, &m);
		if (err == SR_OK && m.key_version == seen + 1 &&
		    opens_to(&store, &m.id, m.key_version, value))
			atomic_fetch_add(&winners[m.key_version], 1);
		else if (err != SR_E_SECRET_VERSION_CONFLICT)
			w->unexpected = err;
	}
	house_thread_end(&store);
	return (NULL);
}

static void *
create_one(void * cookie)
{
	struct writer * w = cookie;
	struct store store;
	enum sr_error err;

	must(house_thread(&h, &store) == 0);
	(void)pthread_barrier_wait(&start);
	err = put_on(&store, "race/create", "value-of-the-race",
	    (struct terms){ .only_create = true }, NULL);
	if (err == SR_OK)
		atomic_fetch_add(&winners[1], 1);
	else if (err != SR_E_SECRET_EXISTS)
		w->unexpected = err;
	house_thread_end(&store);
	return (NULL);
}

static void
run_all(void * (*fn)(void *))
{
	struct writer w[THREADS];
	unsigned i;

	for (i = 0; i < COUNTOF(winners); i++)
		atomic_store(&winners[i], 0);
	(void)pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ .no = i };
		CU_ASSERT_FATAL(pthread_create(&w[i].thread, NULL, fn,
		    &w[i]) == 0);
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(w[i].thread, NULL);
		ASSERT_ERR(w[i].unexpected, SR_OK);
	}
	(void)pthread_barrier_destroy(&start);
}

static void
of_sixteen_who_saw_one_version_exactly_one_rotates_it(void)
{
	struct secret_meta m;
	uint32_t rows = 0;
	unsigned i;
	char * expected;

	ASSERT_ERR_FATAL(put(&h, "race/expect", "value-before-all", &m), SR_OK);
	run_all(rotate_on);
	for (i = 2; i <= VERSIONS + 1; i++)
		CU_ASSERT_EQUAL(atomic_load(&winners[i]), 1);
	expected = text_format("%u\t%u\t%u", VERSIONS + 1, VERSIONS + 1,
	    (THREADS - 1) * VERSIONS);
	CU_ASSERT(house_sql_is(&h, expected, "SELECT COUNT(DISTINCT"
	    " IF(outcome = 'succeeded', key_version, NULL)),"
	    " SUM(outcome = 'succeeded'), SUM(error_type ="
	    " 'secret_version_conflict') FROM audit_event"
	    " WHERE name = 'race/expect'"));
	ASSERT_ERR(audit_verify_chain(&h.store, &m.id, &rows), SR_OK);
	CU_ASSERT_EQUAL(rows, VERSIONS + 1);
	free(expected);
}

static void
of_sixteen_creations_at_once_exactly_one_is_done(void)
{
	run_all(create_one);
	CU_ASSERT_EQUAL(atomic_load(&winners[1]), 1);
	CU_ASSERT(house_sql_is(&h, "1\t15", "SELECT SUM(outcome ="
	    " 'succeeded'), SUM(error_type = 'secret_exists')"
	    " FROM audit_event WHERE name = 'race/create'"));
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
	TEST(a_rotation_from_the_version_that_was_seen_is_done),
	TEST(a_stale_rotation_is_refused_audited_and_loses_nothing),
	TEST(a_creation_does_not_rotate),
	TEST(of_sixteen_who_saw_one_version_exactly_one_rotates_it),
	TEST(of_sixteen_creations_at_once_exactly_one_is_done),
};
SUITE_MAIN("core/vault/secret_expected", tests, setup, teardown)
