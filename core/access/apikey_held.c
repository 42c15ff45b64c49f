#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/access/apikey_internal.h"
#include "core/access/setup_internal.h"

/* Ids are listed so many at a time. */
#define PAGE	64

struct confirm {
	const struct store * store;
	struct sr_id id;
	struct api_key * key;
	bool found;
	struct audit_entry audit;
};

static enum sr_error
key_row(const struct db_row * row, void * cookie)
{
	struct confirm * c = cookie;

	c->found = true;
	return (api_key_from_row(row, c->key));
}

static enum sr_error
confirm_tx(struct tx * tx, void * cookie)
{
	struct confirm * c = cookie;
	enum sr_error err;

	c->found = false;
	err = db_query(tx_db(tx), STMT_API_KEY_LOCK, DB_ARGS(DB_UUID(&c->id)),
	    key_row, c);
	if (err != SR_OK)
		return (err);
	if (!c->found)
		return (SR_E_API_KEY_NOT_FOUND);
	if (c->key->held_at == SR_TIME_NONE ||
	    c->key->revoked_at != SR_TIME_NONE)
		return (SR_E_API_KEY_NOT_HELD);
	err = db_exec(tx_db(tx), STMT_API_KEY_CONFIRM,
	    DB_ARGS(DB_UUID(&c->id)), NULL);
	if (err != SR_OK)
		return (err);
	c->audit.target_id = c->id;
	c->audit.name = c->key->name;
	return (audit_append(tx, c->store, &c->audit));
}

static enum sr_error
confirm(struct confirm * c)
{
	enum sr_error err;

	if ((err = setup_take_keys(c->store, &c->audit.keys)) == SR_OK &&
	    (err = sr_id_new(&c->audit.id)) == SR_OK)
		err = tx_run(c->store->db, &c->audit.id, confirm_tx, c);
	keyset_release(&c->audit.keys);
	return (err);
}

static void
refused(struct confirm * c, enum sr_error error)
{
	struct audit_entry e = c->audit;

	LOG(API_KEY_REFUSED, log_error(error));
	if (error == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return;
	e.id = sr_id_nil;
	e.keys = NULL;
	e.error = error;
	e.outcome = AUDIT_FAILED;
	e.target_id = c->found ? c->id : sr_id_nil;
	e.name = c->found ? c->key->name : NULL;
	(void)audit_refusal(c->store, &e);
}

/**
 * api_key_confirm(store, actor, id, out):
 * A key that a restore holds works again.
 */
enum sr_error
api_key_confirm(const struct store * store, const struct actor * actor,
    const struct sr_id * id, struct api_key * out)
{
	struct confirm c = { .store = store, .id = *id, .key = out,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_API_KEY_CONFIRM, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "api_key" } };
	enum sr_error err;

	*out = (struct api_key){ .expires_at = SR_TIME_NONE };
	if ((err = confirm(&c)) != SR_OK) {
		refused(&c, err);
		return (err);
	}
	out->held_at = SR_TIME_NONE;
	LOG(API_KEY_CONFIRMED, log_id("api_key_id", c.id));
	return (SR_OK);
}

struct held {
	struct sr_id id[PAGE];
	size_t n;
};

static enum sr_error
held_row(const struct db_row * row, void * cookie)
{
	struct held * h = cookie;

	must(h->n < PAGE);
	h->id[h->n++] = db_col_uuid(row, 0);
	return (SR_OK);
}

/**
 * api_key_confirm_all(store, actor, n):
 * All that are held, each in a transaction of its own.
 */
enum sr_error
api_key_confirm_all(const struct store * store, const struct actor * actor,
    uint64_t * n)
{
	struct held h;
	struct api_key key;
	enum sr_error err;
	size_t i;

	*n = 0;
	do {
		h.n = 0;
		err = db_query(store->db, STMT_API_KEY_HELD,
		    DB_ARGS(DB_INT(PAGE)), held_row, &h);
		for (i = 0; i < h.n && err == SR_OK; i++) {
			err = api_key_confirm(store, actor, &h.id[i], &key);
			/* Somebody else was faster: that is no failure. */
			if (err == SR_OK)
				++*n;
			else if (err == SR_E_API_KEY_NOT_HELD)
				err = SR_OK;
		}
	} while (err == SR_OK && h.n == PAGE);
	return (err);
}
