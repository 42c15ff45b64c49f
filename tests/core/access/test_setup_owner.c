#include <pthread.h>

#include "tests/core/access/setups.h"

#include "core/keys/token.h"

#define THREADS	8

struct rival {
	pthread_t thread;
	unsigned no;
	const struct secbuf * cookie;
	enum sr_error err;
};

static void *
rival(void * cookie)
{
	struct rival * r = cookie;
	struct house mine = h;
	struct secbuf * password = house_secret(PASSWORD);
	struct sr_id id;
	char email[40];

	r->err = SR_E_DATABASE_UNAVAILABLE;
	if (house_thread(&h, &mine.store) == 0) {
		(void)snprintf(email, sizeof(email), "rival-%u@example.org",
		    r->no);
		r->err = owner_create(&mine.store, &nobody, r->cookie, email,
		    password, COST, &id);
		house_thread_end(&mine.store);
	}
	secbuf_free(&password);
	return (NULL);
}

static void
bad_fields_are_refused_and_the_cookie_stays_good(void)
{
	struct disclosed * cookie;
	char * long_one = house_random(513);
	struct sr_id id;

	CU_ASSERT_FATAL(start_over(&h));
	cookie = cookie_made();
	ASSERT_ERR(create(cookie, "no address", PASSWORD), SR_E_EMAIL_INVALID);
	ASSERT_ERR(create(cookie, "", PASSWORD), SR_E_EMAIL_INVALID);
	ASSERT_ERR(create(cookie, OWNER, "eleven byte"), SR_E_PASSWORD_INVALID);
	ASSERT_ERR(create(cookie, OWNER, long_one), SR_E_PASSWORD_INVALID);
	ASSERT_ERR(owner_create(&h.store, &nobody, disclosed_value(cookie),
	    OWNER, NULL, COST, &id), SR_E_PASSWORD_INVALID);
	ASSERT_ERR(create(cookie, OWNER, PASSWORD), SR_OK);
	disclosed_free(&cookie);
	free(long_one);
}

static void
st_sec_002_ac1_a_token_in_the_email_is_refused_and_not_kept(void)
{
	static const char email[] = "gh" "p_"
	    "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6oi@example.org";
	struct disclosed * cookie;
	char * dump;

	CU_ASSERT_FATAL(start_over(&h));
	cookie = cookie_made();
	ASSERT_ERR(create(cookie, email, PASSWORD),
	    SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED);
	CU_ASSERT(house_sql_is(&h, "OWNER_CREATE\tblocked\t"
	    "plaintext_secret_persistence_blocked\tanonymous\t\taccount",
	    LAST_AUDIT));
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NULL(strstr(dump, "x7Kd02mQp9LrT4vBn81sWzYh3cEfGu5aJ6"));
	free(dump);
	disclosed_free(&cookie);
}

static void
without_its_audit_row_nothing_is_made(void)
{
	struct disclosed * cookie;
	struct disclosed * none = NULL;
	char * before;
	char * after;

	CU_ASSERT_FATAL(start_over(&h));
	cookie = cookie_made();
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE audit_event TO hidden"));
	before = mariadb_sql(h.m, "SELECT HEX(cookie_hash) FROM setup");
	ASSERT_ERR(setup_link(&h.store, &operator, 60, &none),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_PTR_NULL(none);
	ASSERT_ERR(create(cookie, OWNER, PASSWORD),
	    SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	after = mariadb_sql(h.m, "SELECT HEX(cookie_hash) FROM setup");
	CU_ASSERT_STRING_EQUAL(before, after);
	CU_ASSERT(is_open());
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM account"));
	CU_ASSERT_FATAL(house_do(&h, "RENAME TABLE hidden TO audit_event"));
	ASSERT_ERR(create(cookie, OWNER, PASSWORD), SR_OK);
	free(before);
	free(after);
	disclosed_free(&cookie);
}

static void
of_many_at_once_exactly_one_becomes_owner(void)
{
	struct disclosed * cookie;
	struct rival r[THREADS];
	unsigned i, made = 0, closed = 0;

	access_set_parallel(THREADS);
	CU_ASSERT_FATAL(start_over(&h));
	cookie = cookie_made();
	for (i = 0; i < THREADS; i++) {
		r[i] = (struct rival){ .no = i,
		    .cookie = disclosed_value(cookie) };
		CU_ASSERT_FATAL(pthread_create(&r[i].thread, NULL, rival,
		    &r[i]) == 0);
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(r[i].thread, NULL);
		made += r[i].err == SR_OK;
		closed += r[i].err == SR_E_SETUP_CLOSED;
	}
	CU_ASSERT_EQUAL(made, 1);
	CU_ASSERT_EQUAL(closed, THREADS - 1);
	CU_ASSERT(house_sql_is(&h, "1", "SELECT COUNT(*) FROM account"));
	disclosed_free(&cookie);
}

static const struct suite_test tests[] = {
	TEST(bad_fields_are_refused_and_the_cookie_stays_good),
	TEST(st_sec_002_ac1_a_token_in_the_email_is_refused_and_not_kept),
	TEST(without_its_audit_row_nothing_is_made),
	TEST(of_many_at_once_exactly_one_becomes_owner),
};
SUITE_MAIN("core/access/setup_owner", tests, setups_open, setups_close)
