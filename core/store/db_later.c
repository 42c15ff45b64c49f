#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/store/db_internal.h"

/** db_queue_clear(db): nothing waits any more. */
void
db_queue_clear(struct db * db)
{

	if (db->queue == NULL)
		return;
	db->queue->steps = db->queue->values = db->queue->len = 0;
}

/** db_queue_free(db): release what it has room for. */
void
db_queue_free(struct db * db)
{

	if (db->queue != NULL)
		free(db->queue->bytes);
	free(db->queue);
	db->queue = NULL;
}

static bool
room(struct db_queue * q, size_t more)
{
	size_t cap = q->cap == 0 ? 4096 : q->cap;
	char * bytes;

	while (cap - q->len < more)
		cap *= 2;
	if (cap == q->cap)
		return (true);
	if ((bytes = realloc(q->bytes, cap)) == NULL)
		return (false);
	q->bytes = bytes;
	q->cap = cap;
	return (true);
}

/* A copy, since the caller's is gone when the statement is sent. */
static bool
keep(struct db_queue * q, const struct db_param * p)
{
	struct db_kept * k = &q->value[q->values];
	char uuid[SR_ID_STRLEN + 1];
	const void * from = p->p;

	*k = (struct db_kept){ .kind = db_param_null(p) ? DB_KIND_NULL :
	    p->kind, .at = q->len, .len = p->len, .i = p->i };
	if (k->kind == DB_KIND_UUID) {
		sr_id_format(p->p, uuid);
		from = uuid;
		k->len = SR_ID_STRLEN;
	} else if (k->kind == DB_KIND_TEXT) {
		k->len = strlen(p->p);
	} else if (k->kind != DB_KIND_BYTES) {
		k->len = 0;
	}
	if (!room(q, k->len))
		return (false);
	if (k->len != 0)
		memcpy(q->bytes + q->len, from, k->len);
	q->len += k->len;
	q->values++;
	return (true);
}

static enum sr_error
enqueue(struct db * db, enum stmt stmt, const struct db_param * params,
    size_t n, bool some)
{
	struct db_queue * q = db->queue;
	size_t i;

	for (i = 0; i < n; i++) {
		db_check_param(stmt_row(stmt)->params[i], &params[i]);
		if (!keep(q, &params[i]))
			return (sr_fail(SR_E_OUT_OF_MEMORY,
			    log_const("statement", db_stmt_name(stmt))));
	}
	q->step[q->steps++] = (struct db_step){ stmt, some };
	return (SR_OK);
}

static enum sr_error
count_row(const struct db_row * row, void * cookie)
{
	uint64_t * rows = cookie;

	(void)row;
	++*rows;
	return (SR_OK);
}

/* As if there were no queue. */
static enum sr_error
at_once(struct db * db, enum stmt stmt, const struct db_param * params,
    size_t n, uint64_t * rows)
{

	if (stmt_row(stmt)->cols[0] == '\0')
		return (db_exec(db, stmt, params, n, rows));
	*rows = 0;
	return (db_query(db, stmt, params, n, count_row, rows));
}

/**
 * db_later(db, stmt, params, n, rows):
 * Run a statement of a transaction together with those that come next.
 */
enum sr_error
db_later(struct db * db, enum stmt stmt, const struct db_param * params,
    size_t n, uint64_t * rows)
{

	must(db->in_tx && n == strlen(stmt_row(stmt)->params));
	must(rows != NULL || stmt_row(stmt)->cols[0] == '\0');
	if (db->broken != SR_OK)
		return (db->broken);
	if (db->refused)
		return (SR_E_DATABASE_REFUSED);
	if (db->queue == NULL &&
	    (db->queue = calloc(1, sizeof(*db->queue))) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY,
		    log_const("statement", db_stmt_name(stmt))));
	if (db->apart || db->no_blocks || db->o.row_by_row)
		return (at_once(db, stmt, params, n, rows));
	if (rows != NULL)
		*rows = 1;
	if (db->queue->steps == DB_STEPS_MAX) {
		enum sr_error err = db_catch_up(db);

		if (err != SR_OK)
			return (err);
	}
	return (enqueue(db, stmt, params, n, rows != NULL));
}
