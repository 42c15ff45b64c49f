#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/store/db_internal.h"

/* First room for a text or bytes column; it grows to what it meets. */
#define VALUE_CAP	256

/* The letter without its nullability. */
static char
letter(char c)
{

	return ((char)(c | 0x20));
}

static void
bind_column(struct db_stmt * st, size_t i, char c)
{
	struct db_value * v = &st->values[i];
	MYSQL_BIND * b = &st->out[i];

	b->is_null = &v->null;
	b->length = &v->len;
	b->error = &v->cut;
	switch (letter(c)) {
	case 'i':
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer = &v->i;
		b->buffer_length = sizeof(v->i);
		break;
	case 't':
		b->buffer_type = MYSQL_TYPE_DATETIME;
		b->buffer = &v->t;
		b->buffer_length = sizeof(v->t);
		break;
	default:
		b->buffer_type = letter(c) == 'b' ? MYSQL_TYPE_BLOB :
		    MYSQL_TYPE_STRING;
		b->buffer = v->p;
		b->buffer_length = v->cap - 1;
		break;
	}
}

static void
free_stmt(struct db_stmt ** st)
{
	size_t i;

	if (*st == NULL)
		return;
	if ((*st)->s != NULL)
		mysql_stmt_close((*st)->s);
	for (i = 0; (*st)->values != NULL && i < (*st)->cols; i++)
		free((*st)->values[i].p);
	free((*st)->values);
	free((*st)->out);
	free(*st);
	*st = NULL;
}

static struct db_stmt *
new_stmt(struct db * db, enum stmt id)
{
	const char * cols = stmt_row(id)->cols;
	struct db_stmt * st = calloc(1, sizeof(*st));
	size_t i;

	if (st == NULL)
		return (NULL);
	st->id = id;
	st->cols = strlen(cols);
	/* One element more: calloc of none may return NULL. */
	st->out = calloc(st->cols + 1, sizeof(*st->out));
	st->values = calloc(st->cols + 1, sizeof(*st->values));
	st->s = mysql_stmt_init(db->my);
	if (st->s == NULL || st->out == NULL || st->values == NULL)
		goto err;
	for (i = 0; i < st->cols; i++) {
		st->values[i].cap = VALUE_CAP;
		if ((st->values[i].p = malloc(VALUE_CAP)) == NULL)
			goto err;
		bind_column(st, i, cols[i]);
	}
	return (st);
err:
	free_stmt(&st);
	return (NULL);
}

/** db_unprepare(db, id): close it; the next use prepares it anew. */
void
db_unprepare(struct db * db, enum stmt id)
{

	free_stmt(&db->stmts[id]);
}

/** db_prepare(db, id, out): the statement, prepared if it is not yet. */
enum sr_error
db_prepare(struct db * db, enum stmt id, struct db_stmt ** out)
{
	const struct stmt_row * row = stmt_row(id);
	struct db_stmt * st;
	enum sr_error err;

	if (db->stmts[id] != NULL) {
		*out = db->stmts[id];
		return (SR_OK);
	}
	if ((st = new_stmt(db, id)) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY,
		    log_const("statement", db_stmt_name(id))));
	if (mysql_stmt_prepare(st->s, row->sql, strlen(row->sql)) != 0) {
		unsigned err_no = mysql_stmt_errno(st->s);

		free_stmt(&st);
		return (db_failed(db, (int)id, err_no));
	}
	if (mysql_stmt_param_count(st->s) != strlen(row->params) ||
	    mysql_stmt_field_count(st->s) != st->cols) {
		err = sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("statement", db_stmt_name(id)));
		free_stmt(&st);
		return (err);
	}
	*out = db->stmts[id] = st;
	return (SR_OK);
}

/* What the bind array points at while a statement is executed. */
struct arguments {
	MYSQL_BIND b[DB_PARAMS_MAX];
	char uuid[DB_PARAMS_MAX][SR_ID_STRLEN + 1];
	long long i[DB_PARAMS_MAX];
	MYSQL_TIME t[DB_PARAMS_MAX];
};

static void
bind_bytes(MYSQL_BIND * b, enum enum_field_types type, const void * p,
    size_t len)
{

	b->buffer_type = type;
	/* The library reads it and has no const in its types. */
	b->buffer = (void *)(uintptr_t)p;
	b->buffer_length = len;
}

/** db_param_null(p): whether the parameter is SQL NULL. */
bool
db_param_null(const struct db_param * p)
{

	if (p->kind == DB_KIND_TIME)
		return (p->i == SR_TIME_NONE);
	return (p->kind == DB_KIND_NULL ||
	    (p->kind != DB_KIND_INT && p->p == NULL));
}

static void
bind_param(struct arguments * a, size_t i, const struct db_param * p)
{

	switch (p->kind) {
	case DB_KIND_UUID:
		sr_id_format(p->p, a->uuid[i]);
		bind_bytes(&a->b[i], MYSQL_TYPE_STRING, a->uuid[i],
		    SR_ID_STRLEN);
		break;
	case DB_KIND_TEXT:
		bind_bytes(&a->b[i], MYSQL_TYPE_STRING, p->p, strlen(p->p));
		break;
	case DB_KIND_BYTES:
		bind_bytes(&a->b[i], MYSQL_TYPE_BLOB, p->p, p->len);
		break;
	case DB_KIND_INT:
		a->i[i] = p->i;
		bind_bytes(&a->b[i], MYSQL_TYPE_LONGLONG, &a->i[i],
		    sizeof(a->i[i]));
		break;
	case DB_KIND_TIME:
		db_time_to_server(p->i, &a->t[i]);
		bind_bytes(&a->b[i], MYSQL_TYPE_DATETIME, &a->t[i],
		    sizeof(a->t[i]));
		break;
	case DB_KIND_NULL:
		break;
	}
}

/** db_check_param(c, p): end the program if ${p} does not fit letter ${c}. */
void
db_check_param(char c, const struct db_param * p)
{
	static const char letters[] = { [DB_KIND_NULL] = '\0',
	    [DB_KIND_UUID] = 'u', [DB_KIND_TEXT] = 's',
	    [DB_KIND_BYTES] = 'b', [DB_KIND_INT] = 'i',
	    [DB_KIND_TIME] = 't' };

	if (db_param_null(p))
		must(c < 'a');
	else
		must(letters[p->kind] == letter(c));
}

static void
bind_params(const struct stmt_row * row, const struct db_param * params,
    size_t n, struct arguments * a)
{
	size_t i;

	must(n == strlen(row->params));
	memset(a->b, 0, n * sizeof(a->b[0]));
	for (i = 0; i < n; i++) {
		db_check_param(row->params[i], &params[i]);
		if (db_param_null(&params[i]))
			a->b[i].buffer_type = MYSQL_TYPE_NULL;
		else
			bind_param(a, i, &params[i]);
	}
}

/* Whether a refusal may come from a statement that no longer fits its tables;
 * preparing it anew costs little. */
static bool
may_be_stale(unsigned err_no)
{

	return (err_no != 1062 && db_classify(err_no) == SR_E_DATABASE_REFUSED);
}

/** db_execute(db, id, params, n, out): prepare, bind, execute. */
enum sr_error
db_execute(struct db * db, enum stmt id, const struct db_param * params,
    size_t n, struct db_stmt ** out)
{
	const struct stmt_row * row = stmt_row(id);
	struct arguments a;
	struct db_stmt * st;
	enum sr_error err;
	unsigned err_no;

	bind_params(row, params, n, &a);
	if ((err = db_ready(db)) != SR_OK ||
	    (err = db_prepare(db, id, &st)) != SR_OK)
		return (err);
	db->err_no = 0;
	if ((n != 0 && mysql_stmt_bind_param(st->s, a.b) != 0) ||
	    mysql_stmt_execute(st->s) != 0) {
		err_no = mysql_stmt_errno(st->s);
		if (may_be_stale(err_no))
			db_unprepare(db, id);
		return (db_failed(db, (int)id, err_no));
	}
	*out = st;
	return (SR_OK);
}
