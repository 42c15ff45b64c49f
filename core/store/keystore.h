#ifndef SR_CORE_STORE_KEYSTORE_H
#define SR_CORE_STORE_KEYSTORE_H

/*
 * The root keys as the database knows them, and the system keys they wrap.
 * One per process; thread-safe. It has a set of keys (struct keyset) or a
 * reason why not; a keyset is immutable and counted, so a reload never takes
 * keys away from a call that is using them.
 */

#include "core/base/error.h"
#include "core/keys/keyring.h"

struct config;
struct db;
struct keystore;
struct keyset;
struct secbuf;

/** keystore_new(out): empty; reason ROOT_KEY_MISSING. Caller frees. */
SR_NODISCARD enum sr_error keystore_new(struct keystore ** out);
void keystore_free(struct keystore ** ks);

/**
 * keystore_sources(config, sources, value):
 * Where settings and environment say that the root keys come from. ${sources}
 * points into ${config} and to ${value}, which the caller frees (NULL: none).
 * Errors: as config_secret.
 */
SR_NODISCARD enum sr_error keystore_sources(const struct config * config,
    struct keyring_sources * sources, struct secbuf ** value);

/**
 * keystore_load(ks, sources):
 * Read the root keys again (start, SIGHUP). Failure is kept as the reason and
 * returned: the errors of keyring_load. The keys are usable after the next
 * keystore_bind.
 */
SR_NODISCARD enum sr_error keystore_load(struct keystore * ks,
    const struct keyring_sources * sources);

/**
 * keystore_bind(ks, db):
 * Hold the loaded keys against table kek (check values, the wrapping version),
 * and open the system keys; in a database without keys, make both in one
 * transaction. Does nothing when bound already. Errors: the reason of
 * keystore_load, ROOT_KEY_MISMATCH, DATABASE_UNAVAILABLE, …; kept as reason.
 */
SR_NODISCARD enum sr_error keystore_bind(struct keystore * ks, struct db * db);

/**
 * keystore_follow(ks, db):
 * Another version of the root key wraps than the keys in use think: look which,
 * and bind anew. When it is not loaded they stay in use, for what reads and for
 * audit rows, but what would seal is refused until the next load. Not inside of
 * a transaction. Errors: ROOT_KEY_MISMATCH, and as keystore_bind.
 */
SR_NODISCARD enum sr_error keystore_follow(struct keystore * ks,
    struct db * db);

/**
 * keystore_reason(ks): SR_OK when bound, else why not, for pages and doctor;
 * DATABASE_UNAVAILABLE between a load and its bind; ROOT_KEY_MISMATCH when the
 * keys in use cannot follow.
 */
enum sr_error keystore_reason(const struct keystore * ks);

/**
 * keystore_write_error(ks): what a refused write says: SR_OK,
 * ROOT_KEY_MISMATCH, or SECRET_ENCRYPTION_UNAVAILABLE for every other reason.
 */
enum sr_error keystore_write_error(const struct keystore * ks);

/** keystore_hold(ks): the keyset in use, or NULL; end with keyset_release. */
const struct keyset * keystore_hold(struct keystore * ks);

/**
 * keystore_take(ks, db, out):
 * Hold the keys for a piece of work, binding them first if they are not; a load
 * that comes between is no failure, its keys are bound in their turn. End with
 * keyset_release. Errors: as keystore_bind; ${out} is NULL then.
 */
SR_NODISCARD enum sr_error keystore_take(struct keystore * ks, struct db * db,
    const struct keyset ** out);
void keyset_release(const struct keyset ** set);

/* What a keyset holds. All live as long as it is held. */
const struct keyring * keyset_keyring(const struct keyset * set);
/* The KEK version that wraps. */
uint32_t keyset_wrapping(const struct keyset * set);
const struct secbuf * keyset_audit_key(const struct keyset * set);
const struct secbuf * keyset_redaction_key(const struct keyset * set);
/* Seed of the Ed25519 key that signs checkpoints and exports (keys/sign.h). */
const struct secbuf * keyset_sign_key(const struct keyset * set);
/* Of the MACs of requests that may be repeated (vault/idempotency.h). */
const struct secbuf * keyset_request_key(const struct keyset * set);
/* Of the seeds of second factors (keys/totp.h). */
const struct secbuf * keyset_factor_key(const struct keyset * set);
/* Of what streams of runs hold back (keys/tail.h). */
const struct secbuf * keyset_stream_key(const struct keyset * set);

#endif /* !SR_CORE_STORE_KEYSTORE_H */
