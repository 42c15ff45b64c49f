/* A run on a server, over its API. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/known.h"
#include "cli/run_api.h"
#include "cli/run_body.h"
#include "cli/run_link.h"
#include "cli/run_remote.h"
#include "cli/run_reply.h"
#include "cli/run_stream.h"
#include "core/base/secbuf.h"
#include "core/base/stack.h"

#define WORKFLOW	"command"
#define VERSION		"1"
#define TRIGGER		"cli"
#define PATH_LEN	256
#define GIVEN_MAX	64
/* From one try to the next, while it does not answer. */
#define REST_MIN_MS	250
#define REST_MAX_MS	((int64_t)4000)

struct remote {
	struct run_link link;
	struct run_api * api;
	struct run_body body;
	struct secbuf * known_key;
	struct sr_id run;
	struct run_stream stream[BACKLOG_STREAM__MAX];
	bool running;			/* The command does. */
	bool down;			/* It did not answer last. */
	int64_t rest, until;		/* Not asked before. */
};

static struct remote *
remote(struct run_link * link)
{

	return ((struct remote *)(void *)link);
}

/*
 * What became of a call while the command runs: what is the server's trouble,
 * and not ours, may go well another time. So may what did not come whole.
 */
static enum sr_error
outcome(struct remote * r, enum sr_error err)
{
	int status = err == SR_OK ? 200 : sr_error_row(err)->status;

	if (r->running && err != SR_E_LIMIT_EXCEEDED && (status >= 500 ||
	    err == SR_E_REQUEST_INCOMPLETE ||
	    (status == 429 && err != SR_E_RUN_THROTTLED)))
		err = SR_E_SERVER_UNAVAILABLE;
	r->down = err == SR_E_SERVER_UNAVAILABLE;
	if (!r->down) {
		r->rest = 0;
		return (err);
	}
	r->rest = r->rest == 0 ? REST_MIN_MS : r->rest * 2 > REST_MAX_MS ?
	    REST_MAX_MS : r->rest * 2;
	r->until = clock_boot_ms() + r->rest;
	return (err);
}

static enum sr_error
call(struct remote * r, const char * method, const char * what,
    const struct run_body * body)
{
	char id[SR_ID_STRLEN + 1], path[PATH_LEN];

	sr_id_format(&r->run, id);
	(void)snprintf(path, sizeof(path), "/api/v1/runs/%s%s", id, what);
	return (outcome(r, run_api_call(r->api, method, path, body)));
}

static void
member(struct run_body * b, const char * name, const char * value)
{

	run_body_puts(b, name);
	run_body_text(b, value, strlen(value));
}

static const char *
option_or(const struct cli * cli, enum command_option o, const char * other)
{

	return (cli->in.option[o] != NULL ? cli->in.option[o] : other);
}

static enum sr_error
take_id(const struct reply_part * part, void * cookie)
{
	struct remote * r = cookie;

	if (part->depth == 1 && part->kind == REPLY_TEXT &&
	    strcmp(part->name, "id") == 0 && !sr_id_parse(part->text, &r->run))
		return (SR_E_SERVER_REPLY_INVALID);
	return (SR_OK);
}

/* The gate knows nothing yet, under a key that ends with us. */
static enum sr_error
open_gate(struct remote * r)
{
	struct cli * cli = r->link.cli;
	enum sr_error err;

	if (cli->in.option[OPT_BUNDLE] != NULL)
		err = known_bundle(cli, cli->in.option[OPT_BUNDLE],
		    &r->known_key);
	else if ((err = secbuf_random(32, &r->known_key)) == SR_OK)
		err = redact_unlock(cli->redact, r->known_key);
	if (err == SR_OK)
		redact_mark(cli->redact, REDACT_READY);
	return (err);
}

static bool
good_project(const char * given)
{

	return (given[0] != '\0' && given[0] != '.' &&
	    strlen(given) <= GIVEN_MAX && strspn(given,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-_.") == strlen(given));
}

static enum sr_error
begin(struct run_link * link)
{
	struct remote * r = remote(link);
	struct cli * cli = link->cli;
	const char * name = cli->in.option[OPT_RUN_NAME];
	char path[PATH_LEN];
	enum sr_error err;

	if (!good_project(cli->in.option[OPT_PROJECT]))
		return (SR_E_PROJECT_NOT_FOUND);
	if ((err = open_gate(r)) != SR_OK)
		return (err);
	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/runs",
	    cli->in.option[OPT_PROJECT]);
	run_body_begin(&r->body);
	member(&r->body, "{\"workflow_name\":", option_or(cli, OPT_WORKFLOW,
	    WORKFLOW));
	member(&r->body, ",\"workflow_version\":", option_or(cli,
	    OPT_WORKFLOW_VERSION, VERSION));
	member(&r->body, ",\"trigger\":", TRIGGER);
	if (name != NULL)
		member(&r->body, ",\"name\":", name);
	run_body_puts(&r->body, "}");
	err = outcome(r, run_api_call(r->api, "POST", path, &r->body));
	if (err == SR_OK)
		err = run_reply_walk(run_api_reply(r->api), take_id, r);
	if (err == SR_OK && sr_id_is_nil(&r->run))
		err = SR_E_SERVER_REPLY_INVALID;
	return (err);
}

static enum sr_error
values(struct run_link * link, struct run_env * env)
{
	struct remote * r = remote(link);
	enum sr_error err;

	if ((err = call(r, "GET", "/bindings", NULL)) == SR_OK)
		err = run_remote_values(run_api_reply(r->api), r->known_key,
		    env);
	run_api_wipe(r->api);
	stack_wipe();
	return (err);
}

static void
started(struct run_link * link)
{

	/* What is known now is all that will be. */
	secbuf_free(&remote(link)->known_key);
	remote(link)->running = true;
}

static enum sr_error
beat(struct run_link * link)
{
	struct remote * r = remote(link);

	run_body_begin(&r->body);
	return (call(r, "POST", "/heartbeat", &r->body));
}

/* Who did not answer is asked something small, now and then. */
static enum sr_error
refresh(struct run_link * link)
{
	struct remote * r = remote(link);

	if (!r->down)
		return (SR_OK);
	if (clock_boot_ms() < r->until)
		return (SR_E_SERVER_UNAVAILABLE);
	/* Any other answer comes again, to who can do something about it. */
	return (beat(link) == SR_E_SERVER_UNAVAILABLE ?
	    SR_E_SERVER_UNAVAILABLE : SR_OK);
}

static enum sr_error
post_part(struct remote * r, const struct backlog_chunk * chunk, bool end)
{
	struct run_stream * s = &r->stream[chunk->stream];
	enum sr_error err = SR_OK;

	if (run_stream_write(s, backlog_stream_name(chunk->stream), chunk,
	    end, &r->body)) {
		err = call(r, "POST", "/events", &r->body);
		stack_wipe();
		/* It came, and only the answer did not. */
		if (err == SR_E_EVENT_CHUNK_OUT_OF_ORDER &&
		    run_api_next_chunk(r->api) > s->n)
			err = SR_OK;
		if (err == SR_OK)
			s->n++;
	}
	if (err == SR_OK)
		run_stream_sent(s, chunk);
	else if (!run_link_passing(err))
		run_stream_lost(s);
	return (err);
}

static enum sr_error
post(struct run_link * link, const struct backlog_chunk * chunk, bool end)
{
	struct remote * r = remote(link);
	struct run_stream * s = &r->stream[chunk->stream];
	enum sr_error err;

	do {
		err = post_part(r, chunk, end);
	} while (err == SR_OK && s->at < chunk->len);
	if (err == SR_OK)
		s->at = 0;
	run_body_begin(&r->body);
	return (err);
}

static enum sr_error
end(struct run_link * link, enum run_status to, const char * payload)
{
	struct remote * r = remote(link);
	enum sr_error err = SR_E_EVENT_INVALID;

	if (payload != NULL) {
		run_body_begin(&r->body);
		member(&r->body, "{\"type\":", run_link_event(to));
		run_body_puts(&r->body, ",\"payload\":");
		run_body_puts(&r->body, payload);
		run_body_puts(&r->body, "}");
		err = call(r, "POST", "/events", &r->body);
	}
	/* If it cannot be told it is done nevertheless. */
	if (err != SR_OK && err != SR_E_RUN_FINISHED &&
	    !run_link_passing(err) && !run_link_denied(err)) {
		run_body_begin(&r->body);
		member(&r->body, "{\"status\":", run_status_name(to));
		run_body_puts(&r->body, "}");
		err = call(r, "PATCH", "", &r->body);
	}
	return (err);
}

static void
release(struct run_link * link)
{
	struct remote * r = remote(link);
	size_t i;

	for (i = 0; i < BACKLOG_STREAM__MAX; i++)
		run_stream_close(&r->stream[i]);
	run_body_free(&r->body);
	run_api_free(&r->api);
	secbuf_free(&r->known_key);
	free(r);
}

static const struct run_link_row row = { .begin = begin, .values = values,
    .started = started, .refresh = refresh, .post = post, .beat = beat,
    .end = end, .free = release, .untagged = true };

/** run_link_http(cli, address, out): a run on the server at ${address}. */
enum sr_error
run_link_http(struct cli * cli, const char * address, struct run_link ** out)
{
	struct remote * r;
	enum sr_error err;
	size_t i;

	*out = NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	r->link = (struct run_link){ .row = &row, .cli = cli };
	err = run_api_new(cli, address, &r->api);
	if (err == SR_OK)
		err = run_body_new(&r->body);
	for (i = 0; i < BACKLOG_STREAM__MAX && err == SR_OK; i++)
		err = run_stream_open(&r->stream[i]);
	if (err != SR_OK)
		release(&r->link);
	else
		*out = &r->link;
	return (err);
}
