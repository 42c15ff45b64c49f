/* Runs: /api/v1/projects/:id/runs and /api/v1/runs */

#include "cgi/api.h"
#include "core/base/config.h"
#include "core/runs/credential.h"

unsigned
api_lease_minutes(const struct exchange * x)
{

	return ((unsigned)config_number(x->worker->config, CFG_RUN_LEASE));
}

static void
doc_run(struct doc * d, const struct run * r)
{

	doc_id(d, "id", &r->id);
	doc_id(d, "project", &r->project_id);
	doc_text(d, "workflow_name", r->workflow_name);
	doc_text(d, "workflow_version", r->workflow_version);
	doc_text(d, "trigger", r->trigger);
	doc_text(d, "name", r->name);
	doc_constant(d, "status", run_status_name(r->status));
	doc_time(d, "created_at", r->created_at);
	doc_time(d, "started_at", r->started_at);
	doc_time(d, "completed_at", r->completed_at);
	doc_time(d, "heartbeat_at", r->heartbeat_at);
}

static enum sr_error
answer(struct exchange * x, int status, const struct run * r)
{
	struct doc d;

	doc_new(&d, x, "run");
	doc_run(&d, r);
	return (doc_send(&d, status, SR_OK));
}

enum sr_error
api_run(struct exchange * x, struct run * r)
{
	struct sr_id id;
	enum sr_error err;

	if (!sr_id_parse(x->param.text, &id))
		err = SR_E_RUN_NOT_FOUND;
	else
		err = run_show(x->store.db, &id, r);
	if (err != SR_OK) {
		guard_refused(x, err);
		return (err);
	}
	return (guard_project(x, &r->project_id));
}

enum sr_error
api_run_beat(struct exchange * x, struct run * r)
{
	const struct sr_id id = r->id;
	enum sr_error err;

	if (!x->visitor.by_key || run_ended(r->status))
		return (SR_OK);
	if ((err = run_beat(&x->store, &id, api_lease_minutes(x))) != SR_OK)
		return (err);
	return (run_show(x->store.db, &id, r));
}

enum sr_error
h_api_run_create(struct exchange * x)
{
	const char * status = form_text(x->form, FIELD_API_RUN_STATUS);
	struct run_write write = {
		.workflow_name = form_text(x->form, FIELD_API_RUN_WORKFLOW),
		.workflow_version = form_text(x->form, FIELD_API_RUN_VERSION),
		.trigger = form_text(x->form, FIELD_API_RUN_TRIGGER),
		.name = form_text(x->form, FIELD_API_RUN_NAME),
		.pending = strcmp(status, "pending") == 0,
	};
	struct run r;
	enum sr_error err;

	if ((err = api_project(x, &write.project_id)) != SR_OK)
		return (err);
	if (status[0] != '\0' && !write.pending &&
	    strcmp(status, "running") != 0) {
		x->complaint.field = "status";
		guard_refused(x, SR_E_RUN_INVALID);
		return (SR_E_RUN_INVALID);
	}
	if ((err = run_create(&x->store, &x->actor, &write,
	    api_lease_minutes(x), &x->complaint, &r)) != SR_OK ||
	    (err = answer(x, 201, &r)) != SR_OK)
		return (err);
	return (api_located(x, "/api/v1/runs/", &r.id));
}

static enum sr_error
list_row(const struct run * r, void * cookie)
{
	struct api_list * l = cookie;

	if (!api_list_room(l, &r->id))
		return (SR_OK);
	doc_begin(&l->doc, "run");
	doc_run(&l->doc, r);
	doc_end(&l->doc);
	return (SR_OK);
}

/* The run that a page begins after: one of this project. */
static enum sr_error
cursor(struct exchange * x, const struct sr_id * project,
    const struct sr_id * id, struct run * out)
{
	enum sr_error err = run_show(x->store.db, id, out);

	if (err == SR_OK && sr_id_equal(&out->project_id, project))
		return (SR_OK);
	if (err != SR_OK && err != SR_E_RUN_NOT_FOUND)
		return (err);
	x->complaint.field = "after";
	return (SR_E_CURSOR_INVALID);
}

enum sr_error
h_api_run_list(struct exchange * x)
{
	struct project project;
	struct api_page page;
	struct api_list l;
	struct sr_id id;
	struct run after;
	enum sr_error err;

	if ((err = api_project(x, &id)) != SR_OK ||
	    (err = project_show(x->store.db, &id, &project)) != SR_OK ||
	    (err = api_page(x, FIELD_API_AFTER, FIELD_API_LIMIT, &page)) !=
	    SR_OK || (page.has_after &&
	    (err = cursor(x, &id, &page.after, &after)) != SR_OK))
		return (err);
	api_list_new(&l, x, page.limit);
	if (page.has_after)
		err = run_list_below(x->store.db, &after, page.limit + 1,
		    list_row, &l);
	else
		err = run_list(x->store.db, &id, SR_TIME_NONE, page.limit + 1,
		    list_row, &l);
	return (api_list_send(&l, err));
}

enum sr_error
h_api_run_show(struct exchange * x)
{
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK ||
	    (err = api_run_beat(x, &r)) != SR_OK)
		return (err);
	return (answer(x, 200, &r));
}

enum sr_error
h_api_run_move(struct exchange * x)
{
	const char * text = form_text(x->form, FIELD_API_MOVE_STATUS);
	enum run_status to;
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK)
		return (err);
	if (!run_status_parse(text, &to)) {
		x->complaint.field = "status";
		return (SR_E_RUN_INVALID);
	}
	if ((err = run_move_by(&x->store, &x->actor, &r.id, to,
	    api_lease_minutes(x), &r)) != SR_OK ||
	    (err = api_run_beat(x, &r)) != SR_OK)
		return (err);
	return (answer(x, 200, &r));
}

enum sr_error
h_api_run_beat(struct exchange * x)
{
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK)
		return (err);
	if (run_ended(r.status))
		return (SR_E_RUN_FINISHED);
	if ((err = run_beat(&x->store, &r.id, api_lease_minutes(x))) != SR_OK ||
	    (err = run_show(x->store.db, &r.id, &r)) != SR_OK)
		return (err);
	return (answer(x, 200, &r));
}

/* Who asks: a key whose projects admit the run's. */
static enum sr_error
asking(struct exchange * x, struct run_asking * out)
{
	struct run r;
	enum sr_error err;

	if ((err = api_run(x, &r)) != SR_OK)
		return (err);
	*out = (struct run_asking){ .store = &x->store,
	    .environment = x->worker->environment, .actor = &x->actor,
	    .run_id = r.id, .lease_minutes = api_lease_minutes(x) };
	return (SR_OK);
}

enum sr_error
h_api_run_credential(struct exchange * x)
{
	const struct provider * p;
	struct disclosed * value = NULL;
	struct run_source source;
	struct run_asking a;
	enum sr_error err;
	struct doc d;

	if ((err = asking(x, &a)) != SR_OK)
		return (err);
	p = providers_find(x->worker->providers, x->param.rest);
	if (p == NULL) {
		guard_refused(x, SR_E_PROVIDER_UNKNOWN);
		return (SR_E_PROVIDER_UNKNOWN);
	}
	x->provider = p;
	if ((err = run_credential(&a, p, &source, &value)) != SR_OK)
		return (err);
	doc_new(&d, x, "credential");
	doc_name(&d, "provider", p->name);
	doc_name(&d, "variable", p->variable);
	doc_constant(&d, "source", source_kind_name(source.kind));
	doc_u64(&d, "key_version", source.key_version);
	doc_disclose(&d, "value", &value);
	return (doc_send(&d, 200, SR_OK));
}

/* What stands where a value would: why there is none. */
static void
doc_missing(struct doc * d, struct exchange * x, const char * variable,
    enum sr_error err)
{
	const struct provider * p = providers_by_variable(x->worker->providers,
	    variable);
	char name[PROVIDER_ERROR_MAX + 1];

	if (p != NULL) {
		provider_error_name(p, err, name);
		doc_name(d, "error_type", name);
	} else {
		doc_constant(d, "error_type", sr_error_name(err));
	}
	doc_constant(d, "value", "");
}

static enum sr_error
value_row(const struct binding * b, const struct run_source * source,
    enum sr_error err, struct disclosed ** value, void * cookie)
{
	struct api_list * l = cookie;
	struct doc * d = &l->doc;

	if (err == SR_OK)
		err = doc_tells(d, *value);
	doc_begin(d, "binding");
	doc_constant(d, "scope", secret_scope_name(b->scope));
	doc_name(d, "name", b->name);
	doc_name(d, "variable", b->variable);
	doc_constant(d, "source", source_kind_name(source->kind));
	doc_u64(d, "key_version", source->key_version);
	if (err == SR_OK) {
		doc_constant(d, "error_type", "");
		doc_disclose(d, "value", value);
	} else {
		doc_missing(d, d->x, b->variable, err);
	}
	doc_end(d);
	return (SR_OK);
}

enum sr_error
h_api_run_values(struct exchange * x)
{
	struct run_asking a;
	struct api_list l;
	enum sr_error err;

	if ((err = asking(x, &a)) != SR_OK)
		return (err);
	api_list_new(&l, x, API_LIMIT_MAX);
	err = run_values(&a, value_row, &l);
	return (api_list_send(&l, err));
}
