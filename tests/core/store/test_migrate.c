#include <sys/wait.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "tests/core/store/fixture.h"

static struct db_options options;

static int
start(void)
{

	log_open(NULL, 2);
	if (db_library_init() != SR_OK || mariadb_start_with(lax, &m) != 0)
		return (-1);
	mariadb_admin_options(m, &options);
	return (0);
}

static void
empty_the_database(void)
{

	admin("DROP DATABASE strongroom; CREATE DATABASE strongroom "
	    "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;");
}

static enum sr_error
migrate(const char * worker, struct migrate_report * report)
{

	return (migrate_run(&options, worker, report));
}

/* The schema as text: dates of the dump and of the runs left out. */
static char *
schema(void)
{

	return (mariadb_sql(m, "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, "
	    "IS_NULLABLE, COLUMN_KEY FROM information_schema.COLUMNS WHERE "
	    "TABLE_SCHEMA = 'strongroom' ORDER BY 1, ORDINAL_POSITION; "
	    "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM "
	    "information_schema.CHECK_CONSTRAINTS WHERE "
	    "CONSTRAINT_SCHEMA = 'strongroom' ORDER BY 1, 2; "
	    "SELECT version, name FROM strongroom.schema_migration; "
	    "SELECT * FROM strongroom.setup"));
}

static enum sr_error
status_as_worker(void)
{
	struct db * worker = worker_with(NULL, MARIADB_TEST_TIMEOUT);
	enum sr_error err = migrate_status(worker);

	db_free(&worker);
	return (err);
}

static void
an_empty_database_is_outdated(void)
{
	struct db * as_admin;

	empty_the_database();
	ASSERT_ERR(status_as_worker(), SR_E_SCHEMA_OUTDATED);
	must(db_new(&options, &as_admin) == SR_OK);
	ASSERT_ERR(migrate_status(as_admin), SR_E_SCHEMA_OUTDATED);
	ASSERT_ERR(db_check_schema(as_admin, NULL), SR_E_SCHEMA_MISMATCH);
	db_free(&as_admin);
}

static void
a_database_without_server_is_unavailable(void)
{
	struct migrate_report report;

	mariadb_kill9(m);
	ASSERT_ERR(status_as_worker(), SR_E_DATABASE_UNAVAILABLE);
	ASSERT_ERR(migrate("strongroom_worker", &report),
	    SR_E_DATABASE_UNAVAILABLE);
	CU_ASSERT_EQUAL_FATAL(mariadb_restart(m), 0);
}

static void
a_run_brings_an_empty_database_up_and_the_next_does_nothing(void)
{
	struct migrate_report report;

	empty_the_database();
	ASSERT_ERR(migrate("strongroom_worker", &report), SR_OK);
	CU_ASSERT_EQUAL(report.from, 0);
	CU_ASSERT_EQUAL(report.to, migrate_latest());
	CU_ASSERT_EQUAL(report.applied, migrate_latest());
	ASSERT_ERR(status_as_worker(), SR_OK);
	ASSERT_ERR(migrate("strongroom_worker", &report), SR_OK);
	CU_ASSERT_EQUAL(report.from, migrate_latest());
	CU_ASSERT_EQUAL(report.applied, 0);
	/* The lock is free again. */
	CU_ASSERT(admin_says("SELECT holder = '', expires_at < NOW() FROM "
	    "schema_lock", "1\t1"));
}

static void
a_newer_schema_is_refused_and_left_alone(void)
{
	struct migrate_report report;
	char * before, * after;

	admin("INSERT INTO schema_migration VALUES (999, 'future', NOW(6))");
	before = schema();
	ASSERT_ERR(status_as_worker(), SR_E_SCHEMA_NEWER);
	ASSERT_ERR(migrate("strongroom_worker", &report), SR_E_SCHEMA_NEWER);
	CU_ASSERT_EQUAL(report.applied, 0);
	after = schema();
	CU_ASSERT_STRING_EQUAL(before, after);
	free(before);
	free(after);
	admin("DELETE FROM schema_migration WHERE version = 999");
	ASSERT_ERR(status_as_worker(), SR_OK);
}

static void
two_runs_do_not_meet(void)
{
	struct migrate_report report;

	/* Held by a run elsewhere: its end cannot be seen from here. */
	admin("UPDATE schema_lock SET holder = 'x', place = 'elsewhere', "
	    "connection = 1, expires_at = UTC_TIMESTAMP(6) + INTERVAL 60 "
	    "SECOND");
	ASSERT_ERR(migrate("strongroom_worker", &report),
	    SR_E_MIGRATION_BUSY);
	CU_ASSERT(admin_says("SELECT holder FROM schema_lock", "x"));
	/* A lease that has run out is nobody's. */
	admin("UPDATE schema_lock SET expires_at = UTC_TIMESTAMP(6) - "
	    "INTERVAL 1 SECOND");
	ASSERT_ERR(migrate("strongroom_worker", &report), SR_OK);
}

struct runner {
	pthread_t thread;
	pthread_barrier_t * together;
	struct migrate_report report;
	enum sr_error err;
};

static void *
run_together(void * cookie)
{
	struct runner * r = cookie;

	(void)pthread_barrier_wait(r->together);
	r->err = migrate("strongroom_worker", &r->report);
	db_thread_end();
	return (NULL);
}

static void
two_real_runs_at_once_make_one_schema(void)
{
	struct migrate_report report;
	struct runner r[2];
	pthread_barrier_t together;
	unsigned round, i, applied, busy = 0;
	char * clean, * raced;

	empty_the_database();
	ASSERT_ERR(migrate("strongroom_worker", &report), SR_OK);
	clean = schema();
	CU_ASSERT_FATAL(pthread_barrier_init(&together, NULL, 2) == 0);
	for (round = 0; round < 10; round++) {
		empty_the_database();
		for (i = 0, applied = 0; i < 2; i++) {
			r[i] = (struct runner){ .together = &together };
			CU_ASSERT_FATAL(pthread_create(&r[i].thread, NULL,
			    run_together, &r[i]) == 0);
		}
		for (i = 0; i < 2; i++) {
			(void)pthread_join(r[i].thread, NULL);
			busy += r[i].err == SR_E_MIGRATION_BUSY;
			if (r[i].err != SR_E_MIGRATION_BUSY)
				ASSERT_ERR(r[i].err, SR_OK);
			applied += r[i].report.applied;
		}
		/* What one has applied the other finds. */
		CU_ASSERT_EQUAL(applied, migrate_latest());
		ASSERT_ERR(status_as_worker(), SR_OK);
		raced = schema();
		CU_ASSERT_STRING_EQUAL(clean, raced);
		free(raced);
	}
	suite_note("%u of %u runs found it busy", busy, 2 * round);
	(void)pthread_barrier_destroy(&together);
	free(clean);
}

/* In the child: run for ever, one empty database after the other's half. */
static _Noreturn void
migrate_and_exit(void)
{
	struct migrate_report report;

	log_open(NULL, 2);
	_exit(migrate("strongroom_worker", &report) == SR_OK ? 0 : 1);
}

/* Kill a run after ${us}; true if it was still going. */
static bool
kill_a_run_after(int us)
{
	struct timespec t = { 0, (long)us * 1000 };
	int status = 0;
	pid_t pid;

	(void)fflush(NULL);
	if ((pid = fork()) == 0)
		migrate_and_exit();
	(void)nanosleep(&t, NULL);
	(void)kill(pid, SIGKILL);
	must(waitpid(pid, &status, 0) == pid);
	return (WIFSIGNALED(status));
}

static int
tables(void)
{
	char * out = mariadb_sql(m, "SELECT COUNT(*) FROM information_schema."
	    "TABLES WHERE TABLE_SCHEMA = 'strongroom'");
	int n = out == NULL ? -1 : (int)strtol(out, NULL, 10);

	free(out);
	return (n);
}

static void
a_run_that_was_killed_goes_on_where_it_was(void)
{
	struct migrate_report report;
	unsigned n, killed = 0, halfway = 0;
	int whole_us, all, left;
	char * clean, * resumed;
	int64_t begin;

	empty_the_database();
	begin = clock_monotonic_ms();
	ASSERT_ERR(migrate("strongroom_worker", &report), SR_OK);
	whole_us = (int)(clock_monotonic_ms() - begin + 1) * 1000;
	clean = schema();
	all = tables();
	/* At all sorts of moments, until some of them were in the middle. */
	for (n = 0; n < 40 && halfway < 4; n++) {
		empty_the_database();
		killed += kill_a_run_after(whole_us / 16 * (int)(n % 16)) ?
		    1 : 0;
		left = tables();
		halfway += left > 0 && left < all ? 1 : 0;
		ASSERT_ERR(migrate("strongroom_worker", &report), SR_OK);
		ASSERT_ERR(status_as_worker(), SR_OK);
		resumed = schema();
		CU_ASSERT_STRING_EQUAL(clean, resumed);
		free(resumed);
	}
	suite_note("%u of %u runs killed, %u of them halfway", killed, n,
	    halfway);
	CU_ASSERT(halfway >= 1);
	free(clean);
}

static void
a_step_that_fails_is_told_and_can_be_mended(void)
{
	struct migrate_report report;

	empty_the_database();
	/* A table of another shape in the way of a foreign key. */
	admin("CREATE TABLE secret_ref (id INT) ENGINE=InnoDB");
	ASSERT_ERR(migrate("strongroom_worker", &report),
	    SR_E_MIGRATION_FAILED);
	CU_ASSERT_EQUAL(report.to, 0);
	ASSERT_ERR(status_as_worker(), SR_E_SCHEMA_OUTDATED);
	admin("DROP TABLE secret_ref");
	ASSERT_ERR(migrate("strongroom_worker", &report), SR_OK);
	CU_ASSERT_EQUAL(report.applied, migrate_latest());
}

static void
grants_need_a_plain_name_that_exists(void)
{
	static const char * const names[] = { "a'b", "x y", "x@localhost", "%",
	    "w;DROP TABLE kek", "\xc3\xa4", "back`tick", "a\"b", "a\\b" };
	struct migrate_report report;
	char longest[90];
	size_t i;

	for (i = 0; i < COUNTOF(names); i++)
		ASSERT_ERR(migrate(names[i], &report), SR_E_CONFIG_INVALID);
	memset(longest, 'a', sizeof(longest));
	longest[81] = '\0';
	ASSERT_ERR(migrate(longest, &report), SR_E_CONFIG_INVALID);
	ASSERT_ERR(migrate("nobody_of_that_name", &report),
	    SR_E_MIGRATION_FAILED);
	ASSERT_ERR(migrate("", &report), SR_OK);
	ASSERT_ERR(migrate(NULL, &report), SR_OK);
}

static void
a_worker_cannot_migrate(void)
{
	struct migrate_report report;
	struct db_options as_worker;

	mariadb_worker_options(m, &as_worker);
	ASSERT_ERR(migrate_run(&as_worker, "strongroom_worker", &report),
	    SR_E_MIGRATION_FAILED);
}

static const struct suite_test tests[] = {
	TEST(an_empty_database_is_outdated),
	TEST(a_database_without_server_is_unavailable),
	TEST(a_run_brings_an_empty_database_up_and_the_next_does_nothing),
	TEST(a_newer_schema_is_refused_and_left_alone),
	TEST(two_runs_do_not_meet),
	TEST(two_real_runs_at_once_make_one_schema),
	TEST(a_run_that_was_killed_goes_on_where_it_was),
	TEST(a_step_that_fails_is_told_and_can_be_mended),
	TEST(grants_need_a_plain_name_that_exists),
	TEST(a_worker_cannot_migrate),
};
SUITE_MAIN("core/store/migrate", tests, start, fixture_stop)
