#include <stdlib.h>

#include "cli/cli.h"
#include "cli/run_link.h"

#define SERVER	"STRONGROOM_SERVER"

/** run_link_new(cli, out): of a server, or of the database. */
enum sr_error
run_link_new(struct cli * cli, struct run_link ** out)
{
	const char * address = cli->in.option[OPT_SERVER];

	*out = NULL;
	if (address == NULL)
		address = getenv(SERVER);
	if (address != NULL && address[0] != '\0')
		return (run_link_http(cli, address, out));
	if (cli->in.option[OPT_CAFILE] != NULL ||
	    cli->in.option[OPT_BUNDLE] != NULL ||
	    cli->in.option[OPT_SERVER] != NULL) {
		compose_lit(cli->note, "--cafile and --bundle go with a server "
		    "(--server, STRONGROOM_SERVER)");
		return (SR_E_USAGE);
	}
	return (run_link_store(cli, out));
}

/** run_link_free(link): *link becomes NULL; may be NULL. */
void
run_link_free(struct run_link ** link)
{

	if (*link != NULL)
		(*link)->row->free(*link);
	*link = NULL;
}

/** run_link_passing(err): what may go well another time. */
bool
run_link_passing(enum sr_error err)
{

	return (err == SR_E_RUN_UNAVAILABLE ||
	    err == SR_E_TRANSACTION_CONFLICT ||
	    err == SR_E_COMMIT_OUTCOME_UNKNOWN ||
	    err == SR_E_DATABASE_UNAVAILABLE ||
	    err == SR_E_SERVER_UNAVAILABLE);
}

/** run_link_denied(err): who runs it is not let in (any more). */
bool
run_link_denied(enum sr_error err)
{
	int status;

	if (err == SR_OK)
		return (false);
	status = sr_error_row(err)->status;
	return (status == 401 || status == 403);
}

/** run_link_event(to): the event that a run ends with. */
const char *
run_link_event(enum run_status to)
{
	static const char * const types[RUN_STATUS__MAX] = {
		[RUN_COMPLETED] = "run_completed", [RUN_FAILED] = "run_failed",
		[RUN_CANCELLED] = "run_cancelled" };

	must(to < RUN_STATUS__MAX && types[to] != NULL);
	return (types[to]);
}
