/* A run's page, and what an operator may decide about it. */

#include "cgi/exchange.h"
#include "cgi/view_run.h"
#include "core/base/config.h"
#include "core/redact/compose.h"
#include "core/runs/event.h"

/* The project and its run that the path names. */
static enum sr_error
the_run(struct exchange * x, struct project * p, struct run * run)
{
	struct sr_id project, id;
	enum sr_error err;

	if (!sr_id_parse(x->param.text, &project))
		return (SR_E_PROJECT_NOT_FOUND);
	if (!sr_id_parse(x->param.rest, &id))
		return (SR_E_RUN_NOT_FOUND);
	if ((err = project_show(x->store.db, &project, p)) != SR_OK ||
	    (err = run_show(x->store.db, &id, run)) != SR_OK)
		return (err);
	if (!sr_id_equal(&run->project_id, &project))
		return (SR_E_RUN_NOT_FOUND);
	x->about = *run;
	return (SR_OK);
}

enum sr_error
h_run_show(struct exchange * x)
{
	const char * text = form_text(x->form, FIELD_RUN_BEFORE);
	struct project p;
	struct run run;
	uint32_t before;
	enum sr_error err;

	if (!form_version(text, &before))
		return (SR_E_FORM_MALFORMED);
	if ((err = the_run(x, &p, &run)) != SR_OK)
		return (err);
	return (view_run(x, &p, &run, before, SR_OK));
}

static const struct {
	const char * decision;
	const char * type;	/* Of the event that it is. */
	const char * notice;
} decisions[] = {
	{ "approve", "approval_granted", "run-approved" },
	{ "reject", "approval_rejected", "run-rejected" },
	{ "cancel", "run_cancelled", "run-cancelled" },
};

static enum sr_error
redirect(struct exchange * x, const struct run * run, const char * notice)
{
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(NULL, REDACT_UI, 256, &c)) != SR_OK)
		return (err);
	compose_lit(c, "/projects/");
	compose_id(c, &run->project_id);
	compose_lit(c, "/runs/");
	compose_id(c, &run->id);
	compose_lit(c, "?notice=");
	compose_constant(c, notice);
	return (response_redirect(&x->response, &c));
}

static enum sr_error
decide(struct exchange * x, const struct run * run, size_t i)
{
	const struct event_write write = { .run_id = run->id,
	    .type = decisions[i].type, .payload = "{\"by\":\"operator\"}",
	    .payload_len = strlen("{\"by\":\"operator\"}") };
	struct event_written written;

	if (form_text(x->form, FIELD_RUN_CONFIRM)[0] == '\0') {
		x->complaint.field = "confirm";
		return (SR_E_CONFIRMATION_REQUIRED);
	}
	return (event_post(&x->store, &x->actor, &write,
	    (unsigned)config_number(x->worker->config, CFG_RUN_LEASE),
	    &x->complaint, &written));
}

enum sr_error
h_run_decide(struct exchange * x)
{
	const char * decision = form_text(x->form, FIELD_RUN_DECISION);
	struct project p;
	struct run run;
	size_t i = 0;
	enum sr_error err, refused;

	if ((err = the_run(x, &p, &run)) != SR_OK)
		return (err);
	while (i < COUNTOF(decisions) &&
	    strcmp(decisions[i].decision, decision) != 0)
		i++;
	if (i == COUNTOF(decisions))
		return (SR_E_FORM_MALFORMED);
	if ((refused = decide(x, &run, i)) == SR_OK)
		return (redirect(x, &run, decisions[i].notice));
	if (x->request.format != FORMAT_HTML)
		return (refused);
	if ((err = the_run(x, &p, &run)) != SR_OK)
		return (err);
	return (view_run(x, &p, &run, 0, refused));
}
