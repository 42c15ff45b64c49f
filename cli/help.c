#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"

static bool
takes(uint64_t set, size_t option)
{

	return ((set & UINT64_C(1) << option) != 0);
}

static void
usage_option(struct compose * c, size_t i, bool required)
{
	enum command_option o = (enum command_option)i;

	compose_constant(c, required ? " --" : " [--");
	compose_constant(c, option_row(o)->name);
	if (option_row(o)->key != NULL) {
		compose_lit(c, " ");
		compose_constant(c, option_row(o)->key);
	}
	compose_constant(c, required ? "" : "]");
}

/** help_usage(c, command): "strongroom secret put --scope SCOPE …". */
void
help_usage(struct compose * c, enum command command)
{
	size_t i;

	compose_lit(c, "strongroom ");
	compose_constant(c, command_row(command)->name);
	for (i = 0; i < OPT__MAX; i++) {
		if (takes(command_row(command)->required, i))
			usage_option(c, i, true);
	}
	for (i = 0; i < OPT__MAX; i++) {
		if (takes(command_row(command)->optional, i))
			usage_option(c, i, false);
	}
	if (command_row(command)->key != NULL) {
		compose_lit(c, " ");
		compose_constant(c, command_row(command)->key);
	}
}

static void
spaces(struct compose * c, size_t n)
{

	while (n-- > 0)
		compose_lit(c, " ");
}

static void
option_line(struct compose * c, size_t i)
{
	enum command_option o = (enum command_option)i;
	size_t width = 4 + strlen(option_row(o)->name);

	compose_lit(c, "  --");
	compose_constant(c, option_row(o)->name);
	if (option_row(o)->key != NULL) {
		compose_lit(c, " ");
		compose_constant(c, option_row(o)->key);
		width += 1 + strlen(option_row(o)->key);
	}
	spaces(c, width < 20 ? 20 - width : 2);
	compose_constant(c, option_row(o)->help);
	compose_lit(c, "\n");
}

static void
command_line(struct compose * c, enum command id)
{

	compose_lit(c, "  ");
	compose_constant(c, command_row(id)->name);
	spaces(c, 18 - strlen(command_row(id)->name));
	compose_constant(c, command_row(id)->help);
	compose_lit(c, "\n");
}

/** help_group(c, first): a line for each command of the group of ${first}. */
void
help_group(struct compose * c, enum command first)
{
	size_t i;

	for (i = 0; i < CMD__MAX; i++) {
		if (command_grouped(first, (enum command)i))
			command_line(c, (enum command)i);
	}
}

static void
about_group(struct compose * c, enum command first)
{

	compose_lit(c, "usage: strongroom COMMAND [OPTION...]\n\nCommands\n");
	help_group(c, first);
	compose_lit(c, "\n`strongroom help COMMAND` says more about one of "
	    "them.\n");
}

static void
about_all(struct compose * c)
{
	size_t i;

	compose_lit(c, "usage: strongroom COMMAND [OPTION...]\n\nCommands\n");
	for (i = 0; i < CMD__MAX; i++)
		command_line(c, (enum command)i);
	compose_lit(c, "\nOptions of all commands\n");
	option_line(c, OPT_CONFIG);
	option_line(c, OPT_VERBOSE);
	option_line(c, OPT_HELP);
	option_line(c, OPT_VERSION);
	compose_lit(c, "\nSettings of the environment, STRONGROOM_..., go "
	    "before those of the file.");
	compose_lit(c, "\nValues and passwords are read from standard input, "
	    "never from the command line.\n\nExit codes\n");
	for (i = 0; exit_row(i) != NULL; i++) {
		compose_lit(c, "  ");
		compose_u64(c, (uint64_t)exit_row(i)->code);
		spaces(c, exit_row(i)->code < 10 ? 17 : 16);
		compose_constant(c, exit_row(i)->help);
		compose_lit(c, "\n");
	}
	compose_lit(c, "\nEach error is also named on standard error; "
	    "its page is /errors/NAME.\n");
}

static void
about_one(struct compose * c, enum command command)
{
	uint64_t set = command_row(command)->required |
	    command_row(command)->optional;
	size_t i;

	compose_lit(c, "usage: ");
	help_usage(c, command);
	compose_lit(c, "\n\nstrongroom ");
	compose_constant(c, command_row(command)->name);
	compose_lit(c, ": ");
	compose_constant(c, command_row(command)->help);
	compose_lit(c, ".\n");
	compose_constant(c, command_row(command)->detail);
	compose_lit(c, "\nOptions\n");
	for (i = 0; i < OPT__MAX; i++) {
		if (takes(set, i) || i == OPT_CONFIG || i == OPT_VERBOSE ||
		    i == OPT_HELP)
			option_line(c, i);
	}
}

/** cmd_help(cli): help about all commands, or about one. */
enum sr_error
cmd_help(struct cli * cli)
{
	size_t i;

	if (cli->in.group != CMD__MAX) {
		about_group(cli->out, cli->in.group);
		return (SR_OK);
	}
	for (i = 0; i < CMD__MAX; i++) {
		if (cli->in.argument == command_row((enum command)i)->name) {
			about_one(cli->out, (enum command)i);
			return (SR_OK);
		}
	}
	about_all(cli->out);
	return (SR_OK);
}
