/* What owners do with the accounts of others. */

#include "cgi/exchange.h"
#include "cgi/view_people.h"
#include "core/redact/compose.h"

enum sr_error
h_accounts_show(struct exchange * x)
{

	return (view_accounts(x, false, SR_OK));
}

enum sr_error
h_account_invite(struct exchange * x)
{
	struct disclosed * token = NULL;
	struct invitation one;
	enum sr_error err;

	err = invitation_make(&x->store, &x->actor,
	    form_text(x->form, FIELD_INVITE_EMAIL),
	    form_text(x->form, FIELD_INVITE_ROLE),
	    x->worker->invitation_hours, &x->complaint.field, &token, &one);
	if (err == SR_OK)
		return (view_invited(x, &one, &token));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_accounts(x, true, err));
}

/* ${notice} is a literal of those who call this. */
static enum sr_error
answer(struct exchange * x, enum sr_error err, const char * notice)
{
	struct compose * c = NULL;
	enum sr_error failed;

	if (err != SR_OK && x->request.format != FORMAT_HTML)
		return (err);
	if (err != SR_OK)
		return (view_accounts(x, false, err));
	if ((failed = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (failed);
	compose_lit(c, "/settings/accounts?notice=");
	compose_constant(c, notice);
	return (response_redirect(&x->response, &c));
}

static enum sr_error
change(struct exchange * x, enum account_step step, const char * role)
{
	struct account was;
	struct sr_id id;

	if (!sr_id_parse(x->param.text, &id))
		return (SR_E_ACCOUNT_NOT_FOUND);
	return (account_change(&x->store, &x->actor, step, &id, role, &was));
}

/* What ends somebody's sessions is asked back for. */
static enum sr_error
change_confirmed(struct exchange * x, enum account_step step)
{

	if (form_text(x->form, FIELD_ACCOUNT_CONFIRM)[0] == '\0') {
		x->complaint.field = "confirm";
		return (SR_E_CONFIRMATION_REQUIRED);
	}
	return (change(x, step, NULL));
}

enum sr_error
h_account_role(struct exchange * x)
{

	return (answer(x, change(x, ACCOUNT_STEP_ROLE,
	    form_text(x->form, FIELD_ACCOUNT_ROLE)), "account-role"));
}

enum sr_error
h_account_disable(struct exchange * x)
{

	return (answer(x, change_confirmed(x, ACCOUNT_STEP_DISABLE),
	    "account-disabled"));
}

enum sr_error
h_account_enable(struct exchange * x)
{

	return (answer(x, change(x, ACCOUNT_STEP_ENABLE, NULL),
	    "account-enabled"));
}

enum sr_error
h_account_remove(struct exchange * x)
{

	return (answer(x, change_confirmed(x, ACCOUNT_STEP_REMOVE),
	    "account-removed"));
}

enum sr_error
h_account_reset_factor(struct exchange * x)
{

	return (answer(x, change_confirmed(x, ACCOUNT_STEP_RESET_FACTOR),
	    "second-factor-reset"));
}

enum sr_error
h_invitation_withdraw(struct exchange * x)
{
	struct sr_id id;
	enum sr_error err = SR_E_INVITATION_NOT_FOUND;

	if (sr_id_parse(x->param.text, &id))
		err = invitation_withdraw(&x->store, &x->actor, &id);
	return (answer(x, err, "invitation-withdrawn"));
}
