#ifndef SR_CGI_VIEW_RUN_H
#define SR_CGI_VIEW_RUN_H

#include "cgi/view.h"
#include "core/runs/run.h"

struct strbuf;

/**
 * view_projects(x, after, refused):
 * Answer the projects, by slug, those after the slug ${after} ("": the first),
 * and the form for another one; ${refused} is why it was not made.
 */
SR_NODISCARD enum sr_error view_projects(struct exchange * x,
    const char * after, enum sr_error refused);

/**
 * view_project(x, project, before, refused):
 * Answer a project: what its runs find in their environment, and its runs, those
 * created before ${before} (SR_TIME_NONE: the newest).
 */
SR_NODISCARD enum sr_error view_project(struct exchange * x,
    const struct project * project, sr_time before, enum sr_error refused);

/**
 * view_run(x, project, run, before, refused):
 * Answer a run: steps, output, events (those before seq ${before}; 0: the
 * newest), artifacts, prompts, leases, what was masked, alerts.
 */
SR_NODISCARD enum sr_error view_run(struct exchange * x,
    const struct project * project, const struct run * run, uint64_t before,
    enum sr_error refused);

/** view_run_row(page, run): an element run with what is known of it. */
void view_run_row(struct page * page, const struct run * run);

/**
 * view_run_events(x, page, run, before): elements events and output.
 * view_run_steps, _artifacts, _prompts, _leases, _alerts: an element each.
 * Errors, which the elements show: those of the lists.
 */
enum sr_error view_run_events(struct exchange * x, struct page * page,
    const struct run * run, uint64_t before);
enum sr_error view_run_steps(struct exchange * x, struct page * page,
    const struct run * run);
enum sr_error view_run_artifacts(struct exchange * x, struct page * page,
    const struct run * run);
enum sr_error view_run_prompts(struct exchange * x, struct page * page,
    const struct run * run);
enum sr_error view_run_leases(struct exchange * x, struct page * page,
    const struct run * run);
enum sr_error view_run_alerts(struct exchange * x, struct page * page,
    const struct run * run);

#endif /* !SR_CGI_VIEW_RUN_H */
