#ifndef SR_CORE_VAULT_REWRAP_H
#define SR_CORE_VAULT_REWRAP_H

/*
 * Changing the root key while everything goes on. The newest loaded version
 * becomes the one that wraps, in one transaction with its audit row; then the
 * wrapped keys under older versions are unwrapped and wrapped under it, in
 * batches. Values are not touched. It can be killed at any point: the next run
 * goes on from what the tables say. Several at once do each other's work.
 *
 * A write of a secret holds a lock on the version that it sealed under until
 * it commits (statement SECRET_VERSION_INSERT), so nothing is written under a
 * former version after another was activated.
 */

#include "core/audit/audit.h"

struct keyring;

/* A version of the root key, and how much is wrapped under it. */
struct rewrap_count {
	uint32_t kek_version;
	uint64_t secret_versions;	/* With a DEK. */
	uint64_t system_keys;
};

typedef enum sr_error rewrap_count_fn(const struct rewrap_count * count,
    void * cookie);

/**
 * rewrap_counts(db, fn, cookie):
 * The versions that something is wrapped under, ascending, of one moment. What
 * is not among them, and does not wrap, is not needed any more by this
 * database; copies of it made earlier may need it. Errors: as db_query, and
 * what ${fn} returns.
 */
SR_NODISCARD enum sr_error rewrap_counts(struct db * db, rewrap_count_fn * fn,
    void * cookie);

/**
 * rewrap_missing(db, keyring, version):
 * The oldest version that something is wrapped under and that is not loaded;
 * 0: none. Errors: as db_query.
 */
SR_NODISCARD enum sr_error rewrap_missing(struct db * db,
    const struct keyring * keyring, uint32_t * version);

/* Of one run. */
struct rewrap_progress {
	uint32_t from;		/* What wrapped when it began. */
	uint32_t to;		/* What wraps since. */
	bool activated;		/* By this run. */
	uint64_t total;		/* Keys under older versions at its begin. */
	uint64_t rewrapped;	/* By this run. */
	uint64_t failed;	/* Those that do not open. */
};

/* Who watches: each may be NULL; an error ends the run and is returned. */
struct rewrap_watch {
	/* After the activation, and after each batch. */
	enum sr_error (*progress)(const struct rewrap_progress * p,
	    void * cookie);
	/* A key that does not open; of a system key the id is nil. */
	enum sr_error (*failed)(const struct sr_id * secret_id,
	    uint32_t key_version, enum sr_error why, void * cookie);
	void * cookie;
	unsigned batch;		/* Rows of one transaction; 0: 500. */
};

/** rewrap_target(kek_version): the id of that version in the audit. */
struct sr_id rewrap_target(uint32_t kek_version);

/**
 * rewrap_rotate(store, actor, watch, out):
 * Activate the newest loaded version if it does not wrap yet, and rewrap what
 * is under older ones until nothing is left; ${out} (may be NULL) says how far
 * it came, also on error. A key that does not open is passed over. Audited:
 * ROOT_KEY_ACTIVATE, and ROOT_KEY_REWRAPPED at the end. Errors: those of
 * keystore_take; ROOT_KEY_MISMATCH (of that version another key is known);
 * ROOT_KEY_VERSION_MISSING (nothing was changed); ROOT_KEY_REWRAP_INCOMPLETE;
 * DATABASE_UNAVAILABLE, DATABASE_REFUSED, TRANSACTION_CONFLICT,
 * COMMIT_OUTCOME_UNKNOWN, SECRET_AUDIT_PERSISTENCE_FAILED, OUT_OF_MEMORY (what
 * was done so far stays, and the next run goes on), and what ${watch} returns.
 */
SR_NODISCARD enum sr_error rewrap_rotate(const struct store * store,
    const struct actor * actor, const struct rewrap_watch * watch,
    struct rewrap_progress * out);

#endif /* !SR_CORE_VAULT_REWRAP_H */
