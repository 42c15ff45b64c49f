#include <sys/stat.h>

#include "tests/core/store/keys.h"

static void
without_a_key_it_says_so(void)
{
	struct keystore * ks = new_keystore();

	ASSERT_ERR(keystore_reason(ks), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(keystore_write_error(ks),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	CU_ASSERT_PTR_NULL(keystore_hold(ks));
	ASSERT_ERR(keystore_bind(ks, db), SR_E_ROOT_KEY_MISSING);
	ASSERT_ERR(load(ks, "/nonexistent/key"), SR_E_ROOT_KEY_UNREADABLE);
	ASSERT_ERR(keystore_bind(ks, db), SR_E_ROOT_KEY_UNREADABLE);
	ASSERT_ERR(keystore_reason(ks), SR_E_ROOT_KEY_UNREADABLE);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM kek", "0"));
	keystore_free(&ks);
	CU_ASSERT_PTR_NULL(ks);
	keystore_free(&ks);
}

static void
an_empty_database_gets_its_keys_once(void)
{
	struct keystore * one = new_keystore(), * two = new_keystore();
	const struct keyset * a, * b;

	forget_keys();
	ASSERT_ERR(load(one, file_a), SR_OK);
	CU_ASSERT_PTR_NULL(keystore_hold(one));
	ASSERT_ERR(keystore_write_error(one),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	ASSERT_ERR(keystore_bind(one, db), SR_OK);
	ASSERT_ERR(keystore_bind(one, db), SR_OK);
	ASSERT_ERR(keystore_reason(one), SR_OK);
	ASSERT_ERR(keystore_write_error(one), SR_OK);
	ASSERT_ERR(load(two, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(two, db), SR_OK);
	CU_ASSERT(admin_says("SELECT GROUP_CONCAT(kek_version, state) "
	    "FROM kek", "1wrapping"));
	CU_ASSERT(admin_says("SELECT GROUP_CONCAT(purpose, version, "
	    "kek_version ORDER BY purpose) FROM system_key",
	    "audit11,factor11,redaction11,request11,sign11,stream11"));
	a = keystore_hold(one);
	b = keystore_hold(two);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	CU_ASSERT_EQUAL(keyset_wrapping(a), 1);
	CU_ASSERT_EQUAL(secbuf_len(keyset_audit_key(a)), 32);
	CU_ASSERT(secbuf_equal(keyset_audit_key(a), keyset_audit_key(b)));
	CU_ASSERT(secbuf_equal(keyset_redaction_key(a),
	    keyset_redaction_key(b)));
	CU_ASSERT_FALSE(secbuf_equal(keyset_audit_key(a),
	    keyset_redaction_key(a)));
	keyset_release(&a);
	CU_ASSERT_PTR_NULL(a);
	keyset_release(&b);
	keystore_free(&one);
	keystore_free(&two);
}

/* Follows an_empty_database_gets_its_keys_once: file_a is the right one. */
static void
another_key_is_a_mismatch_and_writes_nothing(void)
{
	struct keystore * ks = new_keystore();
	char * before, * after;

	before = mariadb_sql(m, "SELECT HEX(check_value) FROM kek; "
	    "SELECT HEX(wrapped) FROM system_key");
	ASSERT_ERR(load(ks, file_b), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR(keystore_reason(ks), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR(keystore_write_error(ks), SR_E_ROOT_KEY_MISMATCH);
	CU_ASSERT_PTR_NULL(keystore_hold(ks));
	after = mariadb_sql(m, "SELECT HEX(check_value) FROM kek; "
	    "SELECT HEX(wrapped) FROM system_key");
	CU_ASSERT_STRING_EQUAL(before, after);
	free(before);
	free(after);
	/* The right one mends it. */
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	keystore_free(&ks);
}

static void
a_file_without_the_wrapping_version_is_a_mismatch(void)
{
	struct keystore * ks = new_keystore();
	char second[100];

	(void)snprintf(second, sizeof(second), "%s/2", dir);
	ASSERT_ERR(load(ks, second), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_E_ROOT_KEY_MISMATCH);
	keystore_free(&ks);
}

static void
a_newer_key_in_the_file_is_ignored_until_it_is_activated(void)
{
	struct keystore * ks = new_keystore();
	const struct keyset * set;

	ASSERT_ERR(load(ks, file_both), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	set = keystore_hold(ks);
	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	CU_ASSERT_EQUAL(keyset_wrapping(set), 1);
	CU_ASSERT(keyring_has(keyset_keyring(set), 2));
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM kek", "1"));
	keyset_release(&set);
	keystore_free(&ks);
}

static void
a_reload_that_fails_takes_the_keys_out_of_use(void)
{
	struct keystore * ks = new_keystore();
	const struct keyset * held;

	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	held = keystore_hold(ks);
	CU_ASSERT_PTR_NOT_NULL_FATAL(held);
	CU_ASSERT_EQUAL(chmod(file_b, 0644), 0);
	ASSERT_ERR(load(ks, file_b), SR_E_ROOT_KEY_PERMISSIONS);
	CU_ASSERT_EQUAL(chmod(file_b, 0600), 0);
	ASSERT_ERR(keystore_reason(ks), SR_E_ROOT_KEY_PERMISSIONS);
	ASSERT_ERR(keystore_bind(ks, db), SR_E_ROOT_KEY_PERMISSIONS);
	CU_ASSERT_PTR_NULL(keystore_hold(ks));
	/* A call that was using them keeps them until it is done. */
	CU_ASSERT_EQUAL(secbuf_len(keyset_audit_key(held)), 32);
	CU_ASSERT(keyring_has(keyset_keyring(held), 1));
	keyset_release(&held);
	keystore_free(&ks);
}

static void
without_a_database_the_reason_is_that(void)
{
	struct keystore * ks = new_keystore();

	ASSERT_ERR(load(ks, file_a), SR_OK);
	mariadb_kill9(m);
	ASSERT_ERR(keystore_bind(ks, db), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(keystore_reason(ks), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(keystore_write_error(ks),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	ASSERT_ERR(keystore_reason(ks), SR_OK);
	/* Bound is bound, whatever becomes of the database. */
	mariadb_kill9(m);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	keystore_free(&ks);
}

static void
sealed_rows_without_their_root_key_get_no_new_one(void)
{
	struct keystore * ks = new_keystore();

	admin("DELETE FROM kek");
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_E_ROOT_KEY_MISMATCH);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM kek", "0"));
	keystore_free(&ks);
	forget_keys();
}

static void
a_system_key_that_was_tampered_with_does_not_open(void)
{
	struct keystore * ks = new_keystore();

	forget_keys();
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	/* One purpose's key in the other's place: the AAD says no. */
	admin("UPDATE system_key s JOIN system_key t ON t.purpose = 'redaction'"
	    " SET s.wrapped = t.wrapped WHERE s.purpose = 'audit'");
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_E_SECRET_ENCRYPTION_FAILED);
	ASSERT_ERR(keystore_write_error(ks),
	    SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	admin("DELETE FROM system_key WHERE purpose = 'audit'");
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_E_SECRET_ENCRYPTION_FAILED);
	keystore_free(&ks);
	forget_keys();
}

/* As a database of a version that knew two purposes only. */
static void
a_database_that_lacks_later_purposes_gets_them_at_the_next_bind(void)
{
	struct keystore * ks = new_keystore();
	const struct keyset * before, * after;

	forget_keys();
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	before = keystore_hold(ks);
	CU_ASSERT_PTR_NOT_NULL_FATAL(before);
	admin("DELETE FROM system_key WHERE purpose IN ('sign', 'request',"
	    " 'stream')");
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	after = keystore_hold(ks);
	CU_ASSERT_PTR_NOT_NULL_FATAL(after);
	CU_ASSERT(admin_says("SELECT GROUP_CONCAT(purpose, version, "
	    "kek_version ORDER BY purpose) FROM system_key",
	    "audit11,factor11,redaction11,request11,sign11,stream11"));
	CU_ASSERT(secbuf_equal(keyset_audit_key(before),
	    keyset_audit_key(after)));
	CU_ASSERT_EQUAL(secbuf_len(keyset_sign_key(after)), 32);
	CU_ASSERT_EQUAL(secbuf_len(keyset_request_key(after)), 32);
	CU_ASSERT_FALSE(secbuf_equal(keyset_sign_key(before),
	    keyset_sign_key(after)));
	keyset_release(&before);
	keyset_release(&after);
	/* What is there stays. */
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM system_key", "6"));
	keystore_free(&ks);
	forget_keys();
}

/* The database moves on to version 2, as `rootkey rotate` makes it. */
static void
move_on(void)
{
	struct keystore * two = new_keystore();
	const struct keyset * set;
	uint8_t check[KEK_CHECK_LEN];

	ASSERT_ERR(load(two, file_both), SR_OK);
	ASSERT_ERR(keystore_bind(two, db), SR_OK);
	set = keystore_hold(two);
	CU_ASSERT_PTR_NOT_NULL_FATAL(set);
	ASSERT_ERR(keyring_check_value(keyset_keyring(set), 2, check), SR_OK);
	ASSERT_ERR(db_exec(db, STMT_KEK_INSERT, DB_ARGS(DB_INT(2),
	    DB_BYTES(check, sizeof(check)), DB_TIME(clock_now())), NULL),
	    SR_OK);
	ASSERT_ERR(db_exec(db, STMT_KEK_ACTIVATE, DB_ARGS(DB_INT(2)), NULL),
	    SR_OK);
	keyset_release(&set);
	keystore_free(&two);
}

static void
keys_in_use_follow_the_version_that_wraps(void)
{
	struct keystore * ks = new_keystore();
	const struct keyset * before, * after;

	forget_keys();
	/* Nothing is bound: what binds next reads it anyway. */
	ASSERT_ERR(keystore_follow(ks, db), SR_OK);
	/* An empty database takes the newest: it begins with the older one. */
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	ASSERT_ERR(load(ks, file_both), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	before = keystore_hold(ks);
	CU_ASSERT_PTR_NOT_NULL_FATAL(before);
	ASSERT_ERR(keystore_follow(ks, db), SR_OK);
	after = keystore_hold(ks);
	CU_ASSERT_PTR_EQUAL(after, before);
	keyset_release(&after);
	move_on();
	ASSERT_ERR(keystore_follow(ks, db), SR_OK);
	after = keystore_hold(ks);
	CU_ASSERT_PTR_NOT_NULL_FATAL(after);
	CU_ASSERT_EQUAL(keyset_wrapping(before), 1);
	CU_ASSERT_EQUAL(keyset_wrapping(after), 2);
	CU_ASSERT(secbuf_equal(keyset_audit_key(before),
	    keyset_audit_key(after)));
	ASSERT_ERR(keystore_reason(ks), SR_OK);
	keyset_release(&before);
	keyset_release(&after);
	keystore_free(&ks);
	forget_keys();
}

static void
keys_that_cannot_follow_are_for_reading_alone_until_a_load(void)
{
	struct keystore * ks = new_keystore();
	const struct keyset * held;

	forget_keys();
	ASSERT_ERR(load(ks, file_a), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	move_on();
	ASSERT_ERR(keystore_follow(ks, db), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR(keystore_follow(ks, db), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR(keystore_reason(ks), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR(keystore_write_error(ks), SR_E_ROOT_KEY_MISMATCH);
	ASSERT_ERR(keystore_take(ks, db, &held), SR_OK);
	CU_ASSERT_EQUAL(secbuf_len(keyset_audit_key(held)), 32);
	keyset_release(&held);
	ASSERT_ERR(load(ks, file_both), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	ASSERT_ERR(keystore_reason(ks), SR_OK);
	held = keystore_hold(ks);
	CU_ASSERT_PTR_NOT_NULL_FATAL(held);
	CU_ASSERT_EQUAL(keyset_wrapping(held), 2);
	keyset_release(&held);
	keystore_free(&ks);
	forget_keys();
}

static void
to_follow_needs_the_database(void)
{
	struct keystore * ks = new_keystore();

	forget_keys();
	ASSERT_ERR(load(ks, file_both), SR_OK);
	ASSERT_ERR(keystore_bind(ks, db), SR_OK);
	mariadb_kill9(m);
	ASSERT_ERR(keystore_follow(ks, db), SR_E_DATABASE_UNAVAILABLE);
	/* It says nothing about the keys. */
	ASSERT_ERR(keystore_reason(ks), SR_OK);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
	ASSERT_ERR(keystore_follow(ks, db), SR_OK);
	keystore_free(&ks);
	forget_keys();
}

static const struct suite_test tests[] = {
	TEST(without_a_key_it_says_so),
	TEST(an_empty_database_gets_its_keys_once),
	TEST(another_key_is_a_mismatch_and_writes_nothing),
	TEST(a_file_without_the_wrapping_version_is_a_mismatch),
	TEST(a_newer_key_in_the_file_is_ignored_until_it_is_activated),
	TEST(a_reload_that_fails_takes_the_keys_out_of_use),
	TEST(without_a_database_the_reason_is_that),
	TEST(sealed_rows_without_their_root_key_get_no_new_one),
	TEST(a_system_key_that_was_tampered_with_does_not_open),
	TEST(a_database_that_lacks_later_purposes_gets_them_at_the_next_bind),
	TEST(keys_in_use_follow_the_version_that_wraps),
	TEST(keys_that_cannot_follow_are_for_reading_alone_until_a_load),
	TEST(to_follow_needs_the_database),
};
SUITE_MAIN("core/store/keystore", tests, keys_start, keys_stop)
