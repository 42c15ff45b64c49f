#include <mysql.h>
#include <string.h>

#include "core/log/log.h"
#include "core/store/db_internal.h"

#define CHARSET_BINARY	63

static bool
is_uuid(MYSQL_FIELD * f)
{
	MARIADB_CONST_STRING name = { NULL, 0 };

	return (mariadb_field_attr(&name, f,
	    MARIADB_FIELD_ATTR_DATA_TYPE_NAME) == 0 && name.length == 4 &&
	    strncmp(name.str, "uuid", 4) == 0);
}

static bool
is_string(const MYSQL_FIELD * f)
{

	return (f->type == MYSQL_TYPE_STRING ||
	    f->type == MYSQL_TYPE_VAR_STRING ||
	    f->type == MYSQL_TYPE_VARCHAR || f->type == MYSQL_TYPE_ENUM ||
	    f->type == MYSQL_TYPE_TINY_BLOB || f->type == MYSQL_TYPE_BLOB ||
	    f->type == MYSQL_TYPE_MEDIUM_BLOB ||
	    f->type == MYSQL_TYPE_LONG_BLOB);
}

static bool
is_integer(const MYSQL_FIELD * f)
{

	return (f->type == MYSQL_TYPE_TINY || f->type == MYSQL_TYPE_SHORT ||
	    f->type == MYSQL_TYPE_INT24 || f->type == MYSQL_TYPE_LONG ||
	    f->type == MYSQL_TYPE_LONGLONG);
}

/* Whether the column can be handed out as that letter. */
static bool
fits(MYSQL_FIELD * f, char c)
{

	switch (c | 0x20) {
	case 'u':
		return (is_uuid(f));
	case 's':
		return (is_string(f) && f->charsetnr != CHARSET_BINARY);
	case 'b':
		return (is_string(f) && f->charsetnr == CHARSET_BINARY);
	case 'i':
		return (is_integer(f));
	case 't':
		return (f->type == MYSQL_TYPE_DATETIME ||
		    f->type == MYSQL_TYPE_TIMESTAMP);
	default:
		return (false);
	}
}

static enum sr_error
check_columns(struct db_stmt * st)
{
	const struct stmt_row * row = stmt_row(st->id);
	enum sr_error err = SR_OK;
	MYSQL_RES * meta;
	unsigned i;

	if (st->cols == 0)
		return (SR_OK);
	if ((meta = mysql_stmt_result_metadata(st->s)) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY,
		    log_const("statement", db_stmt_name(st->id))));
	for (i = 0; i < st->cols && err == SR_OK; i++) {
		if (!fits(mysql_fetch_field_direct(meta, i), row->cols[i]))
			err = sr_fail(SR_E_SCHEMA_MISMATCH,
			    log_const("statement", db_stmt_name(st->id)),
			    log_u64("column", i));
	}
	mysql_free_result(meta);
	return (err);
}

static enum sr_error
check_stmt(struct db * db, enum stmt id)
{
	struct db_stmt * st;
	enum sr_error err;

	/* Anew, so that a table that was changed meanwhile is seen. */
	db_unprepare(db, id);
	if ((err = db_prepare(db, id, &st)) == SR_OK)
		err = check_columns(st);
	return (err == SR_E_DATABASE_REFUSED ? SR_E_SCHEMA_MISMATCH : err);
}

/**
 * db_check_schema(db, bad):
 * Prepare every statement of stmt.def and compare it with its row.
 */
enum sr_error
db_check_schema(struct db * db, enum stmt * bad)
{
	enum sr_error err;
	int id;

	if (bad != NULL)
		*bad = STMT__MAX;
	if ((err = db_ready(db)) != SR_OK)
		return (err);
	for (id = 0; id < STMT__MAX; id++) {
		if ((err = check_stmt(db, (enum stmt)id)) == SR_OK)
			continue;
		if (bad != NULL)
			*bad = (enum stmt)id;
		return (err);
	}
	LOG(SCHEMA_CHECKED, log_u64("statements", STMT__MAX));
	return (SR_OK);
}
