#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/keystore.h"

#include "core/access/hashing.h"
#include "core/access/people_internal.h"
#include "core/access/session_internal.h"
#include "core/access/setup_internal.h"
#include "core/access/throttle.h"

struct change {
	const struct store * store;
	const struct session * session;
	const struct password_change * in;
	char former[PASSWORD_HASH_MAX];
	char wanted[PASSWORD_HASH_MAX];
	uint64_t ended;
	struct audit_entry audit;
};

static enum sr_error
former_row(const struct db_row * row, void * cookie)
{
	struct change * c = cookie;

	(void)snprintf(c->former, sizeof(c->former), "%s",
	    db_col_text(row, 0));
	return (SR_OK);
}

static enum sr_error
verify(struct change * c, unsigned * retry_after)
{
	struct db * db = c->store->db;
	enum sr_error err, counted;

	if ((err = db_query(db, STMT_ACCOUNT_PASSWORD_OF,
	    DB_ARGS(DB_UUID(&c->session->account_id)), former_row, c)) !=
	    SR_OK || (err = hashing_begin()) != SR_OK)
		return (err);
	err = throttle_check(db, c->in->address, c->session->email,
	    retry_after);
	if (err == SR_OK && (c->in->current == NULL || c->former[0] == '\0' ||
	    password_verify(c->in->current, c->former) != SR_OK)) {
		err = SR_E_PASSWORD_WRONG;
		counted = throttle_failed(db, c->in->address,
		    c->session->email);
		if (counted != SR_OK)
			err = counted;
	}
	hashing_end();
	return (err);
}

/* Of two changes at once the second one's current password is no more. */
static enum sr_error
change_tx(struct tx * tx, void * cookie)
{
	struct change * c = cookie;
	const struct sr_id * id = &c->session->account_id;
	const sr_time now = c->audit.occurred_at;
	struct db * db = tx_db(tx);
	uint64_t n = 0;
	enum sr_error err;

	if ((err = db_exec(db, STMT_ACCOUNT_NEXT_PASSWORD,
	    DB_ARGS(DB_TEXT(c->wanted), DB_TIME(now), DB_UUID(id),
	    DB_TEXT(c->former)), &n)) != SR_OK)
		return (err);
	if (n == 0)
		return (SR_E_PASSWORD_WRONG);
	if ((err = db_exec(db, STMT_STEP_DELETE_ALL, DB_ARGS(DB_UUID(id)),
	    NULL)) != SR_OK ||
	    (err = db_exec(db, STMT_SESSION_END_OTHERS, DB_ARGS(DB_TIME(now),
	    DB_UUID(id), DB_UUID(&c->session->id)), &c->ended)) != SR_OK)
		return (err);
	return (audit_append(tx, c->store, &c->audit));
}

static enum sr_error
change(struct change * c, unsigned * retry_after)
{
	enum sr_error err;

	if (c->in->wanted == NULL ||
	    secbuf_len(c->in->wanted) < PASSWORD_MIN ||
	    secbuf_len(c->in->wanted) > PASSWORD_MAX)
		return (SR_E_PASSWORD_INVALID);
	if ((err = setup_take_keys(c->store, &c->audit.keys)) == SR_OK &&
	    (err = verify(c, retry_after)) == SR_OK &&
	    (err = hashing_password(c->in->wanted, c->in->cost, c->wanted)) ==
	    SR_OK && (err = sr_id_new(&c->audit.id)) == SR_OK)
		err = tx_run(c->store->db, &c->audit.id, change_tx, c);
	keyset_release(&c->audit.keys);
	explicit_bzero(c->former, sizeof(c->former));
	explicit_bzero(c->wanted, sizeof(c->wanted));
	return (err);
}

/**
 * password_change(store, actor, session, change, ended, retry_after):
 * A new password for the session's account; its other sessions end.
 */
enum sr_error
password_change(const struct store * store, const struct actor * actor,
    const struct session * session, const struct password_change * in,
    uint64_t * ended, unsigned * retry_after)
{
	struct change c = { .store = store, .session = session, .in = in,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_PASSWORD_CHANGE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "account", .target_id = session->account_id } };
	enum sr_error err;

	*ended = 0;
	if ((err = change(&c, retry_after)) != SR_OK)
		return (err == SR_E_SIGN_IN_THROTTLED ? err :
		    people_refused(store, &c.audit, err));
	*ended = c.ended;
	LOG(PASSWORD_CHANGED, log_id("account_id", session->account_id),
	    log_u64("sessions_ended", c.ended));
	return (SR_OK);
}

/**
 * password_ask(store, actor, session, current, address, retry_after):
 * Whether who is at the browser knows the password.
 */
enum sr_error
password_ask(const struct store * store, const struct actor * actor,
    const struct session * session, const struct secbuf * current,
    const char * address, unsigned * retry_after)
{
	const struct password_change in = { .current = current,
	    .address = address };
	struct change c = { .store = store, .session = session, .in = &in,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_SECOND_FACTOR_BEGIN, .target_kind = "account",
	    .target_id = session->account_id } };
	enum sr_error err;

	err = verify(&c, retry_after);
	explicit_bzero(c.former, sizeof(c.former));
	return (err == SR_OK || err == SR_E_SIGN_IN_THROTTLED ? err :
	    people_refused(store, &c.audit, err));
}
