#include <signal.h>

#include "core/store/backup.h"
#include "tests/cli/backup.h"

/*
 * Backups that are old, broken, made beside writers or cut short. The tests
 * build on each other, in order.
 */

/* --- The table of tables ------------------------------------------------- */

static int
compare_names(const void * a, const void * b)
{

	return (strcmp(*(char * const *)a, *(char * const *)b));
}

/* "b, a" as "a,b". */
static char *
sorted(const char * list)
{
	char * copy = strdup(list), * rest = copy, * word;
	char * words[128], * out = strdup("");
	size_t n = 0;

	while ((word = strtok_r(rest, ", ", &rest)) != NULL)
		words[n++] = word;
	qsort(words, n, sizeof(words[0]), compare_names);
	for (size_t i = 0; i < n; i++) {
		char * longer = text_format("%s%s%s", out, i == 0 ? "" : ",",
		    words[i]);

		free(out);
		out = longer;
	}
	free(copy);
	return (out);
}

static void
every_table_and_column_of_the_schema_is_in_the_table(void)
{
	char * all = strdup("");
	char * names, * query, * longer;

	ASSERT_RUNS(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, NULL, "migrate");
	sql("SET GLOBAL group_concat_max_len = 100000");
	for (int i = 0; i < BACKUP__MAX; i++) {
		const char * table = backup_table_name((enum backup_table)i);

		names = sorted(backup_columns((enum backup_table)i));
		query = text_format("SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY "
		    "COLUMN_NAME) FROM information_schema.COLUMNS WHERE "
		    "TABLE_SCHEMA = 'strongroom' AND TABLE_NAME = '%s'",
		    table);
		assert_sql(query, names);
		free(query);
		free(names);
		longer = text_format("%s,%s", all, table);
		free(all);
		all = longer;
	}
#define BACKUP_LEFT_OUT(table, why)					\
	longer = text_format("%s,%s", all, table);			\
	free(all);							\
	all = longer;
#include "core/store/backup.def"
#undef BACKUP_LEFT_OUT
	names = sorted(all);
	assert_sql("SELECT GROUP_CONCAT(TABLE_NAME ORDER BY TABLE_NAME) FROM "
	    "information_schema.TABLES WHERE TABLE_SCHEMA = 'strongroom'",
	    names);
	free(names);
	free(all);
}

static void
it_is_filled(void)
{

	fill();
	path_in(first, sizeof(first), "first.backup");
	ASSERT_OP(0, NULL, "backup", first);
}

/* --- Heads kept outside -------------------------------------------------- */

static char heads[512];
static char logging[512];	/* Settings with a log file. */

static void
an_older_backup_is_not_restored_unasked(void)
{
	char newer[512], other[512];
	char * text = file_read(conf, NULL), * more;

	path_in(heads, sizeof(heads), "worker.log");
	path_in(logging, sizeof(logging), "logging.conf");
	path_in(newer, sizeof(newer), "newer.backup");
	path_in(other, sizeof(other), "other.log");
	more = text_format("%s[log]\nfile = %s\n", text, heads);
	(void)file_write(logging, 0600, more);
	free(text);
	free(more);
	ASSERT_RUNS(0, NULL, "--config", logging, "secret", "revoke",
	    "--scope", "instance", "--name", "a", "--yes");
	ASSERT_RUNS(0, NULL, "--config", logging, "backup", newer);
	purge();
	ASSERT_OP(64, NULL, "restore", "--accept-older", first);
	ASSERT_OP(73, NULL, "restore", "--heads", heads, first);
	ASSERT_HAS(op_err, "(backup_older)\n");
	ASSERT_HAS(op_err, "the newest head ");
	assert_empty();
	(void)file_write(other, 0600, "nothing of the kind\n");
	ASSERT_OP(65, NULL, "restore", "--heads", other, first);
	ASSERT_HAS(op_err, "no head in it is signed by this instance's key");
	assert_empty();
	ASSERT_OP(0, NULL, "restore", "--heads", heads, newer);
	ASSERT_HAS(op_out, "No head kept outside is newer.\n");
	/* It was revoked before that backup, and stays so. */
	ASSERT_HAS(op_out, "Values: 1 active versions open");
	purge();
	ASSERT_OP(0, NULL, "restore", "--heads", heads, "--accept-older",
	    first);
	ASSERT_HAS(op_out, "The backup is older than the heads: ");
	ASSERT_HAS(op_out, " audit rows were written after it and are gone");
	ASSERT_HAS(op_out, "Values: 2 active versions open");
}

/* --- What does not prove ------------------------------------------------- */

static void
a_broken_audit_stays_closed_unless_it_is_accepted(void)
{
	char broken[512];

	path_in(broken, sizeof(broken), "broken.backup");
	sql("UPDATE audit_event SET actor_label = 'nobody' WHERE action = "
	    "'ROTATE'; UPDATE secret_version SET wrapped_dek = "
	    "CONCAT(LEFT(wrapped_dek, 67), CHAR(255 - ASCII(RIGHT(wrapped_dek, "
	    "1)))) WHERE state = 'active' AND secret_id = (SELECT id FROM "
	    "secret_ref WHERE name = 'b/c')");
	ASSERT_OP(0, NULL, "backup", broken);
	purge();
	ASSERT_OP(65, NULL, "restore", broken);
	ASSERT_HAS(op_out, "FOUND row_changed: ");
	ASSERT_HAS(op_out, " does not open: secret_encryption_failed\n");
	ASSERT_HAS(op_err, "(restore_unproved)\n");
	ASSERT_OP(78, NULL, "secret", "list");
	ASSERT_HAS(op_err, "(restore_incomplete)\n");
	purge();
	ASSERT_OP(0, NULL, "restore", "--accept-findings", broken);
	ASSERT_HAS(op_out, "1 active versions open, 1 do not");
	ASSERT_OP(0, NULL, "secret", "list");
}

/* --- While others write -------------------------------------------------- */

static const char *
program(char * out, size_t len)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");

	(void)snprintf(out, len, "%s/strongroom", build == NULL ? "build" :
	    build);
	return (out);
}

static void
a_backup_beside_writers_is_one_moment(void)
{
	char name[512], busy[512];
	char * script;
	pid_t writer;

	purge();
	ASSERT_OP(0, NULL, "restore", first);
	path_in(busy, sizeof(busy), "busy.backup");
	script = text_format("i=0; while :; do i=$((i+1)); echo " VALUE
	    "-$i | %s --config %s secret put --scope instance --name "
	    "w/$((i%%7)); done", program(name, sizeof(name)), conf);
	writer = process_start(ARGS("sh", "-c", script), NULL);
	CU_ASSERT_FATAL(writer > 0);
	for (int n = 0; n < 3; n++) {
		(void)unlink(busy);
		for (int i = 0; i < 3000; i++) {
			char * rows = mariadb_sql(m, "SELECT COUNT(*) FROM "
			    "secret_version");
			bool more = strtol(rows, NULL, 10) > 5 * n + 6;

			free(rows);
			if (more)
				break;
			sleep_ms(10);
		}
		ASSERT_OP(0, NULL, "backup", busy);
	}
	(void)process_stop(&writer, SIGKILL, 10);
	free(script);
	purge();
	/* Every chain, leaf and value fits: no row without its others. */
	ASSERT_OP(0, NULL, "restore", busy);
	ASSERT_HAS(op_out, " 0 findings. ");
	ASSERT_HAS(op_out, " 0 do not.\n");
	ASSERT_OP(0, NULL, "audit", "verify", "--database");
}

/* --- Cut short ----------------------------------------------------------- */

static off_t
size_of(const char * path)
{
	struct stat st;

	return (stat(path, &st) == 0 ? st.st_size : -1);
}

/* A backup that was killed. */
static void
a_backup_that_is_killed_leaves_no_half(void)
{
	char name[512], large[512], unfinished[600];
	pid_t pid;

	sql("INSERT INTO redaction_change SELECT UUID(), UUID(), "
	    "UTC_TIMESTAMP(6), 1, seq FROM seq_1_to_200000");
	path_in(large, sizeof(large), "large.backup");
	(void)snprintf(unfinished, sizeof(unfinished), "%s.new", large);
	pid = process_start(ARGS(program(name, sizeof(name)), "--config",
	    conf, "backup", large), NULL);
	CU_ASSERT_FATAL(pid > 0);
	for (int i = 0; i < 60000 && size_of(unfinished) <= 0; i++)
		sleep_ms(1);
	CU_ASSERT_EQUAL(kill(pid, SIGSTOP), 0);
	CU_ASSERT(size_of(unfinished) > 0);
	CU_ASSERT_EQUAL(size_of(large), -1);
	/* While it lives nobody else writes there. */
	ASSERT_OP(75, NULL, "backup", large);
	(void)process_stop(&pid, SIGKILL, 10);
	CU_ASSERT(size_of(unfinished) > 0);
	CU_ASSERT_EQUAL(size_of(large), -1);
	ASSERT_OP(0, NULL, "backup", large);
	CU_ASSERT_EQUAL(size_of(unfinished), -1);
	CU_ASSERT(size_of(large) > 200000);
}

static void
a_restore_that_is_killed_leaves_a_closed_database(void)
{
	char name[512], large[512];
	pid_t pid;

	purge();
	path_in(large, sizeof(large), "large.backup");
	pid = process_start(ARGS(program(name, sizeof(name)), "--config",
	    conf, "restore", large), NULL);
	CU_ASSERT_FATAL(pid > 0);
	for (int i = 0; i < 3000; i++) {
		char * rows = mariadb_sql(m, "SELECT COUNT(*) FROM "
		    "redaction_change");
		bool some = strtol(rows, NULL, 10) > 0;

		free(rows);
		if (some)
			break;
		sleep_ms(5);
	}
	(void)process_stop(&pid, SIGKILL, 10);
	assert_sql("SELECT COUNT(*) FROM restoring WHERE started_at IS NOT "
	    "NULL", "1");
	ASSERT_OP(78, NULL, "secret", "list");
	ASSERT_HAS(op_err, "(restore_incomplete)\n");
	ASSERT_HAS(op_err, "run `strongroom migrate` and restore again");
	ASSERT_OP(78, NULL, "restore", large);
	ASSERT_HAS(op_err, "(restore_incomplete)\n");
	ASSERT_OP(78, NULL, "doctor");
	/* No program makes keys of its own in the half. */
	assert_sql("SELECT COUNT(*) FROM kek", "0");
	purge();
	ASSERT_OP(0, NULL, "restore", large);
	ASSERT_OP(0, NULL, "secret", "list");
}

static void
a_full_disk_leaves_no_file(void)
{
	char name[512], full[512], unfinished[600];
	char * script;

	path_in(full, sizeof(full), "full.backup");
	(void)snprintf(unfinished, sizeof(unfinished), "%s.new", full);
	script = text_format("ulimit -f 600; exec %s --config %s backup %s",
	    program(name, sizeof(name)), conf, full);
	CU_ASSERT_EQUAL(process_run(ARGS("sh", "-c", script), NULL, NULL,
	    NULL), 74);
	free(script);
	CU_ASSERT_EQUAL(size_of(full), -1);
	CU_ASSERT_EQUAL(size_of(unfinished), -1);
	assert_sql("SELECT action, outcome, error_type FROM audit_event ORDER "
	    "BY id DESC LIMIT 1", "BACKUP\tfailed\toutput_disk_full");
	ASSERT_OP(0, NULL, "backup", full);
}

static void
what_stands_in_the_way_of_the_file_is_left_alone(void)
{
	char target[512], path[512], unfinished[600];
	char * text;

	path_in(target, sizeof(target), "precious");
	path_in(path, sizeof(path), "way.backup");
	(void)snprintf(unfinished, sizeof(unfinished), "%s.new", path);
	(void)file_write(target, 0600, "precious");
	CU_ASSERT_EQUAL(symlink(target, unfinished), 0);
	ASSERT_OP(74, NULL, "backup", path);
	(void)unlink(unfinished);
	CU_ASSERT_EQUAL(link(target, unfinished), 0);
	ASSERT_OP(74, NULL, "backup", path);
	(void)unlink(unfinished);
	CU_ASSERT_EQUAL(mkfifo(unfinished, 0600), 0);
	ASSERT_OP(74, NULL, "backup", path);
	(void)unlink(unfinished);
	text = file_read(target, NULL);
	CU_ASSERT_STRING_EQUAL(text, "precious");
	free(text);
}

static const struct suite_test tests[] = {
	TEST(every_table_and_column_of_the_schema_is_in_the_table),
	TEST(it_is_filled),
	TEST(an_older_backup_is_not_restored_unasked),
	TEST(a_broken_audit_stays_closed_unless_it_is_accepted),
	TEST(a_backup_beside_writers_is_one_moment),
	TEST(a_backup_that_is_killed_leaves_no_half),
	TEST(a_restore_that_is_killed_leaves_a_closed_database),
	TEST(a_full_disk_leaves_no_file),
	TEST(what_stands_in_the_way_of_the_file_is_left_alone),
};
SUITE_MAIN("cli/backup_cut", tests, backup_start, backup_stop)
