#ifndef SR_TESTS_CLI_BACKUP_H
#define SR_TESTS_CLI_BACKUP_H

/*
 * A database with rows in every table, to be backed up, thrown away and
 * restored with the real command.
 */

#include <sys/stat.h>

#include <unistd.h>

#include "tests/cli/operator_database.h"

#define VALUE	"the-first-value-of-a-test-81"

static char dir[256];
static char first[512];		/* The first backup. */

static inline void
path_in(char * out, size_t len, const char * name)
{

	(void)snprintf(out, len, "%s/%s", dir, name);
}

static inline void
sql(const char * text)
{
	char * printed = mariadb_sql(m, text);

	CU_ASSERT_PTR_NOT_NULL_FATAL(printed);
	free(printed);
}

/* A new database, as after CREATE DATABASE and `strongroom migrate`. */
static inline void
purge(void)
{

	sql("DROP DATABASE strongroom; CREATE DATABASE strongroom "
	    "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
	ASSERT_OP(0, NULL, "migrate");
}

static inline void
assert_empty(void)
{

	assert_sql("SELECT (SELECT COUNT(*) FROM kek) + (SELECT COUNT(*) FROM "
	    "audit_event) + (SELECT COUNT(*) FROM secret_ref) + (SELECT "
	    "COUNT(*) FROM restoring WHERE started_at IS NOT NULL)", "0");
}

/* --- Filling ------------------------------------------------------------- */

/* Rows of what no command makes, so that no table is empty. */
static const char other_rows[] =
    "SET @p = UUID(), @r = UUID(), @a = UUID(), @t = '2026-01-02"
    " 03:04:05.678901';"
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
    "INSERT INTO artifact VALUES (@a, @r, 'n', 'log', 'text/plain',"
    " 'stored', 9,"
    " NULL, 0, 0, @t, 1);"
    "INSERT INTO artifact_chunk SELECT @a, seq, REPEAT(CHAR(seq), 262144) FROM"
    " seq_0_to_40;"
    "INSERT INTO prompt_audit VALUES (UUID(), @r, @t, '[]', REPEAT('h', 32), 1,"
    " 0, 0, '{}');"
    "INSERT INTO run_alert SELECT @r, k, c, 1, @t, @t, NULL, @t, 0 FROM (SELECT"
    " 'unbound_secret' k UNION SELECT 'burst' UNION SELECT"
    " 'page_suppressed') a,"
    " (SELECT 'log' c UNION SELECT 'ui' UNION SELECT 'prompt') b;"
    "INSERT INTO metric VALUES ('strongroom_x', 'a,b', 9);"
    "INSERT INTO account_factor VALUES (@o, REPEAT('s', 32), @t, @t, 7);"
    "INSERT INTO account_recovery SELECT @o, UNHEX(SHA2(seq, 256)) FROM"
    " seq_1_to_10;"
    "INSERT INTO session (id, token_hash, account_id, address, created_at,"
    " last_seen_at, expires_at) VALUES (UUID(), REPEAT('t', 32), @o, '::1', @t,"
    " @t, '2100-01-01');"
    "INSERT INTO redaction_change SELECT UUID(), @s, @t, 3, 7 FROM"
    " seq_1_to_2500;"
    "UPDATE setup SET providers_done_at = @t, cookie_hash = REPEAT('c', 32),"
    " cookie_expires_at = '2100-01-01'";

static inline void
fill(void)
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

static inline int
backup_start(void)
{

	if (op_database_start() != 0)
		return (-1);
	return (temp_folder("backup", dir, sizeof(dir)));
}

static inline int
backup_stop(void)
{

	remove_tree(dir);
	return (op_database_stop());
}

#endif /* !SR_TESTS_CLI_BACKUP_H */
