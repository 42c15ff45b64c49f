#include <sys/stat.h>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/store/keystore.h"
#include "tests/core/store/fixture.h"
#include "tests/harness/process.h"

static char dir[80];
static char file_a[100], file_b[100], file_both[100];

static void
copy_keys(const char * first, const char * second, const char * to)
{
	char text[1024] = "";
	size_t len = 0;
	int in, out;

	if ((in = open(first, O_RDONLY)) >= 0) {
		len = (size_t)read(in, text, sizeof(text) / 2);
		(void)close(in);
	}
	if ((in = open(second, O_RDONLY)) >= 0) {
		len += (size_t)read(in, text + len, sizeof(text) / 2);
		(void)close(in);
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	must(out >= 0 && write(out, text, len) == (ssize_t)len);
	(void)close(out);
}

/* Two files with a key of version 1 each, and one with the second's key as
 * version 1 and another as version 2. */
static int
start(void)
{
	char second[100];

	if (fixture_start() != 0 ||
	    temp_folder("sr-keys", dir, sizeof(dir)) != 0)
		return (-1);
	(void)snprintf(file_a, sizeof(file_a), "%s/a", dir);
	(void)snprintf(file_b, sizeof(file_b), "%s/b", dir);
	(void)snprintf(file_both, sizeof(file_both), "%s/both", dir);
	(void)snprintf(second, sizeof(second), "%s/2", dir);
	if (keyring_new_file(file_a, 1) != SR_OK ||
	    keyring_new_file(file_b, 1) != SR_OK ||
	    keyring_new_file(second, 2) != SR_OK)
		return (-1);
	copy_keys(file_a, second, file_both);
	return (0);
}

static int
stop(void)
{

	remove_tree(dir);
	return (fixture_stop());
}

static void
forget_keys(void)
{

	admin("DELETE FROM kek; DELETE FROM system_key");
}

static enum sr_error
load(struct keystore * ks, const char * file)
{
	const struct keyring_sources sources = { .file = file };

	return (keystore_load(ks, &sources));
}

static struct keystore *
new_keystore(void)
{
	struct keystore * ks;

	must(keystore_new(&ks) == SR_OK);
	return (ks);
}

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
	    "audit11,redaction11"));
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

#define WORKERS	8

struct racer {
	pthread_barrier_t * line;
	const char * file;
	struct keystore * ks;
	enum sr_error result;
};

static void *
race(void * cookie)
{
	struct racer * r = cookie;
	struct db * own = worker_with(NULL, 15);

	must(db_ping(own) == SR_OK);
	(void)pthread_barrier_wait(r->line);
	r->result = keystore_bind(r->ks, own);
	db_free(&own);
	db_thread_end();
	return (NULL);
}

/* ${files}: of each worker's root key. ${shared}: all of one process. */
static void
run_race(const char * const files[WORKERS], bool shared,
    struct racer racers[WORKERS])
{
	pthread_barrier_t line;
	pthread_t threads[WORKERS];
	size_t i;

	CU_ASSERT_EQUAL_FATAL(pthread_barrier_init(&line, NULL, WORKERS), 0);
	for (i = 0; i < WORKERS; i++) {
		racers[i].line = &line;
		racers[i].ks = shared && i != 0 ? racers[0].ks :
		    new_keystore();
		if (!shared || i == 0)
			must(load(racers[i].ks, files[i]) == SR_OK);
	}
	for (i = 0; i < WORKERS; i++)
		must(pthread_create(&threads[i], NULL, race, &racers[i]) == 0);
	for (i = 0; i < WORKERS; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_barrier_destroy(&line);
}

static void
end_race(bool shared, struct racer racers[WORKERS])
{
	size_t i;

	for (i = 0; i < WORKERS; i++) {
		if (!shared || i == 0)
			keystore_free(&racers[i].ks);
	}
}

static void
workers_that_start_at_once_end_with_the_same_keys(void)
{
	const char * files[WORKERS];
	struct racer racers[WORKERS];
	const struct keyset * first, * other;
	size_t i;
	int round;

	for (i = 0; i < WORKERS; i++)
		files[i] = file_a;
	for (round = 0; round < 4; round++) {
		bool shared = round % 2 == 1;

		forget_keys();
		run_race(files, shared, racers);
		first = keystore_hold(racers[0].ks);
		CU_ASSERT_PTR_NOT_NULL_FATAL(first);
		for (i = 0; i < WORKERS; i++) {
			ASSERT_ERR(racers[i].result, SR_OK);
			other = keystore_hold(racers[i].ks);
			CU_ASSERT_PTR_NOT_NULL_FATAL(other);
			CU_ASSERT(secbuf_equal(keyset_audit_key(first),
			    keyset_audit_key(other)));
			keyset_release(&other);
		}
		keyset_release(&first);
		CU_ASSERT(admin_says("SELECT COUNT(*) FROM system_key", "2"));
		end_race(shared, racers);
	}
}

static void
of_workers_with_different_keys_one_kind_wins(void)
{
	const char * files[WORKERS];
	struct racer racers[WORKERS];
	char second[100];
	unsigned won[3] = { 0, 0, 0 };
	size_t i;

	/* Same version, another key; and another version. */
	(void)snprintf(second, sizeof(second), "%s/2", dir);
	for (i = 0; i < WORKERS; i++)
		files[i] = i % 3 == 0 ? file_a : i % 3 == 1 ? file_b : second;
	forget_keys();
	run_race(files, false, racers);
	for (i = 0; i < WORKERS; i++) {
		if (racers[i].result == SR_OK)
			won[i % 3]++;
		else
			ASSERT_ERR(racers[i].result, SR_E_ROOT_KEY_MISMATCH);
	}
	CU_ASSERT_EQUAL((won[0] != 0) + (won[1] != 0) + (won[2] != 0), 1);
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM kek", "1"));
	CU_ASSERT(admin_says("SELECT COUNT(*) FROM system_key", "2"));
	end_race(false, racers);
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
	TEST(workers_that_start_at_once_end_with_the_same_keys),
	TEST(of_workers_with_different_keys_one_kind_wins),
};
SUITE_MAIN("core/store/keystore", tests, start, stop)
