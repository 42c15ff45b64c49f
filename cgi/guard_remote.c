/* Visitors whom the web server signed in (config access.remote_user). */

#include "cgi/exchange.h"
#include "core/access/people.h"

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
	if (err == SR_E_ACCOUNT_NOT_FOUND) {
		x->visitor.ended = SR_E_REMOTE_USER_UNKNOWN;
		return (SR_OK);
	}
	if (err != SR_OK)
		return (err);
	if (account.disabled_at != SR_TIME_NONE) {
		x->visitor.ended = SR_E_ACCOUNT_DISABLED;
		return (SR_OK);
	}
	*s = (struct session){ .account_id = account.id,
	    .role = account.role, .factor = account.factor };
	(void)snprintf(s->email, sizeof(s->email), "%s", account.email);
	x->visitor.by_web_server = true;
	guard_account(x);
	return (SR_OK);
}
