#include <string.h>

#include "core/audit/audit.h"
#include "core/audit/chain.h"
#include "core/base/metric.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

static const char * const action_names[] = {
#define AUDIT_ACTION(id, name) [AUDIT_##id] = name,
#include "core/audit/action.def"
#undef AUDIT_ACTION
};

/* The words of the table's ENUM columns. */
static const char * const actor_kinds[] = {
	[ACTOR_ANONYMOUS] = "anonymous", [ACTOR_ACCOUNT] = "account",
	[ACTOR_API_KEY] = "api_key", [ACTOR_OPERATOR] = "operator",
	[ACTOR_SYSTEM] = "system",
};
static const char * const outcomes[] = {
	[AUDIT_SUCCEEDED] = "succeeded", [AUDIT_FAILED] = "failed",
	[AUDIT_BLOCKED] = "blocked",
};

/* The last row of a chain. */
struct head {
	uint32_t seq;		/* 0: the chain is empty. */
	bool sealed;
	uint8_t mac[MAC_LEN];
};

/** audit_action_name(a): "CREATE", "ROTATE", "SIGN_IN" … */
const char *
audit_action_name(enum audit_action a)
{

	must(a < AUDIT__MAX);
	return (action_names[a]);
}

/* A refusal of the row is this room's error; what tx_run repeats passes. A
 * number that is taken means that another writer came between. */
static enum sr_error
audit_error(const struct db * db, enum sr_error err)
{

	if (err == SR_E_DATABASE_REFUSED && db_duplicate(db))
		return (SR_E_TRANSACTION_CONFLICT);
	if (err == SR_E_DATABASE_REFUSED || err == SR_E_SCHEMA_MISMATCH)
		return (SR_E_SECRET_AUDIT_PERSISTENCE_FAILED);
	return (err);
}

static enum sr_error
take_head(const struct db_row * row, void * cookie)
{
	struct head * head = cookie;
	const uint8_t * mac;
	size_t len;

	head->seq = (uint32_t)db_col_int(row, 0);
	mac = db_col_bytes(row, 1, &len);
	head->sealed = len == MAC_LEN;
	if (head->sealed)
		memcpy(head->mac, mac, MAC_LEN);
	return (SR_OK);
}

static const struct sr_id *
id_or_null(const struct sr_id * id)
{

	return (sr_id_is_nil(id) ? NULL : id);
}

/* ${row} points into ${entry} and ${head}. */
static void
row_of(const struct audit_entry * entry, const struct sr_id * chain_id,
    const struct head * head, struct chain_row * row)
{

	row->id = entry->id;
	row->chain_id = *chain_id;
	row->chain_seq = head->seq + 1;
	row->occurred_at = entry->occurred_at;
	row->actor_kind = actor_kinds[entry->actor->kind];
	row->actor_id = id_or_null(&entry->actor->id);
	row->actor_label = entry->actor->label;
	row->action = audit_action_name(entry->action);
	row->target_kind = entry->target_kind;
	row->target_id = id_or_null(&entry->target_id);
	row->scope = entry->scope;
	row->name = entry->name;
	row->key_version = entry->key_version;
	row->outcome = outcomes[entry->outcome];
	row->error_type = entry->error == SR_OK ? NULL :
	    sr_error_name(entry->error);
	row->correlation_id = entry->actor->correlation_id;
	row->prev_mac = head->sealed ? head->mac : NULL;
}

/*
 * Refusals, sign-ins (both steps) and sign-outs go on without a root key; their
 * rows are written all the same, with mac NULL, and are chains of their own.
 */
static bool
may_be_unsealed(const struct audit_entry * e, bool alone)
{

	return (alone && (e->outcome != AUDIT_SUCCEEDED ||
	    e->action == AUDIT_SIGN_IN || e->action == AUDIT_SIGN_OUT ||
	    e->action == AUDIT_SECOND_FACTOR_ASK));
}

static enum sr_error
seal_with(const struct keyset * set, const struct chain_row * row,
    uint8_t mac[MAC_LEN])
{
	enum sr_error err;

	if ((err = chain_mac(keyset_audit_key(set), row, mac)) != SR_OK)
		err = sr_fail(err, log_id("event_id", row->id));
	return (err);
}

/* ${sealed} tells whether there was a key for it. */
static enum sr_error
seal_row(const struct store * store, const struct audit_entry * entry,
    const struct chain_row * row, uint8_t mac[MAC_LEN], bool * sealed)
{
	const struct keyset * set = NULL;
	enum sr_error err;

	*sealed = true;
	if (entry->keys != NULL)
		return (seal_with(entry->keys, row, mac));
	if (store->keys != NULL)
		set = keystore_hold(store->keys);
	if (set == NULL) {
		*sealed = false;
		return (SR_OK);
	}
	err = seal_with(set, row, mac);
	keyset_release(&set);
	return (err);
}

static enum sr_error
insert_row(struct db * db, const struct chain_row * r, const uint8_t * mac)
{

	return (db_later(db, STMT_AUDIT_INSERT, DB_ARGS(DB_UUID(&r->id),
	    DB_UUID(&r->chain_id), DB_INT(r->chain_seq),
	    DB_TIME(r->occurred_at), DB_TEXT(r->actor_kind),
	    DB_UUID(r->actor_id), DB_TEXT(r->actor_label), DB_TEXT(r->action),
	    DB_TEXT(r->target_kind), DB_UUID(r->target_id), DB_TEXT(r->scope),
	    DB_TEXT(r->name), r->key_version == 0 ? DB_NULL :
	    DB_INT(r->key_version), DB_TEXT(r->outcome),
	    DB_TEXT(r->error_type), DB_UUID(&r->correlation_id),
	    DB_BYTES(r->prev_mac, MAC_LEN), DB_BYTES(mac, MAC_LEN)), NULL));
}

/*
 * A key was looked at when its request came; its body may have come long after.
 * What it does is done with its row shared, so that nothing is done by it after
 * the commit that revokes it.
 */
static enum sr_error
key_stands(struct db * db, const struct audit_entry * entry)
{
	const struct actor * actor = entry->actor;
	uint64_t stands = 0;
	enum sr_error err;

	if (actor->kind != ACTOR_API_KEY || entry->outcome != AUDIT_SUCCEEDED)
		return (SR_OK);
	if ((err = db_later(db, STMT_API_KEY_STANDS,
	    DB_ARGS(DB_UUID(&actor->id)), &stands)) != SR_OK)
		return (audit_error(db, err));
	return (stands > 0 ? SR_OK : SR_E_API_KEY_REVOKED);
}

/* Write the row at the end of ${chain_id}; ${alone}: a chain of its own. */
static enum sr_error
append(struct tx * tx, const struct store * store,
    const struct audit_entry * entry, bool alone)
{
	const struct sr_id * chain_id = alone ? &entry->id : &entry->target_id;
	struct head head = { .seq = 0 };
	struct chain_row row;
	uint8_t mac[MAC_LEN];
	enum sr_error err;
	bool sealed;

	must(!sr_id_is_nil(&entry->id) && entry->occurred_at != SR_TIME_NONE);
	if ((err = key_stands(tx_db(tx), entry)) != SR_OK)
		return (err);
	if (!alone && !entry->target_is_new &&
	    (err = db_query(tx_db(tx), STMT_AUDIT_CHAIN_HEAD,
	    DB_ARGS(DB_UUID(chain_id)), take_head, &head)) != SR_OK)
		return (audit_error(tx_db(tx), err));
	row_of(entry, chain_id, &head, &row);
	if ((err = seal_row(store, entry, &row, mac, &sealed)) != SR_OK)
		return (err);
	if (!sealed && !may_be_unsealed(entry, alone))
		return (sr_fail(SR_E_SECRET_AUDIT_PERSISTENCE_FAILED,
		    log_id("event_id", entry->id),
		    log_const("cause", "no_audit_key")));
	if ((err = insert_row(tx_db(tx), &row, sealed ? mac : NULL)) == SR_OK)
		err = db_later(tx_db(tx), STMT_AUDIT_PENDING_INSERT,
		    DB_ARGS(DB_UUID(&row.id)), NULL);
	return (audit_error(tx_db(tx), err));
}

/**
 * audit_append(tx, store, entry):
 * Write the row in ${tx}, at the end of its target's chain.
 */
enum sr_error
audit_append(struct tx * tx, const struct store * store,
    const struct audit_entry * entry)
{

	return (append(tx, store, entry, sr_id_is_nil(&entry->target_id)));
}

/** audit_append_alone(tx, store, entry): as a chain of its own. */
enum sr_error
audit_append_alone(struct tx * tx, const struct store * store,
    const struct audit_entry * entry)
{

	return (append(tx, store, entry, true));
}

struct refusal {
	const struct store * store;
	const struct audit_entry * entry;
};

static enum sr_error
append_refusal(struct tx * tx, void * cookie)
{
	const struct refusal * r = cookie;

	return (append(tx, r->store, r->entry, true));
}

/**
 * audit_refusal(store, entry):
 * Write and commit a row about something that was refused.
 */
enum sr_error
audit_refusal(const struct store * store, struct audit_entry * entry)
{
	struct refusal r = { .store = store, .entry = entry };
	enum sr_error err = SR_OK;

	if (sr_id_is_nil(&entry->id))
		err = sr_id_new(&entry->id);
	if (err == SR_OK)
		err = tx_run(store->db, &entry->id, append_refusal, &r);
	if (err != SR_OK) {
		metric_count(METRIC_AUDIT_LOST);
		LOG(AUDIT_LOST, log_error(err),
		    log_const("action", audit_action_name(entry->action)),
		    log_const("refused_with", sr_error_name(entry->error)));
	}
	return (err);
}

/** audit_committed(entry): the receipt, after tx_run returned SR_OK. */
struct audit_receipt
audit_committed(const struct audit_entry * entry)
{

	return ((struct audit_receipt){ .event_id = entry->id });
}
