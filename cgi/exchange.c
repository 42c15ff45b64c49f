#include "cgi/api.h"
#include "cgi/body.h"
#include "cgi/exchange.h"
#include "cgi/failure.h"
#include "cgi/meter.h"
#include "cgi/ready.h"
#include "cgi/sse.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/runs/event.h"
#include "core/vault/policy.h"

/* Of a body that is refused, so much more than it may have is still read. */
#define DRAIN_MORE	(4 * 1024 * 1024)

static enum sr_error
find_store(struct exchange * x)
{
	enum sr_error err;

	if (x->route->store == STORE_NONE)
		return (SR_OK);
	x->store_error = ready_store(x);
	if (x->store_error != SR_OK && x->route->store == STORE_NEEDED)
		return (x->store_error);
	if (x->store_error != SR_OK)
		return (SR_OK);
	err = guard_visitor(x);
	if (err != SR_OK && x->route->store == STORE_WANTED) {
		x->store_error = err;
		err = SR_OK;
	}
	return (err);
}

/* A member that is wrong is named; what holds a secret is blocked. */
static enum sr_error
complain(struct exchange * x, enum sr_error err)
{

	if (err == SR_OK && x->query != NULL)
		err = form_named_fault(x->query, &x->member);
	if (err == SR_OK && x->form != NULL)
		err = form_named_fault(x->form, &x->member);
	if (x->member.field[0] != '\0')
		x->complaint.field = x->member.field;
	if (err == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED)
		x->complaint.policy = POLICY_PLAINTEXT;
	return (err);
}

/* Whether its handler reads the body, as it comes. */
static bool
takes_raw(const struct route * route)
{

	return (route->fields == FIELDS_API_RAW ||
	    route->fields == FIELDS_API_WHOLE);
}

/* A call of the API: its query and, of an unsafe one, its body. */
static enum sr_error
read_call(struct exchange * x, const struct source * source)
{
	const bool safe = x->request.method == METHOD_GET;
	struct secbuf * query = x->request.query;
	struct secbuf * body = NULL;
	enum sr_error err;

	x->request.query = NULL;
	err = form_parse_members(&query, MEDIA_FORM, safe ? x->route->fields :
	    api_query(x->route), safe ? &x->form : &x->query, &x->member);
	if (takes_raw(x->route)) {
		x->source = source;
		return (complain(x, err));
	}
	if (err == SR_OK && !safe)
		err = body_read(source, &x->request, x->worker->body_limit,
		    &body);
	if (err == SR_OK && !safe)
		err = form_parse_members(&body, x->request.media == MEDIA_FORM ?
		    MEDIA_OTHER : x->request.media, x->route->fields,
		    &x->form, &x->member);
	return (complain(x, err));
}

static enum sr_error
read_form(struct exchange * x, const struct source * source)
{
	struct secbuf * body = NULL;
	enum sr_error err;

	if (x->request.api)
		return (read_call(x, source));
	if (x->request.method == METHOD_GET) {
		body = x->request.query;
		x->request.query = NULL;
		return (form_parse(&body, x->route->fields, false, &x->form));
	}
	if (x->request.media != MEDIA_FORM && x->request.media != MEDIA_NONE)
		return (SR_E_MEDIA_TYPE_UNSUPPORTED);
	err = body_read(source, &x->request, x->worker->body_limit, &body);
	if (err != SR_OK)
		return (err);
	return (form_parse(&body, x->route->fields, true, &x->form));
}

/* An address that is not there: still say on its page who is signed in. */
static void
look_for_visitor(struct exchange * x)
{

	if (x->request.cookies[COOKIE_SESSION] != NULL &&
	    ready_store(x) == SR_OK)
		(void)(guard_visitor(x) == SR_OK);
}

/* Whether the request may come to its handler, and its form. */
static enum sr_error
admit(struct exchange * x, const struct source * source)
{
	enum sr_error err;

	if ((err = guard_role(x)) != SR_OK)
		return (err);
	if (x->route->csrf == CSRF_FORM && (err = guard_origin(x)) != SR_OK)
		return (err);
	if (x->route->csrf == CSRF_API && (err = guard_api(x)) != SR_OK)
		return (err);
	if ((err = read_form(x, source)) != SR_OK)
		return (err);
	/* The body may have been held back while the right to send it ended;
	 * who reads it himself looks himself. */
	if (x->source == NULL && x->request.method != METHOD_GET &&
	    (err = guard_again(x)) != SR_OK)
		return (err);
	return (x->route->csrf == CSRF_FORM ? guard_csrf(x) : SR_OK);
}

/* The way of a request, top to bottom, once. */
static enum sr_error
serve(struct exchange * x, const struct source * source)
{
	enum sr_error err;

	err = request_read(source, &x->worker->site, &x->request);
	if (err != SR_OK)
		return (err);
	guard_anonymous(x);
	err = route_find(x->request.method, x->request.path, &x->route,
	    &x->param, &x->response.allow);
	if (guard_tls(x) != SR_OK)
		err = SR_E_HTTPS_REQUIRED;
	else if (err != SR_OK)
		look_for_visitor(x);
	if (err != SR_OK)
		return (err);
	if ((err = find_store(x)) != SR_OK)
		return (err);
	if ((err = admit(x, source)) != SR_OK) {
		guard_refused(x, err);
		return (err);
	}
	/* What was counted is in the audit; that nothing was tried is not. */
	if ((err = guard_guess(x)) != SR_OK)
		return (err);
	err = x->route->handler(x);
	guard_guessed(x, err);
	/* What a run's program has sent, whatever became of it. */
	if (x->request.method != METHOD_GET &&
	    x->route->key == KEY_SCOPE_RUNS_WRITE)
		sse_wake(x->worker->sse);
	return (err);
}

static void
finish(struct exchange * x, const struct sink * sink, int64_t began)
{
	enum sr_error err;

	LOG(REQUEST, log_const("method", method_name(x->request.method,
	    x->request.head)),
	    log_const("route", x->route == NULL ? "" : x->route->pattern),
	    log_u64("status", (uint64_t)x->response.status),
	    log_i64("ms", clock_monotonic_ms() - began));
	meter_request(x->worker->meter, x->route == NULL ? ROUTE__MAX :
	    (enum route_id)(x->route - route_row((enum route_id)0)),
	    x->response.status, clock_monotonic_ms() - began);
	x->response.tls = x->request.tls;
	err = response_send(&x->response, &x->worker->site,
	    &x->correlation_id, x->request.head, sink);
	if (err == SR_OK && x->response.listener != NULL && !x->request.head)
		err = response_hand_over(&x->response, sink);
	if (err != SR_OK && x->response.stream.run != NULL) {
		ready_lost(x->worker, err);
		LOG(ANSWER_BROKEN_OFF, log_error(err),
		    log_const("route", x->route->pattern));
	} else if (err != SR_OK) {
		LOG(FAILURE, log_error(err), log_const("where", __func__));
	}
	form_free(&x->form);
	form_free(&x->query);
	request_free(&x->request);
	response_free(&x->response);
	explicit_bzero(&x->visitor, sizeof(x->visitor));
	log_correlation(NULL);
}

void
exchange_run(struct worker * worker, struct db * db,
    const struct source * source, const struct sink * sink)
{
	struct exchange x = { .worker = worker, .store = { .db = db,
	    .keys = worker->keys, .redact = worker->redact,
	    .live = worker->live, .own_site = &worker->own_site,
	    .idempotency_hours = worker->idempotency_hours } };
	int64_t began = clock_monotonic_ms();
	enum sr_error err;

	err = sr_id_new(&x.correlation_id);
	log_correlation(&x.correlation_id);
	event_settings(worker->config, &x.store);
	x.actor.correlation_id = x.correlation_id;
	if (err == SR_OK)
		err = serve(&x, source);
	if (err != SR_OK) {
		ready_lost(x.worker, err);
		if (x.route != NULL && takes_raw(x.route))
			body_drain(source, (uint64_t)config_number(
			    worker->config, CFG_ARTIFACT_LIMIT) + DRAIN_MORE);
		failure_answer(&x, err);
	}
	finish(&x, sink, began);
}
