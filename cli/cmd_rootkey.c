#include <errno.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "core/keys/keyring.h"

static bool
parse_version(const char * text, uint32_t * out)
{
	unsigned long long n;
	char * end;

	if (text == NULL)
		text = "1";
	errno = 0;
	n = strtoull(text, &end, 10);
	if (text[0] < '1' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    n > UINT32_MAX)
		return (false);
	*out = (uint32_t)n;
	return (true);
}

/* The file made, or added to. */
static enum sr_error
make_key(struct cli * cli, uint32_t * version)
{

	if (cli->in.option[OPT_ADD] != NULL)
		return (keyring_add_to_file(cli->in.argument, version));
	return (keyring_new_file(cli->in.argument, *version));
}

/** cmd_rootkey_new(cli): make a new root key, in a file. */
enum sr_error
cmd_rootkey_new(struct cli * cli)
{
	struct compose * c = cli->out;
	uint32_t version;
	enum sr_error err;

	if (cli->in.option[OPT_ADD] != NULL &&
	    cli->in.option[OPT_NUMBER] != NULL) {
		compose_lit(cli->note, "--add takes the next number itself");
		return (SR_E_USAGE);
	}
	if (!parse_version(cli->in.option[OPT_NUMBER], &version)) {
		compose_lit(cli->note, "--number is 1 to 4294967295");
		return (SR_E_USAGE);
	}
	err = make_key(cli, &version);
	if (err != SR_OK) {
		output_own_text(cli, cli->note, cli->in.argument);
		return (err);
	}
	if (cli_json(cli)) {
		compose_lit(c, "{\"version\":");
		compose_u64(c, version);
		compose_lit(c, "}\n");
		return (SR_OK);
	}
	compose_lit(c, "Root key version ");
	compose_u64(c, version);
	compose_lit(c, " is in ");
	output_own_text(cli, c, cli->in.argument);
	compose_lit(c, ". Keep a copy of it, apart from the copies of the "
	    "database:\nwithout it no stored value can be read.\n");
	if (cli->in.option[OPT_ADD] != NULL)
		compose_lit(c, "Nothing is wrapped under it yet. Send SIGHUP "
		    "to the workers, so that they read it,\nand run "
		    "`strongroom rootkey rotate`.\n");
	return (SR_OK);
}
