/* The projects, and a project's page. */

#include "cgi/exchange.h"
#include "cgi/view_run.h"

#define ROWS_A_PAGE	50

struct listing {
	struct page * page;
	unsigned n;
	bool more;
	struct project last;
};

static void
facts(struct page * page, const struct project * p)
{

	page_id(page, "id", &p->id);
	page_name(page, "slug", p->slug);
	page_text(page, "project-name", p->name);
	page_text(page, "description", p->description);
	page_time(page, "created-at", p->created_at);
}

static enum sr_error
project_row(const struct project * p, void * cookie)
{
	struct listing * l = cookie;

	if (l->n == ROWS_A_PAGE) {
		l->more = true;
		return (SR_OK);
	}
	page_begin(l->page, "project");
	facts(l->page, p);
	page_end(l->page);
	l->last = *p;
	l->n++;
	return (SR_OK);
}

static enum sr_error
create_form(struct exchange * x, struct page * page, enum sr_error refused)
{
	enum sr_error err;

	if (x->visitor.session.role < ROLE_OPERATOR)
		return (SR_OK);
	page_begin(page, "form");
	err = view_csrf(x, page);
	if (refused != SR_OK) {
		page_input(page, "slug",
		    form_text(x->form, FIELD_PROJECT_SLUG));
		page_input(page, "project-name",
		    form_text(x->form, FIELD_PROJECT_NAME));
		page_input(page, "description",
		    form_text(x->form, FIELD_PROJECT_DESCRIPTION));
		view_refusal(x, page, refused);
	}
	page_end(page);
	return (err);
}

enum sr_error
view_projects(struct exchange * x, const char * after, enum sr_error refused)
{
	struct listing l = { .n = 0 };
	int status = view_worse(200, refused);
	enum sr_error err, listed;

	if ((err = view_begin(x, PAGE_PROJECTS, &l.page)) != SR_OK)
		return (err);
	page_begin(l.page, "projects");
	page_yes(l.page, "first", after[0] == '\0');
	err = create_form(x, l.page, refused);
	listed = project_list(x->store.db, after, ROWS_A_PAGE + 1, project_row,
	    &l);
	if (l.more)
		page_name(l.page, "next", l.last.slug);
	if (listed != SR_OK)
		view_error(l.page, listed);
	page_end(l.page);
	return (view_end(x, view_worse(status, listed), &l.page, err));
}

/* Rows of a query are kept, since each needs the form's token as well. */
struct bindings {
	struct binding * v;
	size_t n, cap;
};

static enum sr_error
keep_binding(const struct binding * b, void * cookie)
{
	struct bindings * l = cookie;
	struct binding * v;

	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 32 : 2 * l->cap;
		v = realloc(l->v, l->cap * sizeof(*v));
		if (v == NULL)
			return (SR_E_OUT_OF_MEMORY);
		l->v = v;
	}
	l->v[l->n++] = *b;
	return (SR_OK);
}

static void
binding_row(struct page * page, const struct binding * b)
{

	page_begin(page, "binding");
	page_name(page, "variable", b->variable);
	page_id(page, "ref", &b->secret_id);
	page_constant(page, "scope", secret_scope_name(b->scope));
	page_name(page, "secret-name", b->name);
	page_time(page, "created-at", b->created_at);
	page_end(page);
}

static enum sr_error
binding_form(struct exchange * x, struct page * page, enum sr_error refused)
{

	page_yes(page, "may-write",
	    x->visitor.session.role >= ROLE_OPERATOR);
	if (refused != SR_OK) {
		page_input(page, "variable",
		    form_text(x->form, FIELD_BINDING_VARIABLE));
		page_input(page, "scope",
		    form_text(x->form, FIELD_BINDING_SCOPE));
		page_input(page, "secret-name",
		    form_text(x->form, FIELD_BINDING_NAME));
		view_refusal(x, page, refused);
	}
	return (view_csrf(x, page));
}

static enum sr_error
bindings(struct exchange * x, struct page * page, const struct project * p,
    enum sr_error refused)
{
	struct bindings l = { .n = 0 };
	enum sr_error err;

	page_begin(page, "bindings");
	err = binding_form(x, page, refused);
	if (err == SR_OK)
		err = binding_list(x->store.db, &p->id, keep_binding, &l);
	for (size_t i = 0; err == SR_OK && i < l.n; i++)
		binding_row(page, &l.v[i]);
	free(l.v);
	if (err != SR_OK && refused == SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

struct runs {
	struct page * page;
	unsigned n;
	bool more;
	sr_time last;
};

static enum sr_error
run_row(const struct run * run, void * cookie)
{
	struct runs * l = cookie;

	if (l->n == ROWS_A_PAGE) {
		l->more = true;
		return (SR_OK);
	}
	view_run_row(l->page, run);
	l->last = run->created_at;
	l->n++;
	return (SR_OK);
}

static enum sr_error
runs(struct exchange * x, struct page * page, const struct project * p,
    sr_time before)
{
	struct runs l = { .page = page };
	char next[SR_TIME_STRLEN + 1];
	enum sr_error err;

	page_begin(page, "runs");
	page_yes(page, "first", before == SR_TIME_NONE);
	err = run_list(x->store.db, &p->id, before, ROWS_A_PAGE + 1, run_row,
	    &l);
	if (l.more) {
		clock_format(l.last, next);
		page_name(page, "next", next);
	}
	if (err != SR_OK)
		view_error(page, err);
	page_end(page);
	return (err);
}

static void
notice(struct exchange * x, struct page * page)
{
	static const char * const kinds[] = { "project-created",
	    "project-changed", "bound", "unbound" };
	const char * wanted = x->form == NULL ? "" :
	    form_text(x->form, FIELD_PROJECT_NOTICE);

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		if (strcmp(wanted, kinds[i]) == 0)
			view_notice(page, kinds[i]);
	}
}

enum sr_error
view_project(struct exchange * x, const struct project * project,
    sr_time before, enum sr_error refused)
{
	struct page * page = NULL;
	int status = view_worse(200, refused);
	enum sr_error err;

	if ((err = view_begin(x, PAGE_PROJECT, &page)) != SR_OK)
		return (err);
	notice(x, page);
	page_begin(page, "detail");
	facts(page, project);
	page_yes(page, "binary-artifacts", project->binary_artifacts);
	status = view_worse(status, bindings(x, page, project, refused));
	status = view_worse(status, runs(x, page, project, before));
	page_end(page);
	return (view_end(x, status, &page, SR_OK));
}
