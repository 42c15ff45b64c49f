#ifndef SR_CORE_VAULT_SECRET_PUT_H
#define SR_CORE_VAULT_SECRET_PUT_H

/* One write of a secret, between secret_put.c and secret_put_tx.c alone. */

#include "core/keys/seal.h"
#include "core/redact/variant.h"
#include "core/store/tx.h"

#include "core/vault/idempotency.h"
#include "core/vault/secret_internal.h"

struct keyset;

struct secret_put {
	const struct store * store;
	const struct secret_write * write;
	sr_time now;
	struct secret_checked checked;
	const struct keyset * keys;
	struct redact_forms forms;

	/* What the write was prepared for; seal and ids depend on it. */
	bool exists;			/* A row with that name was seen. */
	uint32_t from_version;		/* The version it had, else 0. */
	struct secret_meta meta;	/* As it will be. */
	struct sealed sealed;
	struct sr_id change_id;
	struct audit_entry audit;
	struct idempotency request;

	/* Out: the row is not what was seen; nothing was written. */
	bool changed;
};

/**
 * secret_put_may(write, found, status, key_version):
 * Whether ${write} may be done to what is there. Errors: SECRET_EXISTS,
 * SECRET_VERSION_CONFLICT, SECRET_NOT_FOUND, SECRET_REVOKED.
 */
SR_NODISCARD enum sr_error secret_put_may(const struct secret_write * write,
    bool found, const char * status, uint32_t key_version);

/**
 * secret_put_tx(tx, cookie):
 * The tx_fn of a write; ${cookie} is a prepared struct secret_put. Errors:
 * those of db_exec, audit_append and secret_put_may; an error with ${changed}
 * set when another writer was faster, and with ${request.taken} when it was the
 * same request.
 */
SR_NODISCARD enum sr_error secret_put_tx(struct tx * tx, void * cookie);

#endif /* !SR_CORE_VAULT_SECRET_PUT_H */
