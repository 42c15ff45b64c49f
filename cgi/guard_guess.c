/*
 * Plain fields that held a secret. Each refusal tells as much as a mask does,
 * so who tries one after the other is told nothing for a time. What a run's
 * program sends to its run is counted there (core/runs/run_alert.h).
 */

#include "cgi/exchange.h"
#include "core/access/throttle.h"
#include "core/log/log.h"

/* Whether its plain fields are stored, and belong to no run yet. */
static bool
stores_names(const struct exchange * x)
{
	static const enum audit_action actions[] = { AUDIT_CREATE,
	    AUDIT_RUN_CREATE, AUDIT_PROJECT_CREATE, AUDIT_BINDING_SET,
	    AUDIT_API_KEY_CREATE, AUDIT_ACCOUNT_INVITE };

	if (x->request.method == METHOD_GET ||
	    (!x->visitor.signed_in && !x->visitor.by_key))
		return (false);
	for (size_t i = 0; i < COUNTOF(actions); i++)
		if (actions[i] == x->route->audit)
			return (true);
	return (false);
}

enum sr_error
guard_guess(struct exchange * x)
{

	if (!stores_names(x))
		return (SR_OK);
	return (throttle_guess_check(x->store.db, &x->actor.id,
	    &x->response.retry_after));
}

void
guard_guessed(struct exchange * x, enum sr_error error)
{
	enum sr_error err;

	if (!stores_names(x) ||
	    (error != SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED &&
	    error != SR_E_API_KEY_PROJECT_FORBIDDEN))
		return;
	/* It was refused already; the next one may be counted. */
	if ((err = throttle_guess_count(x->store.db, &x->actor.id)) != SR_OK)
		(void)sr_fail(err, log_const("where", __func__));
}
