/* Runs that go on or end: by their programs, and as people decide. */

#include <string.h>

#include "core/audit/audit.h"
#include "core/log/log.h"
#include "core/runs/event_internal.h"

/* What people are asked for. */
static bool
is_decision(const char * type)
{

	return (strcmp(type, "approval_granted") == 0 ||
	    strcmp(type, "approval_rejected") == 0);
}

/** decision_type(actor, type): a program may ask, and not answer itself. */
enum sr_error
decision_type(const struct actor * actor, const char * type)
{

	return (actor->kind == ACTOR_API_KEY && is_decision(type) ?
	    SR_E_APPROVAL_NEEDS_PERSON : SR_OK);
}

/** decision_move(actor, from, to): however it is called. */
enum sr_error
decision_move(const struct actor * actor, enum run_status from,
    enum run_status to)
{

	return (actor->kind == ACTOR_API_KEY &&
	    from == RUN_AWAITING_APPROVAL && to == RUN_RUNNING ?
	    SR_E_APPROVAL_NEEDS_PERSON : SR_OK);
}

/** decision_audit(tx, store, actor, run_id, type): a person's. */
enum sr_error
decision_audit(struct tx * tx, const struct store * store,
    const struct actor * actor, const struct sr_id * run_id, const char * type)
{
	struct audit_entry entry = { .occurred_at = clock_now(),
	    .actor = actor, .action = AUDIT_RUN_DECIDE,
	    .outcome = AUDIT_SUCCEEDED, .target_kind = "run",
	    .target_id = *run_id, .name = type };
	enum sr_error err;

	if (actor->kind != ACTOR_ACCOUNT || (!is_decision(type) &&
	    strcmp(type, "run_cancelled") != 0))
		return (SR_OK);
	if ((err = sr_id_new(&entry.id)) != SR_OK)
		return (err);
	return (audit_append(tx, store, &entry));
}

struct moving {
	const struct store * store;
	const struct actor * actor;	/* NULL: the program itself. */
	struct run run;
	enum run_status to;
	sr_time until;			/* Leases are held to this time. */
};

static enum sr_error
decide(struct tx * tx, const struct moving * m, enum run_status from)
{
	const char * type = "approval_granted";

	if (m->to == RUN_CANCELLED)
		type = "run_cancelled";
	else if (from != RUN_AWAITING_APPROVAL || m->to != RUN_RUNNING)
		return (SR_OK);
	return (decision_audit(tx, m->store, m->actor, &m->run.id, type));
}

static enum sr_error
move_tx(struct tx * tx, void * cookie)
{
	struct moving * m = cookie;
	struct sr_id id = m->run.id;
	enum run_status from;
	enum sr_error err;

	if ((err = runs_lock(tx_db(tx), &id, &m->run)) != SR_OK)
		return (err);
	from = m->run.status;
	if (from == m->to)
		return (SR_OK);
	if (m->actor != NULL &&
	    (err = decision_move(m->actor, from, m->to)) != SR_OK)
		return (err);
	if ((err = run_shift(tx, &m->run, m->to, m->until)) != SR_OK ||
	    (err = event_of_move(tx, m->store, &m->run, from)) != SR_OK)
		return (err);
	return (m->actor == NULL ? SR_OK : decide(tx, m, from));
}

/** run_move_by(store, actor, id, to, lease_minutes, out): see run.h. */
enum sr_error
run_move_by(const struct store * store, const struct actor * actor,
    const struct sr_id * id, enum run_status to, unsigned lease_minutes,
    struct run * out)
{
	struct moving m = { .store = store, .actor = actor, .to = to,
	    .run = { .id = *id } };
	enum sr_error err;

	m.until = clock_now() + (sr_time)lease_minutes * EVENT_MINUTE;
	err = runs_error(tx_run(store->db, NULL, move_tx, &m));
	if (err != SR_OK)
		return (err);
	LOG(RUN_MOVED, log_id("run_id", m.run.id),
	    log_const("status", run_status_name(m.run.status)));
	if (out != NULL)
		*out = m.run;
	return (SR_OK);
}

/** run_move(store, id, to, lease_minutes, out): to another status. */
enum sr_error
run_move(const struct store * store, const struct sr_id * id,
    enum run_status to, unsigned lease_minutes, struct run * out)
{

	return (run_move_by(store, NULL, id, to, lease_minutes, out));
}
