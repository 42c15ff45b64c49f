#include <errno.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/secret_args.h"

/** secret_place(cli, scope, project): the scope and project of the options. */
enum sr_error
secret_place(struct cli * cli, enum secret_scope * scope,
    struct sr_id * project)
{
	const char * text = cli->in.option[OPT_PROJECT];

	*project = sr_id_nil;
	if (!secret_scope_parse(cli->in.option[OPT_SCOPE], scope))
		return (SR_E_SECRET_SCOPE_INVALID);
	if ((*scope == SCOPE_PROJECT) != (text != NULL))
		return (SR_E_SECRET_SCOPE_INVALID);
	if (text != NULL && !sr_id_parse(text, project))
		return (SR_E_SECRET_SCOPE_INVALID);
	if (!policy_name(cli->in.option[OPT_NAME]))
		return (SR_E_SECRET_NAME_INVALID);
	return (SR_OK);
}

/** secret_expect(cli, out): --expect, 0 if it was not given. */
enum sr_error
secret_expect(struct cli * cli, uint32_t * out)
{
	const char * text = cli->in.option[OPT_EXPECT];
	unsigned long n;
	char * end;

	*out = 0;
	if (text == NULL)
		return (SR_OK);
	errno = 0;
	n = strtoul(text, &end, 10);
	if (text[0] < '1' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    n > UINT32_MAX) {
		compose_lit(cli->note, "--expect is 1 to 4294967295");
		return (SR_E_USAGE);
	}
	*out = (uint32_t)n;
	return (SR_OK);
}
