#include "core/base/secbuf.h"
#include "core/keys/api_token.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"
#include "core/vault/idempotency.h"

#include "core/access/apikey_internal.h"
#include "core/access/setup_internal.h"

struct create {
	const struct store * store;
	struct api_key_checked checked;
	struct api_key * key;		/* As it will be. */
	char scopes[API_KEY_SCOPES_MAX];
	uint8_t hash[MAC_LEN];
	struct audit_entry audit;
	struct idempotency request;
	bool repeated;			/* Out: it came before. */
};

static enum sr_error
insert_projects(struct db * db, const struct create * c)
{
	enum sr_error err;

	for (size_t i = 0; i < c->checked.projects; i++) {
		err = db_exec(db, STMT_API_KEY_PROJECT_INSERT,
		    DB_ARGS(DB_UUID(&c->key->id),
		    DB_UUID(&c->checked.project[i])), NULL);
		if (err != SR_OK)
			return (err);
	}
	return (SR_OK);
}

static enum sr_error
create_tx(struct tx * tx, void * cookie)
{
	struct create * c = cookie;
	const struct api_key * k = c->key;
	const struct idempotency_result made = { .id = k->id };
	enum sr_error err;

	if ((err = idempotency_keep(tx, &c->request, &made)) != SR_OK)
		return (err);
	err = db_exec(tx_db(tx), STMT_API_KEY_INSERT, DB_ARGS(DB_UUID(&k->id),
	    DB_TEXT(k->name), DB_BYTES(c->hash, MAC_LEN), DB_TEXT(k->hint),
	    DB_TEXT(c->scopes), DB_INT(k->all_projects),
	    DB_TEXT(k->created_by), DB_TIME(k->created_at),
	    DB_TIME(k->expires_at)), NULL);
	if (err != SR_OK || (err = insert_projects(tx_db(tx), c)) != SR_OK)
		return (err);
	return (audit_append(tx, c->store, &c->audit));
}

/* What the row will hold, but for its hash and hint. */
static enum sr_error
plan(struct create * c)
{
	struct api_key * k = c->key;
	enum sr_error err;

	*k = (struct api_key){ .scopes = c->checked.scopes,
	    .all_projects = c->checked.projects == 0,
	    .created_at = c->audit.occurred_at,
	    .expires_at = c->checked.expires_at,
	    .last_used_at = SR_TIME_NONE, .revoked_at = SR_TIME_NONE,
	    .held_at = SR_TIME_NONE };
	(void)snprintf(k->name, sizeof(k->name), "%s", c->checked.name);
	(void)snprintf(k->created_by, sizeof(k->created_by), "%s",
	    c->audit.actor->label);
	api_key_scopes_text(k->scopes, c->scopes);
	if ((err = sr_id_new(&k->id)) != SR_OK)
		return (err);
	c->audit.target_id = k->id;
	c->audit.name = k->name;
	return (sr_id_new(&c->audit.id));
}

static enum sr_error
take_request(struct create * c, const struct api_key_request * r)
{
	const struct mac_part parts[] = { mac_text("api_key_create"),
	    mac_text(r->name), mac_text(r->scopes), mac_text(r->projects),
	    mac_text(r->expires_at) };

	return (idempotency_begin(c->store, c->audit.keys, c->audit.actor,
	    r->idempotency_key, parts, COUNTOF(parts), &c->request));
}

static enum sr_error
made_row(const struct db_row * row, void * cookie)
{
	struct create * c = cookie;

	c->repeated = true;
	return (api_key_from_row(row, c->key));
}

/* What the request made when it came before. */
static enum sr_error
look_for_it(struct create * c)
{
	struct idempotency_result made;
	enum sr_error err;
	bool found;

	err = idempotency_find(c->store->db, &c->request, &made, &found);
	if (err != SR_OK || !found)
		return (err);
	return (db_query(c->store->db, STMT_API_KEY_LOCK,
	    DB_ARGS(DB_UUID(&made.id)), made_row, c));
}

static enum sr_error
make(struct create * c, struct disclosed ** out)
{
	struct audit_receipt receipt;
	struct secbuf * token = NULL;
	enum sr_error err;

	if ((err = plan(c)) != SR_OK || (err = api_token_new(&token)) != SR_OK)
		return (err);
	must(api_token_hash(token, c->hash));
	api_token_hint(token, c->key->hint);
	err = tx_run(c->store->db, &c->audit.id, create_tx, c);
	if (err == SR_OK) {
		receipt = audit_committed(&c->audit);
		err = disclose(&receipt, &token, out);
	}
	secbuf_free(&token);
	return (err);
}

static enum sr_error
create(struct create * c, const struct api_key_request * request,
    struct disclosed ** out)
{
	enum sr_error err;

	if ((err = setup_take_keys(c->store, &c->audit.keys)) == SR_OK &&
	    (err = take_request(c, request)) == SR_OK &&
	    (err = look_for_it(c)) == SR_OK && !c->repeated &&
	    (err = make(c, out)) != SR_OK && c->request.taken) {
		/* Another one with its key was faster: it made it. */
		err = look_for_it(c);
		if (err == SR_OK && !c->repeated)
			err = SR_E_TRANSACTION_CONFLICT;
	}
	keyset_release(&c->audit.keys);
	return (err);
}

/**
 * api_key_create(store, actor, request, field, token, out):
 * Make a key, in one transaction with its audit row.
 */
enum sr_error
api_key_create(const struct store * store, const struct actor * actor,
    const struct api_key_request * request, const char ** field,
    struct disclosed ** token, struct api_key * out)
{
	struct create c = { .store = store, .key = out,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_API_KEY_CREATE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "api_key" } };
	enum sr_error err;

	*token = NULL;
	*out = (struct api_key){ .expires_at = SR_TIME_NONE };
	err = api_key_check(store, request, c.audit.occurred_at, &c.checked,
	    field);
	if (err == SR_OK)
		err = create(&c, request, token);
	if (err == SR_OK && c.repeated) {
		LOG(REQUEST_REPEATED, log_id("api_key_id", out->id));
		return (SR_OK);
	}
	if (err == SR_OK) {
		LOG(API_KEY_CREATED, log_id("api_key_id", out->id));
		return (SR_OK);
	}
	if (err == SR_E_IDEMPOTENCY_KEY_INVALID ||
	    err == SR_E_IDEMPOTENCY_KEY_REUSED)
		*field = "idempotency_key";
	/* There is no such key, so the row is about none. */
	c.audit.target_id = sr_id_nil;
	c.audit.name = NULL;
	api_key_refused(store, &c.audit, err);
	return (err);
}

static enum sr_error
revoke(struct db * db, struct api_key * key, sr_time now)
{
	enum sr_error err;

	if (key->revoked_at != SR_TIME_NONE)
		return (SR_E_API_KEY_ALREADY_REVOKED);
	err = db_exec(db, STMT_API_KEY_REVOKE, DB_ARGS(DB_TIME(now),
	    DB_UUID(&key->id)), NULL);
	if (err == SR_OK)
		key->revoked_at = now;
	return (err);
}

/**
 * api_key_revoke(store, actor, id, out):
 * It stops working with the commit.
 */
enum sr_error
api_key_revoke(const struct store * store, const struct actor * actor,
    const struct sr_id * id, struct api_key * out)
{
	const struct sr_id key = *id;	/* It may lie in ${out}. */
	enum sr_error err;

	err = api_key_change(store, actor, &key, AUDIT_API_KEY_REVOKE, revoke,
	    out);
	if (err == SR_OK)
		LOG(API_KEY_REVOKED, log_id("api_key_id", key));
	return (err);
}
