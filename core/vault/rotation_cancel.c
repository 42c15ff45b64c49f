#include "core/log/log.h"
#include "core/vault/rotation_internal.h"

/* A worker takes a step at the same moment; after so many it has ended. */
#define STEPS_MAX	8

static enum sr_error
call_off_tx(struct tx * tx, void * cookie)
{
	struct rotation_end * e = cookie;
	enum sr_error err;

	if ((err = rotation_end_write(tx, e)) != SR_OK || e->overtaken)
		return (err);
	return (audit_append(tx, e->r->with.store, &e->audit));
}

/** rotation_call_off(r, provider, rotation, why): nothing was stored. */
enum sr_error
rotation_call_off(const struct rotating * r, const struct provider * provider,
    struct rotation * rotation, enum sr_error why)
{
	struct rotation_end e = { .r = r, .provider = provider,
	    .rotation = rotation, .from = ROTATION_PRECHECKED,
	    .to = ROTATION_CANCELLED };
	enum sr_error err;

	if ((err = rotation_audit(r, provider, AUDIT_ROTATION_CANCEL, rotation,
	    &e.audit)) != SR_OK)
		return (err);
	if (why != SR_OK) {
		e.audit.outcome = AUDIT_FAILED;
		e.audit.error = why;
	}
	err = tx_run(r->with.store->db, &e.audit.id, call_off_tx, &e);
	if (err != SR_OK)
		return (rotation_error(err));
	if (!e.overtaken)
		rotation->state = ROTATION_CANCELLED;
	return (SR_OK);
}

static enum sr_error
not_open(const struct rotating * r, const struct provider * provider,
    const struct rotation * n)
{
	struct audit_entry e;

	if (rotation_audit(r, provider, AUDIT_ROTATION_CANCEL, n, &e) ==
	    SR_OK) {
		e.outcome = AUDIT_FAILED;
		e.error = SR_E_PROVIDER_ROTATION_NOT_OPEN;
		(void)audit_refusal(r->with.store, &e);
	}
	return (SR_E_PROVIDER_ROTATION_NOT_OPEN);
}

/* The way back from where it is. */
static enum sr_error
back(const struct rotating * r, const struct provider * provider,
    struct rotation * n, bool * ended)
{
	enum sr_error err;

	if (n->state == ROTATION_PRECHECKED)
		err = rotation_call_off(r, provider, n, SR_OK);
	else if (n->state == ROTATION_SWITCHED)
		err = rotation_roll_back(r, provider, n);
	else
		err = rotation_step(r, provider, n, ended);
	*ended = !rotation_is_open(n->state);
	return (err);
}

static enum sr_error
latest(const struct rotating * r, const struct provider * provider,
    struct rotation * n)
{
	enum sr_error err;
	bool found;

	*n = (struct rotation){ .state = ROTATION_CANCELLED,
	    .finished_at = SR_TIME_NONE };
	err = rotation_latest(r->with.store->db, provider, n, &found);
	if (err != SR_OK)
		return (err);
	return (found && rotation_is_open(n->state) ? SR_OK :
	    not_open(r, provider, n));
}

/*
 * Each turn begins with how it stands now. What did not move it, although it is
 * where it was, found the secret revoked: then the step that a worker would
 * take ends it.
 */
/** rotation_cancel(r, provider, rotation): see the header. */
enum sr_error
rotation_cancel(const struct rotating * r, const struct provider * provider,
    struct rotation * rotation)
{
	enum rotation_state before, former = ROTATION__MAX;
	enum sr_error err;
	bool ended = false;
	unsigned i;

	if ((err = latest(r, provider, rotation)) != SR_OK)
		return (err);
	for (i = 0; err == SR_OK && !ended && i < STEPS_MAX; i++) {
		before = rotation->state;
		if (before == former)
			err = rotation_step(r, provider, rotation, &ended);
		else
			err = back(r, provider, rotation, &ended);
		former = before == rotation->state ? before : ROTATION__MAX;
		if (err == SR_OK && !ended)
			err = rotation_again(r, rotation);
		ended = !rotation_is_open(rotation->state);
	}
	if (err == SR_OK)
		err = rotation_again(r, rotation);
	if (err == SR_OK && rotation->state == ROTATION_DONE)
		return (not_open(r, provider, rotation));
	if (err == SR_OK)
		LOG(ROTATION_CANCELLED, log_name("provider", provider->name),
		    log_const("state", rotation_state_name(rotation->state)));
	return (err);
}
