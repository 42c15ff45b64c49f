#include "cgi/exchange.h"
#include "cgi/view_provider.h"
#include "cgi/view_security.h"
#include "core/store/keystore.h"

#define HISTORY_SHOWN	25

/* The secret that was just saved, by its id; other ids say nothing. */
static void
saved_notice(struct exchange * x, struct page * page)
{
	static const char * const kinds[] = { "api-key-revoked",
	    "session-revoked", "provider-checked", "rotation-begun",
	    "rotation-cancelled" };
	const char * saved = form_text(x->form, FIELD_QUERY_SAVED);
	const char * notice = form_text(x->form, FIELD_QUERY_SECURITY_NOTICE);
	struct secret_meta meta;
	struct sr_id id;

	for (size_t i = 0; i < COUNTOF(kinds); i++)
		if (strcmp(notice, kinds[i]) == 0)
			view_notice(page, kinds[i]);
	if (!sr_id_parse(saved, &id) ||
	    secret_show(x->store.db, &id, &meta) != SR_OK)
		return;
	page_begin(page, "notice");
	page_lit(page, "kind", "saved");
	view_secret(x, page, &meta);
	page_end(page);
}

static void
what_was_typed(struct exchange * x, struct page * page)
{

	page_input(page, "scope", form_text(x->form, FIELD_SECRET_SCOPE));
	page_input(page, "project", form_text(x->form, FIELD_SECRET_PROJECT));
	page_input(page, "secret-name", form_text(x->form, FIELD_SECRET_NAME));
	page_input(page, "expires-at",
	    form_text(x->form, FIELD_SECRET_EXPIRES_AT));
}

static enum sr_error
secret_form(struct exchange * x, struct page * page, enum sr_error refused)
{
	bool may_write = x->visitor.session.role >= ROLE_OPERATOR;
	enum sr_error unusable = keystore_write_error(x->worker->keys);
	enum sr_error err;

	page_begin(page, "form");
	page_yes(page, "may-write", may_write);
	if ((err = view_csrf(x, page)) == SR_OK)
		err = view_request(page);
	if (refused != SR_OK) {
		what_was_typed(x, page);
		view_refusal(x, page, refused);
	} else if (unusable != SR_OK) {
		view_error(page, unusable);
	}
	page_end(page);
	return (err);
}

static enum sr_error
recent(struct exchange * x, struct page * page)
{
	const struct audit_filter secrets = { .from = SR_TIME_NONE,
	    .to = SR_TIME_NONE, .target_kind = "secret" };

	return (view_history(x, page, &secrets, NULL, HISTORY_SHOWN));
}

enum sr_error
view_security(struct exchange * x, const struct security_place * place,
    enum security_form form, enum sr_error refused)
{
	struct page * page = NULL;
	int status = view_worse(200, refused);
	enum sr_error err;

	if ((err = view_begin(x, PAGE_SECURITY, &page)) != SR_OK)
		return (err);
	saved_notice(x, page);
	page_begin(page, "security");
	status = view_worse(status, view_posture(x, page));
	err = secret_form(x, page, form == SECURITY_SECRET ? refused : SR_OK);
	status = view_worse(status, view_secrets(x, page, place->after));
	status = view_worse(status, view_provider_list(x, page, NULL));
	status = view_worse(status, view_rotation(x, page,
	    form == SECURITY_ROTATION ? refused : SR_OK, place->rotation));
	status = view_worse(status, view_api_keys(x, page, place->keys_after,
	    form == SECURITY_API_KEY ? refused : SR_OK));
	status = view_worse(status, view_sessions(x, page,
	    place->sessions_after, form == SECURITY_SESSION ? refused :
	    SR_OK));
	status = view_worse(status, recent(x, page));
	page_end(page);
	return (view_end(x, status, &page, err));
}
