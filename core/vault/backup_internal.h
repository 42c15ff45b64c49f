#ifndef SR_CORE_VAULT_BACKUP_INTERNAL_H
#define SR_CORE_VAULT_BACKUP_INTERNAL_H

/* What the files that implement backup.h share. Not for other rooms. */

#include "core/vault/backup.h"

#define BACKUP_PATH_MAX	4000

/* A file that is not there under its name before it is whole. */
struct backup_file {
	int fd;
	const char * path;
	char unfinished[BACKUP_PATH_MAX + 8];
};

/**
 * backup_file_open(path, f): Errors: BACKUP_FILE_EXISTS, OUTPUT_DISK_FULL,
 * OUTPUT_FAILED, TRANSACTION_CONFLICT.
 */
SR_NODISCARD enum sr_error backup_file_open(const char * path,
    struct backup_file * f);

/** backup_file_finish(f): synced, and under its name. Errors: as above. */
SR_NODISCARD enum sr_error backup_file_finish(struct backup_file * f);

/** backup_file_drop(f): close; what is not finished goes. */
void backup_file_drop(struct backup_file * f);

/**
 * restore_trust(q, manifest, keys): whether it is signed by whom it should.
 * What its tables say about keys is collected by restore_take_key, a
 * backup_row_fn with a struct restore_keys.
 */
struct restore_keys {
	const struct keyring * keyring;
	uint64_t keks;
	bool wrapping;			/* That version is loaded. */
	bool found;
	uint8_t public_key[SIGN_PUBLIC_LEN];
};
SR_NODISCARD enum sr_error restore_take_key(const struct backup_row * row,
    void * cookie);
SR_NODISCARD enum sr_error restore_trust(const struct restore_question * q,
    const struct backup_manifest * m, const struct restore_keys * keys);

/** restore_age(q, a): hold the heads of q->heads against the manifest. */
SR_NODISCARD enum sr_error restore_age(const struct restore_question * q,
    struct restore_answer * a);

#endif /* !SR_CORE_VAULT_BACKUP_INTERNAL_H */
