#include "cgi/exchange.h"
#include "cgi/view_security.h"
#include "core/store/keystore.h"

#define ROWS_A_PAGE	50
#define HISTORY_SHOWN	25

struct listing {
	struct page * page;
	unsigned n;
	bool more;
	struct sr_id last;
};

static enum sr_error
list_row(const struct secret_meta * meta, void * cookie)
{
	struct listing * l = cookie;

	if (l->n == ROWS_A_PAGE) {
		l->more = true;
		return (SR_OK);
	}
	view_secret(l->page, meta);
	l->last = meta->id;
	l->n++;
	return (SR_OK);
}

static enum sr_error
secrets(struct exchange * x, struct page * page, const struct sr_id * after)
{
	struct listing l = { .page = page };
	enum sr_error err;

	page_begin(page, "secrets");
	page_yes(page, "first", after == NULL);
	err = secret_list(x->store.db, after, ROWS_A_PAGE + 1, list_row, &l);
	page_u64(page, "count", l.n);
	if (l.more)
		page_id(page, "next", &l.last);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

static enum sr_error
history_row(const struct audit_row * row, void * cookie)
{

	view_event(cookie, row);
	return (SR_OK);
}

static enum sr_error
history(struct exchange * x, struct page * page)
{
	enum sr_error err;

	page_begin(page, "history");
	err = audit_recent(x->store.db, "secret", HISTORY_SHOWN, history_row,
	    page);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

/* The secret that was just saved, by its id; other ids say nothing. */
static void
saved_notice(struct exchange * x, struct page * page)
{
	const char * saved = "";
	struct secret_meta meta;
	struct sr_id id;

	if (x->request.method == METHOD_GET)
		saved = form_text(x->form, FIELD_QUERY_SAVED);
	if (!sr_id_parse(saved, &id) ||
	    secret_show(x->store.db, &id, &meta) != SR_OK)
		return;
	page_begin(page, "notice");
	page_lit(page, "kind", "saved");
	view_secret(page, &meta);
	page_end(page);
}

static enum sr_error
secret_form(struct exchange * x, struct page * page, enum sr_error refused)
{
	bool may_write = x->visitor.session.role >= ROLE_OPERATOR;
	enum sr_error unusable = keystore_write_error(x->worker->keys);
	enum sr_error err;

	page_begin(page, "form");
	page_yes(page, "may-write", may_write);
	err = view_csrf(x, page);
	if (refused != SR_OK) {
		page_input(page, "scope",
		    form_text(x->form, FIELD_SECRET_SCOPE));
		page_input(page, "project",
		    form_text(x->form, FIELD_SECRET_PROJECT));
		page_input(page, "secret-name",
		    form_text(x->form, FIELD_SECRET_NAME));
		page_input(page, "expires-at",
		    form_text(x->form, FIELD_SECRET_EXPIRES_AT));
		view_refusal(x, page, refused);
	} else if (unusable != SR_OK) {
		view_error(page, unusable);
	}
	page_end(page);
	return (err);
}

static int
worse(int status, enum sr_error err)
{

	return (err == SR_OK || status != 200 ? status :
	    sr_error_row(err)->status);
}

enum sr_error
view_security(struct exchange * x, const struct sr_id * after,
    enum sr_error refused)
{
	struct page * page = NULL;
	int status = worse(200, refused);
	enum sr_error err;

	if ((err = view_begin(x, PAGE_SECURITY, &page)) != SR_OK)
		return (err);
	saved_notice(x, page);
	page_begin(page, "security");
	err = secret_form(x, page, refused);
	status = worse(status, secrets(x, page, after));
	status = worse(status, history(x, page));
	page_end(page);
	return (view_end(x, status, &page, err));
}
