/*
 * The page that an invitation's link leads to. Its form goes to the address it
 * came from, so that the link's token stays in that address and is nowhere in
 * the page; it is used up by the account that is made.
 */

#include "cgi/exchange.h"
#include "cgi/view_people.h"
#include "core/redact/compose.h"

enum sr_error
h_invitation_show(struct exchange * x)
{
	struct invitation one;
	enum sr_error err;

	if (x->worker->remote_user)
		return (SR_E_REMOTE_USER_REQUIRED);
	err = invitation_look(&x->store, &x->actor,
	    form_secret(x->form, FIELD_QUERY_INVITATION), &one,
	    &x->response.retry_after);
	if (err != SR_OK)
		return (err);
	return (view_invitation(x, &one, SR_OK));
}

static enum sr_error
check(const struct exchange * x)
{
	enum sr_error err;

	if ((err = form_first_fault(x->form)) != SR_OK)
		return (err);
	return (secbuf_equal(form_secret(x->form, FIELD_INVITATION_PASSWORD),
	    form_secret(x->form, FIELD_INVITATION_AGAIN)) ? SR_OK :
	    SR_E_PASSWORD_MISMATCH);
}

static enum sr_error
accept(struct exchange * x, struct invitation * one)
{
	const struct secbuf * token;
	enum sr_error err;

	err = form_parse(&x->request.query, FIELDS_INVITATION_QUERY, false,
	    &x->query);
	if (err != SR_OK)
		return (err);
	token = form_secret(x->query, FIELD_QUERY_INVITATION);
	if ((err = check(x)) != SR_OK) {
		enum sr_error looked = invitation_look(&x->store, &x->actor,
		    token, one, &x->response.retry_after);

		return (looked == SR_OK ? err : looked);
	}
	return (invitation_accept(&x->store, &x->actor, token,
	    form_secret(x->form, FIELD_INVITATION_PASSWORD),
	    x->worker->password_cost, one, &x->response.retry_after));
}

enum sr_error
h_invitation_accept(struct exchange * x)
{
	struct compose * c = NULL;
	struct invitation one;
	enum sr_error err;

	if (x->worker->remote_user)
		return (SR_E_REMOTE_USER_REQUIRED);
	if ((err = accept(x, &one)) == SR_OK) {
		if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
			return (err);
		compose_lit(c, "/login?notice=account-made");
		return (response_redirect(&x->response, &c));
	}
	if (err == SR_E_PASSWORD_INVALID || err == SR_E_PASSWORD_MISMATCH)
		x->complaint.field = err == SR_E_PASSWORD_INVALID ?
		    "password" : "password_confirmation";
	if (x->complaint.field == NULL || x->request.format != FORMAT_HTML)
		return (err);
	return (view_invitation(x, &one, err));
}
