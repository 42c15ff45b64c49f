#include "cgi/exchange.h"
#include "cgi/view.h"

#define HISTORY_SHOWN	100

static enum sr_error
history_row(const struct audit_row * row, void * cookie)
{

	view_event(cookie, row);
	return (SR_OK);
}

static enum sr_error
history(struct exchange * x, struct page * page, const struct sr_id * id)
{
	enum sr_error err;

	page_begin(page, "history");
	err = audit_of_target(x->store.db, id, HISTORY_SHOWN, history_row,
	    page);
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

enum sr_error
h_secret_show(struct exchange * x)
{
	struct secret_meta meta;
	struct page * page = NULL;
	struct sr_id id;
	enum sr_error err, audit;

	if (!sr_id_parse(x->param.text, &id))
		return (SR_E_SECRET_NOT_FOUND);
	if ((err = secret_show(x->store.db, &id, &meta)) != SR_OK)
		return (err);
	if ((err = view_begin(x, PAGE_SECRET, &page)) != SR_OK)
		return (err);
	page_begin(page, "detail");
	view_secret(page, &meta);
	audit = history(x, page, &id);
	page_end(page);
	return (view_end(x, audit == SR_OK ? 200 :
	    sr_error_row(audit)->status, &page, SR_OK));
}
