#include <sys/mman.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/disclosed.h"
#include "cli/run_env.h"
#include "core/log/log.h"

/* A key for this program's API is for this program. */
#define OWN_KEY		"STRONGROOM_API_KEY"

struct resolving {
	struct cli * cli;
	struct run_env * env;
	bool missing;
};

/* Each variable without a value, in one note. */
static void
name_missing(struct resolving * r, const char * variable, enum sr_error err)
{

	compose_constant(r->cli->note, r->missing ? ", " : "without a value: ");
	compose_name(r->cli->note, variable);
	compose_lit(r->cli->note, " (");
	compose_constant(r->cli->note, sr_error_row(err)->name);
	compose_lit(r->cli->note, ")");
	r->missing = true;
}

/* A failure of one value, and not of whoever gives them. */
static bool
of_the_value(enum sr_error err)
{

	return (err == SR_E_PROVIDER_SECRET_UNAVAILABLE ||
	    err == SR_E_PROVIDER_SECRET_RESOLUTION_FAILED ||
	    err == SR_E_SECRET_NOT_FOUND || err == SR_E_SECRET_REVOKED ||
	    err == SR_E_SECRET_EXPIRED);
}

static enum sr_error
take_value(const struct binding * binding, const struct run_source * source,
    enum sr_error err, struct disclosed ** value, void * cookie)
{
	struct resolving * r = cookie;
	struct run_env * env = r->env;

	(void)source;
	if (err != SR_OK && !of_the_value(err))
		return (err);
	if (err != SR_OK) {
		name_missing(r, binding->variable, err);
		return (SR_OK);
	}
	if (env->n == RUN_ENV_MAX)
		return (SR_E_LIMIT_EXCEEDED);
	/* What is not known is not masked: better not started. */
	if (!disclosed_masked(r->cli->redact, *value)) {
		compose_lit(r->cli->note, "variable: ");
		compose_name(r->cli->note, binding->variable);
		return (SR_E_RUN_VALUE_UNKNOWN);
	}
	(void)snprintf(env->variable[env->n], sizeof(env->variable[0]), "%s",
	    binding->variable);
	env->value[env->n++] = *value;
	*value = NULL;
	return (SR_OK);
}

/** run_env_resolve(cli, asking, env): the values of the run's bindings. */
enum sr_error
run_env_resolve(struct cli * cli, const struct run_asking * asking,
    struct run_env * env)
{
	struct resolving r = { .cli = cli, .env = env };
	enum sr_error err;

	if ((err = run_values(asking, take_value, &r)) != SR_OK)
		return (err);
	if (r.missing && cli->in.option[OPT_ALLOW_MISSING] == NULL)
		return (SR_E_RUN_VALUE_MISSING);
	return (SR_OK);
}

/* Whether ${entry}, NAME=VALUE, is of a variable that is bound, or ours. */
static bool
replaced(const struct run_env * env, const char * entry)
{
	size_t i, len = strcspn(entry, "=");

	if (len == strlen(OWN_KEY) && strncmp(entry, OWN_KEY, len) == 0)
		return (true);
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
		    disclosed_len(env->value[i]) + 1;
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
		disclosed_copy(env->value[i], to);
		to += disclosed_len(env->value[i]);
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
		disclosed_free(&env->value[i]);
	env->n = 0;
	if (env->map != NULL) {
		explicit_bzero(env->map, env->map_len);
		(void)munmap(env->map, env->map_len);
	}
	env->map = NULL;
	env->envp = NULL;
}
