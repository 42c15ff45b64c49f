/* What a person does with his own account. */

#include "cgi/exchange.h"
#include "cgi/view_people.h"
#include "core/redact/compose.h"

enum sr_error
h_account_show(struct exchange * x)
{

	return (view_account(x, ACCOUNT_FORM_PASSWORD, SR_OK));
}

static enum sr_error
check_password(const struct exchange * x)
{
	enum sr_error err;

	if ((err = form_first_fault(x->form)) != SR_OK)
		return (err);
	return (secbuf_equal(form_secret(x->form, FIELD_PASSWORD_WANTED),
	    form_secret(x->form, FIELD_PASSWORD_AGAIN)) ? SR_OK :
	    SR_E_PASSWORD_MISMATCH);
}

static const char *
field_of(enum sr_error err)
{

	if (err == SR_E_PASSWORD_WRONG)
		return ("current_password");
	if (err == SR_E_PASSWORD_INVALID)
		return ("password");
	return (err == SR_E_PASSWORD_MISMATCH ? "password_confirmation" :
	    NULL);
}

static enum sr_error
redirect_changed(struct exchange * x)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/settings/account?notice=password-changed");
	return (response_redirect(&x->response, &c));
}

enum sr_error
h_password_change(struct exchange * x)
{
	const struct password_change change = {
		.current = form_secret(x->form, FIELD_PASSWORD_CURRENT),
		.wanted = form_secret(x->form, FIELD_PASSWORD_WANTED),
		.address = x->request.address,
		.cost = x->worker->password_cost,
	};
	uint64_t ended;
	enum sr_error err;

	/* What counts for nothing is not changed. */
	if (x->visitor.by_web_server)
		return (SR_E_REMOTE_USER_REQUIRED);
	if ((err = check_password(x)) == SR_OK)
		err = password_change(&x->store, &x->actor,
		    &x->visitor.session, &change, &ended,
		    &x->response.retry_after);
	if (err == SR_OK)
		return (redirect_changed(x));
	x->complaint.field = field_of(err);
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_account(x, ACCOUNT_FORM_PASSWORD, err));
}

enum sr_error
h_factor_begin(struct exchange * x)
{
	struct factor_shown shown;
	enum sr_error err;

	if (x->visitor.by_web_server)
		return (SR_E_REMOTE_USER_REQUIRED);
	if ((err = form_first_fault(x->form)) == SR_OK)
		err = password_ask(&x->store, &x->actor, &x->visitor.session,
		    form_secret(x->form, FIELD_FACTOR_PASSWORD),
		    x->request.address, &x->response.retry_after);
	if (err == SR_OK)
		err = factor_begin(&x->store, &x->actor, &x->visitor.session,
		    &shown);
	if (err == SR_OK)
		return (view_factor(x, &shown));
	x->complaint.field = field_of(err);
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_account(x, ACCOUNT_FORM_FACTOR, err));
}

enum sr_error
h_factor_confirm(struct exchange * x)
{
	struct disclosed * codes[RECOVERY_CODES];
	enum sr_error err;

	if (x->visitor.by_web_server)
		return (SR_E_REMOTE_USER_REQUIRED);
	err = form_first_fault(x->form);
	if (err == SR_OK)
		err = factor_confirm(&x->store, &x->actor,
		    &x->visitor.session,
		    form_secret(x->form, FIELD_FACTOR_CODE),
		    x->request.address, codes, &x->response.retry_after);
	if (err == SR_OK) {
		x->visitor.session.factor = true;
		return (view_recovery_codes(x, codes));
	}
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_account(x, ACCOUNT_FORM_FACTOR, err));
}
