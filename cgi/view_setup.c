#include "cgi/exchange.h"
#include "cgi/view_setup.h"
#include "core/log/log.h"

/* What the page is about, found out before it is built. */
struct setup_facts {
	enum sr_error checks[CHECK__MAX];
	const char * state;		/* "open", "closed", "unknown" */
	bool admitted;			/* This browser has the cookie. */
};

static bool
admitted(struct exchange * x)
{
	const struct secbuf * cookie =
	    response_pending(&x->response, COOKIE_SETUP);

	if (cookie == NULL)
		cookie = x->request.cookies[COOKIE_SETUP];
	return (cookie != NULL &&
	    setup_admitted(x->store.db, cookie) == SR_OK);
}

static void
find_facts(struct exchange * x, struct setup_facts * facts)
{
	bool open = false;

	*facts = (struct setup_facts){ .state = "unknown" };
	ready_checks(x, facts->checks);
	if (facts->checks[CHECK_SCHEMA] != SR_OK ||
	    setup_open(x->store.db, &open) != SR_OK)
		return;
	facts->state = open ? "open" : "closed";
	facts->admitted = open && admitted(x);
}

static enum sr_error
owner_form(struct exchange * x, struct page * page,
    const struct setup_facts * facts, enum sr_error refused)
{
	enum sr_error err;

	page_begin(page, "form");
	err = view_csrf(x, page);
	page_yes(page, "token-needed", !facts->admitted);
	if (x->form != NULL && x->request.method == METHOD_POST)
		page_input(page, "email",
		    form_text(x->form, FIELD_SETUP_EMAIL));
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	return (err);
}

enum sr_error
view_setup(struct exchange * x, enum sr_error refused)
{
	struct setup_facts facts;
	struct page * page = NULL;
	int status = 200;
	enum sr_error err;

	find_facts(x, &facts);
	if (refused != SR_OK)
		status = sr_error_row(refused)->status;
	else if (facts.checks[CHECK_SCHEMA] != SR_OK)
		status = 503;
	if ((err = view_begin(x, PAGE_SETUP, &page)) != SR_OK)
		return (err);
	page_begin(page, "setup");
	page_constant(page, "state", facts.state);
	view_checks(page, facts.checks);
	if (strcmp(facts.state, "open") == 0)
		err = owner_form(x, page, &facts, refused);
	page_end(page);
	return (view_end(x, status, &page, err));
}
