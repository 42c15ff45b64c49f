#include "cgi/exchange.h"
#include "cgi/view.h"

enum sr_error
h_errors(struct exchange * x)
{
	struct page * page = NULL;
	enum sr_error err;

	if ((err = view_begin(x, PAGE_ERRORS, &page)) != SR_OK)
		return (err);
	page_begin(page, "errors");
	for (unsigned i = SR_OK + 1; i < SR_E__MAX; i++)
		view_error(page, (enum sr_error)i);
	page_end(page);
	return (view_end(x, 200, &page, SR_OK));
}

enum sr_error
h_error_type(struct exchange * x)
{
	enum sr_error type = sr_error_by_name(x->param.text);
	struct page * page = NULL;
	enum sr_error err;

	/* "anthropic_credentials_invalid": the row that stands for it. */
	if (type == SR_OK && x->worker->providers != NULL)
		type = provider_error_by_name(x->worker->providers,
		    x->param.text);
	if (type == SR_OK)
		return (SR_E_ROUTE_NOT_FOUND);
	if ((err = view_begin(x, PAGE_ERROR_TYPE, &page)) != SR_OK)
		return (err);
	page_begin(page, "error-type");
	view_error(page, type);
	page_end(page);
	return (view_end(x, 200, &page, SR_OK));
}
