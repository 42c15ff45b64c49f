/* /api/v1/providers and /api/v1/explain */

#include <time.h>

#include "cgi/api.h"
#include "core/base/config.h"
#include "core/runs/project.h"

/*
 * Milliseconds. A web server waits a minute (deploy/), so one series of
 * questions to a provider may take so long here, whatever the configuration
 * allows the background,
 */
#define ASK_MS		20000
/* and no step of a rotation begins after so long. A rotation that is still open
 * then is answered with 202, and a worker's keeper goes on with it. */
#define STEPS_MS	30000

/* The provider that the path names, and whether the visitor may touch what is
 * of no project. */
static enum sr_error
find(struct exchange * x, const struct provider ** out)
{
	const struct provider * p;
	enum sr_error err;

	if ((err = guard_project(x, &sr_id_nil)) != SR_OK)
		return (err);
	p = providers_find(x->worker->providers, x->param.text);
	*out = x->provider = p;
	if (p != NULL)
		return (SR_OK);
	guard_refused(x, SR_E_PROVIDER_UNKNOWN);
	return (SR_E_PROVIDER_UNKNOWN);
}

/* As configured, but so that all attempts together end in time. */
static void
limits_of(const struct exchange * x, struct provider_limits * out)
{
	unsigned most, pauses = 0;

	provider_limits_of(x->worker->config, out);
	if (out->attempts > 3)
		out->attempts = 3;
	for (unsigned i = 1; i < out->attempts; i++)
		pauses += out->pause_ms << (i - 1);
	must(pauses < ASK_MS);
	most = (ASK_MS - pauses) / out->attempts;
	if (out->total_ms > most)
		out->total_ms = most;
	if (out->connect_ms > most)
		out->connect_ms = most;
}

static struct provider_checking
checking(struct exchange * x, const struct provider_limits * limits)
{

	return ((struct provider_checking){ .store = &x->store,
	    .environment = x->worker->environment, .limits = limits,
	    .actor = &x->actor, .every_seconds = 60 *
	    (unsigned)config_number(x->worker->config,
	    CFG_PROVIDER_CHECK_MINUTES) });
}

/* The diagnosis; never a value. */
static void
doc_source(struct doc * d, const struct source_binding * b,
    const struct source_answer * a)
{

	doc_name(d, "variable", b->variable);
	doc_constant(d, "environment", source_state_name(a->environment));
	doc_constant(d, "scope", secret_scope_name(b->scope));
	doc_id(d, "project", &b->project_id);
	doc_name(d, "name", b->name);
	doc_u64(d, "key_version", a->meta.key_version);
	doc_constant(d, "reference", source_state_name(a->reference));
	doc_constant(d, "source", source_kind_name(a->winner));
	doc_constant(d, "why", source_why(a));
}

static void
doc_error(struct doc * d, const struct provider * p, enum sr_error err)
{
	char name[PROVIDER_ERROR_MAX + 1] = "";

	if (err != SR_OK && p != NULL)
		provider_error_name(p, err, name);
	if (p != NULL)
		doc_name(d, "error_type", name);
	else
		doc_constant(d, "error_type", err == SR_OK ? "" :
		    sr_error_name(err));
}

static void
doc_provider(struct doc * d, const struct provider * p,
    const struct provider_state * s, const struct source_answer * a)
{
	const struct source_binding b = provider_binding(p);

	doc_name(d, "provider", p->name);
	doc_text(d, "title", p->title);
	doc_constant(d, "status", provider_status_name(s->status));
	doc_constant(d, "former_status", s->has_former ?
	    provider_status_name(s->former) : "");
	doc_time(d, "changed_at", s->changed_at);
	doc_time(d, "verified_at", s->verified_at);
	doc_time(d, "checked_at", s->checked_at);
	doc_time(d, "next_check_at", s->due_at);
	doc_bool(d, "check_due", provider_check_due(s, a, clock_now()));
	doc_constant(d, "checked_source", s->checked_at == SR_TIME_NONE ? "" :
	    source_kind_name(s->source));
	doc_u64(d, "checked_version", s->checked_version);
	/* One that was never checked has the error of its source. */
	doc_error(d, p, s->checked_at == SR_TIME_NONE ? a->error : s->error);
	doc_constant(d, "failure", s->failure == PROVIDER_FAILURE_NONE ? "" :
	    provider_failure_name(s->failure));
	doc_source(d, &b, a);
}

/* Where it comes from, whatever is wrong with that. */
static enum sr_error
explain(struct exchange * x, const struct source_binding * b,
    struct source_answer * a)
{
	enum sr_error err;

	err = source_resolve(&x->store, x->worker->environment, b, a, NULL);
	return (err == SR_E_OUT_OF_MEMORY ? err : SR_OK);
}

static enum sr_error
list_one(struct exchange * x, const struct provider * p, struct doc * d)
{
	const struct source_binding b = provider_binding(p);
	struct provider_state s;
	struct source_answer a;
	enum sr_error err;

	if ((err = provider_state_read(x->store.db, p, &s)) != SR_OK ||
	    (err = explain(x, &b, &a)) != SR_OK)
		return (err);
	doc_begin(d, "provider");
	doc_provider(d, p, &s, &a);
	doc_end(d);
	return (SR_OK);
}

enum sr_error
h_api_provider_list(struct exchange * x)
{
	const struct provider * p;
	struct api_list l;
	enum sr_error err;

	if ((err = guard_project(x, &sr_id_nil)) != SR_OK)
		return (err);
	api_list_new(&l, x, API_LIMIT_MAX);
	for (size_t i = 0; err == SR_OK &&
	    (p = providers_at(x->worker->providers, i)) != NULL; i++)
		err = list_one(x, p, &l.doc);
	return (api_list_send(&l, err));
}

enum sr_error
h_api_provider_check(struct exchange * x)
{
	struct provider_limits limits;
	const struct provider_checking with = checking(x, &limits);
	const struct provider * p;
	struct provider_state s;
	struct source_answer a;
	enum sr_error err;
	struct doc d;

	if ((err = find(x, &p)) != SR_OK)
		return (err);
	limits_of(x, &limits);
	if ((err = provider_check(&with, p, &s, &a)) != SR_OK)
		return (err);
	doc_new(&d, x, "provider");
	doc_provider(&d, p, &s, &a);
	return (doc_send(&d, 200, SR_OK));
}

static enum sr_error
report(struct exchange * x, const struct rotation * n)
{
	const bool open = rotation_is_open(n->state);
	struct doc d;

	doc_new(&d, x, "rotation");
	doc_id(&d, "id", &n->id);
	doc_name(&d, "provider", n->provider);
	doc_constant(&d, "state", rotation_state_name(n->state));
	doc_bool(&d, "open", open);
	doc_constant(&d, "before", rotation_check_name(n->before));
	doc_constant(&d, "before_failure",
	    provider_failure_name(n->before_failure));
	doc_constant(&d, "after", rotation_check_name(n->after));
	doc_constant(&d, "after_failure",
	    provider_failure_name(n->after_failure));
	doc_bool(&d, "rolled_back", n->rolled_back);
	doc_bool(&d, "continuity_alarm", n->continuity_alarm);
	doc_u64(&d, "from_version", n->from_version);
	doc_u64(&d, "to_version", n->to_version);
	doc_time(&d, "started_at", n->started_at);
	doc_time(&d, "deadline", n->deadline);
	doc_time(&d, "finished_at", n->finished_at);
	return (doc_send(&d, open ? 202 : 200, SR_OK));
}

/* Until ${t}; false if that is after ${left_ms}. */
static bool
pause_until(sr_time t, int64_t left_ms)
{
	const sr_time left = t - clock_now();
	struct timespec pause;

	if (left <= 0)
		return (true);
	if (left > left_ms * (SR_SECOND / 1000))
		return (false);
	pause.tv_sec = (time_t)(left / SR_SECOND);
	pause.tv_nsec = (long)(left % SR_SECOND) * (1000000000 / SR_SECOND);
	(void)nanosleep(&pause, NULL);
	return (true);
}

/* To its end, or for as long as there is time for a step. */
static enum sr_error
follow(struct exchange * x, const struct rotating * r, int64_t began)
{
	struct rotation * n = &x->rotation;
	bool ended = false;
	int64_t left;
	enum sr_error err;

	while (!ended) {
		left = began + STEPS_MS - clock_monotonic_ms();
		/* next_at is others' business before the first check. */
		if (left <= 0 || (n->state == ROTATION_SWITCHED &&
		    n->attempts > 0 && !pause_until(n->next_at, left)))
			return (SR_OK);
		if ((err = rotation_step(r, x->provider, n, &ended)) != SR_OK)
			return (err);
	}
	return (SR_OK);
}

static enum sr_error
confirmed(struct exchange * x, bool * out)
{
	const char * text = form_text(x->form, FIELD_API_ROTATE_CONFIRM);

	*out = strcmp(text, "true") == 0;
	if (*out || text[0] == '\0' || strcmp(text, "false") == 0)
		return (SR_OK);
	x->complaint.field = "confirm";
	guard_refused(x, SR_E_CONFIRMATION_REQUIRED);
	return (SR_E_CONFIRMATION_REQUIRED);
}

/* A rotation that is not done is a problem document with its report. */
enum sr_error
h_api_provider_rotate(struct exchange * x)
{
	struct provider_limits limits;
	struct rotation_limits steps;
	const struct rotating r = { .with = checking(x, &limits),
	    .limits = &steps };
	const int64_t began = clock_monotonic_ms();
	const struct provider * p;
	bool confirm;
	enum sr_error err;

	if ((err = find(x, &p)) != SR_OK ||
	    (err = confirmed(x, &confirm)) != SR_OK)
		return (err);
	limits_of(x, &limits);
	rotation_limits_of(x->worker->config, &steps);
	err = rotation_begin(&r, p, form_secret(x->form,
	    FIELD_API_ROTATE_VALUE), confirm, &x->complaint, &x->rotation);
	if (err == SR_OK)
		err = follow(x, &r, began);
	if (err != SR_OK)
		return (err);
	if (!rotation_is_open(x->rotation.state) &&
	    (err = rotation_outcome(&x->rotation)) != SR_OK)
		return (err);
	return (report(x, &x->rotation));
}

/* How it ended; its state says whether a former version came back. */
enum sr_error
h_api_provider_cancel(struct exchange * x)
{
	struct provider_limits limits;
	struct rotation_limits steps;
	const struct rotating r = { .with = checking(x, &limits),
	    .limits = &steps };
	const struct provider * p;
	struct rotation n;
	enum sr_error err;

	if ((err = find(x, &p)) != SR_OK)
		return (err);
	limits_of(x, &limits);
	rotation_limits_of(x->worker->config, &steps);
	if ((err = rotation_cancel(&r, p, &n)) != SR_OK)
		return (err);
	return (report(x, &n));
}

/* The project's binding of a variable. */
struct wanted {
	const char * variable;
	struct binding binding;
	bool found;
};

static enum sr_error
look(const struct binding * binding, void * cookie)
{
	struct wanted * w = cookie;

	if (strcmp(binding->variable, w->variable) == 0) {
		w->binding = *binding;
		w->found = true;
	}
	return (SR_OK);
}

/* What the variable is to the project that the query names, if it does. */
static enum sr_error
find_binding(struct exchange * x, struct wanted * w)
{
	const char * text = form_text(x->form, FIELD_API_QUERY_PROJECT);
	struct project project;
	struct sr_id id;
	enum sr_error err;

	if (text[0] == '\0')
		return (guard_project(x, &sr_id_nil));
	if (!sr_id_parse(text, &id)) {
		x->complaint.field = "project";
		return (SR_E_PROJECT_NOT_FOUND);
	}
	if ((err = guard_project(x, &id)) != SR_OK ||
	    (err = project_show(x->store.db, &id, &project)) != SR_OK)
		return (err);
	return (binding_list(x->store.db, &id, look, w));
}

enum sr_error
h_api_explain(struct exchange * x)
{
	struct wanted w = { .variable = x->param.text };
	const struct provider * p;
	struct source_binding b;
	struct source_answer a;
	enum sr_error err;
	struct doc d;

	if ((err = find_binding(x, &w)) != SR_OK)
		return (err);
	p = providers_by_variable(x->worker->providers, w.variable);
	if (!w.found && p == NULL)
		return (SR_E_BINDING_NOT_FOUND);
	if (w.found)
		b = (struct source_binding){ w.binding.variable,
		    w.binding.scope, w.binding.project_id, w.binding.name };
	else
		b = provider_binding(p);
	if ((err = explain(x, &b, &a)) != SR_OK)
		return (err);
	doc_new(&d, x, "explanation");
	doc_name(&d, "provider", p == NULL ? "" : p->name);
	doc_source(&d, &b, &a);
	doc_error(&d, p, a.error);
	return (doc_send(&d, 200, SR_OK));
}
