#include "core/base/secbuf.h"
#include "core/keys/token.h"
#include "core/log/log.h"
#include "core/store/tx.h"

#include "core/access/session.h"

#define SR_MINUTE	(60 * SR_SECOND)
#define SR_HOUR		(60 * SR_MINUTE)

struct stored {
	struct session session;
	sr_time last_seen_at;
	sr_time ended_at;
	bool found;
};

static enum sr_error
stored_row(const struct db_row * row, void * cookie)
{
	struct stored * s = cookie;

	if (!role_parse(db_col_text(row, 3), &s->session.role))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "account.role")));
	s->session.id = db_col_uuid(row, 0);
	s->session.account_id = db_col_uuid(row, 1);
	snprintf(s->session.email, sizeof(s->session.email), "%s",
	    db_col_text(row, 2));
	s->session.created_at = db_col_time(row, 4);
	s->last_seen_at = db_col_time(row, 5);
	s->session.expires_at = db_col_time(row, 6);
	s->ended_at = db_col_time(row, 7);
	s->session.factor = db_col_int(row, 8) != 0;
	s->found = true;
	return (SR_OK);
}

static bool
over(const struct stored * s, const struct session_limits * limits,
    sr_time now)
{
	return (s->ended_at != SR_TIME_NONE || now >= s->session.expires_at ||
	    now - s->last_seen_at >= limits->idle_minutes * SR_MINUTE);
}

/* How old the time last seen may be before it is written anew. */
static sr_time
seen_interval(const struct session_limits * limits)
{
	sr_time quarter = limits->idle_minutes * SR_MINUTE / 4;

	return (quarter < SR_MINUTE ? quarter : SR_MINUTE);
}

/* It stays ended, whatever clock and limits say later. */
static enum sr_error
end_for_good(struct db * db, const struct stored * s, sr_time now)
{
	enum sr_error err = SR_OK;

	if (s->ended_at == SR_TIME_NONE)
		err = db_exec(db, STMT_SESSION_END,
		    DB_ARGS(DB_TIME(now), DB_UUID(&s->session.id)), NULL);
	return (err == SR_OK ? SR_E_SESSION_EXPIRED : err);
}

/**
 * session_find(db, token, limits, out):
 * The session of a cookie; its idle time starts anew.
 */
enum sr_error
session_find(struct db * db, const struct secbuf * token,
    const struct session_limits * limits, struct session * out)
{
	const sr_time now = clock_now();
	struct stored s = { .found = false };
	uint8_t hash[MAC_LEN];
	sr_time latest;
	enum sr_error err;

	if (token == NULL || !token_hash(token, hash))
		return (SR_E_SESSION_REQUIRED);
	err = db_query(db, STMT_SESSION_BY_TOKEN,
	    DB_ARGS(DB_BYTES(hash, MAC_LEN)), stored_row, &s);
	if (err != SR_OK)
		return (err);
	if (!s.found)
		return (SR_E_SESSION_REQUIRED);
	/* A limit that was lowered since counts for old sessions too. */
	latest = s.session.created_at + limits->max_hours * SR_HOUR;
	if (latest < s.session.expires_at)
		s.session.expires_at = latest;
	if (over(&s, limits, now))
		return (end_for_good(db, &s, now));
	if (!limits->unattended &&
	    now - s.last_seen_at >= seen_interval(limits)) {
		err = db_exec(db, STMT_SESSION_SEEN,
		    DB_ARGS(DB_TIME(now), DB_UUID(&s.session.id)), NULL);
		if (err != SR_OK)
			return (err);
	}
	*out = s.session;
	return (SR_OK);
}

struct end {
	const struct store * store;
	const struct session * session;
	struct audit_entry audit;
};

/* What has ended already is not audited twice. */
static enum sr_error
end_tx(struct tx * tx, void * cookie)
{
	struct end * e = cookie;
	uint64_t ended = 0;
	enum sr_error err;

	err = db_exec(tx_db(tx), STMT_SESSION_END,
	    DB_ARGS(DB_TIME(e->audit.occurred_at), DB_UUID(&e->session->id)),
	    &ended);
	if (err != SR_OK || ended == 0)
		return (err);
	return (audit_append(tx, e->store, &e->audit));
}

/**
 * session_end(store, actor, session):
 * Sign out.
 */
enum sr_error
session_end(const struct store * store, const struct actor * actor,
    const struct session * session)
{
	struct end e = { .store = store, .session = session,
	    .audit = { .occurred_at = clock_now(), .actor = actor,
	    .action = AUDIT_SIGN_OUT, .outcome = AUDIT_SUCCEEDED } };
	enum sr_error err;

	if ((err = sr_id_new(&e.audit.id)) != SR_OK ||
	    (err = tx_run(store->db, &e.audit.id, end_tx, &e)) != SR_OK)
		return (err);
	LOG(SIGNED_OUT, log_id("session_id", session->id));
	return (SR_OK);
}
