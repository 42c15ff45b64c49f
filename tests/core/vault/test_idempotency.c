/*
 * Requests that come twice: each is one change, also when both come at once or
 * when the reply to the first was lost.
 */

#include <pthread.h>

#include "tests/core/vault/put.h"

#include "tests/harness/dbproxy.h"

#include "core/vault/idempotency.h"
#include "core/vault/retention.h"

#define THREADS	16

static struct house h;

struct request {
	const char * key;
	const char * name;
	const char * value;
	const char * expires_at;
	uint32_t expected;
	bool only_create;
};

static enum sr_error
ask(const struct store * store, const struct actor * actor,
    const struct request * r, struct secret_complaint * c,
    struct secret_meta * out)
{
	struct secbuf * value = house_secret(r->value);
	const struct secret_write w = { .scope = "instance", .name = r->name,
	    .value = value, .expires_at = r->expires_at,
	    .expected = r->expected, .only_create = r->only_create,
	    .idempotency_key = r->key };
	enum sr_error err;

	err = secret_put(store, actor, &w, c, out);
	secbuf_free(&value);
	return (err);
}

static bool
changes_nothing(const struct request * r, struct secret_meta * out)
{
	char * before = house_counts(&h);
	char * after;
	bool same;

	ASSERT_ERR(ask(&h.store, &h.actor, r, NULL, out), SR_OK);
	after = house_counts(&h);
	same = strcmp(before, after) == 0;
	free(before);
	free(after);
	return (same);
}

static void
a_repeated_write_is_answered_as_the_first_and_changes_nothing(void)
{
	const struct request r = { .key = "key-of-a-request-1",
	    .name = "twice/one", .value = "value-number-one",
	    .expires_at = "2090-01-31T12:00:00Z", .only_create = true };
	struct secret_meta first, again;

	ASSERT_ERR_FATAL(ask(&h.store, &h.actor, &r, NULL, &first), SR_OK);
	CU_ASSERT(changes_nothing(&r, &again));
	CU_ASSERT(sr_id_equal(&first.id, &again.id));
	CU_ASSERT_EQUAL(again.key_version, 1);
	CU_ASSERT_EQUAL(again.expires_at, first.expires_at);
	CU_ASSERT_EQUAL(again.updated_at, first.updated_at);
	CU_ASSERT_STRING_EQUAL(again.source, "onboarding");
}

static void
a_late_repetition_is_told_what_its_own_request_made(void)
{
	const struct request r = { .key = "key-of-a-request-2",
	    .name = "twice/late", .value = "value-number-two", .expected = 1 };
	struct secret_revocation revocation;
	struct secret_meta first, again;

	ASSERT_ERR_FATAL(put(&h, "twice/late", "value-number-one", NULL),
	    SR_OK);
	ASSERT_ERR_FATAL(ask(&h.store, &h.actor, &r, NULL, &first), SR_OK);
	CU_ASSERT_EQUAL(first.key_version, 2);
	ASSERT_ERR_FATAL(put(&h, "twice/late", "value-number-three", NULL),
	    SR_OK);
	CU_ASSERT(changes_nothing(&r, &again));
	CU_ASSERT_EQUAL(again.key_version, 2);
	CU_ASSERT_EQUAL(again.last_rotated_at, first.last_rotated_at);
	CU_ASSERT_STRING_EQUAL(again.source, "rotation");
	revocation = (struct secret_revocation){ .id = first.id };
	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor, &revocation, NULL),
	    SR_OK);
	CU_ASSERT(changes_nothing(&r, &again));
	CU_ASSERT_STRING_EQUAL(again.status, "active");
	CU_ASSERT_EQUAL(again.key_version, 2);
}

static void
other_contents_under_a_used_key_are_refused(void)
{
	static const struct request first = { .key = "key-of-a-request-3",
	    .name = "twice/other", .value = "value-number-one" };
	struct request others[5];
	struct secret_complaint c;
	size_t i;

	for (i = 0; i < COUNTOF(others); i++)
		others[i] = first;
	others[0].value = "value-number-two";
	others[1].name = "twice/another";
	others[2].expires_at = "2090-01-31T12:00:00Z";
	others[3].expected = 1;
	others[4].only_create = true;
	ASSERT_ERR_FATAL(ask(&h.store, &h.actor, &first, NULL, NULL), SR_OK);
	for (i = 0; i < COUNTOF(others); i++) {
		ASSERT_ERR(ask(&h.store, &h.actor, &others[i], &c, NULL),
		    SR_E_IDEMPOTENCY_KEY_REUSED);
		CU_ASSERT_STRING_EQUAL(c.field, "idempotency_key");
		CU_ASSERT_PTR_NULL(c.policy);
	}
	CU_ASSERT(house_sql_is(&h, "1\t1", "SELECT COUNT(*), key_version"
	    " FROM secret_ref WHERE name LIKE 'twice/%other'"));
	CU_ASSERT(house_sql_is(&h, "5", "SELECT COUNT(*) FROM audit_event"
	    " WHERE error_type = 'idempotency_key_reused'"
	    " AND outcome = 'failed'"));
}

static void
a_key_that_is_none_is_refused(void)
{
	static const char * const bad[] = { "seven77", "tab\tin the key",
	    "k\xc3\xa9y-of-a-request", "del-\x7f-in-the-key" };
	struct request r = { .name = "twice/bad", .value = "value-number-one" };
	struct secret_complaint c;
	char longest[IDEMPOTENCY_KEY_MAX + 2];
	size_t i;

	for (i = 0; i < COUNTOF(bad); i++) {
		r.key = bad[i];
		ASSERT_ERR(ask(&h.store, &h.actor, &r, &c, NULL),
		    SR_E_IDEMPOTENCY_KEY_INVALID);
		CU_ASSERT_STRING_EQUAL(c.field, "idempotency_key");
	}
	memset(longest, 'k', sizeof(longest));
	longest[IDEMPOTENCY_KEY_MAX + 1] = '\0';
	r.key = longest;
	ASSERT_ERR(ask(&h.store, &h.actor, &r, &c, NULL),
	    SR_E_IDEMPOTENCY_KEY_INVALID);
	longest[IDEMPOTENCY_KEY_MAX] = '\0';
	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, NULL), SR_OK);
}

static void
each_actor_has_keys_of_his_own(void)
{
	const struct request r = { .key = "key-of-a-request-4",
	    .name = "twice/actors", .value = "value-number-one" };
	struct actor account = h.actor, one, two;
	struct secret_meta m;

	ASSERT_ERR_FATAL(sr_id_new(&account.id), SR_OK);
	one = two = (struct actor){ .kind = ACTOR_OPERATOR };
	(void)snprintf(one.label, sizeof(one.label), "one");
	(void)snprintf(two.label, sizeof(two.label), "two");
	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, &m), SR_OK);
	ASSERT_ERR(ask(&h.store, &account, &r, NULL, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 2);
	ASSERT_ERR(ask(&h.store, &one, &r, NULL, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 3);
	ASSERT_ERR(ask(&h.store, &two, &r, NULL, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 4);
	ASSERT_ERR(ask(&h.store, &two, &r, NULL, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 4);
}

static void
a_refused_request_may_be_tried_again_under_its_key(void)
{
	const struct request r = { .key = "key-of-a-request-5",
	    .name = "twice/refused", .value = "value-number-two",
	    .expected = 1 };
	struct secret_meta m;

	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, NULL),
	    SR_E_SECRET_VERSION_CONFLICT);
	ASSERT_ERR_FATAL(put(&h, "twice/refused", "value-number-one", NULL),
	    SR_OK);
	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 2);
}

static void
what_is_stored_of_a_request_is_two_macs(void)
{
	const struct request r = { .key = "key-of-a-request-6",
	    .name = "twice/stored", .value = "value-not-to-be-found" };
	char * dump;

	ASSERT_ERR_FATAL(ask(&h.store, &h.actor, &r, NULL, NULL), SR_OK);
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NOT_NULL(strstr(dump, "twice/stored"));
	CU_ASSERT_PTR_NULL(strstr(dump, r.key));
	CU_ASSERT_PTR_NULL(strstr(dump, r.value));
	free(dump);
}

static void
a_key_is_free_again_when_its_time_is_over(void)
{
	struct request r = { .key = "key-of-a-request-7",
	    .name = "twice/over", .value = "value-number-one" };
	struct secret_meta m;
	bool more;

	h.store.idempotency_hours = 2;
	ASSERT_ERR_FATAL(ask(&h.store, &h.actor, &r, NULL, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT MAX(i.expires_at) BETWEEN"
	    " UTC_TIMESTAMP(6) + INTERVAL 119 MINUTE AND UTC_TIMESTAMP(6)"
	    " + INTERVAL 2 HOUR FROM idempotency i JOIN secret_ref r"
	    " ON r.id = i.result_id WHERE r.name = 'twice/over'"));
	h.store.idempotency_hours = 0;
	CU_ASSERT_FATAL(house_do(&h, "UPDATE idempotency SET expires_at ="
	    " UTC_TIMESTAMP(6)"));
	r.value = "value-number-two";
	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 2);
	/* The rest is deleted; what still counts is kept. */
	ASSERT_ERR(retention_purge(&h.store, 30, &more), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM idempotency"));
	CU_ASSERT(changes_nothing(&r, &m));
	CU_ASSERT_EQUAL(m.key_version, 2);
}

/* --- Revocation ---------------------------------------------------------- */

static enum sr_error
revoke(const struct store * store, const char * key, const struct sr_id * id,
    uint32_t expected, struct secret_meta * out)
{
	const struct secret_revocation r = { .id = *id, .expected = expected,
	    .idempotency_key = key };

	return (secret_revoke(store, &h.actor, &r, out));
}

static void
a_repeated_revocation_is_answered_as_the_first(void)
{
	const char * key = "key-of-a-revocation";
	struct request r = { .key = key, .name = "twice/revoke",
	    .value = "value-number-two" };
	struct secret_meta m, first, again;
	char * before;
	char * after;

	ASSERT_ERR_FATAL(put(&h, "twice/revoke", "value-number-one", &m),
	    SR_OK);
	ASSERT_ERR_FATAL(revoke(&h.store, key, &m.id, 1, &first), SR_OK);
	/* Also when the name has a value again: that one stays. */
	ASSERT_ERR_FATAL(put(&h, "twice/revoke", "value-number-two", NULL),
	    SR_OK);
	before = house_counts(&h);
	ASSERT_ERR_FATAL(revoke(&h.store, key, &m.id, 1, &again), SR_OK);
	after = house_counts(&h);
	CU_ASSERT_STRING_EQUAL(before, after);
	CU_ASSERT_STRING_EQUAL(again.status, "revoked");
	CU_ASSERT_EQUAL(again.key_version, 1);
	CU_ASSERT_EQUAL(again.updated_at, first.updated_at);
	CU_ASSERT(opens_to(&h.store, &m.id, 2, "value-number-two"));
	ASSERT_ERR(revoke(&h.store, key, &m.id, 2, NULL),
	    SR_E_IDEMPOTENCY_KEY_REUSED);
	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, NULL),
	    SR_E_IDEMPOTENCY_KEY_REUSED);
	ASSERT_ERR(revoke(&h.store, "short", &m.id, 2, NULL),
	    SR_E_IDEMPOTENCY_KEY_INVALID);
	CU_ASSERT(opens_to(&h.store, &m.id, 2, "value-number-two"));
	free(before);
	free(after);
}

/* --- All at once --------------------------------------------------------- */

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
		a->err = revoke(&store, "key-of-a-race-of-many", &a->id, 0,
		    &a->meta);
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

/* --- Lost replies -------------------------------------------------------- */

static void
a_request_whose_reply_was_lost_is_repeated_without_a_second_change(void)
{
	const struct request r = { .key = "key-of-a-lost-reply",
	    .name = "lost/reply", .value = "value-number-one" };
	struct dbproxy * proxy;
	struct db_options o;
	struct store through = h.store;
	struct secret_meta m;

	CU_ASSERT_FATAL(dbproxy_start(mariadb_socket(h.m), &proxy) == 0);
	mariadb_worker_options(h.m, &o);
	o.socket = dbproxy_socket(proxy);
	ASSERT_ERR_FATAL(db_new(&o, &through.db), SR_OK);
	dbproxy_refuse_after(proxy, true);
	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(ask(&through, &h.actor, &r, NULL, NULL),
	    SR_E_COMMIT_OUTCOME_UNKNOWN);
	dbproxy_refuse_after(proxy, false);
	ASSERT_ERR(ask(&through, &h.actor, &r, NULL, &m), SR_OK);
	CU_ASSERT_EQUAL(m.key_version, 1);
	dbproxy_refuse_after(proxy, true);
	dbproxy_arm(proxy, DBPROXY_COMMIT, 1, DBPROXY_CUT_AFTER);
	ASSERT_ERR(revoke(&through, "key-of-a-lost-revocation", &m.id, 1,
	    NULL), SR_E_COMMIT_OUTCOME_UNKNOWN);
	dbproxy_refuse_after(proxy, false);
	ASSERT_ERR(revoke(&through, "key-of-a-lost-revocation", &m.id, 1, &m),
	    SR_OK);
	CU_ASSERT(house_sql_is(&h, "CREATE\tsucceeded\nREVOKE\tsucceeded",
	    "SELECT action, outcome FROM audit_event"
	    " WHERE name = 'lost/reply' ORDER BY occurred_at"));
	db_free(&through.db);
	dbproxy_stop(&proxy);
}

static void
without_its_row_a_request_with_a_key_changes_nothing(void)
{
	const struct request r = { .key = "key-without-a-row",
	    .name = "twice/no-row", .value = "value-number-one" };
	struct secret_meta m;

	ASSERT_ERR_FATAL(put(&h, "twice/kept", "value-number-one", &m), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "CREATE TRIGGER fault BEFORE INSERT ON"
	    " idempotency FOR EACH ROW SIGNAL SQLSTATE '45000'"));
	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, NULL),
	    SR_E_SECRET_PERSISTENCE_FAILED);
	ASSERT_ERR(revoke(&h.store, "key-without-a-row", &m.id, 0, NULL),
	    SR_E_SECRET_REVOCATION_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM secret_ref"
	    " WHERE name = 'twice/no-row'"));
	CU_ASSERT(opens_to(&h.store, &m.id, 1, "value-number-one"));
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE idempotency TO hidden"));
	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, NULL),
	    SR_E_SECRET_PERSISTENCE_FAILED);
	ASSERT_ERR(revoke(&h.store, "key-without-a-row", &m.id, 0, NULL),
	    SR_E_SECRET_REVOCATION_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO idempotency"));
	ASSERT_ERR(ask(&h.store, &h.actor, &r, NULL, NULL), SR_OK);
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
	TEST(a_repeated_write_is_answered_as_the_first_and_changes_nothing),
	TEST(a_late_repetition_is_told_what_its_own_request_made),
	TEST(other_contents_under_a_used_key_are_refused),
	TEST(a_key_that_is_none_is_refused),
	TEST(each_actor_has_keys_of_his_own),
	TEST(a_refused_request_may_be_tried_again_under_its_key),
	TEST(what_is_stored_of_a_request_is_two_macs),
	TEST(a_key_is_free_again_when_its_time_is_over),
	TEST(a_repeated_revocation_is_answered_as_the_first),
	TEST(of_one_request_that_comes_sixteen_times_at_once_one_is_done),
	TEST(of_one_revocation_that_comes_sixteen_times_at_once_one_is_done),
	TEST(a_request_whose_reply_was_lost_is_repeated_without_a_second_change),
	TEST(without_its_row_a_request_with_a_key_changes_nothing),
};
SUITE_MAIN("core/vault/idempotency", tests, setup, teardown)
