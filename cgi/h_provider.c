/* Credentials of providers: set-up's second step, checks, rotations. */

#include "cgi/exchange.h"
#include "cgi/view_provider.h"
#include "cgi/view_security.h"
#include "cgi/view_setup.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/redact/compose.h"
#include "core/vault/environment.h"

/*
 * Somebody waits for the page, and the web server for 60 seconds: a rotation
 * asks three times at most (the current credential, the new one, the current
 * one again), so each of them has less than 20. Who needs the configured
 * patience is the keeper, which goes on.
 */
#define PAGE_ATTEMPTS	2
#define PAGE_TOTAL_MS	8000

static unsigned
less(unsigned a, unsigned b)
{

	return (a < b ? a : b);
}

static struct provider_checking
checking(const struct exchange * x, struct provider_limits * limits)
{
	const struct config * c = x->worker->config;

	provider_limits_of(c, limits);
	limits->attempts = less(limits->attempts, PAGE_ATTEMPTS);
	limits->total_ms = less(limits->total_ms, PAGE_TOTAL_MS);
	limits->connect_ms = less(limits->connect_ms, PAGE_TOTAL_MS);
	return ((struct provider_checking){ .store = &x->store,
	    .environment = x->worker->environment, .limits = limits,
	    .actor = &x->actor, .every_seconds = 60 *
	    (unsigned)config_number(c, CFG_PROVIDER_CHECK_MINUTES) });
}

static enum sr_error
check(struct exchange * x, const struct provider * p)
{
	struct provider_limits limits;
	const struct provider_checking with = checking(x, &limits);
	struct provider_state state;

	return (provider_check(&with, p, &state, NULL));
}

/* Where an answer leads; those that end with a - are followed by a name. */
enum place { PLACE_SAVED, PLACE_CHECKED, PLACE_COMPLETE, PLACE_TABLE,
    PLACE_ROTATION, PLACE_CANCELLED };

static const char *
place_name(enum place place)
{
	static const char * const names[] = {
		[PLACE_SAVED] = "/setup?notice=provider-saved#setup-provider-",
		[PLACE_CHECKED] = "/setup?notice=provider-checked"
		    "#setup-provider-",
		[PLACE_COMPLETE] = "/setup?notice=setup-complete",
		[PLACE_TABLE] = "/settings/security?notice=provider-checked"
		    "#settings-security-provider-",
		[PLACE_ROTATION] = "/settings/security?notice=rotation-begun"
		    "#settings-security-provider-rotation",
		[PLACE_CANCELLED] = "/settings/security"
		    "?notice=rotation-cancelled"
		    "#settings-security-provider-rotation",
	};

	return (names[place]);
}

static enum sr_error
redirect(struct exchange * x, enum place place, const struct provider * p)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(x->worker->redact, REDACT_UI, 256, &c)) !=
	    SR_OK)
		return (err);
	compose_constant(c, place_name(place));
	if (p != NULL)
		compose_name(c, p->name);
	return (response_redirect(&x->response, &c));
}

static const struct provider *
the_provider(const struct exchange * x)
{

	return (providers_find(x->worker->providers, x->param.text));
}

static enum sr_error
save(struct exchange * x, const struct provider * p)
{
	struct secret_write write = {
		.scope = secret_scope_name(SCOPE_INTEGRATION),
		.name = p->secret,
		.value = form_secret(x->form, FIELD_SETUP_PROVIDER_VALUE),
		.idempotency_key = form_text(x->form,
		    FIELD_SETUP_PROVIDER_REQUEST),
	};

	if (!form_version(form_text(x->form, FIELD_SETUP_PROVIDER_EXPECTED),
	    &write.expected))
		return (SR_E_FORM_MALFORMED);
	/* It would be stored and not be used. */
	if (environment_find(x->worker->environment, p->variable) != NULL)
		return (SR_E_PROVIDER_SOURCE_CONFLICT);
	write.only_create = write.expected == 0 &&
	    form_has(x->form, FIELD_SETUP_PROVIDER_EXPECTED);
	return (secret_put(&x->store, &x->actor, &write, &x->complaint,
	    NULL));
}

enum sr_error
h_setup_provider_save(struct exchange * x)
{
	const struct provider * p = the_provider(x);
	enum sr_error err;

	if (p == NULL)
		return (SR_E_PROVIDER_UNKNOWN);
	if ((err = save(x, p)) == SR_OK && (err = check(x, p)) == SR_OK)
		return (redirect(x, PLACE_SAVED, p));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_setup(x, p->name, err));
}

enum sr_error
h_setup_provider_check(struct exchange * x)
{
	const struct provider * p = the_provider(x);
	enum sr_error err;

	if (p == NULL)
		return (SR_E_PROVIDER_UNKNOWN);
	if ((err = check(x, p)) == SR_OK)
		return (redirect(x, PLACE_CHECKED, p));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_setup(x, p->name, err));
}

enum sr_error
h_setup_complete(struct exchange * x)
{
	enum sr_error err;

	err = setup_complete(&x->store, &x->actor, x->worker->providers);
	if (err == SR_OK)
		return (redirect(x, PLACE_COMPLETE, NULL));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_setup(x, NULL, err));
}

enum sr_error
h_provider_check(struct exchange * x)
{
	const struct provider * p = the_provider(x);
	enum sr_error err;

	if (p == NULL)
		return (SR_E_PROVIDER_UNKNOWN);
	if ((err = check(x, p)) != SR_OK)
		return (err);
	return (redirect(x, PLACE_TABLE, p));
}

/* Steps that need no waiting; what comes later is the keeper's. */
static void
go_on(const struct rotating * r, const struct provider * p,
    struct rotation * n)
{
	bool ended = false;

	do {
		if (rotation_step(r, p, n, &ended) != SR_OK)
			return;
	} while (!ended && n->state != ROTATION_SWITCHED);
}

static enum sr_error
rotate(struct exchange * x, const struct provider * p, struct rotation * n)
{
	const struct secbuf * value = form_secret(x->form,
	    FIELD_ROTATION_VALUE);
	struct provider_limits limits;
	struct rotation_limits steps;
	const struct rotating r = { .with = checking(x, &limits),
	    .limits = &steps };
	enum sr_error err;

	/* Before the provider is asked for nothing. */
	x->complaint.field = "value";
	if ((err = form_first_fault(x->form)) != SR_OK)
		return (err);
	if (secbuf_len(value) < SECRET_VALUE_MIN ||
	    secbuf_len(value) > SECRET_VALUE_MAX)
		return (SR_E_SECRET_VALUE_INVALID);
	x->complaint.field = NULL;
	rotation_limits_of(x->worker->config, &steps);
	err = rotation_begin(&r, p, value,
	    form_text(x->form, FIELD_ROTATION_CONFIRM)[0] != '\0',
	    &x->complaint, n);
	if (err == SR_E_PROVIDER_ROTATION_PRECHECK_FAILED)
		x->complaint.field = "confirm";
	if (err == SR_OK)
		go_on(&r, p, n);
	return (err);
}

enum sr_error
h_provider_rotate(struct exchange * x)
{
	const struct provider * p = providers_find(x->worker->providers,
	    form_text(x->form, FIELD_ROTATION_PROVIDER));
	struct rotation n = { .finished_at = SR_TIME_NONE };
	const struct security_place first = { .rotation = &n };
	enum sr_error err = SR_E_PROVIDER_UNKNOWN;

	if (p == NULL)
		x->complaint.field = "provider";
	else
		err = rotate(x, p, &n);
	if (err == SR_OK)
		return (redirect(x, PLACE_ROTATION, NULL));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_security(x, &first, SECURITY_ROTATION, err));
}

enum sr_error
h_provider_cancel(struct exchange * x)
{
	struct provider_limits limits;
	struct rotation_limits steps;
	const struct rotating r = { .with = checking(x, &limits),
	    .limits = &steps };
	const struct provider * p = the_provider(x);
	struct rotation n;
	enum sr_error err;

	if (p == NULL)
		return (SR_E_PROVIDER_UNKNOWN);
	if (form_text(x->form, FIELD_ROTATION_CANCEL_CONFIRM)[0] == '\0') {
		x->complaint.field = "confirm";
		guard_refused(x, SR_E_CONFIRMATION_REQUIRED);
		return (SR_E_CONFIRMATION_REQUIRED);
	}
	rotation_limits_of(x->worker->config, &steps);
	if ((err = rotation_cancel(&r, p, &n)) != SR_OK)
		return (err);
	return (redirect(x, PLACE_CANCELLED, NULL));
}
