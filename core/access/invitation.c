#include "core/base/secbuf.h"
#include "core/keys/token.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/vault/policy.h"

#include "core/access/hashing.h"
#include "core/access/people_internal.h"
#include "core/access/setup_internal.h"
#include "core/access/throttle.h"

#define SR_HOUR		(3600 * SR_SECOND)

/* What stands for the account in the throttle's pair; no address is so. */
#define INVITATION_ACCOUNT	" invitation"

static enum sr_error
from_row(const struct db_row * row, struct invitation * out)
{

	if (!role_parse(db_col_text(row, 2), &out->role))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "invitation.role")));
	out->id = db_col_uuid(row, 0);
	(void)snprintf(out->email, sizeof(out->email), "%s",
	    db_col_text(row, 1));
	(void)snprintf(out->invited_by, sizeof(out->invited_by), "%s",
	    db_col_text(row, 3));
	out->created_at = db_col_time(row, 4);
	out->expires_at = db_col_time(row, 5);
	return (SR_OK);
}

struct list {
	invitation_fn * fn;
	void * cookie;
};

static enum sr_error
list_row(const struct db_row * row, void * cookie)
{
	const struct list * l = cookie;
	struct invitation one;
	enum sr_error err;

	if ((err = from_row(row, &one)) != SR_OK)
		return (err);
	return (l->fn(&one, l->cookie));
}

/** invitation_list(db, fn, cookie): the open ones. */
enum sr_error
invitation_list(struct db * db, invitation_fn * fn, void * cookie)
{
	struct list l = { .fn = fn, .cookie = cookie };

	return (db_query(db, STMT_INVITATION_LIST, DB_NOARGS, list_row, &l));
}

struct found {
	struct invitation * one;
	bool found;
};

static enum sr_error
found_row(const struct db_row * row, void * cookie)
{
	struct found * f = cookie;

	f->found = true;
	return (from_row(row, f->one));
}

struct make {
	const struct store * store;
	struct invitation * one;
	uint8_t hash[MAC_LEN];
	struct audit_entry audit;
};

static enum sr_error
no_account(struct db * db, const char * email)
{
	struct account other;
	enum sr_error err;

	err = account_find(db, email, &other);
	if (err == SR_E_ACCOUNT_NOT_FOUND)
		return (SR_OK);
	return (err == SR_OK ? SR_E_ACCOUNT_EXISTS : err);
}

static enum sr_error
make_tx(struct tx * tx, void * cookie)
{
	struct make * m = cookie;
	struct db * db = tx_db(tx);
	enum sr_error err;

	if ((err = people_turn(tx, m->one->created_at, m->audit.actor)) !=
	    SR_OK || (err = no_account(db, m->one->email)) != SR_OK ||
	    (err = db_exec(db, STMT_INVITATION_DELETE_OF,
	    DB_ARGS(DB_TEXT(m->one->email)), NULL)) != SR_OK ||
	    (err = db_exec(db, STMT_INVITATION_INSERT,
	    DB_ARGS(DB_UUID(&m->one->id), DB_TEXT(m->one->email),
	    DB_TEXT(role_name(m->one->role)), DB_BYTES(m->hash, MAC_LEN),
	    DB_TEXT(m->one->invited_by), DB_TIME(m->one->created_at),
	    DB_TIME(m->one->expires_at)), NULL)) != SR_OK)
		return (err);
	return (audit_append(tx, m->store, &m->audit));
}

static enum sr_error
check(struct make * m, const char * email, const char * role,
    const char ** field)
{
	const struct policy_field fields[] = { { "email", email },
	    { "role", role } };
	struct secret_complaint complaint = { NULL, NULL };
	enum sr_error err;

	err = policy_fields(m->store->redact, fields, COUNTOF(fields),
	    &complaint);
	*field = complaint.field;
	if (err != SR_OK)
		return (err);
	*field = "email";
	if (!email_fold(email, m->one->email))
		return (SR_E_EMAIL_INVALID);
	*field = "role";
	if (role == NULL || !role_parse(role, &m->one->role))
		return (SR_E_ACCOUNT_ROLE_INVALID);
	*field = NULL;
	return (SR_OK);
}

static enum sr_error
make(struct make * m, struct disclosed ** out)
{
	struct audit_receipt receipt;
	struct secbuf * token = NULL;
	enum sr_error err;

	if ((err = setup_take_keys(m->store, &m->audit.keys)) != SR_OK ||
	    (err = token_new(&token)) != SR_OK ||
	    (err = sr_id_new(&m->one->id)) != SR_OK ||
	    (err = sr_id_new(&m->audit.id)) != SR_OK)
		goto out;
	must(token_hash(token, m->hash));
	m->audit.target_id = m->one->id;
	m->audit.target_is_new = true;
	err = tx_run(m->store->db, &m->audit.id, make_tx, m);
	if (err != SR_OK)
		goto out;
	receipt = audit_committed(&m->audit);
	err = disclose(&receipt, &token, out);

out:
	secbuf_free(&token);
	keyset_release(&m->audit.keys);
	return (err);
}

/**
 * invitation_make(store, actor, email, role, hours, field, token, out):
 * Invite ${email} to be a ${role}.
 */
enum sr_error
invitation_make(const struct store * store, const struct actor * actor,
    const char * email, const char * role, unsigned hours,
    const char ** field, struct disclosed ** token, struct invitation * out)
{
	struct make m = { .store = store, .one = out,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_ACCOUNT_INVITE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "invitation" } };
	enum sr_error err;

	*token = NULL;
	*out = (struct invitation){ .created_at = m.audit.occurred_at,
	    .expires_at = m.audit.occurred_at + hours * SR_HOUR };
	(void)snprintf(out->invited_by, sizeof(out->invited_by), "%s",
	    actor->label);
	if ((err = check(&m, email, role, field)) == SR_OK)
		err = make(&m, token);
	if (err == SR_E_ACCOUNT_EXISTS)
		*field = "email";
	if (err == SR_OK) {
		LOG(ACCOUNT_INVITED, log_id("invitation_id", out->id),
		    log_const("role", role_name(out->role)));
		return (SR_OK);
	}
	m.audit.target_id = sr_id_nil;
	m.audit.target_is_new = false;
	return (people_refused(store, &m.audit, err));
}

struct withdraw {
	const struct store * store;
	struct sr_id id;
	struct audit_entry audit;
};

static enum sr_error
withdraw_tx(struct tx * tx, void * cookie)
{
	struct withdraw * w = cookie;
	uint64_t n = 0;
	enum sr_error err;

	if ((err = people_turn(tx, w->audit.occurred_at, w->audit.actor)) !=
	    SR_OK ||
	    (err = db_exec(tx_db(tx), STMT_INVITATION_DELETE,
	    DB_ARGS(DB_UUID(&w->id)), &n)) != SR_OK)
		return (err);
	if (n == 0)
		return (SR_E_INVITATION_NOT_FOUND);
	return (audit_append(tx, w->store, &w->audit));
}

/** invitation_withdraw(store, actor, id): its link works no more. */
enum sr_error
invitation_withdraw(const struct store * store, const struct actor * actor,
    const struct sr_id * id)
{
	struct withdraw w = { .store = store, .id = *id,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_ACCOUNT_INVITE_WITHDRAW,
	    .outcome = AUDIT_SUCCEEDED, .target_kind = "invitation",
	    .target_id = *id } };
	enum sr_error err;

	if ((err = setup_take_keys(store, &w.audit.keys)) == SR_OK &&
	    (err = sr_id_new(&w.audit.id)) == SR_OK)
		err = tx_run(store->db, &w.audit.id, withdraw_tx, &w);
	keyset_release(&w.audit.keys);
	if (err == SR_OK)
		return (SR_OK);
	w.audit.target_id = sr_id_nil;
	return (people_refused(store, &w.audit, err));
}

/* Count a wrong link, unless the address is blocked: then neither is done. */
static enum sr_error
wrong_link(const struct store * store, const struct actor * actor,
    unsigned * retry_after)
{
	const struct audit_entry e = { .occurred_at = clock_now(),
	    .actor = actor, .action = AUDIT_ACCOUNT_CREATE,
	    .target_kind = "account" };
	enum sr_error err;

	err = throttle_check(store->db, actor->label, INVITATION_ACCOUNT,
	    retry_after);
	if (err == SR_OK)
		err = throttle_failed(store->db, actor->label,
		    INVITATION_ACCOUNT);
	if (err != SR_OK)
		return (err);
	return (people_refused(store, &e, SR_E_INVITATION_INVALID));
}

static enum sr_error
find(struct db * db, const uint8_t hash[MAC_LEN], struct invitation * out)
{
	struct found f = { .one = out, .found = false };
	enum sr_error err;

	err = db_query(db, STMT_INVITATION_BY_TOKEN,
	    DB_ARGS(DB_BYTES(hash, MAC_LEN)), found_row, &f);
	if (err != SR_OK)
		return (err);
	return (f.found && clock_now() < out->expires_at ? SR_OK :
	    SR_E_INVITATION_INVALID);
}

/**
 * invitation_look(store, actor, token, out, retry_after):
 * The invitation of a link.
 */
enum sr_error
invitation_look(const struct store * store, const struct actor * actor,
    const struct secbuf * token, struct invitation * out,
    unsigned * retry_after)
{
	uint8_t hash[MAC_LEN];
	enum sr_error err = SR_E_INVITATION_INVALID;

	*out = (struct invitation){ .created_at = SR_TIME_NONE };
	if (token != NULL && token_hash(token, hash))
		err = find(store->db, hash, out);
	return (err == SR_E_INVITATION_INVALID ?
	    wrong_link(store, actor, retry_after) : err);
}

struct accept {
	const struct store * store;
	struct invitation * one;
	struct sr_id id;		/* Of the account. */
	char password_hash[PASSWORD_HASH_MAX];
	struct audit_entry audit;
};

/*
 * Who is no owner any more has lost his invitations with that; this is for what
 * took it from him by another way. An operator's name is no account's.
 */
static enum sr_error
inviter_stands(struct db * db, const struct invitation * one)
{
	struct account inviter;
	enum sr_error err;

	err = account_find(db, one->invited_by, &inviter);
	if (err == SR_E_ACCOUNT_NOT_FOUND)
		return (SR_OK);
	if (err == SR_OK && (inviter.role != ROLE_OWNER ||
	    inviter.disabled_at != SR_TIME_NONE))
		err = SR_E_INVITATION_INVALID;
	return (err);
}

static enum sr_error
accept_tx(struct tx * tx, void * cookie)
{
	struct accept * a = cookie;
	const struct invitation * one = a->one;
	struct db * db = tx_db(tx);
	uint64_t n = 0;
	enum sr_error err;

	/* It was withdrawn, or taken by another window, meanwhile. */
	if ((err = db_exec(db, STMT_INVITATION_DELETE,
	    DB_ARGS(DB_UUID(&one->id)), &n)) != SR_OK)
		return (err);
	if (n == 0)
		return (SR_E_INVITATION_INVALID);
	if ((err = inviter_stands(db, one)) != SR_OK ||
	    (err = no_account(db, one->email)) != SR_OK ||
	    (err = db_exec(db, STMT_ACCOUNT_INSERT, DB_ARGS(DB_UUID(&a->id),
	    DB_TEXT(one->email), DB_TEXT(a->password_hash),
	    DB_TEXT(role_name(one->role)), DB_TIME(a->audit.occurred_at),
	    DB_TIME(a->audit.occurred_at)), NULL)) != SR_OK)
		return (err);
	return (audit_append(tx, a->store, &a->audit));
}

static enum sr_error
accept(struct accept * a, const struct secbuf * password, unsigned cost)
{
	enum sr_error err;

	if ((err = setup_take_keys(a->store, &a->audit.keys)) == SR_OK &&
	    (err = hashing_password(password, cost, a->password_hash)) ==
	    SR_OK && (err = sr_id_new(&a->id)) == SR_OK &&
	    (err = sr_id_new(&a->audit.id)) == SR_OK) {
		a->audit.target_id = a->id;
		err = tx_run(a->store->db, &a->audit.id, accept_tx, a);
	}
	keyset_release(&a->audit.keys);
	explicit_bzero(a->password_hash, sizeof(a->password_hash));
	return (err);
}

/**
 * invitation_accept(store, actor, token, password, cost, out, retry_after):
 * Make the account with that password.
 */
enum sr_error
invitation_accept(const struct store * store, const struct actor * actor,
    const struct secbuf * token, const struct secbuf * password,
    unsigned cost, struct invitation * out, unsigned * retry_after)
{
	struct actor invited = *actor;
	struct accept a = { .store = store, .one = out,
	    .audit = { .occurred_at = clock_now(), .actor = &invited,
	    .action = AUDIT_ACCOUNT_CREATE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "account" } };
	enum sr_error err;

	err = invitation_look(store, actor, token, out, retry_after);
	if (err != SR_OK)
		return (err);
	(void)snprintf(invited.label, sizeof(invited.label), "%s", out->email);
	if ((err = accept(&a, password, cost)) == SR_OK) {
		LOG(ACCOUNT_CREATED, log_id("account_id", a.id),
		    log_const("role", role_name(out->role)));
		return (SR_OK);
	}
	a.audit.target_id = sr_id_nil;
	a.audit.actor = actor;
	return (people_refused(store, &a.audit, err));
}
