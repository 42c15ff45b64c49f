/*
 * What waits in the queue, as one compound statement: prepared once for each
 * sequence of statements, so that there is nothing in it but their own SQL.
 */
#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/strbuf.h"
#include "core/log/log.h"
#include "core/store/db_internal.h"

#define SQL_MAX		65536
#define OUT_OF_MEMORY	2008	/* To the client library. */
#define REFUSE		" THEN SIGNAL SQLSTATE '45000'; END IF;"

static void
free_block(struct db_block * b)
{

	if (b->s != NULL)
		mysql_stmt_close(b->s);
	*b = (struct db_block){ .s = NULL };
}

/** db_blocks_free(db): close them, before the connection is. */
void
db_blocks_free(struct db * db)
{
	size_t i;

	for (i = 0; i < DB_BLOCKS_MAX; i++)
		free_block(&db->block[i]);
	db->no_blocks = false;
}

static void
compose_step(struct strbuf * sql, const struct db_step * step)
{
	const struct stmt_row * row = stmt_row(step->id);

	/* One column of one row at the most, which is never NULL. */
	if (row->cols[0] != '\0')
		strbuf_printf(sql, " IF (%s) IS NULL" REFUSE, row->sql);
	else
		strbuf_printf(sql, " %s;%s", row->sql, step->some ?
		    " IF ROW_COUNT() = 0" REFUSE : "");
}

/* How far it came is asked for when it fails: a COMMIT that failed may have
 * been done. */
static void
compose(struct strbuf * sql, const struct db_block * b)
{
	size_t i;

	strbuf_printf(sql, "BEGIN NOT ATOMIC%s%s",
	    b->commit ? " SET @sr_committing = 0;" : "",
	    b->begin ? " START TRANSACTION;" : "");
	for (i = 0; i < b->steps; i++)
		compose_step(sql, &b->step[i]);
	strbuf_printf(sql, "%s END", b->commit ?
	    " SET @sr_committing = 1; COMMIT;" : "");
}

static bool
same(const struct db_block * a, const struct db_block * b)
{
	size_t i;

	if (a->s == NULL || a->steps != b->steps || a->begin != b->begin ||
	    a->commit != b->commit)
		return (false);
	for (i = 0; i < a->steps; i++) {
		if (a->step[i].id != b->step[i].id ||
		    a->step[i].some != b->step[i].some)
			return (false);
	}
	return (true);
}

static unsigned
prepare(struct db * db, struct db_block * b)
{
	struct strbuf sql;
	unsigned err_no = 0;

	strbuf_init(&sql, SQL_MAX);
	compose(&sql, b);
	b->s = strbuf_status(&sql) == SR_OK ? mysql_stmt_init(db->my) : NULL;
	if (b->s == NULL)
		err_no = OUT_OF_MEMORY;
	else if (mysql_stmt_prepare(b->s, strbuf_str(&sql), sql.len) != 0)
		err_no = mysql_stmt_errno(b->s);
	strbuf_free(&sql);
	if (err_no != 0)
		free_block(b);
	return (err_no);
}

/* The block of what waits; of those that are prepared the oldest goes. */
static unsigned
find_block(struct db * db, bool commit, struct db_block ** out)
{
	const struct db_queue * q = db->queue;
	struct db_block wanted = { .steps = q->steps, .begin = db->begin_due,
	    .commit = commit };
	unsigned err_no;
	size_t i;

	memcpy(wanted.step, q->step, q->steps * sizeof(q->step[0]));
	for (i = 0; i < DB_BLOCKS_MAX; i++) {
		*out = &db->block[i];
		if (same(*out, &wanted))
			return (0);
	}
	*out = &db->block[db->block_next];
	db->block_next = (db->block_next + 1) % DB_BLOCKS_MAX;
	free_block(*out);
	if ((err_no = prepare(db, &wanted)) == 0)
		**out = wanted;
	else
		db->no_blocks = !db_lost(err_no);
	return (err_no);
}

static void
bind_value(const struct db_queue * q, const struct db_kept * k, MYSQL_BIND * b,
    MYSQL_TIME * t)
{

	b->buffer = q->bytes + k->at;
	b->buffer_length = k->len;
	switch (k->kind) {
	case DB_KIND_UUID:
	case DB_KIND_TEXT:
		b->buffer_type = MYSQL_TYPE_STRING;
		break;
	case DB_KIND_BYTES:
		b->buffer_type = MYSQL_TYPE_BLOB;
		break;
	case DB_KIND_INT:
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		/* The library reads it and has no const in its types. */
		b->buffer = (void *)(uintptr_t)&k->i;
		break;
	case DB_KIND_TIME:
		b->buffer_type = MYSQL_TYPE_DATETIME;
		db_time_to_server(k->i, t);
		b->buffer = t;
		break;
	case DB_KIND_NULL:
		b->buffer_type = MYSQL_TYPE_NULL;
		break;
	}
}

static unsigned
execute(const struct db_queue * q, struct db_block * block)
{
	/* One element more: calloc of none may return NULL. */
	MYSQL_BIND * b = calloc(q->values + 1, sizeof(*b));
	MYSQL_TIME * t = calloc(q->values + 1, sizeof(*t));
	unsigned err_no = OUT_OF_MEMORY;
	size_t i;

	if (b == NULL || t == NULL)
		goto out;
	for (i = 0; i < q->values; i++)
		bind_value(q, &q->value[i], &b[i], &t[i]);
	err_no = mysql_stmt_bind_param(block->s, b) != 0 ||
	    mysql_stmt_execute(block->s) != 0 ?
	    mysql_stmt_errno(block->s) : 0;
out:
	free(b);
	free(t);
	return (err_no);
}

static unsigned
send_queue(struct db * db, bool commit)
{
	struct db_block * block;
	unsigned err_no;

	if ((err_no = find_block(db, commit, &block)) != 0)
		return (err_no);
	/* Its tables may have changed; preparing it anew costs little. */
	if ((err_no = execute(db->queue, block)) != 0)
		free_block(block);
	return (err_no);
}

/* Whether a block that failed had come to its COMMIT. */
static bool
was_committing(struct db * db)
{
	static const char sql[] = "SELECT @sr_committing";
	MYSQL_RES * result = NULL;
	MYSQL_ROW row = NULL;
	bool was;

	if (mysql_real_query(db->my, sql, sizeof(sql) - 1) == 0 &&
	    (result = mysql_store_result(db->my)) != NULL)
		row = mysql_fetch_row(result);
	was = row == NULL || row[0] == NULL || row[0][0] != '0';
	mysql_free_result(result);
	return (was);
}

/**
 * db_block_run(db, commit, doubt):
 * Send what waits, as one statement.
 */
enum sr_error
db_block_run(struct db * db, bool commit, bool * doubt)
{
	unsigned err_no;

	*doubt = false;
	db->err_no = err_no = send_queue(db, commit);
	db_queue_clear(db);
	if (err_no == 0) {
		db->begin_due = false;
		return (SR_OK);
	}
	/* Of what began nothing stays: it is rolled back. */
	db->begin_due = false;
	if (db_classify(err_no) == SR_E_TRANSACTION_CONFLICT)
		return (db_failed(db, DB_AT_BLOCK, err_no));
	if (db_lost(err_no)) {
		*doubt = commit;
		return (commit ? db_classify(err_no) :
		    db_failed(db, DB_AT_BLOCK, err_no));
	}
	*doubt = commit && !db->no_blocks && was_committing(db);
	db->refused = !*doubt;
	return (db_classify(err_no));
}

/** db_catch_up(db): what waits is done before the next statement is. */
enum sr_error
db_catch_up(struct db * db)
{
	bool doubt;

	if (db->queue != NULL && db->queue->steps > 0)
		return (db_block_run(db, false, &doubt));
	if (!db->begin_due)
		return (SR_OK);
	db->begin_due = false;
	return (db_text(db, DB_AT_BEGIN, "START TRANSACTION", NULL));
}
