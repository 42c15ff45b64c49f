#include "tests/core/access/setups.h"

#include "core/keys/token.h"

static void
link_cookie_owner_and_set_up_is_closed(void)
{
	struct disclosed * cookie;

	CU_ASSERT_FATAL(start_over(&h));
	CU_ASSERT(is_open());
	cookie = cookie_made();
	ASSERT_ERR(setup_admitted(h.store.db, disclosed_value(cookie)), SR_OK);
	ASSERT_ERR(create(cookie, "Owner@Example.org", PASSWORD), SR_OK);
	CU_ASSERT(!is_open());
	ASSERT_ERR(setup_admitted(h.store.db, disclosed_value(cookie)),
	    SR_E_SETUP_CLOSED);
	ASSERT_ERR(create(cookie, OWNER, PASSWORD), SR_E_SETUP_CLOSED);
	CU_ASSERT(house_sql_is(&h, "owner@example.org\towner\t$y$",
	    "SELECT email, role, LEFT(password_hash, 3) FROM account"));
	CU_ASSERT(house_sql_is(&h, "1\t1\t1", "SELECT token_hash IS NULL,"
	    " cookie_hash IS NULL, owner_id = (SELECT id FROM account)"
	    " FROM setup"));
	disclosed_free(&cookie);
}

static void
each_step_is_audited_and_its_row_is_the_receipt(void)
{
	struct disclosed * link;
	struct disclosed * cookie = NULL;
	struct sr_id event;
	char id[SR_ID_STRLEN + 1];
	char * sql;

	CU_ASSERT_FATAL(start_over(&h));
	link = link_made();
	CU_ASSERT(house_sql_is(&h, "SETUP_LINK\tsucceeded\t-\toperator\t\t"
	    "setup", LAST_AUDIT));
	event = disclosed_event(link);
	sr_id_format(&event, id);
	sql = text_format("SELECT action FROM audit_event WHERE id = '%s'", id);
	CU_ASSERT(house_sql_is(&h, "SETUP_LINK", sql));
	free(sql);
	ASSERT_ERR_FATAL(setup_exchange(&h.store, &nobody,
	    disclosed_value(link), 30, &cookie, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "SETUP_EXCHANGE\tsucceeded\t-\tanonymous\t\t"
	    "setup", LAST_AUDIT));
	ASSERT_ERR_FATAL(create(cookie, OWNER, PASSWORD), SR_OK);
	CU_ASSERT(house_sql_is(&h, "OWNER_CREATE\tsucceeded\t-\tanonymous\t\t"
	    "account", LAST_AUDIT));
	disclosed_free(&cookie);
	disclosed_free(&link);
}

static void
tokens_and_passwords_are_in_no_table(void)
{
	struct disclosed * cookie;
	char * dump;

	CU_ASSERT_FATAL(start_over(&h));
	cookie = cookie_made();
	ASSERT_ERR_FATAL(create(cookie, OWNER, PASSWORD), SR_OK);
	dump = mariadb_dump(h.m);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dump);
	CU_ASSERT_PTR_NOT_NULL(strstr(dump, OWNER));
	CU_ASSERT_PTR_NULL(strstr(dump, PASSWORD));
	CU_ASSERT_PTR_NULL(strstr(dump, "several words"));
	free(dump);
	disclosed_free(&cookie);
}

static void
a_link_works_once(void)
{
	struct disclosed * link;
	struct disclosed * cookie = NULL;
	struct disclosed * again = NULL;

	CU_ASSERT_FATAL(start_over(&h));
	link = link_made();
	ASSERT_ERR(setup_exchange(&h.store, &nobody, disclosed_value(link), 30,
	    &cookie, NULL), SR_OK);
	ASSERT_ERR(setup_exchange(&h.store, &nobody, disclosed_value(link), 30,
	    &again, NULL), SR_E_SETUP_TOKEN_INVALID);
	CU_ASSERT_PTR_NULL(again);
	CU_ASSERT(house_sql_is(&h, "SETUP_EXCHANGE\tfailed\t"
	    "setup_token_invalid\tanonymous\t\tsetup", LAST_AUDIT));
	ASSERT_ERR(setup_admitted(h.store.db, disclosed_value(cookie)), SR_OK);
	disclosed_free(&cookie);
	disclosed_free(&link);
}

static void
a_new_link_ends_the_former_and_the_cookie_in_use(void)
{
	struct disclosed * first;
	struct disclosed * second;
	struct disclosed * cookie;
	struct disclosed * none = NULL;

	CU_ASSERT_FATAL(start_over(&h));
	cookie = cookie_made();
	first = link_made();
	ASSERT_ERR(setup_admitted(h.store.db, disclosed_value(cookie)),
	    SR_E_SETUP_TOKEN_INVALID);
	ASSERT_ERR(create(cookie, OWNER, PASSWORD), SR_E_SETUP_TOKEN_INVALID);
	second = link_made();
	ASSERT_ERR(setup_exchange(&h.store, &nobody, disclosed_value(first),
	    30, &none, NULL), SR_E_SETUP_TOKEN_INVALID);
	CU_ASSERT(is_open());
	disclosed_free(&second);
	disclosed_free(&first);
	disclosed_free(&cookie);
}

static void
links_and_cookies_expire(void)
{
	struct disclosed * link;
	struct disclosed * cookie = NULL;

	CU_ASSERT_FATAL(start_over(&h));
	link = link_made();
	CU_ASSERT_FATAL(house_do(&h, "UPDATE setup SET token_expires_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	ASSERT_ERR(setup_exchange(&h.store, &nobody, disclosed_value(link), 30,
	    &cookie, NULL), SR_E_SETUP_TOKEN_EXPIRED);
	disclosed_free(&link);
	cookie = cookie_made();
	CU_ASSERT_FATAL(house_do(&h, "UPDATE setup SET cookie_expires_at ="
	    " UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
	ASSERT_ERR(setup_admitted(h.store.db, disclosed_value(cookie)),
	    SR_E_SETUP_TOKEN_EXPIRED);
	ASSERT_ERR(create(cookie, OWNER, PASSWORD), SR_E_SETUP_TOKEN_EXPIRED);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM account"));
	disclosed_free(&cookie);
}

static void
what_is_no_token_or_another_one_is_refused(void)
{
	struct secbuf * odd = house_secret("no-token");
	struct secbuf * other = NULL;
	struct secbuf * password = house_secret(PASSWORD);
	struct disclosed * link;
	struct disclosed * cookie = NULL;
	struct sr_id id;

	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR_FATAL(token_new(&other), SR_OK);
	/* Before any link was made, and after. */
	ASSERT_ERR(setup_exchange(&h.store, &nobody, other, 30, &cookie, NULL),
	    SR_E_SETUP_TOKEN_INVALID);
	link = link_made();
	ASSERT_ERR(setup_exchange(&h.store, &nobody, other, 30, &cookie, NULL),
	    SR_E_SETUP_TOKEN_INVALID);
	ASSERT_ERR(setup_exchange(&h.store, &nobody, odd, 30, &cookie, NULL),
	    SR_E_SETUP_TOKEN_INVALID);
	ASSERT_ERR(setup_admitted(h.store.db, odd), SR_E_SETUP_TOKEN_INVALID);
	ASSERT_ERR(setup_admitted(h.store.db, NULL), SR_E_SETUP_TOKEN_INVALID);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM throttle"));
	ASSERT_ERR(owner_create(&h.store, &nobody, odd, OWNER, password, COST,
	    &id), SR_E_SETUP_TOKEN_INVALID);
	/* A link's token is no cookie. */
	ASSERT_ERR(owner_create(&h.store, &nobody, disclosed_value(link),
	    OWNER, password, COST, &id), SR_E_SETUP_TOKEN_INVALID);
	/* To have no cookie does not make an operator of a stranger. */
	ASSERT_ERR(owner_create(&h.store, &nobody, NULL, OWNER, password, COST,
	    &id), SR_E_SETUP_TOKEN_INVALID);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM account"));
	disclosed_free(&link);
	secbuf_free(&password);
	secbuf_free(&other);
	secbuf_free(&odd);
}

static void
after_set_up_no_link_is_made_or_taken_and_nothing_is_audited(void)
{
	struct disclosed * link;
	struct disclosed * none = NULL;
	char * before;
	char * after;

	CU_ASSERT_FATAL(start_over(&h));
	link = link_made();
	ASSERT_ERR_FATAL(make_owner(&h), SR_OK);
	before = house_counts(&h);
	ASSERT_ERR(setup_exchange(&h.store, &nobody, disclosed_value(link), 30,
	    &none, NULL), SR_E_SETUP_CLOSED);
	ASSERT_ERR(setup_link(&h.store, &operator, 60, &none),
	    SR_E_SETUP_CLOSED);
	ASSERT_ERR(make_owner(&h), SR_E_OWNER_EXISTS);
	after = house_counts(&h);
	CU_ASSERT_STRING_EQUAL(before, after);
	free(before);
	free(after);
	disclosed_free(&link);
}

static void
a_database_that_is_gone_or_altered_is_told(void)
{
	struct disclosed * none = NULL;
	bool open;

	CU_ASSERT_FATAL(start_over(&h));
	mariadb_kill9(h.m);
	ASSERT_ERR(setup_open(h.store.db, &open), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(setup_link(&h.store, &operator, 60, &none),
	    SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT_FATAL(mariadb_restart(h.m) == 0);
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM setup"));
	ASSERT_ERR(setup_open(h.store.db, &open), SR_E_SCHEMA_MISMATCH);
	CU_ASSERT_FATAL(house_do(&h, "INSERT INTO setup (id) VALUES (1)"));
	CU_ASSERT(is_open());
}

static const struct suite_test tests[] = {
	TEST(link_cookie_owner_and_set_up_is_closed),
	TEST(each_step_is_audited_and_its_row_is_the_receipt),
	TEST(tokens_and_passwords_are_in_no_table),
	TEST(a_link_works_once),
	TEST(a_new_link_ends_the_former_and_the_cookie_in_use),
	TEST(links_and_cookies_expire),
	TEST(what_is_no_token_or_another_one_is_refused),
	TEST(after_set_up_no_link_is_made_or_taken_and_nothing_is_audited),
	TEST(a_database_that_is_gone_or_altered_is_told),
};
SUITE_MAIN("core/access/setup", tests, setups_open, setups_close)
