#include <poll.h>
#include <signal.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/audit_filter.h"
#include "cli/output.h"
#include "core/runs/event.h"
#include "core/store/db.h"
#include "core/vault/liveset.h"

#define PAGE		100
#define PAUSE_MS	500	/* Between two looks of --follow. */

struct tail {
	struct cli * cli;
	uint64_t after;
	unsigned n;			/* Of the last page. */
};

static volatile sig_atomic_t stopped;

static void
stop(int sig)
{

	(void)sig;
	stopped = 1;
}

/* A person's ^C ends --follow as a success. */
static void
until_interrupted(void)
{
	struct sigaction act = { .sa_handler = stop };

	(void)sigemptyset(&act.sa_mask);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
}

static void
payload(struct cli * cli, const struct event * e)
{
	struct redacted * t = NULL;

	if (event_payload(cli->redact, REDACT_UI, NULL, e->payload, NULL,
	    &t) == SR_OK)
		compose_redacted_json(cli->out, t);
	else
		compose_lit(cli->out, "\"" REDACT_SUPPRESSED "\"");
	redacted_free(&t);
}

static void
member(struct compose * c, const char * text)
{

	if (text[0] == '\0') {
		compose_lit(c, "null");
		return;
	}
	compose_lit(c, "\"");
	compose_json_text(c, text, strlen(text));
	compose_lit(c, "\"");
}

static void
event_json(struct cli * cli, const struct event * e)
{
	struct compose * c = cli->out;

	compose_lit(c, "{\"run\":\"");
	compose_id(c, &e->run_id);
	compose_lit(c, "\",\"seq\":");
	compose_u64(c, e->seq);
	compose_lit(c, ",\"type\":");
	member(c, e->type);
	compose_lit(c, ",\"step\":");
	member(c, e->step);
	compose_lit(c, ",\"stream\":");
	member(c, e->stream);
	compose_lit(c, ",\"correlation_id\":");
	member(c, e->correlation_id);
	compose_lit(c, ",\"occurred_at\":");
	output_json_time(c, e->occurred_at);
	compose_lit(c, ",\"payload\":");
	payload(cli, e);
	compose_lit(c, "}\n");
}

static void
event_line(struct cli * cli, const struct event * e)
{
	struct compose * c = cli->out;

	compose_u64(c, e->seq);
	compose_lit(c, "\t");
	compose_time(c, e->occurred_at);
	compose_lit(c, "\t");
	compose_name(c, e->type);
	compose_lit(c, "\t");
	compose_text(c, e->step, strlen(e->step));
	compose_lit(c, "\t");
	payload(cli, e);
	compose_lit(c, "\n");
}

/* Each is written at once: the next one may be long in coming. */
static enum sr_error
print_event(const struct event * e, void * cookie)
{
	struct tail * t = cookie;

	if (cli_json(t->cli))
		event_json(t->cli, e);
	else
		event_line(t->cli, e);
	t->after = e->seq;
	t->n++;
	return (cli_flush(t->cli));
}

static enum sr_error
page(struct tail * t, const struct sr_id * run_id)
{
	enum sr_error err;

	t->n = 0;
	err = liveset_refresh(t->cli->live, &t->cli->store);
	if (err == SR_E_DATABASE_UNAVAILABLE)
		return (err);
	return (event_list(t->cli->store.db, run_id, t->after, PAGE,
	    print_event, t));
}

/* What ended is looked at once more: events may have come before the end. */
static enum sr_error
tail(struct tail * t, const struct sr_id * run_id, bool follow)
{
	struct run run;
	enum sr_error err;
	bool ended;

	while (!stopped) {
		if ((err = run_show(t->cli->store.db, run_id, &run)) != SR_OK)
			return (err);
		ended = run_ended(run.status);
		do {
			if ((err = page(t, run_id)) != SR_OK)
				return (err);
		} while (t->n == PAGE && !stopped);
		if (!follow || ended)
			break;
		(void)poll(NULL, 0, PAUSE_MS);
	}
	return (SR_OK);
}

/** cmd_events_tail(cli): a run's events, as they are stored. */
enum sr_error
cmd_events_tail(struct cli * cli)
{
	const bool follow = cli->in.option[OPT_FOLLOW] != NULL;
	struct tail t = { .cli = cli };
	struct sr_id run_id;
	enum sr_error err;

	if (!sr_id_parse(cli->in.argument, &run_id))
		return (SR_E_RUN_NOT_FOUND);
	if (cli->in.option[OPT_AFTER] != NULL && (err = option_number(cli,
	    OPT_AFTER, 0, INT64_MAX, &t.after)) != SR_OK)
		return (err);
	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	if (follow)
		until_interrupted();
	return (tail(&t, &run_id, follow));
}
