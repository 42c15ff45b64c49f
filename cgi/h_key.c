/* API keys: made, shown once, revoked. */

#include "cgi/exchange.h"
#include "cgi/view_security.h"
#include "core/audit/disclose.h"
#include "core/redact/compose.h"

static const struct security_place first = { .after = NULL };

/* The answer is the only place that ever shows the key. */
static enum sr_error
show_key(struct exchange * x, const struct api_key * key,
    struct disclosed ** token)
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_API_KEY, &page)) != SR_OK) {
		disclosed_free(token);
		return (err);
	}
	page_begin(page, "created");
	page_disclosure(page, "token");
	err = view_api_key(x, page, key);
	page_end(page);
	return (view_end_disclosed(x, &page, err, token, 1));
}

enum sr_error
h_key_create(struct exchange * x)
{
	const struct api_key_request request = {
		.name = form_text(x->form, FIELD_KEY_NAME),
		.scopes = form_text(x->form, FIELD_KEY_SCOPES),
		.projects = form_text(x->form, FIELD_KEY_PROJECTS),
		.expires_at = form_text(x->form, FIELD_KEY_EXPIRES_AT),
	};
	struct disclosed * token = NULL;
	struct api_key key;
	enum sr_error err;

	err = api_key_create(&x->store, &x->actor, &request,
	    &x->complaint.field, &token, &key);
	if (err == SR_OK)
		return (show_key(x, &key, &token));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_security(x, &first, SECURITY_API_KEY, err));
}

struct wanted {
	struct sr_id id;
	struct api_key * key;
	bool found;
};

static enum sr_error
find_row(const struct api_key * key, void * cookie)
{
	struct wanted * w = cookie;

	if (sr_id_equal(&key->id, &w->id)) {
		*w->key = *key;
		w->found = true;
	}
	return (SR_OK);
}

static enum sr_error
the_key(struct exchange * x, struct api_key * key)
{
	struct wanted w = { .key = key };
	enum sr_error err;

	if (!sr_id_parse(x->param.text, &w.id))
		return (SR_E_API_KEY_NOT_FOUND);
	err = api_key_list(x->store.db, NULL, UINT16_MAX, find_row, &w);
	if (err != SR_OK)
		return (err);
	return (w.found ? SR_OK : SR_E_API_KEY_NOT_FOUND);
}

static enum sr_error
ask_back(struct exchange * x, const struct api_key * key,
    enum sr_error refused)
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_API_KEY_REVOKE, &page)) != SR_OK)
		return (err);
	page_begin(page, "revoke");
	err = view_csrf(x, page);
	if (err == SR_OK)
		err = view_api_key(x, page, key);
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	return (view_end(x, view_worse(200, refused), &page, err));
}

enum sr_error
h_key_revoke_show(struct exchange * x)
{
	struct api_key key;
	enum sr_error err;

	if ((err = the_key(x, &key)) != SR_OK)
		return (err);
	return (ask_back(x, &key, key.revoked_at == SR_TIME_NONE ? SR_OK :
	    SR_E_API_KEY_ALREADY_REVOKED));
}

static enum sr_error
redirect_revoked(struct exchange * x)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/settings/security?notice=api-key-revoked");
	return (response_redirect(&x->response, &c));
}

enum sr_error
h_key_revoke(struct exchange * x)
{
	struct api_key key;
	enum sr_error err;

	if ((err = the_key(x, &key)) != SR_OK)
		return (err);
	if (form_text(x->form, FIELD_KEY_CONFIRM)[0] == '\0') {
		if (x->request.format == FORMAT_HTML)
			return (h_key_revoke_show(x));
		x->complaint.field = "confirm";
		return (SR_E_CONFIRMATION_REQUIRED);
	}
	err = api_key_revoke(&x->store, &x->actor, &key.id, &key);
	if (err == SR_OK)
		return (redirect_revoked(x));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_security(x, &first, SECURITY_API_KEY, err));
}
