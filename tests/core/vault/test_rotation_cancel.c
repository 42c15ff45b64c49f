/* Cancelling a rotation by hand, and what happens to it meanwhile. */

#include <pthread.h>

#include "tests/core/vault/rotating.h"

#define VERSIONS "SELECT key_version, state FROM secret_version ORDER BY 1"
#define STATE	"SELECT state, open_mark FROM rotation"
#define STATUS	"SELECT status FROM provider_credential"
#define ROUNDS	30

static enum sr_error
cancel(struct rotation * n)
{
	const struct rotating r = rotating_with(&h.store);

	return (rotation_cancel(&r, &provider, n));
}

static bool
ends_are(const char * expected)
{

	return (house_sql_is(&h, expected, "SELECT action, outcome,"
	    " COALESCE(error_type, '-') FROM audit_event WHERE target_id ="
	    " (SELECT id FROM secret_ref) AND action LIKE 'ROTATION%'"
	    " AND action <> 'ROTATION_BEGIN' ORDER BY id"));
}

/* A row as one leaves it that was killed before it stored anything. */
static void
left_prechecked(void)
{

	CU_ASSERT_FATAL(house_do(&h, "INSERT INTO rotation (id, provider,"
	    " secret_id, from_version, to_version, state, attempts,"
	    " rolled_back, continuity_alarm, actor_kind, actor_label,"
	    " started_at, next_at, deadline, open_mark) SELECT UUID(),"
	    " 'anthropic', id, 1, 0, 'prechecked', 0, 0, 0, 'account', 'x',"
	    " UTC_TIMESTAMP(6), '2999-01-01', '2999-01-01', 1"
	    " FROM secret_ref"));
}

static void
before_the_switch_nothing_is_changed(void)
{
	struct rotation n;

	start_with(KEY_ONE);
	left_prechecked();
	ASSERT_ERR(cancel(&n), SR_OK);
	CU_ASSERT_EQUAL(n.state, ROTATION_CANCELLED);
	CU_ASSERT_NOT_EQUAL(n.finished_at, SR_TIME_NONE);
	CU_ASSERT(house_sql_is(&h, "1\tactive", VERSIONS));
	CU_ASSERT(house_sql_is(&h, "cancelled\tNULL", STATE));
	CU_ASSERT(ends_are("ROTATION_CANCEL\tsucceeded\t-"));
	/* Once: what has ended cannot be cancelled. */
	ASSERT_ERR(cancel(&n), SR_E_PROVIDER_ROTATION_NOT_OPEN);
	CU_ASSERT(ends_are("ROTATION_CANCEL\tsucceeded\t-\n"
	    "ROTATION_CANCEL\tfailed\tprovider_rotation_not_open"));
	/* And the next one may begin. */
	ASSERT_ERR(begin(KEY_TWO, false, &n), SR_OK);
}

static void
after_the_switch_the_former_version_comes_back(void)
{
	struct provider_state s;
	struct rotation n;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	ASSERT_ERR(cancel(&n), SR_OK);
	CU_ASSERT_EQUAL(n.state, ROTATION_ROLLED_BACK);
	CU_ASSERT_EQUAL(n.after, ROTATION_UNCHECKED);
	CU_ASSERT(n.rolled_back && !n.continuity_alarm);
	ASSERT_ERR(rotation_outcome(&n), SR_E_PROVIDER_ROTATION_CANCELLED);
	CU_ASSERT(house_sql_is(&h, "1\tactive\n2\trolled_back", VERSIONS));
	CU_ASSERT(ends_are("ROTATION_ROLL_BACK\tsucceeded\t-\n"
	    "ROTATION_ROLLED_BACK\tfailed\tprovider_rotation_cancelled"));
	ASSERT_ERR(provider_state_read(h.store.db, &provider, &s), SR_OK);
	CU_ASSERT_EQUAL(s.status, PROVIDER_ACTIVE);
	CU_ASSERT_EQUAL(s.checked_version, 1);
}

/* Whoever had it in hand is told, and does not go on with it. */
static void
who_rotates_is_told(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct rotation n, other;
	bool ended;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	ASSERT_ERR(cancel(&other), SR_OK);
	ASSERT_ERR(rotation_step(&r, &provider, &n, &ended), SR_OK);
	CU_ASSERT(ended && n.state == ROTATION_ROLLED_BACK);
	ASSERT_ERR(rotation_run(&r, &provider, &n),
	    SR_E_PROVIDER_ROTATION_CANCELLED);
	CU_ASSERT_FATAL(house_do(&h, "CREATE TRIGGER cancelled BEFORE INSERT"
	    " ON rotation FOR EACH ROW SET NEW.state = 'cancelled',"
	    " NEW.open_mark = NULL"));
	ASSERT_ERR(begin(KEY_TWO, false, &n),
	    SR_E_PROVIDER_ROTATION_CANCELLED);
	CU_ASSERT(house_do(&h, "DROP TRIGGER cancelled"));
	CU_ASSERT(house_sql_is(&h, "1\tactive\n2\trolled_back", VERSIONS));
}

static void
a_provider_that_is_away_raises_the_alarm(void)
{
	struct rotation n;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	provider_server_mode(server, PROVIDER_MODE_500);
	ASSERT_ERR(cancel(&n), SR_OK);
	CU_ASSERT(n.state == ROTATION_ROLLED_BACK && n.continuity_alarm);
	CU_ASSERT(house_sql_is(&h, "invalid", STATUS));
}

static void
revoked_while_it_was_switched_it_is_cancelled(void)
{
	struct rotation n;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor,
	    &(struct secret_revocation){ .id = n.secret_id }, NULL), SR_OK);
	ASSERT_ERR(cancel(&n), SR_OK);
	CU_ASSERT_EQUAL(n.state, ROTATION_CANCELLED);
	CU_ASSERT(house_sql_is(&h, "1\trevoked\n2\trevoked", VERSIONS));
	CU_ASSERT(house_sql_is(&h, "not_set", STATUS));
}

/* Nothing is lost that anybody wants: that is no alarm. */
static void
revoked_while_it_is_confirmed_it_is_cancelled_without_alarm(void)
{
	const struct rotating r = rotating_with(&h.store);
	struct rotation n;
	bool ended;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_BAD, false, &n), SR_OK);
	ASSERT_ERR(rotation_step(&r, &provider, &n, &ended), SR_OK);
	CU_ASSERT_EQUAL_FATAL(n.state, ROTATION_CONFIRMING);
	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor,
	    &(struct secret_revocation){ .id = n.secret_id }, NULL), SR_OK);
	ASSERT_ERR(rotation_step(&r, &provider, &n, &ended), SR_OK);
	CU_ASSERT(ended && n.state == ROTATION_CANCELLED);
	CU_ASSERT_FALSE(n.continuity_alarm);
	CU_ASSERT(house_sql_is(&h, "cancelled\tNULL", STATE));
	CU_ASSERT(house_sql_is(&h, "not_set", STATUS));
	CU_ASSERT(ends_are("ROTATION_ROLL_BACK\tsucceeded\t-\n"
	    "ROTATION_CANCEL\tfailed\tsecret_revoked"));
}

static void
where_there_is_none_there_is_nothing_to_cancel(void)
{
	struct rotation n;

	start_with(KEY_ONE);
	ASSERT_ERR(cancel(&n), SR_E_PROVIDER_ROTATION_NOT_OPEN);
	CU_ASSERT(house_do(&h, "RENAME TABLE rotation TO hidden"));
	ASSERT_ERR(cancel(&n), SR_E_PROVIDER_CREDENTIAL_UNAVAILABLE);
	CU_ASSERT(house_do(&h, "RENAME TABLE hidden TO rotation"));
}

static void
without_its_audit_row_nothing_is_cancelled(void)
{
	struct rotation n;

	start_with(KEY_ONE);
	left_prechecked();
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	CU_ASSERT_NOT_EQUAL(cancel(&n), SR_OK);
	CU_ASSERT(house_sql_is(&h, "prechecked\t1", STATE));
	CU_ASSERT(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	ASSERT_ERR(cancel(&n), SR_OK);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &n), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	ASSERT_ERR(cancel(&n), SR_E_PROVIDER_ROTATION_ROLLBACK_FAILED);
	CU_ASSERT(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	CU_ASSERT(house_sql_is(&h, "1\tsuperseded\n2\tactive", VERSIONS));
	ASSERT_ERR(cancel(&n), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1\tactive\n2\trolled_back", VERSIONS));
}

static void
one_that_nobody_takes_is_stuck(void)
{
	struct rotation n = { .state = ROTATION_SWITCHED,
	    .next_at = 100 * SR_SECOND, .deadline = 1000 * SR_SECOND };

	CU_ASSERT_FALSE(rotation_stuck(&n, 100 * SR_SECOND));
	CU_ASSERT_FALSE(rotation_stuck(&n, 159 * SR_SECOND));
	CU_ASSERT(rotation_stuck(&n, 161 * SR_SECOND));
	n.next_at = 1001 * SR_SECOND;
	CU_ASSERT(rotation_stuck(&n, 1001 * SR_SECOND));
	n.state = ROTATION_DONE;
	CU_ASSERT_FALSE(rotation_stuck(&n, 1001 * SR_SECOND));
}

/* --- Against a worker that goes on with it ------------------------------- */

struct racer {
	struct rotation rotation;
	enum sr_error err;
};

static void *
run_it(void * cookie)
{
	struct racer * a = cookie;
	struct store store;
	struct rotating r;

	if (house_thread(&h, &store) != 0)
		return (NULL);
	r = rotating_with(&store);
	a->err = rotation_run(&r, &provider, &a->rotation);
	house_thread_end(&store);
	return (NULL);
}

static void
race(unsigned * done)
{
	struct racer a = { .err = SR_E_INTERNAL_ERROR };
	struct rotation n;
	enum sr_error err;
	pthread_t thread;

	start_with(KEY_ONE);
	ASSERT_ERR_FATAL(begin(KEY_TWO, false, &a.rotation), SR_OK);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, run_it, &a), 0);
	err = cancel(&n);
	(void)pthread_join(thread, NULL);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM rotation"
	    " WHERE open_mark = 1"));
	if (err == SR_E_PROVIDER_ROTATION_NOT_OPEN) {
		(*done)++;
		ASSERT_ERR(a.err, SR_OK);
		CU_ASSERT(house_sql_is(&h, "1\tsuperseded\n2\tactive",
		    VERSIONS));
		CU_ASSERT(ends_are("ROTATION_DONE\tsucceeded\t-\n"
		    "ROTATION_CANCEL\tfailed\tprovider_rotation_not_open"));
		return;
	}
	ASSERT_ERR(err, SR_OK);
	ASSERT_ERR(a.err, SR_E_PROVIDER_ROTATION_CANCELLED);
	CU_ASSERT(house_sql_is(&h, "1\tactive\n2\trolled_back", VERSIONS));
	CU_ASSERT(ends_are("ROTATION_ROLL_BACK\tsucceeded\t-\n"
	    "ROTATION_ROLLED_BACK\tfailed\tprovider_rotation_cancelled"));
}

static void
beside_a_worker_it_ends_once_in_one_of_both_ways(void)
{
	unsigned done = 0;

	for (unsigned i = 0; i < ROUNDS; i++)
		race(&done);
	suite_note("%u rounds: %u were done first, %u were cancelled",
	    (unsigned)ROUNDS, done, ROUNDS - done);
}

static const struct suite_test tests[] = {
	TEST(before_the_switch_nothing_is_changed),
	TEST(after_the_switch_the_former_version_comes_back),
	TEST(who_rotates_is_told),
	TEST(a_provider_that_is_away_raises_the_alarm),
	TEST(revoked_while_it_was_switched_it_is_cancelled),
	TEST(revoked_while_it_is_confirmed_it_is_cancelled_without_alarm),
	TEST(where_there_is_none_there_is_nothing_to_cancel),
	TEST(without_its_audit_row_nothing_is_cancelled),
	TEST(one_that_nobody_takes_is_stuck),
	TEST(beside_a_worker_it_ends_once_in_one_of_both_ways),
};

SUITE_MAIN("core/vault/rotation_cancel", tests, rotating_setup,
    rotating_teardown)
