#include "cgi/exchange.h"
#include "cgi/view.h"

/* "open", "closed", or "unknown" while the database does not answer. */
static const char *
setup_state(struct exchange * x)
{
	bool open = false;

	if (x->store_error != SR_OK || setup_open(x->store.db, &open) != SR_OK)
		return ("unknown");
	return (open ? "open" : "closed");
}

/* Whether the providers are set up; told to who is signed in. */
static const char *
providers_state(struct exchange * x)
{
	bool done = false;

	if (setup_providers_done(x->store.db, &done) != SR_OK)
		return ("unknown");
	return (done ? "done" : "open");
}

enum sr_error
h_front(struct exchange * x)
{
	const char * notice = form_text(x->form, FIELD_QUERY_FRONT_NOTICE);
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_FRONT, &page)) != SR_OK)
		return (err);
	if (strcmp(notice, "signed-out") == 0)
		view_notice(page, "signed-out");
	page_begin(page, "front");
	page_constant(page, "set-up", setup_state(x));
	if (x->visitor.signed_in)
		page_constant(page, "providers", providers_state(x));
	if (x->store_error != SR_OK)
		view_error(page, x->store_error);
	page_end(page);
	return (view_end(x, 200, &page, SR_OK));
}
