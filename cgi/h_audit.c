/* The audit: who reads it is written down first. */

#include "cgi/audit_query.h"
#include "cgi/exchange.h"
#include "cgi/view.h"
#include "core/audit/checkpoint.h"

#define ROWS_A_PAGE	50

static void
what_was_typed(struct exchange * x, struct page * page)
{

	page_input(page, "from", form_text(x->form, FIELD_AUDIT_FROM));
	page_input(page, "to", form_text(x->form, FIELD_AUDIT_TO));
	page_input(page, "actor", form_text(x->form, FIELD_AUDIT_ACTOR));
	page_input(page, "action", form_text(x->form, FIELD_AUDIT_ACTION));
	page_input(page, "outcome", form_text(x->form, FIELD_AUDIT_OUTCOME));
	page_input(page, "of", audit_query_subject(x));
}

static void
filter_form(struct exchange * x, struct page * page, enum sr_error refused)
{

	page_begin(page, "filter");
	what_was_typed(x, page);
	for (unsigned i = 0; i < AUDIT__MAX; i++) {
		page_begin(page, "action");
		page_constant(page, "name",
		    audit_action_name((enum audit_action)i));
		page_end(page);
	}
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
}

/* Up to where the rows can be exported: in one size the file and its signature
 * are of the same rows. */
static void
export_size(const struct exchange * x, struct page * page)
{
	struct checkpoint newest;
	bool found;

	if (checkpoint_latest(x->store.db, &newest, &found) != SR_OK || !found)
		return;
	page_begin(page, "export");
	page_u64(page, "size", newest.tree_size);
	page_end(page);
}

/* No rows: what is asked for is not understood. */
static enum sr_error
show_refused(struct exchange * x, enum sr_error refused)
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_AUDIT, &page)) != SR_OK)
		return (err);
	page_begin(page, "audit");
	filter_form(x, page, refused);
	page_end(page);
	return (view_end(x, sr_error_row(refused)->status, &page, SR_OK));
}

static enum sr_error
show(struct exchange * x, const struct audit_filter * filter,
    const struct sr_id * before)
{
	struct page * page = NULL;
	enum sr_error err, found;

	if ((err = view_begin(x, PAGE_AUDIT, &page)) != SR_OK)
		return (err);
	page_begin(page, "audit");
	filter_form(x, page, SR_OK);
	export_size(x, page);
	found = view_history(x, page, filter, before, ROWS_A_PAGE);
	page_end(page);
	return (view_end(x, view_worse(200, found), &page, SR_OK));
}

enum sr_error
h_audit_show(struct exchange * x)
{
	const char * place = form_text(x->form, FIELD_AUDIT_BEFORE);
	struct audit_filter filter;
	struct sr_id before;
	enum sr_error err;

	if (place[0] != '\0' && !sr_id_parse(place, &before))
		return (SR_E_FORM_MALFORMED);
	if ((err = audit_query(x, &filter)) != SR_OK)
		return (x->request.format == FORMAT_JSON ? err :
		    show_refused(x, err));
	err = audit_reading(&x->store, &x->actor, AUDIT_AUDIT_READ, &filter,
	    NULL);
	if (err != SR_OK)
		return (err);
	return (show(x, &filter, place[0] == '\0' ? NULL : &before));
}
