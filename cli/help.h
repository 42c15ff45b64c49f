#ifndef SR_CLI_HELP_H
#define SR_CLI_HELP_H

#include "cli/command.h"

struct compose;

/** help_usage(c, command): "strongroom secret put --scope SCOPE …". */
void help_usage(struct compose * c, enum command command);

/** help_group(c, first): a line for each command of the group of ${first}. */
void help_group(struct compose * c, enum command first);

#endif /* !SR_CLI_HELP_H */
