#include <stdlib.h>

#include "cgi/background.h"
#include "cgi/keeper.h"
#include "cgi/meter.h"
#include "cgi/keeper_runs.h"
#include "cgi/ready.h"
#include "cgi/worker.h"
#include "core/base/config.h"
#include "core/log/log.h"
#include "core/runs/event.h"
#include "core/store/chore.h"
#include "core/vault/lease.h"
#include "core/vault/rotation.h"

#define LEASE		"lease"
#define LEASE_SECONDS	60
/* How often a worker looks whether something is due. */
#define LOOK_MS		2000
#define MORE_MS		50
#define COUNT_MS	10000
#define SYSTEM_LABEL	"keeper"

struct keeper {
	struct background * background;
	struct provider_limits limits;
	struct rotation_limits steps;
	unsigned check_seconds;
	unsigned grace_minutes;
	enum sr_error state;	/* What the last turn came to. */
	int64_t count_at;	/* When counters are added next. */
};

/* What one turn works with. */
struct turn {
	struct keeper * keeper;
	struct worker * worker;
	struct store store;
	struct actor actor;
	struct rotating rotating;
	const struct background * self;
};

static enum sr_error
begin(const struct background_turn * b, struct turn * t)
{
	struct keeper * k = b->cookie;

	*t = (struct turn){ .keeper = k, .worker = b->worker, .self = b->self,
	    .store = { .db = b->db, .keys = b->worker->keys,
	    .redact = b->worker->redact, .live = b->worker->live },
	    .actor = { .kind = ACTOR_SYSTEM, .label = SYSTEM_LABEL } };
	event_settings(b->worker->config, &t->store);
	t->rotating = (struct rotating){ .with = { .store = &t->store,
	    .environment = b->worker->environment, .limits = &k->limits,
	    .actor = &t->actor, .every_seconds = k->check_seconds },
	    .limits = &k->steps };
	return (sr_id_new(&t->actor.correlation_id));
}

/* Where nothing was and nothing is, there would be a row of the audit each time
 * that says so: that is not due. */
static enum sr_error
check_if_due(struct turn * t, const struct provider * p)
{
	const struct source_binding b = provider_binding(p);
	struct provider_state s;
	struct source_answer a;
	enum sr_error err;

	if ((err = provider_state_read(t->store.db, p, &s)) != SR_OK)
		return (err);
	err = source_resolve(&t->store, t->worker->environment, &b, &a, NULL);
	if (err == SR_E_OUT_OF_MEMORY)
		return (err);
	return (provider_check_due(&s, &a, clock_now()) ?
	    provider_check(&t->rotating.with, p, &s, NULL) : SR_OK);
}

/* Those whose time has come, or whose credential is another one by now. */
static enum sr_error
check_providers(struct turn * t)
{
	const struct provider * p;
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; err == SR_OK && !background_stopping(t->self) &&
	    (p = providers_at(t->worker->providers, i)) != NULL; i++)
		err = check_if_due(t, p);
	return (err);
}

static enum sr_error
tidy_leases(struct turn * t, bool * more)
{
	uint64_t destroyed;

	return (lease_tidy(&t->store, &t->actor, t->keeper->grace_minutes,
	    &destroyed, more));
}

static enum sr_error
take_credentials(struct turn * t, bool * more)
{
	enum sr_error err;
	bool mine;

	if ((err = rotation_resume(&t->rotating, t->worker->providers, more)) !=
	    SR_OK || *more ||
	    (err = chore_claim(t->store.db, PROVIDER_CHORE,
	    t->keeper->check_seconds, &mine)) != SR_OK)
		return (err);
	if (mine && (err = check_providers(t)) != SR_OK)
		return (err);
	if ((err = chore_claim(t->store.db, LEASE, LEASE_SECONDS, &mine)) !=
	    SR_OK)
		return (err);
	return (mine ? tidy_leases(t, more) : SR_OK);
}

/* So that whoever is asked for metrics knows what this worker counted. */
static void
count(const struct background_turn * b, struct keeper * k)
{

	if (!atomic_load(&b->worker->schema_good) ||
	    clock_monotonic_ms() < k->count_at)
		return;
	k->count_at = clock_monotonic_ms() + COUNT_MS;
	ready_lost(b->worker, meter_flush(b->worker, b->db));
}

/* The last words. */
static void
end(const struct background_turn * b)
{

	if (atomic_load(&b->worker->schema_good))
		(void)(meter_flush(b->worker, b->db) == SR_OK);
}

/* Without a root key nothing of this can be audited. */
static enum sr_error
take(struct turn * t, bool * more)
{
	enum sr_error err, of_runs;

	if ((err = ready_background(t->worker, t->store.db)) != SR_OK)
		return (err);
	of_runs = keeper_runs(t->worker, &t->store);
	err = take_credentials(t, more);
	return (err != SR_OK ? err : of_runs);
}

static unsigned
turn(const struct background_turn * b)
{
	struct keeper * k = b->cookie;
	struct turn t;
	enum sr_error err;
	bool more = false;

	count(b, k);

	if ((err = begin(b, &t)) == SR_OK)
		err = take(&t, &more);
	ready_lost(b->worker, err);
	/* One line for each change. */
	if (err != k->state && err != SR_OK)
		LOG(KEEPER_WAITS, log_error(err));
	else if (err != k->state)
		LOG0(KEEPER_WORKS);
	k->state = err;
	return (err == SR_OK && more ? MORE_MS : LOOK_MS);
}

enum sr_error
keeper_start(struct worker * w, struct keeper ** out)
{
	struct background_work work = { .turn = turn, .end = end };
	struct keeper * k;
	enum sr_error err;

	*out = NULL;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	work.cookie = k;
	provider_limits_of(w->config, &k->limits);
	rotation_limits_of(w->config, &k->steps);
	k->check_seconds = provider_check_seconds(w->config);
	k->grace_minutes = (unsigned)config_number(w->config,
	    CFG_SECRET_GRACE);
	if ((err = background_start(w, &work, &k->background)) != SR_OK) {
		free(k);
		return (err);
	}
	*out = k;
	return (SR_OK);
}

void
keeper_stop(struct keeper ** k)
{

	if (*k == NULL)
		return;
	background_stop(&(*k)->background);
	free(*k);
	*k = NULL;
}
