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

/*
 * A refusal's own row. A name that nobody could hold against the live set may
 * be a value, so it is not named; what may be saved after all is not refused.
 */
static void
refused(const struct store * store, struct audit_entry e, enum sr_error error)
{

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
	refused(store, c.audit, err);
	return (err);
}

struct revoke {
	const struct store * store;
	struct sr_id id;		/* A copy: it may lie in ${key}. */
	struct api_key * key;
	bool found;
	struct audit_entry audit;
};

static enum sr_error
revoke_row(const struct db_row * row, void * cookie)
{
	struct revoke * r = cookie;

	r->found = true;
	return (api_key_from_row(row, r->key));
}

static enum sr_error
revoke_tx(struct tx * tx, void * cookie)
{
	struct revoke * r = cookie;
	enum sr_error err;

	r->found = false;
	err = db_query(tx_db(tx), STMT_API_KEY_LOCK, DB_ARGS(DB_UUID(&r->id)),
	    revoke_row, r);
	if (err != SR_OK)
		return (err);
	if (!r->found)
		return (SR_E_API_KEY_NOT_FOUND);
	if (r->key->revoked_at != SR_TIME_NONE)
		return (SR_E_API_KEY_ALREADY_REVOKED);
	err = db_exec(tx_db(tx), STMT_API_KEY_REVOKE,
	    DB_ARGS(DB_TIME(r->audit.occurred_at), DB_UUID(&r->id)), NULL);
	if (err != SR_OK)
		return (err);
	r->audit.target_id = r->id;
	r->audit.name = r->key->name;
	return (audit_append(tx, r->store, &r->audit));
}

static enum sr_error
revoke(struct revoke * r)
{
	enum sr_error err;

	if ((err = setup_take_keys(r->store, &r->audit.keys)) == SR_OK &&
	    (err = sr_id_new(&r->audit.id)) == SR_OK)
		err = tx_run(r->store->db, &r->audit.id, revoke_tx, r);
	keyset_release(&r->audit.keys);
	return (err);
}

/* Whom a refusal is about, if there is such a key. */
static void
name_target(struct revoke * r)
{

	r->audit.target_id = r->found ? r->id : sr_id_nil;
	r->audit.name = r->found ? r->key->name : NULL;
}

/**
 * api_key_revoke(store, actor, id, out):
 * It stops working with the commit.
 */
enum sr_error
api_key_revoke(const struct store * store, const struct actor * actor,
    const struct sr_id * id, struct api_key * out)
{
	struct revoke r = { .store = store, .id = *id, .key = out,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_API_KEY_REVOKE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "api_key" } };
	enum sr_error err;

	*out = (struct api_key){ .expires_at = SR_TIME_NONE };
	if ((err = revoke(&r)) == SR_OK) {
		out->revoked_at = r.audit.occurred_at;
		LOG(API_KEY_REVOKED, log_id("api_key_id", r.id));
		return (SR_OK);
	}
	name_target(&r);
	refused(store, r.audit, err);
	return (err);
}
