#include "cgi/exchange.h"
#include "cgi/view_setup.h"
#include "core/base/secbuf.h"
#include "core/keys/password.h"
#include "core/redact/compose.h"

static enum sr_error
redirect(struct exchange * x, bool created)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_constant(c, created ?
	    "/login?notice=owner-created&next=/setup" : "/setup");
	return (response_redirect(&x->response, &c));
}

/* Trade the link's one-time token for a cookie that this answer sets. */
static enum sr_error
exchange_token(struct exchange * x, const struct secbuf * token)
{
	struct disclosed * cookie = NULL;
	unsigned retry_after = 0;
	enum sr_error err;

	err = setup_exchange(&x->store, &x->actor, token,
	    x->worker->setup_minutes, &cookie, &retry_after);
	x->response.retry_after = retry_after;
	if (err == SR_OK)
		response_disclose(&x->response, COOKIE_SETUP, &cookie);
	return (err);
}

enum sr_error
h_setup_show(struct exchange * x)
{
	const struct secbuf * token = form_secret(x->form, FIELD_QUERY_TOKEN);
	enum sr_error err;

	if (secbuf_len(token) == 0)
		return (view_setup(x, NULL, SR_OK));
	if (x->store_error != SR_OK)
		return (x->store_error);
	/* HEAD comes from link previews: it must not use the link up. */
	if (!x->request.head && (err = exchange_token(x, token)) != SR_OK)
		return (err);
	return (redirect(x, false));
}

/* What can be refused before the one-time token is spent on it. */
static enum sr_error
check_owner(const struct exchange * x)
{
	const struct secbuf * password =
	    form_secret(x->form, FIELD_SETUP_PASSWORD);
	enum sr_error err;

	if ((err = form_first_fault(x->form)) != SR_OK)
		return (err);
	if (!email_valid(form_text(x->form, FIELD_SETUP_EMAIL)))
		return (SR_E_EMAIL_INVALID);
	if (secbuf_len(password) < PASSWORD_MIN ||
	    secbuf_len(password) > PASSWORD_MAX)
		return (SR_E_PASSWORD_INVALID);
	if (!secbuf_equal(password,
	    form_secret(x->form, FIELD_SETUP_CONFIRMATION)))
		return (SR_E_PASSWORD_MISMATCH);
	return (SR_OK);
}

static enum sr_error
create_owner(struct exchange * x)
{
	const struct secbuf * token = form_secret(x->form, FIELD_SETUP_TOKEN);
	const struct secbuf * cookie = x->request.cookies[COOKIE_SETUP];
	struct sr_id id;
	enum sr_error err;

	if ((err = check_owner(x)) != SR_OK)
		return (err);
	if (secbuf_len(token) > 0) {
		if ((err = exchange_token(x, token)) != SR_OK)
			return (err);
		cookie = response_pending(&x->response, COOKIE_SETUP);
	}
	if (cookie == NULL)
		return (SR_E_SETUP_TOKEN_INVALID);
	return (owner_create(&x->store, &x->actor, cookie,
	    form_text(x->form, FIELD_SETUP_EMAIL),
	    form_secret(x->form, FIELD_SETUP_PASSWORD),
	    x->worker->password_cost, &id));
}

/* The field that an error is about, so that the form can point at it. */
static const char *
field_of(enum sr_error err)
{

	if (err == SR_E_EMAIL_INVALID ||
	    err == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED)
		return ("email");
	if (err == SR_E_PASSWORD_INVALID)
		return ("password");
	if (err == SR_E_PASSWORD_MISMATCH)
		return ("password_confirmation");
	if (err == SR_E_SETUP_TOKEN_INVALID || err == SR_E_SETUP_TOKEN_EXPIRED)
		return ("token");
	return (NULL);
}

/* What the form is shown again for, with what to do about it. */
static bool
shown_with_form(const struct exchange * x, enum sr_error err)
{

	return (x->request.format == FORMAT_HTML &&
	    (x->complaint.field != NULL ||
	    err == SR_E_SECRET_ENCRYPTION_UNAVAILABLE ||
	    err == SR_E_ROOT_KEY_MISMATCH));
}

enum sr_error
h_setup_create(struct exchange * x)
{
	enum sr_error err;

	if ((err = create_owner(x)) == SR_OK) {
		response_forget(&x->response, COOKIE_SETUP);
		return (redirect(x, true));
	}
	x->complaint.field = field_of(err);
	if (!shown_with_form(x, err))
		return (err);
	return (view_setup(x, NULL, err));
}
