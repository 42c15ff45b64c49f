/* Accounts beside the first owner, and who may not be taken away. */

#include <pthread.h>

#include "core/access/people.h"
#include "tests/core/access/sessions.h"

#define OTHER	"other@example.org"

static struct actor operator;

static struct account
the(const char * email)
{
	struct account a;

	ASSERT_ERR_FATAL(account_find(h.store.db, email, &a), SR_OK);
	return (a);
}

static enum sr_error
change(enum account_step step, const char * email, const char * role)
{
	const struct account a = the(email);
	struct account was;

	return (account_change(&h.store, &operator, step, &a.id, role, &was));
}

static enum sr_error
sign_in(const char * email, struct disclosed ** token)
{

	return (sign_in_from(&h, HOME, email, PASSWORD, token, NULL));
}

static enum sr_error
keep(const struct account * account, void * cookie)
{
	char * names = cookie;

	(void)snprintf(names + strlen(names), 200 - strlen(names), "%s %s;",
	    account->email, role_name(account->role));
	return (SR_OK);
}

static void
accounts_are_listed_and_found_in_any_case(void)
{
	char names[200] = "";
	struct account a;

	fresh();
	add_person(OTHER, "auditor");
	ASSERT_ERR(account_list(h.store.db, keep, names), SR_OK);
	CU_ASSERT_STRING_EQUAL(names, OWNER " owner;" OTHER " auditor;");
	ASSERT_ERR(account_find(h.store.db, "Other@Example.ORG", &a), SR_OK);
	CU_ASSERT_EQUAL(a.disabled_at, SR_TIME_NONE);
	CU_ASSERT_FALSE(a.factor);
	ASSERT_ERR(account_find(h.store.db, "no@example.org", &a),
	    SR_E_ACCOUNT_NOT_FOUND);
	ASSERT_ERR(account_find(h.store.db, "no address", &a),
	    SR_E_ACCOUNT_NOT_FOUND);
}

static void
a_lower_role_ends_sessions_and_a_higher_one_does_not(void)
{
	struct disclosed * token = NULL;
	struct session s;

	fresh();
	add_person(OTHER, "auditor");
	ASSERT_ERR(sign_in(OTHER, &token), SR_OK);
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OTHER, "operator"), SR_OK);
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_ROLE\tsucceeded\t-\toperator\t\t"
	    "account", LAST_AUDIT));
	ASSERT_ERR(find(token, &s), SR_OK);
	CU_ASSERT_EQUAL(s.role, ROLE_OPERATOR);
	/* What it has already is no change, and no row. */
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OTHER, "operator"), SR_OK);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM audit_event"
	    " WHERE action = 'ACCOUNT_ROLE'"));
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OTHER, "auditor"), SR_OK);
	ASSERT_ERR(find(token, &s), SR_E_SESSION_EXPIRED);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT revoked FROM session"));
	disclosed_free(&token);
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OTHER, "emperor"),
	    SR_E_ACCOUNT_ROLE_INVALID);
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OTHER, "anyone"),
	    SR_E_ACCOUNT_ROLE_INVALID);
	CU_ASSERT_EQUAL(the(OTHER).role, ROLE_AUDITOR);
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_ROLE\tfailed\t"
	    "account_role_invalid\toperator\t\taccount", LAST_AUDIT));
}

static void
a_disabled_account_is_out_at_once_and_can_come_back(void)
{
	struct disclosed * token = NULL;
	struct session s;

	fresh();
	add_person(OTHER, "operator");
	ASSERT_ERR(sign_in(OTHER, &token), SR_OK);
	ASSERT_ERR(change(ACCOUNT_STEP_ENABLE, OTHER, NULL),
	    SR_E_ACCOUNT_ALREADY_ENABLED);
	ASSERT_ERR(change(ACCOUNT_STEP_DISABLE, OTHER, NULL), SR_OK);
	ASSERT_ERR(find(token, &s), SR_E_SESSION_EXPIRED);
	ASSERT_ERR(sign_in(OTHER, NULL), SR_E_SIGN_IN_REFUSED);
	ASSERT_ERR(change(ACCOUNT_STEP_DISABLE, OTHER, NULL),
	    SR_E_ACCOUNT_ALREADY_DISABLED);
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_DISABLE\tfailed\t"
	    "account_already_disabled\toperator\t\taccount", LAST_AUDIT));
	/* Also a session that nobody ended. */
	CU_ASSERT(house_do(&h, "UPDATE session SET ended_at = NULL"));
	ASSERT_ERR(find(token, &s), SR_E_SESSION_EXPIRED);
	ASSERT_ERR(change(ACCOUNT_STEP_ENABLE, OTHER, NULL), SR_OK);
	ASSERT_ERR(sign_in(OTHER, NULL), SR_OK);
	disclosed_free(&token);
}

static void
a_removed_account_is_gone_and_its_rows_in_the_audit_stay(void)
{
	struct disclosed * token = NULL;
	struct session s;
	struct account a;

	fresh();
	add_person(OTHER, "operator");
	ASSERT_ERR(sign_in(OTHER, &token), SR_OK);
	ASSERT_ERR(change(ACCOUNT_STEP_REMOVE, OTHER, NULL), SR_OK);
	ASSERT_ERR(find(token, &s), SR_E_SESSION_REQUIRED);
	ASSERT_ERR(account_find(h.store.db, OTHER, &a),
	    SR_E_ACCOUNT_NOT_FOUND);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) > 0 FROM audit_event"
	    " WHERE action = 'SIGN_IN' AND actor_label = '" OTHER "'"));
	ASSERT_ERR(account_change(&h.store, &operator, ACCOUNT_STEP_REMOVE,
	    &s.account_id, NULL, &a), SR_E_ACCOUNT_NOT_FOUND);
	disclosed_free(&token);
}

static void
the_last_owner_stays(void)
{

	fresh();
	add_person(OTHER, "operator");
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OWNER, "operator"),
	    SR_E_ACCOUNT_LAST_OWNER);
	ASSERT_ERR(change(ACCOUNT_STEP_DISABLE, OWNER, NULL),
	    SR_E_ACCOUNT_LAST_OWNER);
	ASSERT_ERR(change(ACCOUNT_STEP_REMOVE, OWNER, NULL),
	    SR_E_ACCOUNT_LAST_OWNER);
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_REMOVE\tfailed\t"
	    "account_last_owner\toperator\t\taccount", LAST_AUDIT));
	ASSERT_ERR(sign_in(OWNER, NULL), SR_OK);
	/* One that cannot sign in is none. */
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OTHER, "owner"), SR_OK);
	ASSERT_ERR(change(ACCOUNT_STEP_DISABLE, OTHER, NULL), SR_OK);
	ASSERT_ERR(change(ACCOUNT_STEP_REMOVE, OWNER, NULL),
	    SR_E_ACCOUNT_LAST_OWNER);
	ASSERT_ERR(change(ACCOUNT_STEP_ENABLE, OTHER, NULL), SR_OK);
	ASSERT_ERR(change(ACCOUNT_STEP_REMOVE, OWNER, NULL), SR_OK);
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OTHER, "auditor"),
	    SR_E_ACCOUNT_LAST_OWNER);
}

/* Both look at what the other has not done yet. */
#define RIVALS	2

struct rival {
	pthread_t thread;
	struct sr_id id;
	enum sr_error err;
};

static void *
rival(void * cookie)
{
	struct rival * r = cookie;
	struct store store;
	struct account was;

	r->err = SR_E_DATABASE_UNAVAILABLE;
	if (house_thread(&h, &store) == 0) {
		r->err = account_change(&store, &operator,
		    ACCOUNT_STEP_ROLE, &r->id, "auditor", &was);
		house_thread_end(&store);
	}
	return (NULL);
}

static void
of_two_owners_taken_away_at_once_one_stays(void)
{
	struct rival r[RIVALS];

	for (unsigned round = 0; round < 5; round++) {
		fresh();
		add_person(OTHER, "owner");
		r[0].id = the(OWNER).id;
		r[1].id = the(OTHER).id;
		for (unsigned i = 0; i < RIVALS; i++)
			CU_ASSERT_EQUAL_FATAL(pthread_create(&r[i].thread,
			    NULL, rival, &r[i]), 0);
		for (unsigned i = 0; i < RIVALS; i++)
			(void)pthread_join(r[i].thread, NULL);
		CU_ASSERT((r[0].err == SR_OK) != (r[1].err == SR_OK));
		CU_ASSERT(r[0].err == SR_E_ACCOUNT_LAST_OWNER ||
		    r[1].err == SR_E_ACCOUNT_LAST_OWNER);
		CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM account"
		    " WHERE role = 'owner'"));
	}
}

/* A request that was let in as an owner's, whose role went meanwhile. */
static void
who_is_no_owner_any_more_changes_nobody(void)
{
	struct session s = { .role = ROLE_OWNER };
	struct actor actor;
	struct account was;
	const struct sr_id * id;

	fresh();
	add_person(OTHER, "operator");
	s.account_id = the(OTHER).id;
	(void)snprintf(s.email, sizeof(s.email), OTHER);
	actor = actor_in(&s);
	id = &s.account_id;
	ASSERT_ERR(account_change(&h.store, &actor, ACCOUNT_STEP_ROLE, id,
	    "owner", &was), SR_E_ROLE_FORBIDDEN);
	CU_ASSERT_EQUAL(the(OTHER).role, ROLE_OPERATOR);
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_ROLE\tfailed\trole_forbidden\t"
	    "account\t" OTHER "\t-", "SELECT action, outcome, error_type,"
	    " actor_kind, actor_label, '-' FROM audit_event"
	    " ORDER BY occurred_at DESC LIMIT 1"));
}

static void
without_its_audit_row_nothing_is_changed(void)
{

	fresh();
	add_person(OTHER, "operator");
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO aside"));
	ASSERT_ERR(change(ACCOUNT_STEP_DISABLE, OTHER, NULL),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	ASSERT_ERR(change(ACCOUNT_STEP_REMOVE, OTHER, NULL),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE aside TO audit_event"));
	CU_ASSERT_EQUAL(the(OTHER).disabled_at, SR_TIME_NONE);
}

/* The first owner may be one no more; then another one is reset. */
static void
the_owner_who_is_reset_is_one(void)
{
	struct secbuf * password = house_secret("a new one of many words");
	char email[EMAIL_MAX + 1] = "";
	uint64_t sessions;

	fresh();
	add_person(OTHER, "owner");
	ASSERT_ERR(change(ACCOUNT_STEP_ROLE, OWNER, "auditor"), SR_OK);
	ASSERT_ERR(owner_reset(&h.store, &operator, password, COST, email,
	    &sessions), SR_OK);
	CU_ASSERT_STRING_EQUAL(email, OTHER);
	secbuf_free(&password);
}

static int
setup(void)
{
	if (sessions_open() != 0)
		return (-1);
	operator = actor_of(&h, ACTOR_OPERATOR);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(accounts_are_listed_and_found_in_any_case),
	TEST(a_lower_role_ends_sessions_and_a_higher_one_does_not),
	TEST(a_disabled_account_is_out_at_once_and_can_come_back),
	TEST(a_removed_account_is_gone_and_its_rows_in_the_audit_stay),
	TEST(the_last_owner_stays),
	TEST(of_two_owners_taken_away_at_once_one_stays),
	TEST(who_is_no_owner_any_more_changes_nobody),
	TEST(without_its_audit_row_nothing_is_changed),
	TEST(the_owner_who_is_reset_is_one),
};
SUITE_MAIN("core/access/people", tests, setup, sessions_close)
