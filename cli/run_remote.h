#ifndef SR_CLI_RUN_REMOTE_H
#define SR_CLI_RUN_REMOTE_H

/* Kin of run_link_http.c: the values that a server's answer holds. */

#include "core/base/error.h"

struct run_env;
struct secbuf;

/**
 * run_remote_values(reply, key, env):
 * Each value becomes known to the gate under ${key}, and is taken by ${env}.
 * Errors: SERVER_REPLY_INVALID, those of run_env_take.
 */
SR_NODISCARD enum sr_error run_remote_values(struct secbuf * reply,
    const struct secbuf * key, struct run_env * env);

#endif /* !SR_CLI_RUN_REMOTE_H */
