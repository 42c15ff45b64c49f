#include "cgi/exchange.h"
#include "cgi/view.h"

static void
catalogue_row(struct page * page, enum sr_error err)
{
	const struct sr_error_row * row = sr_error_row(err);

	page_constant(page, "type", row->name);
	page_u64(page, "status", (uint64_t)row->status);
	page_u64(page, "exit-code", (uint64_t)row->exit_code);
	page_constant(page, "heading", row->title);
	page_constant(page, "detail", row->detail);
	page_constant(page, "remedy", row->remedy);
}

void
view_error(struct page * page, enum sr_error err)
{

	page_begin(page, "error");
	catalogue_row(page, err);
	page_end(page);
}

void
view_refusal(const struct exchange * x, struct page * page, enum sr_error err)
{

	page_begin(page, "error");
	catalogue_row(page, err);
	if (x->complaint.field != NULL)
		page_constant(page, "field", x->complaint.field);
	if (x->complaint.policy != NULL)
		page_constant(page, "policy", x->complaint.policy);
	page_end(page);
}

void
view_checks(struct page * page, const enum sr_error results[CHECK__MAX])
{

	page_begin(page, "checks");
	for (unsigned i = 0; i < CHECK__MAX; i++) {
		page_begin(page, "check");
		page_constant(page, "name", check_name((enum check)i));
		page_yes(page, "good", results[i] == SR_OK);
		if (results[i] != SR_OK)
			view_error(page, results[i]);
		page_end(page);
	}
	page_end(page);
}
