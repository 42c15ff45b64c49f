#include "core/access/apikey_internal.h"
#include "core/access/standing.h"
#include "core/log/log.h"
#include "core/store/idlist.h"

#define SR_MINUTE	(60 * SR_SECOND)
#define SR_HOUR		(60 * SR_MINUTE)

struct sessions {
	const struct session_limits * limits;
	sr_time now;
	session_standing_fn * fn;
	void * cookie;
};

static enum sr_error
session_row(const struct db_row * row, void * cookie)
{
	const struct sessions * s = cookie;
	const struct sr_id id = db_col_uuid(row, 0);
	const sr_time oldest = s->now - s->limits->max_hours * SR_HOUR;
	const sr_time idle = s->now - s->limits->idle_minutes * SR_MINUTE;
	enum role role;

	/* One that cannot be read does not stand; the others may. */
	if (!role_parse(db_col_text(row, 1), &role)) {
		(void)sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "account.role"));
		return (SR_OK);
	}
	if (db_col_time(row, 2) > oldest && db_col_time(row, 3) > idle &&
	    db_col_time(row, 4) > s->now && db_col_null(row, 5))
		s->fn(&id, role, s->cookie);
	return (SR_OK);
}

enum sr_error
sessions_standing(struct db * db, const struct sr_id * ids, size_t n,
    const struct session_limits * limits, session_standing_fn * fn,
    void * cookie)
{
	struct sessions s = { .limits = limits, .now = clock_now(), .fn = fn,
	    .cookie = cookie };
	struct strbuf list;
	enum sr_error err;

	if ((err = idlist(ids, n, &list)) == SR_OK)
		err = db_query(db, STMT_SESSION_STANDING,
		    DB_ARGS(DB_TEXT(strbuf_str(&list))), session_row, &s);
	strbuf_free(&list);
	return (err);
}

struct accounts {
	session_standing_fn * fn;
	void * cookie;
};

static enum sr_error
account_row(const struct db_row * row, void * cookie)
{
	const struct accounts * a = cookie;
	const struct sr_id id = db_col_uuid(row, 0);
	enum role role;

	if (!role_parse(db_col_text(row, 1), &role))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "account.role")));
	if (db_col_null(row, 2))
		a->fn(&id, role, a->cookie);
	return (SR_OK);
}

enum sr_error
accounts_standing(struct db * db, const struct sr_id * ids, size_t n,
    session_standing_fn * fn, void * cookie)
{
	struct accounts a = { .fn = fn, .cookie = cookie };
	struct strbuf list;
	enum sr_error err;

	if ((err = idlist(ids, n, &list)) == SR_OK)
		err = db_query(db, STMT_ACCOUNT_STANDING,
		    DB_ARGS(DB_TEXT(strbuf_str(&list))), account_row, &a);
	strbuf_free(&list);
	return (err);
}

struct keys {
	sr_time now;
	api_key_standing_fn * fn;
	void * cookie;
};

static enum sr_error
key_row(const struct db_row * row, void * cookie)
{
	const struct keys * k = cookie;
	struct api_key key;
	enum sr_error err;

	if ((err = api_key_from_row(row, &key)) != SR_OK)
		return (err == SR_E_SCHEMA_MISMATCH ? SR_OK : err);
	if (key.revoked_at == SR_TIME_NONE && key.held_at == SR_TIME_NONE &&
	    (key.expires_at == SR_TIME_NONE || key.expires_at > k->now))
		k->fn(&key.id, key.scopes, k->cookie);
	return (SR_OK);
}

enum sr_error
api_keys_standing(struct db * db, const struct sr_id * ids, size_t n,
    api_key_standing_fn * fn, void * cookie)
{
	struct keys k = { .now = clock_now(), .fn = fn, .cookie = cookie };
	struct strbuf list;
	enum sr_error err;

	if ((err = idlist(ids, n, &list)) == SR_OK)
		err = db_query(db, STMT_API_KEY_STANDING,
		    DB_ARGS(DB_TEXT(strbuf_str(&list))), key_row, &k);
	strbuf_free(&list);
	return (err);
}
