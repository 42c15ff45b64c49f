#include "cli/cli.h"
#include "cli/disclosed.h"
#include "cli/list.h"
#include "cli/output.h"
#include "core/access/people.h"
#include "core/audit/disclose.h"
#include "core/base/config.h"
#include "core/vault/policy.h"

static const char *
status_of(const struct account * a)
{

	return (a->disabled_at == SR_TIME_NONE ? "active" : "disabled");
}

static void
account_json(struct compose * c, const struct account * a)
{

	compose_lit(c, "{\"id\":\"");
	compose_id(c, &a->id);
	compose_lit(c, "\",\"email\":");
	output_json_name(c, a->email);
	compose_lit(c, ",\"role\":\"");
	compose_constant(c, role_name(a->role));
	compose_lit(c, "\",\"status\":\"");
	compose_constant(c, a->disabled_at == SR_TIME_NONE ? "active" :
	    "disabled");
	compose_constant(c, a->factor ? "\",\"second_factor\":true," :
	    "\",\"second_factor\":false,");
	compose_lit(c, "\"created_at\":");
	output_json_time(c, a->created_at);
	compose_lit(c, "}");
}

static enum sr_error
account_row(const struct account * a, void * cookie)
{
	struct list * l = cookie;
	struct compose * c = l->cli->out;

	list_row(l);
	if (cli_json(l->cli)) {
		account_json(c, a);
		return (SR_OK);
	}
	compose_name(c, a->email);
	compose_lit(c, "\t");
	compose_constant(c, role_name(a->role));
	compose_lit(c, "\t");
	compose_constant(c, status_of(a));
	compose_constant(c, a->factor ? "\tyes\t" : "\tno\t");
	output_time(c, a->created_at);
	compose_lit(c, "\t");
	compose_id(c, &a->id);
	compose_lit(c, "\n");
	return (SR_OK);
}

static enum sr_error
invitation_row(const struct invitation * i, void * cookie)
{
	struct list * l = cookie;
	struct compose * c = l->cli->out;
	const bool json = cli_json(l->cli);

	list_row(l);
	compose_constant(c, json ? "{\"id\":\"" : "");
	if (json) {
		compose_id(c, &i->id);
		compose_lit(c, "\",\"email\":");
		output_json_name(c, i->email);
	} else {
		compose_name(c, i->email);
	}
	compose_constant(c, json ? ",\"role\":\"" : "\t");
	compose_constant(c, role_name(i->role));
	compose_constant(c, json ? "\",\"status\":\"invited\",\"expires_at\":"
	    : "\tinvited\tno\t");
	if (json) {
		output_json_time(c, i->expires_at);
	} else {
		output_time(c, i->created_at);
		compose_lit(c, "\t");
		compose_id(c, &i->id);
	}
	compose_constant(c, json ? "}" : "\n");
	return (SR_OK);
}

/* There are few of both: one page. */
static enum sr_error
page(struct list * l)
{
	enum sr_error err;

	err = account_list(l->cli->store.db, account_row, l);
	if (err == SR_OK)
		err = invitation_list(l->cli->store.db, invitation_row, l);
	l->rows = 0;
	return (err);
}

/** cmd_account_list(cli): list the accounts and the open invitations. */
enum sr_error
cmd_account_list(struct cli * cli)
{
	struct list l = { .cli = cli, .page = page };
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	if (!cli_json(cli))
		compose_lit(cli->out,
		    "EMAIL\tROLE\tSTATUS\tFACTOR\tCREATED\tID\n");
	return (list_print(&l));
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
	    url[strlen(url) - 1] == '/' ? "invitation?token=" :
	    "/invitation?token=");
	if ((err = compose_finish(&cli->out, before)) != SR_OK ||
	    (err = compose_new(cli->redact, REDACT_UI, 64, &c)) != SR_OK)
		return (err);
	compose_constant(c, cli_json(cli) ? "\"}\n" : "\n");
	return (compose_finish(&c, after));
}

static enum sr_error
print_link(struct cli * cli, const struct disclosed * token)
{
	struct redacted * before = NULL, * after = NULL;
	enum sr_error err;

	if ((err = around_token(cli, &before, &after)) == SR_OK)
		err = disclosed_print(before, token, after);
	if (err == SR_OK)
		err = compose_new(cli->redact, REDACT_UI, CLI_OUTPUT_MAX,
		    &cli->out);
	redacted_free(&before);
	redacted_free(&after);
	return (err);
}

/** cmd_account_invite(cli): invite somebody, and print the link once. */
enum sr_error
cmd_account_invite(struct cli * cli)
{
	struct secret_complaint complaint = { NULL, NULL };
	struct disclosed * token = NULL;
	struct invitation one;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	err = invitation_make(&cli->store, &cli->actor,
	    cli->in.option[OPT_EMAIL], cli->in.option[OPT_ROLE],
	    (unsigned)config_number(cli->config, CFG_ACCESS_INVITATION),
	    &complaint.field, &token, &one);
	if (err == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED)
		complaint.policy = POLICY_PLAINTEXT;
	if (err == SR_OK)
		err = print_link(cli, token);
	else
		output_complaint(cli, &complaint);
	disclosed_free(&token);
	return (err);
}

/* What is told is the account as it is now; of one that is gone, as it was. */
static enum sr_error
change(struct cli * cli, enum account_step step, const char * done)
{
	const char * email = cli->in.option[OPT_EMAIL];
	struct compose * c = cli->out;
	struct account a, was;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK ||
	    (err = account_find(cli->store.db, email, &a)) != SR_OK ||
	    (err = account_change(&cli->store, &cli->actor, step, &a.id,
	    cli->in.option[OPT_ROLE], &was)) != SR_OK)
		return (err);
	if (step != ACCOUNT_STEP_REMOVE &&
	    (err = account_find(cli->store.db, email, &a)) != SR_OK)
		return (err);
	if (cli_json(cli)) {
		account_json(c, &a);
		compose_lit(c, "\n");
		return (SR_OK);
	}
	compose_name(c, a.email);
	compose_constant(c, done);
	return (SR_OK);
}

/** cmd_account_role(cli): give an account another role. */
enum sr_error
cmd_account_role(struct cli * cli)
{

	return (change(cli, ACCOUNT_STEP_ROLE, " has the role now.\n"));
}

/** cmd_account_disable(cli): keep an account from signing in. */
enum sr_error
cmd_account_disable(struct cli * cli)
{

	return (change(cli, ACCOUNT_STEP_DISABLE,
	    " is disabled. Its sessions have ended.\n"));
}

/** cmd_account_enable(cli): let an account sign in again. */
enum sr_error
cmd_account_enable(struct cli * cli)
{

	return (change(cli, ACCOUNT_STEP_ENABLE, " can sign in again.\n"));
}

/** cmd_account_remove(cli): remove an account. */
enum sr_error
cmd_account_remove(struct cli * cli)
{

	return (change(cli, ACCOUNT_STEP_REMOVE, " is removed.\n"));
}

/** cmd_account_reset_factor(cli): take an account's second factor away. */
enum sr_error
cmd_account_reset_factor(struct cli * cli)
{

	return (change(cli, ACCOUNT_STEP_RESET_FACTOR,
	    " has no second factor now. Its sessions have ended.\n"));
}
