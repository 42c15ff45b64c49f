#include "cli/cli.h"
#include "cli/audit_filter.h"

/** audit_filter_options(cli, out): the filter of the options. */
enum sr_error
audit_filter_options(struct cli * cli, struct audit_filter * out)
{
	const struct audit_filter_text text = {
		.from = cli->in.option[OPT_FROM],
		.to = cli->in.option[OPT_TO],
		.actor = cli->in.option[OPT_ACTOR],
		.action = cli->in.option[OPT_ACTION],
		.outcome = cli->in.option[OPT_OUTCOME],
		.secret = cli->in.option[OPT_SECRET],
	};
	const char * field;
	enum sr_error err;

	if ((err = audit_filter_parse(&text, out, &field)) != SR_OK) {
		compose_lit(cli->note, "--");
		compose_constant(cli->note, field);
	}
	return (err);
}

/** option_number(cli, option, least, most, out): Errors: USAGE. */
enum sr_error
option_number(struct cli * cli, enum command_option option, uint64_t least,
    uint64_t most, uint64_t * out)
{
	const char * text = cli->in.option[option];
	uint64_t n = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 19; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	*out = n;
	if (i > 0 && text[i] == '\0' && n >= least && n <= most)
		return (SR_OK);
	compose_lit(cli->note, "--");
	compose_constant(cli->note, option_row(option)->name);
	compose_lit(cli->note, " is a number from ");
	compose_u64(cli->note, least);
	compose_lit(cli->note, " to ");
	compose_u64(cli->note, most);
	return (SR_E_USAGE);
}
