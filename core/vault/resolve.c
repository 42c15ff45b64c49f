#include "core/base/metric.h"
#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/vault/resolve.h"
#include "core/vault/secret_internal.h"

/* A version that is rotated away while it is opened is opened anew; as often
 * as others can be faster. */
#define RESOLVE_ROUNDS	16

struct resolve {
	const struct store * store;
	enum secret_scope scope;
	const struct sr_id * project_id;
	const char * name;
	const struct keyset * keys;
	struct audit_entry audit;
	struct secret_meta meta;	/* Of the version that is opened. */
	struct secret_meta locked;
	bool found;
	bool moved;	/* Out of the transaction: it is another one now. */
};

static enum sr_error
locked_row(const struct db_row * row, void * cookie)
{
	struct resolve * r = cookie;

	r->found = true;
	return (secret_meta_row(row, &r->locked));
}

static enum sr_error
usable(const struct secret_meta * meta, sr_time now)
{
	if (strcmp(meta->status, "active") != 0)
		return (SR_E_SECRET_REVOKED);
	return (secret_expired(meta, now) ? SR_E_SECRET_EXPIRED : SR_OK);
}

/* What the row says that this secret is. */
static void
name_it(const struct secret_meta * meta, struct audit_entry * e)
{
	e->target_id = meta->id;
	e->scope = secret_scope_name(meta->scope);
	e->name = meta->name;
	e->key_version = meta->key_version;
}

/* With the row locked nobody rotates or revokes it before the commit. */
static enum sr_error
resolve_tx(struct tx * tx, void * cookie)
{
	struct resolve * r = cookie;
	sr_time now;
	enum sr_error err;

	r->found = r->moved = false;
	if ((err = db_query(tx_db(tx), STMT_SECRET_LOCK_ID,
	    DB_ARGS(DB_UUID(&r->meta.id)), locked_row, r)) != SR_OK)
		return (err);
	now = clock_now();
	if (!r->found)
		return (SR_E_SECRET_NOT_FOUND);
	if ((err = usable(&r->locked, now)) != SR_OK)
		return (err);
	if (r->locked.key_version != r->meta.key_version) {
		r->moved = true;
		return (SR_E_SECRET_METADATA_UNAVAILABLE);
	}
	if (now < r->locked.updated_at)
		now = r->locked.updated_at;
	r->audit.occurred_at = now;
	name_it(&r->meta, &r->audit);
	return (audit_append(tx, r->store, &r->audit));
}

/* What a failed transaction is called to the one who asks for a value. */
static enum sr_error
resolve_error(enum sr_error err)
{
	if (err == SR_E_DATABASE_UNAVAILABLE ||
	    err == SR_E_DATABASE_REFUSED || err == SR_E_SCHEMA_MISMATCH)
		return (SR_E_SECRET_METADATA_UNAVAILABLE);
	return (err);
}

static enum sr_error
find(struct resolve * r)
{
	enum sr_error err;

	r->moved = false;
	if ((err = secret_find(r->store->db, r->scope, r->project_id,
	    r->name, &r->meta)) != SR_OK)
		return (err);
	return (usable(&r->meta, clock_now()));
}

/* Open what is active, then say so; again while others are faster. */
static enum sr_error
open_and_audit(struct resolve * r, struct secbuf ** value)
{
	enum sr_error err;
	unsigned i;

	for (i = 0; i < RESOLVE_ROUNDS; i++) {
		if ((err = find(r)) != SR_OK)
			return (err);
		err = secret_open(r->store, &r->meta.id, r->meta.key_version,
		    value);
		/* Revoked since it was found: the next look says so. */
		if (err == SR_E_SECRET_REVOKED)
			continue;
		if (err != SR_OK)
			return (err);
		err = tx_run(r->store->db, &r->audit.id, resolve_tx, r);
		if (err == SR_OK)
			return (SR_OK);
		secbuf_free(value);
		if (!r->moved || err == SR_E_COMMIT_OUTCOME_UNKNOWN)
			return (resolve_error(err));
	}
	return (sr_fail(SR_E_TRANSACTION_CONFLICT,
	    log_id("secret_id", r->meta.id)));
}

static enum sr_error
resolve(struct resolve * r, struct disclosed ** out)
{
	struct audit_receipt receipt;
	struct secbuf * value = NULL;
	enum sr_error err;

	if ((err = find(r)) != SR_OK ||
	    (err = secret_take_keys(r->store, &r->keys)) != SR_OK ||
	    (err = sr_id_new(&r->audit.id)) != SR_OK)
		return (resolve_error(err));
	r->audit.keys = r->keys;
	if ((err = open_and_audit(r, &value)) != SR_OK)
		return (err);
	receipt = audit_committed(&r->audit);
	return (disclose(&receipt, &value, out));
}

/* A refusal's own row. */
static void
refused(const struct resolve * r, enum sr_error error)
{
	struct audit_entry e = r->audit;
	struct secret_meta seen;

	LOG(SECRET_REFUSED, log_error(error), log_const("field", "none"));
	/* It may say that the value was given out, which it was not; another
	 * row that it was not could not take that back. */
	if (error == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return;
	e.id = e.target_id = sr_id_nil;
	e.occurred_at = clock_now();
	e.outcome = AUDIT_FAILED;
	e.error = error;
	e.scope = secret_scope_name(r->scope);
	e.name = NULL;
	e.key_version = 0;
	if (secret_find(r->store->db, r->scope, r->project_id, r->name,
	    &seen) == SR_OK)
		name_it(&seen, &e);
	else if (policy_name(r->name) &&
	    secret_may_be_named(r->store, r->name))
		e.name = r->name;
	/* A failure to write it is logged there; ours is answered anyway. */
	(void)audit_refusal(r->store, &e);
}

/**
 * resolve_value(store, actor, scope, project_id, name, meta, out):
 * The value of the active version, after its audit row was committed.
 */
enum sr_error
resolve_value(const struct store * store, const struct actor * actor,
    enum secret_scope scope, const struct sr_id * project_id,
    const char * name, struct secret_meta * meta, struct disclosed ** out)
{
	struct resolve r = { .store = store, .scope = scope,
	    .project_id = project_id, .name = name };
	enum sr_error err;

	*out = NULL;
	r.audit = (struct audit_entry){ .actor = actor,
	    .action = AUDIT_RESOLVE, .outcome = AUDIT_SUCCEEDED,
	    .error = SR_OK, .target_kind = "secret" };
	if ((err = resolve(&r, out)) == SR_OK) {
		metric_count(METRIC_SECRETS_RESOLVED);
		LOG(SECRET_RESOLVED, log_id("secret_id", r.meta.id),
		    log_u64("key_version", r.meta.key_version));
		if (meta != NULL)
			*meta = r.meta;
	} else
		refused(&r, err);
	keyset_release(&r.keys);
	return (err);
}
