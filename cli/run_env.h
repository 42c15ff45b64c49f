#ifndef SR_CLI_RUN_ENV_H
#define SR_CLI_RUN_ENV_H

/*
 * The environment of a command: ours, with the values that the project binds.
 *
 * A secbuf is not there in a child, on purpose. So the variables with values
 * are written into one mapping that is locked, left out of core dumps and
 * shared with the child, for the moment between fork and exec alone: the child
 * reads its envp right out of it, and what wipes it wipes it for both. A pipe
 * or a memfd would leave copies in pages of the kernel that nobody wipes.
 */

#include "core/runs/credential.h"

struct cli;

#define RUN_ENV_MAX	256		/* As many as a project binds. */

struct run_env {
	size_t n;
	char variable[RUN_ENV_MAX][BINDING_VARIABLE_MAX + 1];
	struct disclosed * value[RUN_ENV_MAX];	/* Owned. */
	char * map;			/* The variables, and the list. */
	size_t map_len;
	char ** envp;			/* Within it; NULL: not made. */
};

/**
 * run_env_resolve(cli, asking, env): the values of the run's bindings, each
 * after its audit row; ${cli}'s note says which variable has none. Errors:
 * RUN_VALUE_MISSING (unless --allow-missing), RUN_VALUE_UNKNOWN, those of
 * run_values.
 */
SR_NODISCARD enum sr_error run_env_resolve(struct cli * cli,
    const struct run_asking * asking, struct run_env * env);

/**
 * run_env_make(env): the list for the child; right before it is made. Errors:
 * COMMAND_NOT_STARTED (no locked memory).
 */
SR_NODISCARD enum sr_error run_env_make(struct run_env * env);

/** run_env_wipe(env): the values are gone from this process. */
void run_env_wipe(struct run_env * env);

#endif /* !SR_CLI_RUN_ENV_H */
