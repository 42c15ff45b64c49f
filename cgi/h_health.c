/* For machines: alive, and ready. */

#include "cgi/exchange.h"
#include "cgi/ready.h"
#include "core/redact/compose.h"

static enum sr_error
answer(struct exchange * x, int status, enum content type,
    struct compose ** c)
{
	struct redacted * body = NULL;
	enum sr_error err;

	if ((err = compose_finish(c, &body)) == SR_OK)
		response_body(&x->response, status, type, &body);
	return (err);
}

enum sr_error
h_healthz(struct exchange * x)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 64, &c)) != SR_OK)
		return (err);
	compose_lit(c, "ok\n");
	return (answer(x, 200, CONTENT_TEXT, &c));
}

static const char *
result_name(enum sr_error result)
{

	return (result == SR_OK ? "ok" : sr_error_name(result));
}

static void
as_json(struct compose * c, const enum sr_error results[CHECK__MAX],
    bool ready)
{

	compose_constant(c, ready ? "{\"ready\":true,\"checks\":{" :
	    "{\"ready\":false,\"checks\":{");
	for (unsigned i = 0; i < CHECK__MAX; i++) {
		compose_constant(c, i == 0 ? "\"" : ",\"");
		compose_constant(c, check_name((enum check)i));
		compose_lit(c, "\":\"");
		compose_constant(c, result_name(results[i]));
		compose_lit(c, "\"");
	}
	compose_lit(c, "}}\n");
}

static void
as_text(struct compose * c, const enum sr_error results[CHECK__MAX])
{

	for (unsigned i = 0; i < CHECK__MAX; i++) {
		compose_constant(c, check_name((enum check)i));
		compose_lit(c, " ");
		compose_constant(c, result_name(results[i]));
		compose_lit(c, "\n");
	}
}

enum sr_error
h_readyz(struct exchange * x)
{
	enum sr_error results[CHECK__MAX];
	bool json = x->request.format == FORMAT_JSON;
	bool ready = true;
	struct compose * c = NULL;
	enum sr_error err;

	ready_checks(x, results);
	for (unsigned i = 0; i < CHECK__MAX; i++)
		ready = ready && results[i] == SR_OK;
	if ((err = compose_new(NULL, REDACT_UI, 1024, &c)) != SR_OK)
		return (err);
	if (json)
		as_json(c, results, ready);
	else
		as_text(c, results);
	return (answer(x, ready ? 200 : 503, json ? CONTENT_JSON :
	    CONTENT_TEXT, &c));
}
