/* A run in the database of this machine. */

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/disclosed.h"
#include "cli/output.h"
#include "cli/run_env.h"
#include "cli/run_link.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/base/stack.h"
#include "core/runs/credential.h"
#include "core/store/db.h"
#include "core/store/keystore.h"
#include "core/vault/liveset.h"

#define WORKFLOW	"command"
#define VERSION		"1"
#define TRIGGER		"cli"
/* A call gives up after so long, to be made again. */
#define DB_SECONDS	5

struct stored {
	struct run_link link;
	unsigned lease_minutes;
	struct run run;
};

static struct stored *
stored(struct run_link * link)
{

	return ((struct stored *)(void *)link);
}

static enum sr_error
find_project(struct cli * cli, struct project * project)
{
	const char * given = cli->in.option[OPT_PROJECT];
	struct sr_id id;

	if (sr_id_parse(given, &id))
		return (project_show(cli->store.db, &id, project));
	return (project_by_slug(cli->store.db, given, project));
}

/* Without a gate that vouches nothing of it could be shown. */
static enum sr_error
gate_ready(struct cli * cli)
{
	enum sr_error err;

	if (redact_state(cli->redact) == REDACT_READY)
		return (SR_OK);
	err = keystore_write_error(cli->store.keys);
	return (err != SR_OK ? err : SR_E_REDACTION_UNAVAILABLE);
}

static const char *
option_or(const struct cli * cli, enum command_option o, const char * other)
{

	return (cli->in.option[o] != NULL ? cli->in.option[o] : other);
}

static enum sr_error
begin(struct run_link * link)
{
	struct stored * s = stored(link);
	struct cli * cli = link->cli;
	struct secret_complaint complaint = { NULL, NULL };
	struct run_write write = {
		.workflow_name = option_or(cli, OPT_WORKFLOW, WORKFLOW),
		.workflow_version = option_or(cli, OPT_WORKFLOW_VERSION,
		    VERSION),
		.trigger = TRIGGER, .name = cli->in.option[OPT_RUN_NAME] };
	struct project project;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK || (err = gate_ready(cli)) !=
	    SR_OK || (err = find_project(cli, &project)) != SR_OK)
		return (err);
	liveset_patience(cli->live, 1000 * (int64_t)config_number(cli->config,
	    CFG_RUN_PATIENCE));
	/* What is stored meanwhile is masked in events too. */
	cli->store.live = cli->live;
	event_settings(cli->config, &cli->store);
	s->lease_minutes = (unsigned)config_number(cli->config,
	    CFG_RUN_LEASE);
	write.project_id = project.id;
	err = run_create(&cli->store, &cli->actor, &write, s->lease_minutes,
	    &complaint, &s->run);
	if (err != SR_OK)
		output_complaint(cli, &complaint);
	return (err);
}

/* A failure of one value, and not of whoever gives them. */
static bool
of_the_value(enum sr_error err)
{

	return (err == SR_E_PROVIDER_SECRET_UNAVAILABLE ||
	    err == SR_E_PROVIDER_SECRET_RESOLUTION_FAILED ||
	    err == SR_E_SECRET_NOT_FOUND || err == SR_E_SECRET_REVOKED ||
	    err == SR_E_SECRET_EXPIRED);
}

static enum sr_error
take_value(const struct binding * binding, const struct run_source * source,
    enum sr_error err, struct disclosed ** value, void * cookie)
{
	struct run_env * env = cookie;
	struct secbuf * kept;

	(void)source;
	if (err != SR_OK && !of_the_value(err))
		return (err);
	if (err != SR_OK) {
		run_env_lacks(env, binding->variable, sr_error_name(err));
		return (SR_OK);
	}
	if ((err = disclosed_keep(*value, &kept)) != SR_OK)
		return (err);
	return (run_env_take(env, binding->variable, &kept));
}

static enum sr_error
values(struct run_link * link, struct run_env * env)
{
	struct stored * s = stored(link);
	const struct run_asking asking = { .store = &link->cli->store,
	    .environment = link->cli->environment, .actor = &link->cli->actor,
	    .run_id = s->run.id, .lease_minutes = s->lease_minutes };

	return (run_values(&asking, take_value, env));
}

static void
started(struct run_link * link)
{

	db_hurry(link->cli->store.db, DB_SECONDS);
}

static enum sr_error
refresh(struct run_link * link)
{

	return (liveset_refresh(link->cli->live, &link->cli->store));
}

static enum sr_error
post(struct run_link * link, const struct backlog_chunk * chunk, bool end)
{
	struct stored * s = stored(link);
	const struct event_write write = { .run_id = s->run.id,
	    .type = "output", .stream = backlog_stream_name(chunk->stream),
	    .chunk = chunk->bytes, .chunk_len = chunk->len, .numbered = true,
	    .n = chunk->n, .end = end, .discard = chunk->discard };
	struct event_written written = { .seq = 0 };
	struct secret_complaint complaint;
	enum sr_error err;

	err = event_post(&link->cli->store, &link->cli->actor, &write,
	    s->lease_minutes, &complaint, &written);
	stack_wipe();
	/* It came, and only the answer did not. */
	if (err == SR_E_EVENT_CHUNK_OUT_OF_ORDER &&
	    written.next_chunk > chunk->n)
		err = SR_OK;
	return (err);
}

static enum sr_error
beat(struct run_link * link)
{
	struct stored * s = stored(link);

	return (run_beat(&link->cli->store, &s->run.id, s->lease_minutes));
}

static enum sr_error
end(struct run_link * link, enum run_status to, const char * payload)
{
	struct stored * s = stored(link);
	struct cli * cli = link->cli;
	struct event_write write = { .run_id = s->run.id,
	    .type = run_link_event(to), .payload = payload };
	struct event_written written;
	struct secret_complaint complaint;
	enum sr_error err = SR_E_EVENT_INVALID;

	if (payload != NULL) {
		write.payload_len = strlen(payload);
		err = event_post(&cli->store, &cli->actor, &write,
		    s->lease_minutes, &complaint, &written);
	}
	/* If it cannot be told it is done nevertheless. */
	if (err != SR_OK && err != SR_E_RUN_FINISHED && !run_link_passing(err))
		err = run_move(&cli->store, &s->run.id, to, s->lease_minutes,
		    NULL);
	return (err);
}

static void
release(struct run_link * link)
{

	free(link);
}

static const struct run_link_row row = { .begin = begin, .values = values,
    .started = started, .refresh = refresh, .post = post, .beat = beat,
    .end = end, .free = release };

/** run_link_store(cli, out): a run in the database. */
enum sr_error
run_link_store(struct cli * cli, struct run_link ** out)
{
	struct stored * s;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	s->link = (struct run_link){ .row = &row, .cli = cli };
	*out = &s->link;
	return (SR_OK);
}
