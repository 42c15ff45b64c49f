#ifndef SR_CORE_VAULT_SECRET_H
#define SR_CORE_VAULT_SECRET_H

/*
 * Secrets: stored sealed, described by metadata that never holds the value. A
 * write is one transaction: metadata row, version row, redaction rows, change
 * row and audit row, or none of them.
 */

#include "core/audit/audit.h"
#include "core/vault/policy.h"

struct secbuf;
struct tx;

enum secret_scope {
	SCOPE_INSTANCE, SCOPE_PROJECT, SCOPE_INTEGRATION, SCOPE__MAX
};

#define SECRET_NAME_MAX		160
#define SECRET_VALUE_MIN	8
#define SECRET_VALUE_MAX	65536

/* What is known about a secret; safe to show. */
struct secret_meta {
	struct sr_id id;
	enum secret_scope scope;
	struct sr_id project_id;	/* nil unless SCOPE_PROJECT */
	char name[SECRET_NAME_MAX + 1];
	uint32_t key_version;
	char source[12];		/* env, onboarding, rotation */
	char status[12];		/* active, revoked */
	sr_time last_rotated_at;
	sr_time expires_at;		/* SR_TIME_NONE: never */
	sr_time created_at;
	sr_time updated_at;
};

struct secret_write {
	const char * scope;		/* As given; checked here. */
	const char * project;		/* UUID text, "" or NULL. */
	const char * name;
	const struct secbuf * value;
	const char * expires_at;	/* As clock_parse; ""/NULL: never. */
	uint32_t expected;	/* The version the writer saw; 0: any. */
	bool only_create;	/* An active secret of that name is an error. */
	bool only_rotate;	/* That there is none is an error. */
	bool expected_any;	/* An active one, of any version. */
	const char * idempotency_key;	/* ""/NULL: none. */
	/* Of the vault's own: in the transaction of the change, before its
	 * audit row. May run more than once. Or NULL. */
	enum sr_error (*also)(struct tx * tx, const struct secret_meta * meta,
	    void * cookie);
	void * also_cookie;
};

/* A secret to be revoked. */
struct secret_revocation {
	struct sr_id id;
	uint32_t expected;		/* The version that was seen; 0: any. */
	const char * idempotency_key;	/* ""/NULL: none. */
};

/** secret_scope_name / _parse: "instance" "project" "integration". */
const char * secret_scope_name(enum secret_scope scope);
SR_NODISCARD bool secret_scope_parse(const char * text,
    enum secret_scope * out);

/**
 * secret_put(store, actor, write, complaint, out):
 * Create the secret, or rotate it when scope, project and name exist. ${out}
 * (may be NULL) receives the metadata after the change; ${complaint} (may be
 * NULL) the field a refusal is about. A refusal is audited with its own row,
 * which names the secret only if its name passed policy and grammar. The policy
 * looks at scope, project, name and expires_at as they were given, because a
 * pasted credential rarely has the form of what belongs there; then fields are
 * checked in the order scope, project, name, value, expires_at.
 * Errors: SECRET_SCOPE_INVALID, SECRET_NAME_INVALID, SECRET_VALUE_INVALID,
 * SECRET_VALUE_COMMON (core/redact/common.h, of our own_text.h and own_site.h),
 * SECRET_EXPIRY_INVALID, PLAINTEXT_SECRET_PERSISTENCE_BLOCKED,
 * SECRET_ENCRYPTION_UNAVAILABLE, ROOT_KEY_MISMATCH, SECRET_ENCRYPTION_FAILED,
 * SECRET_PERSISTENCE_FAILED, SECRET_AUDIT_PERSISTENCE_FAILED,
 * TRANSACTION_CONFLICT, COMMIT_OUTCOME_UNKNOWN, OUT_OF_MEMORY. Nothing is
 * written on error but the refusal's audit row. With ${expected} (an active
 * secret at that version), ${expected_any}, ${only_create} or ${only_rotate},
 * which are held against the locked row: SECRET_VERSION_CONFLICT,
 * SECRET_EXISTS, SECRET_NOT_FOUND, SECRET_REVOKED. A request whose idempotency
 * key and contents came before (vault/idempotency.h) changes nothing, and
 * ${out} is what the first one made, its key_version among it, whatever
 * happened to the secret since; IDEMPOTENCY_KEY_INVALID,
 * IDEMPOTENCY_KEY_REUSED.
 */
SR_NODISCARD enum sr_error secret_put(const struct store * store,
    const struct actor * actor, const struct secret_write * write,
    struct secret_complaint * complaint, struct secret_meta * out);

/**
 * secret_revoke(store, actor, revocation, out):
 * Destroy the wrapped DEKs of all versions, so that no stored value of it can
 * be opened again; metadata, history and the forms that mask it stay (the
 * forms for their retention). ${out} (may be NULL) receives the metadata after.
 * Refusals are audited. Errors: SECRET_NOT_FOUND, SECRET_ALREADY_REVOKED,
 * SECRET_VERSION_CONFLICT, SECRET_REVOCATION_FAILED, IDEMPOTENCY_KEY_*,
 * SECRET_ENCRYPTION_UNAVAILABLE or ROOT_KEY_MISMATCH (its audit row needs a
 * root key), SECRET_AUDIT_PERSISTENCE_FAILED, TRANSACTION_CONFLICT,
 * COMMIT_OUTCOME_UNKNOWN.
 */
SR_NODISCARD enum sr_error secret_revoke(const struct store * store,
    const struct actor * actor, const struct secret_revocation * revocation,
    struct secret_meta * out);

/* One version of a secret; safe to show. */
struct secret_version_meta {
	uint32_t key_version;
	uint32_t kek_version;
	char state[12];			/* active, superseded, revoked */
	sr_time created_at;
	sr_time destroyed_at;		/* SR_TIME_NONE: its DEK is there. */
};

typedef enum sr_error secret_version_fn(
    const struct secret_version_meta * version, void * cookie);

/**
 * secret_versions(db, id, before, limit, fn, cookie):
 * Versions of a secret, the newest first, below ${before} (0: from the newest).
 * Errors: SECRET_METADATA_UNAVAILABLE, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error secret_versions(struct db * db,
    const struct sr_id * id, uint32_t before, unsigned limit,
    secret_version_fn * fn, void * cookie);

/** secret_expired(meta, now): whether its expiry has come. */
SR_NODISCARD bool secret_expired(const struct secret_meta * meta, sr_time now);

typedef enum sr_error secret_meta_fn(const struct secret_meta * meta,
    void * cookie);

/**
 * secret_list(db, after, limit, fn, cookie):
 * Metadata by scope, project, name, ${limit} rows after the secret whose id is
 * ${after} (NULL, or an id that no secret has: from the first). Needs no key.
 * Errors: SECRET_METADATA_UNAVAILABLE, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error secret_list(struct db * db,
    const struct sr_id * after, unsigned limit, secret_meta_fn * fn,
    void * cookie);

/**
 * secret_list_of_key(db, key_id, after, limit, fn, cookie):
 * As secret_list, of the projects that the API key ${key_id} is limited to.
 */
SR_NODISCARD enum sr_error secret_list_of_key(struct db * db,
    const struct sr_id * key_id, const struct sr_id * after, unsigned limit,
    secret_meta_fn * fn, void * cookie);

/**
 * secret_show(db, id, out) / secret_find(db, scope, project, name, out):
 * Errors: SECRET_NOT_FOUND, SECRET_METADATA_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error secret_show(struct db * db,
    const struct sr_id * id, struct secret_meta * out);
SR_NODISCARD enum sr_error secret_find(struct db * db, enum secret_scope scope,
    const struct sr_id * project_id, const char * name,
    struct secret_meta * out);

/**
 * secret_open(store, id, key_version, out):
 * Open a stored version: for resolve, doctor's trial opening and tests. Caller
 * frees. Errors: SECRET_NOT_FOUND, SECRET_REVOKED (its DEK was destroyed),
 * SECRET_ENCRYPTION_UNAVAILABLE, ROOT_KEY_MISMATCH, SECRET_ENCRYPTION_FAILED,
 * SECRET_METADATA_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error secret_open(const struct store * store,
    const struct sr_id * id, uint32_t key_version, struct secbuf ** out);

#endif /* !SR_CORE_VAULT_SECRET_H */
