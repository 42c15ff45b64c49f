#ifndef SR_CLI_SECRET_ARGS_H
#define SR_CLI_SECRET_ARGS_H

/* The options that say which secret, and at which version. */

#include "core/vault/secret.h"

struct cli;

/**
 * secret_place(cli, scope, project):
 * The scope and project of the options, as the table has them; the name has its
 * grammar. Errors: SECRET_SCOPE_INVALID, SECRET_NAME_INVALID.
 */
SR_NODISCARD enum sr_error secret_place(struct cli * cli,
    enum secret_scope * scope, struct sr_id * project);

/**
 * secret_expect(cli, out):
 * --expect, 0 if it was not given. Errors: USAGE.
 */
SR_NODISCARD enum sr_error secret_expect(struct cli * cli, uint32_t * out);

#endif /* !SR_CLI_SECRET_ARGS_H */
