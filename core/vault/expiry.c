#include "core/log/log.h"
#include "core/store/db.h"

#include "core/vault/expiry.h"

static enum sr_error
count_row(const struct db_row * row, void * cookie)
{
	struct expiry * e = cookie;

	e->expired = (uint64_t)db_col_int(row, 0);
	e->expiring = (uint64_t)db_col_int(row, 1);
	return (SR_OK);
}

static enum sr_error
expired_row(const struct db_row * row, void * cookie)
{
	const struct expiry * e = cookie;

	LOG(SECRET_EXPIRED, log_id("secret_id", db_col_uuid(row, 0)),
	    log_u64("key_version", (uint64_t)db_col_int(row, 1)),
	    log_u64("count", e->expired));
	return (SR_OK);
}

static enum sr_error
expiring_row(const struct db_row * row, void * cookie)
{
	const struct expiry * e = cookie;

	LOG(SECRET_EXPIRING, log_id("secret_id", db_col_uuid(row, 0)),
	    log_u64("key_version", (uint64_t)db_col_int(row, 1)),
	    log_u64("count", e->expiring));
	return (SR_OK);
}

/**
 * expiry_report(db, days, out):
 * Count the secrets that expire soon or have expired, and write lines of them.
 */
enum sr_error
expiry_report(struct db * db, unsigned days, struct expiry * out)
{
	enum sr_error err;

	*out = (struct expiry){ 0, 0 };
	if ((err = db_query(db, STMT_SECRET_EXPIRY_COUNTS,
	    DB_ARGS(DB_INT(days)), count_row, out)) != SR_OK)
		return (err);
	if (out->expired != 0 && (err = db_query(db, STMT_SECRET_EXPIRED_LIST,
	    DB_ARGS(DB_INT(EXPIRY_LINES)), expired_row, out)) != SR_OK)
		return (err);
	if (out->expiring == 0)
		return (SR_OK);
	return (db_query(db, STMT_SECRET_EXPIRING_LIST,
	    DB_ARGS(DB_INT(days), DB_INT(EXPIRY_LINES)), expiring_row, out));
}
