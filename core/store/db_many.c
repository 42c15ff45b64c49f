#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/store/db_internal.h"

/* Rows that go to the server at once; their values are copied here. */
#define ROWS_MAX	256

/*
 * One parameter of all rows, as the client library wants it: values of a fixed
 * size in an array, pointers to all others, lengths and NULLs beside.
 */
struct column {
	void ** p;
	unsigned long * len;
	char * indicator;
	long long * i;
	MYSQL_TIME * t;
	char (*uuid)[SR_ID_STRLEN + 1];
};

struct columns {
	MYSQL_BIND b[DB_PARAMS_MAX];
	struct column c[DB_PARAMS_MAX];
	size_t n;
};

static void
free_columns(struct columns * all)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		free(all->c[i].p);
		free(all->c[i].len);
		free(all->c[i].indicator);
		free(all->c[i].i);
		free(all->c[i].t);
		free(all->c[i].uuid);
	}
}

static bool
new_column(struct column * c, char letter, size_t rows)
{

	c->p = calloc(rows, sizeof(*c->p));
	c->len = calloc(rows, sizeof(*c->len));
	c->indicator = calloc(rows, 1);
	if (letter == 'i')
		c->i = calloc(rows, sizeof(*c->i));
	else if (letter == 't')
		c->t = calloc(rows, sizeof(*c->t));
	else if (letter == 'u')
		c->uuid = calloc(rows, sizeof(*c->uuid));
	return (c->p != NULL && c->len != NULL && c->indicator != NULL &&
	    (letter != 'i' || c->i != NULL) &&
	    (letter != 't' || c->t != NULL) &&
	    (letter != 'u' || c->uuid != NULL));
}

static void
set_bytes(struct column * c, size_t row, const void * p, size_t len)
{

	/* The library reads it and has no const in its types. */
	c->p[row] = (void *)(uintptr_t)p;
	c->len[row] = len;
}

static void
set_value(struct column * c, size_t row, const struct db_param * p)
{

	if (db_param_null(p)) {
		c->indicator[row] = STMT_INDICATOR_NULL;
		return;
	}
	switch (p->kind) {
	case DB_KIND_UUID:
		sr_id_format(p->p, c->uuid[row]);
		set_bytes(c, row, c->uuid[row], SR_ID_STRLEN);
		break;
	case DB_KIND_TEXT:
		set_bytes(c, row, p->p, strlen(p->p));
		break;
	case DB_KIND_BYTES:
		set_bytes(c, row, p->p, p->len);
		break;
	case DB_KIND_INT:
		c->i[row] = p->i;
		break;
	case DB_KIND_TIME:
		db_time_to_server(p->i, &c->t[row]);
		c->p[row] = &c->t[row];
		break;
	case DB_KIND_NULL:
		break;
	}
}

static void
bind_column(MYSQL_BIND * b, const struct column * c, char letter)
{

	b->buffer_type = letter == 'i' ? MYSQL_TYPE_LONGLONG :
	    letter == 't' ? MYSQL_TYPE_DATETIME :
	    letter == 'b' ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
	b->buffer = letter == 'i' ? (void *)c->i : (void *)c->p;
	b->length = letter == 'i' || letter == 't' ? NULL : c->len;
	b->u.indicator = c->indicator;
}

static enum sr_error
bind_rows(const struct stmt_row * row, const struct db_param * rows,
    size_t n_rows, struct columns * all)
{
	size_t i, j;

	for (j = 0; j < all->n; j++) {
		char letter = (char)(row->params[j] | 0x20);

		if (!new_column(&all->c[j], letter, n_rows))
			return (SR_E_OUT_OF_MEMORY);
		for (i = 0; i < n_rows; i++) {
			db_check_param(row->params[j], &rows[i * all->n + j]);
			set_value(&all->c[j], i, &rows[i * all->n + j]);
		}
		bind_column(&all->b[j], &all->c[j], letter);
	}
	return (SR_OK);
}

static bool
set_rows(struct db_stmt * st, unsigned n)
{

	return (mysql_stmt_attr_set(st->s, STMT_ATTR_ARRAY_SIZE, &n) == 0);
}

/* All rows in one command. The statement goes on serving single rows. */
static enum sr_error
exec_at_once(struct db * db, enum stmt stmt, struct columns * all,
    size_t n_rows, uint64_t * affected)
{
	struct db_stmt * st;
	enum sr_error err;
	unsigned err_no;
	bool failed;

	if ((err = db_prepare(db, stmt, &st)) != SR_OK)
		return (err);
	db->err_no = 0;
	failed = !set_rows(st, (unsigned)n_rows) ||
	    mysql_stmt_bind_param(st->s, all->b) != 0 ||
	    mysql_stmt_execute(st->s) != 0;
	if (failed) {
		err_no = mysql_stmt_errno(st->s);
		/* What is left of it must not be taken for a single row. */
		db_unprepare(db, stmt);
		return (db_failed(db, (int)stmt, err_no));
	}
	*affected += mysql_stmt_affected_rows(st->s);
	if (!set_rows(st, 0))
		db_unprepare(db, stmt);
	return (SR_OK);
}

static enum sr_error
exec_some(struct db * db, enum stmt stmt, const struct db_param * rows,
    size_t n_rows, size_t n_params, uint64_t * affected)
{
	struct columns * all = calloc(1, sizeof(*all));
	enum sr_error err;

	if (all == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY,
		    log_const("statement", db_stmt_name(stmt))));
	all->n = n_params;
	err = bind_rows(stmt_row(stmt), rows, n_rows, all);
	if (err == SR_OK)
		err = exec_at_once(db, stmt, all, n_rows, affected);
	else
		err = sr_fail(err, log_const("statement", db_stmt_name(stmt)));
	free_columns(all);
	free(all);
	return (err);
}

static enum sr_error
exec_one_by_one(struct db * db, enum stmt stmt, const struct db_param * rows,
    size_t n_rows, size_t n_params, uint64_t * affected)
{
	uint64_t one = 0;
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; i < n_rows && err == SR_OK; i++) {
		err = db_exec(db, stmt, rows + i * n_params, n_params, &one);
		if (err == SR_OK)
			*affected += one;
	}
	return (err);
}

static enum sr_error
exec_in_chunks(struct db * db, enum stmt stmt, const struct db_param * rows,
    size_t n_rows, size_t n_params, uint64_t * affected)
{
	enum sr_error err = SR_OK;
	size_t i, n;

	for (i = 0; i < n_rows && err == SR_OK; i += n) {
		n = n_rows - i < ROWS_MAX ? n_rows - i : ROWS_MAX;
		err = exec_some(db, stmt, rows + i * n_params, n, n_params,
		    affected);
	}
	return (err);
}

static bool
takes_arrays(const struct db * db)
{
	unsigned long capabilities = 0;

	return (!db->o.row_by_row && mariadb_get_infov(db->my,
	    MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES,
	    &capabilities) == 0 && (capabilities &
	    (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0);
}

/**
 * db_exec_many(db, stmt, rows, n_rows, n_params, affected):
 * Run a statement without rows for each of ${n_rows} rows of parameters.
 */
enum sr_error
db_exec_many(struct db * db, enum stmt stmt, const struct db_param * rows,
    size_t n_rows, size_t n_params, uint64_t * affected)
{
	uint64_t all = 0;
	enum sr_error err = SR_OK;

	must(stmt_row(stmt)->cols[0] == '\0');
	must(n_params == strlen(stmt_row(stmt)->params) && n_params != 0);
	must(db->in_tx || n_rows < 2);
	if (affected != NULL)
		*affected = 0;
	if (n_rows != 0 && (err = db_ready(db)) != SR_OK)
		return (err);
	if (n_rows < 2 || !takes_arrays(db))
		err = exec_one_by_one(db, stmt, rows, n_rows, n_params, &all);
	else
		err = exec_in_chunks(db, stmt, rows, n_rows, n_params, &all);
	if (err == SR_OK && affected != NULL)
		*affected = all;
	return (err);
}
