#include <pthread.h>

#include "tests/core/access/sessions.h"

#include "core/keys/token.h"

static void
sign_in_find_sign_out(void)
{
	struct disclosed * token;
	struct session s, again;
	struct actor owner = actor_of(&h, ACTOR_ACCOUNT);

	fresh();
	token = signed_in();
	ASSERT_ERR_FATAL(find(token, &s), SR_OK);
	CU_ASSERT_STRING_EQUAL(s.email, OWNER);
	CU_ASSERT_EQUAL(s.role, ROLE_OWNER);
	CU_ASSERT_EQUAL(s.expires_at - s.created_at, 12 * 3600 * SR_SECOND);
	CU_ASSERT(house_sql_is(&h, "SIGN_IN\tsucceeded\t-\taccount\t" OWNER
	    "\t-", LAST_AUDIT));
	owner.id = s.account_id;
	(void)snprintf(owner.label, sizeof(owner.label), "%s", s.email);
	ASSERT_ERR(session_end(&h.store, &owner, &s), SR_OK);
	CU_ASSERT(house_sql_is(&h, "SIGN_OUT\tsucceeded\t-\taccount\t" OWNER
	    "\t-", LAST_AUDIT));
	ASSERT_ERR(find(token, &again), SR_E_SESSION_EXPIRED);
	/* Ended is ended; it is not audited twice. */
	ASSERT_ERR(session_end(&h.store, &owner, &s), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM audit_event"
	    " WHERE action = 'SIGN_OUT'"));
	disclosed_free(&token);
}

static void
each_sign_in_has_a_token_of_its_own_and_none_is_stored(void)
{
	struct disclosed * a;
	struct disclosed * b;
	struct session s, t;

	fresh();
	a = signed_in();
	b = signed_in();
	CU_ASSERT(!secbuf_equal(disclosed_value(a), disclosed_value(b)));
	ASSERT_ERR(find(a, &s), SR_OK);
	ASSERT_ERR(find(b, &t), SR_OK);
	CU_ASSERT(!sr_id_equal(&s.id, &t.id));
	CU_ASSERT(house_sql_is(&h, "2\t32\t" HOME, "SELECT COUNT(*),"
	    " MAX(LENGTH(token_hash)), MAX(address) FROM session"));
	disclosed_free(&a);
	disclosed_free(&b);
}

static void
the_email_is_found_in_any_case(void)
{
	fresh();
	ASSERT_ERR(sign_in_from(&h, HOME, "OWNER@Example.org", PASSWORD, NULL,
	    NULL), SR_OK);
}

static void
a_wrong_password_is_refused_and_audited_with_the_account(void)
{
	fresh();
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, "another long sentence", NULL,
	    NULL), SR_E_SIGN_IN_REFUSED);
	CU_ASSERT(house_sql_is(&h, "SIGN_IN\tfailed\tsign_in_refused\t"
	    "anonymous\t" HOME "\taccount", LAST_AUDIT));
	CU_ASSERT(house_sql_is(&h, OWNER, "SELECT a.email FROM audit_event e"
	    " JOIN account a ON a.id = e.target_id WHERE e.action = 'SIGN_IN'"
	    " AND e.outcome = 'failed' ORDER BY e.occurred_at DESC LIMIT 1"));
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM session"));
}

static void
what_was_typed_for_an_unknown_account_is_not_kept(void)
{
	static const char * const typed[] = { "", "my secret passphrase",
	    "P@ssw0rd.With.Dots", "nobody@example.net",
	    "gh" "p_" "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi@example.org" };
	char * dump;
	size_t i;

	fresh();
	for (i = 0; i < COUNTOF(typed); i++) {
		ASSERT_ERR(sign_in_from(&h, "192.0.2.50", typed[i], PASSWORD,
		    NULL, NULL), i < 5 ? SR_E_SIGN_IN_REFUSED : SR_OK);
		CU_ASSERT(house_sql_is(&h, "SIGN_IN\tfailed\tsign_in_refused\t"
		    "anonymous\t192.0.2.50\t-", LAST_AUDIT));
		CU_ASSERT_FATAL(house_do(&h, "DELETE FROM throttle"));
	}
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	for (i = 1; i < COUNTOF(typed); i++)
		CU_ASSERT_PTR_NULL(strstr(dump, typed[i]));
	free(dump);
}

static void
no_password_and_no_email_are_refused(void)
{
	const struct actor nobody = actor_of(&h, ACTOR_ANONYMOUS);
	const struct sign_in in = { .cost = COST, .email = OWNER };
	const struct sign_in less = { .cost = COST };
	struct disclosed * token;

	fresh();
	ASSERT_ERR(session_begin(&h.store, &nobody, &in, &limits, &token, NULL),
	    SR_E_SIGN_IN_REFUSED);
	CU_ASSERT_PTR_NULL(token);
	ASSERT_ERR(session_begin(&h.store, &nobody, &less, &limits, &token,
	    NULL), SR_E_SIGN_IN_REFUSED);
	CU_ASSERT_PTR_NULL(token);
}

static void
an_unknown_account_takes_the_time_of_a_known_one(void)
{
	struct secbuf * password = house_secret("another long sentence");
	const struct actor nobody = actor_of(&h, ACTOR_ANONYMOUS);
	struct sign_in in = { .password = password, .cost = 6 };
	struct disclosed * token;
	int64_t known, unknown, start;

	fresh();
	/* An account whose hash has the cost of the decoy. */
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM account"));
	CU_ASSERT_FATAL(start_over(&h));
	{
		const struct actor operator = actor_of(&h, ACTOR_OPERATOR);
		struct sr_id id;

		ASSERT_ERR_FATAL(owner_create(&h.store, &operator, NULL, OWNER,
		    password, 6, &id), SR_OK);
	}
	secbuf_free(&password);
	password = house_secret("a wrong sentence for it");
	in.password = password;
	in.email = "warm@example.org";
	ASSERT_ERR(session_begin(&h.store, &nobody, &in, &limits, &token, NULL),
	    SR_E_SIGN_IN_REFUSED);
	start = clock_monotonic_ms();
	in.email = OWNER;
	ASSERT_ERR(session_begin(&h.store, &nobody, &in, &limits, &token, NULL),
	    SR_E_SIGN_IN_REFUSED);
	known = clock_monotonic_ms() - start;
	start = clock_monotonic_ms();
	in.email = "nobody@example.org";
	ASSERT_ERR(session_begin(&h.store, &nobody, &in, &limits, &token, NULL),
	    SR_E_SIGN_IN_REFUSED);
	unknown = clock_monotonic_ms() - start;
	CU_ASSERT(unknown * 3 > known);
	secbuf_free(&password);
}

static void
failures_throttle_the_pair_and_never_the_owner_elsewhere(void)
{
	unsigned wait = 0, i;

	fresh();
	for (i = 0; i < 5; i++)
		ASSERT_ERR(sign_in_from(&h, "203.0.113.9", OWNER,
		    "another long sentence", NULL, &wait),
		    SR_E_SIGN_IN_REFUSED);
	CU_ASSERT_EQUAL(wait, 0);
	/* Now not even the right password is looked at from there, */
	ASSERT_ERR(sign_in_from(&h, "203.0.113.9", OWNER, PASSWORD, NULL,
	    &wait), SR_E_SIGN_IN_THROTTLED);
	CU_ASSERT(wait >= 1 && wait <= 2);
	CU_ASSERT(house_sql_is(&h, "5", "SELECT COUNT(*) FROM audit_event"
	    " WHERE action = 'SIGN_IN' AND outcome = 'failed'"
	    " AND occurred_at > (SELECT MAX(occurred_at) FROM audit_event"
	    " WHERE action = 'OWNER_CREATE')"));
	/* while the owner signs in from anywhere else, */
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, PASSWORD, NULL, NULL), SR_OK);
	/* and from there too when the time is over; the pair starts anew. */
	CU_ASSERT_FATAL(house_do(&h, "UPDATE throttle SET blocked_until ="
	    " blocked_until - INTERVAL 5 SECOND"));
	ASSERT_ERR(sign_in_from(&h, "203.0.113.9", OWNER, PASSWORD, NULL,
	    NULL), SR_OK);
	ASSERT_ERR(sign_in_from(&h, "203.0.113.9", OWNER,
	    "another long sentence", NULL, NULL), SR_E_SIGN_IN_REFUSED);
	ASSERT_ERR(sign_in_from(&h, "203.0.113.9", OWNER, PASSWORD, NULL,
	    NULL), SR_OK);
}

/* --- Faults -------------------------------------------------------------- */

static void
without_its_audit_row_there_is_no_session(void)
{
	struct disclosed * token = NULL;

	fresh();
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, PASSWORD, &token, NULL),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_PTR_NULL(token);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM session"));
	/* A refusal is answered as such, audited or not. */
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, "another long sentence",
	    &token, NULL), SR_E_SIGN_IN_REFUSED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
}

static void
failures_that_cannot_be_counted_are_no_free_guesses(void)
{
	fresh();
	CU_ASSERT_FATAL(house_do(&h, "CREATE TRIGGER fault BEFORE INSERT ON"
	    " throttle FOR EACH ROW SIGNAL SQLSTATE '45000'"));
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, "another long sentence", NULL,
	    NULL), SR_E_DATABASE_REFUSED);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
}

static void
a_database_that_is_gone_is_told_and_back_it_works(void)
{
	struct disclosed * token;
	struct session s;

	fresh();
	token = signed_in();
	mariadb_kill9(h.m);
	ASSERT_ERR(find(token, &s), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, PASSWORD, NULL, NULL),
	    SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT_FATAL(mariadb_restart(h.m) == 0);
	ASSERT_ERR(find(token, &s), SR_OK);
	disclosed_free(&token);
}

/* --- Many at once -------------------------------------------------------- */

#define THREADS	10

struct guess {
	pthread_t thread;
	enum sr_error err;
};

static void *
guess(void * cookie)
{
	struct guess * g = cookie;
	struct house mine = h;

	g->err = SR_E_DATABASE_UNAVAILABLE;
	if (house_thread(&h, &mine.store) == 0) {
		g->err = sign_in_from(&mine, "203.0.113.77", OWNER,
		    "another long sentence", NULL, NULL);
		house_thread_end(&mine.store);
	}
	return (NULL);
}

static void
guesses_sent_at_once_are_throttled_as_if_in_turn(void)
{
	struct guess g[THREADS];
	unsigned i, refused = 0, throttled = 0;

	fresh();
	access_set_parallel(2);
	for (i = 0; i < THREADS; i++)
		CU_ASSERT_FATAL(pthread_create(&g[i].thread, NULL, guess,
		    &g[i]) == 0);
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(g[i].thread, NULL);
		refused += g[i].err == SR_E_SIGN_IN_REFUSED;
		throttled += g[i].err == SR_E_SIGN_IN_THROTTLED;
	}
	CU_ASSERT_EQUAL(refused + throttled, THREADS);
	/* Five, and at most one more that was let in beside the fifth. */
	CU_ASSERT(refused >= 5 && refused <= 6);
}

static void
many_sign_ins_of_one_account_at_once_all_succeed(void)
{
	struct disclosed * token[4];
	unsigned i;

	fresh();
	for (i = 0; i < COUNTOF(token); i++)
		token[i] = signed_in();
	CU_ASSERT(house_sql_is(&h, "4", "SELECT COUNT(DISTINCT token_hash)"
	    " FROM session"));
	for (i = 0; i < COUNTOF(token); i++)
		disclosed_free(&token[i]);
}

static const struct suite_test tests[] = {
	TEST(sign_in_find_sign_out),
	TEST(each_sign_in_has_a_token_of_its_own_and_none_is_stored),
	TEST(the_email_is_found_in_any_case),
	TEST(a_wrong_password_is_refused_and_audited_with_the_account),
	TEST(what_was_typed_for_an_unknown_account_is_not_kept),
	TEST(no_password_and_no_email_are_refused),
	TEST(an_unknown_account_takes_the_time_of_a_known_one),
	TEST(failures_throttle_the_pair_and_never_the_owner_elsewhere),
	TEST(without_its_audit_row_there_is_no_session),
	TEST(failures_that_cannot_be_counted_are_no_free_guesses),
	TEST(a_database_that_is_gone_is_told_and_back_it_works),
	TEST(guesses_sent_at_once_are_throttled_as_if_in_turn),
	TEST(many_sign_ins_of_one_account_at_once_all_succeed),
};
SUITE_MAIN("core/access/session", tests, sessions_open, sessions_close)
