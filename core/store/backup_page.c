#include <stdio.h>
#include <string.h>

#include "core/store/backup_internal.h"

/** backup_pager_init(p, db), backup_pager_end(p). */
void
backup_pager_init(struct backup_pager * p, struct db * db)
{

	*p = (struct backup_pager){ .db = db };
	for (size_t i = 0; i < COUNTOF(p->key_bytes); i++)
		strbuf_init(&p->key_bytes[i], BACKUP_TEXT_MAX);
}

void
backup_pager_end(struct backup_pager * p)
{

	for (size_t i = 0; i < COUNTOF(p->key_bytes); i++)
		strbuf_free(&p->key_bytes[i]);
}

static enum sr_error
keep_text(struct backup_pager * p, size_t i, const void * bytes, size_t len)
{

	strbuf_reset(&p->key_bytes[i]);
	strbuf_add(&p->key_bytes[i], bytes, len);
	return (strbuf_status(&p->key_bytes[i]));
}

/* The key is read behind the columns. */
static enum sr_error
keep_key(struct backup_pager * p, const struct db_row * row)
{
	const struct backup_kind * k = backup_kind(p->table);
	const size_t from = strlen(k->types);
	enum sr_error err = SR_OK;
	const uint8_t * bytes;
	size_t len, i;

	for (i = 0; k->keys[i] != '\0' && err == SR_OK; i++) {
		if (k->keys[i] == 'u') {
			p->key_id[i] = db_col_uuid(row, from + i);
			p->key[i] = DB_UUID(&p->key_id[i]);
		} else if (k->keys[i] == 's') {
			err = keep_text(p, i, db_col_text(row, from + i),
			    strlen(db_col_text(row, from + i)));
			p->key[i] = DB_TEXT(strbuf_str(&p->key_bytes[i]));
		} else if (k->keys[i] == 'b') {
			bytes = db_col_bytes(row, from + i, &len);
			err = keep_text(p, i, bytes, len);
			p->key[i] = DB_BYTES(strbuf_str(&p->key_bytes[i]),
			    len);
		} else {
			p->key[i] = DB_INT(db_col_int(row, from + i));
		}
	}
	return (err);
}

static enum sr_error
take_row(const struct db_row * row, void * cookie)
{
	struct backup_pager * p = cookie;
	enum sr_error err;

	if ((err = keep_key(p, row)) != SR_OK)
		return (err);
	p->page++;
	return (p->fn(row, p->cookie));
}

/** backup_pages(p, table, fn, cookie): all rows, page by page. */
enum sr_error
backup_pages(struct backup_pager * p, enum backup_table table, db_row_fn * fn,
    void * cookie)
{
	const struct backup_kind * k = backup_kind(table);
	struct db_param params[BACKUP_PAGE_PARAMS];
	bool first = true;
	enum sr_error err;
	size_t n;

	p->table = table;
	p->fn = fn;
	p->cookie = cookie;
	do {
		n = backup_page_params(table, first ? NULL : p->key, k->rows,
		    params);
		p->page = 0;
		first = false;
		err = db_query(p->db, k->read, params, n, take_row, p);
	} while (err == SR_OK && p->page == k->rows);
	return (err);
}

struct looking {
	enum backup_table table;
	backup_text_fn * fn;
	void * cookie;
};

static enum sr_error
look_at(const struct db_row * row, void * cookie)
{
	const struct looking * l = cookie;
	const char * types = backup_kind(l->table)->types;
	enum sr_error err = SR_OK;
	const char * text;
	size_t i;

	for (i = 0; types[i] != '\0' && err == SR_OK; i++) {
		if (types[i] != 's' && types[i] != 'S')
			continue;
		text = db_col_text(row, i);
		if (text[0] != '\0')
			err = l->fn(l->table, i, text, strlen(text),
			    l->cookie);
	}
	return (err);
}

/** backup_texts(db, fn, cookie): each text of each table. */
enum sr_error
backup_texts(struct db * db, backup_text_fn * fn, void * cookie)
{
	struct looking l = { .fn = fn, .cookie = cookie };
	struct backup_pager p;
	enum sr_error err = SR_OK;

	backup_pager_init(&p, db);
	for (int i = 0; i < BACKUP__MAX && err == SR_OK; i++) {
		l.table = (enum backup_table)i;
		err = backup_pages(&p, l.table, look_at, &l);
	}
	backup_pager_end(&p);
	return (err);
}

/** backup_column_name(table, column, out): "run_event.payload". */
void
backup_column_name(enum backup_table table, size_t column,
    char out[BACKUP_COLUMN_MAX + 1])
{
	const char * p = backup_columns(table);
	size_t i;

	for (i = 0; i < column; i++)
		p += strcspn(p, ",") + 2;
	(void)snprintf(out, BACKUP_COLUMN_MAX + 1, "%s.%.*s",
	    backup_table_name(table), (int)strcspn(p, ","), p);
}
