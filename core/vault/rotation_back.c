#include "core/log/log.h"
#include "core/vault/change.h"
#include "core/vault/rotation_internal.h"

/* One transaction that makes the former version the active one again. */
struct back {
	struct rotation_end end;
	struct sr_id change_id;
	struct secret_meta meta;
	bool found;
};

static enum sr_error
take_meta(const struct db_row * row, void * cookie)
{
	struct back * b = cookie;

	b->found = true;
	return (secret_meta_row(row, &b->meta));
}

static enum sr_error
switch_back(struct db * db, const struct back * b)
{
	const struct rotation * n = b->end.rotation;
	const struct sr_id * id = &n->secret_id;
	enum sr_error err;

	if ((err = db_exec(db, STMT_VERSION_STATE,
	    DB_ARGS(DB_TEXT("rolled_back"), DB_UUID(id),
	    DB_INT(n->to_version)), NULL)) != SR_OK ||
	    (err = db_exec(db, STMT_VERSION_STATE, DB_ARGS(DB_TEXT("active"),
	    DB_UUID(id), DB_INT(n->from_version)), NULL)) != SR_OK ||
	    /* With the expiry that it had: what ends does not live for ever
	     * because something else was tried. */
	    (err = db_exec(db, STMT_SECRET_SWITCH,
	    DB_ARGS(DB_INT(n->from_version), DB_TIME(b->end.audit.occurred_at),
	    DB_UUID(&n->id), DB_UUID(id)), NULL)) != SR_OK ||
	    (err = db_exec(db, STMT_VARIANT_RETIRE, DB_ARGS(DB_UUID(id)),
	    NULL)) != SR_OK ||
	    (err = db_exec(db, STMT_VARIANT_REVIVE, DB_ARGS(DB_UUID(id),
	    DB_INT(n->from_version)), NULL)) != SR_OK)
		return (err);
	return (SR_OK);
}

static enum sr_error
back_tx(struct tx * tx, void * cookie)
{
	struct back * b = cookie;
	const struct rotation * n = b->end.rotation;
	struct db * db = tx_db(tx);
	enum sr_error err;

	b->found = false;
	/* The secret's row first, as every writer of it does. */
	if ((err = db_query(db, STMT_SECRET_LOCK_ID,
	    DB_ARGS(DB_UUID(&n->secret_id)), take_meta, b)) != SR_OK)
		return (err);
	if (!b->found || b->meta.key_version != n->to_version ||
	    strcmp(b->meta.status, "active") != 0) {
		b->end.overtaken = true;
		return (SR_OK);
	}
	if (b->end.audit.occurred_at <= b->meta.updated_at)
		b->end.audit.occurred_at = b->meta.updated_at + 1;
	if ((err = rotation_end_write(tx, &b->end)) != SR_OK ||
	    b->end.overtaken || (err = switch_back(db, b)) != SR_OK ||
	    (err = audit_append(tx, b->end.r->with.store,
	    &b->end.audit)) != SR_OK)
		return (err);
	return (change_note(db, &b->change_id, &n->secret_id));
}

/** rotation_roll_back(r, provider, rotation): to the former version. */
enum sr_error
rotation_roll_back(const struct rotating * r, const struct provider * provider,
    struct rotation * rotation)
{
	struct back b = { .end = { .r = r, .provider = provider,
	    .rotation = rotation, .from = ROTATION_SWITCHED,
	    .to = ROTATION_CONFIRMING } };
	enum sr_error err;

	rotation->rolled_back = true;
	rotation->next_at = clock_now() +
	    (sr_time)r->limits->claim_seconds * SR_SECOND;
	if ((err = rotation_audit(r, provider, AUDIT_ROTATION_ROLL_BACK,
	    rotation, &b.end.audit)) != SR_OK ||
	    (err = sr_id_new(&b.change_id)) != SR_OK)
		return (err);
	b.end.audit.outcome = AUDIT_SUCCEEDED;
	err = tx_run(r->with.store->db, &b.end.audit.id, back_tx, &b);
	if (err != SR_OK) {
		rotation->rolled_back = false;
		return (sr_fail(SR_E_PROVIDER_ROTATION_ROLLBACK_FAILED,
		    log_name("provider", provider->name), log_error(err)));
	}
	if (b.end.overtaken)
		rotation->rolled_back = false;
	else
		rotation->state = ROTATION_CONFIRMING;
	return (SR_OK);
}
