#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/store/backup_internal.h"
#include "core/store/migrate.h"
#include "core/store/snapshot.h"

/* Bytes are written so many at a time. */
#define BUFFER	((size_t)256 * 1024)

struct writer {
	int fd;
	const struct secbuf * seed;
	struct backup_manifest * m;
	uint8_t * buffer;
	size_t used;
	struct digest * digest;		/* Of the table. */
	struct strbuf row;
	enum backup_table table;
	struct backup_pager pages;
};

static enum sr_error
write_failed(void)
{

	return (sr_fail(errno == ENOSPC || errno == EDQUOT || errno == EFBIG ?
	    SR_E_OUTPUT_DISK_FULL : SR_E_OUTPUT_FAILED,
	    log_i64("errno", errno)));
}

static enum sr_error
flush(struct writer * w)
{
	const uint8_t * p = w->buffer;
	size_t left = w->used;
	ssize_t n;

	w->used = 0;
	while (left > 0) {
		if ((n = write(w->fd, p, left)) < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (write_failed());
		p += n;
		left -= (size_t)n;
	}
	return (SR_OK);
}

static enum sr_error
put(struct writer * w, const void * bytes, size_t len)
{
	const uint8_t * p = bytes;
	enum sr_error err;
	size_t n;

	w->m->bytes += len;
	while (len > 0) {
		n = BUFFER - w->used < len ? BUFFER - w->used : len;
		memcpy(w->buffer + w->used, p, n);
		w->used += n;
		p += n;
		len -= n;
		if (w->used == BUFFER && (err = flush(w)) != SR_OK)
			return (err);
	}
	return (SR_OK);
}

/* What is hashed belongs to a table. */
static enum sr_error
put_record(struct writer * w, char kind, const void * bytes, size_t len,
    bool hashed)
{
	uint8_t head[BACKUP_HEAD_LEN] = { (uint8_t)kind };
	enum sr_error err;

	backup_put32(head + 1, (uint32_t)len);
	if (hashed) {
		digest_add(w->digest, head, sizeof(head));
		digest_add(w->digest, bytes, len);
	}
	if ((err = put(w, head, sizeof(head))) != SR_OK)
		return (err);
	return (put(w, bytes, len));
}

static enum sr_error
put_row(const struct db_row * row, void * cookie)
{
	struct writer * w = cookie;
	enum sr_error err;

	strbuf_reset(&w->row);
	if ((err = backup_row_encode(row, backup_kind(w->table)->types,
	    &w->row)) != SR_OK)
		return (err);
	w->m->table[w->table].rows++;
	w->m->rows++;
	return (put_record(w, BACKUP_KIND_ROW, w->row.p, w->row.len, true));
}

static enum sr_error
put_table(struct writer * w, enum backup_table table)
{
	enum sr_error err;

	w->table = table;
	strbuf_reset(&w->row);
	backup_table_head(table, &w->row);
	if ((err = strbuf_status(&w->row)) != SR_OK ||
	    (err = put_record(w, BACKUP_KIND_TABLE, w->row.p, w->row.len,
	    true)) != SR_OK)
		return (err);
	err = backup_pages(&w->pages, table, put_row, w);
	digest_end(w->digest, w->m->table[table].digest);
	return (err);
}

static enum sr_error
take_head(const struct db_row * row, void * cookie)
{
	struct backup_manifest * m = cookie;
	const uint8_t * root;
	size_t len;

	root = db_col_bytes(row, 1, &len);
	if (len != sizeof(m->root))
		return (SR_E_SCHEMA_MISMATCH);
	m->tree_size = (uint64_t)db_col_int(row, 0);
	memcpy(m->root, root, len);
	return (SR_OK);
}

static enum sr_error
put_end(struct writer * w)
{
	uint8_t signature[SIGN_LEN];
	enum sr_error err;

	strbuf_reset(&w->row);
	backup_manifest_text(w->m, &w->row);
	if ((err = strbuf_status(&w->row)) != SR_OK)
		return (err);
	sign_message(w->seed, w->row.p, w->row.len, signature);
	if ((err = put_record(w, BACKUP_KIND_MANIFEST, w->row.p, w->row.len,
	    false)) != SR_OK ||
	    (err = put_record(w, BACKUP_KIND_SIGNATURE, signature,
	    sizeof(signature), false)) != SR_OK)
		return (err);
	return (flush(w));
}

static enum sr_error
put_all(struct db * db, void * cookie)
{
	struct writer * w = cookie;
	enum sr_error err;

	if ((err = migrate_status(db)) != SR_OK ||
	    (err = db_query(db, STMT_CHECKPOINT_LATEST, DB_NOARGS, take_head,
	    w->m)) != SR_OK)
		return (err);
	strbuf_reset(&w->row);
	backup_first_line(w->m->schema, &w->row);
	err = put(w, strbuf_str(&w->row), w->row.len);
	for (int i = 0; i < BACKUP__MAX && err == SR_OK; i++)
		err = put_table(w, (enum backup_table)i);
	return (err == SR_OK ? put_end(w) : err);
}

/** backup_write(db, fd, seed, out): one moment of the database, signed. */
enum sr_error
backup_write(struct db * db, int fd, const struct secbuf * seed,
    struct backup_manifest * out)
{
	struct writer w = { .fd = fd, .seed = seed, .m = out };
	enum sr_error err = SR_E_OUT_OF_MEMORY;

	*out = (struct backup_manifest){ .schema = migrate_latest(),
	    .made_at = clock_now() };
	sign_public(seed, out->public_key);
	strbuf_init(&w.row, BACKUP_ROW_MAX);
	backup_pager_init(&w.pages, db);
	if ((w.buffer = malloc(BUFFER)) != NULL &&
	    (err = digest_new(&w.digest)) == SR_OK)
		err = db_snapshot(db, put_all, &w);
	backup_pager_end(&w.pages);
	strbuf_free(&w.row);
	digest_free(&w.digest);
	free(w.buffer);
	return (err);
}
