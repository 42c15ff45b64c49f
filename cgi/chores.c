#include "cgi/chores.h"
#include "cgi/worker.h"
#include "core/access/purge.h"
#include "core/store/chore.h"
#include "core/vault/expiry.h"
#include "core/vault/retention.h"

#define PURGE		"purge"
#define EXPIRY		"expiry"
#define HOUR		3600
#define MORE_SECONDS	60
/* How often a worker asks whether it is its turn. */
#define LOOK_MS		(MORE_SECONDS * 1000)

/* Whether it is time to look; to one thread only. */
static bool
time_to_look(struct worker * w)
{
	int_fast64_t due = atomic_load(&w->chores_due);
	int_fast64_t now = clock_monotonic_ms();

	return (now >= due && atomic_compare_exchange_strong(&w->chores_due,
	    &due, now + LOOK_MS));
}

static enum sr_error
purge(const struct worker * w, struct db * db)
{
	const struct store store = { .db = db, .keys = w->keys,
	    .redact = w->redact };
	bool forms = false, access = false;
	enum sr_error err;

	if ((err = retention_purge(&store, w->retention_days, &forms)) !=
	    SR_OK || (err = access_purge(db, &access)) != SR_OK)
		return (err);
	if (forms || access)
		err = chore_soon(db, PURGE, MORE_SECONDS);
	return (err);
}

static enum sr_error
warn(const struct worker * w, struct db * db)
{
	struct expiry counts;

	return (expiry_report(db, w->expiry_warning_days, &counts));
}

void
chores_run(struct worker * w, struct db * db)
{
	bool mine = false;

	/* Nothing is touched in a database that was not looked at yet. */
	if (!atomic_load(&w->schema_good) || !time_to_look(w))
		return;
	if (chore_claim(db, PURGE, HOUR, &mine) == SR_OK && mine)
		(void)(purge(w, db) == SR_OK);
	if (chore_claim(db, EXPIRY, HOUR, &mine) == SR_OK && mine)
		(void)(warn(w, db) == SR_OK);
}
