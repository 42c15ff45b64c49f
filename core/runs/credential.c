#include <string.h>

#include "core/log/log.h"
#include "core/runs/credential.h"
#include "core/runs/runs_internal.h"
#include "core/vault/environment.h"
#include "core/vault/provider_status.h"
#include "core/vault/resolve.h"

#define MINUTE	(60 * SR_SECOND)

/* A run that goes on; asking is a sign of life. */
static enum sr_error
living_run(const struct run_asking * a, struct run * run)
{
	enum sr_error err;

	if ((err = run_show(a->store->db, &a->run_id, run)) != SR_OK ||
	    (err = runs_living(run)) != SR_OK)
		return (err);
	return (run_beat(a->store, &a->run_id, a->lease_minutes));
}

/* What it is called that there is no value, to who wanted a credential. */
static enum sr_error
source_error(enum sr_error err)
{

	if (err == SR_E_SECRET_NOT_FOUND || err == SR_E_SECRET_REVOKED ||
	    err == SR_E_SECRET_EXPIRED)
		return (SR_E_PROVIDER_SECRET_UNAVAILABLE);
	if (err == SR_E_SECRET_ENCRYPTION_UNAVAILABLE ||
	    err == SR_E_SECRET_ENCRYPTION_FAILED ||
	    err == SR_E_ROOT_KEY_MISMATCH ||
	    err == SR_E_SECRET_METADATA_UNAVAILABLE)
		return (SR_E_PROVIDER_SECRET_RESOLUTION_FAILED);
	return (err);
}

static struct resolve_run
resolve_of(const struct run_asking * a)
{

	return ((struct resolve_run){ .actor = a->actor, .run_id = a->run_id,
	    .until = clock_now() + (sr_time)a->lease_minutes * MINUTE });
}

/* From the environment if it is set there, else the version that is held. */
static enum sr_error
resolve(const struct run_asking * a, const char * variable,
    const struct sr_id * secret_id, const char * name,
    struct run_source * source, struct disclosed ** out)
{
	const struct resolve_run run = resolve_of(a);

	*out = NULL;
	*source = (struct run_source){ .kind = SOURCE_NONE };
	if (environment_find(a->environment, variable) != NULL) {
		source->kind = SOURCE_ENVIRONMENT;
		return (resolve_environment(a->store, &run, a->environment,
		    variable, name, out));
	}
	source->kind = SOURCE_REFERENCE;
	return (source_error(resolve_leased(a->store, &run, secret_id,
	    &source->key_version, out)));
}

/** run_credential(asking, provider, source, out): see credential.h. */
enum sr_error
run_credential(const struct run_asking * asking,
    const struct provider * provider, struct run_source * source,
    struct disclosed ** out)
{
	const struct source_binding b = provider_binding(provider);
	struct secret_meta meta = { .id = sr_id_nil };
	struct run run;
	enum sr_error err;

	*out = NULL;
	*source = (struct run_source){ .kind = SOURCE_NONE };
	if ((err = living_run(asking, &run)) != SR_OK)
		return (err);
	if (environment_find(asking->environment, b.variable) == NULL &&
	    (err = secret_find(asking->store->db, b.scope, &b.project_id,
	    b.name, &meta)) != SR_OK)
		return (source_error(err));
	return (resolve(asking, b.variable, &meta.id, b.name, source, out));
}

struct bindings {
	struct binding v[BINDINGS_MAX];
	size_t n;
};

static enum sr_error
keep(const struct binding * binding, void * cookie)
{
	struct bindings * b = cookie;

	if (b->n == COUNTOF(b->v))
		return (SR_E_BINDING_LIMIT_REACHED);
	b->v[b->n++] = *binding;
	return (SR_OK);
}

/** run_values(asking, fn, cookie): all bindings of the run's project. */
enum sr_error
run_values(const struct run_asking * asking, run_value_fn * fn, void * cookie)
{
	struct disclosed * value;
	struct run_source source;
	struct bindings b = { .n = 0 };
	struct run run;
	enum sr_error err;
	size_t i;

	if ((err = living_run(asking, &run)) != SR_OK ||
	    (err = binding_list(asking->store->db, &run.project_id, keep,
	    &b)) != SR_OK)
		return (err);
	for (i = 0; err == SR_OK && i < b.n; i++) {
		err = resolve(asking, b.v[i].variable, &b.v[i].secret_id,
		    b.v[i].name, &source, &value);
		err = fn(&b.v[i], &source, err, &value, cookie);
		disclosed_free(&value);
	}
	return (err);
}
