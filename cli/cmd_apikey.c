#include "cli/cli.h"
#include "cli/disclosed.h"
#include "cli/list.h"
#include "cli/output.h"
#include "core/access/apikey.h"
#include "core/vault/policy.h"

/* What comes before the key, and after it. */
static enum sr_error
around_key(struct cli * cli, const struct api_key * key,
    struct redacted ** before, struct redacted ** after)
{
	struct compose * c = NULL;
	enum sr_error err;

	if (cli_json(cli)) {
		compose_lit(cli->out, "{\"id\":\"");
		compose_id(cli->out, &key->id);
		compose_lit(cli->out, "\",\"key\":\"");
	}
	if ((err = compose_finish(&cli->out, before)) != SR_OK ||
	    (err = compose_new(cli->redact, REDACT_UI, 64, &c)) != SR_OK)
		return (err);
	compose_constant(c, cli_json(cli) ? "\"}\n" : "\n");
	return (compose_finish(&c, after));
}

static enum sr_error
print_key(struct cli * cli, const struct api_key * key,
    const struct disclosed * token)
{
	struct redacted * before = NULL, * after = NULL;
	enum sr_error err;

	err = around_key(cli, key, &before, &after);
	if (err == SR_OK)
		err = disclosed_print(before, token, after);
	if (err == SR_OK)
		err = compose_new(cli->redact, REDACT_UI, CLI_OUTPUT_MAX,
		    &cli->out);
	redacted_free(&before);
	redacted_free(&after);
	return (err);
}

/** cmd_apikey_create(cli): make an API key, and print it once. */
enum sr_error
cmd_apikey_create(struct cli * cli)
{
	const struct api_key_request request = {
		.name = cli->in.option[OPT_NAME],
		.scopes = cli->in.option[OPT_SCOPE],
		.projects = cli->in.option[OPT_PROJECT],
		.expires_at = cli->in.option[OPT_EXPIRES],
	};
	struct disclosed * token = NULL;
	struct secret_complaint complaint = { NULL, NULL };
	struct api_key key;
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	err = api_key_create(&cli->store, &cli->actor, &request,
	    &complaint.field, &token, &key);
	if (err == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED)
		complaint.policy = POLICY_PLAINTEXT;
	if (err == SR_OK)
		err = print_key(cli, &key, token);
	else
		output_complaint(cli, &complaint);
	disclosed_free(&token);
	return (err);
}

/* Its scopes, as a list with commas or as the inside of a JSON array. */
static void
scopes(struct compose * c, unsigned bits, bool json)
{
	bool first = true;

	for (unsigned bit = 1; bit <= KEY_SCOPE_LAST; bit <<= 1) {
		if ((bits & bit) == 0)
			continue;
		if (!first)
			compose_constant(c, json ? "\",\"" : ",");
		compose_constant(c, key_scope_name((enum key_scope)bit));
		first = false;
	}
}

static void
key_text(struct compose * c, const struct api_key * key)
{

	compose_name(c, key->name);
	compose_lit(c, "\t");
	compose_constant(c, api_key_status_name(key, clock_now()));
	compose_lit(c, "\t");
	scopes(c, key->scopes, false);
	compose_constant(c, key->all_projects ? "\tall\t" : "\tsome\t");
	output_time(c, key->expires_at);
	compose_lit(c, "\t");
	output_time(c, key->last_used_at);
	compose_lit(c, "\t");
	compose_id(c, &key->id);
	compose_lit(c, "\n");
}

static void
key_json(struct compose * c, const struct api_key * key)
{

	compose_lit(c, "{\"id\":\"");
	compose_id(c, &key->id);
	compose_lit(c, "\",\"name\":\"");
	compose_name(c, key->name);
	compose_lit(c, "\",\"status\":\"");
	compose_constant(c, api_key_status_name(key, clock_now()));
	compose_lit(c, "\",\"scopes\":[\"");
	scopes(c, key->scopes, true);
	compose_constant(c, key->all_projects ? "\"],\"all_projects\":true," :
	    "\"],\"all_projects\":false,");
	compose_lit(c, "\"created_at\":");
	output_json_time(c, key->created_at);
	compose_lit(c, ",\"expires_at\":");
	output_json_time(c, key->expires_at);
	compose_lit(c, ",\"last_used_at\":");
	output_json_time(c, key->last_used_at);
	compose_lit(c, ",\"revoked_at\":");
	output_json_time(c, key->revoked_at);
	compose_lit(c, "}");
}

static enum sr_error
add_row(const struct api_key * key, void * cookie)
{
	struct list * l = cookie;

	list_row(l);
	if (cli_json(l->cli))
		key_json(l->cli->out, key);
	else
		key_text(l->cli->out, key);
	l->last = key->id;
	return (SR_OK);
}

static enum sr_error
page(struct list * l)
{

	return (api_key_list(l->cli->store.db, list_after(l), LIST_PAGE,
	    add_row, l));
}

/** cmd_apikey_list(cli): list the API keys, never the keys themselves. */
enum sr_error
cmd_apikey_list(struct cli * cli)
{
	struct list l = { .cli = cli, .page = page };
	enum sr_error err;

	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	if (!cli_json(cli))
		compose_lit(cli->out, "NAME\tSTATUS\tSCOPES\tPROJECTS\t"
		    "EXPIRES\tUSED\tID\n");
	return (list_print(&l));
}

/** cmd_apikey_revoke(cli): end an API key, at once. */
enum sr_error
cmd_apikey_revoke(struct cli * cli)
{
	struct compose * c = cli->out;
	struct api_key key;
	struct sr_id id;
	enum sr_error err;

	if (!sr_id_parse(cli->in.argument, &id))
		return (SR_E_API_KEY_NOT_FOUND);
	if ((err = cli_store(cli)) != SR_OK ||
	    (err = api_key_revoke(&cli->store, &cli->actor, &id, &key)) !=
	    SR_OK)
		return (err);
	if (cli_json(cli)) {
		key_json(c, &key);
		compose_lit(c, "\n");
		return (SR_OK);
	}
	compose_lit(c, "Revoked ");
	compose_name(c, key.name);
	compose_lit(c, ". It does not work any more.\n");
	return (SR_OK);
}
