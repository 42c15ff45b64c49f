/* The list of secrets: a page by key, found by name and state. */

#include "cgi/exchange.h"
#include "cgi/view_security.h"
#include "core/vault/policy.h"

#define ROWS_A_PAGE	50

struct listing {
	const struct exchange * x;
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
	view_secret(l->x, l->page, meta);
	l->last = meta->id;
	l->n++;
	return (SR_OK);
}

/*
 * What the list is asked for. What looks like a secret is no begin of a name:
 * who pastes one into the wrong field is told, and does not see it again.
 */
static enum sr_error
find_filter(struct exchange * x, struct secret_filter * f)
{
	const char * state = form_text(x->form, FIELD_QUERY_STATUS);

	f->prefix = form_text(x->form, FIELD_QUERY_NAME);
	f->state = SECRET_ANY;
	f->times = view_times(x);
	if (!secret_prefix(f->prefix) ||
	    policy_plain_text(x->worker->redact, f->prefix) != SR_OK) {
		x->complaint.field = "name";
		return (SR_E_SECRET_FILTER_INVALID);
	}
	if (state[0] != '\0' && !secret_state_parse(state, &f->state)) {
		x->complaint.field = "status";
		return (SR_E_SECRET_FILTER_INVALID);
	}
	return (SR_OK);
}

enum sr_error
view_secrets(struct exchange * x, struct page * page,
    const struct sr_id * after)
{
	struct listing l = { .x = x, .page = page };
	struct secret_filter filter;
	enum sr_error err;

	page_begin(page, "secrets");
	err = find_filter(x, &filter);
	page_yes(page, "first", after == NULL);
	page_yes(page, "may-write", x->visitor.session.role >= ROLE_OPERATOR);
	page_yes(page, "asked", filter.prefix[0] != '\0' ||
	    form_text(x->form, FIELD_QUERY_STATUS)[0] != '\0');
	page_input(page, "prefix", filter.prefix);
	page_constant(page, "state", secret_state_name(filter.state));
	if (err == SR_OK && (err = view_csrf(x, page)) == SR_OK)
		err = secret_search(x->store.db, &filter, after,
		    ROWS_A_PAGE + 1, list_row, &l);
	page_u64(page, "count", l.n);
	if (l.more)
		page_id(page, "next", &l.last);
	if (err != SR_OK)
		view_refusal(x, page, err);
	page_end(page);
	return (err);
}
