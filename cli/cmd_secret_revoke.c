#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/secret_args.h"
#include "cli/secret_output.h"
#include "core/base/secbuf.h"
#include "core/runs/holder.h"

#define ANSWER_MAX	64

static void
name_it(struct compose * c, const struct secret_meta * meta)
{

	compose_constant(c, secret_scope_name(meta->scope));
	compose_lit(c, "/");
	compose_name(c, meta->name);
	compose_lit(c, ", version ");
	compose_u64(c, meta->key_version);
}

/* The runs that it cuts off, a line each. */
static void
cuts(struct compose * c, const struct holders * all)
{

	if (all->n == 0) {
		compose_constant(c, all->complete ? "No run holds it.\n" :
		    "The runs that hold it could not be read.\n");
		return;
	}
	compose_lit(c, "Runs that hold it, and are given it no more:\n");
	for (size_t i = 0; i < all->n; i++) {
		const struct holder * h = &all->v[i];

		compose_lit(c, "  ");
		compose_id(c, &h->run_id);
		compose_lit(c, "  ");
		compose_name(c, h->project);
		compose_lit(c, "  ");
		compose_text(c, h->workflow_name, strlen(h->workflow_name));
		compose_lit(c, "  ");
		compose_constant(c, run_status_name(h->status));
		compose_lit(c, "  version ");
		compose_u64(c, h->key_version);
		compose_lit(c, "\n");
	}
	if (!all->complete)
		compose_lit(c, "  and more\n");
}

static void
cuts_json(struct compose * c, const struct holders * all)
{

	compose_lit(c, ",\"runs\":[");
	for (size_t i = 0; i < all->n; i++) {
		const struct holder * h = &all->v[i];

		compose_constant(c, i == 0 ? "{\"id\":\"" : ",{\"id\":\"");
		compose_id(c, &h->run_id);
		compose_lit(c, "\",\"project\":\"");
		compose_id(c, &h->project_id);
		compose_lit(c, "\",\"workflow_name\":\"");
		compose_json_text(c, h->workflow_name,
		    strlen(h->workflow_name));
		compose_lit(c, "\",\"status\":\"");
		compose_constant(c, run_status_name(h->status));
		compose_lit(c, "\",\"key_version\":");
		compose_u64(c, h->key_version);
		compose_lit(c, "}");
	}
	compose_lit(c, "],\"runs_complete\":");
	compose_constant(c, all->complete ? "true" : "false");
}

static enum sr_error
ask(const struct cli * cli, const struct secret_meta * meta,
    const struct holders * all)
{
	struct redacted * text = NULL;
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(cli->redact, REDACT_UI, 65536, &c)) != SR_OK)
		return (err);
	compose_lit(c, "Revoke ");
	name_it(c, meta);
	compose_lit(c, "?\nAll its values are destroyed for good; what uses it "
	    "fails from now on.\n");
	cuts(c, all);
	compose_lit(c, "Type yes to go on: ");
	if ((err = compose_finish(&c, &text)) == SR_OK)
		err = redacted_write(sr_console(), text);
	redacted_free(&text);
	return (err);
}

static enum sr_error
answered_yes(bool * yes)
{
	struct secbuf * answer = NULL;
	struct secbuf * expected = NULL;
	enum sr_error err;

	if ((err = secbuf_read_line(STDIN_FILENO, ANSWER_MAX, &answer)) ==
	    SR_OK && (err = secbuf_copy("yes", 3, &expected)) == SR_OK)
		*yes = secbuf_equal(answer, expected);
	secbuf_free(&answer);
	secbuf_free(&expected);
	return (err);
}

/* A person is asked; a program has to say that it means it. */
static enum sr_error
confirm(struct cli * cli, const struct secret_meta * meta,
    const struct holders * all)
{
	enum sr_error err;
	bool yes = false;

	if (cli->in.option[OPT_YES] != NULL)
		return (SR_OK);
	if (!isatty(STDIN_FILENO)) {
		compose_lit(cli->note, "nobody can be asked here: give --yes");
		return (SR_E_USAGE);
	}
	if ((err = ask(cli, meta, all)) != SR_OK ||
	    (err = answered_yes(&yes)) != SR_OK)
		return (err);
	if (!yes) {
		compose_lit(cli->note, "not confirmed: nothing was changed");
		return (SR_E_USAGE);
	}
	return (SR_OK);
}

/* Who confirmed has seen a version; another one is not what was meant. */
static enum sr_error
revoke_it(struct cli * cli, const struct secret_meta * seen, uint32_t expected,
    struct holders * all)
{
	const struct secret_revocation r = { .id = seen->id,
	    .expected = expected != 0 || cli->in.option[OPT_YES] != NULL ?
	    expected : seen->key_version,
	    .idempotency_key = cli->in.option[OPT_IDEMPOTENCY_KEY] };
	struct secret_meta meta;
	enum sr_error err;

	if ((err = secret_revoke(&cli->store, &cli->actor, &r, &meta)) != SR_OK)
		return (err);
	/* Those that took it meanwhile too; none takes it any more. */
	if (holders_read(cli->store.db, &meta.id, all) != SR_OK)
		all->complete = false;
	if (cli_json(cli)) {
		secret_json(cli->out, &meta);
		cuts_json(cli->out, all);
		compose_lit(cli->out, "}\n");
		return (SR_OK);
	}
	compose_lit(cli->out, "Revoked ");
	name_it(cli->out, &meta);
	compose_lit(cli->out, ".\n");
	cuts(cli->out, all);
	return (SR_OK);
}

/** cmd_secret_revoke(cli): destroy a secret's values. */
enum sr_error
cmd_secret_revoke(struct cli * cli)
{
	struct holders * all;
	struct secret_meta meta;
	enum secret_scope scope;
	struct sr_id project;
	uint32_t expected;
	enum sr_error err;

	if ((err = secret_place(cli, &scope, &project)) != SR_OK ||
	    (err = secret_expect(cli, &expected)) != SR_OK ||
	    (err = cli_store(cli)) != SR_OK ||
	    (err = secret_find(cli->store.db, scope, &project,
	    cli->in.option[OPT_NAME], &meta)) != SR_OK)
		return (err);
	if ((all = calloc(1, sizeof(*all))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	/* What cannot be read is said, and keeps nobody from revoking. */
	if (holders_read(cli->store.db, &meta.id, all) != SR_OK)
		all->complete = false;
	if ((err = confirm(cli, &meta, all)) == SR_OK)
		err = revoke_it(cli, &meta, expected, all);
	free(all);
	return (err);
}
