#ifndef SR_CORE_VAULT_LEASE_H
#define SR_CORE_VAULT_LEASE_H

/*
 * Leases: a run's hold on one version of a secret. A run keeps the version it
 * has, whatever is rotated meanwhile; it takes a new one when it has none: the
 * active version, or, while a rotation of the secret is going on, the former
 * one, so that no run begins on a key that nobody has proved. A version's DEK
 * is destroyed when it is superseded, its grace time is over and no lease holds
 * it. A lease ends when it is released, or when nobody extends it.
 */

#include "core/vault/secret.h"

struct tx;

/* A lease as it is shown. */
struct lease {
	struct sr_id run_id;
	struct sr_id secret_id;
	uint32_t key_version;
	sr_time acquired_at;
	sr_time expires_at;
	sr_time released_at;		/* SR_TIME_NONE: it is held. */
};

/**
 * lease_pin(tx, run_id, secret_id, until, version):
 * The version that the run holds, taken now if it holds none; it is held to
 * ${until}. Locks the secret's row when it takes one. Errors: SECRET_NOT_FOUND,
 * SECRET_REVOKED, SECRET_EXPIRED, those of db_exec.
 */
SR_NODISCARD enum sr_error lease_pin(struct tx * tx,
    const struct sr_id * run_id, const struct sr_id * secret_id, sr_time until,
    uint32_t * version);

/**
 * lease_held(db, run_id, secret_id, version):
 * ${version} is 0 when the run holds none. Errors: as db_query.
 */
SR_NODISCARD enum sr_error lease_held(struct db * db,
    const struct sr_id * run_id, const struct sr_id * secret_id,
    uint32_t * version);

/** lease_extend(db, run_id, until): those that the run holds. As db_exec. */
SR_NODISCARD enum sr_error lease_extend(struct db * db,
    const struct sr_id * run_id, sr_time until);

/** lease_release(db, run_id): those that the run holds. As db_exec. */
SR_NODISCARD enum sr_error lease_release(struct db * db,
    const struct sr_id * run_id);

typedef enum sr_error lease_fn(const struct lease * lease, void * cookie);

/**
 * lease_of_run(db, run_id, fn, cookie) / lease_of_secret(db, secret_id, …):
 * All of a run's; those that hold a secret now. Errors:
 * SECRET_METADATA_UNAVAILABLE, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error lease_of_run(struct db * db,
    const struct sr_id * run_id, lease_fn * fn, void * cookie);
SR_NODISCARD enum sr_error lease_of_secret(struct db * db,
    const struct sr_id * secret_id, lease_fn * fn, void * cookie);

/**
 * lease_tidy(store, actor, grace_minutes, destroyed, more):
 * End leases that nobody extended and destroy the DEKs of versions that may go,
 * each with its audit row (DESTROY, by ${actor}), some at a time; ${more}:
 * there are others. Errors: those of db_exec, tx_run and audit_append.
 */
SR_NODISCARD enum sr_error lease_tidy(const struct store * store,
    const struct actor * actor, unsigned grace_minutes, uint64_t * destroyed,
    bool * more);

#endif /* !SR_CORE_VAULT_LEASE_H */
