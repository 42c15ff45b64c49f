#include <unistd.h>

#include "cli/cli.h"
#include "cli/secret_args.h"
#include "cli/secret_output.h"
#include "core/base/secbuf.h"

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

static enum sr_error
ask(const struct cli * cli, const struct secret_meta * meta)
{
	struct redacted * text = NULL;
	struct compose * c = NULL;
	enum sr_error err;

	if ((err = compose_new(cli->redact, REDACT_UI, 1024, &c)) != SR_OK)
		return (err);
	compose_lit(c, "Revoke ");
	name_it(c, meta);
	compose_lit(c, "?\nAll its values are destroyed for good; what uses it "
	    "fails from now on.\nType yes to go on: ");
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
confirm(struct cli * cli, const struct secret_meta * meta)
{
	enum sr_error err;
	bool yes = false;

	if (cli->in.option[OPT_YES] != NULL)
		return (SR_OK);
	if (!isatty(STDIN_FILENO)) {
		compose_lit(cli->note, "nobody can be asked here: give --yes");
		return (SR_E_USAGE);
	}
	if ((err = ask(cli, meta)) != SR_OK ||
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
revoke_it(struct cli * cli, const struct secret_meta * seen, uint32_t expected)
{
	const struct secret_revocation r = { .id = seen->id,
	    .expected = expected != 0 || cli->in.option[OPT_YES] != NULL ?
	    expected : seen->key_version,
	    .idempotency_key = cli->in.option[OPT_IDEMPOTENCY_KEY] };
	struct secret_meta meta;
	enum sr_error err;

	if ((err = secret_revoke(&cli->store, &cli->actor, &r, &meta)) != SR_OK)
		return (err);
	if (cli_json(cli)) {
		secret_json(cli->out, &meta);
		compose_lit(cli->out, "}\n");
		return (SR_OK);
	}
	compose_lit(cli->out, "Revoked ");
	name_it(cli->out, &meta);
	compose_lit(cli->out, ".\n");
	return (SR_OK);
}

/** cmd_secret_revoke(cli): destroy a secret's values. */
enum sr_error
cmd_secret_revoke(struct cli * cli)
{
	struct secret_meta meta;
	enum secret_scope scope;
	struct sr_id project;
	uint32_t expected;
	enum sr_error err;

	if ((err = secret_place(cli, &scope, &project)) != SR_OK ||
	    (err = secret_expect(cli, &expected)) != SR_OK ||
	    (err = cli_store(cli)) != SR_OK ||
	    (err = secret_find(cli->store.db, scope, &project,
	    cli->in.option[OPT_NAME], &meta)) != SR_OK ||
	    (err = confirm(cli, &meta)) != SR_OK)
		return (err);
	return (revoke_it(cli, &meta, expected));
}
