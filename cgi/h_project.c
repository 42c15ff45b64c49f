/* Projects: what their runs find in their environment, and their runs. */

#include "cgi/exchange.h"
#include "cgi/view_run.h"
#include "core/redact/compose.h"

static enum sr_error
the_project(struct exchange * x, struct project * p)
{
	struct sr_id id;

	if (!sr_id_parse(x->param.text, &id))
		return (SR_E_PROJECT_NOT_FOUND);
	return (project_show(x->store.db, &id, p));
}

/* To the project's page; ${notice} is a literal. */
static enum sr_error
redirect(struct exchange * x, const struct sr_id * id, const char * notice)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/projects/");
	compose_id(c, id);
	compose_lit(c, "?notice=");
	compose_constant(c, notice);
	return (response_redirect(&x->response, &c));
}

enum sr_error
h_projects_show(struct exchange * x)
{

	return (view_projects(x, form_text(x->form, FIELD_PROJECTS_AFTER),
	    SR_OK));
}

enum sr_error
h_projects_create(struct exchange * x)
{
	const struct project_write write = {
		.slug = form_text(x->form, FIELD_PROJECT_SLUG),
		.name = form_text(x->form, FIELD_PROJECT_NAME),
		.description = form_text(x->form, FIELD_PROJECT_DESCRIPTION),
	};
	struct project p;
	enum sr_error err;

	err = project_create(&x->store, &x->actor, &write, &x->complaint, &p);
	if (err == SR_OK)
		return (redirect(x, &p.id, "project-created"));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_projects(x, "", err));
}

enum sr_error
h_project_show(struct exchange * x)
{
	const char * text = form_text(x->form, FIELD_PROJECT_BEFORE);
	sr_time before = SR_TIME_NONE;
	struct project p;
	enum sr_error err;

	if (text[0] != '\0' && !clock_parse(text, &before))
		return (SR_E_FORM_MALFORMED);
	if ((err = the_project(x, &p)) != SR_OK)
		return (err);
	return (view_project(x, &p, before, SR_OK));
}

/* A box that is not ticked is not sent. */
enum sr_error
h_project_change(struct exchange * x)
{
	const char * binary = form_text(x->form, FIELD_PROJECT_BINARY);
	struct project p;
	enum sr_error err;

	if ((err = the_project(x, &p)) == SR_OK)
		err = project_allow_binary(&x->store, &x->actor, &p.id,
		    binary[0] != '\0', NULL);
	if (err == SR_OK)
		return (redirect(x, &p.id, "project-changed"));
	return (err);
}

enum sr_error
h_project_bind(struct exchange * x)
{
	struct binding_write write = {
		.variable = form_text(x->form, FIELD_BINDING_VARIABLE),
		.scope = form_text(x->form, FIELD_BINDING_SCOPE),
		.name = form_text(x->form, FIELD_BINDING_NAME),
	};
	struct project p;
	enum sr_error err;

	if ((err = the_project(x, &p)) != SR_OK)
		return (err);
	write.project_id = p.id;
	err = binding_set(&x->store, &x->actor, &write, &x->complaint);
	if (err == SR_OK)
		return (redirect(x, &p.id, "bound"));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_project(x, &p, SR_TIME_NONE, err));
}

enum sr_error
h_project_unbind(struct exchange * x)
{
	struct binding_write write = { .variable = x->param.rest };
	struct project p;
	enum sr_error err;

	if ((err = the_project(x, &p)) != SR_OK)
		return (err);
	write.project_id = p.id;
	if (form_text(x->form, FIELD_CONFIRMED_CONFIRM)[0] == '\0') {
		x->complaint.field = "confirm";
		err = SR_E_CONFIRMATION_REQUIRED;
	} else {
		err = binding_remove(&x->store, &x->actor, &write);
	}
	if (err == SR_OK)
		return (redirect(x, &p.id, "unbound"));
	if (x->request.format != FORMAT_HTML)
		return (err);
	return (view_project(x, &p, SR_TIME_NONE, err));
}
