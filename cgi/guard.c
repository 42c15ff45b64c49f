#include "cgi/exchange.h"
#include "core/log/log.h"

enum sr_error
guard_tls(const struct exchange * x)
{

	/* A monitor or a proxy asks these over the loopback interface. */
	if (!x->worker->site.https || x->request.tls ||
	    x->route == route_row(ROUTE_HEALTHZ) ||
	    x->route == route_row(ROUTE_READYZ))
		return (SR_OK);
	return (SR_E_HTTPS_REQUIRED);
}

void
guard_anonymous(struct exchange * x)
{

	x->actor = (struct actor){ .kind = ACTOR_ANONYMOUS,
		.correlation_id = x->correlation_id };
	(void)snprintf(x->actor.label, sizeof(x->actor.label), "%s",
	    x->request.address);
}

void
guard_account(struct exchange * x)
{

	x->visitor.signed_in = true;
	x->actor.kind = ACTOR_ACCOUNT;
	x->actor.id = x->visitor.session.account_id;
	(void)snprintf(x->actor.label, sizeof(x->actor.label), "%s",
	    x->visitor.session.email);
}

enum sr_error
guard_visitor(struct exchange * x)
{
	const struct secbuf * token = x->request.cookies[COOKIE_SESSION];
	struct session_limits limits = x->worker->limits;
	enum sr_error err;

	/* What is open to anyone needs no key, not even a good one. */
	if (x->request.bearer != NULL && x->route != NULL &&
	    x->route->role != ROLE_ANYONE)
		return (guard_key(x));
	if (x->worker->remote_user)
		return (guard_remote_user(x));
	if (token == NULL)
		return (SR_OK);
	/* A page that listens comes again for ever, with nobody before it. */
	limits.unattended = x->route == route_row(ROUTE_RUN_EVENTS);
	err = session_find(x->store.db, token, &limits, &x->visitor.session);
	if (err == SR_OK) {
		guard_account(x);
	} else if (err == SR_E_SESSION_EXPIRED ||
	    err == SR_E_SESSION_REQUIRED) {
		x->visitor.ended = SR_E_SESSION_EXPIRED;
		response_forget(&x->response, COOKIE_SESSION);
		err = SR_OK;
	}
	return (err);
}

enum sr_error
guard_role(const struct exchange * x)
{

	if (x->route->role == ROLE_ANYONE)
		return (SR_OK);
	if (x->visitor.by_key)
		return ((x->visitor.key.scopes & (unsigned)x->route->key) !=
		    0 ? SR_OK : SR_E_API_KEY_SCOPE_MISSING);
	if (!x->visitor.signed_in)
		return (x->visitor.ended == SR_OK ? SR_E_SESSION_REQUIRED :
		    x->visitor.ended);
	/* Who signs people in asks them for what he wants: the web server. */
	if (x->route->role > ROLE_ACCOUNT && x->worker->require_factor &&
	    !x->visitor.session.factor && !x->visitor.by_web_server)
		return (SR_E_SECOND_FACTOR_REQUIRED);
	if (x->visitor.session.role < x->route->role)
		return (SR_E_ROLE_FORBIDDEN);
	return (SR_OK);
}

/* The session is looked for as at first: it may be the same and less. */
static enum sr_error
session_again(struct exchange * x)
{
	enum sr_error err;

	err = session_find(x->store.db, x->request.cookies[COOKIE_SESSION],
	    &x->worker->limits, &x->visitor.session);
	if (err == SR_E_SESSION_REQUIRED || err == SR_E_SESSION_EXPIRED) {
		x->visitor.signed_in = false;
		x->visitor.ended = SR_E_SESSION_EXPIRED;
		response_forget(&x->response, COOKIE_SESSION);
		err = SR_OK;
	}
	return (err);
}

static enum sr_error
remote_user_again(struct exchange * x)
{

	x->visitor.signed_in = x->visitor.by_web_server = false;
	return (guard_remote_user(x));
}

enum sr_error
guard_again(struct exchange * x)
{
	enum sr_error err = SR_OK;

	if (x->route->role == ROLE_ANYONE)
		return (SR_OK);
	if (x->visitor.by_key)
		err = api_key_find(x->store.db, x->request.bearer,
		    &x->visitor.key);
	else if (x->visitor.by_web_server)
		err = remote_user_again(x);
	else if (x->visitor.signed_in)
		err = session_again(x);
	return (err == SR_OK ? guard_role(x) : err);
}

bool
guard_next(const char * text)
{
	size_t len = strlen(text);

	return (len >= 1 && len <= 200 && text[0] == '/' && text[1] != '/' &&
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789._-/") == len);
}
