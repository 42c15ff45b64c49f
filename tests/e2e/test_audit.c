/*
 * Goal: a running worker seals what was audited within seconds, writes each
 * head to its log, and the whole database verifies against that log; it does so
 * again after it was without a key, without a database, and after its end.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/audit/verify.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

static struct instance * inst;
static struct http * owner;

static int
start(void)
{
	static const char * const often[] = { "STRONGROOM_AUDIT_SEAL_SECONDS=1",
	    NULL };
	const struct instance_options options = { .workers = 2,
	    .settings = often };

	log_open(NULL, STDERR_FILENO);
	return (db_library_init() == SR_OK &&
	    (inst = instance_start(&options)) != NULL ? 0 : -1);
}

static int
stop(void)
{
	unsigned bad;

	http_free(&owner);
	bad = instance_stop(&inst);
	db_library_end();
	return (bad == 0 ? 0 : -1);
}

/* Wait until the database answers ${sql} with ${expected}. */
static bool
comes_to(const char * sql, const char * expected)
{
	const struct timespec pause = { 0, 20000000 };
	bool same = false;
	unsigned i;

	for (i = 0; i < 1500 && !same; i++) {
		char * out = mariadb_sql(instance_database(inst), sql);

		if (out != NULL)
			out[strcspn(out, "\n")] = '\0';
		same = out != NULL && strcmp(out, expected) == 0;
		if (!same)
			(void)nanosleep(&pause, NULL);
		free(out);
	}
	return (same);
}

static bool
everything_is_sealed(void)
{

	return (comes_to("SELECT (SELECT COUNT(*) FROM audit_pending) = 0"
	    " AND (SELECT COUNT(*) FROM audit_event) ="
	    " (SELECT COUNT(*) FROM audit_leaf)", "1"));
}

static enum sr_error
note_finding(const struct audit_finding * f, void * cookie)
{
	unsigned * n = cookie;

	suite_note("found %s", audit_finding_name(f->kind));
	(*n)++;
	return (SR_OK);
}

/* Verify with the instance's own key, against the workers' log. */
static void
it_verifies(struct audit_verified * v)
{
	char * key = text_format("%s/root.key", instance_folder(inst));
	char * log = text_format("%s/worker.log", instance_folder(inst));
	const struct keyring_sources from = { .file = key };
	struct store store = { .db = NULL };
	struct db_options o;
	unsigned found = 0;
	int fd = open(log, O_RDONLY | O_CLOEXEC);

	CU_ASSERT_FATAL(fd != -1);
	mariadb_worker_options(instance_database(inst), &o);
	ASSERT_ERR_FATAL(db_new(&o, &store.db), SR_OK);
	ASSERT_ERR_FATAL(keystore_new(&store.keys), SR_OK);
	ASSERT_ERR_FATAL(keystore_load(store.keys, &from), SR_OK);
	ASSERT_ERR(audit_verify_database(&store, fd, note_finding, &found, v),
	    SR_OK);
	CU_ASSERT_EQUAL(found, 0);
	keystore_free(&store.keys);
	db_free(&store.db);
	(void)close(fd);
	free(log);
	free(key);
}

static void
what_was_saved_is_sealed_and_its_head_is_in_the_log(void)
{
	struct audit_verified v;
	char * count;

	CU_ASSERT_FATAL((owner = walk_in(inst)) != NULL);
	CU_ASSERT(walk_stored(owner, "instance", "audit/one",
	    "value-number-one-77"));
	CU_ASSERT(everything_is_sealed());
	CU_ASSERT(walk_stored(owner, "instance", "audit/one",
	    "value-number-two-77"));
	CU_ASSERT(everything_is_sealed());
	it_verifies(&v);
	CU_ASSERT(v.rows >= 4);
	CU_ASSERT_EQUAL(v.leaves, v.rows);
	CU_ASSERT_EQUAL(v.pending, 0);
	CU_ASSERT_EQUAL(v.foreign_heads, 0);
	count = text_format("%lu", (unsigned long)v.heads);
	CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_checkpoint", count));
	CU_ASSERT(v.heads >= 2);
	free(count);
}

/* Whether the line comes, which is written behind the commit. */
static bool
log_comes_to(const char * line)
{
	bool found = false;
	unsigned i;
	char * log;

	for (i = 0; i < 200 && !found; i++) {
		log = instance_log(inst);
		found = strstr(log, line) != NULL;
		free(log);
		if (!found)
			sleep_ms(50);
	}
	return (found);
}

static void
rows_written_without_a_key_are_sealed_when_there_is_one(void)
{
	struct http_reply * r;
	struct audit_verified v;

	CU_ASSERT_EQUAL_FATAL(instance_set_key(inst, INSTANCE_KEY_GONE), 0);
	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
	r = walk_store(owner, "instance", "audit/two", "value-number-one-78");
	CU_ASSERT_EQUAL(r->status, 503);
	http_reply_free(&r);
	CU_ASSERT(comes_to("SELECT COUNT(*) > 0 FROM audit_pending", "1"));
	CU_ASSERT_EQUAL_FATAL(instance_set_key(inst, INSTANCE_KEY_GOOD), 0);
	instance_hangup(inst);
	CU_ASSERT(everything_is_sealed());
	it_verifies(&v);
	CU_ASSERT(v.unsealed > 0);
	CU_ASSERT(log_comes_to("\"sealer_waits\""));
	CU_ASSERT(log_comes_to("\"sealer_works\""));
}

static void
sealing_goes_on_after_the_database_was_killed(void)
{
	struct audit_verified v;

	mariadb_kill9(instance_database(inst));
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(instance_database(inst)), 0);
	CU_ASSERT(walk_stored(owner, "instance", "audit/three",
	    "value-number-one-79"));
	CU_ASSERT(everything_is_sealed());
	it_verifies(&v);
}

/* Saved and stopped at once: the last rows are sealed by the end. */
static void
the_last_rows_are_sealed_at_the_end(void)
{
	struct audit_verified v;
	unsigned i;

	for (i = 0; i < 3; i++) {
		CU_ASSERT(walk_stored(owner, "instance", "audit/last",
		    "value-that-comes-last"));
		CU_ASSERT_EQUAL(instance_stop_workers(inst), 0);
		CU_ASSERT(comes_to("SELECT COUNT(*) FROM audit_pending", "0"));
		it_verifies(&v);
		CU_ASSERT_EQUAL(v.leaves, v.rows);
		CU_ASSERT_EQUAL_FATAL(instance_start_workers(inst), 0);
	}
}

/* One who takes the newest rows of the audit away makes himself known. */
static void
a_tampered_tree_is_an_alert_and_readiness_says_so(void)
{
	struct http_reply * r;
	bool seen = false;
	unsigned i;

	free(mariadb_sql(instance_database(inst), "DELETE FROM audit_leaf"
	    " ORDER BY leaf_index DESC LIMIT 1"));
	CU_ASSERT(walk_stored(owner, "instance", "audit/four",
	    "value-number-one-80"));
	for (i = 0; i < 1500 && !seen; i++) {
		const struct timespec pause = { 0, 20000000 };
		char * log = instance_log(inst);

		seen = strstr(log, "\"audit_tree_broken\"") != NULL;
		free(log);
		(void)nanosleep(&pause, NULL);
	}
	CU_ASSERT(seen);
	free(mariadb_sql(instance_database(inst), "UPDATE audit_checkpoint"
	    " SET made_at = '2020-01-01'; UPDATE audit_event SET occurred_at ="
	    " '2020-01-01'"));
	r = http_get(owner, "/readyz");
	CU_ASSERT_EQUAL(r->status, 503);
	CU_ASSERT(http_has(r, "audit_checkpoint audit_checkpoint_overdue"));
	http_reply_free(&r);
}

static const struct suite_test tests[] = {
	TEST(what_was_saved_is_sealed_and_its_head_is_in_the_log),
	TEST(rows_written_without_a_key_are_sealed_when_there_is_one),
	TEST(sealing_goes_on_after_the_database_was_killed),
	TEST(the_last_rows_are_sealed_at_the_end),
	TEST(a_tampered_tree_is_an_alert_and_readiness_says_so),
};
SUITE_MAIN("e2e/audit", tests, start, stop)
