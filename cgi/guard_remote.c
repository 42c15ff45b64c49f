/* Visitors whom the web server signed in (config access.remote_user). */

#include "cgi/exchange.h"
#include "core/access/people.h"
#include "core/access/throttle.h"
#include "core/audit/audit.h"
#include "core/base/metric.h"
#include "core/log/log.h"

/* What stands for the account in the throttle's pair; no address is so. */
#define REMOTE_ACCOUNT	" remote-user"

/*
 * A row for who was refused, from his address; not one for each request of who
 * goes on, which would fill the table.
 */
static enum sr_error
refuse(struct exchange * x, const struct account * account, enum sr_error why)
{
	struct audit_entry e = { .occurred_at = clock_now(),
	    .actor = &x->actor, .action = AUDIT_SIGN_IN,
	    .outcome = AUDIT_FAILED, .error = why,
	    .target_kind = account == NULL ? NULL : "account",
	    .target_id = account == NULL ? sr_id_nil : account->id };
	struct db * db = x->store.db;
	unsigned unread;
	enum sr_error err;

	x->visitor.ended = why;
	err = throttle_check(db, x->request.address, REMOTE_ACCOUNT, &unread);
	if (err == SR_E_SIGN_IN_THROTTLED)
		return (SR_OK);
	if (err == SR_OK)
		err = throttle_failed(db, x->request.address, REMOTE_ACCOUNT);
	if (err != SR_OK)
		return (err);
	metric_count(METRIC_SIGN_INS_REFUSED);
	LOG(SIGN_IN_REFUSED, log_error(why));
	(void)audit_refusal(&x->store, &e);
	return (SR_OK);
}

enum sr_error
guard_remote_user(struct exchange * x)
{
	struct session * s = &x->visitor.session;
	struct account account;
	enum sr_error err;

	if (x->request.remote_user[0] == '\0') {
		x->visitor.ended = SR_E_REMOTE_USER_REQUIRED;
		return (SR_OK);
	}
	err = account_find(x->store.db, x->request.remote_user, &account);
	if (err == SR_E_ACCOUNT_NOT_FOUND)
		return (refuse(x, NULL, SR_E_REMOTE_USER_UNKNOWN));
	if (err != SR_OK)
		return (err);
	if (account.disabled_at != SR_TIME_NONE)
		return (refuse(x, &account, SR_E_ACCOUNT_DISABLED));
	*s = (struct session){ .account_id = account.id,
	    .role = account.role, .factor = account.factor };
	(void)snprintf(s->email, sizeof(s->email), "%s", account.email);
	x->visitor.by_web_server = true;
	guard_account(x);
	return (SR_OK);
}
