#include <string.h>

#include "cli/cli.h"
#include "cli/disclosed.h"
#include "cli/input_secret.h"
#include "cli/output.h"
#include "core/access/account.h"
#include "core/audit/disclose.h"
#include "core/base/config.h"
#include "core/base/secbuf.h"
#include "core/keys/password.h"

static void
owner_made(struct cli * cli, const char * email, const struct sr_id * id)
{
	struct compose * c = cli->out;

	if (cli_json(cli)) {
		compose_lit(c, "{\"id\":\"");
		compose_id(c, id);
		compose_lit(c, "\",\"email\":\"");
		compose_name(c, email);
		compose_lit(c, "\"}\n");
		return;
	}
	compose_lit(c, "The owner's account was made for ");
	compose_name(c, email);
	compose_lit(c, ". Set-up is complete.\n");
}

/** cmd_owner_create(cli): make the owner's account. */
enum sr_error
cmd_owner_create(struct cli * cli)
{
	const char * email = cli->in.option[OPT_EMAIL];
	struct secbuf * password = NULL;
	struct sr_id id;
	enum sr_error err;

	/* Refuse before asking for a password. */
	if (!email_valid(email))
		return (SR_E_EMAIL_INVALID);
	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	err = input_secret(cli, ASK_TWICE, PASSWORD_MAX + 1, &password);
	if (err == SR_E_LIMIT_EXCEEDED)
		err = SR_E_PASSWORD_INVALID;
	if (err == SR_OK)
		err = owner_create(&cli->store, &cli->actor, NULL, email,
		    password,
		    (unsigned)config_number(cli->config, CFG_PASSWORD_COST),
		    &id);
	if (err == SR_OK)
		owner_made(cli, email, &id);
	secbuf_free(&password);
	return (err);
}

static void
owner_reset_told(struct cli * cli, const char * email, uint64_t sessions)
{
	struct compose * c = cli->out;

	if (cli_json(cli)) {
		compose_lit(c, "{\"email\":\"");
		compose_name(c, email);
		compose_lit(c, "\",\"sessions_ended\":");
		compose_u64(c, sessions);
		compose_lit(c, "}\n");
		return;
	}
	compose_lit(c, "The owner ");
	compose_name(c, email);
	compose_lit(c, " has a new password. Sessions that were ended: ");
	compose_u64(c, sessions);
	compose_lit(c, ".\n");
}

/** cmd_owner_reset(cli): give the owner a new password. */
enum sr_error
cmd_owner_reset(struct cli * cli)
{
	struct secbuf * password = NULL;
	char email[EMAIL_MAX + 1];
	uint64_t sessions;
	bool open = false;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = setup_open(cli->store.db, &open)) != SR_OK)
		return (err);
	/* Refuse before asking for a password. */
	if (open)
		return (SR_E_OWNER_MISSING);
	err = input_secret(cli, ASK_TWICE, PASSWORD_MAX + 1, &password);
	if (err == SR_E_LIMIT_EXCEEDED)
		err = SR_E_PASSWORD_INVALID;
	if (err == SR_OK)
		err = owner_reset(&cli->store, &cli->actor, password,
		    (unsigned)config_number(cli->config, CFG_PASSWORD_COST),
		    email, &sessions);
	if (err == SR_OK)
		owner_reset_told(cli, email, sessions);
	secbuf_free(&password);
	return (err);
}

/* Everything of the line but the token, which comes between the two. */
static enum sr_error
around_token(struct cli * cli, struct redacted ** before,
    struct redacted ** after)
{
	const char * url = config_text(cli->config, CFG_SITE_URL);
	struct compose * c = NULL;
	enum sr_error err;

	if (cli_json(cli))
		compose_lit(cli->out, "{\"url\":\"");
	output_own_text(cli, cli->out, url);
	compose_constant(cli->out, url[0] != '\0' &&
	    url[strlen(url) - 1] == '/' ? "setup?token=" : "/setup?token=");
	if ((err = compose_finish(&cli->out, before)) != SR_OK ||
	    (err = compose_new(cli->redact, REDACT_UI, 64, &c)) != SR_OK)
		return (err);
	compose_constant(c, cli_json(cli) ? "\"}\n" : "\n");
	return (compose_finish(&c, after));
}

/** cmd_owner_link(cli): print a one-time link to set up the owner's account. */
enum sr_error
cmd_owner_link(struct cli * cli)
{
	struct redacted * before = NULL, * after = NULL;
	struct disclosed * token = NULL;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = around_token(cli, &before, &after)) != SR_OK)
		goto out;
	err = setup_link(&cli->store, &cli->actor,
	    (unsigned)config_number(cli->config, CFG_SETUP_LINK_MINUTES),
	    &token);
	if (err == SR_OK)
		err = disclosed_print(before, token, after);
	if (err == SR_OK)
		err = compose_new(cli->redact, REDACT_UI, CLI_OUTPUT_MAX,
		    &cli->out);

out:
	disclosed_free(&token);
	redacted_free(&before);
	redacted_free(&after);
	return (err);
}
