#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/store/db_internal.h"

/* No column of ours is larger than a MEDIUMBLOB. */
#define VALUE_MAX	((size_t)16 * 1024 * 1024 + 2)

/* A value did not fit: make room and fetch the rest of this column. The
 * larger buffer has to be bound before the next row is fetched, since the
 * client library holds the address of the one that is freed here. */
static enum sr_error
fetch_rest(struct db_stmt * st, size_t i)
{
	struct db_value * v = &st->values[i];
	size_t cap = (size_t)v->len + 1;
	MYSQL_BIND b = st->out[i];
	char * p;

	if (cap > VALUE_MAX)
		return (SR_E_LIMIT_EXCEEDED);
	if (cap > v->cap) {
		if ((p = malloc(cap)) == NULL)
			return (SR_E_OUT_OF_MEMORY);
		free(v->p);
		v->p = p;
		v->cap = cap;
		st->outgrown = true;
	}
	b.buffer = v->p;
	b.buffer_length = v->cap - 1;
	if (mysql_stmt_fetch_column(st->s, &b, (unsigned)i, 0) != 0)
		return (SR_E_SCHEMA_MISMATCH);
	return (SR_OK);
}

/* Bring one column into the form in which the accessors hand it out. */
static enum sr_error
take_value(struct db_stmt * st, size_t i, char c)
{
	struct db_value * v = &st->values[i];
	enum sr_error err;

	if (v->null)
		return (c < 'a' ? SR_OK : SR_E_SCHEMA_MISMATCH);
	if (c == 'i' || c == 'I' || c == 't' || c == 'T')
		return (v->cut ? SR_E_SCHEMA_MISMATCH : SR_OK);
	/* The buffer that is bound may be an older, smaller one. */
	if (v->len > st->out[i].buffer_length || st->out[i].buffer != v->p) {
		if ((err = fetch_rest(st, i)) != SR_OK)
			return (err);
	}
	v->p[v->len] = '\0';
	if ((c == 'u' || c == 'U') && !sr_id_parse(v->p, &v->id))
		return (SR_E_SCHEMA_MISMATCH);
	return (SR_OK);
}

static enum sr_error
take_row(struct db_stmt * st)
{
	const struct stmt_row * row = stmt_row(st->id);
	enum sr_error err;
	size_t i;

	for (i = 0; i < st->cols; i++) {
		if ((err = take_value(st, i, row->cols[i])) != SR_OK)
			return (sr_fail(err, log_u64("column", i),
			    log_const("statement", db_stmt_name(st->id))));
	}
	return (SR_OK);
}

static enum sr_error
bind_result(struct db_stmt * st)
{
	const char * cols = stmt_row(st->id)->cols;
	size_t i;

	for (i = 0; i < st->cols; i++) {
		if (cols[i] == 'i' || cols[i] == 'I' || cols[i] == 't' ||
		    cols[i] == 'T')
			continue;
		st->out[i].buffer = st->values[i].p;
		st->out[i].buffer_length = st->values[i].cap - 1;
	}
	st->outgrown = false;
	if (mysql_stmt_field_count(st->s) != st->cols ||
	    mysql_stmt_bind_result(st->s, st->out) != 0)
		return (sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("statement", db_stmt_name(st->id))));
	return (SR_OK);
}

static enum sr_error
each_row(struct db * db, struct db_stmt * st, db_row_fn * fn, void * cookie)
{
	const struct db_row row = { .st = st };
	enum sr_error err;
	int rc;

	for (;;) {
		rc = mysql_stmt_fetch(st->s);
		if (rc == MYSQL_NO_DATA)
			return (SR_OK);
		if (rc != 0 && rc != MYSQL_DATA_TRUNCATED)
			return (db_failed(db, (int)st->id,
			    mysql_stmt_errno(st->s)));
		if ((err = take_row(st)) != SR_OK ||
		    (st->outgrown && (err = bind_result(st)) != SR_OK))
			return (err);
		db->reading = true;
		err = fn(&row, cookie);
		db->reading = false;
		if (err != SR_OK)
			return (err);
	}
}

/**
 * db_query(db, stmt, params, n, fn, cookie):
 * Run a statement and call ${fn} for each row. Rows are not stored here: they
 * come off the wire one by one.
 */
enum sr_error
db_query(struct db * db, enum stmt stmt, const struct db_param * params,
    size_t n, db_row_fn * fn, void * cookie)
{
	struct db_stmt * st;
	enum sr_error err;

	must(stmt_row(stmt)->cols[0] != '\0');
	if ((err = db_execute(db, stmt, params, n, &st)) != SR_OK)
		return (err);
	if ((err = bind_result(st)) == SR_OK)
		err = each_row(db, st, fn, cookie);
	/* A lost connection took the statement with it. */
	if (db->stmts[stmt] == st)
		mysql_stmt_free_result(st->s);
	return (err);
}

static enum sr_error
ignore_row(const struct db_row * row, void * cookie)
{

	(void)row;
	(void)cookie;
	return (SR_OK);
}

/** db_ping(db): connect if needed, ask for an answer. */
enum sr_error
db_ping(struct db * db)
{

	return (db_query(db, STMT_PING, DB_NOARGS, ignore_row, NULL));
}

static const struct db_value *
value(const struct db_row * row, size_t i, char c)
{
	const char * cols = stmt_row(row->st->id)->cols;

	must(i < row->st->cols && (cols[i] | 0x20) == c);
	return (&row->st->values[i]);
}

bool
db_col_null(const struct db_row * row, size_t i)
{

	must(i < row->st->cols);
	return (row->st->values[i].null);
}

struct sr_id
db_col_uuid(const struct db_row * row, size_t i)
{
	const struct db_value * v = value(row, i, 'u');

	return (v->null ? sr_id_nil : v->id);
}

const char *
db_col_text(const struct db_row * row, size_t i)
{
	const struct db_value * v = value(row, i, 's');

	return (v->null ? "" : v->p);
}

const uint8_t *
db_col_bytes(const struct db_row * row, size_t i, size_t * len)
{
	const struct db_value * v = value(row, i, 'b');

	*len = v->null ? 0 : v->len;
	return (v->null ? NULL : (const uint8_t *)v->p);
}

size_t
db_col_len(const struct db_row * row, size_t i)
{
	const struct db_value * v;

	must(i < row->st->cols);
	v = &row->st->values[i];
	return (v->null ? 0 : v->len);
}

int64_t
db_col_int(const struct db_row * row, size_t i)
{
	const struct db_value * v = value(row, i, 'i');

	return (v->null ? 0 : v->i);
}

sr_time
db_col_time(const struct db_row * row, size_t i)
{
	const struct db_value * v = value(row, i, 't');

	return (v->null ? SR_TIME_NONE : db_time_from_server(&v->t));
}
