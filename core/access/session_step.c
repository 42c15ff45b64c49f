/* The second step of a sign-in. */

#include "core/base/metric.h"
#include "core/base/secbuf.h"
#include "core/keys/token.h"
#include "core/log/log.h"
#include "core/store/keystore.h"

#include "core/access/factor_internal.h"
#include "core/access/session_internal.h"
#include "core/access/setup_internal.h"
#include "core/access/throttle.h"

#define SR_HOUR		(3600 * SR_SECOND)

/* What the audit's rows say the second step was done with. */
#define BY_TOTP		"totp"
#define BY_RECOVERY	"recovery-code"

struct step {
	const struct store * store;
	const struct sign_in_step * in;
	const struct actor * asking;
	struct actor actor;		/* The account, once it is known. */

	/* What the first step left. */
	bool found;
	bool disabled;
	struct sr_id id;
	sr_time expires_at;
	char email[EMAIL_MAX + 1];

	/* What the code was. */
	bool recovery;
	uint8_t code_hash[MAC_LEN];
	uint64_t used;			/* Step of an authenticator's code. */
	int left;

	bool taken;			/* The try is counted. */
	struct session_new made;
	struct audit_entry audit;
};

static enum sr_error
step_row(const struct db_row * row, void * cookie)
{
	struct step * s = cookie;

	s->id = db_col_uuid(row, 0);
	s->made.account_id = db_col_uuid(row, 1);
	(void)snprintf(s->email, sizeof(s->email), "%s", db_col_text(row, 2));
	s->expires_at = db_col_time(row, 3);
	s->disabled = db_col_int(row, 4) != 0;
	s->found = true;
	return (SR_OK);
}

static enum sr_error
find(struct step * s)
{
	uint8_t hash[MAC_LEN];
	enum sr_error err;

	if (s->in->token == NULL || !token_hash(s->in->token, hash))
		return (SR_E_SIGN_IN_STEP_EXPIRED);
	err = db_query(s->store->db, STMT_STEP_BY_TOKEN,
	    DB_ARGS(DB_BYTES(hash, MAC_LEN)), step_row, s);
	if (err != SR_OK)
		return (err);
	if (!s->found || s->disabled || s->made.now >= s->expires_at)
		return (SR_E_SIGN_IN_STEP_EXPIRED);
	s->actor.kind = ACTOR_ACCOUNT;
	s->actor.id = s->made.account_id;
	(void)snprintf(s->actor.label, sizeof(s->actor.label), "%s", s->email);
	return (SR_OK);
}

/* A recovery code is only looked up when it is used; it needs no root key. */
static enum sr_error
judge(struct step * s)
{
	const struct sr_id * account = &s->made.account_id;
	const struct keyset * keys = NULL;
	struct factor_stored stored;
	enum sr_error err;

	if (s->in->code != NULL &&
	    recovery_hash(s->in->code, account, s->code_hash)) {
		s->recovery = true;
		return (SR_OK);
	}
	err = factor_stored_read(s->store->db, STMT_FACTOR_READ, account,
	    &stored);
	if (err != SR_OK)
		return (err);
	/* It was reset meanwhile, which ended this step as well. */
	if (!stored.found || stored.confirmed_at == SR_TIME_NONE)
		return (SR_E_SIGN_IN_STEP_EXPIRED);
	if (s->in->code == NULL)
		return (SR_E_SECOND_FACTOR_REFUSED);
	if ((err = setup_take_keys(s->store, &keys)) != SR_OK)
		return (err);
	err = factor_check(keys, account, &stored, s->in->code, s->made.now,
	    &s->used);
	keyset_release(&keys);
	return (err);
}

static enum sr_error
left_row(const struct db_row * row, void * cookie)
{
	int * left = cookie;

	*left = (int)db_col_int(row, 3);
	return (SR_OK);
}

/* Of a code that is sent twice at once, one is the first. */
static enum sr_error
use_code(struct db * db, struct step * s)
{
	const struct sr_id * account = &s->made.account_id;
	uint64_t n = 0;
	enum sr_error err;

	if (!s->recovery)
		err = db_exec(db, STMT_FACTOR_USE, DB_ARGS(DB_INT(s->used),
		    DB_UUID(account), DB_INT(s->used)), &n);
	else
		err = db_exec(db, STMT_RECOVERY_USE, DB_ARGS(DB_UUID(account),
		    DB_BYTES(s->code_hash, MAC_LEN)), &n);
	if (err != SR_OK)
		return (err);
	if (n == 0)
		return (SR_E_SECOND_FACTOR_REFUSED);
	if (!s->recovery)
		return (SR_OK);
	return (db_query(db, STMT_FACTOR_READ, DB_ARGS(DB_UUID(account)),
	    left_row, &s->left));
}

static enum sr_error
stands_row(const struct db_row * row, void * cookie)
{
	bool * stands = cookie;

	*stands = db_col_text(row, 0)[0] != '\0';
	return (SR_OK);
}

/* The account's row before all others, as where it is disabled or changed. */
static enum sr_error
step_tx(struct tx * tx, void * cookie)
{
	struct step * s = cookie;
	struct db * db = tx_db(tx);
	bool stands = false;
	uint64_t n = 0;
	enum sr_error err;

	if ((err = db_query(db, STMT_ACCOUNT_STANDS,
	    DB_ARGS(DB_UUID(&s->made.account_id)), stands_row, &stands)) !=
	    SR_OK ||
	    (err = db_exec(db, STMT_STEP_DELETE, DB_ARGS(DB_UUID(&s->id)),
	    &n)) != SR_OK)
		return (err);
	if (!stands || n == 0)
		return (SR_E_SIGN_IN_STEP_EXPIRED);
	if ((err = use_code(db, s)) != SR_OK ||
	    (err = session_insert(tx, &s->made)) != SR_OK)
		return (err);
	return (audit_append(tx, s->store, &s->audit));
}

static enum sr_error
make_session(struct step * s, struct disclosed ** out)
{
	struct audit_receipt receipt;
	struct secbuf * token = NULL;
	enum sr_error err;

	s->audit.name = s->recovery ? BY_RECOVERY : BY_TOTP;
	if ((err = token_new(&token)) != SR_OK ||
	    (err = sr_id_new(&s->made.id)) != SR_OK ||
	    (err = sr_id_new(&s->audit.id)) != SR_OK)
		goto out;
	must(token_hash(token, s->made.token_hash));
	err = tx_run(s->store->db, &s->audit.id, step_tx, s);
	if (err != SR_OK)
		goto out;
	receipt = audit_committed(&s->audit);
	err = disclose(&receipt, &token, out);

out:
	secbuf_free(&token);
	return (err);
}

/* Returns what is to be answered. */
static enum sr_error
refused(struct step * s, enum sr_error error)
{
	enum sr_error err;

	metric_count(METRIC_SIGN_INS_REFUSED);
	LOG(SECOND_FACTOR_REFUSED, log_error(error));
	if (error != SR_E_SECOND_FACTOR_REFUSED) {
		if (s->taken && throttle_code_untried(s->store->db,
		    &s->made.account_id) != SR_OK)
			LOG(SIGN_IN_COUNTER_KEPT,
			    log_id("account_id", s->made.account_id));
		return (error);
	}
	err = throttle_code_failed(s->store->db, s->in->address);
	s->audit.id = sr_id_nil;
	s->audit.actor = s->asking;
	s->audit.name = NULL;
	s->audit.outcome = AUDIT_FAILED;
	s->audit.error = error;
	s->audit.target_kind = "account";
	s->audit.target_id = s->made.account_id;
	(void)audit_refusal(s->store, &s->audit);
	return (err == SR_OK ? error : err);
}

static void
signed_in(const struct step * s)
{

	LOG(SIGNED_IN, log_id("account_id", s->made.account_id),
	    log_id("session_id", s->made.id));
	if (s->recovery)
		LOG(RECOVERY_CODE_USED,
		    log_id("account_id", s->made.account_id),
		    log_i64("left", s->left));
	/* What came before the right password is over with it, too. */
	if (throttle_code_passed(s->store->db, &s->made.account_id) != SR_OK ||
	    throttle_passed(s->store->db, s->in->address, s->email) != SR_OK)
		LOG(SIGN_IN_COUNTER_KEPT,
		    log_id("account_id", s->made.account_id));
}

/**
 * session_step(store, actor, step, limits, token, left, retry_after):
 * Take a code, and make the session.
 */
enum sr_error
session_step(const struct store * store, const struct actor * actor,
    const struct sign_in_step * step, const struct session_limits * limits,
    struct disclosed ** token, int * left, unsigned * retry_after)
{
	struct step s = { .store = store, .in = step, .asking = actor,
	    .actor = *actor,
	    .left = -1, .made = { .now = clock_now() } };
	enum sr_error err;

	*token = NULL;
	s.made.expires_at = s.made.now + limits->max_hours * SR_HOUR;
	s.audit = (struct audit_entry){ .occurred_at = s.made.now,
	    .actor = &s.actor, .action = AUDIT_SIGN_IN,
	    .outcome = AUDIT_SUCCEEDED };
	session_address(step->address, s.made.address);
	if ((err = find(&s)) == SR_OK)
		err = throttle_code_take(store->db, step->address,
		    &s.made.account_id, retry_after);
	s.taken = err == SR_OK;
	if (s.taken && (err = judge(&s)) == SR_OK)
		err = make_session(&s, token);
	*left = s.left;
	if (err != SR_OK)
		return (refused(&s, err));
	signed_in(&s);
	return (SR_OK);
}
