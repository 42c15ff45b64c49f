#include <mysql.h>
#include <string.h>

#include "core/store/db_internal.h"

/**
 * db_exec(db, stmt, params, n, affected):
 * Run a statement without rows.
 */
enum sr_error
db_exec(struct db * db, enum stmt stmt, const struct db_param * params,
    size_t n, uint64_t * affected)
{
	struct db_stmt * st;
	enum sr_error err;

	must(stmt_row(stmt)->cols[0] == '\0');
	if ((err = db_execute(db, stmt, params, n, &st)) != SR_OK)
		return (err);
	if (affected != NULL)
		*affected = mysql_stmt_affected_rows(st->s);
	return (SR_OK);
}

/** db_text(db, where, sql, affected): constant SQL in the text protocol. */
enum sr_error
db_text(struct db * db, int where, const char * sql, uint64_t * affected)
{

	must(db->my != NULL);
	db->err_no = 0;
	if (mysql_real_query(db->my, sql, strlen(sql)) != 0)
		return (db_failed(db, where, mysql_errno(db->my)));
	if (affected != NULL)
		*affected = mysql_affected_rows(db->my);
	return (SR_OK);
}
