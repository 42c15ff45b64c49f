#include "cgi/exchange.h"
#include "cgi/view_provider.h"
#include "cgi/view_setup.h"
#include "core/log/log.h"

/* What the page is about, found out before it is built. */
struct setup_facts {
	enum sr_error checks[CHECK__MAX];
	/* "open", "closed" (for strangers), "providers", "done", "unknown" */
	const char * state;
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
	bool open = false, done = false;

	*facts = (struct setup_facts){ .state = "unknown" };
	ready_checks(x, facts->checks);
	if (facts->checks[CHECK_SCHEMA] != SR_OK ||
	    setup_open(x->store.db, &open) != SR_OK)
		return;
	facts->admitted = open && admitted(x);
	facts->state = open ? "open" : "closed";
	if (open || !x->visitor.signed_in)
		return;
	if (setup_providers_done(x->store.db, &done) != SR_OK)
		facts->state = "unknown";
	else
		facts->state = done ? "done" : "providers";
}

/* Only notices that we know; the query could say anything. */
static void
notice(const struct exchange * x, struct page * page)
{
	static const char * const kinds[] = { "provider-saved",
	    "provider-checked", "setup-complete" };
	const char * wanted = form_text(x->form, FIELD_QUERY_SETUP_NOTICE);

	for (size_t i = 0; i < COUNTOF(kinds); i++)
		if (strcmp(wanted, kinds[i]) == 0)
			view_notice(page, kinds[i]);
}

/* For who is signed in: the providers, and the end of set-up. */
static int
providers_step(struct exchange * x, struct page * page, int status,
    const struct setup_refusal * refusal)
{

	status = view_worse(status, view_provider_list(x, page, refusal));
	if (refusal->error != SR_OK && refusal->provider == NULL) {
		page_begin(page, "refused");
		view_refusal(x, page, refusal->error);
		page_end(page);
	}
	return (status);
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
view_setup(struct exchange * x, const char * provider, enum sr_error refused)
{
	const struct setup_refusal refusal = { provider, refused };
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
	if (x->visitor.signed_in)
		notice(x, page);
	page_begin(page, "setup");
	page_constant(page, "state", facts.state);
	view_checks(page, facts.checks);
	if (strcmp(facts.state, "open") == 0)
		err = owner_form(x, page, &facts, refused);
	else if (strcmp(facts.state, "providers") == 0 ||
	    strcmp(facts.state, "done") == 0)
		status = providers_step(x, page, status, &refusal);
	page_end(page);
	return (view_end(x, status, &page, err));
}
