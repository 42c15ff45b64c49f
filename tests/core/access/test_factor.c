/* Second factors: begun, confirmed, reset, and nowhere in the database. */

#include "core/base/secbuf_bytes.h"
#include "tests/core/access/factors.h"

static void
begun_confirmed_and_asked_for(void)
{
	struct disclosed * token, * other, * step, * in = NULL;
	struct session s, t;
	struct secbuf * code;
	struct factor f;

	fresh();
	token = signed_in();
	other = signed_in();
	s = session_of(token);
	ASSERT_ERR(factor_read(h.store.db, &s.account_id, &f), SR_OK);
	CU_ASSERT_EQUAL(f.state, FACTOR_NONE);
	ASSERT_ERR(begin(&s), SR_OK);
	CU_ASSERT(house_sql_is(&h, "SECOND_FACTOR_BEGIN\tsucceeded\t-\t"
	    "account\t" OWNER "\taccount", LAST_AUDIT));
	ASSERT_ERR(factor_read(h.store.db, &s.account_id, &f), SR_OK);
	CU_ASSERT_EQUAL(f.state, FACTOR_BEGUN);
	/* Until it is confirmed a password is enough. */
	in = signed_in();
	disclosed_free(&in);
	code = shown_code(&s.account_id, 0);
	ASSERT_ERR(confirm_with(&s, code), SR_OK);
	secbuf_free(&code);
	ASSERT_ERR(factor_read(h.store.db, &s.account_id, &f), SR_OK);
	CU_ASSERT_EQUAL(f.state, FACTOR_CONFIRMED);
	CU_ASSERT_EQUAL(f.recovery_codes, RECOVERY_CODES);
	/* Sessions that the password alone opened are over. */
	ASSERT_ERR(find(other, &t), SR_E_SESSION_EXPIRED);
	CU_ASSERT_TRUE(session_of(token).factor);
	step = first_step();
	CU_ASSERT(house_sql_is(&h, "SECOND_FACTOR_ASK\tsucceeded\t-\taccount\t"
	    OWNER "\t-", LAST_AUDIT));
	/* What the first step gives is no session. */
	ASSERT_ERR(find(step, &t), SR_E_SESSION_REQUIRED);
	code = shown_code(&s.account_id, 1);
	ASSERT_ERR(step_from(HOME, step, code, &in, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "SIGN_IN\tsucceeded\ttotp", "SELECT action,"
	    " outcome, name FROM audit_event ORDER BY occurred_at DESC"
	    " LIMIT 1"));
	ASSERT_ERR(find(in, &t), SR_OK);
	CU_ASSERT_STRING_EQUAL(t.email, OWNER);
	secbuf_free(&code);
	disclosed_free(&in);
	disclosed_free(&step);
	disclosed_free(&token);
	disclosed_free(&other);
}

static void
a_reset_is_audited_ends_sessions_and_lets_begin_again(void)
{
	struct disclosed * token;
	struct session s = with_factor(&token), t;
	struct account was;

	ASSERT_ERR(begin(&s), SR_E_SECOND_FACTOR_EXISTS);
	ASSERT_ERR(account_change(&h.store, &operator,
	    ACCOUNT_STEP_RESET_FACTOR, &s.account_id, NULL, &was), SR_OK);
	CU_ASSERT(house_sql_is(&h, "SECOND_FACTOR_RESET\tsucceeded\t-\t"
	    "operator\t\taccount", LAST_AUDIT));
	ASSERT_ERR(find(token, &t), SR_E_SESSION_EXPIRED);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM"
	    " account_recovery"));
	disclosed_free(&token);
	/* The password is enough again. */
	token = signed_in();
	ASSERT_ERR(account_change(&h.store, &operator,
	    ACCOUNT_STEP_RESET_FACTOR, &s.account_id, NULL, &was),
	    SR_E_SECOND_FACTOR_MISSING);
	disclosed_free(&token);
}

static void
only_a_right_code_confirms(void)
{
	struct disclosed * token;
	struct session s;
	struct secbuf * wrong = house_secret("000000");
	struct secbuf * former;
	unsigned n;

	fresh();
	token = signed_in();
	s = session_of(token);
	ASSERT_ERR(confirm_with(&s, wrong), SR_E_SECOND_FACTOR_MISSING);
	ASSERT_ERR(begin(&s), SR_OK);
	former = shown_code(&s.account_id, 1);
	/* Begun anew, the former seed is none. */
	ASSERT_ERR(begin(&s), SR_OK);
	ASSERT_ERR(confirm_with(&s, former), SR_E_SECOND_FACTOR_REFUSED);
	CU_ASSERT_PTR_NULL(codes[0]);
	for (n = 1; n < 20; n++) {
		if (confirm_with(&s, wrong) != SR_E_SECOND_FACTOR_REFUSED)
			break;
	}
	CU_ASSERT_EQUAL(n, 5);
	ASSERT_ERR(confirm_with(&s, wrong), SR_E_SECOND_FACTOR_THROTTLED);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM"
	    " account_recovery"));
	CU_ASSERT_FATAL(house_do(&h, "UPDATE throttle SET blocked_until ="
	    " UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	secbuf_free(&former);
	former = shown_code(&s.account_id, 1);
	ASSERT_ERR(confirm_with(&s, former), SR_OK);
	/* The address's counter only fades. */
	CU_ASSERT(house_sql_is(&h, "5", "SELECT failures FROM throttle"));
	secbuf_free(&wrong);
	secbuf_free(&former);
	disclosed_free(&token);
}

/* The text of a disclosed value as a dump would have it. */
static bool
dumped(const char * dump, const struct disclosed * d)
{
	const struct secbuf * b = disclosed_value(d);
	char * text = text_format("%.*s", (int)secbuf_len(b),
	    (const char *)secbuf_bytes(b));
	bool there = strstr(dump, text) != NULL;

	free(text);
	return (there);
}

static void
neither_seed_nor_codes_are_in_the_database(void)
{
	struct disclosed * token;
	struct session s;
	struct actor actor;
	struct factor_shown shown;
	struct secbuf * code;
	char * dump;

	fresh();
	token = signed_in();
	s = session_of(token);
	actor = actor_in(&s);
	ASSERT_ERR_FATAL(factor_begin(&h.store, &actor, &s, &shown), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(disclosed_value(shown.text)), 32);
	code = shown_code(&s.account_id, 1);
	ASSERT_ERR_FATAL(confirm_with(&s, code), SR_OK);
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_FALSE(dumped(dump, shown.text));
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		CU_ASSERT_FALSE(dumped(dump, codes[i]));
	free(dump);
	secbuf_free(&code);
	factor_shown_free(&shown);
	disclosed_free(&token);
}

static const struct suite_test tests[] = {
	TEST(begun_confirmed_and_asked_for),
	TEST(a_reset_is_audited_ends_sessions_and_lets_begin_again),
	TEST(only_a_right_code_confirms),
	TEST(neither_seed_nor_codes_are_in_the_database),
};
SUITE_MAIN("core/access/factor", tests, factors_open, factors_close)
