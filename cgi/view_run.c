/* A run's page: what became of it, and all it said, masked. */

#include "cgi/exchange.h"
#include "cgi/view_run.h"
#include "core/base/config.h"

void
view_run_row(struct page * page, const struct run * run)
{

	page_begin(page, "run");
	page_id(page, "id", &run->id);
	page_id(page, "project", &run->project_id);
	page_text(page, "workflow-name", run->workflow_name);
	page_text(page, "workflow-version", run->workflow_version);
	page_text(page, "trigger", run->trigger);
	page_text(page, "run-name", run->name);
	page_constant(page, "status", run_status_name(run->status));
	page_yes(page, "ended", run_ended(run->status));
	page_time(page, "created-at", run->created_at);
	page_time(page, "started-at", run->started_at);
	page_time(page, "completed-at", run->completed_at);
	page_time(page, "heartbeat-at", run->heartbeat_at);
	if (run->started_at != SR_TIME_NONE)
		page_u64(page, "seconds", (uint64_t)(((run->completed_at !=
		    SR_TIME_NONE ? run->completed_at : clock_now()) -
		    run->started_at) / SR_SECOND));
	page_end(page);
}

/* What an operator may do to a run that goes on. */
static enum sr_error
decisions(struct exchange * x, struct page * page, const struct run * run,
    enum sr_error refused)
{
	enum sr_error err;

	if (x->visitor.session.role < ROLE_OPERATOR ||
	    (run_ended(run->status) && refused == SR_OK))
		return (SR_OK);
	page_begin(page, "decide");
	page_yes(page, "approvable",
	    run->status == RUN_AWAITING_APPROVAL);
	page_yes(page, "cancellable", !run_ended(run->status));
	err = view_csrf(x, page);
	if (refused != SR_OK)
		view_refusal(x, page, refused);
	page_end(page);
	return (err);
}

static void
notice(struct exchange * x, struct page * page)
{
	static const char * const kinds[] = { "run-approved", "run-rejected",
	    "run-cancelled" };
	const char * wanted = form_text(x->form, FIELD_RUN_NOTICE);

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		if (strcmp(wanted, kinds[i]) == 0)
			view_notice(page, kinds[i]);
	}
}

static int
parts(struct exchange * x, struct page * page, const struct run * run,
    uint64_t before)
{
	int status = 200;

	status = view_worse(status, view_run_alerts(x, page, run));
	status = view_worse(status, view_run_steps(x, page, run));
	status = view_worse(status, view_run_events(x, page, run, before));
	status = view_worse(status, view_run_artifacts(x, page, run));
	status = view_worse(status, view_run_prompts(x, page, run));
	return (view_worse(status, view_run_leases(x, page, run)));
}

enum sr_error
view_run(struct exchange * x, const struct project * project,
    const struct run * run, uint64_t before, enum sr_error refused)
{
	struct page * page = NULL;
	int status = view_worse(200, refused);
	enum sr_error err;

	if ((err = view_begin(x, PAGE_RUN, &page)) != SR_OK)
		return (err);
	notice(x, page);
	page_begin(page, "detail");
	page_name(page, "project-slug", project->slug);
	page_text(page, "project-name", project->name);
	page_label(page, "topic-prefix",
	    config_text(x->worker->config, CFG_RUN_TOPIC));
	view_run_row(page, run);
	err = decisions(x, page, run, refused);
	if (status == 200)
		status = parts(x, page, run, before);
	else
		(void)parts(x, page, run, before);
	page_end(page);
	if ((err = view_end(x, status, &page, err)) == SR_OK)
		x->response.scripted = before == 0;
	return (err);
}
