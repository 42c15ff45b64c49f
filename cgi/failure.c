#include "cgi/exchange.h"
#include "cgi/failure.h"
#include "cgi/view.h"
#include "core/log/log.h"
#include "core/redact/compose.h"

/* Sign in first, then come back: only for a page that was asked for. */
static bool
wants_sign_in(const struct exchange * x, enum sr_error err)
{

	return ((err == SR_E_SESSION_REQUIRED || err == SR_E_SESSION_EXPIRED) &&
	    x->request.method == METHOD_GET &&
	    x->request.format == FORMAT_HTML);
}

static enum sr_error
redirect_to_login(struct exchange * x, enum sr_error why)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 1024, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/login?");
	if (why == SR_E_SESSION_EXPIRED)
		compose_lit(c, "notice=session-ended&");
	compose_lit(c, "next=");
	if (!guard_next(x->request.path) ||
	    !compose_place(c, x->worker->redact, x->request.path))
		compose_lit(c, "/");
	return (response_redirect(&x->response, &c));
}

/*
 * A page that was asked for without TLS is at the site's own address. Where a
 * proxy ends TLS that is not trusted, that would go round and round.
 */
static bool
wants_tls(const struct exchange * x, enum sr_error err)
{

	return (err == SR_E_HTTPS_REQUIRED && x->request.method == METHOD_GET &&
	    !x->request.api && x->request.bearer == NULL &&
	    !x->request.relayed);
}

/* Without its query, which may have had a one-time token. */
static enum sr_error
redirect_to_tls(struct exchange * x)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 2048, &c)) != SR_OK)
		return (err);
	compose_constant(c, site_origin_name(&x->worker->site));
	compose_constant(c, site_prefix_name(&x->worker->site));
	if (!guard_next(x->request.path) ||
	    !compose_place(c, x->worker->redact, x->request.path))
		compose_lit(c, "/");
	err = response_redirect(&x->response, &c);
	x->response.status = 308;
	return (err);
}

static enum sr_error
error_page(struct exchange * x, enum sr_error err)
{
	struct page * page = NULL;
	int status = sr_error_row(err)->status;
	enum sr_error made;

	if ((made = view_begin(x, PAGE_FAILURE, &page)) != SR_OK)
		return (made);
	page_begin(page, "failure");
	view_refusal(x, page, err);
	page_end(page);
	return (view_end(x, status, &page, SR_OK));
}

/* Memory or stylesheets are gone: constants still work, or nothing does. */
static void
last_resort(struct exchange * x, enum sr_error err)
{
	struct compose * c = NULL;
	struct redacted * body = NULL;

	response_clear(&x->response);
	x->response.status = sr_error_row(err)->status;
	if (compose_new(NULL, REDACT_UI, 2048, &c) != SR_OK)
		return;
	compose_constant(c, sr_error_row(err)->title);
	compose_lit(c, "\n");
	compose_constant(c, sr_error_row(err)->remedy);
	compose_lit(c, "\n");
	if (compose_finish(&c, &body) == SR_OK)
		response_body(&x->response, sr_error_row(err)->status,
		    CONTENT_TEXT, &body);
}

static enum sr_error
answer(struct exchange * x, enum sr_error err)
{

	if (wants_sign_in(x, err))
		return (redirect_to_login(x, err));
	if (wants_tls(x, err))
		return (redirect_to_tls(x));
	/* A key is a program's, whatever it says that it would accept. */
	if (x->request.format != FORMAT_HTML || x->request.bearer != NULL)
		return (problem_answer(x, err));
	return (error_page(x, err));
}

void
failure_answer(struct exchange * x, enum sr_error err)
{
	enum sr_error failed;

	if ((x->request.api || x->request.bearer != NULL) &&
	    sr_error_row(err)->status == 401)
		x->response.challenge = x->request.bearer == NULL ?
		    CHALLENGE_WANTED : CHALLENGE_INVALID;
	LOG(REQUEST_REFUSED, log_error(err),
	    log_const("route", x->route == NULL ? "" : x->route->pattern));
	if ((failed = answer(x, err)) != SR_OK) {
		LOG(FAILURE, log_error(failed), log_const("where", __func__));
		last_resort(x, err);
	}
}
