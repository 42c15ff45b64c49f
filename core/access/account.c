#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"
#include "core/vault/policy.h"

#include "core/access/hashing.h"
#include "core/access/setup_internal.h"

#include "core/access/account.h"

struct owner {
	const struct store * store;
	bool operator;			/* The command line, without cookie. */
	bool has_cookie;
	uint8_t cookie_hash[MAC_LEN];
	struct sr_id id;
	char email[EMAIL_MAX + 1];
	char password_hash[PASSWORD_HASH_MAX];
	sr_time now;
	const struct keyset * keys;	/* Of the audit row. */
	struct audit_entry audit;
};

static enum sr_error
admitted(const struct owner * o, const struct setup_state * s)
{
	if (s->completed_at != SR_TIME_NONE)
		return (o->operator ? SR_E_OWNER_EXISTS : SR_E_SETUP_CLOSED);
	if (o->operator)
		return (SR_OK);
	return (setup_judge(s->has_cookie, s->cookie_hash,
	    s->cookie_expires_at, o->has_cookie ? o->cookie_hash : NULL,
	    o->now));
}

/* The row lock on table setup lets one of several through. */
static enum sr_error
owner_tx(struct tx * tx, void * cookie)
{
	struct owner * o = cookie;
	struct db * db = tx_db(tx);
	struct setup_state s;
	enum sr_error err;

	if ((err = setup_read(db, STMT_SETUP_LOCK, &s)) != SR_OK ||
	    (err = admitted(o, &s)) != SR_OK)
		return (err);
	err = db_exec(db, STMT_ACCOUNT_INSERT,
	    DB_ARGS(DB_UUID(&o->id), DB_TEXT(o->email),
	    DB_TEXT(o->password_hash), DB_TEXT(role_name(ROLE_OWNER)),
	    DB_TIME(o->now), DB_TIME(o->now)), NULL);
	if (err == SR_OK)
		err = db_exec(db, STMT_SETUP_COMPLETE,
		    DB_ARGS(DB_TIME(o->now), DB_UUID(&o->id)), NULL);
	if (err != SR_OK)
		return (err);
	return (audit_append(tx, o->store, &o->audit));
}

/* Refuse early, so that a stranger cannot make us hash passwords. */
static enum sr_error
check(struct owner * o, const struct secbuf * cookie, const char * email)
{
	const struct policy_field fields[] = { { "email", email } };
	struct setup_state s;
	enum sr_error err;

	o->has_cookie = cookie != NULL && token_hash(cookie, o->cookie_hash);
	if ((err = setup_read(o->store->db, STMT_SETUP_READ, &s)) != SR_OK ||
	    (err = admitted(o, &s)) != SR_OK)
		return (err);
	if (!email_fold(email, o->email))
		return (SR_E_EMAIL_INVALID);
	if ((err = setup_take_keys(o->store, &o->keys)) != SR_OK)
		return (err);
	o->audit.keys = o->keys;
	return (policy_admit(o->store, &o->audit, fields, COUNTOF(fields),
	    NULL));
}

/* Returns what is to be answered. */
static enum sr_error
refused(const struct owner * o, enum sr_error error)
{
	struct audit_entry e = o->audit;

	if (error == SR_E_SETUP_TOKEN_INVALID ||
	    error == SR_E_SETUP_TOKEN_EXPIRED)
		error = setup_wrong_token(o->store, &e, error, NULL);
	LOG(OWNER_REFUSED, log_error(error));
	return (error);
}

/**
 * owner_create(store, actor, cookie, email, password, cost, id):
 * Make the owner's account and close set-up.
 */
enum sr_error
owner_create(const struct store * store, const struct actor * actor,
    const struct secbuf * cookie, const char * email,
    const struct secbuf * password, unsigned cost, struct sr_id * id)
{
	struct owner o = { .store = store, .now = clock_now(),
	    .operator = cookie == NULL && actor->kind == ACTOR_OPERATOR };
	enum sr_error err;

	o.audit = (struct audit_entry){ .occurred_at = o.now, .actor = actor,
	    .action = AUDIT_OWNER_CREATE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "account" };
	if ((err = check(&o, cookie, email)) != SR_OK ||
	    (err = hashing_password(password, cost, o.password_hash)) !=
	    SR_OK ||
	    (err = sr_id_new(&o.id)) != SR_OK ||
	    (err = sr_id_new(&o.audit.id)) != SR_OK)
		goto out;
	o.audit.target_id = o.id;
	err = tx_run(store->db, &o.audit.id, owner_tx, &o);
	if (err == SR_OK) {
		LOG(OWNER_CREATED, log_id("account_id", o.id));
		*id = o.id;
	}

out:
	if (err != SR_OK)
		err = refused(&o, err);
	keyset_release(&o.keys);
	explicit_bzero(o.password_hash, sizeof(o.password_hash));
	return (err);
}

struct reset {
	const struct store * store;
	char password_hash[PASSWORD_HASH_MAX];
	bool found;
	struct sr_id id;		/* Of the owner. */
	char email[EMAIL_MAX + 1];
	uint64_t sessions;		/* How many were ended. */
	struct audit_entry audit;
};

static enum sr_error
reset_row(const struct db_row * row, void * cookie)
{
	struct reset * r = cookie;

	r->found = true;
	r->id = db_col_uuid(row, 0);
	snprintf(r->email, sizeof(r->email), "%s", db_col_text(row, 1));
	return (SR_OK);
}

/*
 * The account's row is locked first: a sign-in that is making a session holds
 * it too (session.c), so that none slips in under the former password.
 */
static enum sr_error
reset_tx(struct tx * tx, void * cookie)
{
	struct reset * r = cookie;
	struct db * db = tx_db(tx);
	const sr_time now = r->audit.occurred_at;
	enum sr_error err;

	r->found = false;
	err = db_query(db, STMT_OWNER_LOCK, DB_NOARGS, reset_row, r);
	if (err != SR_OK)
		return (err);
	if (!r->found)
		return (SR_E_OWNER_MISSING);
	err = db_exec(db, STMT_ACCOUNT_PASSWORD,
	    DB_ARGS(DB_TEXT(r->password_hash), DB_TIME(now), DB_UUID(&r->id)),
	    NULL);
	if (err == SR_OK)
		err = db_exec(db, STMT_STEP_DELETE_ALL,
		    DB_ARGS(DB_UUID(&r->id)), NULL);
	if (err == SR_OK)
		err = db_exec(db, STMT_INVITATION_DELETE_BY,
		    DB_ARGS(DB_TEXT(r->email)), NULL);
	if (err == SR_OK)
		err = db_exec(db, STMT_SESSION_END_ALL,
		    DB_ARGS(DB_TIME(now), DB_UUID(&r->id)), &r->sessions);
	if (err != SR_OK)
		return (err);
	r->audit.target_id = r->id;
	return (audit_append(tx, r->store, &r->audit));
}

/**
 * owner_reset(store, actor, password, cost, email, sessions):
 * Give the owner a new password and end the owner's sessions and invitations.
 */
enum sr_error
owner_reset(const struct store * store, const struct actor * actor,
    const struct secbuf * password, unsigned cost, char email[EMAIL_MAX + 1],
    uint64_t * sessions)
{
	struct reset r = { .store = store };
	const struct keyset * keys = NULL;
	enum sr_error err;

	must(actor->kind == ACTOR_OPERATOR);
	r.audit = (struct audit_entry){ .occurred_at = clock_now(),
	    .actor = actor, .action = AUDIT_OWNER_RESET,
	    .outcome = AUDIT_SUCCEEDED, .target_kind = "account" };
	if ((err = setup_take_keys(store, &keys)) == SR_OK &&
	    (err = hashing_password(password, cost, r.password_hash)) ==
	    SR_OK &&
	    (err = sr_id_new(&r.audit.id)) == SR_OK) {
		r.audit.keys = keys;
		err = tx_run(store->db, &r.audit.id, reset_tx, &r);
	}
	keyset_release(&keys);
	explicit_bzero(r.password_hash, sizeof(r.password_hash));
	if (err != SR_OK)
		return (err);
	LOG(OWNER_RESET, log_id("account_id", r.id),
	    log_u64("sessions_ended", r.sessions));
	snprintf(email, EMAIL_MAX + 1, "%s", r.email);
	*sessions = r.sessions;
	return (SR_OK);
}
