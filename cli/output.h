#ifndef SR_CLI_OUTPUT_H
#define SR_CLI_OUTPUT_H

/* Forms of output that several commands share. */

#include "core/base/clock.h"
#include "core/base/error.h"

struct cli;
struct command_complaint;
struct compose;
struct secret_complaint;

/**
 * output_own_text(cli, c, text):
 * A text that is the operator's own or made of it, such as a path that was
 * typed: shown in every state of the redactor, after its rules.
 */
void output_own_text(struct cli * cli, struct compose * c, const char * text);

/** output_time(c, t): a time, or "never". */
void output_time(struct compose * c, sr_time t);

/** output_json_time(c, t): "2026-…", or null. */
void output_json_time(struct compose * c, sr_time t);

/** output_json_name(c, name): "name" through the gate, or null for "". */
void output_json_name(struct compose * c, const char * name);

/**
 * output_complaint(cli, complaint): into the note: which field was refused,
 * and by which policy.
 */
void output_complaint(struct cli * cli,
    const struct secret_complaint * complaint);

/** output_error(cli, err): to standard error; the exit code. */
int output_error(struct cli * cli, enum sr_error err);

/**
 * output_usage(cli, complaint): into the note: what is wrong, and the usage.
 */
void output_usage(struct cli * cli, const struct command_complaint * complaint);

#endif /* !SR_CLI_OUTPUT_H */
