/*
 * Goal: when a part breaks, the answer says so, nothing is half done, and the
 * site comes back by itself: the audit table, the database, a worker.
 */

#include <signal.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/house.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define VALUE	"value-that-must-not-stay-42aa"

static struct instance * inst;
static struct http * owner;

static int
start(void)
{
	static const char * const settings[] = {
		"STRONGROOM_DATABASE_TIMEOUT_SECONDS=3", NULL
	};
	const struct instance_options options = {
		.workers = 2, .settings = settings
	};

	if ((inst = instance_start(&options)) == NULL)
		return (-1);
	return ((owner = walk_in(inst)) == NULL ? -1 : 0);
}

static int
stop(void)
{

	http_free(&owner);
	(void)instance_stop(&inst);
	return (0);
}

static void
run_sql(const char * sql)
{
	char * out = mariadb_sql(instance_database(inst), sql);

	CU_ASSERT_PTR_NOT_NULL(out);
	free(out);
}

#define COUNTS	"SELECT 'ref', count(*) FROM secret_ref UNION ALL "	\
	"SELECT 'version', count(*) FROM secret_version UNION ALL "	\
	"SELECT 'variant', count(*) FROM redaction_variant UNION ALL "	\
	"SELECT 'change', count(*) FROM redaction_change UNION ALL "	\
	"SELECT 'account', count(*) FROM account UNION ALL "		\
	"SELECT 'newest', coalesce(max(key_version), 0) FROM secret_ref"

static void
refused_without_a_trace(const char * error)
{
	char * before = mariadb_sql(instance_database(inst), COUNTS);
	struct http_reply * sent = walk_store(owner, "instance", "fault/a",
	    VALUE);
	char * type = http_id_text(sent, "settings-security-secret-error-type");
	char * after = mariadb_sql(instance_database(inst), COUNTS);

	if (strcmp(type, error) != 0)
		suite_note("%ld %s, expected %s", sent->status, type, error);
	CU_ASSERT_EQUAL(sent->status, 503);
	CU_ASSERT_STRING_EQUAL(type, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(before);
	CU_ASSERT_PTR_NOT_NULL_FATAL(after);
	CU_ASSERT_STRING_EQUAL(before, after);
	free(before);
	free(after);
	free(type);
	http_reply_free(&sent);
}

static void
st_sec_010_ac3_save_without_audit_table_changes_nothing(void)
{
	char * rows;

	run_sql("RENAME TABLE audit_event TO audit_event_away");
	refused_without_a_trace("secret_audit_persistence_failed");
	rows = mariadb_sql(instance_database(inst),
	    "SELECT count(*) FROM audit_event_away WHERE name = 'fault/a'");
	CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
	CU_ASSERT_EQUAL(atoi(rows), 0);
	free(rows);
	run_sql("RENAME TABLE audit_event_away TO audit_event");
	CU_ASSERT(walk_stored(owner, "instance", "fault/a", VALUE));
}

static void
st_sec_003_ac3_failed_rotation_keeps_the_former_version(void)
{
	char * state;

	run_sql("CREATE TRIGGER refuse BEFORE INSERT ON redaction_change FOR "
	    "EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'");
	refused_without_a_trace("secret_persistence_failed");
	run_sql("DROP TRIGGER refuse");
	state = mariadb_sql(instance_database(inst), "SELECT v.state, "
	    "v.key_version = r.key_version FROM secret_version v JOIN "
	    "secret_ref r ON r.id = v.secret_id WHERE r.name = 'fault/a'");
	CU_ASSERT_PTR_NOT_NULL_FATAL(state);
	CU_ASSERT_STRING_EQUAL(state, "active\t1\n");
	free(state);
}

/* Ask until ${path} answers ${status}; whether it did within some seconds. */
static bool
comes_to(const char * path, long status)
{

	for (unsigned i = 0; i < 300; i++) {
		struct http_reply * r = http_get(owner, path);
		bool there = r->status == status;

		http_reply_free(&r);
		if (there)
			return (true);
		sleep_ms(50);
	}
	suite_note("%s never answered %ld", path, status);
	return (false);
}

static void
a_database_that_dies_gives_503_and_recovers(void)
{
	struct http_reply * r;

	mariadb_kill9(instance_database(inst));
	r = http_get(owner, "/settings/security");
	CU_ASSERT_EQUAL(r->status, 503);
	CU_ASSERT(http_has(r, "database_unavailable"));
	http_reply_free(&r);
	r = http_get(owner, "/healthz");
	CU_ASSERT_EQUAL(r->status, 200);
	http_reply_free(&r);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(instance_database(inst)), 0);
	CU_ASSERT(comes_to("/settings/security", 200));
	CU_ASSERT(comes_to("/readyz", 200));
}

static void
a_database_that_hangs_is_given_up_on(void)
{
	struct http_reply * r;

	mariadb_pause(instance_database(inst));
	r = http_get(owner, "/settings/security");
	mariadb_continue(instance_database(inst));
	CU_ASSERT_EQUAL(r->status, 503);
	CU_ASSERT(http_has(r, "database_unavailable"));
	http_reply_free(&r);
	CU_ASSERT(comes_to("/settings/security", 200));
}

static void
workers_start_without_a_database_and_recover(void)
{
	struct http_reply * r;

	mariadb_kill9(instance_database(inst));
	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
	r = http_get(owner, "/");
	CU_ASSERT(r->status == 200 || r->status == 503);
	CU_ASSERT(http_has(r, "database_unavailable"));
	http_reply_free(&r);
	r = http_get(owner, "/readyz");
	CU_ASSERT_EQUAL(r->status, 503);
	http_reply_free(&r);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(instance_database(inst)), 0);
	CU_ASSERT(comes_to("/readyz", 200));
	CU_ASSERT(walk_stored(owner, "instance", "fault/b", VALUE "-b"));
}

static void
a_worker_that_is_killed_takes_no_saved_secret_along(void)
{

	CU_ASSERT(walk_stored(owner, "instance", "fault/c", VALUE "-c"));
	CU_ASSERT_EQUAL(kill(instance_worker(inst, 0), SIGKILL), 0);
	CU_ASSERT(comes_to("/settings/security", 200));
	CU_ASSERT_EQUAL_FATAL(instance_restart_workers(inst), 0);
	CU_ASSERT(comes_to("/settings/security", 200));
}

static void
a_secret_saved_through_one_worker_is_known_to_the_other(void)
{
	unsigned refused = 0;

	CU_ASSERT(walk_stored(owner, "instance", "fault/d", VALUE "-dd"));
	/* Both workers answer in turn; each must know it as a secret. */
	for (unsigned i = 0; i < 8; i++) {
		struct http_reply * r = walk_store(owner, "instance",
		    VALUE "-dd", "whatever-it-is");
		char * type = http_id_text(r,
		    "settings-security-secret-error-type");

		refused += strcmp(type,
		    "plaintext_secret_persistence_blocked") == 0;
		free(type);
		http_reply_free(&r);
	}
	CU_ASSERT_EQUAL(refused, 8);
}

static void
an_empty_database_says_what_to_run(void)
{
	const struct instance_options options = { .unmigrated = true };
	struct instance * empty = instance_start(&options);
	struct http_reply * r;
	struct http * h;

	CU_ASSERT_PTR_NOT_NULL_FATAL(empty);
	h = instance_client(empty);
	r = http_get(h, "/setup");
	CU_ASSERT(http_has(r, "schema_outdated"));
	CU_ASSERT(http_has(r, "strongroom migrate"));
	http_reply_free(&r);
	CU_ASSERT_EQUAL(instance_operator(empty, INSTANCE_ARGS("migrate"),
	    NULL, NULL, NULL), 0);
	r = http_get(h, "/readyz");
	CU_ASSERT_EQUAL(r->status, 200);
	http_reply_free(&r);
	http_free(&h);
	CU_ASSERT_EQUAL(instance_stop(&empty), 0);
}

static const struct suite_test tests[] = {
	TEST(st_sec_010_ac3_save_without_audit_table_changes_nothing),
	TEST(st_sec_003_ac3_failed_rotation_keeps_the_former_version),
	TEST(a_database_that_dies_gives_503_and_recovers),
	TEST(a_database_that_hangs_is_given_up_on),
	TEST(workers_start_without_a_database_and_recover),
	TEST(a_worker_that_is_killed_takes_no_saved_secret_along),
	TEST(a_secret_saved_through_one_worker_is_known_to_the_other),
	TEST(an_empty_database_says_what_to_run),
};

SUITE_MAIN("fault/faults", tests, start, stop)
