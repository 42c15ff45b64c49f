#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/store/backup_internal.h"
#include "core/store/tx.h"

/* A transaction holds so many rows, or so many bytes of them. */
#define ROWS	2000
#define BYTES	((size_t)1024 * 1024)

struct backup_load {
	struct db * db;
	enum backup_table table;	/* Of all that is collected. */
	struct strbuf bytes;		/* The rows, one behind the other. */
	size_t end[ROWS];		/* Of each. */
	size_t rows;
};

/** backup_load_new(db, out): nothing collected. Caller frees. */
enum sr_error
backup_load_new(struct db * db, struct backup_load ** out)
{

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	(*out)->db = db;
	strbuf_init(&(*out)->bytes, BYTES + BACKUP_ROW_MAX);
	return (SR_OK);
}

void
backup_load_free(struct backup_load ** l)
{

	if (*l == NULL)
		return;
	strbuf_free(&(*l)->bytes);
	free(*l);
	*l = NULL;
}

/* It may run again: what is collected stays until it is committed. */
static enum sr_error
write_tx(struct tx * tx, void * cookie)
{
	const struct backup_load * l = cookie;
	const struct backup_kind * k = backup_kind(l->table);
	const uint8_t * bytes = (const uint8_t *)strbuf_str(&l->bytes);
	const size_t columns = strlen(k->types);
	struct db_param one[BACKUP_COLUMNS_MAX], * all;
	uint64_t written = 0;
	enum sr_error err;
	size_t i, from = 0;

	if ((all = calloc(l->rows * columns, sizeof(*all))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	for (i = 0; i < l->rows; i++) {
		must(backup_row_decode(bytes + from, l->end[i] - from,
		    k->types, one));
		memcpy(all + i * columns, one, columns * sizeof(*all));
		from = l->end[i];
	}
	err = db_exec_many(tx_db(tx), k->write, all, l->rows, columns,
	    &written);
	free(all);
	/* A row to be written over that is not there. */
	if (err == SR_OK && written != l->rows)
		err = sr_fail(SR_E_SCHEMA_MISMATCH,
		    log_const("table", k->name));
	return (err);
}

/** backup_load_end(l): write what is collected. */
enum sr_error
backup_load_end(struct backup_load * l)
{
	enum sr_error err;

	if (l->rows == 0)
		return (SR_OK);
	if ((err = tx_run(l->db, NULL, write_tx, l)) != SR_OK)
		return (err);
	l->rows = 0;
	strbuf_reset(&l->bytes);
	return (SR_OK);
}

/** backup_load_row(row, cookie): collect it, and write when there are many. */
enum sr_error
backup_load_row(const struct backup_row * row, void * cookie)
{
	struct backup_load * l = cookie;
	enum sr_error err;

	if ((row->table != l->table || l->rows == ROWS ||
	    l->bytes.len >= BYTES) && (err = backup_load_end(l)) != SR_OK)
		return (err);
	l->table = row->table;
	strbuf_add(&l->bytes, row->bytes, row->len);
	l->end[l->rows++] = l->bytes.len;
	return (strbuf_status(&l->bytes));
}
