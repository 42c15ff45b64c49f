#include "core/base/secbuf.h"
#include "core/keys/sign.h"
#include "core/store/backup.h"
#include "tests/cli/backup.h"

/*
 * Backup and restore with the real command, against a private MariaDB. The
 * tests build on each other, in order: there is one database, which is thrown
 * away and restored again and again.
 */

static char * listed;		/* `secret list` at that time. */
static char * chains;		/* And the audit, row by row. */

static const char audit_rows[] = "SELECT id, chain_id, chain_seq, action, "
    "outcome, HEX(mac) FROM audit_event WHERE action <> 'RESTORE' ORDER BY id";

/* ${out} is the last output. */
static char *
said(void)
{
	char * copy = strdup(op_out);

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	return (copy);
}

/* --- Round trip ---------------------------------------------------------- */

/* What does not change by being restored. */
static const char sums[] = "CHECKSUM TABLE secret_ref, secret_version, "
    "redaction_variant, redaction_head, redaction_change, account, "
    "account_factor, "
    "account_recovery, idempotency, project, project_secret_binding, "
    "api_key_project, provider_credential, rotation, run, credential_lease, "
    "run_event, run_stream, artifact, artifact_chunk, prompt_audit, "
    "run_alert, metric, audit_node, audit_checkpoint, audit_leaf, kek, "
    "system_key";

static char * before;

static void
it_is_filled(void)
{

	ASSERT_RUNS(0, NULL, "rootkey", "new", key);
	ASSERT_OP(0, NULL, "migrate");
	fill();
}

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

/* --- What is not as it was written --------------------------------------- */

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


static int
stop(void)
{

	free(listed);
	free(chains);
	free(before);
	return (backup_stop());
}

static const struct suite_test tests[] = {
	TEST(it_is_filled),
	TEST(a_backup_is_written),
	TEST(what_is_there_is_not_overwritten),
	TEST(a_database_with_rows_is_refused),
	TEST(what_was_backed_up_is_restored),
	TEST(keys_wait_for_a_word),
	TEST(a_changed_file_leaves_the_database_empty),
	TEST(a_file_signed_by_another_leaves_the_database_empty),
	TEST(other_keys_leave_the_database_empty),
};
SUITE_MAIN("cli/backup", tests, backup_start, stop)
