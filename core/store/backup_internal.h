#ifndef SR_CORE_STORE_BACKUP_INTERNAL_H
#define SR_CORE_STORE_BACKUP_INTERNAL_H

/* Kin of backup*.c. */

#include "core/base/strbuf.h"
#include "core/store/backup.h"

/* Records: a kind, a length of four bytes, and so many bytes. */
#define BACKUP_HEAD_LEN		5
#define BACKUP_KIND_TABLE	'T'
#define BACKUP_KIND_ROW		'R'
#define BACKUP_KIND_MANIFEST	'M'
#define BACKUP_KIND_SIGNATURE	'S'
/* No row is larger: a MEDIUMBLOB and what is beside it. */
#define BACKUP_ROW_MAX		((size_t)20 * 1024 * 1024)
#define BACKUP_TEXT_MAX		((size_t)16384)
#define BACKUP_COLUMNS_MAX	32

/* A row of backup.def. */
struct backup_kind {
	const char * name;
	const char * types;
	const char * columns;
	const char * keys;		/* Letters of the primary key. */
	unsigned rows;			/* Of a page. */
	bool made;			/* Rows are there, by the migration. */
	enum stmt read, write;
};

/** backup_kind(table): the row of backup.def. */
const struct backup_kind * backup_kind(enum backup_table table);

/**
 * backup_page_params(table, after, limit, out):
 * Parameters of its reading statement; ${after}: the key of the last row that
 * was read, column by column, or NULL. Returns how many.
 */
#define BACKUP_PAGE_PARAMS	6
size_t backup_page_params(enum backup_table table,
    const struct db_param * after, unsigned limit,
    struct db_param out[BACKUP_PAGE_PARAMS]);

/* Rows of a table, page by page; keys are of the last one that came. */
struct backup_pager {
	struct db * db;
	enum backup_table table;
	db_row_fn * fn;
	void * cookie;
	unsigned page;			/* Rows of this page. */
	struct db_param key[3];		/* Of the last one, */
	struct strbuf key_bytes[3];	/* which point in here, */
	struct sr_id key_id[3];		/* or here. */
};

void backup_pager_init(struct backup_pager * p, struct db * db);
void backup_pager_end(struct backup_pager * p);

/**
 * backup_pages(p, table, fn, cookie): all rows of a table. Errors: as db_query,
 * and what ${fn} returns.
 */
SR_NODISCARD enum sr_error backup_pages(struct backup_pager * p,
    enum backup_table table, db_row_fn * fn, void * cookie);

/** backup_table_head(table, out): what its first record says. */
void backup_table_head(enum backup_table table, struct strbuf * out);

/** backup_first_line(schema, out): of the file and of its manifest. */
void backup_first_line(unsigned schema, struct strbuf * out);

/** backup_row_encode(row, types, out): the values of a row, one by one. */
SR_NODISCARD enum sr_error backup_row_encode(const struct db_row * row,
    const char * types, struct strbuf * out);

/**
 * backup_row_decode(bytes, len, types, out):
 * The other way; ${out} points into ${bytes}. False if they are no such row.
 */
SR_NODISCARD bool backup_row_decode(const uint8_t * bytes, size_t len,
    const char * types, struct db_param out[BACKUP_COLUMNS_MAX]);

/** backup_manifest_text(m, out): what is signed. */
void backup_manifest_text(const struct backup_manifest * m,
    struct strbuf * out);

/**
 * backup_manifest_take(text, len, m):
 * Take time, key and head out of it; the rest of ${m} is what was read. False
 * unless it then is the text of ${m}, byte by byte.
 */
SR_NODISCARD bool backup_manifest_take(const char * text, size_t len,
    struct backup_manifest * m);

/* Bytes in big-endian order. */
void backup_put32(uint8_t out[4], uint32_t v);
uint32_t backup_get32(const uint8_t in[4]);

#endif /* !SR_CORE_STORE_BACKUP_INTERNAL_H */
