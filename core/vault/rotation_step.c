#include <time.h>

#include "core/log/log.h"
#include "core/vault/rotation_internal.h"

static enum sr_error
take_rotation(const struct db_row * row, void * cookie)
{

	return (rotation_row(row, cookie));
}

/** rotation_again(r, rotation): the row as it is now. */
enum sr_error
rotation_again(const struct rotating * r, struct rotation * n)
{
	struct sr_id id = n->id;

	return (rotation_error(db_query(r->with.store->db, STMT_ROTATION_BY_ID,
	    DB_ARGS(DB_UUID(&id)), take_rotation, n)));
}

/* What the provider's status is when a rotation gets to ${e->to}; false: what
 * it was. One that never switched changed nothing. */
static bool
status_after(const struct rotation_end * e, enum provider_status * out)
{

	if (e->from == ROTATION_PRECHECKED || rotation_is_open(e->to))
		return (false);
	if (e->to == ROTATION_CANCELLED)
		*out = PROVIDER_NOT_SET;
	else if (e->to == ROTATION_DONE || !e->rotation->continuity_alarm)
		*out = PROVIDER_ACTIVE;
	else
		*out = PROVIDER_INVALID;
	return (true);
}

static enum sr_error
finish_tx(struct tx * tx, void * cookie)
{
	struct rotation_end * e = cookie;
	enum provider_status status;
	enum sr_error err;

	if ((err = rotation_end_write(tx, e)) != SR_OK || e->overtaken)
		return (err);
	if (status_after(e, &status) && (err = rotation_status(tx_db(tx),
	    e->provider, status, e->rotation, clock_now())) != SR_OK)
		return (err);
	/* One check of several is no change. */
	if (e->to == ROTATION_SWITCHED)
		return (SR_OK);
	return (audit_append(tx, e->r->with.store, &e->audit));
}

static enum sr_error
why(const struct rotation_end * e)
{

	if (e->to == ROTATION_DONE)
		return (SR_OK);
	if (e->to == ROTATION_CANCELLED)
		return (e->from == ROTATION_PRECHECKED ?
		    SR_E_SECRET_PERSISTENCE_FAILED : SR_E_SECRET_REVOKED);
	return (e->rotation->after == ROTATION_UNCHECKED ?
	    SR_E_PROVIDER_ROTATION_CANCELLED :
	    SR_E_PROVIDER_ROTATION_VALIDATION_FAILED);
}

/* To ${to}, with what ${n} says by now. */
static enum sr_error
move(const struct rotating * r, const struct provider * provider,
    struct rotation * n, enum rotation_state to, enum audit_action action)
{
	struct rotation_end e = { .r = r, .provider = provider, .rotation = n,
	    .from = n->state, .to = to };
	enum sr_error err;

	if ((err = rotation_audit(r, provider, action, n, &e.audit)) != SR_OK)
		return (err);
	e.audit.error = why(&e);
	if (e.audit.error != SR_OK)
		e.audit.outcome = AUDIT_FAILED;
	if ((err = tx_run(r->with.store->db, to == ROTATION_SWITCHED ? NULL :
	    &e.audit.id, finish_tx, &e)) != SR_OK)
		return (rotation_error(err));
	if (e.overtaken)
		return (rotation_again(r, n));
	n->state = to;
	LOG(ROTATION_MOVED, log_name("provider", provider->name),
	    log_const("state", rotation_state_name(to)));
	return (SR_OK);
}

/* Whether the secret is still at the version that the rotation gave it. */
static enum sr_error
look_at_secret(const struct rotating * r, const struct rotation * n,
    uint32_t version, bool * ours)
{
	struct secret_meta meta;

	if (secret_show(r->with.store->db, &n->secret_id, &meta) != SR_OK)
		return (SR_E_PROVIDER_CREDENTIAL_UNAVAILABLE);
	*ours = strcmp(meta.status, "active") == 0 &&
	    meta.key_version == version;
	return (SR_OK);
}

/* Not clear yet: when to ask again, and whether there is time for it. */
static bool
try_again(const struct rotating * r, struct rotation * n)
{
	sr_time pause = (sr_time)r->limits->pause_seconds * SR_SECOND;

	if (n->after == ROTATION_REFUSED || n->attempts >= r->limits->attempts)
		return (false);
	n->next_at = clock_now() + (pause << (n->attempts - 1));
	return (n->next_at < n->deadline);
}

/* Ask about the new version, and go on as the answer says. */
static enum sr_error
validate(const struct rotating * r, const struct provider * provider,
    struct rotation * n)
{
	struct provider_verdict v;
	enum sr_error err;
	bool ours;

	if ((err = look_at_secret(r, n, n->to_version, &ours)) != SR_OK)
		return (err);
	if (!ours)
		return (move(r, provider, n, ROTATION_CANCELLED,
		    AUDIT_ROTATION_CANCEL));
	if ((err = rotation_ask(r, provider, &n->secret_id, n->to_version,
	    &v)) != SR_OK)
		return (err);
	n->after = rotation_check_of(&v);
	n->after_failure = v.failure;
	n->attempts++;
	if (n->after == ROTATION_PASSED)
		return (move(r, provider, n, ROTATION_DONE,
		    AUDIT_ROTATION_DONE));
	if (try_again(r, n))
		return (move(r, provider, n, ROTATION_SWITCHED,
		    AUDIT_ROTATION_DONE));
	return (rotation_roll_back(r, provider, n));
}

/*
 * Whether the former version, which is active again, still works. Revoked, it
 * does not, and nobody wants it to: that is no alarm. Looked at after the
 * question, since a revoked one does not open.
 */
static enum sr_error
confirm(const struct rotating * r, const struct provider * provider,
    struct rotation * n)
{
	struct provider_verdict v;
	enum sr_error err;
	bool ours;

	if ((err = rotation_ask(r, provider, &n->secret_id, n->from_version,
	    &v)) != SR_OK ||
	    (err = look_at_secret(r, n, n->from_version, &ours)) != SR_OK)
		return (err);
	if (!ours)
		return (move(r, provider, n, ROTATION_CANCELLED,
		    AUDIT_ROTATION_CANCEL));
	n->continuity_alarm = v.outcome != PROVIDER_PASSED;
	err = move(r, provider, n, ROTATION_ROLLED_BACK,
	    AUDIT_ROTATION_ROLLED_BACK);
	if (err == SR_OK && n->state == ROTATION_ROLLED_BACK &&
	    n->continuity_alarm)
		LOG(CONTINUITY_ALARM, log_name("provider", provider->name),
		    log_const("failure", provider_failure_name(v.failure)));
	return (err);
}

/** rotation_step(r, provider, rotation, ended): the next step. */
enum sr_error
rotation_step(const struct rotating * r, const struct provider * provider,
    struct rotation * rotation, bool * ended)
{
	enum sr_error err;

	if ((err = rotation_again(r, rotation)) != SR_OK)
		return (err);
	switch (rotation->state) {
	case ROTATION_PRECHECKED:
		/* Whoever has the value is gone, or will be told. */
		err = move(r, provider, rotation, ROTATION_CANCELLED,
		    AUDIT_ROTATION_CANCEL);
		break;
	case ROTATION_SWITCHED:
		err = validate(r, provider, rotation);
		break;
	case ROTATION_CONFIRMING:
		err = confirm(r, provider, rotation);
		break;
	case ROTATION_DONE:
	case ROTATION_ROLLED_BACK:
	case ROTATION_CANCELLED:
	case ROTATION__MAX:
		break;
	}
	*ended = !rotation_is_open(rotation->state);
	return (err);
}

static void
wait_until(sr_time t)
{
	sr_time left = t - clock_now();
	struct timespec pause;

	if (left <= 0)
		return;
	pause.tv_sec = (time_t)(left / SR_SECOND);
	pause.tv_nsec = (long)(left % SR_SECOND) * 1000;
	(void)nanosleep(&pause, NULL);
}

/** rotation_run(r, provider, rotation): steps to the end. */
enum sr_error
rotation_run(const struct rotating * r, const struct provider * provider,
    struct rotation * rotation)
{
	bool ended = false, first = true;
	enum sr_error err;

	while (!ended) {
		/* next_at is others' business before the first check. */
		if (!first && rotation->state == ROTATION_SWITCHED)
			wait_until(rotation->next_at);
		first = false;
		if ((err = rotation_step(r, provider, rotation, &ended)) !=
		    SR_OK)
			return (err);
	}
	return (rotation_outcome(rotation));
}

struct due {
	struct rotation rotation;
	bool found;
};

static enum sr_error
take_due(const struct db_row * row, void * cookie)
{
	struct due * d = cookie;

	d->found = true;
	return (rotation_row(row, &d->rotation));
}

/** rotation_resume(r, providers, taken): one step of one that is due. */
enum sr_error
rotation_resume(const struct rotating * r, const struct providers * providers,
    bool * taken)
{
	struct db * db = r->with.store->db;
	const struct provider * provider;
	struct due d = { .found = false };
	uint64_t claimed = 0;
	enum sr_error err;
	bool ended;

	*taken = false;
	if ((err = db_query(db, STMT_ROTATION_DUE, DB_NOARGS, take_due, &d)) !=
	    SR_OK || !d.found)
		return (rotation_error(err));
	/* Of several that see it, the one that moves its time on. */
	err = db_exec(db, STMT_ROTATION_CLAIM,
	    DB_ARGS(DB_INT(r->limits->claim_seconds), DB_UUID(&d.rotation.id),
	    DB_TIME(d.rotation.next_at)), &claimed);
	if (err != SR_OK || claimed == 0)
		return (rotation_error(err));
	*taken = true;
	provider = providers_find(providers, d.rotation.provider);
	if (provider == NULL)
		return (sr_fail(SR_E_PROVIDER_UNKNOWN,
		    log_name("provider", d.rotation.provider)));
	return (rotation_step(r, provider, &d.rotation, &ended));
}
