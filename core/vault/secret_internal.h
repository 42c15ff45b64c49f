#ifndef SR_CORE_VAULT_SECRET_INTERNAL_H
#define SR_CORE_VAULT_SECRET_INTERNAL_H

/* What the files that implement secret.h share. Not for other rooms. */

#include "core/store/db.h"

#include "core/vault/secret.h"

struct keyset;

/* What secret_check found: typed, and fit to be named in an audit row. */
struct secret_checked {
	enum secret_scope scope;	/* SCOPE__MAX: not valid. */
	struct sr_id project_id;
	const char * name;		/* NULL: not valid, not to be named. */
	sr_time expires_at;
};

/**
 * secret_check(store, write, now, out, complaint):
 * Hold ${write} against the grammar and the policies. Errors: SECRET_*_INVALID,
 * PLAINTEXT_SECRET_PERSISTENCE_BLOCKED, with ${complaint} filled in;
 * OUT_OF_MEMORY. ${out} holds what passed before the error; its name points
 * into ${write}.
 */
SR_NODISCARD enum sr_error secret_check(const struct store * store,
    const struct secret_write * write, sr_time now,
    struct secret_checked * out, struct secret_complaint * complaint);

/**
 * secret_may_be_named(store, name):
 * Whether a refusal's row may name a secret that is not there. A name that
 * nobody could hold against the live set may be a value.
 */
SR_NODISCARD bool secret_may_be_named(const struct store * store,
    const char * name);

/**
 * secret_take_keys(store, out):
 * The keys for a write; a process without them looks once more for them, and
 * takes those that are loaded meanwhile. End with keyset_release. Errors:
 * DATABASE_UNAVAILABLE, SECRET_ENCRYPTION_UNAVAILABLE, ROOT_KEY_MISMATCH.
 */
SR_NODISCARD enum sr_error secret_take_keys(const struct store * store,
    const struct keyset ** out);

struct idempotency_result;

/**
 * secret_as_made(db, made, destroyed, out):
 * The metadata now, with the version of ${made} and the time at which it was
 * made (${destroyed}: was destroyed) in key_version, last_rotated_at and
 * updated_at. Errors: SECRET_METADATA_UNAVAILABLE, SECRET_NOT_FOUND.
 */
SR_NODISCARD enum sr_error secret_as_made(struct db * db,
    const struct idempotency_result * made, bool destroyed,
    struct secret_meta * out);

/** secret_meta_row(row, out): the columns of SECRET_META_COLS (stmt.def). */
SR_NODISCARD enum sr_error secret_meta_row(const struct db_row * row,
    struct secret_meta * out);

/**
 * secret_lookup(db, scope, project_id, name, out, found):
 * As secret_find, but absence is no error and errors are those of db_query.
 */
SR_NODISCARD enum sr_error secret_lookup(struct db * db,
    enum secret_scope scope, const struct sr_id * project_id,
    const char * name, struct secret_meta * out, bool * found);

#endif /* !SR_CORE_VAULT_SECRET_INTERNAL_H */
