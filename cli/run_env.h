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

#include "core/runs/project.h"

struct cli;
struct secbuf;

#define RUN_ENV_MAX	256		/* As many as a project binds. */

struct run_env {
	struct cli * cli;
	bool missing;			/* A binding has no value. */
	size_t n;
	char variable[RUN_ENV_MAX][BINDING_VARIABLE_MAX + 1];
	struct secbuf * value[RUN_ENV_MAX];	/* Owned. */
	char * map;			/* The variables, and the list. */
	size_t map_len;
	char ** envp;			/* Within it; NULL: not made. */
};

/**
 * run_env_take(env, variable, value): the value of a binding, which the gate
 * of env->cli has to know; takes *value over. Errors: LIMIT_EXCEEDED,
 * RUN_VALUE_UNKNOWN (what is not masked is not given to a command).
 */
SR_NODISCARD enum sr_error run_env_take(struct run_env * env,
    const char * variable, struct secbuf ** value);

/** run_env_lacks(env, variable, why): it has none; env->cli's note says so. */
void run_env_lacks(struct run_env * env, const char * variable,
    const char * why);

/**
 * run_env_complete(env): no more comes. Errors: RUN_VALUE_MISSING (unless
 * --allow-missing).
 */
SR_NODISCARD enum sr_error run_env_complete(const struct run_env * env);

/**
 * run_env_make(env): the list for the child; right before it is made. Errors:
 * COMMAND_NOT_STARTED (no locked memory).
 */
SR_NODISCARD enum sr_error run_env_make(struct run_env * env);

/** run_env_wipe(env): the values are gone from this process. */
void run_env_wipe(struct run_env * env);

#endif /* !SR_CLI_RUN_ENV_H */
