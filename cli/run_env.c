#include <sys/mman.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run_env.h"
#include "core/base/secbuf_bytes.h"
#include "core/base/stack.h"
#include "core/log/log.h"

/* A key for this program's API is for this program, and so is its file. */
static const char * const own[] = { "STRONGROOM_API_KEY",
    "STRONGROOM_API_KEY_FILE" };

/** run_env_lacks(env, variable, why): each without a value, in one note. */
void
run_env_lacks(struct run_env * env, const char * variable, const char * why)
{
	struct compose * note = env->cli->note;

	compose_constant(note, env->missing ? ", " : "without a value: ");
	compose_name(note, variable);
	compose_lit(note, " (");
	compose_name(note, why);
	compose_lit(note, ")");
	env->missing = true;
}

/* Whether it would be masked where it stands in a text as it is. */
static bool
masked(struct redact * r, const struct secbuf * value)
{
	struct redact_hits hits;
	bool is;

	is = redact_scan(r, REDACT_PUBSUB, (const char *)secbuf_bytes(value),
	    secbuf_len(value), &hits) == SR_OK && hits.known != 0;
	stack_wipe();
	return (is);
}

/** run_env_take(env, variable, value): takes *value over. */
enum sr_error
run_env_take(struct run_env * env, const char * variable,
    struct secbuf ** value)
{

	if (env->n == RUN_ENV_MAX || strlen(variable) > BINDING_VARIABLE_MAX) {
		secbuf_free(value);
		return (SR_E_LIMIT_EXCEEDED);
	}
	/* What is not known is not masked: better not started. */
	if (!masked(env->cli->redact, *value)) {
		compose_lit(env->cli->note, "variable: ");
		compose_name(env->cli->note, variable);
		secbuf_free(value);
		return (SR_E_RUN_VALUE_UNKNOWN);
	}
	(void)snprintf(env->variable[env->n], sizeof(env->variable[0]), "%s",
	    variable);
	env->value[env->n++] = *value;
	*value = NULL;
	return (SR_OK);
}

/** run_env_complete(env): no more comes. */
enum sr_error
run_env_complete(const struct run_env * env)
{

	return (env->missing && env->cli->in.option[OPT_ALLOW_MISSING] ==
	    NULL ? SR_E_RUN_VALUE_MISSING : SR_OK);
}

/* Whether ${entry}, NAME=VALUE, is of a variable that is bound, or ours. */
static bool
replaced(const struct run_env * env, const char * entry)
{
	size_t i, len = strcspn(entry, "=");

	for (i = 0; i < COUNTOF(own); i++) {
		if (len == strlen(own[i]) && strncmp(entry, own[i], len) == 0)
			return (true);
	}
	for (i = 0; i < env->n; i++) {
		if (strlen(env->variable[i]) == len &&
		    strncmp(env->variable[i], entry, len) == 0)
			return (true);
	}
	return (false);
}

static size_t
count_environ(void)
{
	size_t n = 0;

	while (environ != NULL && environ[n] != NULL)
		n++;
	return (n);
}

static size_t
room(const struct run_env * env)
{
	size_t i, len = (count_environ() + env->n + 1) * sizeof(char *);

	for (i = 0; i < env->n; i++)
		len += strlen(env->variable[i]) + 1 +
		    secbuf_len(env->value[i]) + 1;
	return (len);
}

static void
fill(struct run_env * env)
{
	size_t i, n = 0, ours = count_environ(), len;
	char * to;

	env->envp = (char **)(void *)env->map;
	to = &env->map[(ours + env->n + 1) * sizeof(char *)];
	for (i = 0; i < ours; i++) {
		if (!replaced(env, environ[i]))
			env->envp[n++] = environ[i];
	}
	for (i = 0; i < env->n; i++) {
		env->envp[n++] = to;
		len = strlen(env->variable[i]);
		memcpy(to, env->variable[i], len);
		to += len;
		*to++ = '=';
		memcpy(to, secbuf_bytes(env->value[i]),
		    secbuf_len(env->value[i]));
		to += secbuf_len(env->value[i]);
		*to++ = '\0';
	}
	env->envp[n] = NULL;
}

/** run_env_make(env): the list for the child. */
enum sr_error
run_env_make(struct run_env * env)
{
	void * map;

	env->map_len = room(env);
	map = mmap(NULL, env->map_len, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return (SR_E_COMMAND_NOT_STARTED);
	env->map = map;
	if (madvise(map, env->map_len, MADV_DONTDUMP) != 0 ||
	    mlock(map, env->map_len) != 0)
		return (sr_fail(SR_E_COMMAND_NOT_STARTED,
		    log_const("refused", "mlock")));
	fill(env);
	return (SR_OK);
}

/** run_env_wipe(env): the values are gone from this process. */
void
run_env_wipe(struct run_env * env)
{
	size_t i;

	for (i = 0; i < env->n; i++)
		secbuf_free(&env->value[i]);
	env->n = 0;
	if (env->map != NULL) {
		explicit_bzero(env->map, env->map_len);
		(void)munmap(env->map, env->map_len);
	}
	env->map = NULL;
	env->envp = NULL;
}
