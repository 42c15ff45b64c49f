#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/list.h"
#include "cli/output.h"
#include "core/base/config.h"
#include "core/log/log.h"
#include "core/runs/artifact.h"

#define PIECE		((size_t)64 * 1024)

static void
artifact_json(struct compose * c, const struct artifact * a)
{

	compose_lit(c, "{\"id\":\"");
	compose_id(c, &a->id);
	compose_lit(c, "\",\"run\":\"");
	compose_id(c, &a->run_id);
	compose_lit(c, "\",\"name\":");
	output_json_name(c, a->name);
	compose_lit(c, ",\"kind\":\"");
	compose_constant(c, artifact_kind_name(a->kind));
	compose_lit(c, "\",\"media_type\":\"");
	compose_json_text(c, a->media_type, strlen(a->media_type));
	compose_lit(c, "\",\"size\":");
	compose_u64(c, a->size);
	compose_lit(c, ",\"sha256\":\"");
	compose_hex(c, a->sha256, sizeof(a->sha256));
	compose_lit(c, "\",\"known\":");
	compose_u64(c, a->known);
	compose_lit(c, ",\"rules\":");
	compose_u64(c, a->rules);
	compose_lit(c, ",\"created_at\":");
	output_json_time(c, a->created_at);
	compose_lit(c, "}");
}

static enum sr_error
run_id(struct cli * cli, struct sr_id * out)
{

	return (sr_id_parse(cli->in.argument, out) ? SR_OK :
	    SR_E_RUN_NOT_FOUND);
}

static enum sr_error
open_input(struct cli * cli, const char * path, int * fd)
{

	*fd = path == NULL ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC |
	    O_NOCTTY);
	if (*fd >= 0)
		return (SR_OK);
	output_own_text(cli, cli->note, path);
	return (sr_fail(SR_E_INPUT_UNREADABLE, log_i64("errno", errno)));
}

/* Until the end of ${fd}; what was read is wiped. */
static enum sr_error
feed_all(struct artifact_up * up, int fd)
{
	char * piece = malloc(PIECE);
	enum sr_error err = SR_OK;
	ssize_t n = 1;

	if (piece == NULL)
		return (SR_E_OUT_OF_MEMORY);
	while (err == SR_OK && n != 0) {
		n = read(fd, piece, PIECE);
		if (n < 0 && errno != EINTR)
			err = sr_fail(SR_E_INPUT_UNREADABLE,
			    log_i64("errno", errno));
		else if (n > 0)
			err = artifact_feed(up, piece, (size_t)n);
	}
	explicit_bzero(piece, PIECE);
	free(piece);
	return (err);
}

static enum sr_error
read_write(struct cli * cli, struct artifact_write * w)
{
	const char * kind = cli->in.option[OPT_KIND];
	enum sr_error err;

	w->name = cli->in.more[0];
	w->kind = ARTIFACT_FILE;
	w->media_type = cli->in.option[OPT_MEDIA_TYPE];
	w->limits.each = (uint64_t)config_number(cli->config,
	    CFG_ARTIFACT_LIMIT);
	w->limits.run = (uint64_t)config_number(cli->config,
	    CFG_ARTIFACT_RUN_LIMIT);
	if ((err = run_id(cli, &w->run_id)) != SR_OK)
		return (err);
	if (kind != NULL && !artifact_kind_parse(kind, &w->kind)) {
		compose_lit(cli->note, "--kind");
		return (SR_E_ARTIFACT_INVALID);
	}
	return (SR_OK);
}

/** cmd_artifact_put(cli): store a file as an artifact of a run. */
enum sr_error
cmd_artifact_put(struct cli * cli)
{
	struct secret_complaint complaint = { NULL, NULL };
	struct artifact_write write = { .name = NULL };
	struct artifact_up * up = NULL;
	struct artifact a;
	int fd = -1;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = read_write(cli, &write)) != SR_OK ||
	    (err = open_input(cli, cli->in.more[1], &fd)) != SR_OK)
		return (err);
	if ((err = artifact_begin(&cli->store, &cli->actor, &write, &complaint,
	    &up)) == SR_OK && (err = feed_all(up, fd)) == SR_OK)
		err = artifact_end(up, &a);
	artifact_drop(&up);
	if (fd != STDIN_FILENO)
		(void)close(fd);
	if (err != SR_OK) {
		output_complaint(cli, &complaint);
		return (err);
	}
	if (cli_json(cli)) {
		artifact_json(cli->out, &a);
		compose_lit(cli->out, "\n");
	} else {
		compose_u64(cli->out, a.size);
		compose_lit(cli->out, " bytes, ");
		compose_u64(cli->out, (uint64_t)a.known + a.rules);
		compose_lit(cli->out, " masked\n");
	}
	return (SR_OK);
}

static enum sr_error
write_piece(struct redacted * piece, void * cookie)
{

	(void)cookie;
	return (redacted_write(STDOUT_FILENO, piece));
}

/** cmd_artifact_get(cli): write an artifact to standard output. */
enum sr_error
cmd_artifact_get(struct cli * cli)
{
	struct artifact a;
	struct sr_id id;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = run_id(cli, &id)) != SR_OK ||
	    (err = artifact_show(cli->store.db, &id, cli->in.more[0], &a)) !=
	    SR_OK)
		return (err);
	return (artifact_read(&cli->store, &a, write_piece, NULL));
}

/* Whose, and after which. */
struct listed {
	struct sr_id run;
	char after[ARTIFACT_NAME_MAX + 1];
};

static enum sr_error
add_row(const struct artifact * a, void * cookie)
{
	struct list * l = cookie;
	struct listed * listed = l->cookie;
	struct compose * c = l->cli->out;

	list_row(l);
	memcpy(listed->after, a->name, sizeof(listed->after));
	if (cli_json(l->cli)) {
		artifact_json(c, a);
		return (SR_OK);
	}
	compose_name(c, a->name);
	compose_lit(c, "\t");
	compose_constant(c, artifact_kind_name(a->kind));
	compose_lit(c, "\t");
	compose_u64(c, a->size);
	compose_lit(c, "\t");
	compose_u64(c, (uint64_t)a->known + a->rules);
	compose_lit(c, "\t");
	compose_time(c, a->created_at);
	compose_lit(c, "\n");
	return (SR_OK);
}

static enum sr_error
page(struct list * l)
{
	const struct listed * listed = l->cookie;

	return (artifact_list(l->cli->store.db, &listed->run, listed->after,
	    LIST_PAGE, add_row, l));
}

/** cmd_artifact_list(cli): list the artifacts of a run. */
enum sr_error
cmd_artifact_list(struct cli * cli)
{
	struct listed listed = { .after = "" };
	struct list l = { .cli = cli, .page = page, .cookie = &listed };
	struct run run;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = run_id(cli, &listed.run)) != SR_OK ||
	    (err = run_show(cli->store.db, &listed.run, &run)) != SR_OK)
		return (err);
	if (!cli_json(cli))
		compose_lit(cli->out, "NAME\tKIND\tSIZE\tMASKED\tCREATED\n");
	return (list_print(&l));
}
