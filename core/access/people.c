/* Accounts are read, and changes of them take turns. */

#include "core/log/log.h"

#include "core/access/people_internal.h"

/** account_from_row(row, out): the columns ACCOUNT_COLS of stmt.def. */
enum sr_error
account_from_row(const struct db_row * row, struct account * out)
{

	if (!role_parse(db_col_text(row, 2), &out->role))
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("column", "account.role")));
	out->id = db_col_uuid(row, 0);
	(void)snprintf(out->email, sizeof(out->email), "%s",
	    db_col_text(row, 1));
	out->created_at = db_col_time(row, 3);
	out->disabled_at = db_col_time(row, 4);
	out->factor = db_col_int(row, 5) != 0;
	return (SR_OK);
}

struct list {
	account_fn * fn;
	void * cookie;
};

static enum sr_error
list_row(const struct db_row * row, void * cookie)
{
	const struct list * l = cookie;
	struct account account;
	enum sr_error err;

	if ((err = account_from_row(row, &account)) != SR_OK)
		return (err);
	return (l->fn(&account, l->cookie));
}

/** account_list(db, fn, cookie): all, the oldest first. */
enum sr_error
account_list(struct db * db, account_fn * fn, void * cookie)
{
	struct list l = { .fn = fn, .cookie = cookie };

	return (db_query(db, STMT_ACCOUNT_LIST, DB_NOARGS, list_row, &l));
}

struct found {
	struct account * account;
	bool found;
};

static enum sr_error
found_row(const struct db_row * row, void * cookie)
{
	struct found * f = cookie;

	f->found = true;
	return (account_from_row(row, f->account));
}

/** account_find(db, email, out): the one with that address. */
enum sr_error
account_find(struct db * db, const char * email, struct account * out)
{
	struct found f = { .account = out, .found = false };
	char folded[EMAIL_MAX + 1];
	enum sr_error err;

	if (!email_fold(email, folded))
		return (SR_E_ACCOUNT_NOT_FOUND);
	err = db_query(db, STMT_ACCOUNT_FIND, DB_ARGS(DB_TEXT(folded)),
	    found_row, &f);
	if (err != SR_OK)
		return (err);
	return (f.found ? SR_OK : SR_E_ACCOUNT_NOT_FOUND);
}

static enum sr_error
role_row(const struct db_row * row, void * cookie)
{
	enum role * role = cookie;

	return (role_parse(db_col_text(row, 0), role) ? SR_OK :
	    sr_fail(SR_E_SCHEMA_MISMATCH,
	    log_const("column", "account.role")));
}

/**
 * people_turn(tx, now, actor):
 * Take the turn at changing who may do what, until the commit.
 */
enum sr_error
people_turn(struct tx * tx, sr_time now, const struct actor * actor)
{
	enum role role = ROLE_ANYONE;
	enum sr_error err;

	err = db_exec(tx_db(tx), STMT_ACCOUNTS_TURN, DB_ARGS(DB_TIME(now)),
	    NULL);
	if (err != SR_OK || actor->kind != ACTOR_ACCOUNT)
		return (err);
	err = db_query(tx_db(tx), STMT_ACCOUNT_STANDS,
	    DB_ARGS(DB_UUID(&actor->id)), role_row, &role);
	if (err != SR_OK)
		return (err);
	return (role == ROLE_OWNER ? SR_OK : SR_E_ROLE_FORBIDDEN);
}

/** people_refused(store, audit, error): a line in the log, and a row. */
enum sr_error
people_refused(const struct store * store, const struct audit_entry * audit,
    enum sr_error error)
{
	struct audit_entry e = *audit;

	LOG(ACCOUNT_REFUSED, log_error(error),
	    log_const("action", audit_action_name(e.action)));
	if (error == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return (error);
	e.id = sr_id_nil;
	e.keys = NULL;
	e.error = error;
	e.outcome = error == SR_E_PLAINTEXT_SECRET_PERSISTENCE_BLOCKED ?
	    AUDIT_BLOCKED : AUDIT_FAILED;
	(void)audit_refusal(store, &e);
	return (error);
}
