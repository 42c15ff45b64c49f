#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/access/setup_internal.h"
#include "core/access/throttle.h"

#include "core/access/account.h"

#define SR_MINUTE	(60 * SR_SECOND)

/* What stands for the account in the throttle's pair; no address is so. */
#define SETUP_ACCOUNT	" set-up"

static bool
hash_col(const struct db_row * row, size_t i, uint8_t out[MAC_LEN])
{
	const uint8_t * bytes;
	size_t len;

	if (db_col_null(row, i))
		return (false);
	bytes = db_col_bytes(row, i, &len);
	if (len != MAC_LEN)
		return (false);
	memcpy(out, bytes, MAC_LEN);
	return (true);
}

static enum sr_error
setup_row(const struct db_row * row, void * cookie)
{
	struct setup_state * s = cookie;

	s->has_token = hash_col(row, 0, s->token_hash);
	s->token_expires_at = db_col_time(row, 1);
	s->has_cookie = hash_col(row, 2, s->cookie_hash);
	s->cookie_expires_at = db_col_time(row, 3);
	s->completed_at = db_col_time(row, 4);
	s->providers_done_at = db_col_time(row, 5);
	s->found = true;
	return (SR_OK);
}

/**
 * setup_read(db, stmt, out):
 * Read the row, locking it if ${stmt} does.
 */
enum sr_error
setup_read(struct db * db, enum stmt stmt, struct setup_state * out)
{
	enum sr_error err;

	*out = (struct setup_state){ .found = false };
	if ((err = db_query(db, stmt, DB_NOARGS, setup_row, out)) != SR_OK)
		return (err);
	if (!out->found)
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("table", "setup")));
	return (SR_OK);
}

/**
 * setup_judge(has, stored, expires_at, given, now):
 * Whether the hash that was given is the stored one and in its time.
 */
enum sr_error
setup_judge(bool has, const uint8_t stored[MAC_LEN], sr_time expires_at,
    const uint8_t * given, sr_time now)
{
	if (!has || given == NULL || !mac_equal(stored, given))
		return (SR_E_SETUP_TOKEN_INVALID);
	if (now >= expires_at)
		return (SR_E_SETUP_TOKEN_EXPIRED);
	return (SR_OK);
}

/**
 * setup_open(db, open):
 * Whether the instance still waits for its owner.
 */
enum sr_error
setup_open(struct db * db, bool * open)
{
	struct setup_state s;
	enum sr_error err;

	if ((err = setup_read(db, STMT_SETUP_READ, &s)) == SR_OK)
		*open = s.completed_at == SR_TIME_NONE;
	return (err);
}

/**
 * setup_admitted(db, cookie):
 * SR_OK if the cookie may create the owner.
 */
enum sr_error
setup_admitted(struct db * db, const struct secbuf * cookie)
{
	struct setup_state s;
	uint8_t hash[MAC_LEN];
	bool formed = cookie != NULL && token_hash(cookie, hash);
	enum sr_error err;

	if ((err = setup_read(db, STMT_SETUP_READ, &s)) != SR_OK)
		return (err);
	if (s.completed_at != SR_TIME_NONE)
		return (SR_E_SETUP_CLOSED);
	return (setup_judge(s.has_cookie, s.cookie_hash, s.cookie_expires_at,
	    formed ? hash : NULL, clock_now()));
}

/**
 * setup_take_keys(store, keys):
 * Hold the keys that the audit row of a step of set-up is sealed with.
 */
enum sr_error
setup_take_keys(const struct store * store, const struct keyset ** keys)
{
	enum sr_error err;

	*keys = NULL;
	if (store->keys == NULL)
		return (SR_E_SECRET_ENCRYPTION_UNAVAILABLE);
	err = keystore_take(store->keys, store->db, keys);
	if (err == SR_OK || err == SR_E_DATABASE_UNAVAILABLE)
		return (err);
	err = keystore_write_error(store->keys);
	return (err == SR_OK ? SR_E_SECRET_ENCRYPTION_UNAVAILABLE : err);
}

/**
 * setup_wrong_token(store, audit, error, retry_after):
 * Count a wrong token against the actor's address, and audit it, unless the
 * address is blocked: a stranger must not fill the table.
 */
enum sr_error
setup_wrong_token(const struct store * store, struct audit_entry * audit,
    enum sr_error error, unsigned * retry_after)
{
	const char * address = audit->actor->label;
	unsigned unread;
	enum sr_error err;

	err = throttle_check(store->db, address, SETUP_ACCOUNT,
	    retry_after == NULL ? &unread : retry_after);
	if (err == SR_OK)
		err = throttle_failed(store->db, address, SETUP_ACCOUNT);
	if (err != SR_OK)
		return (err);
	audit->id = sr_id_nil;
	audit->target_id = sr_id_nil;
	audit->outcome = AUDIT_FAILED;
	audit->error = error;
	(void)audit_refusal(store, audit);
	return (error);
}

/* A link, or its exchange for a cookie: both put a new token into the row. */
struct change {
	const struct store * store;
	enum stmt stmt;			/* SETUP_SET_TOKEN or _COOKIE. */
	const uint8_t * given;		/* Hash of the link's token, or NULL. */
	uint8_t hash[MAC_LEN];		/* Of the new token. */
	sr_time expires_at;
	struct audit_entry audit;
};

static enum sr_error
may_change(const struct change * c, const struct setup_state * s)
{
	if (s->completed_at != SR_TIME_NONE)
		return (SR_E_SETUP_CLOSED);
	if (c->stmt != STMT_SETUP_SET_COOKIE)
		return (SR_OK);
	return (setup_judge(s->has_token, s->token_hash, s->token_expires_at,
	    c->given, c->audit.occurred_at));
}

static enum sr_error
change_tx(struct tx * tx, void * cookie)
{
	struct change * c = cookie;
	struct setup_state s;
	enum sr_error err;

	if ((err = setup_read(tx_db(tx), STMT_SETUP_LOCK, &s)) != SR_OK ||
	    (err = may_change(c, &s)) != SR_OK)
		return (err);
	err = db_exec(tx_db(tx), c->stmt, DB_ARGS(DB_BYTES(c->hash, MAC_LEN),
	    DB_TIME(c->expires_at)), NULL);
	if (err != SR_OK)
		return (err);
	return (audit_append(tx, c->store, &c->audit));
}

/*
 * What can be refused without a lock and a transaction is. Whoever asks for the
 * page with any token must not make writers wait.
 */
static enum sr_error
look_first(const struct change * c)
{
	struct setup_state s;
	enum sr_error err;

	if ((err = setup_read(c->store->db, STMT_SETUP_READ, &s)) != SR_OK)
		return (err);
	return (may_change(c, &s));
}

/* Make a token, store its hash, hand the token out with the audit row's id. */
static enum sr_error
change(struct change * c, struct disclosed ** out)
{
	struct audit_receipt receipt;
	const struct keyset * keys = NULL;
	struct secbuf * token = NULL;
	enum sr_error err;

	if ((err = look_first(c)) != SR_OK ||
	    (err = setup_take_keys(c->store, &keys)) != SR_OK ||
	    (err = token_new(&token)) != SR_OK ||
	    (err = sr_id_new(&c->audit.id)) != SR_OK)
		goto out;
	c->audit.keys = keys;
	must(token_hash(token, c->hash));
	err = tx_run(c->store->db, &c->audit.id, change_tx, c);
	if (err != SR_OK)
		goto out;
	receipt = audit_committed(&c->audit);
	err = disclose(&receipt, &token, out);

out:
	secbuf_free(&token);
	c->audit.keys = NULL;
	keyset_release(&keys);
	return (err);
}

/**
 * setup_link(store, actor, minutes, out):
 * Make a one-time set-up token; what was made before it ends.
 */
enum sr_error
setup_link(const struct store * store, const struct actor * actor,
    unsigned minutes, struct disclosed ** out)
{
	const sr_time now = clock_now();
	struct change c = { .store = store, .stmt = STMT_SETUP_SET_TOKEN,
	    .expires_at = now + minutes * SR_MINUTE,
	    .audit = { .occurred_at = now, .actor = actor,
	    .action = AUDIT_SETUP_LINK, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "setup" } };
	enum sr_error err;

	*out = NULL;
	if ((err = change(&c, out)) == SR_OK)
		LOG(SETUP_LINK_MADE, log_u64("minutes", minutes));
	return (err);
}

/**
 * setup_exchange(store, actor, token, minutes, cookie, retry_after):
 * Trade the link's token, once, for a cookie that may create the owner.
 */
enum sr_error
setup_exchange(const struct store * store, const struct actor * actor,
    const struct secbuf * token, unsigned minutes, struct disclosed ** cookie,
    unsigned * retry_after)
{
	const sr_time now = clock_now();
	struct change c = { .store = store, .stmt = STMT_SETUP_SET_COOKIE,
	    .expires_at = now + minutes * SR_MINUTE,
	    .audit = { .occurred_at = now, .actor = actor,
	    .action = AUDIT_SETUP_EXCHANGE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "setup" } };
	uint8_t given[MAC_LEN];
	enum sr_error err;

	*cookie = NULL;
	if (token_hash(token, given))
		c.given = given;
	if ((err = change(&c, cookie)) == SR_OK) {
		LOG(SETUP_LINK_EXCHANGED, log_u64("minutes", minutes));
		return (SR_OK);
	}
	if (err == SR_E_SETUP_TOKEN_INVALID || err == SR_E_SETUP_TOKEN_EXPIRED)
		err = setup_wrong_token(store, &c.audit, err, retry_after);
	LOG(SETUP_LINK_REFUSED, log_error(err));
	return (err);
}
