#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/access/apikey_internal.h"
#include "core/access/setup_internal.h"

/* A change of a key that is there. */
struct change {
	const struct store * store;
	struct sr_id id;
	api_key_changer * apply;
	struct api_key * key;
	bool found;
	struct audit_entry audit;
};

static enum sr_error
key_row(const struct db_row * row, void * cookie)
{
	struct change * c = cookie;

	c->found = true;
	return (api_key_from_row(row, c->key));
}

static enum sr_error
change_tx(struct tx * tx, void * cookie)
{
	struct change * c = cookie;
	enum sr_error err;

	c->found = false;
	err = db_query(tx_db(tx), STMT_API_KEY_LOCK, DB_ARGS(DB_UUID(&c->id)),
	    key_row, c);
	if (err != SR_OK)
		return (err);
	if (!c->found)
		return (SR_E_API_KEY_NOT_FOUND);
	err = c->apply(tx_db(tx), c->key, c->audit.occurred_at);
	if (err != SR_OK)
		return (err);
	c->audit.target_id = c->id;
	c->audit.name = c->key->name;
	return (audit_append(tx, c->store, &c->audit));
}

static enum sr_error
change(struct change * c)
{
	enum sr_error err;

	if ((err = setup_take_keys(c->store, &c->audit.keys)) == SR_OK &&
	    (err = sr_id_new(&c->audit.id)) == SR_OK)
		err = tx_run(c->store->db, &c->audit.id, change_tx, c);
	keyset_release(&c->audit.keys);
	return (err);
}

/**
 * api_key_refused(store, audit, error):
 * The row of a refusal. What may be saved after all is not refused.
 */
void
api_key_refused(const struct store * store, const struct audit_entry * audit,
    enum sr_error error)
{
	struct audit_entry e = *audit;

	LOG(API_KEY_REFUSED, log_error(error));
	if (error == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return;
	e.id = sr_id_nil;
	e.keys = NULL;
	e.error = error;
	e.outcome = error == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED ?
	    AUDIT_BLOCKED : AUDIT_FAILED;
	(void)audit_refusal(store, &e);
}

/**
 * api_key_change(store, actor, id, action, apply, out):
 * Change a key that is there, in one transaction with its audit row.
 */
enum sr_error
api_key_change(const struct store * store, const struct actor * actor,
    const struct sr_id * id, enum audit_action action,
    api_key_changer * apply, struct api_key * out)
{
	struct change c = { .store = store, .id = *id, .apply = apply,
	    .key = out, .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = action, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "api_key" } };
	enum sr_error err;

	*out = (struct api_key){ .expires_at = SR_TIME_NONE };
	if ((err = change(&c)) == SR_OK)
		return (SR_OK);
	/* Whom the refusal is about, if there is such a key. */
	c.audit.target_id = c.found ? c.id : sr_id_nil;
	c.audit.name = c.found ? c.key->name : NULL;
	api_key_refused(store, &c.audit, err);
	return (err);
}
