#include "cgi/exchange.h"
#include "cgi/view_login.h"

/* Only notices that we know; the query could say anything. */
static void
notice(const struct exchange * x, struct page * page)
{
	static const char * const kinds[] = { "owner-created", "signed-out",
	    "session-ended", "account-made" };
	const char * wanted = form_text(x->form, FIELD_QUERY_NOTICE);

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		if (strcmp(wanted, kinds[i]) == 0)
			view_notice(page, kinds[i]);
	}
}

enum sr_error
view_login(struct exchange * x, const char * next, const char * email,
    enum sr_error refused)
{
	struct page * page = NULL;
	int status = refused == SR_OK ? 200 : sr_error_row(refused)->status;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_LOGIN, &page)) != SR_OK)
		return (err);
	notice(x, page);
	page_begin(page, "login");
	err = view_csrf(x, page);
	if (guard_next(next))
		page_name(page, "next", next);
	if (email[0] != '\0')
		page_input(page, "email", email);
	if (x->response.retry_after > 0)
		page_u64(page, "retry-after", x->response.retry_after);
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	return (view_end(x, status, &page, err));
}

enum sr_error
view_code(struct exchange * x, const char * next, enum sr_error refused)
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_LOGIN_CODE, &page)) != SR_OK)
		return (err);
	page_begin(page, "login-code");
	err = view_csrf(x, page);
	if (guard_next(next))
		page_name(page, "next", next);
	if (x->response.retry_after > 0)
		page_u64(page, "retry-after", x->response.retry_after);
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	return (view_end(x, view_worse(200, refused), &page, err));
}
