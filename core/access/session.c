#include <arpa/inet.h>

#include "core/base/metric.h"
#include "core/base/secbuf.h"
#include "core/keys/token.h"
#include "core/log/log.h"
#include "core/store/tx.h"
#include "core/vault/policy.h"

#include "core/access/hashing.h"
#include "core/access/throttle.h"

#include "core/access/session.h"

#define ADDRESS_MAX	45
#define SR_HOUR		(3600 * SR_SECOND)

struct begin {
	const struct store * store;
	const struct sign_in * in;
	sr_time now;
	char email[EMAIL_MAX + 1];	/* Folded; "": not an address. */

	/* The account, if there is one. */
	bool known;
	struct sr_id account_id;
	char password_hash[PASSWORD_HASH_MAX];

	/* The new session. */
	struct sr_id id;
	uint8_t token_hash[MAC_LEN];
	char address[ADDRESS_MAX + 1];
	sr_time expires_at;
	struct actor actor;
	struct audit_entry audit;
};

static enum sr_error
account_row(const struct db_row * row, void * cookie)
{
	struct begin * b = cookie;

	b->account_id = db_col_uuid(row, 0);
	snprintf(b->password_hash, sizeof(b->password_hash), "%s",
	    db_col_text(row, 1));
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
	bool * still = cookie;

	*still = db_col_int(row, 0) == 1;
	return (SR_OK);
}

/* A password that was changed since it was verified opens nothing. */
static enum sr_error
begin_tx(struct tx * tx, void * cookie)
{
	struct begin * b = cookie;
	bool still = false;
	enum sr_error err;

	err = db_query(tx_db(tx), STMT_ACCOUNT_STILL,
	    DB_ARGS(DB_UUID(&b->account_id), DB_TEXT(b->password_hash)),
	    still_row, &still);
	if (err != SR_OK)
		return (err);
	if (!still)
		return (SR_E_SIGN_IN_REFUSED);
	err = db_exec(tx_db(tx), STMT_SESSION_INSERT,
	    DB_ARGS(DB_UUID(&b->id), DB_BYTES(b->token_hash, MAC_LEN),
	    DB_UUID(&b->account_id), DB_TEXT(b->address), DB_TIME(b->now),
	    DB_TIME(b->now), DB_TIME(b->expires_at)), NULL);
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
	b->actor.id = b->account_id;
	snprintf(b->actor.label, sizeof(b->actor.label), "%s", b->email);
	if ((err = token_new(&token)) != SR_OK ||
	    (err = sr_id_new(&b->id)) != SR_OK ||
	    (err = sr_id_new(&b->audit.id)) != SR_OK)
		goto out;
	must(token_hash(token, b->token_hash));
	err = tx_run(b->store->db, &b->audit.id, begin_tx, b);
	if (err != SR_OK)
		goto out;
	receipt = audit_committed(&b->audit);
	err = disclose(&receipt, &token, out);

out:
	secbuf_free(&token);
	return (err);
}

/* Only an account that exists is named; whatever else was typed is not. */
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
	if (b->known) {
		snprintf(b->actor.label, sizeof(b->actor.label), "%s",
		    b->email);
		b->audit.target_kind = "account";
		b->audit.target_id = b->account_id;
	}
	(void)audit_refusal(b->store, &b->audit);
}

static void
read_sign_in(struct begin * b, const struct session_limits * limits)
{
	const char * address = b->in->address == NULL ? "" : b->in->address;
	struct in6_addr unread;

	if (!email_fold(b->in->email, b->email) ||
	    policy_plain_text(b->store->redact, b->in->email) != SR_OK)
		b->email[0] = '\0';
	if (strlen(address) <= ADDRESS_MAX &&
	    (inet_pton(AF_INET, address, &unread) == 1 ||
	    inet_pton(AF_INET6, address, &unread) == 1))
		snprintf(b->address, sizeof(b->address), "%s", address);
	b->expires_at = b->now + limits->max_hours * SR_HOUR;
}

/**
 * session_begin(store, actor, sign_in, limits, token, retry_after):
 * Check throttle and password; make a session with a new token.
 */
enum sr_error
session_begin(const struct store * store, const struct actor * actor,
    const struct sign_in * sign_in, const struct session_limits * limits,
    struct disclosed ** token, unsigned * retry_after)
{
	struct begin b = { .store = store, .in = sign_in, .now = clock_now(),
	    .actor = *actor };
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
	if (err == SR_OK) {
		LOG(SIGNED_IN, log_id("account_id", b.account_id),
		    log_id("session_id", b.id));
		/* The session stands; a counter that stays only fades. */
		if (throttle_passed(store->db, sign_in->address, b.email) !=
		    SR_OK)
			LOG(SIGN_IN_COUNTER_KEPT,
			    log_id("account_id", b.account_id));
	} else
		refused(&b, err);
	explicit_bzero(b.password_hash, sizeof(b.password_hash));
	return (err);
}
