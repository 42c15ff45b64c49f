#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/vault/change.h"
#include "core/vault/provider_status.h"
#include "core/vault/idempotency.h"
#include "core/vault/secret_internal.h"

struct revoke {
	const struct store * store;
	const struct secret_revocation * asked;
	const struct keyset * keys;
	struct sr_id change_id;
	struct audit_entry audit;
	struct idempotency request;
	bool found;
	struct secret_meta meta;	/* As it was seen, then as it is. */
};

static enum sr_error
locked_row(const struct db_row * row, void * cookie)
{
	struct revoke * r = cookie;

	r->found = true;
	return (secret_meta_row(row, &r->meta));
}

/* Times are in the order of the writes, also where a clock is behind. */
static void
take_time(struct revoke * r)
{
	sr_time now = clock_now();

	if (now <= r->meta.updated_at)
		now = r->meta.updated_at + 1;
	r->audit.occurred_at = now;
}

static enum sr_error
may_be_revoked(const struct revoke * r)
{
	if (!r->found)
		return (SR_E_SECRET_NOT_FOUND);
	if (strcmp(r->meta.status, "active") != 0)
		return (SR_E_SECRET_ALREADY_REVOKED);
	if (r->asked->expected != 0 &&
	    r->asked->expected != r->meta.key_version)
		return (SR_E_SECRET_VERSION_CONFLICT);
	return (SR_OK);
}

/* Lock the row, which orders all writers, and see that it may be revoked. The
 * request's own row comes before: its repetition finds a revoked secret. */
static enum sr_error
lock_row(struct tx * tx, struct revoke * r)
{
	struct idempotency_result made;
	enum sr_error err;

	r->found = r->request.taken = false;
	if ((err = db_query(tx_db(tx), STMT_SECRET_LOCK_ID,
	    DB_ARGS(DB_UUID(&r->asked->id)), locked_row, r)) != SR_OK)
		return (err);
	made = (struct idempotency_result){ .id = r->asked->id,
	    .version = r->found ? r->meta.key_version : 0 };
	if ((err = idempotency_keep(tx, &r->request, &made)) != SR_OK ||
	    (err = may_be_revoked(r)) != SR_OK)
		return (err);
	take_time(r);
	return (SR_OK);
}

/* The forms stay for their retention: the value is known outside, and masked
 * wherever it turns up. */
static enum sr_error
destroy(struct db * db, const struct revoke * r)
{
	const struct sr_id * id = &r->meta.id;
	enum sr_error err;

	if ((err = db_exec(db, STMT_SECRET_REVOKE,
	    DB_ARGS(DB_TIME(r->audit.occurred_at), DB_UUID(id)), NULL)) !=
	    SR_OK || (err = db_exec(db, STMT_SECRET_VERSION_DESTROY,
	    DB_ARGS(DB_TIME(r->audit.occurred_at), DB_UUID(id)), NULL)) !=
	    SR_OK)
		return (err);
	return (db_exec(db, STMT_VARIANT_RETIRE, DB_ARGS(DB_UUID(id)),
	    NULL));
}

/* What the row says that this secret is. */
static void
name_it(const struct secret_meta * meta, struct audit_entry * e)
{
	e->scope = secret_scope_name(meta->scope);
	e->name = meta->name;
	e->key_version = meta->key_version;
}

static enum sr_error
revoke_tx(struct tx * tx, void * cookie)
{
	struct revoke * r = cookie;
	enum sr_error err;

	if ((err = lock_row(tx, r)) != SR_OK ||
	    (err = destroy(tx_db(tx), r)) != SR_OK)
		return (err);
	name_it(&r->meta, &r->audit);
	if ((err = audit_append(tx, r->store, &r->audit)) != SR_OK ||
	    (err = change_note(tx_db(tx), &r->change_id, &r->meta.id)) != SR_OK)
		return (err);
	snprintf(r->meta.status, sizeof(r->meta.status), "revoked");
	r->meta.updated_at = r->audit.occurred_at;
	return (SR_OK);
}

/* What a failed transaction is called to the one who wanted to revoke. */
static enum sr_error
revoke_error(enum sr_error err)
{
	if (err == SR_E_DATABASE_UNAVAILABLE ||
	    err == SR_E_DATABASE_REFUSED || err == SR_E_SCHEMA_MISMATCH)
		return (SR_E_SECRET_REVOCATION_FAILED);
	return (err);
}

/* What the request did when it came before. */
static enum sr_error
look_for_it(struct revoke * r, bool * repeated)
{
	struct idempotency_result made;
	enum sr_error err;

	err = idempotency_find(r->store->db, &r->request, &made, repeated);
	if (err == SR_E_IDEMPOTENCY_KEY_REUSED)
		return (err);
	if (err == SR_OK && *repeated)
		err = secret_as_made(r->store->db, &made, true, &r->meta);
	if (err != SR_OK)
		return (SR_E_SECRET_REVOCATION_FAILED);
	if (*repeated)
		snprintf(r->meta.status, sizeof(r->meta.status), "revoked");
	return (SR_OK);
}

static enum sr_error
take_request(struct revoke * r)
{
	const struct secret_revocation * a = r->asked;
	const uint8_t expected[4] = { (uint8_t)(a->expected >> 24),
	    (uint8_t)(a->expected >> 16), (uint8_t)(a->expected >> 8),
	    (uint8_t)a->expected };
	const struct mac_part parts[] = { mac_text("secret_revoke"),
	    MAC_BYTES(a->id.b, sizeof(a->id.b)),
	    MAC_BYTES(expected, sizeof(expected)) };

	return (idempotency_begin(r->store, r->keys, r->audit.actor,
	    a->idempotency_key, parts, COUNTOF(parts), &r->request));
}

/* A second round only when the same request, done meanwhile, is gone again. */
#define REVOKE_ROUNDS	3

static enum sr_error
revoke(struct revoke * r, bool * repeated)
{
	enum sr_error err;
	unsigned i;

	if ((err = secret_take_keys(r->store, &r->keys)) != SR_OK ||
	    (err = sr_id_new(&r->change_id)) != SR_OK ||
	    (err = sr_id_new(&r->audit.id)) != SR_OK ||
	    (err = take_request(r)) != SR_OK)
		return (revoke_error(err));
	r->audit.keys = r->keys;
	for (i = 0; i < REVOKE_ROUNDS; i++) {
		if ((err = look_for_it(r, repeated)) != SR_OK || *repeated)
			return (err);
		r->request.taken = false;
		err = tx_run(r->store->db, &r->audit.id, revoke_tx, r);
		if (err == SR_OK || err == SR_E_COMMIT_OUTCOME_UNKNOWN ||
		    !r->request.taken)
			return (revoke_error(err));
	}
	return (sr_fail(SR_E_TRANSACTION_CONFLICT,
	    log_id("secret_id", r->asked->id)));
}

/* A refusal's own row. */
static void
refused(const struct revoke * r, enum sr_error error)
{
	struct audit_entry e = r->audit;
	struct secret_meta seen;

	LOG(SECRET_REFUSED, log_error(error),
	    log_id("secret_id", r->asked->id));
	/* It may have been revoked after all: no row must say it was not. */
	if (error == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return;
	e.id = sr_id_nil;
	e.occurred_at = clock_now();
	e.outcome = AUDIT_FAILED;
	e.error = error;
	e.scope = e.name = NULL;
	e.key_version = 0;
	if (secret_show(r->store->db, &r->asked->id, &seen) == SR_OK)
		name_it(&seen, &e);
	/* A failure to write it is logged there; ours is answered anyway. */
	(void)audit_refusal(r->store, &e);
}

/**
 * secret_revoke(store, actor, revocation, out):
 * Destroy the wrapped DEKs of all versions.
 */
enum sr_error
secret_revoke(const struct store * store, const struct actor * actor,
    const struct secret_revocation * revocation, struct secret_meta * out)
{
	struct revoke r = { .store = store, .asked = revocation };
	enum sr_error err;
	bool repeated = false;

	r.audit = (struct audit_entry){ .occurred_at = clock_now(),
	    .actor = actor, .action = AUDIT_REVOKE,
	    .outcome = AUDIT_SUCCEEDED, .error = SR_OK,
	    .target_kind = "secret", .target_id = revocation->id };
	if ((err = revoke(&r, &repeated)) != SR_OK)
		refused(&r, err);
	else if (repeated)
		LOG(REQUEST_REPEATED, log_id("secret_id", r.meta.id),
		    log_u64("key_version", r.meta.key_version));
	else
		LOG(SECRET_REVOKED, log_id("secret_id", r.meta.id),
		    log_u64("key_version", r.meta.key_version));
	if (err == SR_OK && r.meta.scope == SCOPE_INTEGRATION)
		provider_check_soon(store->db);
	if (err == SR_OK && out != NULL)
		*out = r.meta;
	keyset_release(&r.keys);
	return (err);
}
