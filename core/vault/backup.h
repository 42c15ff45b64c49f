#ifndef SR_CORE_VAULT_BACKUP_H
#define SR_CORE_VAULT_BACKUP_H

/*
 * Backup and restore of a whole instance (core/store/backup.FORMAT). The root
 * key is no part of it: without it nothing sealed can be opened, and nothing is
 * restored.
 */

#include "core/audit/audit.h"
#include "core/audit/verify.h"
#include "core/store/backup.h"

struct keyring;

/**
 * backup_make(store, actor, path, out):
 * Write one moment of the database to the new file ${path} (mode 0600), while
 * others go on writing. The file appears when it is whole and synced; until
 * then it is ${path} with ".new" behind it, which a run that was killed may
 * leave, and the next one takes over. The audit row comes first, so it is in
 * the backup; a failure has one of its own. Errors: BACKUP_FILE_EXISTS,
 * OUTPUT_DISK_FULL, OUTPUT_FAILED, TRANSACTION_CONFLICT (another run writes
 * that file), SECRET_ENCRYPTION_UNAVAILABLE and ROOT_KEY_MISMATCH (it has to be
 * signed), DATABASE_*, SCHEMA_*, SECRET_AUDIT_PERSISTENCE_FAILED.
 */
SR_NODISCARD enum sr_error backup_make(const struct store * store,
    const struct actor * actor, const char * path,
    struct backup_manifest * out);

struct restore_question {
	int fd;				/* The file; it is read twice. */
	const struct keyring * keyring;	/* The root keys of store->keys. */
	const uint8_t * public_key;	/* Kept outside, or NULL. */
	int heads;			/* A file of heads, or -1. */
	bool accept_older;
	bool accept_findings;
};

/* Called with what does not hold; may end it by returning an error. */
struct restore_watch {
	audit_finding_fn * finding;
	enum sr_error (*unopened)(const struct sr_id * secret_id,
	    uint32_t key_version, enum sr_error why, void * cookie);
	void * cookie;
};

struct restore_answer {
	struct backup_manifest manifest;
	enum backup_table filled;	/* Of RESTORE_NOT_EMPTY. */
	uint64_t newest_head;		/* Of this instance's in q->heads. */
	struct audit_verified audit;
	uint64_t findings;		/* But for the age that was accepted. */
	uint64_t opened, unopened;	/* Active versions. */
	uint64_t keys_held;
};

/**
 * restore_run(store, actor, q, watch, a):
 * Fill an empty, migrated database. Nothing is written before the whole file
 * has been read and proved: its hashes, its signature by the key that is inside
 * of it under the root key (and by q->public_key), and that no head outside is
 * newer. Then it is loaded, the audit verified, each active version opened, API
 * keys held, and RESTORE audited. A restore that does not come to its end
 * leaves a database that nothing works with (RESTORE_INCOMPLETE). store->keys
 * must be loaded and not bound. Errors: RESTORE_NOT_EMPTY, RESTORE_INCOMPLETE,
 * RESTORE_UNPROVED, BACKUP_OLDER, ROOT_KEY_MISMATCH, INPUT_MALFORMED (no head
 * in the file is of this instance), and those of backup_read,
 * audit_verify_database and tx_run.
 */
SR_NODISCARD enum sr_error restore_run(const struct store * store,
    const struct actor * actor, const struct restore_question * q,
    const struct restore_watch * watch, struct restore_answer * a);

#endif /* !SR_CORE_VAULT_BACKUP_H */
