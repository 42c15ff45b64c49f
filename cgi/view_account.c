/* One's own page: password, second factor, recovery codes. */

#include "cgi/exchange.h"
#include "cgi/view_people.h"

/* Only notices that we know; the query could say anything. */
static void
notice(const struct exchange * x, struct page * page)
{
	static const char * const kinds[] = { "password-changed",
	    "recovery-code-used" };
	const char * wanted = form_text(x->form, FIELD_QUERY_ACCOUNT_NOTICE);

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		if (strcmp(wanted, kinds[i]) == 0)
			view_notice(page, kinds[i]);
	}
}

static const char *
state_name(enum factor_state state)
{

	if (state == FACTOR_CONFIRMED)
		return ("confirmed");
	return (state == FACTOR_BEGUN ? "begun" : "none");
}

static enum sr_error
factor(struct exchange * x, struct page * page, enum sr_error refused)
{
	struct factor f;
	enum sr_error err;

	err = factor_read(x->store.db, &x->visitor.session.account_id, &f);
	page_begin(page, "factor");
	page_constant(page, "state", state_name(f.state));
	page_yes(page, "required", x->worker->require_factor);
	page_time(page, "confirmed-at", f.confirmed_at);
	page_u64(page, "recovery-codes", f.recovery_codes);
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	return (err);
}

enum sr_error
view_account(struct exchange * x, enum account_form form,
    enum sr_error refused)
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_ACCOUNT, &page)) != SR_OK)
		return (err);
	notice(x, page);
	page_begin(page, "account");
	err = view_csrf(x, page);
	page_yes(page, "by-web-server", x->visitor.by_web_server);
	if (x->response.retry_after > 0)
		page_u64(page, "retry-after", x->response.retry_after);
	page_begin(page, "password");
	if (form == ACCOUNT_FORM_PASSWORD && refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	if (err == SR_OK)
		err = factor(x, page, form == ACCOUNT_FORM_FACTOR ? refused :
		    SR_OK);
	page_end(page);
	return (view_end(x, view_worse(200, refused), &page, err));
}

enum sr_error
view_factor(struct exchange * x, struct factor_shown * shown)
{
	struct disclosed * values[] = { shown->picture, shown->text };
	struct page * page = NULL;
	enum sr_error err;

	shown->picture = shown->text = NULL;
	if ((err = view_begin(x, PAGE_SECOND_FACTOR, &page)) != SR_OK) {
		disclosed_free(&values[0]);
		disclosed_free(&values[1]);
		return (err);
	}
	page_begin(page, "second-factor");
	err = view_csrf(x, page);
	page_u64(page, "size", shown->size);
	page_disclosure(page, "picture");
	page_disclosure(page, "seed");
	page_end(page);
	return (view_end_disclosed(x, &page, err, values, COUNTOF(values)));
}

enum sr_error
view_recovery_codes(struct exchange * x,
    struct disclosed * codes[RECOVERY_CODES])
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_RECOVERY_CODES, &page)) != SR_OK) {
		for (size_t i = 0; i < RECOVERY_CODES; i++)
			disclosed_free(&codes[i]);
		return (err);
	}
	page_begin(page, "recovery-codes");
	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		page_begin(page, "code");
		page_disclosure(page, "once");
		page_end(page);
	}
	page_end(page);
	return (view_end_disclosed(x, &page, err, codes, RECOVERY_CODES));
}
