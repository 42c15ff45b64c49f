#include "tests/core/access/sessions.h"

#include "core/keys/token.h"

/* Make the only session's times those of ${seconds} ago. */
static void
age(const char * column, unsigned seconds)
{
	char * sql = text_format("UPDATE session SET %s = %s - INTERVAL %u"
	    " SECOND", column, column, seconds);

	CU_ASSERT_FATAL(house_do(&h, sql));
	free(sql);
}

static void
an_idle_session_expires_and_stays_expired(void)
{
	const struct session_limits longer = { .idle_minutes = 600,
	    .max_hours = 12 };
	struct disclosed * token;
	struct session s;

	fresh();
	token = signed_in();
	age("last_seen_at", 29 * 60);
	ASSERT_ERR(find(token, &s), SR_OK);
	/* Being seen started the time anew. */
	age("last_seen_at", 29 * 60);
	ASSERT_ERR(find(token, &s), SR_OK);
	age("last_seen_at", 31 * 60);
	ASSERT_ERR(find(token, &s), SR_E_SESSION_EXPIRED);
	ASSERT_ERR(session_find(h.store.db, disclosed_value(token), &longer,
	    &s), SR_E_SESSION_EXPIRED);
	CU_ASSERT(house_sql_is(&h, "1",
	    "SELECT ended_at IS NOT NULL FROM session"));
	disclosed_free(&token);
}

static void
a_session_expires_at_its_age_however_busy(void)
{
	struct disclosed * token;
	struct session s;

	fresh();
	token = signed_in();
	age("expires_at", 12 * 3600);
	ASSERT_ERR(find(token, &s), SR_E_SESSION_EXPIRED);
	disclosed_free(&token);
}

static void
a_lowered_limit_counts_for_old_sessions(void)
{
	const struct session_limits lower = { .idle_minutes = 30,
	    .max_hours = 1 };
	struct disclosed * token;
	struct session s;

	fresh();
	token = signed_in();
	ASSERT_ERR(session_find(h.store.db, disclosed_value(token), &lower,
	    &s), SR_OK);
	CU_ASSERT_EQUAL(s.expires_at - s.created_at, 3600 * SR_SECOND);
	age("created_at", 3700);
	ASSERT_ERR(session_find(h.store.db, disclosed_value(token), &lower,
	    &s), SR_E_SESSION_EXPIRED);
	disclosed_free(&token);
}

static void
last_seen_is_written_at_most_once_a_minute(void)
{
	struct disclosed * token;
	struct session s;
	char * before;
	char * after;

	fresh();
	token = signed_in();
	age("last_seen_at", 30);
	before = mariadb_sql(h.m, "SELECT last_seen_at FROM session");
	ASSERT_ERR(find(token, &s), SR_OK);
	after = mariadb_sql(h.m, "SELECT last_seen_at FROM session");
	CU_ASSERT_STRING_EQUAL(before, after);
	free(after);
	age("last_seen_at", 31);
	ASSERT_ERR(find(token, &s), SR_OK);
	after = mariadb_sql(h.m, "SELECT last_seen_at FROM session");
	CU_ASSERT(strcmp(before, after) < 0);
	free(before);
	free(after);
	disclosed_free(&token);
}

static void
a_short_idle_time_is_kept_alive_by_requests(void)
{
	const struct session_limits brief = { .idle_minutes = 1,
	    .max_hours = 12 };
	struct disclosed * token;
	struct session s;
	unsigned i;

	fresh();
	token = signed_in();
	for (i = 0; i < 4; i++) {
		age("last_seen_at", 40);
		ASSERT_ERR(session_find(h.store.db, disclosed_value(token),
		    &brief, &s), SR_OK);
	}
	disclosed_free(&token);
}

static void
what_is_no_session_is_required(void)
{
	struct secbuf * odd = house_secret("not-a-token");
	struct secbuf * other = NULL;
	struct session s;

	fresh();
	ASSERT_ERR_FATAL(token_new(&other), SR_OK);
	ASSERT_ERR(session_find(h.store.db, NULL, &limits, &s),
	    SR_E_SESSION_REQUIRED);
	ASSERT_ERR(session_find(h.store.db, odd, &limits, &s),
	    SR_E_SESSION_REQUIRED);
	ASSERT_ERR(session_find(h.store.db, other, &limits, &s),
	    SR_E_SESSION_REQUIRED);
	secbuf_free(&other);
	secbuf_free(&odd);
}

static void
without_its_audit_row_nobody_is_signed_out(void)
{
	struct disclosed * token;
	struct session s;
	struct actor owner = actor_of(&h, ACTOR_ACCOUNT);

	fresh();
	token = signed_in();
	ASSERT_ERR_FATAL(find(token, &s), SR_OK);
	owner.id = s.account_id;
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	ASSERT_ERR(session_end(&h.store, &owner, &s),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	ASSERT_ERR(find(token, &s), SR_OK);
	disclosed_free(&token);
}

static const struct suite_test tests[] = {
	TEST(an_idle_session_expires_and_stays_expired),
	TEST(a_session_expires_at_its_age_however_busy),
	TEST(a_lowered_limit_counts_for_old_sessions),
	TEST(last_seen_is_written_at_most_once_a_minute),
	TEST(a_short_idle_time_is_kept_alive_by_requests),
	TEST(what_is_no_session_is_required),
	TEST(without_its_audit_row_nobody_is_signed_out),
};
SUITE_MAIN("core/access/session_find", tests, sessions_open, sessions_close)
