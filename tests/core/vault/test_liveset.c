#include <pthread.h>

#include "tests/core/vault/process.h"

static struct house h;

static const char *
text_of(size_t n)
{
	static char text[24];

	(void)snprintf(text, sizeof(text), "%zu", n);
	return (text);
}

static void
the_first_refresh_loads_all_versions_with_their_labels(void)
{
	static const char project[] = "01936d2e-0000-7000-8000-000000000001";
	struct secbuf * value = house_secret("blue-lantern-of-project");
	struct secret_write w = { .scope = "project", .project = project,
	    .name = "live/project", .value = value };
	struct process p;

	ASSERT_ERR_FATAL(put(&h, "live/first", "blue-lantern-one", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(put(&h, "live/first", "blue-lantern-two", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(secret_put(&h.store, &h.actor, &w, NULL, NULL), SR_OK);
	process_open(&h, &p);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_LOCKED);
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_READY);
	CU_ASSERT_EQUAL(redact_known_count(p.store.redact), 3);
	CU_ASSERT(masked_as(&p, "blue-lantern-one", "instance/live/first@1"));
	CU_ASSERT(masked_as(&p, "blue-lantern-two", "instance/live/first@2"));
	CU_ASSERT(masked_as(&p, "blue-lantern-of-project",
	    "project/live/project@1"));
	CU_ASSERT(passes(&p, "blue-lantern-six"));
	process_close(&p);
	secbuf_free(&value);
}

/* More rows than a page has, and the pages' ends within versions. */
static void
the_first_refresh_loads_page_by_page(void)
{
	char * value = malloc(64 * 1024);
	char name[32], line[32], label[48];
	struct process p;
	size_t i, j, n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	for (i = 0; i < 5; i++) {
		for (j = n = 0; j < 900; j++)
			n += (size_t)snprintf(value + n, 40,
			    "page-%zu-of-line-%zu\n", i, j);
		(void)snprintf(name, sizeof(name), "live/page-%zu", i / 2);
		ASSERT_ERR_FATAL(put(&h, name, value, NULL), SR_OK);
	}
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) > 2 * 8192 FROM"
	    " redaction_variant"));
	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(house_sql_is(&h, text_of(redact_known_count(p.store.redact)),
	    "SELECT COUNT(DISTINCT secret_id, key_version)"
	    " FROM redaction_variant"));
	for (i = 0; i < 5; i++) {
		(void)snprintf(label, sizeof(label),
		    "instance/live/page-%zu@%zu", i / 2, i % 2 + 1);
		for (j = 0; j < 900; j += 33) {
			(void)snprintf(line, sizeof(line),
			    "page-%zu-of-line-%zu", i, j);
			CU_ASSERT(masked_as(&p, line, label));
		}
	}
	process_close(&p);
	free(value);
}

static void
a_refresh_sees_what_another_process_has_changed(void)
{
	struct process p;
	unsigned i;
	char value[40];
	char label[48];

	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(passes(&p, "green-lantern-0-one"));
	for (i = 0; i < 5; i++) {
		(void)snprintf(value, sizeof(value), "green-lantern-%u-one", i);
		(void)snprintf(label, sizeof(label), "instance/live/other@%u",
		    i + 1);
		ASSERT_ERR_FATAL(put(&h, "live/other", value, NULL), SR_OK);
		ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
		CU_ASSERT(masked_as(&p, value, label));
		CU_ASSERT(masked_as(&p, "green-lantern-0-one",
		    "instance/live/other@1"));
	}
	process_close(&p);
}

static void
forms_that_are_gone_are_forgotten(void)
{
	struct process p;

	ASSERT_ERR_FATAL(put(&h, "live/gone", "grey-lantern-one", NULL), SR_OK);
	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(!passes(&p, "grey-lantern-one"));
	CU_ASSERT_FATAL(house_do(&h, "DELETE v FROM redaction_variant v"
	    " JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'live/gone'"));
	CU_ASSERT_FATAL(house_do(&h, "UPDATE redaction_head SET n = n + 1;"
	    " INSERT INTO redaction_change"
	    " (id, secret_id, changed_at, shard, n)"
	    " SELECT UUID(), r.id, UTC_TIMESTAMP(6), h.shard, h.n"
	    " FROM secret_ref r JOIN redaction_head h ON h.shard = 3"
	    " WHERE r.name = 'live/gone'"));
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(passes(&p, "grey-lantern-one"));
	process_close(&p);
}

static void
without_a_key_the_redactor_stays_locked_and_the_reason_is_told(void)
{
	const struct keyring_sources none = { NULL, NULL, NULL };
	const struct keyring_sources from = { h.key_file, NULL, NULL };
	struct process p;

	process_open(&h, &p);
	ASSERT_ERR(keystore_load(p.store.keys, &none), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_E_ROOT_KEY_MISSING);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_LOCKED);
	/* The key arrives (SIGHUP): the next request has the live set. */
	ASSERT_ERR(keystore_load(p.store.keys, &from), SR_OK);
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_READY);
	CU_ASSERT(redact_known_count(p.store.redact) > 0);
	/* It is taken away again: nothing is vouched for any more. */
	ASSERT_ERR(keystore_load(p.store.keys, &none), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_E_ROOT_KEY_MISSING);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_LOCKED);
	CU_ASSERT_EQUAL(redact_known_count(p.store.redact), 0);
	ASSERT_ERR(keystore_load(p.store.keys, &from), SR_OK);
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(redact_known_count(p.store.redact) > 0);
	process_close(&p);
}

static void
a_database_that_is_gone_makes_the_live_set_stale(void)
{
	struct process p;

	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	mariadb_kill9(h.m);
	ASSERT_ERR(liveset_refresh(p.live, &p.store),
	    SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_STALE);
	CU_ASSERT_FATAL(mariadb_restart(h.m) == 0);
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_READY);
	process_close(&p);
}

static void
a_load_that_fails_is_made_up_for(void)
{
	struct process p;

	process_open(&h, &p);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE redaction_variant TO hid"));
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_STALE);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hid TO redaction_variant"));
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(redact_known_count(p.store.redact) > 0);
	/* The same for a change: it is not seen before it is loaded. */
	ASSERT_ERR_FATAL(put(&h, "live/failed", "black-lantern-one", NULL),
	    SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE redaction_variant TO hid"));
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_E_DATABASE_REFUSED);
	CU_ASSERT_EQUAL(redact_state(p.store.redact), REDACT_STALE);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hid TO redaction_variant"));
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	CU_ASSERT(masked_as(&p, "black-lantern-one", "instance/live/failed@1"));
	process_close(&p);
}

/* --- Many threads on one live set ---------------------------------------- */

struct request {
	pthread_t thread;
	struct process * p;
	unsigned no;
	unsigned failures;
};

/* Store a secret, refresh, and see that it is masked: every time. */
static void *
requests(void * cookie)
{
	struct request * r = cookie;
	struct process mine = *r->p;
	char name[32], value[48], label[64];
	unsigned i;

	if (house_thread(&h, &mine.store) != 0) {
		r->failures++;
		return (NULL);
	}
	mine.store.keys = r->p->store.keys;
	mine.store.redact = r->p->store.redact;
	for (i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "live/thread-%u", r->no);
		(void)snprintf(value, sizeof(value), "white-lantern-%u-%u-x",
		    r->no, i);
		(void)snprintf(label, sizeof(label), "instance/%s@%u", name,
		    i + 1);
		if (put_into(&mine.store, &h.actor, "instance", name, value,
		    NULL, NULL) != SR_OK ||
		    liveset_refresh(mine.live, &mine.store) != SR_OK ||
		    !masked_as(&mine, value, label))
			r->failures++;
	}
	house_thread_end(&mine.store);
	return (NULL);
}

static void
what_was_committed_before_a_refresh_began_is_loaded_by_it(void)
{
	struct request r[8];
	struct process p;
	size_t i;

	process_open(&h, &p);
	for (i = 0; i < COUNTOF(r); i++) {
		r[i] = (struct request){ .p = &p, .no = (unsigned)i };
		CU_ASSERT_FATAL(pthread_create(&r[i].thread, NULL, requests,
		    &r[i]) == 0);
	}
	for (i = 0; i < COUNTOF(r); i++) {
		(void)pthread_join(r[i].thread, NULL);
		CU_ASSERT_EQUAL(r[i].failures, 0);
	}
	process_close(&p);
}

/* --- A database that does not answer -------------------------------------- */

struct waiting {
	pthread_t thread;
	struct process * p;
	pthread_barrier_t * line;
	enum sr_error result;
	int64_t took;		/* Milliseconds. */
};

static void *
wait_for_it(void * cookie)
{
	struct waiting * w = cookie;
	struct process mine = *w->p;
	int64_t began;

	must(house_thread(&h, &mine.store) == 0);
	must(db_ping(mine.store.db) == SR_OK);
	mine.store.keys = w->p->store.keys;
	mine.store.redact = w->p->store.redact;
	(void)pthread_barrier_wait(w->line);
	(void)pthread_barrier_wait(w->line);
	began = clock_monotonic_ms();
	w->result = liveset_refresh(mine.live, &mine.store);
	w->took = clock_monotonic_ms() - began;
	house_thread_end(&mine.store);
	return (NULL);
}

#define WAITING	16

static void
who_waits_for_a_refresh_that_fails_shares_its_failure(void)
{
	struct waiting w[WAITING];
	pthread_barrier_t line;
	struct process p;
	size_t i;

	process_open(&h, &p);
	ASSERT_ERR_FATAL(liveset_refresh(p.live, &p.store), SR_OK);
	(void)pthread_barrier_init(&line, NULL, WAITING + 1);
	for (i = 0; i < WAITING; i++) {
		w[i] = (struct waiting){ .p = &p, .line = &line };
		CU_ASSERT_FATAL(pthread_create(&w[i].thread, NULL, wait_for_it,
		    &w[i]) == 0);
	}
	(void)pthread_barrier_wait(&line);
	mariadb_pause(h.m);
	(void)pthread_barrier_wait(&line);
	for (i = 0; i < WAITING; i++)
		(void)pthread_join(w[i].thread, NULL);
	mariadb_continue(h.m);
	for (i = 0; i < WAITING; i++) {
		ASSERT_ERR(w[i].result, SR_E_DATABASE_UNAVAILABLE);
		CU_ASSERT(w[i].took < 2 * MARIADB_TEST_TIMEOUT * 1000 + 1000);
	}
	/* A failure is no more than that: who comes later tries anew. */
	ASSERT_ERR(liveset_refresh(p.live, &p.store), SR_OK);
	(void)pthread_barrier_destroy(&line);
	process_close(&p);
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
	TEST(the_first_refresh_loads_all_versions_with_their_labels),
	TEST(the_first_refresh_loads_page_by_page),
	TEST(a_refresh_sees_what_another_process_has_changed),
	TEST(forms_that_are_gone_are_forgotten),
	TEST(without_a_key_the_redactor_stays_locked_and_the_reason_is_told),
	TEST(a_database_that_is_gone_makes_the_live_set_stale),
	TEST(a_load_that_fails_is_made_up_for),
	TEST(what_was_committed_before_a_refresh_began_is_loaded_by_it),
	TEST(who_waits_for_a_refresh_that_fails_shares_its_failure),
};
SUITE_MAIN("core/vault/liveset", tests, setup, teardown)
