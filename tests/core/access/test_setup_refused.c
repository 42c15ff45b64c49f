/* Set-up: strangers who try tokens, and a server without a root key. */

#include "tests/core/access/setups.h"

#include "core/access/setup_internal.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#define SETUP_ROWS	"SELECT COUNT(*) FROM audit_event WHERE action IN"  \
    " ('SETUP_EXCHANGE', 'OWNER_CREATE') AND outcome = 'failed'"

static unsigned
setup_rows(void)
{
	char * text = mariadb_sql(h.m, SETUP_ROWS);
	unsigned n = text == NULL ? 0 : (unsigned)atoi(text);

	free(text);
	return (n);
}

static void
wrong_tokens_are_slowed_down_and_fill_no_table(void)
{
	struct disclosed * link;
	struct disclosed * cookie = NULL;
	struct secbuf * other = NULL;
	struct secbuf * password = house_secret(PASSWORD);
	struct actor far = nobody;
	struct sr_id id;
	unsigned before, retry_after = 0, i, throttled = 0;
	enum sr_error err;

	CU_ASSERT_FATAL(start_over(&h));
	link = link_made();
	ASSERT_ERR_FATAL(token_new(&other), SR_OK);
	(void)snprintf(far.label, sizeof(far.label), "192.0.2.7");
	before = setup_rows();
	for (i = 0; i < 40; i++) {
		err = setup_exchange(&h.store, &far, other, 30, &cookie,
		    &retry_after);
		throttled += err == SR_E_SIGN_IN_THROTTLED;
		CU_ASSERT(err == SR_E_SIGN_IN_THROTTLED ||
		    err == SR_E_SETUP_TOKEN_INVALID);
		err = owner_create(&h.store, &far, other, OWNER, password,
		    COST, &id);
		throttled += err == SR_E_SIGN_IN_THROTTLED;
	}
	CU_ASSERT(throttled > 70);
	CU_ASSERT(retry_after >= 1);
	CU_ASSERT(setup_rows() - before <= 7);
	CU_ASSERT(setup_rows() - before >= 5);
	/* Another address is not affected, and the right token passes. */
	ASSERT_ERR(setup_exchange(&h.store, &nobody, other, 30, &cookie, NULL),
	    SR_E_SETUP_TOKEN_INVALID);
	ASSERT_ERR(setup_exchange(&h.store, &far, disclosed_value(link), 30,
	    &cookie, NULL), SR_OK);
	secbuf_free(&password);
	secbuf_free(&other);
	disclosed_free(&cookie);
	disclosed_free(&link);
}

/* The row is locked by another transaction, say an owner being created. */
static enum sr_error
exchange_meanwhile(struct tx * tx, void * cookie)
{
	struct disclosed * none = NULL;
	struct secbuf * other = NULL;
	struct setup_state s;
	struct store store;
	int64_t began;

	(void)cookie;
	must(setup_read(tx_db(tx), STMT_SETUP_LOCK, &s) == SR_OK);
	must(house_thread(&h, &store) == 0);
	must(token_new(&other) == SR_OK);
	began = clock_monotonic_ms();
	ASSERT_ERR(setup_exchange(&store, &nobody, other, 30, &none, NULL),
	    SR_E_SETUP_TOKEN_INVALID);
	CU_ASSERT(clock_monotonic_ms() - began < 2000);
	secbuf_free(&other);
	db_free(&store.db);
	return (SR_OK);
}

static void
a_wrong_token_waits_for_no_lock(void)
{

	CU_ASSERT_FATAL(start_over(&h));
	ASSERT_ERR(tx_run(h.store.db, NULL, exchange_meanwhile, NULL), SR_OK);
}

/* Its audit rows could not be sealed. The link's token stays good. */
static void
set_up_needs_a_root_key(void)
{
	struct disclosed * link;
	struct disclosed * cookie = NULL;
	struct disclosed * none = NULL;
	struct keystore * keys = h.store.keys;
	struct keystore * empty = NULL;

	CU_ASSERT_FATAL(start_over(&h));
	cookie = cookie_made();
	link = link_made();
	disclosed_free(&cookie);
	must(keystore_new(&empty) == SR_OK);
	h.store.keys = empty;
	ASSERT_ERR(setup_link(&h.store, &operator, 60, &none),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR(setup_exchange(&h.store, &nobody, disclosed_value(link), 30,
	    &none, NULL), SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR(make_owner(&h), SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	h.store.keys = keys;
	ASSERT_ERR_FATAL(setup_exchange(&h.store, &nobody,
	    disclosed_value(link), 30, &cookie, NULL), SR_OK);
	h.store.keys = empty;
	ASSERT_ERR(create(cookie, OWNER, PASSWORD),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	CU_ASSERT(is_open());
	h.store.keys = keys;
	ASSERT_ERR(create(cookie, OWNER, PASSWORD), SR_OK);
	CU_ASSERT(house_sql_is(&h, "0", "SELECT COUNT(*) FROM audit_event"
	    " WHERE mac IS NULL"));
	keystore_free(&empty);
	disclosed_free(&link);
	disclosed_free(&cookie);
}

static const struct suite_test tests[] = {
	TEST(wrong_tokens_are_slowed_down_and_fill_no_table),
	TEST(a_wrong_token_waits_for_no_lock),
	TEST(set_up_needs_a_root_key),
};
SUITE_MAIN("core/access/setup_refused", tests, setups_open, setups_close)
