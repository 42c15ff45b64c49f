#include <string.h>

#include "cli/cli.h"
#include "core/runs/project.h"

/** cmd_project_binary(cli): may its runs keep what is no text? */
enum sr_error
cmd_project_binary(struct cli * cli)
{
	const char * said = cli->in.more[0];
	const bool allow = strcmp(said, "yes") == 0;
	struct project p;
	enum sr_error err;

	if (!allow && strcmp(said, "no") != 0) {
		compose_lit(cli->note, "say yes or no");
		return (SR_E_USAGE);
	}
	if ((err = cli_store(cli)) != SR_OK)
		return (err);
	if (!sr_id_parse(cli->in.argument, &p.id) && (err = project_by_slug(
	    cli->store.db, cli->in.argument, &p)) != SR_OK)
		return (err);
	if ((err = project_allow_binary(&cli->store, &cli->actor, &p.id, allow,
	    &p)) != SR_OK)
		return (err);
	if (cli_json(cli)) {
		compose_lit(cli->out, "{\"id\":\"");
		compose_id(cli->out, &p.id);
		compose_constant(cli->out, p.binary_artifacts ?
		    "\",\"binary_artifacts\":true}\n" :
		    "\",\"binary_artifacts\":false}\n");
	} else {
		compose_constant(cli->out, p.binary_artifacts ?
		    "its runs may keep what is no text\n" :
		    "its runs may keep text alone\n");
	}
	return (SR_OK);
}
