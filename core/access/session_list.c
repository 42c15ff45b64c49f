/* Sessions as they are listed, and ended by somebody's decision. */

#include "core/log/log.h"
#include "core/store/keystore.h"

#include "core/access/people_internal.h"
#include "core/access/session_internal.h"
#include "core/access/setup_internal.h"

#define SR_MINUTE	(60 * SR_SECOND)
#define SR_HOUR		(60 * SR_MINUTE)

static void
from_row(const struct db_row * row, struct session_row * out)
{

	out->id = db_col_uuid(row, 0);
	out->account_id = db_col_uuid(row, 1);
	(void)snprintf(out->email, sizeof(out->email), "%s",
	    db_col_text(row, 2));
	(void)snprintf(out->address, sizeof(out->address), "%s",
	    db_col_text(row, 3));
	out->created_at = db_col_time(row, 4);
	out->last_seen_at = db_col_time(row, 5);
	out->expires_at = db_col_time(row, 6);
	out->ended_at = db_col_time(row, 7);
	out->revoked = db_col_int(row, 8) != 0;
}

/** session_status_name(row, limits, now): "active", "expired", …. */
const char *
session_status_name(const struct session_row * row,
    const struct session_limits * limits, sr_time now)
{

	if (row->ended_at != SR_TIME_NONE)
		return (row->revoked ? "revoked" : "ended");
	return (now >= row->expires_at ||
	    now - row->created_at >= limits->max_hours * SR_HOUR ||
	    now - row->last_seen_at >= limits->idle_minutes * SR_MINUTE ?
	    "expired" : "active");
}

struct list {
	session_fn * fn;
	void * cookie;
};

static enum sr_error
list_row(const struct db_row * row, void * cookie)
{
	const struct list * l = cookie;
	struct session_row one;

	from_row(row, &one);
	return (l->fn(&one, l->cookie));
}

/**
 * session_list(db, account, after, limit, fn, cookie):
 * Sessions, the newest first.
 */
enum sr_error
session_list(struct db * db, const struct sr_id * account,
    const struct sr_id * after, unsigned limit, session_fn * fn,
    void * cookie)
{
	struct list l = { .fn = fn, .cookie = cookie };

	if (account == NULL)
		account = &sr_id_nil;
	return (db_query(db, STMT_SESSION_LIST,
	    DB_ARGS(DB_UUID(after == NULL ? &sr_id_nil : after),
	    DB_UUID(account), DB_UUID(account), DB_INT(limit)), list_row,
	    &l));
}

struct revoke {
	const struct store * store;
	struct sr_id id;
	const struct sr_id * account;
	const struct session_limits * limits;
	struct session_row * row;
	bool found;
	struct audit_entry audit;
};

static enum sr_error
revoke_row(const struct db_row * row, void * cookie)
{
	struct revoke * r = cookie;

	from_row(row, r->row);
	r->found = r->account == NULL ||
	    sr_id_equal(&r->row->account_id, r->account);
	return (SR_OK);
}

static enum sr_error
revoke_tx(struct tx * tx, void * cookie)
{
	struct revoke * r = cookie;
	const sr_time now = r->audit.occurred_at;
	enum sr_error err;

	r->found = false;
	err = db_query(tx_db(tx), STMT_SESSION_LOCK, DB_ARGS(DB_UUID(&r->id)),
	    revoke_row, r);
	if (err != SR_OK)
		return (err);
	if (!r->found)
		return (SR_E_SESSION_NOT_FOUND);
	if (strcmp(session_status_name(r->row, r->limits, now), "active") != 0)
		return (SR_E_SESSION_ALREADY_REVOKED);
	err = db_exec(tx_db(tx), STMT_SESSION_REVOKE, DB_ARGS(DB_TIME(now),
	    DB_UUID(&r->id)), NULL);
	if (err != SR_OK)
		return (err);
	return (audit_append(tx, r->store, &r->audit));
}

/**
 * session_revoke(store, actor, id, account, limits, out):
 * End a session, at once.
 */
enum sr_error
session_revoke(const struct store * store, const struct actor * actor,
    const struct sr_id * id, const struct sr_id * account,
    const struct session_limits * limits, struct session_row * out)
{
	struct revoke r = { .store = store, .id = *id, .account = account,
	    .limits = limits, .row = out,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_SESSION_REVOKE, .outcome = AUDIT_SUCCEEDED,
	    .target_kind = "session", .target_id = *id } };
	enum sr_error err;

	*out = (struct session_row){ .ended_at = SR_TIME_NONE };
	if ((err = setup_take_keys(store, &r.audit.keys)) == SR_OK &&
	    (err = sr_id_new(&r.audit.id)) == SR_OK)
		err = tx_run(store->db, &r.audit.id, revoke_tx, &r);
	keyset_release(&r.audit.keys);
	if (err == SR_OK) {
		out->ended_at = r.audit.occurred_at;
		out->revoked = true;
		LOG(SESSION_REVOKED, log_id("session_id", r.id));
		return (SR_OK);
	}
	if (!r.found)
		r.audit.target_id = sr_id_nil;
	return (people_refused(store, &r.audit, err));
}
