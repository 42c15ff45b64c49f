/* Changing the root key: `strongroom rootkey rotate` without the command. */

#include "tests/core/vault/rotate.h"

static struct house h;

/* What a run told. */
struct told {
	unsigned lines;
	struct rewrap_progress last;
	unsigned failed;
	struct sr_id failed_id;
	uint32_t failed_version;
	enum sr_error why;
};

static enum sr_error
on_progress(const struct rewrap_progress * p, void * cookie)
{
	struct told * t = cookie;

	t->lines++;
	t->last = *p;
	return (SR_OK);
}

static enum sr_error
on_failed(const struct sr_id * id, uint32_t key_version, enum sr_error why,
    void * cookie)
{
	struct told * t = cookie;

	t->failed++;
	t->failed_id = *id;
	t->failed_version = key_version;
	t->why = why;
	return (SR_OK);
}

static enum sr_error
rotate(unsigned batch, struct told * t, struct rewrap_progress * out)
{
	const struct rewrap_watch watch = { on_progress, on_failed, t, batch };

	*t = (struct told){ .lines = 0 };
	return (rewrap_rotate(&h.store, &h.actor, &watch, out));
}

static void
the_newest_version_wraps_all_and_the_former_may_go(void)
{
	struct rewrap_progress p;
	struct secret_meta one, two;
	struct told t;

	ASSERT_ERR_FATAL(put(&h, "rewrap/one", "value-one-first", &one), SR_OK);
	ASSERT_ERR_FATAL(put(&h, "rewrap/one", "value-one-second", &one),
	    SR_OK);
	ASSERT_ERR_FATAL(put(&h, "rewrap/two", "value-two-first", &two), SR_OK);
	CU_ASSERT_EQUAL(add_key(&h), 2);
	CU_ASSERT(under_is(&h, "1:3+6"));
	ASSERT_ERR(rotate(2, &t, &p), SR_OK);
	CU_ASSERT(under_is(&h, "1:0+0,2:3+6"));
	CU_ASSERT(p.activated);
	CU_ASSERT_EQUAL(p.from, 1);
	CU_ASSERT_EQUAL(p.to, 2);
	CU_ASSERT_EQUAL(p.total, 9);
	CU_ASSERT_EQUAL(p.rewrapped, 9);
	CU_ASSERT_EQUAL(p.failed, 0);
	CU_ASSERT_EQUAL(t.last.rewrapped, 9);
	CU_ASSERT(t.lines >= 3);
	CU_ASSERT(house_sql_is(&h, "1unwrapping,2wrapping", "SELECT"
	    " GROUP_CONCAT(kek_version, state ORDER BY kek_version) FROM kek"));
	CU_ASSERT(house_sql_is(&h, "ROOT_KEY_ACTIVATE\troot_key\t2\tsucceeded\n"
	    "ROOT_KEY_REWRAPPED\troot_key\t2\tsucceeded", "SELECT action,"
	    " target_kind, key_version, outcome FROM audit_event"
	    " WHERE target_kind = 'root_key' ORDER BY chain_seq"));
	root_key_chain_is(&h, 2, 2);
	drop_older_keys(&h, 2);
	ASSERT_ERR(keystore_bind(h.store.keys, h.store.db), SR_OK);
	CU_ASSERT(opens_to(&h.store, &one.id, 1, "value-one-first"));
	CU_ASSERT(opens_to(&h.store, &one.id, 2, "value-one-second"));
	CU_ASSERT(opens_to(&h.store, &two.id, 1, "value-two-first"));
	ASSERT_ERR(put(&h, "rewrap/two", "value-two-second", &two), SR_OK);
	CU_ASSERT(under_is(&h, "1:0+0,2:4+6"));
}

static void
once_more_is_nothing(void)
{
	struct rewrap_progress p;
	struct told t;
	char * before = house_counts(&h), * after;

	ASSERT_ERR(rotate(0, &t, &p), SR_OK);
	CU_ASSERT_FALSE(p.activated);
	CU_ASSERT_EQUAL(p.from, p.to);
	CU_ASSERT_EQUAL(p.total, 0);
	CU_ASSERT_EQUAL(p.rewrapped, 0);
	after = house_counts(&h);
	CU_ASSERT_STRING_EQUAL(before, after);
	free(before);
	free(after);
}

/* A run that was killed before its last row: only that is left to do. */
static void
the_last_audit_row_is_made_up_for(void)
{
	struct rewrap_progress p;
	struct told t;

	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM audit_event WHERE action ="
	    " 'ROOT_KEY_REWRAPPED'"));
	ASSERT_ERR(rotate(0, &t, &p), SR_OK);
	CU_ASSERT_EQUAL(p.rewrapped, 0);
	root_key_chain_is(&h, 2, 2);
}

static void
a_destroyed_dek_stays_destroyed(void)
{
	struct secret_meta m;
	struct secret_revocation r = { .expected = 0 };
	struct secbuf * value = NULL;
	struct told t;

	ASSERT_ERR_FATAL(put(&h, "rewrap/revoked", "value-to-destroy", &m),
	    SR_OK);
	r.id = m.id;
	ASSERT_ERR_FATAL(secret_revoke(&h.store, &h.actor, &r, NULL), SR_OK);
	CU_ASSERT_EQUAL(add_key(&h), 3);
	ASSERT_ERR(rotate(1, &t, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "NULL\t2", "SELECT wrapped_dek, kek_version"
	    " FROM secret_version v JOIN secret_ref r ON r.id = v.secret_id"
	    " WHERE r.name = 'rewrap/revoked'"));
	ASSERT_ERR(secret_open(&h.store, &m.id, 1, &value),
	    SR_E_SECRET_REVOKED);
	drop_older_keys(&h, 3);
	CU_ASSERT(under_is(&h, "1:0+0,2:0+0,3:4+6"));
}

static void
a_row_that_does_not_open_is_named_and_passed_over(void)
{
	struct rewrap_progress p;
	struct secret_meta m;
	struct told t;
	char * sql;
	char id[SR_ID_STRLEN + 1];

	ASSERT_ERR_FATAL(put(&h, "rewrap/bad", "value-that-is-lost", &m),
	    SR_OK);
	sr_id_format(&m.id, id);
	/* Another row's wrapped key in its place: the AAD says no. */
	sql = text_format("UPDATE secret_version SET wrapped_dek = (SELECT w"
	    " FROM (SELECT wrapped_dek AS w FROM secret_version WHERE"
	    " wrapped_dek IS NOT NULL AND secret_id <> '%s' LIMIT 1) x) WHERE"
	    " secret_id = '%s'", id, id);
	CU_ASSERT_FATAL(house_do(&h, sql));
	free(sql);
	CU_ASSERT_EQUAL(add_key(&h), 4);
	ASSERT_ERR(rotate(2, &t, &p), SR_E_ROOT_KEY_REWRAP_INCOMPLETE);
	CU_ASSERT_EQUAL(p.failed, 1);
	CU_ASSERT_EQUAL(p.rewrapped, 10);
	CU_ASSERT_EQUAL(t.failed, 1);
	CU_ASSERT(sr_id_equal(&t.failed_id, &m.id));
	CU_ASSERT_EQUAL(t.failed_version, 1);
	ASSERT_ERR(t.why, SR_E_SECRET_ENCRYPTION_FAILED);
	CU_ASSERT(under_is(&h, "1:0+0,2:0+0,3:1+0,4:4+6"));
	CU_ASSERT(house_sql_is(&h, "failed\troot_key_rewrap_incomplete",
	    "SELECT outcome, error_type FROM audit_event WHERE action ="
	    " 'ROOT_KEY_REWRAPPED' AND outcome <> 'succeeded'"));
	/* Again: the same, until the secret is revoked. */
	ASSERT_ERR(rotate(2, &t, &p), SR_E_ROOT_KEY_REWRAP_INCOMPLETE);
	CU_ASSERT_EQUAL(p.total, 1);
	ASSERT_ERR(secret_revoke(&h.store, &h.actor,
	    &(struct secret_revocation){ .id = m.id }, NULL), SR_OK);
	ASSERT_ERR(rotate(2, &t, &p), SR_OK);
	CU_ASSERT(under_is(&h, "1:0+0,2:0+0,3:0+0,4:4+6"));
	root_key_chain_is(&h, 4, 2);
	drop_older_keys(&h, 4);
}

static void
nothing_begins_without_a_version_that_is_needed(void)
{
	struct rewrap_progress p;
	struct secret_meta m;
	struct told t;
	char * kept = file_read(h.key_file, NULL);

	/* The first row of a former rotation that was never finished. */
	ASSERT_ERR_FATAL(put(&h, "rewrap/left", "value-that-was-left", &m),
	    SR_OK);
	CU_ASSERT_EQUAL(add_key(&h), 5);
	CU_ASSERT_FATAL(house_do(&h, "CREATE TRIGGER fault BEFORE UPDATE ON"
	    " secret_version FOR EACH ROW SIGNAL SQLSTATE '45000'"));
	ASSERT_ERR(rotate(0, &t, &p), SR_E_DATABASE_REFUSED);
	CU_ASSERT(p.activated);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	/* The file loses version 4, and gets 6. */
	CU_ASSERT_EQUAL(add_key(&h), 6);
	free(kept);
	kept = file_read(h.key_file, NULL);
	drop_older_keys(&h, 5);
	ASSERT_ERR(rotate(0, &t, &p), SR_E_ROOT_KEY_VERSION_MISSING);
	CU_ASSERT_FALSE(p.activated);
	CU_ASSERT(house_sql_is(&h, "5", "SELECT kek_version FROM kek WHERE"
	    " state = 'wrapping'"));
	/* The file loses the one that wraps. */
	drop_older_keys(&h, 6);
	ASSERT_ERR(rotate(0, &t, &p), SR_E_ROOT_KEY_MISMATCH);
	CU_ASSERT_EQUAL(file_write(h.key_file, 0600, kept), 0);
	free(kept);
	ASSERT_ERR_FATAL(reload_keys(&h, &h.store), SR_OK);
	ASSERT_ERR(rotate(0, &t, &p), SR_OK);
	CU_ASSERT_EQUAL(p.to, 6);
	CU_ASSERT(opens_to(&h.store, &m.id, 1, "value-that-was-left"));
	root_key_chain_is(&h, 5, 1);
	root_key_chain_is(&h, 6, 2);
	drop_older_keys(&h, 6);
}

static void
another_key_of_that_number_is_a_mismatch(void)
{
	struct rewrap_progress p;
	struct told t;

	CU_ASSERT_EQUAL(add_key(&h), 7);
	CU_ASSERT_FATAL(house_do(&h, "INSERT INTO kek VALUES (7, REPEAT('x',"
	    " 32), 'unwrapping', NOW())"));
	ASSERT_ERR(rotate(0, &t, &p), SR_E_ROOT_KEY_MISMATCH);
	CU_ASSERT(house_sql_is(&h, "6", "SELECT kek_version FROM kek WHERE"
	    " state = 'wrapping'"));
	CU_ASSERT_FATAL(house_do(&h, "DELETE FROM kek WHERE kek_version = 7"));
	ASSERT_ERR(rotate(0, &t, &p), SR_OK);
	CU_ASSERT_EQUAL(p.to, 7);
}

static void
without_its_audit_row_nothing_is_activated(void)
{
	struct told t;

	CU_ASSERT_EQUAL(add_key(&h), 8);
	CU_ASSERT_FATAL(house_do(&h, "CREATE TRIGGER fault BEFORE INSERT ON"
	    " audit_event FOR EACH ROW SIGNAL SQLSTATE '45000'"));
	ASSERT_ERR(rotate(0, &t, NULL), SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	CU_ASSERT_FATAL(house_do(&h, "DROP TRIGGER fault"));
	CU_ASSERT(house_sql_is(&h, "7\t1", "SELECT MAX(kek_version),"
	    " SUM(state = 'wrapping') FROM kek"));
	ASSERT_ERR(rotate(0, &t, NULL), SR_OK);
	CU_ASSERT(house_sql_is(&h, "8", "SELECT kek_version FROM kek WHERE"
	    " state = 'wrapping'"));
}

static enum sr_error
stop_at_once(const struct rewrap_progress * p, void * cookie)
{

	(void)p;
	(void)cookie;
	return (SR_E_OUTPUT_FAILED);
}

static void
who_watches_may_end_it(void)
{
	const struct rewrap_watch watch = { .progress = stop_at_once };
	struct told t;

	CU_ASSERT_EQUAL(add_key(&h), 9);
	ASSERT_ERR(rewrap_rotate(&h.store, &h.actor, &watch, NULL),
	    SR_E_OUTPUT_FAILED);
	ASSERT_ERR(rotate(0, &t, NULL), SR_OK);
	root_key_chain_is(&h, 9, 2);
}

static void
without_keys_or_database_it_says_so(void)
{
	struct told t;

	mariadb_kill9(h.m);
	ASSERT_ERR(rotate(0, &t, NULL), SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT_FATAL(mariadb_restart(h.m) == 0);
	ASSERT_ERR(rotate(0, &t, NULL), SR_OK);
	ASSERT_ERR(house_load_key(&h, NULL), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(rotate(0, &t, NULL), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(house_load_key(&h, h.key_file), SR_OK);
}

static int
setup(void)
{
	return (house_open(&h));
}

static int
teardown(void)
{
	house_close(&h);
	return (0);
}

static const struct suite_test tests[] = {
	TEST(the_newest_version_wraps_all_and_the_former_may_go),
	TEST(once_more_is_nothing),
	TEST(the_last_audit_row_is_made_up_for),
	TEST(a_destroyed_dek_stays_destroyed),
	TEST(a_row_that_does_not_open_is_named_and_passed_over),
	TEST(nothing_begins_without_a_version_that_is_needed),
	TEST(another_key_of_that_number_is_a_mismatch),
	TEST(without_its_audit_row_nothing_is_activated),
	TEST(who_watches_may_end_it),
	TEST(without_keys_or_database_it_says_so),
};
SUITE_MAIN("core/vault/rewrap", tests, setup, teardown)
