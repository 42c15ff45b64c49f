#include "cgi/exchange.h"
#include "cgi/view_login.h"
#include "core/log/log.h"
#include "core/redact/compose.h"

enum sr_error
h_login_show(struct exchange * x)
{

	return (view_login(x, form_text(x->form, FIELD_QUERY_NEXT), "",
	    SR_OK));
}

static enum sr_error
redirect(struct exchange * x)
{
	const char * next = form_text(x->form, FIELD_LOGIN_NEXT);
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 512, &c)) != SR_OK)
		return (err);
	if (!guard_next(next) || strcmp(next, "/") == 0 ||
	    !compose_place(c, x->worker->redact, next))
		compose_lit(c, "/settings/security");
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
	if (err == SR_OK)
		response_disclose(&x->response, COOKIE_SESSION, &token);
	return (err);
}

/* A browser has one session: the one before ends with the new one's begin. */
static void
end_former(struct exchange * x)
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

	err = begin(x, &retry_after);
	if (err == SR_OK) {
		end_former(x);
		response_forget(&x->response, COOKIE_FORM);
		return (redirect(x));
	}
	x->response.retry_after = retry_after;
	if ((err != SR_E_SIGN_IN_REFUSED && err != SR_E_SIGN_IN_THROTTLED &&
	    err != SR_E_SERVER_BUSY) || x->request.format != FORMAT_HTML)
		return (err);
	return (view_login(x, form_text(x->form, FIELD_LOGIN_NEXT),
	    form_text(x->form, FIELD_LOGIN_EMAIL), err));
}
