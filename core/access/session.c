#include <arpa/inet.h>

#include "core/base/metric.h"
#include "core/base/secbuf.h"
#include "core/keys/token.h"
#include "core/log/log.h"
#include "core/store/tx.h"
#include "core/vault/policy.h"

#include "core/access/hashing.h"
#include "core/access/throttle.h"

#include "core/access/session_internal.h"

#define SR_MINUTE	(60 * SR_SECOND)
#define SR_HOUR		(60 * SR_MINUTE)

struct begin {
	const struct store * store;
	const struct sign_in * in;
	sr_time now;
	char email[EMAIL_MAX + 1];	/* Folded; "": not an address. */

	/* The account, if there is one. */
	bool known;
	bool factor;			/* A second step follows. */
	char password_hash[PASSWORD_HASH_MAX];

	struct session_new made;
	const struct actor * asking;	/* By his address. */
	struct actor actor;		/* The same, or who it turned out to
					   be. */
	struct audit_entry audit;
};

static enum sr_error
account_row(const struct db_row * row, void * cookie)
{
	struct begin * b = cookie;

	b->made.account_id = db_col_uuid(row, 0);
	snprintf(b->password_hash, sizeof(b->password_hash), "%s",
	    db_col_text(row, 1));
	b->factor = db_col_int(row, 2) != 0;
	b->known = true;
	return (SR_OK);
}

/*
 * The decoy is made before anything else and verified where there is no
 * account, so that the time of an answer does not say whether there is one.
 */
static enum sr_error
verify(struct begin * b)
{
	char decoy[PASSWORD_HASH_MAX];
	enum sr_error err;

	if ((err = hashing_decoy(b->in->cost, decoy)) != SR_OK)
		return (err);
	err = db_query(b->store->db, STMT_ACCOUNT_BY_EMAIL,
	    DB_ARGS(DB_TEXT(b->email)), account_row, b);
	if (err != SR_OK)
		return (err);
	if (b->in->password == NULL)
		return (SR_E_SIGN_IN_REFUSED);
	err = password_verify(b->in->password,
	    b->known ? b->password_hash : decoy);
	if (err == SR_OK && !b->known)
		err = SR_E_SIGN_IN_REFUSED;
	return (err);
}

/*
 * With a turn at the hash taken, look at the throttle again: of many attempts
 * sent at once, those that waited see the failures of those that did not.
 */
static enum sr_error
verify_in_turn(struct begin * b, unsigned * retry_after)
{
	enum sr_error err, counted;

	if ((err = hashing_begin()) != SR_OK)
		return (err);
	err = throttle_check(b->store->db, b->in->address, b->email,
	    retry_after);
	if (err == SR_OK)
		err = verify(b);
	if (err == SR_E_SIGN_IN_REFUSED) {
		counted = throttle_failed(b->store->db, b->in->address,
		    b->email);
		if (counted != SR_OK)
			err = counted;
	}
	hashing_end();
	return (err);
}

static enum sr_error
still_row(const struct db_row * row, void * cookie)
{
	int * factor = cookie;

	*factor = db_col_int(row, 0) != 0;
	return (SR_OK);
}

/** session_insert(tx, s): its row. */
enum sr_error
session_insert(struct tx * tx, const struct session_new * s)
{

	return (db_exec(tx_db(tx), STMT_SESSION_INSERT,
	    DB_ARGS(DB_UUID(&s->id), DB_BYTES(s->token_hash, MAC_LEN),
	    DB_UUID(&s->account_id), DB_TEXT(s->address), DB_TIME(s->now),
	    DB_TIME(s->now), DB_TIME(s->expires_at)), NULL));
}

/* The password was right; what is made is no session but the way to one. */
static enum sr_error
step_insert(struct tx * tx, const struct session_new * s)
{

	return (db_exec(tx_db(tx), STMT_STEP_INSERT,
	    DB_ARGS(DB_UUID(&s->id), DB_BYTES(s->token_hash, MAC_LEN),
	    DB_UUID(&s->account_id), DB_TIME(s->now),
	    DB_TIME(s->now + SIGN_IN_STEP_MINUTES * SR_MINUTE)), NULL));
}

/* A password that was changed since it was verified opens nothing; nor does one
 * alone that a second factor was put beside meanwhile. */
static enum sr_error
begin_tx(struct tx * tx, void * cookie)
{
	struct begin * b = cookie;
	int factor = -1;
	enum sr_error err;

	err = db_query(tx_db(tx), STMT_ACCOUNT_STILL,
	    DB_ARGS(DB_UUID(&b->made.account_id), DB_TEXT(b->password_hash)),
	    still_row, &factor);
	if (err != SR_OK)
		return (err);
	if (factor != (b->factor ? 1 : 0))
		return (SR_E_SIGN_IN_REFUSED);
	err = b->factor ? step_insert(tx, &b->made) :
	    session_insert(tx, &b->made);
	if (err != SR_OK)
		return (err);
	return (audit_append(tx, b->store, &b->audit));
}

static enum sr_error
make_session(struct begin * b, struct disclosed ** out)
{
	struct audit_receipt receipt;
	struct secbuf * token = NULL;
	enum sr_error err;

	b->actor.kind = ACTOR_ACCOUNT;
	b->actor.id = b->made.account_id;
	snprintf(b->actor.label, sizeof(b->actor.label), "%s", b->email);
	if (b->factor)
		b->audit.action = AUDIT_SECOND_FACTOR_ASK;
	if ((err = token_new(&token)) != SR_OK ||
	    (err = sr_id_new(&b->made.id)) != SR_OK ||
	    (err = sr_id_new(&b->audit.id)) != SR_OK)
		goto out;
	must(token_hash(token, b->made.token_hash));
	err = tx_run(b->store->db, &b->audit.id, begin_tx, b);
	if (err != SR_OK)
		goto out;
	receipt = audit_committed(&b->audit);
	err = disclose(&receipt, &token, out);

out:
	secbuf_free(&token);
	return (err);
}

/*
 * Only an account that exists is named; whatever else was typed is not. It is
 * the target, and where the attempt came from is who acted: nobody knows more.
 */
static void
refused(struct begin * b, enum sr_error error)
{
	metric_count(METRIC_SIGN_INS_REFUSED);
	LOG(SIGN_IN_REFUSED, log_error(error));
	if (error != SR_E_SIGN_IN_REFUSED)
		return;
	b->audit.id = sr_id_nil;
	b->audit.outcome = AUDIT_FAILED;
	b->audit.error = error;
	b->audit.actor = b->asking;
	if (b->known) {
		b->audit.target_kind = "account";
		b->audit.target_id = b->made.account_id;
	}
	(void)audit_refusal(b->store, &b->audit);
}

/** session_address(address, out): ${address} if it is one, else "". */
void
session_address(const char * address, char out[SESSION_ADDRESS_MAX + 1])
{
	struct in6_addr unread;

	out[0] = '\0';
	if (address != NULL && strlen(address) <= SESSION_ADDRESS_MAX &&
	    (inet_pton(AF_INET, address, &unread) == 1 ||
	    inet_pton(AF_INET6, address, &unread) == 1))
		(void)snprintf(out, SESSION_ADDRESS_MAX + 1, "%s", address);
}

static void
read_sign_in(struct begin * b, const struct session_limits * limits)
{

	if (!email_fold(b->in->email, b->email) ||
	    policy_plain_text(b->store->redact, b->in->email) != SR_OK)
		b->email[0] = '\0';
	session_address(b->in->address, b->made.address);
	b->made.now = b->now;
	b->made.expires_at = b->now + limits->max_hours * SR_HOUR;
}

/* The session stands; a counter that stays only fades. */
static void
signed_in(const struct begin * b)
{

	LOG(SIGNED_IN, log_id("account_id", b->made.account_id),
	    log_id("session_id", b->made.id));
	if (throttle_passed(b->store->db, b->in->address, b->email) != SR_OK)
		LOG(SIGN_IN_COUNTER_KEPT,
		    log_id("account_id", b->made.account_id));
}

/**
 * session_begin(store, actor, sign_in, limits, token, retry_after):
 * Check throttle and password; make a session with a new token, or the way to
 * the second step.
 */
enum sr_error
session_begin(const struct store * store, const struct actor * actor,
    const struct sign_in * sign_in, const struct session_limits * limits,
    struct disclosed ** token, unsigned * retry_after)
{
	struct begin b = { .store = store, .in = sign_in, .now = clock_now(),
	    .asking = actor, .actor = *actor };
	unsigned unread;
	enum sr_error err;

	*token = NULL;
	if (retry_after == NULL)
		retry_after = &unread;
	*retry_after = 0;
	b.audit = (struct audit_entry){ .occurred_at = b.now,
	    .actor = &b.actor, .action = AUDIT_SIGN_IN,
	    .outcome = AUDIT_SUCCEEDED };
	read_sign_in(&b, limits);
	err = throttle_check(store->db, sign_in->address, b.email, retry_after);
	if (err == SR_OK)
		err = verify_in_turn(&b, retry_after);
	if (err == SR_OK)
		err = make_session(&b, token);
	if (err != SR_OK)
		refused(&b, err);
	else if (!b.factor)
		signed_in(&b);
	else
		err = SR_E_SECOND_FACTOR_ASKED;
	explicit_bzero(b.password_hash, sizeof(b.password_hash));
	return (err);
}
