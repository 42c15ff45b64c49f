/* All accounts, and who is invited. */

#include "cgi/exchange.h"
#include "cgi/view_people.h"

static void
notice(const struct exchange * x, struct page * page)
{
	static const char * const kinds[] = { "account-role",
	    "account-disabled", "account-enabled", "account-removed",
	    "second-factor-reset", "invitation-withdrawn" };
	const char * wanted = form_text(x->form, FIELD_QUERY_ACCOUNT_NOTICE);

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		if (strcmp(wanted, kinds[i]) == 0)
			view_notice(page, kinds[i]);
	}
}

struct list {
	struct page * page;
	const struct sr_id * own;
};

static enum sr_error
account_row(const struct account * a, void * cookie)
{
	const struct list * l = cookie;

	page_begin(l->page, "person");
	page_id(l->page, "id", &a->id);
	page_label(l->page, "email", a->email);
	page_constant(l->page, "role", role_name(a->role));
	page_constant(l->page, "status", a->disabled_at == SR_TIME_NONE ?
	    "active" : "disabled");
	page_yes(l->page, "factor", a->factor);
	page_yes(l->page, "own", sr_id_equal(&a->id, l->own));
	page_time(l->page, "created-at", a->created_at);
	page_time(l->page, "disabled-at", a->disabled_at);
	page_end(l->page);
	return (SR_OK);
}

static void
invitation_of(struct page * page, const struct invitation * i)
{

	page_begin(page, "invited");
	page_id(page, "id", &i->id);
	page_label(page, "email", i->email);
	page_constant(page, "role", role_name(i->role));
	page_label(page, "invited-by", i->invited_by);
	page_time(page, "created-at", i->created_at);
	page_time(page, "expires-at", i->expires_at);
	page_constant(page, "status", clock_now() < i->expires_at ? "open" :
	    "expired");
}

static enum sr_error
invitation_row(const struct invitation * i, void * cookie)
{
	const struct list * l = cookie;

	invitation_of(l->page, i);
	page_end(l->page);
	return (SR_OK);
}

static enum sr_error
form(struct exchange * x, struct page * page, enum sr_error refused)
{
	enum sr_error err;

	page_begin(page, "form");
	err = view_csrf(x, page);
	if (refused != SR_OK) {
		page_input(page, "email",
		    form_text(x->form, FIELD_INVITE_EMAIL));
		page_input(page, "role",
		    form_text(x->form, FIELD_INVITE_ROLE));
		view_refusal(x, page, refused);
	}
	page_end(page);
	return (err);
}

enum sr_error
view_accounts(struct exchange * x, bool invite, enum sr_error refused)
{
	const bool owner = x->visitor.session.role == ROLE_OWNER;
	struct list l = { .own = &x->visitor.session.account_id };
	enum sr_error err;

	if ((err = view_begin(x, PAGE_ACCOUNTS, &l.page)) != SR_OK)
		return (err);
	notice(x, l.page);
	page_begin(l.page, "accounts");
	page_yes(l.page, "may-manage", owner);
	if (refused != SR_OK && !invite)
		view_refusal(x, l.page, refused);
	if (owner)
		err = form(x, l.page, invite ? refused : SR_OK);
	if (err == SR_OK)
		err = account_list(x->store.db, account_row, &l);
	if (err == SR_OK)
		err = invitation_list(x->store.db, invitation_row, &l);
	page_end(l.page);
	return (view_end(x, view_worse(200, refused), &l.page, err));
}

enum sr_error
view_invited(struct exchange * x, const struct invitation * one,
    struct disclosed ** token)
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_INVITED, &page)) != SR_OK) {
		disclosed_free(token);
		return (err);
	}
	invitation_of(page, one);
	page_name(page, "site", x->worker->site.origin);
	page_constant(page, "prefix", site_prefix_name(&x->worker->site));
	page_disclosure(page, "token");
	page_end(page);
	return (view_end_disclosed(x, &page, SR_OK, token, 1));
}

enum sr_error
view_invitation(struct exchange * x, const struct invitation * one,
    enum sr_error refused)
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_INVITATION, &page)) != SR_OK)
		return (err);
	page_begin(page, "invitation");
	err = view_csrf(x, page);
	page_label(page, "email", one->email);
	page_constant(page, "role", role_name(one->role));
	page_label(page, "invited-by", one->invited_by);
	page_time(page, "expires-at", one->expires_at);
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	return (view_end(x, view_worse(200, refused), &page, err));
}
