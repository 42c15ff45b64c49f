#include <sys/stat.h>

#include <ctype.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/secbuf.h"
#include "core/keys/sign.h"
#include "core/store/backup.h"
#include "tests/cli/operator_database.h"

/*
 * Backup and restore with the real command, against a private MariaDB. The
 * tests build on each other, in order: there is one database, which is thrown
 * away and restored again and again.
 */

#define VALUE	"the-first-value-of-a-test-81"

static char dir[256];
static char first[512];		/* The first backup. */
static char * listed;		/* `secret list` at that time. */
static char * chains;		/* And the audit, row by row. */

static const char audit_rows[] = "SELECT id, chain_id, chain_seq, action, "
    "outcome, HEX(mac) FROM audit_event WHERE action <> 'RESTORE' ORDER BY id";

static void
path_in(char * out, size_t len, const char * name)
{

	(void)snprintf(out, len, "%s/%s", dir, name);
}

/* ${out} is the last output. */
static char *
said(void)
{
	char * copy = strdup(op_out);

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	return (copy);
}

static void
sql(const char * text)
{
	char * printed = mariadb_sql(m, text);

	CU_ASSERT_PTR_NOT_NULL_FATAL(printed);
	free(printed);
}

/* A new database, as after CREATE DATABASE and `strongroom migrate`. */
static void
purge(void)
{

	sql("DROP DATABASE strongroom; CREATE DATABASE strongroom "
	    "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
	ASSERT_OP(0, NULL, "migrate");
}

static void
assert_empty(void)
{

	assert_sql("SELECT (SELECT COUNT(*) FROM kek) + (SELECT COUNT(*) FROM "
	    "audit_event) + (SELECT COUNT(*) FROM secret_ref) + (SELECT "
	    "COUNT(*) FROM restoring WHERE started_at IS NOT NULL)", "0");
}

/* --- The table of tables ---------------------------------------------------- */

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

/* --- Filling ---------------------------------------------------------------- */

/* Rows of what no command makes, so that no table is empty. */
static const char other_rows[] =
    "SET @p = UUID(), @r = UUID(), @a = UUID(), @t = '2026-01-02 03:04:05.678901';"
    "SELECT id INTO @s FROM secret_ref WHERE name = 'a';"
    "SELECT id INTO @o FROM account LIMIT 1;"
    "SELECT id INTO @k FROM api_key LIMIT 1;"
    "INSERT INTO project VALUES (@p, 'p', 'P', 'Ein Täxt: 😀', 1, @t, @t);"
    "INSERT INTO project_secret_binding VALUES (@p, 'A', @s, @t);"
    "INSERT INTO api_key_project VALUES (@k, @p);"
    "INSERT INTO provider_credential (provider, secret_id, status, changed_at)"
    " VALUES ('anthropic', @s, 'active', @t);"
    "INSERT INTO rotation (id, provider, secret_id, from_version, to_version,"
    " state, attempts, rolled_back, continuity_alarm, actor_kind, actor_label,"
    " started_at, next_at, deadline) VALUES (UUID(), 'x', @s, 1, 2, 'done', 0,"
    " 0, 0, 'operator', 'o', @t, @t, @t);"
    "INSERT INTO run (id, project_id, workflow_name, workflow_version,"
    " run_trigger, status, created_at, heartbeat_at, last_seq) VALUES (@r, @p,"
    " 'w', '1', 't', 'running', @t, @t, 18446744073709551);"
    "INSERT INTO credential_lease VALUES (@r, @s, 1, @t, @t, NULL);"
    "INSERT INTO run_event SELECT @r, seq, UUID(), 't', NULL, NULL, NULL, @t,"
    " '{\"a\":\"\\\\\\\\\"}', 0, 0 FROM seq_1_to_450;"
    "INSERT INTO run_stream VALUES (@r, 's', 1, 'open', 0x00FF00, @t, UUID());"
    "INSERT INTO artifact VALUES (@a, @r, 'n', 'log', 'text/plain', 'stored', 9,"
    " NULL, 0, 0, @t, 1);"
    "INSERT INTO artifact_chunk SELECT @a, seq, REPEAT(CHAR(seq), 262144) FROM"
    " seq_0_to_40;"
    "INSERT INTO prompt_audit VALUES (UUID(), @r, @t, '[]', REPEAT('h', 32), 1,"
    " 0, 0, '{}');"
    "INSERT INTO run_alert SELECT @r, k, c, 1, @t, @t, NULL, @t, 0 FROM (SELECT"
    " 'unbound_secret' k UNION SELECT 'burst' UNION SELECT 'page_suppressed') a,"
    " (SELECT 'log' c UNION SELECT 'ui' UNION SELECT 'prompt') b;"
    "INSERT INTO metric VALUES ('strongroom_x', 'a,b', 9);"
    "INSERT INTO account_factor VALUES (@o, REPEAT('s', 32), @t, @t, 7);"
    "INSERT INTO account_recovery SELECT @o, UNHEX(SHA2(seq, 256)) FROM"
    " seq_1_to_10;"
    "INSERT INTO session (id, token_hash, account_id, address, created_at,"
    " last_seen_at, expires_at) VALUES (UUID(), REPEAT('t', 32), @o, '::1', @t,"
    " @t, '2100-01-01');"
    "INSERT INTO redaction_change SELECT UUID(), @s, @t, 3, 7 FROM seq_1_to_2500;"
    "UPDATE setup SET providers_done_at = @t, cookie_hash = REPEAT('c', 32),"
    " cookie_expires_at = '2100-01-01'";

static void
it_is_filled(void)
{

	ASSERT_OP(0, "a-password-of-a-test-17", "owner", "create", "--email",
	    "owner@example.org");
	ASSERT_OP(0, VALUE, "secret", "put", "--scope", "instance", "--name",
	    "a", "--idempotency-key", "key-of-a-request");
	ASSERT_OP(0, VALUE "-2", "secret", "put", "--scope", "instance",
	    "--name", "a");
	ASSERT_OP(0, VALUE "-3", "secret", "put", "--scope", "integration",
	    "--name", "b/c", "--expires", "2090-01-01");
	ASSERT_OP(0, VALUE "-4", "secret", "put", "--scope", "instance",
	    "--name", "gone");
	ASSERT_OP(0, NULL, "secret", "revoke", "--scope", "instance",
	    "--name", "gone", "--yes");
	ASSERT_OP(0, NULL, "apikey", "create", "--name", "ci", "--scope",
	    "secrets:read");
	ASSERT_OP(0, NULL, "apikey", "create", "--name", "old", "--scope",
	    "secrets:read");
	sql("UPDATE api_key SET revoked_at = UTC_TIMESTAMP(6) WHERE name = "
	    "'old'");
	sql(other_rows);
}

/* --- Round trip --------------------------------------------------------------- */

/* What does not change by being restored. */
static const char sums[] = "CHECKSUM TABLE secret_ref, secret_version, "
    "redaction_variant, redaction_head, redaction_change, account, account_factor, "
    "account_recovery, idempotency, project, project_secret_binding, "
    "api_key_project, provider_credential, rotation, run, credential_lease, "
    "run_event, run_stream, artifact, artifact_chunk, prompt_audit, "
    "run_alert, metric, audit_node, audit_checkpoint, audit_leaf, kek, "
    "system_key";

static char * before;

static void
a_backup_is_written(void)
{
	struct stat st;
	char * text;
	size_t len;

	path_in(first, sizeof(first), "first.backup");
	ASSERT_OP(0, NULL, "backup", first);
	ASSERT_HAS(op_out, "Backed up ");
	ASSERT_HAS(op_out, "the root key file, all versions in it. It is not "
	    "in the backup");
	CU_ASSERT_EQUAL_FATAL(stat(first, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	assert_sql("SELECT action, outcome, actor_kind FROM audit_event ORDER "
	    "BY id DESC LIMIT 1", "BACKUP\tsucceeded\toperator");
	before = mariadb_sql(m, sums);
	chains = mariadb_sql(m, audit_rows);
	ASSERT_OP(0, NULL, "secret", "list");
	listed = said();
	text = file_read(first, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NULL(memmem(text, len, VALUE, strlen(VALUE)));
	free(text);
}

static void
what_is_there_is_not_overwritten(void)
{
	char * was = file_read(first, NULL), * is;

	ASSERT_OP(73, NULL, "backup", first);
	ASSERT_HAS(op_err, "(backup_file_exists)\n");
	is = file_read(first, NULL);
	CU_ASSERT(was != NULL && is != NULL && strcmp(was, is) == 0);
	free(was);
	free(is);
	ASSERT_OP(74, NULL, "backup", "/nonexistent/backup");
	ASSERT_HAS(op_err, "(output_failed)\n");
	assert_sql("SELECT GROUP_CONCAT(error_type ORDER BY id) FROM "
	    "audit_event WHERE action = 'BACKUP' AND outcome = 'failed'",
	    "backup_file_exists,output_failed");
}

static void
a_database_with_rows_is_refused(void)
{

	ASSERT_OP(73, NULL, "restore", first);
	ASSERT_HAS(op_err, "there are rows in table secret_ref");
	ASSERT_HAS(op_err, "(restore_not_empty)\n");
	ASSERT_OP(0, NULL, "secret", "list");
	CU_ASSERT_STRING_EQUAL(op_out, listed);
}

static void
what_was_backed_up_is_restored(void)
{
	char * after;

	purge();
	ASSERT_OP(0, NULL, "restore", first);
	ASSERT_HAS(op_out, " findings. Values: 2 active versions open, 0 do "
	    "not.\n");
	ASSERT_HAS(op_out, "Nobody is signed in. 1 API keys are held");
	ASSERT_HAS(op_out, "cannot be known from here");
	after = mariadb_sql(m, sums);
	CU_ASSERT_STRING_EQUAL(before, after);
	free(after);
	after = mariadb_sql(m, audit_rows);
	CU_ASSERT_STRING_EQUAL(chains, after);
	free(after);
	assert_sql("SELECT (SELECT COUNT(*) FROM session), (SELECT COUNT(*) "
	    "FROM setup WHERE completed_at IS NOT NULL AND providers_done_at "
	    "IS NOT NULL AND cookie_hash IS NULL AND token_hash IS NULL)",
	    "0\t1");
	assert_sql("SELECT action, outcome FROM audit_event ORDER BY id DESC "
	    "LIMIT 1", "RESTORE\tsucceeded");
	ASSERT_OP(0, NULL, "secret", "list");
	CU_ASSERT_STRING_EQUAL(op_out, listed);
	ASSERT_OP(0, NULL, "audit", "verify", "--database");
}

static void
keys_wait_for_a_word(void)
{
	char * id;

	ASSERT_OP(0, NULL, "apikey", "list");
	ASSERT_HAS(op_out, "ci\theld\t");
	ASSERT_HAS(op_out, "old\trevoked\t");
	id = mariadb_sql(m, "SELECT id FROM api_key WHERE name = 'old'");
	id[strcspn(id, "\n")] = '\0';
	ASSERT_OP(66, NULL, "apikey", "confirm", id);
	ASSERT_HAS(op_err, "(api_key_not_held)\n");
	ASSERT_OP(66, NULL, "apikey", "confirm",
	    "00000000-0000-7000-8000-000000000000");
	ASSERT_HAS(op_err, "(api_key_not_found)\n");
	ASSERT_OP(64, NULL, "apikey", "confirm");
	ASSERT_OP(64, NULL, "apikey", "confirm", "--all", id);
	free(id);
	id = mariadb_sql(m, "SELECT id FROM api_key WHERE name = 'ci'");
	id[strcspn(id, "\n")] = '\0';
	ASSERT_OP(0, NULL, "apikey", "confirm", id);
	CU_ASSERT_STRING_EQUAL(op_out, "ci works again.\n");
	ASSERT_OP(66, NULL, "apikey", "confirm", id);
	free(id);
	ASSERT_OP(0, NULL, "apikey", "list");
	ASSERT_HAS(op_out, "ci\tactive\t");
	sql("UPDATE api_key SET held_at = UTC_TIMESTAMP(6)");
	ASSERT_OP(0, NULL, "apikey", "confirm", "--all", "--json");
	CU_ASSERT_STRING_EQUAL(op_out, "{\"confirmed\":1}\n");
	ASSERT_OP(0, NULL, "apikey", "confirm", "--all");
	CU_ASSERT_STRING_EQUAL(op_out, "0 API keys work again.\n");
	ASSERT_OP(0, NULL, "audit", "verify", "--database");
}

/* --- What is not as it was written --------------------------------------------- */

static void
write_bytes(const char * path, const char * bytes, size_t len)
{
	FILE * f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, len, f), len);
	CU_ASSERT_EQUAL(fclose(f), 0);
}

static void
assert_refused(const char * path, int code, const char * error)
{

	ASSERT_OP(code, NULL, "restore", path);
	if (error != NULL)
		ASSERT_HAS(op_err, error);
	assert_empty();
}

static void
a_changed_file_leaves_the_database_empty(void)
{
	char bad[512];
	char * bytes;
	size_t len, i;

	purge();
	path_in(bad, sizeof(bad), "bad.backup");
	bytes = file_read(first, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	for (i = 1; i < 8; i++) {
		write_bytes(bad, bytes, len / 8 * i);
		assert_refused(bad, 65, "(backup_invalid)\n");
	}
	write_bytes(bad, bytes, len - 1);
	assert_refused(bad, 65, "(backup_invalid)\n");
	write_bytes(bad, bytes, 0);
	assert_refused(bad, 65, "(backup_invalid)\n");
	for (i = 1; i < 12; i++) {
		bytes[len / 12 * i] = (char)(bytes[len / 12 * i] ^ 1);
		write_bytes(bad, bytes, len);
		assert_refused(bad, 65, NULL);
		bytes[len / 12 * i] = (char)(bytes[len / 12 * i] ^ 1);
	}
	bytes[len - 1] = (char)(bytes[len - 1] ^ 1);
	write_bytes(bad, bytes, len);
	assert_refused(bad, 65, "(backup_signature_invalid)\n");
	bytes[len - 1] = (char)(bytes[len - 1] ^ 1);
	bytes = realloc(bytes, len + 1);
	bytes[len] = 'x';
	write_bytes(bad, bytes, len + 1);
	assert_refused(bad, 65, "(backup_invalid)\n");
	/* Of another release. */
	bytes[strlen("strongroom-backup 1 schema ")] = '9';
	write_bytes(bad, bytes, len);
	assert_refused(bad, 78, "(backup_schema_differs)\n");
	free(bytes);
	assert_refused("/nonexistent", 66, "(input_unreadable)\n");
	assert_refused(dir, 66, "(input_unreadable)\n");
}

/* Whoever can write the file signs it with a key of his own. */
static void
a_file_signed_by_another_leaves_the_database_empty(void)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t public_key[SIGN_PUBLIC_LEN], signature[SIGN_LEN];
	struct secbuf * seed = NULL;
	char * bytes, * manifest, * at;
	char bad[512];
	size_t len, i;

	path_in(bad, sizeof(bad), "resigned.backup");
	bytes = file_read(first, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	manifest = memmem(bytes + 1, len - 1, "strongroom-backup 1",
	    strlen("strongroom-backup 1"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(manifest);
	at = memmem(manifest, 200, "\nkey ", 5);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	CU_ASSERT_EQUAL_FATAL(secbuf_random(32, &seed), SR_OK);
	sign_public(seed, public_key);
	for (i = 0; i < sizeof(public_key); i++) {
		at[5 + 2 * i] = digits[public_key[i] >> 4];
		at[6 + 2 * i] = digits[public_key[i] & 15];
	}
	sign_message(seed, manifest, (size_t)(bytes + len - 69 - manifest),
	    signature);
	memcpy(bytes + len - 64, signature, sizeof(signature));
	write_bytes(bad, bytes, len);
	assert_refused(bad, 65, "(backup_signature_invalid)\n");
	secbuf_free(&seed);
	free(bytes);
}

static void
other_keys_leave_the_database_empty(void)
{
	char other[512], pub[512], hidden[512];
	char * text;

	path_in(pub, sizeof(pub), "other.pub");
	path_in(other, sizeof(other), "other.key");
	path_in(hidden, sizeof(hidden), "hidden.key");
	(void)file_write(pub, 0600, "untrusted comment: x\n"
	    "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n");
	ASSERT_OP(65, NULL, "restore", "--pubkey", pub, first);
	ASSERT_HAS(op_err, "(backup_signature_invalid)\n");
	assert_empty();
	(void)file_write(pub, 0600, "nothing of the kind");
	ASSERT_OP(65, NULL, "restore", "--pubkey", pub, first);
	ASSERT_HAS(op_err, "--pubkey: no public key in ");
	/* Another root key, and none. */
	ASSERT_RUNS(0, NULL, "rootkey", "new", other);
	CU_ASSERT_EQUAL_FATAL(rename(key, hidden), 0);
	ASSERT_OP(78, NULL, "restore", first);
	assert_empty();
	CU_ASSERT_EQUAL_FATAL(rename(other, key), 0);
	text = file_read(key, NULL);
	ASSERT_OP(78, NULL, "restore", first);
	ASSERT_HAS(op_err, "(root_key_mismatch)\n");
	assert_empty();
	free(text);
	CU_ASSERT_EQUAL_FATAL(rename(hidden, key), 0);
	/* Nothing is in the way of the right ones. */
	ASSERT_OP(0, NULL, "restore", first);
	ASSERT_OP(0, NULL, "audit", "key");
	(void)file_write(pub, 0600, op_out);
	purge();
	ASSERT_OP(0, NULL, "restore", "--pubkey", pub, "--json", first);
	ASSERT_HAS(op_out, "\"findings\":0,\"opened\":2,\"unopened\":0,"
	    "\"api_keys_held\":1,");
}

/* --- Heads kept outside -------------------------------------------------------- */

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

/* --- What does not prove --------------------------------------------------------- */

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

/* --- While others write ------------------------------------------------------------ */

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

/* --- Cut short ----------------------------------------------------------------------- */

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

static int
start(void)
{

	if (op_database_start() != 0)
		return (-1);
	return (temp_folder("backup", dir, sizeof(dir)));
}

static int
stop(void)
{

	remove_tree(dir);
	free(listed);
	free(chains);
	free(before);
	return (op_database_stop());
}

static const struct suite_test tests[] = {
	TEST(every_table_and_column_of_the_schema_is_in_the_table),
	TEST(it_is_filled),
	TEST(a_backup_is_written),
	TEST(what_is_there_is_not_overwritten),
	TEST(a_database_with_rows_is_refused),
	TEST(what_was_backed_up_is_restored),
	TEST(keys_wait_for_a_word),
	TEST(a_changed_file_leaves_the_database_empty),
	TEST(a_file_signed_by_another_leaves_the_database_empty),
	TEST(other_keys_leave_the_database_empty),
	TEST(an_older_backup_is_not_restored_unasked),
	TEST(a_broken_audit_stays_closed_unless_it_is_accepted),
	TEST(a_backup_beside_writers_is_one_moment),
	TEST(a_backup_that_is_killed_leaves_no_half),
	TEST(a_restore_that_is_killed_leaves_a_closed_database),
	TEST(a_full_disk_leaves_no_file),
	TEST(what_stands_in_the_way_of_the_file_is_left_alone),
};
SUITE_MAIN("cli/backup", tests, start, stop)
