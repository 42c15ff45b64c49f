/* The second step of a sign-in: no code is taken twice. */

#include <pthread.h>

#include "core/base/metric.h"
#include "tests/core/access/factors.h"

static void
a_code_works_once(void)
{
	struct disclosed * token, * a, * b;
	struct session s = with_factor(&token);
	struct secbuf * used = shown_code(&s.account_id, 0);
	struct secbuf * now = shown_code(&s.account_id, 1);

	a = first_step();
	b = first_step();
	/* That of the confirmation, too. */
	ASSERT_ERR(step_from(HOME, a, used, NULL, NULL),
	    SR_E_SECOND_FACTOR_REFUSED);
	ASSERT_ERR(step_from(HOME, a, now, NULL, NULL), SR_OK);
	ASSERT_ERR(step_from(HOME, b, now, NULL, NULL),
	    SR_E_SECOND_FACTOR_REFUSED);
	/* And a step is taken once. */
	ASSERT_ERR(step_from(HOME, a, now, NULL, NULL),
	    SR_E_SIGN_IN_STEP_EXPIRED);
	secbuf_free(&used);
	secbuf_free(&now);
	disclosed_free(&a);
	disclosed_free(&b);
	disclosed_free(&token);
}

#define RIVALS	4

struct rival {
	pthread_t thread;
	const struct disclosed * step;
	const struct secbuf * code;
	enum sr_error err;
};

static void *
rival(void * cookie)
{
	struct rival * r = cookie;
	const struct actor nobody = actor_of(&h, ACTOR_ANONYMOUS);
	const struct sign_in_step in = { .token = disclosed_value(r->step),
	    .code = r->code, .address = HOME };
	struct disclosed * token = NULL;
	struct store store;
	unsigned seconds;
	int left;

	r->err = SR_E_DATABASE_UNAVAILABLE;
	if (house_thread(&h, &store) == 0) {
		r->err = session_step(&store, &nobody, &in, &limits, &token,
		    &left, &seconds);
		house_thread_end(&store);
	}
	disclosed_free(&token);
	return (NULL);
}

/* One code at several workers in the same moment. */
static void
race(const struct secbuf * code)
{
	struct disclosed * steps[RIVALS];
	struct rival r[RIVALS];
	unsigned good = 0;

	for (unsigned i = 0; i < RIVALS; i++)
		steps[i] = first_step();
	for (unsigned i = 0; i < RIVALS; i++) {
		r[i].step = steps[i];
		r[i].code = code;
		CU_ASSERT_EQUAL_FATAL(pthread_create(&r[i].thread, NULL,
		    rival, &r[i]), 0);
	}
	for (unsigned i = 0; i < RIVALS; i++) {
		(void)pthread_join(r[i].thread, NULL);
		good += r[i].err == SR_OK;
		CU_ASSERT(r[i].err == SR_OK ||
		    r[i].err == SR_E_SECOND_FACTOR_REFUSED);
		disclosed_free(&steps[i]);
	}
	CU_ASSERT_EQUAL(good, 1);
}

static void
a_code_that_is_sent_several_times_at_once_works_once(void)
{
	struct disclosed * token;
	struct session s = with_factor(&token);
	struct secbuf * now = shown_code(&s.account_id, 1);

	race(now);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM throttle"));
	race(disclosed_value(codes[3]));
	secbuf_free(&now);
	disclosed_free(&token);
}

static void
a_recovery_code_works_once_and_says_how_many_are_left(void)
{
	struct disclosed * token, * step, * in = NULL;
	struct factor f;
	struct session s = with_factor(&token);
	const uint64_t refused = metric_get(METRIC_SIGN_INS_REFUSED);
	int left = 0;

	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, "another long sentence", NULL,
	    NULL), SR_E_SIGN_IN_REFUSED);
	step = first_step();
	ASSERT_ERR(step_from(HOME, step, disclosed_value(codes[0]), &in,
	    &left), SR_OK);
	CU_ASSERT_EQUAL(left, RECOVERY_CODES - 1);
	/* Only the address still has a counter. */
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM throttle"));
	CU_ASSERT(house_sql_is(&h, "SIGN_IN\tsucceeded\trecovery-code",
	    "SELECT action, outcome, name FROM audit_event"
	    " ORDER BY occurred_at DESC LIMIT 1"));
	disclosed_free(&in);
	disclosed_free(&step);
	step = first_step();
	ASSERT_ERR(step_from(HOME, step, disclosed_value(codes[0]), NULL,
	    &left), SR_E_SECOND_FACTOR_REFUSED);
	CU_ASSERT(house_sql_is(&h, "SIGN_IN\tfailed\tsecond_factor_refused\t"
	    "anonymous\t" HOME "\taccount", LAST_AUDIT));
	CU_ASSERT(metric_get(METRIC_SIGN_INS_REFUSED) > refused);
	ASSERT_ERR(step_with(step, "AAAA-AAAA-AAAA-AAAA"),
	    SR_E_SECOND_FACTOR_REFUSED);
	ASSERT_ERR(factor_read(h.store.db, &s.account_id, &f), SR_OK);
	CU_ASSERT_EQUAL(f.recovery_codes, RECOVERY_CODES - 1);
	disclosed_free(&step);
	disclosed_free(&token);
}

static void
wrong_codes_are_counted_for_the_account_wherever_they_come_from(void)
{
	struct disclosed * token, * step;
	struct session s = with_factor(&token);
	struct secbuf * wrong = house_secret("000000");
	struct secbuf * right = shown_code(&s.account_id, 1);
	char address[20];
	unsigned n;

	step = first_step();
	for (n = 0; n < 20; n++) {
		(void)snprintf(address, sizeof(address), "192.0.2.%u", 50 + n);
		if (step_from(address, step, wrong, NULL, NULL) !=
		    SR_E_SECOND_FACTOR_REFUSED)
			break;
	}
	CU_ASSERT_EQUAL(n, 5);
	wait = 0;
	ASSERT_ERR(step_from("198.51.100.9", step, right, NULL, NULL),
	    SR_E_SECOND_FACTOR_THROTTLED);
	CU_ASSERT(wait > 0);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE throttle SET blocked_until ="
	    " UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	ASSERT_ERR(step_from(HOME, step, right, NULL, NULL), SR_OK);
	secbuf_free(&wrong);
	secbuf_free(&right);
	disclosed_free(&step);
	disclosed_free(&token);
}

static void
a_step_ends_with_its_time_its_account_and_its_factor(void)
{
	struct disclosed * token, * step;
	struct session s = with_factor(&token);
	struct account was;

	ASSERT_ERR(step_from(HOME, NULL, NULL, NULL, NULL),
	    SR_E_SIGN_IN_STEP_EXPIRED);
	ASSERT_ERR(step_with(token, "000000"), SR_E_SIGN_IN_STEP_EXPIRED);
	step = first_step();
	CU_ASSERT_FATAL(house_do(&h, "UPDATE sign_in_step SET expires_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	ASSERT_ERR(step_from(HOME, step, disclosed_value(codes[1]), NULL,
	    NULL), SR_E_SIGN_IN_STEP_EXPIRED);
	disclosed_free(&step);
	step = first_step();
	CU_ASSERT_FATAL(house_do(&h, "UPDATE account SET disabled_at ="
	    " UTC_TIMESTAMP(6)"));
	ASSERT_ERR(step_from(HOME, step, disclosed_value(codes[1]), NULL,
	    NULL), SR_E_SIGN_IN_STEP_EXPIRED);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE account SET disabled_at = NULL"));
	ASSERT_ERR(account_change(&h.store, &operator,
	    ACCOUNT_STEP_RESET_FACTOR, &s.account_id, NULL, &was), SR_OK);
	CU_ASSERT_TRUE(was.factor);
	ASSERT_ERR(step_from(HOME, step, disclosed_value(codes[1]), NULL,
	    NULL), SR_E_SIGN_IN_STEP_EXPIRED);
	disclosed_free(&step);
	disclosed_free(&token);
}

/* In locked mode the way in is a recovery code. */
static void
without_a_root_key_a_recovery_code_still_works(void)
{
	struct disclosed * token, * step;
	struct session s = with_factor(&token);
	struct secbuf * now = shown_code(&s.account_id, 1);
	struct keystore * keys = h.store.keys;

	h.store.keys = NULL;
	ASSERT_ERR(begin(&s), SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	step = first_step();
	ASSERT_ERR(step_from(HOME, step, now, NULL, NULL),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR(step_from(HOME, step, disclosed_value(codes[9]), NULL,
	    NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "2", "SELECT COUNT(*) FROM audit_event"
	    " WHERE mac IS NULL AND action IN ('SECOND_FACTOR_ASK',"
	    " 'SIGN_IN')"));
	h.store.keys = keys;
	secbuf_free(&now);
	disclosed_free(&step);
	disclosed_free(&token);
}

/* A block of a moment is none for those who are all there before it. */
#define GUESSERS	16

static void
codes_that_are_guessed_at_once_are_one_try(void)
{
	struct disclosed * token, * step;
	struct session s = with_factor(&token);
	struct secbuf * wrong = house_secret("000000");
	struct rival r[GUESSERS];
	unsigned judged = 0;

	(void)s;
	step = first_step();
	for (unsigned n = 0; n < 8; n++) {
		(void)step_from(HOME, step, wrong, NULL, NULL);
		CU_ASSERT_FATAL(house_do(&h, "UPDATE throttle SET"
		    " blocked_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	}
	/* Eight failures: the next one is worth a block of 16 s and more. */
	for (unsigned i = 0; i < GUESSERS; i++) {
		r[i] = (struct rival){ .step = step, .code = wrong };
		CU_ASSERT_EQUAL_FATAL(pthread_create(&r[i].thread, NULL,
		    rival, &r[i]), 0);
	}
	for (unsigned i = 0; i < GUESSERS; i++) {
		(void)pthread_join(r[i].thread, NULL);
		judged += r[i].err == SR_E_SECOND_FACTOR_REFUSED;
	}
	suite_note("%u of %u guesses were judged", judged, GUESSERS);
	CU_ASSERT(judged <= 1);
	secbuf_free(&wrong);
	disclosed_free(&step);
	disclosed_free(&token);
}

static const struct suite_test tests[] = {
	TEST(codes_that_are_guessed_at_once_are_one_try),
	TEST(a_code_works_once),
	TEST(a_code_that_is_sent_several_times_at_once_works_once),
	TEST(a_recovery_code_works_once_and_says_how_many_are_left),
	TEST(wrong_codes_are_counted_for_the_account_wherever_they_come_from),
	TEST(a_step_ends_with_its_time_its_account_and_its_factor),
	TEST(without_a_root_key_a_recovery_code_still_works),
};
SUITE_MAIN("core/access/session_step", tests, factors_open, factors_close)
