/* Requests with an API key. */

#include "cgi/exchange.h"
#include "core/access/throttle.h"
#include "core/log/log.h"

/* What stands for the account in the throttle's pair; no address is so. */
#define KEY_ACCOUNT	" api-key"

static void
be_key(struct exchange * x)
{
	const struct api_key * key = &x->visitor.key;

	x->visitor.by_key = true;
	x->actor.kind = ACTOR_API_KEY;
	x->actor.id = key->id;
	(void)snprintf(x->actor.label, sizeof(x->actor.label), "%s",
	    key->name);
}

/*
 * Count what is no key of ours against the address, as a wrong password. What
 * was one is not a guess: a forgotten program must not shut people out.
 */
static enum sr_error
count_failure(struct exchange * x)
{
	const char * address = x->request.address;
	enum sr_error err;

	err = throttle_check(x->store.db, address, KEY_ACCOUNT,
	    &x->response.retry_after);
	if (err == SR_OK)
		err = throttle_failed(x->store.db, address, KEY_ACCOUNT);
	return (err == SR_OK ? SR_E_API_KEY_INVALID : err);
}

enum sr_error
guard_key(struct exchange * x)
{
	enum sr_error err;

	err = api_key_find(x->store.db, x->request.bearer, &x->visitor.key);
	if (err == SR_OK)
		be_key(x);
	return (err == SR_E_API_KEY_INVALID ? count_failure(x) : err);
}

enum sr_error
guard_project(struct exchange * x, const struct sr_id * project_id)
{
	enum sr_error err;

	if (!x->visitor.by_key)
		return (SR_OK);
	err = api_key_admits(x->store.db, &x->visitor.key, x->route->key,
	    project_id);
	if (err == SR_E_API_KEY_PROJECT_FORBIDDEN)
		guard_refused(x, err);
	return (err);
}

/* What kind of thing the route's action is about. */
static const char *
target_kind(enum audit_action action)
{

	static const struct {
		enum audit_action action;
		const char * kind;
	} others[] = {
		{ AUDIT_API_KEY_CREATE, "api_key" },
		{ AUDIT_API_KEY_REVOKE, "api_key" },
		{ AUDIT_PROJECT_CREATE, "project" },
		{ AUDIT_BINDING_SET, "project" },
		{ AUDIT_BINDING_REMOVE, "project" },
		{ AUDIT_PROJECT_CHANGE, "project" },
		{ AUDIT_ARTIFACT_PUT, "run" }, { AUDIT_PROMPT_MAKE, "run" },
		{ AUDIT_RUN_CREATE, "run" }, { AUDIT_AUDIT_READ, NULL },
		{ AUDIT_AUDIT_EXPORT, NULL },
		{ AUDIT_ACCOUNT_INVITE, "invitation" },
		{ AUDIT_ACCOUNT_INVITE_WITHDRAW, "invitation" },
		{ AUDIT_ACCOUNT_ROLE, "account" },
		{ AUDIT_ACCOUNT_DISABLE, "account" },
		{ AUDIT_ACCOUNT_ENABLE, "account" },
		{ AUDIT_ACCOUNT_REMOVE, "account" },
		{ AUDIT_PASSWORD_CHANGE, "account" },
		{ AUDIT_SECOND_FACTOR_BEGIN, "account" },
		{ AUDIT_SECOND_FACTOR_ENABLE, "account" },
		{ AUDIT_SECOND_FACTOR_RESET, "account" },
		{ AUDIT_SESSION_REVOKE, "session" },
	};

	for (size_t i = 0; i < COUNTOF(others); i++) {
		if (others[i].action == action)
			return (others[i].kind);
	}
	return ("secret");
}

void
guard_refused(struct exchange * x, enum sr_error error)
{
	struct audit_entry entry = { .occurred_at = clock_now(),
	    .actor = &x->actor, .action = x->route->audit,
	    .outcome = error == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED ?
	    AUDIT_BLOCKED : AUDIT_FAILED, .error = error,
	    .target_kind = target_kind(x->route->audit) };

	if (x->route->audit == AUDIT__MAX ||
	    (!x->visitor.signed_in && !x->visitor.by_key))
		return;
	(void)audit_refusal(&x->store, &entry);
}
