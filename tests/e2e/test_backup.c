/*
 * Goal: an instance that is lost comes back from its backup and its root key:
 * the list of secrets and the audit are the same, people sign in again, a
 * program's key waits for a word, and nothing works with a half or with a
 * schema that is newer than the program.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/files.h"
#include "tests/harness/instance.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"
#include "tests/harness/walk.h"

#define VALUE	"a-value-that-comes-back-5c1e"

static struct instance * inst;
static struct http * owner;
static struct http * program;
static char file[512];
static char heads[512];
static char * listed;
static char * rows;

static const char audit_rows[] = "SELECT id, chain_seq, action, HEX(mac) FROM "
    "audit_event WHERE action <> 'RESTORE' ORDER BY id";

static int
operator(char ** out, const char * const * args)
{
	char * err = NULL, * own = NULL;
	int rc = instance_operator(inst, args, NULL, out == NULL ? &own : out,
	    &err);

	if (rc != 0)
		suite_note("exit %d: %s", rc, err);
	free(own);
	free(err);
	return (rc);
}

static void
sql(const char * text)
{
	char * out = mariadb_sql(instance_database(inst), text);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	free(out);
}

/* The program's key, into its headers. */
static bool
give_key(void)
{
	char bearer[128];
	char * out = NULL;
	const char * key;
	bool good = false;

	if (operator(&out, INSTANCE_ARGS("apikey", "create", "--name", "ci",
	    "--scope", "secrets:read", "--json")) == 0 &&
	    (key = strstr(out, "\"key\":\"")) != NULL) {
		key += strlen("\"key\":\"");
		(void)snprintf(bearer, sizeof(bearer), "Authorization: Bearer "
		    "%.*s", (int)strcspn(key, "\""), key);
		http_header(program, bearer);
		good = true;
	}
	free(out);
	return (good);
}

static void
assert_get(struct http * h, const char * path, long status, const char * text)
{
	struct http_reply * r = http_get(h, path);

	if (r->status != status || !http_has(r, text))
		suite_note("%s: %ld %s: %.600s", path, r->status, r->error,
		    r->body);
	CU_ASSERT_EQUAL(r->status, status);
	CU_ASSERT(http_has(r, text));
	http_reply_free(&r);
}

static int
start(void)
{

	if ((inst = instance_start(NULL)) == NULL ||
	    (owner = walk_in(inst)) == NULL)
		return (-1);
	program = instance_client(inst);
	(void)snprintf(file, sizeof(file), "%s/strongroom.backup",
	    instance_folder(inst));
	(void)snprintf(heads, sizeof(heads), "%s/heads.log",
	    instance_folder(inst));
	return (give_key() ? 0 : -1);
}

static int
stop(void)
{

	free(listed);
	free(rows);
	http_free(&owner);
	http_free(&program);
	return (instance_stop(&inst) == 0 ? 0 : -1);
}

/* The workers' log, with a head in it. */
static char *
log_with_head(void)
{
	char * log = instance_log(inst);

	for (unsigned i = 0; i < 200 && strstr(log, "audit_checkpoint") ==
	    NULL; i++) {
		free(log);
		sleep_ms(50);
		log = instance_log(inst);
	}
	return (log);
}

static void
it_is_backed_up_while_it_works(void)
{
	char * log;

	CU_ASSERT(walk_stored(owner, "instance", "db/password", VALUE));
	CU_ASSERT(walk_stored(owner, "integration", "mail/token", VALUE "-2"));
	CU_ASSERT(walk_stored(owner, "instance", "db/password", VALUE "-3"));
	assert_get(program, "/api/v1/secrets", 200, "db/password");
	CU_ASSERT_EQUAL(operator(&listed, INSTANCE_ARGS("secret", "list")), 0);
	/* Heads, kept elsewhere. */
	log = log_with_head();
	CU_ASSERT_EQUAL_FATAL(operator(NULL, INSTANCE_ARGS("backup", file)),
	    0);
	CU_ASSERT_EQUAL(instance_stop_workers(inst), 0);
	rows = mariadb_sql(instance_database(inst), audit_rows);
	CU_ASSERT_EQUAL(file_write(heads, 0600, log), 0);
	free(log);
}

static void
it_is_lost_and_restored(void)
{
	char * out = NULL, * after;

	sql("DROP DATABASE strongroom; CREATE DATABASE strongroom "
	    "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
	CU_ASSERT_EQUAL_FATAL(operator(NULL, INSTANCE_ARGS("migrate")), 0);
	CU_ASSERT_EQUAL_FATAL(operator(&out, INSTANCE_ARGS("restore",
	    "--heads", heads, file)), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "No head kept outside is newer."));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, " 0 findings. Values: 2 active "
	    "versions open, 0 do not.\n"));
	free(out);
	out = NULL;
	CU_ASSERT_EQUAL(operator(&out, INSTANCE_ARGS("secret", "list")), 0);
	CU_ASSERT_STRING_EQUAL(out, listed);
	free(out);
	after = mariadb_sql(instance_database(inst), audit_rows);
	CU_ASSERT_STRING_EQUAL(rows, after);
	free(after);
	CU_ASSERT_EQUAL(operator(NULL, INSTANCE_ARGS("audit", "verify",
	    "--database")), 0);
	CU_ASSERT_EQUAL_FATAL(instance_start_workers(inst), 0);
	assert_get(owner, "/readyz", 200, "");
}

static void
sessions_are_gone_and_signing_in_works(void)
{
	struct http_reply * r = http_get(owner, "/settings/security");

	CU_ASSERT_NOT_EQUAL(r->status, 200);
	http_reply_free(&r);
	http_forget_cookies(owner);
	CU_ASSERT_EQUAL_FATAL(walk_sign_in(owner), 0);
	assert_get(owner, "/settings/security", 200, "db/password");
	CU_ASSERT(walk_stored(owner, "instance", "db/password", VALUE "-4"));
}

static void
a_key_is_refused_until_it_is_confirmed(void)
{

	assert_get(program, "/api/v1/secrets", 401, "api_key_held");
	assert_get(owner, "/settings/security", 200, ">held<");
	CU_ASSERT_EQUAL(operator(NULL, INSTANCE_ARGS("apikey", "confirm",
	    "--all")), 0);
	assert_get(program, "/api/v1/secrets", 200, "db/password");
}

static void
nothing_works_with_a_half(void)
{

	CU_ASSERT_EQUAL(instance_stop_workers(inst), 0);
	sql("UPDATE restoring SET started_at = UTC_TIMESTAMP(6)");
	CU_ASSERT_EQUAL_FATAL(instance_start_workers(inst), 0);
	assert_get(owner, "/readyz", 503, "restore_incomplete");
	assert_get(program, "/api/v1/secrets", 503, "restore_incomplete");
	CU_ASSERT_EQUAL(operator(NULL, INSTANCE_ARGS("secret", "list")), 78);
	sql("UPDATE restoring SET started_at = NULL");
	assert_get(owner, "/readyz", 200, "");
}

static void
a_newer_schema_is_kept_away_from(void)
{

	CU_ASSERT_EQUAL(instance_stop_workers(inst), 0);
	sql("INSERT INTO schema_migration VALUES (999, 'future', NOW(6))");
	CU_ASSERT_EQUAL_FATAL(instance_start_workers(inst), 0);
	assert_get(owner, "/readyz", 503, "schema_newer");
	assert_get(program, "/api/v1/secrets", 503, "schema_newer");
	CU_ASSERT_EQUAL(operator(NULL, INSTANCE_ARGS("secret", "list")), 78);
	sql("DELETE FROM schema_migration WHERE version = 999");
	assert_get(owner, "/readyz", 200, "");
	assert_get(program, "/api/v1/secrets", 200, "db/password");
}

static const struct suite_test tests[] = {
	TEST(it_is_backed_up_while_it_works),
	TEST(it_is_lost_and_restored),
	TEST(sessions_are_gone_and_signing_in_works),
	TEST(a_key_is_refused_until_it_is_confirmed),
	TEST(nothing_works_with_a_half),
	TEST(a_newer_schema_is_kept_away_from),
};
SUITE_MAIN("e2e/backup", tests, start, stop)
