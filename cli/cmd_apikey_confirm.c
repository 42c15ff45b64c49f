#include "cli/cli.h"
#include "cli/output.h"
#include "core/access/apikey.h"

static enum sr_error
confirm_all(struct cli * cli)
{
	enum sr_error err, flushed;
	uint64_t n = 0;

	err = api_key_confirm_all(&cli->store, &cli->actor, &n);
	if (err != SR_OK && n == 0)
		return (err);
	if (cli_json(cli)) {
		compose_lit(cli->out, "{\"confirmed\":");
		compose_u64(cli->out, n);
		compose_lit(cli->out, "}\n");
	} else {
		compose_u64(cli->out, n);
		compose_lit(cli->out, " API keys work again.\n");
	}
	/* Those that are confirmed are told beside an error too. */
	flushed = cli_flush(cli);
	return (err != SR_OK ? err : flushed);
}

static enum sr_error
confirm_one(struct cli * cli)
{
	struct compose * c = cli->out;
	struct api_key key;
	struct sr_id id;
	enum sr_error err;

	if (!sr_id_parse(cli->in.argument, &id))
		return (SR_E_API_KEY_NOT_FOUND);
	if ((err = api_key_confirm(&cli->store, &cli->actor, &id, &key)) !=
	    SR_OK)
		return (err);
	if (cli_json(cli)) {
		compose_lit(c, "{\"confirmed\":1,\"id\":\"");
		compose_id(c, &id);
		compose_lit(c, "\"}\n");
		return (SR_OK);
	}
	compose_name(c, key.name);
	compose_lit(c, " works again.\n");
	return (SR_OK);
}

/** cmd_apikey_confirm(cli): keys that a restore holds. */
enum sr_error
cmd_apikey_confirm(struct cli * cli)
{
	const bool all = cli->in.option[OPT_ALL] != NULL;
	enum sr_error err;

	if (all == (cli->in.argument != NULL)) {
		compose_lit(cli->note, "name a key by its id, or give --all");
		return (SR_E_USAGE);
	}
	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	return (all ? confirm_all(cli) : confirm_one(cli));
}
