#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log/log.h"
#include "core/store/backup_internal.h"
#include "core/store/migrate.h"

#define BUFFER	((size_t)256 * 1024)

struct reader {
	int fd;
	backup_row_fn * fn;
	void * cookie;
	struct backup_manifest * m;
	uint8_t * buffer;
	size_t at, have;
	struct digest * digest;
	uint8_t head[BACKUP_HEAD_LEN];
	struct strbuf body;		/* Of the record. */
};

/* ${what} names the place for the log, and no byte of the file. */
#define INVALID(what)	sr_fail(SR_E_BACKUP_INVALID, log_const("at", (what)))

static enum sr_error
fill(struct reader * r)
{
	ssize_t n;

	do
		n = read(r->fd, r->buffer, BUFFER);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return (sr_fail(SR_E_INPUT_UNREADABLE,
		    log_i64("errno", errno)));
	r->at = 0;
	r->have = (size_t)n;
	r->m->bytes += (uint64_t)n;
	return (SR_OK);
}

/* ${len} bytes to ${out}, or behind what is in the body. Memory grows with
 * what is there, not with what a length claims. */
static enum sr_error
get(struct reader * r, uint8_t * out, size_t len)
{
	enum sr_error err;
	size_t n;

	while (len > 0) {
		if (r->at == r->have && (err = fill(r)) != SR_OK)
			return (err);
		if (r->have == 0)
			return (INVALID("end"));
		n = r->have - r->at < len ? r->have - r->at : len;
		if (out != NULL) {
			memcpy(out, r->buffer + r->at, n);
			out += n;
		} else {
			strbuf_add(&r->body, r->buffer + r->at, n);
		}
		r->at += n;
		len -= n;
	}
	return (strbuf_status(&r->body));
}

static enum sr_error
get_record(struct reader * r)
{
	enum sr_error err;
	uint32_t len;

	if ((err = get(r, r->head, sizeof(r->head))) != SR_OK)
		return (err);
	len = backup_get32(r->head + 1);
	if (len > BACKUP_ROW_MAX)
		return (INVALID("length"));
	strbuf_reset(&r->body);
	return (get(r, NULL, len));
}

static void
hash_record(struct reader * r)
{

	digest_add(r->digest, r->head, sizeof(r->head));
	digest_add(r->digest, strbuf_str(&r->body), r->body.len);
}

/* The line is short and says which schema: read byte by byte. */
static enum sr_error
get_first_line(struct reader * r)
{
	static const char start[] = "strongroom-backup 1 schema ";
	const char * text = NULL;
	enum sr_error err;
	struct strbuf own;
	bool same;
	char c = 0;

	while (c != '\n') {
		if ((err = get(r, (uint8_t *)&c, 1)) != SR_OK)
			return (err);
		strbuf_putc(&r->body, c);
		if (r->body.len > 2 * sizeof(start))
			return (INVALID("first_line"));
	}
	text = strbuf_str(&r->body);
	if (strncmp(text, start, sizeof(start) - 1) != 0)
		return (INVALID("first_line"));
	strbuf_init(&own, BACKUP_TEXT_MAX);
	backup_first_line(r->m->schema, &own);
	same = strcmp(text, strbuf_str(&own)) == 0;
	strbuf_free(&own);
	return (same ? SR_OK : sr_fail(SR_E_BACKUP_SCHEMA_DIFFERS,
	    log_u64("needed", r->m->schema)));
}

static enum sr_error
take_row(struct reader * r, enum backup_table table)
{
	const char * types = backup_column_types(table);
	struct db_param values[BACKUP_COLUMNS_MAX];
	const struct backup_row row = { .table = table, .value = values,
	    .values = strlen(types), .len = r->body.len,
	    .bytes = (const uint8_t *)strbuf_str(&r->body) };

	if (!backup_row_decode(row.bytes, row.len, types, values))
		return (INVALID("row"));
	r->m->table[table].rows++;
	r->m->rows++;
	return (r->fn == NULL ? SR_OK : r->fn(&row, r->cookie));
}

/* The record that begins the table was read; at the end the next one is. */
static enum sr_error
get_table(struct reader * r, enum backup_table table)
{
	struct strbuf head;
	enum sr_error err;
	bool same;

	strbuf_init(&head, BACKUP_TEXT_MAX);
	backup_table_head(table, &head);
	same = r->head[0] == BACKUP_KIND_TABLE && head.len == r->body.len &&
	    strcmp(strbuf_str(&head), strbuf_str(&r->body)) == 0;
	strbuf_free(&head);
	if (!same)
		return (INVALID("table"));
	hash_record(r);
	while ((err = get_record(r)) == SR_OK &&
	    r->head[0] == BACKUP_KIND_ROW) {
		hash_record(r);
		if ((err = take_row(r, table)) != SR_OK)
			return (err);
	}
	digest_end(r->digest, r->m->table[table].digest);
	return (err);
}

/* The manifest was read: it is that of what came before it, and signed. */
static enum sr_error
get_end(struct reader * r)
{
	struct strbuf text;
	enum sr_error err;
	bool good;

	if (r->head[0] != BACKUP_KIND_MANIFEST || !backup_manifest_take(
	    strbuf_str(&r->body), r->body.len, r->m))
		return (INVALID("manifest"));
	if ((err = get_record(r)) != SR_OK)
		return (err);
	if (r->head[0] != BACKUP_KIND_SIGNATURE || r->body.len != SIGN_LEN)
		return (INVALID("signature"));
	strbuf_init(&text, BACKUP_TEXT_MAX);
	backup_manifest_text(r->m, &text);
	good = sign_verify(r->m->public_key, strbuf_str(&text), text.len,
	    (const uint8_t *)strbuf_str(&r->body));
	strbuf_free(&text);
	if (!good)
		return (sr_fail(SR_E_BACKUP_SIGNATURE_INVALID,
		    log_const("at", "signature")));
	/* Nothing behind it. */
	if (r->at == r->have && (err = fill(r)) != SR_OK)
		return (err);
	return (r->have == r->at ? SR_OK : INVALID("end"));
}

static enum sr_error
get_all(struct reader * r)
{
	enum sr_error err;

	if (lseek(r->fd, 0, SEEK_SET) != 0)
		return (sr_fail(SR_E_INPUT_UNREADABLE,
		    log_i64("errno", errno)));
	if ((err = get_first_line(r)) != SR_OK ||
	    (err = get_record(r)) != SR_OK)
		return (err);
	for (int i = 0; i < BACKUP__MAX; i++) {
		if ((err = get_table(r, (enum backup_table)i)) != SR_OK)
			return (err);
	}
	return (get_end(r));
}

/** backup_read(fd, fn, cookie, out): to its end, every byte of it. */
enum sr_error
backup_read(int fd, backup_row_fn * fn, void * cookie,
    struct backup_manifest * out)
{
	struct reader r = { .fd = fd, .fn = fn, .cookie = cookie, .m = out };
	enum sr_error err = SR_E_OUT_OF_MEMORY;

	*out = (struct backup_manifest){ .schema = migrate_latest() };
	strbuf_init(&r.body, BACKUP_ROW_MAX);
	if ((r.buffer = malloc(BUFFER)) != NULL &&
	    (err = digest_new(&r.digest)) == SR_OK)
		err = get_all(&r);
	strbuf_free(&r.body);
	digest_free(&r.digest);
	free(r.buffer);
	return (err);
}
