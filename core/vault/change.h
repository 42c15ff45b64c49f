#ifndef SR_CORE_VAULT_CHANGE_H
#define SR_CORE_VAULT_CHANGE_H

/*
 * The log of changes of the live set. A change is numbered in the transaction
 * that makes it, under the lock of a row of redaction_head that is held until
 * the commit: numbers have no gaps and follow the order of commits. There are
 * CHANGE_SHARDS such rows, a secret's by its id, so that writers of different
 * secrets seldom wait for each other; who reads compares all of them with what
 * was seen before and reads what is behind it, and nothing else.
 */

#include "core/store/db.h"

#define CHANGE_SHARDS	32	/* Rows that schema/0004-runs.sql makes. */

/** change_shard(secret_id): 0 to CHANGE_SHARDS - 1. */
unsigned change_shard(const struct sr_id * secret_id);

/**
 * change_note(db, id, secret_id):
 * In a transaction, as its last step but for what nobody waits for: what is
 * known of the secret changed. ${id} is the change's. Errors: as db_exec.
 */
SR_NODISCARD enum sr_error change_note(struct db * db, const struct sr_id * id,
    const struct sr_id * secret_id);

/* How far the log is, or was seen. */
struct change_heads {
	uint64_t n[CHANGE_SHARDS];
	sr_time now;		/* When they were read, by the database. */
};

/**
 * change_heads_read(db, out): what is committed by now. Errors: as db_query;
 * SCHEMA_MISMATCH (a row is missing).
 */
SR_NODISCARD enum sr_error change_heads_read(struct db * db,
    struct change_heads * out);

typedef enum sr_error change_fn(const struct sr_id * secret_id, void * cookie);

/**
 * change_since(db, shard, n, fn, cookie): secrets of the changes of a shard
 * behind the number ${n}; one may come several times. Errors: as db_query.
 */
SR_NODISCARD enum sr_error change_since(struct db * db, unsigned shard,
    uint64_t n, change_fn * fn, void * cookie);

#endif /* !SR_CORE_VAULT_CHANGE_H */
