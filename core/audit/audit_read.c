#include <string.h>

#include "core/audit/read_internal.h"
#include "core/base/strbuf.h"

/* Copy what fits, whole characters only. */
static void
copy_text(char * to, size_t size, const char * from)
{
	size_t len = 0, all = strlen(from), n;

	while (len < all && (n = utf8_next(from + len, all - len)) != 0 &&
	    len + n < size)
		len += n;
	memcpy(to, from, len);
	to[len] = '\0';
}

/** audit_take_row(row, reading): a db_row_fn for AUDIT_COLS. */
enum sr_error
audit_take_row(const struct db_row * row, void * reading)
{
	struct row_reading * r = reading;
	struct audit_row a;

	a.id = db_col_uuid(row, 0);
	a.chain_id = db_col_uuid(row, 1);
	a.chain_seq = (uint32_t)db_col_int(row, 2);
	a.occurred_at = db_col_time(row, 3);
	copy_text(a.actor_kind, sizeof(a.actor_kind), db_col_text(row, 4));
	copy_text(a.actor_label, sizeof(a.actor_label), db_col_text(row, 6));
	copy_text(a.action, sizeof(a.action), db_col_text(row, 7));
	copy_text(a.target_kind, sizeof(a.target_kind), db_col_text(row, 8));
	a.target_id = db_col_uuid(row, 9);
	copy_text(a.scope, sizeof(a.scope), db_col_text(row, 10));
	copy_text(a.name, sizeof(a.name), db_col_text(row, 11));
	a.key_version = (uint32_t)db_col_int(row, 12);
	copy_text(a.outcome, sizeof(a.outcome), db_col_text(row, 13));
	copy_text(a.error_type, sizeof(a.error_type), db_col_text(row, 14));
	a.correlation_id = db_col_uuid(row, 15);
	r->said = r->fn(&a, r->cookie);
	return (r->said);
}

/** audit_read_error(reading, err): what a reader answers for db_query's. */
enum sr_error
audit_read_error(const struct row_reading * r, enum sr_error err)
{

	if (err == SR_OK || r->said != SR_OK || err == SR_E_OUT_OF_MEMORY)
		return (err);
	return (SR_E_SECRET_AUDIT_UNAVAILABLE);
}

/** audit_of_target(db, target_id, limit, fn, cookie): newest first. */
enum sr_error
audit_of_target(struct db * db, const struct sr_id * target_id, unsigned limit,
    audit_row_fn * fn, void * cookie)
{
	struct row_reading r = { .fn = fn, .cookie = cookie };
	enum sr_error err;

	err = db_query(db, STMT_AUDIT_OF_TARGET,
	    DB_ARGS(DB_UUID(target_id), DB_INT(limit)), audit_take_row, &r);
	return (audit_read_error(&r, err));
}

/** audit_recent(db, target_kind, limit, fn, cookie): newest first. */
enum sr_error
audit_recent(struct db * db, const char * target_kind, unsigned limit,
    audit_row_fn * fn, void * cookie)
{
	struct row_reading r = { .fn = fn, .cookie = cookie };
	enum sr_error err;

	err = db_query(db, STMT_AUDIT_RECENT,
	    DB_ARGS(DB_TEXT(target_kind), DB_INT(limit)), audit_take_row, &r);
	return (audit_read_error(&r, err));
}
