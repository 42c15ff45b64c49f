#include <pthread.h>

#include "tests/core/access/people.h"

#define FRESH	"another sentence of words"

static struct house h;
static struct actor operator;

static enum sr_error
reset(const char * text, char email[EMAIL_MAX + 1], uint64_t * sessions)
{
	struct secbuf * password = house_secret(text);
	enum sr_error err;

	err = owner_reset(&h.store, &operator, password, COST, email,
	    sessions);
	secbuf_free(&password);
	return (err);
}

static bool
open_sessions_are(const char * n)
{

	return (house_sql_is(&h, n,
	    "SELECT COUNT(*) FROM session WHERE ended_at IS NULL"));
}

static enum sr_error
sign_in(const char * text)
{

	return (sign_in_from(&h, "192.0.2.1", OWNER, text, NULL, NULL));
}

static void
the_new_password_counts_and_sessions_are_over(void)
{
	char email[EMAIL_MAX + 1];
	uint64_t sessions = 0;

	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR_FATAL(make_owner(&h), SR_OK);
	ASSERT_ERR(sign_in(PASSWORD), SR_OK);
	ASSERT_ERR(sign_in(PASSWORD), SR_OK);
	/* Whoever had the account may have kept a link of its own. */
	CU_ASSERT_FATAL(house_do(&h, "INSERT INTO invitation (id, email, role,"
	    " token_hash, invited_by, created_at, expires_at) VALUES (UUID(),"
	    " 'x@example.org', 'owner', REPEAT('x', 32), '" OWNER "',"
	    " UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)), (UUID(), 'y@example.org',"
	    " 'owner', REPEAT('y', 32), 'root', UTC_TIMESTAMP(6),"
	    " UTC_TIMESTAMP(6))"));
	ASSERT_ERR(reset(FRESH, email, &sessions), SR_OK);
	CU_ASSERT(house_sql_is(&h, "y@example.org",
	    "SELECT email FROM invitation"));
	CU_ASSERT_STRING_EQUAL(email, OWNER);
	CU_ASSERT_EQUAL(sessions, 2);
	CU_ASSERT(open_sessions_are("0"));
	CU_ASSERT(house_sql_is(&h, "OWNER_RESET\tsucceeded\t-\toperator\t\t"
	    "account", LAST_AUDIT));
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM audit_event e"
	    " JOIN account a ON a.id = e.target_id AND a.id = e.chain_id"
	    " WHERE action = 'OWNER_RESET' AND mac IS NOT NULL"));
	ASSERT_ERR(sign_in(PASSWORD), SR_E_SIGN_IN_REFUSED);
	ASSERT_ERR(sign_in(FRESH), SR_OK);
}

static void
without_an_owner_there_is_none_to_reset(void)
{
	char email[EMAIL_MAX + 1];
	uint64_t sessions;

	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR(reset(FRESH, email, &sessions), SR_E_OWNER_MISSING);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM account"));
}

static void
a_bad_password_changes_nothing(void)
{
	char * long_one = house_random(513);
	char email[EMAIL_MAX + 1];
	uint64_t sessions;

	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR_FATAL(make_owner(&h), SR_OK);
	ASSERT_ERR(sign_in(PASSWORD), SR_OK);
	ASSERT_ERR(reset("eleven byte", email, &sessions),
	    SR_E_PASSWORD_INVALID);
	ASSERT_ERR(reset(long_one, email, &sessions), SR_E_PASSWORD_INVALID);
	ASSERT_ERR(owner_reset(&h.store, &operator, NULL, COST, email,
	    &sessions), SR_E_PASSWORD_INVALID);
	CU_ASSERT(open_sessions_are("1"));
	ASSERT_ERR(sign_in(PASSWORD), SR_OK);
	free(long_one);
}

static void
without_its_audit_row_nothing_is_changed(void)
{
	char email[EMAIL_MAX + 1];
	uint64_t sessions;

	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR_FATAL(make_owner(&h), SR_OK);
	ASSERT_ERR(sign_in(PASSWORD), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	ASSERT_ERR(reset(FRESH, email, &sessions),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	CU_ASSERT(open_sessions_are("1"));
	ASSERT_ERR(sign_in(PASSWORD), SR_OK);
}

static void
without_a_root_key_nothing_is_changed(void)
{
	char email[EMAIL_MAX + 1];
	uint64_t sessions;

	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR_FATAL(make_owner(&h), SR_OK);
	CU_ASSERT_NOT_EQUAL(house_load_key(&h, NULL), SR_OK);
	ASSERT_ERR(reset(FRESH, email, &sessions),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR_FATAL(house_load_key(&h, h.key_file), SR_OK);
	ASSERT_ERR(sign_in(PASSWORD), SR_OK);
}

/* Sign in again and again, until the password is another. */
static void *
keep_signing_in(void * cookie)
{
	struct house mine = h;
	unsigned * n = cookie;
	enum sr_error err = SR_OK;

	if (house_thread(&h, &mine.store) != 0)
		return (NULL);
	while (err == SR_OK && *n < 1000) {
		err = sign_in_from(&mine, "192.0.2.1", OWNER, PASSWORD, NULL,
		    NULL);
		*n += err == SR_OK;
	}
	if (err != SR_E_SIGN_IN_REFUSED)
		suite_note("signing in ended with %s", sr_error_name(err));
	house_thread_end(&mine.store);
	return (NULL);
}

static void
no_sign_in_slips_in_under_the_former_password(void)
{
	const struct timespec pause = { 0, 20000000 };
	pthread_t thread[3];
	unsigned n[3], i, round;
	char email[EMAIL_MAX + 1];
	uint64_t sessions;

	access_set_parallel(4);
	for (round = 0; round < 6; round++) {
		CU_ASSERT_FATAL(start_over(&h));
		ASSERT_ERR_FATAL(make_owner(&h), SR_OK);
		for (i = 0; i < COUNTOF(thread); i++) {
			n[i] = 0;
			CU_ASSERT_FATAL(pthread_create(&thread[i], NULL,
			    keep_signing_in, &n[i]) == 0);
		}
		(void)nanosleep(&pause, NULL);
		ASSERT_ERR(reset(FRESH, email, &sessions), SR_OK);
		for (i = 0; i < COUNTOF(thread); i++)
			(void)pthread_join(thread[i], NULL);
		CU_ASSERT(open_sessions_are("0"));
	}
}

static int
setup(void)
{
	if (house_open(&h) != 0)
		return (-1);
	operator = actor_of(&h, ACTOR_OPERATOR);
	return (0);
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(the_new_password_counts_and_sessions_are_over),
	TEST(without_an_owner_there_is_none_to_reset),
	TEST(a_bad_password_changes_nothing),
	TEST(without_its_audit_row_nothing_is_changed),
	TEST(without_a_root_key_nothing_is_changed),
	TEST(no_sign_in_slips_in_under_the_former_password),
};
SUITE_MAIN("core/access/owner_reset", tests, setup, teardown)
