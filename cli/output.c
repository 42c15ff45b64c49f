#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/output.h"
#include "core/vault/policy.h"

/** output_own_text(cli, c, text): the operator's own text, after the rules. */
void
output_own_text(struct cli * cli, struct compose * c, const char * text)
{
	struct redacted * passed = NULL;

	if (redact_rules_text(cli->redact, text, strlen(text), NULL,
	    &passed) == SR_OK)
		compose_redacted(c, passed);
	else
		compose_lit(c, REDACT_SUPPRESSED);
	redacted_free(&passed);
}

/** output_time(c, t): a time, or "never". */
void
output_time(struct compose * c, sr_time t)
{

	if (t == SR_TIME_NONE)
		compose_lit(c, "never");
	else
		compose_time(c, t);
}

/** output_json_time(c, t): "2026-…", or null. */
void
output_json_time(struct compose * c, sr_time t)
{

	if (t == SR_TIME_NONE) {
		compose_lit(c, "null");
		return;
	}
	compose_lit(c, "\"");
	compose_time(c, t);
	compose_lit(c, "\"");
}

/** output_json_name(c, name): "name" through the gate, or null for "". */
void
output_json_name(struct compose * c, const char * name)
{

	if (name[0] == '\0') {
		compose_lit(c, "null");
		return;
	}
	compose_lit(c, "\"");
	compose_name(c, name);
	compose_lit(c, "\"");
}

/** output_complaint(cli, complaint): which field, and which policy. */
void
output_complaint(struct cli * cli, const struct secret_complaint * complaint)
{

	if (complaint->field == NULL)
		return;
	compose_lit(cli->note, "field: ");
	compose_name(cli->note, complaint->field);
	if (complaint->policy != NULL) {
		compose_lit(cli->note, ", policy: ");
		compose_name(cli->note, complaint->policy);
	}
}

/*
 * strongroom: <title>: <what happened>
 *   <note>
 * <remedy> (<name>)
 */
static void
compose_error(struct compose * c, enum sr_error err,
    const struct redacted * note)
{

	compose_lit(c, "strongroom: ");
	compose_constant(c, sr_error_row(err)->title);
	compose_lit(c, ": ");
	compose_constant(c, sr_error_row(err)->detail);
	compose_lit(c, "\n");
	if (note != NULL && redacted_len(note) != 0) {
		compose_lit(c, "  ");
		compose_redacted(c, note);
		compose_lit(c, "\n");
	}
	compose_constant(c, sr_error_row(err)->remedy);
	compose_lit(c, " (");
	compose_constant(c, sr_error_row(err)->name);
	compose_lit(c, ")\n");
}

/** output_error(cli, err): to standard error; the exit code. */
int
output_error(struct cli * cli, enum sr_error err)
{
	struct redacted * note = NULL, * text = NULL;
	struct compose * c = NULL;

	if (cli->quiet)
		return (sr_error_row(err)->exit_code);
	if (cli->note != NULL && compose_finish(&cli->note, &note) != SR_OK)
		must(note == NULL);
	if (compose_new(NULL, REDACT_UI, CLI_OUTPUT_MAX, &c) == SR_OK) {
		compose_error(c, err, note);
		if (compose_finish(&c, &text) == SR_OK &&
		    redacted_write(sr_console(), text) != SR_OK)
			/* The exit code says it as well. */
			must(text != NULL);
	}
	redacted_free(&text);
	redacted_free(&note);
	return (sr_error_row(err)->exit_code);
}

/** output_usage(cli, complaint): what is wrong, and the usage. */
void
output_usage(struct cli * cli, const struct command_complaint * complaint)
{

	if (complaint->title == NULL)
		return;
	if (complaint->option != OPT__MAX) {
		compose_lit(cli->note, "--");
		compose_constant(cli->note,
		    option_row(complaint->option)->name);
		compose_lit(cli->note, " ");
	}
	if (complaint->unknown[0] != '\0') {
		output_own_text(cli, cli->note, complaint->unknown);
		compose_lit(cli->note, " ");
	}
	compose_constant(cli->note, complaint->title);
	if (complaint->group != CMD__MAX) {
		compose_lit(cli->note, "\n");
		help_group(cli->note, complaint->group);
	}
	if (complaint->command == CMD__MAX)
		return;
	compose_lit(cli->note, "\n  usage: ");
	help_usage(cli->note, complaint->command);
}
