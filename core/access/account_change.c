#include "core/log/log.h"
#include "core/store/keystore.h"

#include "core/access/people_internal.h"
#include "core/access/setup_internal.h"

struct change {
	const struct store * store;
	enum account_step step;
	struct sr_id id;		/* A copy: it may lie in ${was}. */
	enum role role;			/* For ACCOUNT_STEP_ROLE. */
	struct account * was;
	bool found;
	bool nothing;			/* It was so already. */
	struct audit_entry audit;
};

static enum sr_error
was_row(const struct db_row * row, void * cookie)
{
	struct change * c = cookie;

	c->found = true;
	return (account_from_row(row, c->was));
}

static bool
takes_owner_away(const struct change * c)
{

	if (c->was->role != ROLE_OWNER)
		return (false);
	return (c->step == ACCOUNT_STEP_DISABLE ||
	    c->step == ACCOUNT_STEP_REMOVE ||
	    (c->step == ACCOUNT_STEP_ROLE && c->role != ROLE_OWNER));
}

static enum sr_error
count_row(const struct db_row * row, void * cookie)
{
	int64_t * n = cookie;

	*n = db_col_int(row, 0);
	return (SR_OK);
}

static enum sr_error
may_change(struct db * db, const struct change * c)
{
	bool disabled = c->was->disabled_at != SR_TIME_NONE;
	int64_t beside = 0;
	enum sr_error err;

	if (c->step == ACCOUNT_STEP_DISABLE && disabled)
		return (SR_E_ACCOUNT_ALREADY_DISABLED);
	if (c->step == ACCOUNT_STEP_ENABLE && !disabled)
		return (SR_E_ACCOUNT_ALREADY_ENABLED);
	if (!takes_owner_away(c))
		return (SR_OK);
	err = db_query(db, STMT_OWNERS_BESIDE, DB_ARGS(DB_UUID(&c->id)),
	    count_row, &beside);
	if (err != SR_OK)
		return (err);
	return (beside > 0 ? SR_OK : SR_E_ACCOUNT_LAST_OWNER);
}

static enum sr_error
forget_factor(struct db * db, const struct sr_id * id, uint64_t * n)
{
	enum sr_error err;

	if ((err = db_exec(db, STMT_RECOVERY_DELETE, DB_ARGS(DB_UUID(id)),
	    NULL)) != SR_OK)
		return (err);
	return (db_exec(db, STMT_FACTOR_DELETE, DB_ARGS(DB_UUID(id)), n));
}

/* Audit rows name people by their address; nothing else refers to the row. */
static enum sr_error
remove_account(struct db * db, const struct sr_id * id)
{
	enum sr_error err;

	if ((err = forget_factor(db, id, NULL)) != SR_OK ||
	    (err = db_exec(db, STMT_SESSION_DELETE_ALL,
	    DB_ARGS(DB_UUID(id)), NULL)) != SR_OK)
		return (err);
	return (db_exec(db, STMT_ACCOUNT_DELETE, DB_ARGS(DB_UUID(id)), NULL));
}

static enum sr_error
reset_factor(struct db * db, const struct sr_id * id)
{
	uint64_t n = 0;
	enum sr_error err;

	if ((err = forget_factor(db, id, &n)) != SR_OK)
		return (err);
	return (n > 0 ? SR_OK : SR_E_SECOND_FACTOR_MISSING);
}

static enum sr_error
write_step(struct db * db, const struct change * c)
{
	const sr_time now = c->audit.occurred_at;

	switch (c->step) {
	case ACCOUNT_STEP_ROLE:
		return (db_exec(db, STMT_ACCOUNT_SET_ROLE,
		    DB_ARGS(DB_TEXT(role_name(c->role)), DB_TIME(now),
		    DB_UUID(&c->id)), NULL));
	case ACCOUNT_STEP_DISABLE:
	case ACCOUNT_STEP_ENABLE:
		return (db_exec(db, STMT_ACCOUNT_SET_DISABLED,
		    DB_ARGS(c->step == ACCOUNT_STEP_ENABLE ? DB_NULL :
		    DB_TIME(now), DB_TIME(now), DB_UUID(&c->id)), NULL));
	case ACCOUNT_STEP_REMOVE:
		return (remove_account(db, &c->id));
	case ACCOUNT_STEP_RESET_FACTOR:
		return (reset_factor(db, &c->id));
	}
	return (SR_E_INTERNAL_ERROR);
}

/* What it may do no more ends with the commit, wherever it is signed in; so do
 * the links it has made, one of which it may have kept. */
static enum sr_error
end_sessions(struct db * db, const struct change * c)
{
	enum sr_error err;

	if (c->step == ACCOUNT_STEP_ENABLE ||
	    (c->step == ACCOUNT_STEP_ROLE && c->role > c->was->role))
		return (SR_OK);
	if ((err = db_exec(db, STMT_STEP_DELETE_ALL, DB_ARGS(DB_UUID(&c->id)),
	    NULL)) != SR_OK)
		return (err);
	if (c->step != ACCOUNT_STEP_RESET_FACTOR &&
	    (err = db_exec(db, STMT_INVITATION_DELETE_BY,
	    DB_ARGS(DB_TEXT(c->was->email)), NULL)) != SR_OK)
		return (err);
	return (db_exec(db, STMT_SESSION_END_ALL,
	    DB_ARGS(DB_TIME(c->audit.occurred_at), DB_UUID(&c->id)), NULL));
}

static enum sr_error
change_tx(struct tx * tx, void * cookie)
{
	struct change * c = cookie;
	struct db * db = tx_db(tx);
	enum sr_error err;

	c->found = c->nothing = false;
	if ((err = people_turn(tx, c->audit.occurred_at, c->audit.actor)) !=
	    SR_OK ||
	    (err = db_query(db, STMT_ACCOUNT_LOCK, DB_ARGS(DB_UUID(&c->id)),
	    was_row, c)) != SR_OK)
		return (err);
	if (!c->found)
		return (SR_E_ACCOUNT_NOT_FOUND);
	c->nothing = c->step == ACCOUNT_STEP_ROLE && c->role == c->was->role;
	if (c->nothing)
		return (SR_OK);
	if ((err = may_change(db, c)) != SR_OK ||
	    (err = end_sessions(db, c)) != SR_OK ||
	    (err = write_step(db, c)) != SR_OK)
		return (err);
	return (audit_append(tx, c->store, &c->audit));
}

static enum sr_error
change(struct change * c, const char * role)
{
	enum sr_error err;

	if (c->step == ACCOUNT_STEP_ROLE &&
	    (role == NULL || !role_parse(role, &c->role)))
		return (SR_E_ACCOUNT_ROLE_INVALID);
	if ((err = setup_take_keys(c->store, &c->audit.keys)) == SR_OK &&
	    (err = sr_id_new(&c->audit.id)) == SR_OK)
		err = tx_run(c->store->db, &c->audit.id, change_tx, c);
	keyset_release(&c->audit.keys);
	return (err);
}

/**
 * account_change(store, actor, step, id, role, out):
 * Do ${step} to account ${id}.
 */
enum sr_error
account_change(const struct store * store, const struct actor * actor,
    enum account_step step, const struct sr_id * id, const char * role,
    struct account * out)
{
	static const enum audit_action actions[] = {
		[ACCOUNT_STEP_ROLE] = AUDIT_ACCOUNT_ROLE,
		[ACCOUNT_STEP_DISABLE] = AUDIT_ACCOUNT_DISABLE,
		[ACCOUNT_STEP_ENABLE] = AUDIT_ACCOUNT_ENABLE,
		[ACCOUNT_STEP_REMOVE] = AUDIT_ACCOUNT_REMOVE,
		[ACCOUNT_STEP_RESET_FACTOR] = AUDIT_SECOND_FACTOR_RESET,
	};
	struct change c = { .store = store, .step = step, .id = *id,
	    .was = out, .audit = { .occurred_at = clock_now(),
	    .actor = actor, .action = actions[step],
	    .outcome = AUDIT_SUCCEEDED, .target_kind = "account",
	    .target_id = *id } };
	enum sr_error err;

	*out = (struct account){ .disabled_at = SR_TIME_NONE };
	if ((err = change(&c, role)) == SR_OK) {
		if (!c.nothing)
			LOG(ACCOUNT_CHANGED, log_id("account_id", c.id),
			    log_const("action",
			    audit_action_name(c.audit.action)));
		return (SR_OK);
	}
	if (!c.found)
		c.audit.target_id = sr_id_nil;
	return (people_refused(store, &c.audit, err));
}
