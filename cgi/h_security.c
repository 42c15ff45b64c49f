#include "cgi/exchange.h"
#include "cgi/view_security.h"
#include "core/redact/compose.h"

/* A row to go on after: absent, or an id. */
static bool
parse_place(const char * text, struct sr_id * id, const struct sr_id ** place)
{

	*place = NULL;
	if (text[0] == '\0')
		return (true);
	*place = id;
	return (sr_id_parse(text, id));
}

enum sr_error
h_security_show(struct exchange * x)
{
	struct security_place place = { .rotation = NULL };
	struct sr_id after, keys_after, sessions_after;

	if (!parse_place(form_text(x->form, FIELD_QUERY_AFTER), &after,
	    &place.after) ||
	    !parse_place(form_text(x->form, FIELD_QUERY_KEYS_AFTER),
	    &keys_after, &place.keys_after) ||
	    !parse_place(form_text(x->form, FIELD_QUERY_SESSIONS_AFTER),
	    &sessions_after, &place.sessions_after))
		return (SR_E_FORM_MALFORMED);
	return (view_security(x, &place, SECURITY_SECRET, SR_OK));
}

static enum sr_error
redirect_saved(struct exchange * x, const struct sr_id * id)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/settings/security?saved=");
	compose_id(c, id);
	return (response_redirect(&x->response, &c));
}

enum sr_error
h_security_save(struct exchange * x)
{
	static const struct security_place first = { .after = NULL };
	const struct secret_write write = {
		.scope = form_text(x->form, FIELD_SECRET_SCOPE),
		.project = form_text(x->form, FIELD_SECRET_PROJECT),
		.name = form_text(x->form, FIELD_SECRET_NAME),
		.value = form_secret(x->form, FIELD_SECRET_VALUE),
		.expires_at = form_text(x->form, FIELD_SECRET_EXPIRES_AT),
		.idempotency_key = form_text(x->form, FIELD_SECRET_REQUEST),
	};
	struct secret_meta meta;
	enum sr_error err;

	err = secret_put(&x->store, &x->actor, &write, &x->complaint, &meta);
	if (err == SR_OK)
		return (redirect_saved(x, &meta.id));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_security(x, &first, SECURITY_SECRET, err));
}
