#include "core/base/secbuf.h"
#include "core/log/log.h"
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
	struct setup_state s;
	enum sr_error err;

	o->has_cookie = cookie != NULL && token_hash(cookie, o->cookie_hash);
	if ((err = setup_read(o->store->db, STMT_SETUP_READ, &s)) != SR_OK ||
	    (err = admitted(o, &s)) != SR_OK)
		return (err);
	if (!email_fold(email, o->email))
		return (SR_E_EMAIL_INVALID);
	return (policy_plain_text(o->store->redact, email));
}

static enum sr_error
hash(struct owner * o, const struct secbuf * password, unsigned cost)
{
	enum sr_error err;

	if (password == NULL || secbuf_len(password) < PASSWORD_MIN ||
	    secbuf_len(password) > PASSWORD_MAX)
		return (SR_E_PASSWORD_INVALID);
	if ((err = hashing_begin()) != SR_OK)
		return (err);
	err = password_hash(password, cost, o->password_hash);
	hashing_end();
	return (err);
}

static void
refused(const struct owner * o, enum sr_error error)
{
	struct audit_entry e = o->audit;

	LOG(OWNER_REFUSED, log_error(error));
	if (error != SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED &&
	    error != SR_E_SETUP_TOKEN_INVALID &&
	    error != SR_E_SETUP_TOKEN_EXPIRED)
		return;
	e.id = sr_id_nil;
	e.target_id = sr_id_nil;
	e.error = error;
	e.outcome = error == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED ?
	    AUDIT_BLOCKED : AUDIT_FAILED;
	(void)audit_refusal(o->store, &e);
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
	    (err = hash(&o, password, cost)) != SR_OK ||
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
		refused(&o, err);
	explicit_bzero(o.password_hash, sizeof(o.password_hash));
	return (err);
}
