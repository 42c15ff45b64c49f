#include "core/base/random.h"
#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/keystore.h"
#include "core/store/tx.h"

#include "core/access/factor_internal.h"
#include "core/access/setup_internal.h"
#include "core/access/throttle.h"

static enum sr_error
stored_row(const struct db_row * row, void * cookie)
{
	struct factor_stored * s = cookie;
	const uint8_t * salt;
	size_t len;

	salt = db_col_bytes(row, 0, &len);
	if (len != TOTP_SALT_LEN)
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "account_factor.salt")));
	memcpy(s->salt, salt, len);
	s->confirmed_at = db_col_time(row, 1);
	s->last_step = (uint64_t)db_col_int(row, 2);
	s->recovery_codes = (unsigned)db_col_int(row, 3);
	s->found = true;
	return (SR_OK);
}

/** factor_stored_read(db, stmt, account, out): FACTOR_READ or FACTOR_LOCK. */
enum sr_error
factor_stored_read(struct db * db, enum stmt stmt,
    const struct sr_id * account, struct factor_stored * out)
{

	*out = (struct factor_stored){ .confirmed_at = SR_TIME_NONE };
	return (db_query(db, stmt, DB_ARGS(DB_UUID(account)), stored_row,
	    out));
}

/** factor_read(db, account, out): what is known of it. */
enum sr_error
factor_read(struct db * db, const struct sr_id * account, struct factor * out)
{
	struct factor_stored s;
	enum sr_error err;

	*out = (struct factor){ FACTOR_NONE, SR_TIME_NONE, 0 };
	err = factor_stored_read(db, STMT_FACTOR_READ, account, &s);
	if (err != SR_OK || !s.found)
		return (err);
	out->state = s.confirmed_at == SR_TIME_NONE ? FACTOR_BEGUN :
	    FACTOR_CONFIRMED;
	out->confirmed_at = s.confirmed_at;
	out->recovery_codes = s.recovery_codes;
	return (SR_OK);
}

/** factor_check(keys, account, stored, code, now, step): as totp_check. */
enum sr_error
factor_check(const struct keyset * keys, const struct sr_id * account,
    const struct factor_stored * stored, const struct secbuf * code,
    sr_time now, uint64_t * step)
{
	struct secbuf * seed = NULL;
	enum sr_error err;

	err = totp_seed(keyset_factor_key(keys), account, stored->salt, &seed);
	if (err == SR_OK)
		err = totp_check(seed, code, now, step);
	secbuf_free(&seed);
	if (err == SR_OK && *step <= stored->last_step)
		err = SR_E_SECOND_FACTOR_REFUSED;
	return (err);
}

/** factor_shown_free(shown): wipe and release. */
void
factor_shown_free(struct factor_shown * shown)
{

	disclosed_free(&shown->picture);
	disclosed_free(&shown->text);
}

struct begin {
	const struct store * store;
	struct sr_id account;
	uint8_t salt[TOTP_SALT_LEN];
	struct audit_entry audit;
};

static enum sr_error
locked_row(const struct db_row * row, void * cookie)
{
	bool * stands = cookie;

	*stands = db_col_null(row, 4);
	return (SR_OK);
}

/* The account's row first, as everywhere. */
static enum sr_error
lock_account(struct db * db, const struct sr_id * id)
{
	bool stands = false;
	enum sr_error err;

	err = db_query(db, STMT_ACCOUNT_LOCK, DB_ARGS(DB_UUID(id)),
	    locked_row, &stands);
	if (err != SR_OK)
		return (err);
	return (stands ? SR_OK : SR_E_SESSION_EXPIRED);
}

static enum sr_error
begin_tx(struct tx * tx, void * cookie)
{
	struct begin * b = cookie;
	struct db * db = tx_db(tx);
	struct factor_stored s;
	enum sr_error err;

	if ((err = lock_account(db, &b->account)) != SR_OK ||
	    (err = factor_stored_read(db, STMT_FACTOR_LOCK, &b->account,
	    &s)) != SR_OK)
		return (err);
	if (s.found && s.confirmed_at != SR_TIME_NONE)
		return (SR_E_SECOND_FACTOR_EXISTS);
	err = db_exec(db, STMT_FACTOR_PUT, DB_ARGS(DB_UUID(&b->account),
	    DB_BYTES(b->salt, TOTP_SALT_LEN),
	    DB_TIME(b->audit.occurred_at)), NULL);
	if (err != SR_OK)
		return (err);
	return (audit_append(tx, b->store, &b->audit));
}

static enum sr_error
show(const struct begin * b, const char * email, struct factor_shown * out)
{
	const struct audit_receipt receipt = audit_committed(&b->audit);
	struct secbuf * seed = NULL, * path = NULL, * text = NULL;
	enum sr_error err;

	err = totp_seed(keyset_factor_key(b->audit.keys), &b->account,
	    b->salt, &seed);
	if (err == SR_OK)
		err = totp_picture(seed, email, &path, &out->size);
	if (err == SR_OK)
		err = totp_text(seed, &text);
	secbuf_free(&seed);
	if (err == SR_OK)
		err = disclose(&receipt, &path, &out->picture);
	if (err == SR_OK)
		err = disclose(&receipt, &text, &out->text);
	secbuf_free(&path);
	secbuf_free(&text);
	if (err != SR_OK)
		factor_shown_free(out);
	return (err);
}

/**
 * factor_begin(store, actor, session, out):
 * A new seed for the session's account.
 */
enum sr_error
factor_begin(const struct store * store, const struct actor * actor,
    const struct session * session, struct factor_shown * out)
{
	struct begin b = { .store = store, .account = session->account_id,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_SECOND_FACTOR_BEGIN, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "account", .target_id = session->account_id } };
	enum sr_error err;

	*out = (struct factor_shown){ NULL, NULL, 0 };
	if ((err = setup_take_keys(store, &b.audit.keys)) == SR_OK &&
	    (err = random_bytes(b.salt, sizeof(b.salt))) == SR_OK &&
	    (err = sr_id_new(&b.audit.id)) == SR_OK &&
	    (err = tx_run(store->db, &b.audit.id, begin_tx, &b)) == SR_OK)
		err = show(&b, session->email, out);
	keyset_release(&b.audit.keys);
	return (err);
}

struct confirm {
	const struct store * store;
	const struct session * session;
	const struct secbuf * code;
	uint64_t step;
	bool taken;			/* The try is counted. */
	struct secbuf * codes[RECOVERY_CODES];
	uint8_t hashes[RECOVERY_CODES][MAC_LEN];
	struct audit_entry audit;
};

static enum sr_error
make_codes(struct confirm * c)
{
	enum sr_error err;

	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		if ((err = recovery_new(&c->codes[i])) != SR_OK)
			return (err);
		if (!recovery_hash(c->codes[i], &c->session->account_id,
		    c->hashes[i]))
			return (sr_fail(SR_E_OUT_OF_MEMORY,
			    log_const("for", "recovery codes")));
	}
	return (SR_OK);
}

static enum sr_error
keep_codes(struct db * db, const struct confirm * c)
{
	const struct sr_id * account = &c->session->account_id;
	enum sr_error err;

	err = db_exec(db, STMT_RECOVERY_DELETE, DB_ARGS(DB_UUID(account)),
	    NULL);
	for (size_t i = 0; i < RECOVERY_CODES && err == SR_OK; i++)
		err = db_exec(db, STMT_RECOVERY_INSERT,
		    DB_ARGS(DB_UUID(account),
		    DB_BYTES(c->hashes[i], MAC_LEN)), NULL);
	return (err);
}

/* The seed may have been made anew since the page was shown: read it here. */
static enum sr_error
confirm_tx(struct tx * tx, void * cookie)
{
	struct confirm * c = cookie;
	const struct sr_id * account = &c->session->account_id;
	const sr_time now = c->audit.occurred_at;
	struct db * db = tx_db(tx);
	struct factor_stored s;
	enum sr_error err;

	if ((err = lock_account(db, account)) != SR_OK ||
	    (err = factor_stored_read(db, STMT_FACTOR_LOCK, account, &s)) !=
	    SR_OK)
		return (err);
	if (!s.found)
		return (SR_E_SECOND_FACTOR_MISSING);
	if (s.confirmed_at != SR_TIME_NONE)
		return (SR_E_SECOND_FACTOR_EXISTS);
	if ((err = factor_check(c->audit.keys, account, &s, c->code, now,
	    &c->step)) != SR_OK ||
	    (err = db_exec(db, STMT_FACTOR_CONFIRM, DB_ARGS(DB_TIME(now),
	    DB_INT(c->step), DB_UUID(account)), NULL)) != SR_OK ||
	    (err = keep_codes(db, c)) != SR_OK ||
	    (err = db_exec(db, STMT_SESSION_END_OTHERS, DB_ARGS(DB_TIME(now),
	    DB_UUID(account), DB_UUID(&c->session->id)), NULL)) != SR_OK)
		return (err);
	return (audit_append(tx, c->store, &c->audit));
}

static enum sr_error
confirm(struct confirm * c, struct disclosed * out[RECOVERY_CODES])
{
	struct audit_receipt receipt;
	enum sr_error err;

	if ((err = setup_take_keys(c->store, &c->audit.keys)) == SR_OK &&
	    (err = make_codes(c)) == SR_OK &&
	    (err = sr_id_new(&c->audit.id)) == SR_OK)
		err = tx_run(c->store->db, &c->audit.id, confirm_tx, c);
	keyset_release(&c->audit.keys);
	receipt = audit_committed(&c->audit);
	for (size_t i = 0; i < RECOVERY_CODES && err == SR_OK; i++)
		err = disclose(&receipt, &c->codes[i], &out[i]);
	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		secbuf_free(&c->codes[i]);
		if (err != SR_OK)
			disclosed_free(&out[i]);
	}
	return (err);
}

/* A code that was wrong is counted, so that nobody can try them all. */
static enum sr_error
refused(const struct confirm * c, const char * address, enum sr_error error)
{
	struct audit_entry e = c->audit;
	enum sr_error err;

	LOG(SECOND_FACTOR_REFUSED, log_error(error));
	if (error != SR_E_SECOND_FACTOR_REFUSED) {
		if (c->taken && throttle_code_untried(c->store->db,
		    &c->session->account_id) != SR_OK)
			LOG(SIGN_IN_COUNTER_KEPT,
			    log_id("account_id", c->session->account_id));
		return (error);
	}
	err = throttle_code_failed(c->store->db, address);
	e.id = sr_id_nil;
	e.outcome = AUDIT_FAILED;
	e.error = error;
	(void)audit_refusal(c->store, &e);
	return (err == SR_OK ? error : err);
}

/**
 * factor_confirm(store, actor, session, code, address, codes, retry_after):
 * Confirm it by a code, and end the account's other sessions.
 */
enum sr_error
factor_confirm(const struct store * store, const struct actor * actor,
    const struct session * session, const struct secbuf * code,
    const char * address, struct disclosed * codes[RECOVERY_CODES],
    unsigned * retry_after)
{
	struct confirm c = { .store = store, .session = session, .code = code,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_SECOND_FACTOR_ENABLE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "account", .target_id = session->account_id } };
	enum sr_error err;

	for (size_t i = 0; i < RECOVERY_CODES; i++)
		codes[i] = NULL;
	err = throttle_code_take(store->db, address, &session->account_id,
	    retry_after);
	c.taken = err == SR_OK;
	if (c.taken)
		err = confirm(&c, codes);
	if (err != SR_OK)
		return (refused(&c, address, err));
	if (throttle_code_passed(store->db, &session->account_id) != SR_OK)
		LOG(SIGN_IN_COUNTER_KEPT,
		    log_id("account_id", session->account_id));
	LOG(SECOND_FACTOR_ENABLED, log_id("account_id", session->account_id));
	return (SR_OK);
}
