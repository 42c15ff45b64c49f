#include "cgi/exchange.h"
#include "cgi/view.h"
#include "core/audit/disclose.h"
#include "core/base/metric.h"
#include "core/log/log.h"
#include "core/redact/redact.h"
#include "core/runs/run_alert.h"

#define SUPPRESSED_EVERY_MS	60000

static enum sr_error
frame(struct exchange * x, struct page * page)
{
	enum sr_error err = SR_OK;

	page_begin(page, "visitor");
	page_yes(page, "signed-in", x->visitor.signed_in);
	if (x->visitor.signed_in) {
		page_label(page, "email", x->visitor.session.email);
		page_constant(page, "role", role_name(x->visitor.session.role));
		if (x->visitor.by_web_server)
			page_lit(page, "by-web-server", "yes");
		err = view_csrf(x, page);
	}
	page_end(page);
	return (err);
}

enum sr_error
view_begin(struct exchange * x, enum page_name name, struct page ** page)
{
	enum sr_error err;

	err = page_new(x->worker->redact, name, &x->correlation_id, page);
	if (err != SR_OK)
		return (err);
	if ((err = frame(x, *page)) != SR_OK)
		page_free(page);
	return (err);
}

/*
 * Whether it is this thread's turn to keep a record. Whoever has found a page
 * that is suppressed can ask for it as often as he likes: a row a minute says
 * as much.
 */
static bool
due(struct exchange * x)
{
	size_t route = x->route == NULL ? ROUTE__MAX :
	    (size_t)(x->route - route_row((enum route_id)0));
	_Atomic int64_t * at = &x->worker->suppressed_at[route];
	int64_t last = atomic_load(at);
	const int64_t now = clock_monotonic_ms();

	return ((last == 0 || now - last >= SUPPRESSED_EVERY_MS) &&
	    atomic_compare_exchange_strong(at, &last, now));
}

/* A secret got past the model: say so where it is heard, and keep a record. */
static void
report(struct exchange * x, enum page_outcome outcome)
{
	struct audit_entry entry = {
		.occurred_at = clock_now(), .actor = &x->actor,
		.action = AUDIT_PAGE_SUPPRESSED, .outcome = AUDIT_BLOCKED,
		.error = SR_E_UI_REDACTION_FAILED,
		.target_kind = "secret",	/* It was one of them. */
	};

	metric_count(METRIC_PAGES_SUPPRESSED);
	LOG(PAGE_SUPPRESSED,
	    log_const("route", x->route == NULL ? "" : x->route->pattern),
	    log_const("outcome", outcome == PAGE_WITHOUT_TEXT ?
	    "text_suppressed" : "alert_alone"));
	if (x->store_error == SR_OK && x->store.db != NULL && due(x))
		(void)audit_refusal(&x->store, &entry);
	if (!sr_id_is_nil(&x->about.id))
		run_alert_raise(&x->store, &x->actor, &x->about,
		    RUN_ALERT_PAGE_SUPPRESSED, REDACT_UI);
}

static enum sr_error
render(struct exchange * x, int status, struct page ** page,
    enum sr_error err, enum page_outcome * outcome)
{
	enum format format = x->request.format;
	struct redacted * body = NULL;

	*outcome = PAGE_CLEAN;
	if (err == SR_OK)
		err = page_render(*page, x->worker->templates, format,
		    outcome, &body);
	page_free(page);
	if (err != SR_OK)
		return (err);
	if (*outcome != PAGE_CLEAN)
		report(x, *outcome);
	if (*outcome == PAGE_ALERT_ALONE)
		status = sr_error_row(SR_E_UI_REDACTION_FAILED)->status;
	response_body(&x->response, status, format == FORMAT_XML ?
	    CONTENT_XML : CONTENT_HTML, &body);
	return (SR_OK);
}

enum sr_error
view_end(struct exchange * x, int status, struct page ** page,
    enum sr_error err)
{
	enum page_outcome outcome;

	return (render(x, status, page, err, &outcome));
}

enum sr_error
view_end_disclosed(struct exchange * x, struct page ** page,
    enum sr_error err, struct disclosed ** values, size_t n)
{
	enum page_outcome outcome;

	err = render(x, 200, page, err, &outcome);
	if (err == SR_OK && outcome == PAGE_CLEAN)
		err = response_show(&x->response, values, n, PAGE_SHOWN_HERE);
	for (size_t i = 0; i < n; i++)
		disclosed_free(&values[i]);
	return (err);
}

void
view_notice(struct page * page, const char * kind)
{

	page_begin(page, "notice");
	page_constant(page, "kind", kind);
	page_end(page);
}

enum sr_error
view_csrf(struct exchange * x, struct page * page)
{
	uint8_t token[MAC_LEN];
	enum sr_error err;

	if ((err = guard_token(x, token)) == SR_OK)
		page_hex(page, "csrf", token, sizeof(token));
	explicit_bzero(token, sizeof(token));
	return (err);
}

enum sr_error
view_request(struct page * page)
{
	struct sr_id id;
	enum sr_error err;

	if ((err = sr_id_new(&id)) == SR_OK)
		page_id(page, "request", &id);
	return (err);
}

int
view_worse(int status, enum sr_error err)
{

	return (err == SR_OK || status != 200 ? status :
	    sr_error_row(err)->status);
}

const char *
view_channel_name(enum redact_channel channel)
{
	static const char * const names[REDACT__MAX] = {
		[REDACT_LOG] = "log", [REDACT_PUBSUB] = "events",
		[REDACT_ARTIFACT] = "artifacts", [REDACT_PROMPT] = "prompts",
		[REDACT_UI] = "pages" };

	return (names[channel]);
}
