/* Sessions that are listed and revoked, and a password that is changed. */

#include "tests/core/access/sessions.h"

#define OTHER	"other@example.org"
#define NEXT	"the next sentence of words"

static struct actor operator;

struct rows {
	struct session_row row[10];
	unsigned n;
};

static enum sr_error
keep(const struct session_row * row, void * cookie)
{
	struct rows * r = cookie;

	if (r->n < COUNTOF(r->row))
		r->row[r->n++] = *row;
	return (SR_OK);
}

static struct rows
list(const struct sr_id * account, const struct sr_id * after, unsigned limit)
{
	struct rows r = { .n = 0 };

	ASSERT_ERR(session_list(h.store.db, account, after, limit, keep, &r),
	    SR_OK);
	return (r);
}

static enum sr_error
revoke(const struct sr_id * id, const struct sr_id * account)
{
	struct session_row out;

	return (session_revoke(&h.store, &operator, id, account, &limits,
	    &out));
}

static const char *
status(const struct session_row * row)
{

	return (session_status_name(row, &limits, clock_now()));
}

static void
sessions_are_listed_by_page_and_by_account(void)
{
	struct disclosed * token;
	struct rows all, mine, page;

	fresh();
	add_person(OTHER, "auditor");
	for (unsigned i = 0; i < 3; i++) {
		token = signed_in();
		disclosed_free(&token);
	}
	ASSERT_ERR(sign_in_from(&h, HOME, OTHER, PASSWORD, NULL, NULL), SR_OK);
	all = list(NULL, NULL, 10);
	CU_ASSERT_EQUAL_FATAL(all.n, 4);
	CU_ASSERT_STRING_EQUAL(all.row[0].email, OTHER);
	CU_ASSERT_STRING_EQUAL(all.row[0].address, HOME);
	CU_ASSERT_STRING_EQUAL(status(&all.row[0]), "active");
	mine = list(&all.row[1].account_id, NULL, 10);
	CU_ASSERT_EQUAL(mine.n, 3);
	page = list(NULL, &all.row[1].id, 1);
	CU_ASSERT_EQUAL_FATAL(page.n, 1);
	CU_ASSERT(sr_id_equal(&page.row[0].id, &all.row[2].id));
}

static void
a_revoked_session_is_over_at_once(void)
{
	struct disclosed * token;
	struct session s;
	struct rows r;

	fresh();
	token = signed_in();
	ASSERT_ERR_FATAL(find(token, &s), SR_OK);
	ASSERT_ERR(revoke(&s.id, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "SESSION_REVOKE\tsucceeded\t-\toperator\t\t"
	    "session", LAST_AUDIT));
	ASSERT_ERR(find(token, &s), SR_E_SESSION_EXPIRED);
	r = list(NULL, NULL, 1);
	CU_ASSERT_STRING_EQUAL(status(&r.row[0]), "revoked");
	disclosed_free(&token);
}

/* Nothing of its row changes. */
static void
what_is_over_is_not_revoked_again(void)
{
	static const char row[] = "SELECT CONCAT_WS('|', ended_at, revoked,"
	    " last_seen_at, expires_at) FROM session";
	static const char * const ways[] = {
	    "UPDATE session SET ended_at = UTC_TIMESTAMP(6)",
	    "UPDATE session SET expires_at = UTC_TIMESTAMP(6)",
	    ("UPDATE session SET last_seen_at = last_seen_at"
	    " - INTERVAL 31 MINUTE"),
	    "UPDATE session SET created_at = created_at - INTERVAL 13 HOUR" };
	struct disclosed * token;
	struct rows r;
	char * was;

	for (size_t i = 0; i < COUNTOF(ways); i++) {
		fresh();
		token = signed_in();
		disclosed_free(&token);
		CU_ASSERT_FATAL(house_do(&h, ways[i]));
		r = list(NULL, NULL, 1);
		CU_ASSERT_STRING_EQUAL(status(&r.row[0]),
		    i == 0 ? "ended" : "expired");
		was = mariadb_sql(h.m, row);
		was[strcspn(was, "\n")] = '\0';
		ASSERT_ERR(revoke(&r.row[0].id, NULL),
		    SR_E_SESSION_ALREADY_REVOKED);
		CU_ASSERT(house_sql_is(&h, was, row));
		CU_ASSERT(house_sql_is(&h, "SESSION_REVOKE\tfailed\t"
		    "session_already_revoked\toperator\t\tsession",
		    LAST_AUDIT));
		free(was);
	}
}

static void
anothers_session_is_as_one_that_is_not_there(void)
{
	struct disclosed * token;
	struct session s;
	struct sr_id id;

	fresh();
	token = signed_in();
	ASSERT_ERR_FATAL(find(token, &s), SR_OK);
	ASSERT_ERR_FATAL(sr_id_new(&id), SR_OK);
	ASSERT_ERR(revoke(&id, NULL), SR_E_SESSION_NOT_FOUND);
	ASSERT_ERR(revoke(&s.id, &id), SR_E_SESSION_NOT_FOUND);
	ASSERT_ERR(find(token, &s), SR_OK);
	ASSERT_ERR(revoke(&s.id, &s.account_id), SR_OK);
	disclosed_free(&token);
}

static enum sr_error
change_password(const struct session * s, const char * from, const char * to,
    uint64_t * ended)
{
	const struct actor actor = actor_in(s);
	struct secbuf * current = house_secret(from);
	struct secbuf * wanted = house_secret(to);
	const struct password_change change = { .current = current,
	    .wanted = wanted, .address = HOME, .cost = COST };
	unsigned seconds = 0;
	enum sr_error err;

	err = password_change(&h.store, &actor, s, &change, ended, &seconds);
	CU_ASSERT_EQUAL(seconds > 0, err == SR_E_SIGN_IN_THROTTLED);
	secbuf_free(&current);
	secbuf_free(&wanted);
	return (err);
}

static void
a_new_password_ends_the_other_sessions(void)
{
	struct disclosed * mine, * other;
	struct session s, t;
	uint64_t ended;

	fresh();
	mine = signed_in();
	other = signed_in();
	ASSERT_ERR_FATAL(find(mine, &s), SR_OK);
	ASSERT_ERR(change_password(&s, PASSWORD, NEXT, &ended), SR_OK);
	CU_ASSERT_EQUAL(ended, 1);
	CU_ASSERT(house_sql_is(&h, "PASSWORD_CHANGE\tsucceeded\t-\taccount\t"
	    OWNER "\taccount", LAST_AUDIT));
	ASSERT_ERR(find(mine, &t), SR_OK);
	ASSERT_ERR(find(other, &t), SR_E_SESSION_EXPIRED);
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, PASSWORD, NULL, NULL),
	    SR_E_SIGN_IN_REFUSED);
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, NEXT, NULL, NULL), SR_OK);
	disclosed_free(&mine);
	disclosed_free(&other);
}

static void
a_wrong_or_a_bad_password_changes_nothing(void)
{
	struct disclosed * mine, * other;
	struct session s, t;
	uint64_t ended;
	unsigned n;

	fresh();
	mine = signed_in();
	other = signed_in();
	ASSERT_ERR_FATAL(find(mine, &s), SR_OK);
	ASSERT_ERR(change_password(&s, PASSWORD, "short", &ended),
	    SR_E_PASSWORD_INVALID);
	for (n = 0; n < 20; n++) {
		if (change_password(&s, "not the password of it", NEXT,
		    &ended) != SR_E_PASSWORD_WRONG)
			break;
	}
	CU_ASSERT_EQUAL(n, 5);
	CU_ASSERT(house_sql_is(&h, "5", "SELECT COUNT(*) FROM audit_event"
	    " WHERE error_type = 'password_wrong'"));
	ASSERT_ERR(find(other, &t), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM throttle"));
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, PASSWORD, NULL, NULL), SR_OK);
	disclosed_free(&mine);
	disclosed_free(&other);
}

static void
without_its_audit_row_nothing_is_done(void)
{
	struct disclosed * mine;
	struct session s, t;
	uint64_t ended;

	fresh();
	mine = signed_in();
	ASSERT_ERR_FATAL(find(mine, &s), SR_OK);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO aside"));
	ASSERT_ERR(revoke(&s.id, NULL), SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	ASSERT_ERR(change_password(&s, PASSWORD, NEXT, &ended),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE aside TO audit_event"));
	ASSERT_ERR(find(mine, &t), SR_OK);
	ASSERT_ERR(sign_in_from(&h, HOME, OWNER, PASSWORD, NULL, NULL), SR_OK);
	disclosed_free(&mine);
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
	TEST(sessions_are_listed_by_page_and_by_account),
	TEST(a_revoked_session_is_over_at_once),
	TEST(what_is_over_is_not_revoked_again),
	TEST(anothers_session_is_as_one_that_is_not_there),
	TEST(a_new_password_ends_the_other_sessions),
	TEST(a_wrong_or_a_bad_password_changes_nothing),
	TEST(without_its_audit_row_nothing_is_done),
};
SUITE_MAIN("core/access/session_list", tests, setup, sessions_close)
