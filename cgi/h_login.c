#include "cgi/exchange.h"
#include "cgi/view_login.h"
#include "core/log/log.h"
#include "core/redact/compose.h"

enum sr_error
login_redirect(struct exchange * x, const char * next)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 512, &c)) != SR_OK)
		return (err);
	if (!guard_next(next) || strcmp(next, "/") == 0 ||
	    !compose_place(c, x->worker->redact, next))
		compose_lit(c, "/settings/security");
	return (response_redirect(&x->response, &c));
}

enum sr_error
h_login_show(struct exchange * x)
{
	const char * next = form_text(x->form, FIELD_QUERY_NEXT);

	if (!x->worker->remote_user)
		return (view_login(x, next, "", SR_OK));
	return (x->visitor.signed_in ? login_redirect(x, next) :
	    x->visitor.ended);
}

/* To where the code is asked for, and from there on to where he wanted. */
static enum sr_error
redirect_to_code(struct exchange * x)
{
	const char * next = form_text(x->form, FIELD_LOGIN_NEXT);
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 512, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/login/code?next=");
	if (!guard_next(next) || !compose_place(c, x->worker->redact, next))
		compose_lit(c, "/");
	return (response_redirect(&x->response, &c));
}

static enum sr_error
begin(struct exchange * x, unsigned * retry_after)
{
	const struct sign_in sign_in = {
		.email = form_text(x->form, FIELD_LOGIN_EMAIL),
		.password = form_secret(x->form, FIELD_LOGIN_PASSWORD),
		.address = x->request.address,
		.cost = x->worker->password_cost,
	};
	struct disclosed * token = NULL;
	enum sr_error err;

	/* Nobody has such an address or password; say no more than that. */
	if (form_fault(x->form, FIELD_LOGIN_EMAIL) != FAULT_NONE ||
	    form_fault(x->form, FIELD_LOGIN_PASSWORD) != FAULT_NONE)
		return (SR_E_SIGN_IN_REFUSED);
	err = session_begin(&x->store, &x->actor, &sign_in,
	    &x->worker->limits, &token, retry_after);
	if (err == SR_OK || err == SR_E_SECOND_FACTOR_ASKED)
		response_disclose(&x->response, err == SR_OK ? COOKIE_SESSION :
		    COOKIE_STEP, &token);
	return (err);
}

/* A browser has one session: the one before ends with the new one's begin. */
void
login_end_former(struct exchange * x)
{
	enum sr_error err;

	if (!x->visitor.signed_in)
		return;
	err = session_end(&x->store, &x->actor, &x->visitor.session);
	if (err != SR_OK)
		LOG(FAILURE, log_error(err), log_const("where", __func__));
}

enum sr_error
h_login_check(struct exchange * x)
{
	unsigned retry_after = 0;
	enum sr_error err;

	if (x->worker->remote_user)
		return (SR_E_REMOTE_USER_REQUIRED);
	err = begin(x, &retry_after);
	if (err == SR_OK) {
		login_end_former(x);
		response_forget(&x->response, COOKIE_FORM);
		return (login_redirect(x, form_text(x->form,
		    FIELD_LOGIN_NEXT)));
	}
	if (err == SR_E_SECOND_FACTOR_ASKED &&
	    x->request.format == FORMAT_HTML)
		return (redirect_to_code(x));
	x->response.retry_after = retry_after;
	if ((err != SR_E_SIGN_IN_REFUSED && err != SR_E_SIGN_IN_THROTTLED &&
	    err != SR_E_SERVER_BUSY) || x->request.format != FORMAT_HTML)
		return (err);
	return (view_login(x, form_text(x->form, FIELD_LOGIN_NEXT),
	    form_text(x->form, FIELD_LOGIN_EMAIL), err));
}
