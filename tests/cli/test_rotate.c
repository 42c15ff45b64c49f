#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/cli/operator_database.h"

/*
 * Changing the root key with the real command, against a private MariaDB. The
 * tests build on each other, in order.
 */

#define VALUE	"the-first-value-of-a-test-81"
#define MANY	1200

static void
it_is_set_up(void)
{

	ASSERT_RUNS(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, NULL, "migrate");
	ASSERT_OP(0, VALUE, "secret", "put", "--scope", "instance", "--name",
	    "a");
	ASSERT_OP(0, VALUE "-2", "secret", "put", "--scope", "instance",
	    "--name", "a");
}

static void
without_a_newer_version_there_is_nothing_to_do(void)
{

	ASSERT_OP(0, NULL, "rootkey", "rotate");
	ASSERT_HAS(op_out, "Root key version 1 wraps already. Keys under older "
	    "versions: 0\n");
	ASSERT_HAS(op_out, "`strongroom rootkey new --add FILE`");
	assert_sql("SELECT COUNT(*) FROM audit_event WHERE target_kind = "
	    "'root_key'", "0");
}

static void
a_version_is_added_to_the_file(void)
{
	char * before = file_read(key, NULL), * after;
	struct stat st;

	CU_ASSERT_PTR_NOT_NULL_FATAL(before);
	ASSERT_OP(64, NULL, "rootkey", "new", "--add", "--number", "2", key);
	ASSERT_HAS(op_err, "--add takes the next number itself");
	ASSERT_OP(78, NULL, "rootkey", "new", "--add", "/nonexistent/key");
	ASSERT_HAS(op_err, "(root_key_unreadable)\n");
	CU_ASSERT_EQUAL(chmod(key, 0644), 0);
	ASSERT_OP(78, NULL, "rootkey", "new", "--add", key);
	ASSERT_HAS(op_err, "(root_key_permissions)\n");
	CU_ASSERT_EQUAL(chmod(key, 0600), 0);
	ASSERT_OP(0, NULL, "rootkey", "new", "--add", key);
	ASSERT_HAS(op_out, "Root key version 2 is in ");
	ASSERT_HAS(op_out, "`strongroom rootkey rotate`");
	after = file_read(key, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(after);
	CU_ASSERT_EQUAL(strncmp(before, after, strlen(before)), 0);
	CU_ASSERT(strlen(after) > strlen(before) + 44);
	CU_ASSERT_EQUAL(stat(key, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	free(before);
	free(after);
	ASSERT_OP(0, NULL, "rootkey", "list");
	ASSERT_HAS(op_out, "1\tyes\twrapping\tmatches\t2\t6\tyes\n"
	    "2\tyes\tunused\tunknown\t0\t0\tno\n");
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    root_key_versions: needed 1, loaded and not "
	    "needed any more 0\n");
}

static void
the_new_version_is_put_into_use(void)
{

	ASSERT_OP(0, NULL, "rootkey", "rotate");
	ASSERT_HAS(op_out, "Root key version 2 wraps from now on. Keys under "
	    "older versions: 8\n");
	ASSERT_HAS(op_out, "8 of 8 rewrapped\n"
	    "version 2: secret versions 2, system keys 6\n");
	ASSERT_HAS_NOT(op_out, "version 1:");
	ASSERT_HAS(op_out, "Older versions are not needed by this database");
	ASSERT_OP(0, NULL, "rootkey", "list", "--json");
	CU_ASSERT_STRING_EQUAL(op_out, "[{\"version\":1,\"loaded\":true,"
	    "\"state\":\"unwrapping\",\"check\":\"matches\","
	    "\"secret_versions\":0,\"system_keys\":0,\"needed\":false},"
	    "{\"version\":2,\"loaded\":true,\"state\":\"wrapping\","
	    "\"check\":\"matches\",\"secret_versions\":2,\"system_keys\":6,"
	    "\"needed\":true}]\n");
	assert_sql("SELECT GROUP_CONCAT(action, ' ', actor_kind, ' ', "
	    "key_version ORDER BY chain_seq) FROM audit_event WHERE "
	    "target_kind = 'root_key'", "ROOT_KEY_ACTIVATE operator 2,"
	    "ROOT_KEY_REWRAPPED operator 2");
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    root_key_versions: needed 1, loaded and not "
	    "needed any more 1\n");
	ASSERT_OP(0, NULL, "doctor", "--json");
	ASSERT_HAS(op_out, "{\"check\":\"root_key_versions\",\"result\":\"ok\","
	    "\"needed\":1,\"not_needed\":1}");
	/* The root key's own chain is among those that were verified. */
	ASSERT_HAS(op_out, "\"targets\":2,");
}

/* The file without the lines of versions below ${version}. */
static void
keep_from(unsigned version)
{
	char * text = file_read(key, NULL);
	char * rest = text, * line;
	FILE * f = fopen(key, "w");

	CU_ASSERT_FATAL(text != NULL && f != NULL);
	while ((line = strtok_r(rest, "\n", &rest)) != NULL)
		if (strtoul(line, NULL, 10) >= version)
			(void)fprintf(f, "%s\n", line);
	(void)fclose(f);
	free(text);
}

static void
without_the_former_version_everything_still_opens(void)
{

	keep_from(2);
	ASSERT_OP(0, NULL, "doctor");
	ASSERT_HAS(op_out, "ok    opening\n");
	ASSERT_OP(0, VALUE "-3", "secret", "put", "--scope", "instance",
	    "--name", "a");
	ASSERT_OP(0, NULL, "rootkey", "list");
	ASSERT_HAS(op_out, "1\tno\tunwrapping\tunknown\t0\t0\tno\n"
	    "2\tyes\twrapping\tmatches\t3\t6\tyes\n");
}

static void
json_is_an_object_a_line(void)
{
	char * rest, * line;
	json_t * o;
	unsigned lines = 0;

	ASSERT_OP(0, NULL, "rootkey", "new", "--add", "--json", key);
	CU_ASSERT_STRING_EQUAL(op_out, "{\"version\":3}\n");
	ASSERT_OP(0, NULL, "rootkey", "rotate", "--json");
	ASSERT_HAS(op_out, "{\"version\":3,\"former\":2,\"activated\":true,"
	    "\"total\":9}\n");
	ASSERT_HAS(op_out, "{\"rewrapped\":9,\"total\":9,\"failed\":0}\n"
	    "{\"version\":3,\"secret_versions\":3,\"system_keys\":6}\n");
	for (rest = op_out; (line = strtok_r(rest, "\n", &rest)) != NULL;) {
		o = json_loads(line, 0, NULL);
		CU_ASSERT(json_is_object(o));
		json_decref(o);
		lines++;
	}
	CU_ASSERT(lines >= 3);
}

static void
a_key_that_does_not_open_is_named_and_the_rest_is_done(void)
{
	char * id = mariadb_sql(m, "UPDATE secret_version SET wrapped_dek = "
	    "INSERT(wrapped_dek, 68, 1, CHAR(ASCII(RIGHT(wrapped_dek, 1)) ^ "
	    "1)) WHERE key_version = 2; SELECT id FROM secret_ref");
	char * named;

	CU_ASSERT_PTR_NOT_NULL_FATAL(id);
	id[strcspn(id, "\n")] = '\0';
	ASSERT_OP(0, NULL, "rootkey", "new", "--add", key);
	ASSERT_OP(70, NULL, "rootkey", "rotate");
	named = text_format("NOT OPENED: secret %s version 2 "
	    "(secret_encryption_failed)\n", id);
	ASSERT_HAS(op_out, named);
	ASSERT_HAS(op_out, "8 of 9 rewrapped\n"
	    "version 3: secret versions 1, system keys 0\n"
	    "version 4: secret versions 2, system keys 6\n");
	ASSERT_HAS_NOT(op_out, "not needed");
	ASSERT_HAS(op_err, "(root_key_rewrap_incomplete)\n");
	free(named);
	named = text_format("{\"not_opened\":\"%s\",\"key_version\":2,"
	    "\"error_type\":\"secret_encryption_failed\"}\n", id);
	ASSERT_OP(70, NULL, "rootkey", "rotate", "--json");
	ASSERT_HAS(op_out, named);
	free(named);
	free(id);
}

static void
a_version_that_is_needed_and_not_loaded_is_named(void)
{
	char * kept = file_read(key, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
	keep_from(4);
	ASSERT_OP(78, NULL, "rootkey", "list");
	ASSERT_HAS(op_out, "3\tno\tunwrapping\tunknown\t1\t0\tyes\n");
	ASSERT_HAS(op_err, "(root_key_version_missing)\n");
	ASSERT_OP(78, NULL, "doctor");
	ASSERT_HAS(op_out, "FAIL  root_key_versions: A root key version that "
	    "is needed is not loaded (3) (root_key_version_missing)\n");
	/* Nothing is changed while something would be lost. */
	ASSERT_OP(0, NULL, "rootkey", "new", "--add", key);
	ASSERT_OP(78, NULL, "rootkey", "rotate");
	ASSERT_HAS(op_err, "(root_key_version_missing)\n");
	assert_sql("SELECT MAX(kek_version) FROM kek", "4");
	CU_ASSERT_EQUAL(file_write(key, 0600, kept), 0);
	free(kept);
	assert_sql("UPDATE secret_version SET wrapped_dek = NULL, state = "
	    "'revoked' WHERE key_version = 2; SELECT 1", "1");
	ASSERT_OP(0, NULL, "rootkey", "rotate");
}

/* Rows enough for several transactions: copies do not open, so made anew. */
static void
fill(void)
{
	char * sql = text_format("INSERT INTO secret_ref SELECT UUID(), "
	    "'instance', '00000000-0000-0000-0000-000000000000', "
	    "CONCAT('none/', seq), 1, 'env', 'active', NOW(6), NULL, NOW(6), "
	    "NOW(6) FROM seq_1_to_%u; INSERT INTO secret_version (secret_id, "
	    "key_version, ciphertext, wrapped_dek, kek_version, state, "
	    "created_at) SELECT id, 1, "
	    "CONCAT(0x53527631, RANDOM_BYTES(60)), CONCAT(0x53527731, "
	    "RANDOM_BYTES(64)), 4, 'active', NOW(6) FROM secret_ref "
	    "WHERE name LIKE 'none/%%'", MANY);

	free(mariadb_sql(m, sql));
	free(sql);
}

static void
killed_at_any_moment_it_goes_on(void)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	char program[512];
	unsigned round, killed = 0;
	int status;
	pid_t pid;

	(void)snprintf(program, sizeof(program), "%s/strongroom",
	    build == NULL ? "build" : build);
	for (round = 0; round < 12; round++) {
		ASSERT_OP(0, NULL, "rootkey", "new", "--add", key);
		pid = process_start(ARGS(program, "--config", conf, "rootkey",
		    "rotate"), NULL);
		CU_ASSERT_FATAL(pid > 0);
		status = process_wait(pid, 20 * round);
		if (status < 0) {
			(void)process_stop(&pid, SIGKILL, 10);
			killed++;
		} else
			CU_ASSERT_EQUAL(status, 0);
		ASSERT_OP(0, NULL, "rootkey", "rotate");
		ASSERT_OP(0, NULL, "doctor");
		keep_from(5 + round);
	}
	(void)printf("killed %u of %u\n", killed, round);
	ASSERT_OP(0, NULL, "rootkey", "list");
	assert_sql("SELECT CONCAT(COUNT(DISTINCT kek_version), ' ', "
	    "MAX(kek_version) = (SELECT kek_version FROM kek WHERE state = "
	    "'wrapping')) FROM secret_version WHERE wrapped_dek IS NOT NULL",
	    "1 1");
}

static void
thousands_that_do_not_open_are_all_named(void)
{
	char * at;
	unsigned n = 0;

	fill();
	ASSERT_OP(0, NULL, "rootkey", "new", "--add", key);
	/* Version 4 is not in the file any more: refused before. */
	ASSERT_OP(78, NULL, "rootkey", "rotate");
	assert_sql("UPDATE secret_version SET kek_version = (SELECT "
	    "kek_version FROM kek WHERE state = 'wrapping') WHERE "
	    "kek_version = 4 AND wrapped_dek IS NOT NULL; SELECT 1", "1");
	ASSERT_OP(70, NULL, "rootkey", "rotate");
	for (at = op_out; (at = strstr(at, "NOT OPENED")) != NULL; at++)
		n++;
	CU_ASSERT_EQUAL(n, MANY);
	assert_sql("DELETE FROM secret_version WHERE secret_id IN (SELECT id "
	    "FROM secret_ref WHERE name LIKE 'none/%'); SELECT 1", "1");
	ASSERT_OP(0, NULL, "rootkey", "rotate");
}

static void
what_cannot_be_printed_ends_it_and_it_goes_on_later(void)
{
	const char * build = getenv("STRONGROOM_TEST_BUILD");
	char * command;
	int rc;

	ASSERT_OP(0, NULL, "rootkey", "new", "--add", key);
	command = text_format("exec %s/strongroom --config %s rootkey rotate "
	    ">/dev/full 2>/dev/null", build == NULL ? "build" : build, conf);
	rc = process_run(ARGS("/bin/sh", "-c", command), NULL, NULL, NULL);
	if (rc != 74)
		suite_note("exit %d", rc);
	CU_ASSERT_EQUAL(rc, 74);
	free(command);
	ASSERT_OP(0, NULL, "rootkey", "rotate");
	ASSERT_OP(0, NULL, "doctor");
}

static void
no_key_was_printed_or_stored(void)
{
	char * dump = mariadb_dump(m);
	char * text = file_read(key, NULL), * rest = text, * line, * k;

	CU_ASSERT_FATAL(dump != NULL && text != NULL);
	while ((line = strtok_r(rest, "\n", &rest)) != NULL)
		if ((k = strchr(line, ':')) != NULL && line[0] != '#')
			ASSERT_HAS_NOT(dump, k + 1);
	ASSERT_HAS_NOT(dump, VALUE);
	free(text);
	free(dump);
}

static const struct suite_test tests[] = {
	TEST(it_is_set_up),
	TEST(without_a_newer_version_there_is_nothing_to_do),
	TEST(a_version_is_added_to_the_file),
	TEST(the_new_version_is_put_into_use),
	TEST(without_the_former_version_everything_still_opens),
	TEST(json_is_an_object_a_line),
	TEST(a_key_that_does_not_open_is_named_and_the_rest_is_done),
	TEST(a_version_that_is_needed_and_not_loaded_is_named),
	TEST(killed_at_any_moment_it_goes_on),
	TEST(thousands_that_do_not_open_are_all_named),
	TEST(what_cannot_be_printed_ends_it_and_it_goes_on_later),
	TEST(no_key_was_printed_or_stored),
};

SUITE_MAIN("cli/rotate", tests, op_database_start, op_database_stop)
