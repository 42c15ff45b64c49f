/* The second step of a sign-in: the code of a second factor. */

#include "cgi/exchange.h"
#include "cgi/view_login.h"
#include "core/redact/compose.h"

enum sr_error
h_code_show(struct exchange * x)
{

	if (x->request.cookies[COOKIE_STEP] == NULL)
		return (SR_E_SIGN_IN_STEP_EXPIRED);
	return (view_code(x, form_text(x->form, FIELD_QUERY_NEXT), SR_OK));
}

static enum sr_error
step(struct exchange * x, int * left)
{
	const struct sign_in_step in = {
		.token = x->request.cookies[COOKIE_STEP],
		.code = form_secret(x->form, FIELD_LOGIN_CODE),
		.address = x->request.address,
	};
	struct disclosed * token = NULL;
	enum sr_error err;

	*left = -1;
	if (form_fault(x->form, FIELD_LOGIN_CODE) != FAULT_NONE)
		return (SR_E_SECOND_FACTOR_REFUSED);
	err = session_step(&x->store, &x->actor, &in, &x->worker->limits,
	    &token, left, &x->response.retry_after);
	if (err == SR_OK)
		response_disclose(&x->response, COOKIE_SESSION, &token);
	return (err);
}

/* Whoever used a recovery code sees how many there are left. */
static enum sr_error
redirect(struct exchange * x, int left)
{
	struct compose * c = NULL;
	enum sr_error err;

	if (left < 0)
		return (login_redirect(x, form_text(x->form,
		    FIELD_CODE_NEXT)));
	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/settings/account?notice=recovery-code-used");
	return (response_redirect(&x->response, &c));
}

enum sr_error
h_code_check(struct exchange * x)
{
	enum sr_error err;
	int left;

	if ((err = step(x, &left)) == SR_OK) {
		login_end_former(x);
		response_forget(&x->response, COOKIE_STEP);
		response_forget(&x->response, COOKIE_FORM);
		return (redirect(x, left));
	}
	if (err == SR_E_SIGN_IN_STEP_EXPIRED)
		response_forget(&x->response, COOKIE_STEP);
	if ((err != SR_E_SECOND_FACTOR_REFUSED &&
	    err != SR_E_SECOND_FACTOR_THROTTLED &&
	    err != SR_E_SECRET_ENCRYPTION_UNAVAILABLE) ||
	    x->request.format != FORMAT_HTML)
		return (err);
	return (view_code(x, form_text(x->form, FIELD_CODE_NEXT), err));
}
