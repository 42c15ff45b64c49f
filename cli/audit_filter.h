#ifndef SR_CLI_AUDIT_FILTER_H
#define SR_CLI_AUDIT_FILTER_H

#include "core/audit/query.h"

struct cli;

/**
 * audit_filter_options(cli, out):
 * The filter of the options. Errors: AUDIT_FILTER_INVALID, with the option in
 * the note.
 */
SR_NODISCARD enum sr_error audit_filter_options(struct cli * cli,
    struct audit_filter * out);

/** option_number(cli, option, least, most, out): Errors: USAGE. */
SR_NODISCARD enum sr_error option_number(struct cli * cli,
    enum command_option option, uint64_t least, uint64_t most,
    uint64_t * out);

#endif /* !SR_CLI_AUDIT_FILTER_H */
