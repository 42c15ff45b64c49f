/* Invitations: a link, once, for an account with a role. */

#include <pthread.h>

#include "core/access/people.h"
#include "core/base/secbuf_bytes.h"
#include "tests/core/access/sessions.h"

#define GUEST	"guest@example.org"
#define ROGUE	"rogue@example.org"
#define CHOSEN	"a password of the guest"
#define AWAY	"203.0.113.7"
#define NEAR	"203.0.113.8"

static struct actor operator, stranger;

static enum sr_error
invite(const char * email, const char * role, struct disclosed ** token,
    struct invitation * out)
{
	struct disclosed * unread = NULL;
	struct invitation other;
	const char * field;
	enum sr_error err;

	err = invitation_make(&h.store, &operator, email, role, 72, &field,
	    token == NULL ? &unread : token, out == NULL ? &other : out);
	disclosed_free(&unread);
	return (err);
}

static enum sr_error
accept(const struct disclosed * token, const char * text)
{
	struct secbuf * password = house_secret(text);
	struct invitation one;
	unsigned wait = 0;
	enum sr_error err;

	err = invitation_accept(&h.store, &stranger, disclosed_value(token),
	    password, COST, &one, &wait);
	secbuf_free(&password);
	return (err);
}

static enum sr_error
look(const struct disclosed * token)
{
	struct invitation one;
	unsigned wait = 0;

	return (invitation_look(&h.store, &stranger, disclosed_value(token),
	    &one, &wait));
}

static bool
invited_are(const char * n)
{

	return (house_sql_is(&h, n, "SELECT COUNT(*) FROM invitation"));
}

static void
who_is_invited_sets_a_password_once(void)
{
	struct disclosed * token = NULL;
	struct invitation one;

	fresh();
	ASSERT_ERR_FATAL(invite("Guest@Example.org", "auditor", &token, &one),
	    SR_OK);
	CU_ASSERT_STRING_EQUAL(one.email, GUEST);
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_INVITE\tsucceeded\t-\toperator\t\t"
	    "invitation", LAST_AUDIT));
	ASSERT_ERR(look(token), SR_OK);
	ASSERT_ERR(look(token), SR_OK);
	ASSERT_ERR(accept(token, "short"), SR_E_PASSWORD_INVALID);
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_CREATE\tfailed\tpassword_invalid\t"
	    "anonymous\t" AWAY "\taccount", LAST_AUDIT));
	ASSERT_ERR(accept(token, CHOSEN), SR_OK);
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_CREATE\tsucceeded\t-\tanonymous\t"
	    GUEST "\taccount", LAST_AUDIT));
	CU_ASSERT(invited_are("0"));
	ASSERT_ERR(sign_in_from(&h, HOME, GUEST, CHOSEN, NULL, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "auditor", "SELECT role FROM account"
	    " WHERE email = '" GUEST "'"));
	ASSERT_ERR(accept(token, CHOSEN), SR_E_INVITATION_INVALID);
	ASSERT_ERR(look(token), SR_E_INVITATION_INVALID);
	disclosed_free(&token);
}

static void
an_invitation_that_is_replaced_withdrawn_or_old_is_none(void)
{
	struct disclosed * first = NULL, * second = NULL;
	struct invitation one;

	fresh();
	ASSERT_ERR(invite(GUEST, "auditor", &first, NULL), SR_OK);
	ASSERT_ERR(invite(GUEST, "operator", &second, &one), SR_OK);
	CU_ASSERT(invited_are("1"));
	ASSERT_ERR(look(first), SR_E_INVITATION_INVALID);
	ASSERT_ERR(look(second), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "UPDATE invitation SET expires_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	ASSERT_ERR(accept(second, CHOSEN), SR_E_INVITATION_INVALID);
	disclosed_free(&second);
	ASSERT_ERR(invite(GUEST, "operator", &second, &one), SR_OK);
	ASSERT_ERR(invitation_withdraw(&h.store, &operator, &one.id), SR_OK);
	ASSERT_ERR(accept(second, CHOSEN), SR_E_INVITATION_INVALID);
	ASSERT_ERR(invitation_withdraw(&h.store, &operator, &one.id),
	    SR_E_INVITATION_NOT_FOUND);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM account"));
	disclosed_free(&first);
	disclosed_free(&second);
}

static void
what_is_wrong_with_an_invitation_is_told(void)
{
	static const struct {
		const char * email;
		const char * role;
		enum sr_error err;
	} bad[] = { { "no address", "auditor", SR_E_EMAIL_INVALID },
	    { GUEST, "emperor", SR_E_ACCOUNT_ROLE_INVALID },
	    { GUEST, "anyone", SR_E_ACCOUNT_ROLE_INVALID },
	    { OWNER, "auditor", SR_E_ACCOUNT_EXISTS },
	    { "gh" "p_" "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi@example.org",
	    "auditor", SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED } };

	fresh();
	for (size_t i = 0; i < COUNTOF(bad); i++)
		ASSERT_ERR(invite(bad[i].email, bad[i].role, NULL, NULL),
		    bad[i].err);
	CU_ASSERT(invited_are("0"));
	CU_ASSERT(house_sql_is(&h, "ACCOUNT_INVITE\tblocked\t"
	    "plaintext_secret_persistence_blocked\toperator\t\tinvitation",
	    LAST_AUDIT));
}

static void
wrong_links_are_slowed_down_and_the_right_one_passes(void)
{
	struct disclosed * right = NULL, * wrong = NULL;
	unsigned n, rows = 0;

	fresh();
	(void)snprintf(stranger.label, sizeof(stranger.label), NEAR);
	ASSERT_ERR_FATAL(invite(GUEST, "auditor", &right, NULL), SR_OK);
	ASSERT_ERR_FATAL(invite("b@example.org", "auditor", &wrong, NULL),
	    SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM invitation WHERE email ="
	    " 'b@example.org'"));
	for (n = 0; n < 20; n++) {
		if (look(wrong) == SR_E_INVITATION_INVALID)
			rows++;
	}
	CU_ASSERT_EQUAL(rows, 5);
	ASSERT_ERR(look(wrong), SR_E_SIGN_IN_THROTTLED);
	CU_ASSERT(house_sql_is(&h, "5", "SELECT COUNT(*) FROM audit_event"
	    " WHERE error_type = 'invitation_invalid' AND actor_label = '"
	    NEAR "'"));
	ASSERT_ERR(accept(right, CHOSEN), SR_OK);
	(void)snprintf(stranger.label, sizeof(stranger.label), AWAY);
	disclosed_free(&right);
	disclosed_free(&wrong);
}

#define RIVALS	4

struct rival {
	pthread_t thread;
	const struct secbuf * token;
	enum sr_error err;
};

static void *
rival(void * cookie)
{
	struct rival * r = cookie;
	struct secbuf * password = house_secret(CHOSEN);
	struct invitation one;
	struct store store;
	unsigned wait;

	r->err = SR_E_DATABASE_UNAVAILABLE;
	if (house_thread(&h, &store) == 0) {
		r->err = invitation_accept(&store, &stranger, r->token,
		    password, COST, &one, &wait);
		house_thread_end(&store);
	}
	secbuf_free(&password);
	return (NULL);
}

static void
of_many_at_once_one_is_let_in(void)
{
	struct disclosed * token = NULL;
	struct rival r[RIVALS];
	unsigned good = 0;

	fresh();
	ASSERT_ERR_FATAL(invite(GUEST, "operator", &token, NULL), SR_OK);
	for (unsigned i = 0; i < RIVALS; i++) {
		r[i].token = disclosed_value(token);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&r[i].thread, NULL,
		    rival, &r[i]), 0);
	}
	for (unsigned i = 0; i < RIVALS; i++) {
		(void)pthread_join(r[i].thread, NULL);
		good += r[i].err == SR_OK;
		CU_ASSERT(r[i].err == SR_OK ||
		    r[i].err == SR_E_INVITATION_INVALID);
	}
	CU_ASSERT_EQUAL(good, 1);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM account"
	    " WHERE email = '" GUEST "'"));
	disclosed_free(&token);
}

static void
no_token_and_no_password_is_in_a_table(void)
{
	struct disclosed * token = NULL;
	char * dump, * text;

	fresh();
	ASSERT_ERR_FATAL(invite(GUEST, "operator", &token, NULL), SR_OK);
	dump = mariadb_dump(h.m);
	text = text_format("%.*s", (int)secbuf_len(disclosed_value(token)),
	    (const char *)secbuf_bytes(disclosed_value(token)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, text));
	free(dump);
	free(text);
	disclosed_free(&token);
}

static void
without_its_audit_row_nothing_is_made(void)
{
	struct disclosed * token = NULL;

	fresh();
	ASSERT_ERR_FATAL(invite(GUEST, "operator", &token, NULL), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO aside"));
	ASSERT_ERR(invite("b@example.org", "auditor", NULL, NULL),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	ASSERT_ERR(accept(token, CHOSEN),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE aside TO audit_event"));
	CU_ASSERT(invited_are("1"));
	ASSERT_ERR(accept(token, CHOSEN), SR_OK);
	disclosed_free(&token);
}

static int
setup(void)
{
	if (sessions_open() != 0)
		return (-1);
	operator = actor_of(&h, ACTOR_OPERATOR);
	stranger = actor_of(&h, ACTOR_ANONYMOUS);
	(void)snprintf(stranger.label, sizeof(stranger.label), AWAY);
	return (0);
}

/* An owner who was invited, as who acts. */
static struct actor
second_owner(struct account * out)
{
	struct actor rogue = operator;
	struct disclosed * token = NULL;

	fresh();
	ASSERT_ERR(invite(ROGUE, "owner", &token, NULL), SR_OK);
	ASSERT_ERR(accept(token, CHOSEN), SR_OK);
	ASSERT_ERR(account_find(h.store.db, ROGUE, out), SR_OK);
	rogue.kind = ACTOR_ACCOUNT;
	rogue.id = out->id;
	(void)snprintf(rogue.label, sizeof(rogue.label), ROGUE);
	disclosed_free(&token);
	return (rogue);
}

static struct disclosed *
link_of(const struct actor * who)
{
	struct disclosed * token = NULL;
	struct invitation one;
	const char * field;

	ASSERT_ERR_FATAL(invitation_make(&h.store, who, GUEST, "owner", 72,
	    &field, &token, &one), SR_OK);
	return (token);
}

/* Who was shown out does not come back by a link that he kept. */
static void
links_of_who_is_no_owner_any_more_are_none(void)
{
	static const struct {
		enum account_step step;
		const char * role;
		const char * left;
	} steps[] = { { ACCOUNT_STEP_REMOVE, NULL, "0" },
	    { ACCOUNT_STEP_DISABLE, NULL, "0" },
	    { ACCOUNT_STEP_ROLE, "operator", "0" },
	    { ACCOUNT_STEP_ROLE, "owner", "1" } };
	struct disclosed * kept;
	struct account a, was;
	struct actor rogue;

	for (size_t i = 0; i < COUNTOF(steps); i++) {
		rogue = second_owner(&a);
		kept = link_of(&rogue);
		ASSERT_ERR(invite("other@example.org", "auditor", NULL, NULL),
		    SR_OK);
		CU_ASSERT(invited_are("2"));
		ASSERT_ERR(account_change(&h.store, &operator, steps[i].step,
		    &a.id, steps[i].role, &was), SR_OK);
		CU_ASSERT(house_sql_is(&h, steps[i].left, "SELECT COUNT(*)"
		    " FROM invitation WHERE email = '" GUEST "'"));
		CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*)"
		    " FROM invitation WHERE email = 'other@example.org'"));
		ASSERT_ERR(accept(kept, CHOSEN), steps[i].left[0] == '1' ?
		    SR_OK : SR_E_INVITATION_INVALID);
		disclosed_free(&kept);
	}
}

static void
whose_right_ended_otherwise_lets_nobody_in(void)
{
	static const char * const ways[] = {
	    "UPDATE account SET role = 'auditor' WHERE email = '" ROGUE "'",
	    "UPDATE account SET disabled_at = UTC_TIMESTAMP(6) WHERE email = '"
	    ROGUE "'" };
	struct disclosed * kept;
	struct account a;
	struct actor rogue;

	for (size_t i = 0; i < COUNTOF(ways); i++) {
		rogue = second_owner(&a);
		kept = link_of(&rogue);
		CU_ASSERT_FATAL(house_do(&h, ways[i]));
		ASSERT_ERR(accept(kept, CHOSEN), SR_E_INVITATION_INVALID);
		ASSERT_ERR(account_find(h.store.db, GUEST, &a),
		    SR_E_ACCOUNT_NOT_FOUND);
		disclosed_free(&kept);
	}
}

static const struct suite_test tests[] = {
	TEST(who_is_invited_sets_a_password_once),
	TEST(an_invitation_that_is_replaced_withdrawn_or_old_is_none),
	TEST(what_is_wrong_with_an_invitation_is_told),
	TEST(wrong_links_are_slowed_down_and_the_right_one_passes),
	TEST(of_many_at_once_one_is_let_in),
	TEST(no_token_and_no_password_is_in_a_table),
	TEST(without_its_audit_row_nothing_is_made),
	TEST(links_of_who_is_no_owner_any_more_are_none),
	TEST(whose_right_ended_otherwise_lets_nobody_in),
};
SUITE_MAIN("core/access/invitation", tests, setup, sessions_close)
