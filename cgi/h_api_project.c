/* /api/v1/projects and their bindings */

#include "cgi/api.h"
#include "core/runs/project.h"

enum sr_error
api_project(struct exchange * x, struct sr_id * id)
{
	struct project p;
	enum sr_error err;

	if (sr_id_parse(x->param.text, id))
		return (guard_project(x, id));
	err = project_by_slug(x->store.db, x->param.text, &p);
	if (err == SR_OK) {
		*id = p.id;
		return (guard_project(x, id));
	}
	/* A key of other projects is not told which slugs there are. */
	if (err == SR_E_PROJECT_NOT_FOUND &&
	    (err = guard_project(x, &sr_id_nil)) == SR_OK) {
		err = SR_E_PROJECT_NOT_FOUND;
		guard_refused(x, err);
	}
	return (err);
}

/* Paths are literals of the callers'. */
static const char *
literal_name(const char * path)
{

	return (path);
}

enum sr_error
api_located(struct exchange * x, const char * path, const struct sr_id * id)
{
	struct compose * c = NULL;
	enum sr_error err;

	err = compose_new(x->worker->redact, REDACT_UI, 256, &c);
	if (err != SR_OK)
		return (err);
	compose_constant(c, literal_name(path));
	compose_id(c, id);
	return (response_location(&x->response, &c));
}

static void
doc_project(struct doc * d, const struct project * p)
{

	doc_id(d, "id", &p->id);
	doc_name(d, "slug", p->slug);
	doc_text(d, "name", p->name);
	doc_text(d, "description", p->description);
	doc_bool(d, "binary_artifacts", p->binary_artifacts);
	doc_time(d, "created_at", p->created_at);
	doc_time(d, "updated_at", p->updated_at);
}

static enum sr_error
list_row(const struct project * p, void * cookie)
{
	struct api_list * l = cookie;

	if (!api_list_room(l, &p->id))
		return (SR_OK);
	doc_begin(&l->doc, "project");
	doc_project(&l->doc, p);
	doc_end(&l->doc);
	return (SR_OK);
}

/* A limited key's projects are few, and all in one answer. */
static enum sr_error
list_of_key(struct exchange * x, struct api_list * l)
{
	struct sr_id id[API_KEY_PROJECTS_MAX];
	struct project p;
	size_t n = 0;
	enum sr_error err;

	err = api_key_projects(x->store.db, &x->visitor.key.id, id, &n);
	for (size_t i = 0; err == SR_OK && i < n; i++) {
		err = project_show(x->store.db, &id[i], &p);
		if (err == SR_OK)
			err = list_row(&p, l);
		/* A key may be for one that is not there. */
		if (err == SR_E_PROJECT_NOT_FOUND)
			err = SR_OK;
	}
	return (err);
}

enum sr_error
h_api_project_list(struct exchange * x)
{
	struct project after = { .slug = "" };
	struct api_page page;
	struct api_list l;
	enum sr_error err;

	err = api_page(x, FIELD_API_AFTER, FIELD_API_LIMIT, &page);
	if (err == SR_OK && page.has_after) {
		err = project_show(x->store.db, &page.after, &after);
		if (err == SR_E_PROJECT_NOT_FOUND) {
			x->complaint.field = "after";
			err = SR_E_CURSOR_INVALID;
		}
	}
	if (err != SR_OK)
		return (err);
	if (x->visitor.by_key && !x->visitor.key.all_projects) {
		api_list_new(&l, x, API_KEY_PROJECTS_MAX);
		err = list_of_key(x, &l);
	} else {
		api_list_new(&l, x, page.limit);
		err = project_list(x->store.db, after.slug, page.limit + 1,
		    list_row, &l);
	}
	return (api_list_send(&l, err));
}

static enum sr_error
answer(struct exchange * x, int status, const struct project * p)
{
	struct doc d;

	doc_new(&d, x, "project");
	doc_project(&d, p);
	return (doc_send(&d, status, SR_OK));
}

/* A flag: true or false; not sent is false, unless it must be. */
static enum sr_error
read_flag(struct exchange * x, enum field field, bool needed, bool * out)
{
	const char * text = form_text(x->form, field);

	*out = strcmp(text, "true") == 0;
	if (*out || strcmp(text, "false") == 0 || (text[0] == '\0' && !needed))
		return (SR_OK);
	x->complaint.field = "binary_artifacts";
	guard_refused(x, SR_E_PROJECT_INVALID);
	return (SR_E_PROJECT_INVALID);
}

enum sr_error
h_api_project_create(struct exchange * x)
{
	struct project_write write = {
		.slug = form_text(x->form, FIELD_API_PROJECT_SLUG),
		.name = form_text(x->form, FIELD_API_PROJECT_NAME),
		.description = form_text(x->form,
		    FIELD_API_PROJECT_DESCRIPTION),
	};
	struct project p;
	enum sr_error err;

	if ((err = guard_project(x, &sr_id_nil)) != SR_OK ||
	    (err = read_flag(x, FIELD_API_PROJECT_BINARY, false,
	    &write.binary_artifacts)) != SR_OK ||
	    (err = project_create(&x->store, &x->actor, &write,
	    &x->complaint, &p)) != SR_OK ||
	    (err = answer(x, 201, &p)) != SR_OK)
		return (err);
	return (api_located(x, "/api/v1/projects/", &p.id));
}

enum sr_error
h_api_project_show(struct exchange * x)
{
	struct project p;
	struct sr_id id;
	enum sr_error err;

	if ((err = api_project(x, &id)) != SR_OK ||
	    (err = project_show(x->store.db, &id, &p)) != SR_OK)
		return (err);
	return (answer(x, 200, &p));
}

enum sr_error
h_api_project_change(struct exchange * x)
{
	struct project p;
	struct sr_id id;
	enum sr_error err;
	bool allow;

	if ((err = api_project(x, &id)) != SR_OK ||
	    (err = read_flag(x, FIELD_API_CHANGE_BINARY, true, &allow)) !=
	    SR_OK || (err = project_allow_binary(&x->store, &x->actor, &id,
	    allow, &p)) != SR_OK)
		return (err);
	return (answer(x, 200, &p));
}

static void
doc_binding(struct doc * d, const struct binding * b)
{

	doc_name(d, "variable", b->variable);
	/* Not "secret": that name makes whatever follows one. */
	doc_id(d, "reference_id", &b->secret_id);
	doc_constant(d, "scope", secret_scope_name(b->scope));
	doc_id(d, "project", &b->project_id);
	doc_name(d, "name", b->name);
	doc_time(d, "created_at", b->created_at);
}

static enum sr_error
binding_row(const struct binding * b, void * cookie)
{
	struct api_list * l = cookie;

	doc_begin(&l->doc, "binding");
	doc_binding(&l->doc, b);
	doc_end(&l->doc);
	return (SR_OK);
}

enum sr_error
h_api_binding_list(struct exchange * x)
{
	struct project p;
	struct api_list l;
	struct sr_id id;
	enum sr_error err;

	if ((err = api_project(x, &id)) != SR_OK ||
	    (err = project_show(x->store.db, &id, &p)) != SR_OK)
		return (err);
	api_list_new(&l, x, API_LIMIT_MAX);
	err = binding_list(x->store.db, &id, binding_row, &l);
	return (api_list_send(&l, err));
}

/* The binding that the path names. */
struct wanted {
	const char * variable;
	struct binding binding;
	bool found;
};

static enum sr_error
look(const struct binding * b, void * cookie)
{
	struct wanted * w = cookie;

	if (strcmp(b->variable, w->variable) != 0)
		return (SR_OK);
	w->binding = *b;
	w->found = true;
	return (SR_OK);
}

static enum sr_error
find_binding(struct exchange * x, const struct sr_id * id, struct wanted * w)
{
	enum sr_error err;

	*w = (struct wanted){ .variable = x->param.rest };
	err = binding_list(x->store.db, id, look, w);
	return (err == SR_OK && !w->found ? SR_E_BINDING_NOT_FOUND : err);
}

static enum sr_error
answer_binding(struct exchange * x, const struct binding * b)
{
	struct doc d;

	doc_new(&d, x, "binding");
	doc_binding(&d, b);
	return (doc_send(&d, 200, SR_OK));
}

enum sr_error
h_api_binding_set(struct exchange * x)
{
	struct binding_write write = { .variable = x->param.rest,
	    .scope = form_text(x->form, FIELD_API_BINDING_SCOPE),
	    .name = form_text(x->form, FIELD_API_BINDING_NAME) };
	struct wanted w;
	enum sr_error err;

	if ((err = api_project(x, &write.project_id)) != SR_OK ||
	    (err = binding_set(&x->store, &x->actor, &write,
	    &x->complaint)) != SR_OK ||
	    (err = find_binding(x, &write.project_id, &w)) != SR_OK)
		return (err);
	return (answer_binding(x, &w.binding));
}

enum sr_error
h_api_binding_remove(struct exchange * x)
{
	struct binding_write write = { .variable = x->param.rest };
	struct wanted w;
	enum sr_error err;

	if ((err = api_project(x, &write.project_id)) != SR_OK)
		return (err);
	if ((err = find_binding(x, &write.project_id, &w)) != SR_OK) {
		guard_refused(x, err);
		return (err);
	}
	err = binding_remove(&x->store, &x->actor, &write);
	return (err == SR_OK ? answer_binding(x, &w.binding) : err);
}
