#include <string.h>

#include "core/base/clock.h"
#include "core/log/log.h"
#include "core/store/backup_internal.h"

/* A value: its letter and its bytes; NULL is a letter without any. */
#define VALUE_NULL	'-'

void
backup_put32(uint8_t out[4], uint32_t v)
{

	for (size_t i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (24 - 8 * i));
}

uint32_t
backup_get32(const uint8_t in[4])
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++)
		v = v << 8 | in[i];
	return (v);
}

static void
put_number(struct strbuf * out, int64_t v)
{
	uint8_t b[8];

	backup_put32(b, (uint32_t)((uint64_t)v >> 32));
	backup_put32(b + 4, (uint32_t)(uint64_t)v);
	strbuf_add(out, b, sizeof(b));
}

/* A text has a NUL behind it that its length does not count. */
static void
put_bytes(struct strbuf * out, const void * bytes, size_t len, bool text)
{
	uint8_t b[4];

	backup_put32(b, (uint32_t)len);
	strbuf_add(out, b, sizeof(b));
	strbuf_add(out, bytes, len);
	if (text)
		strbuf_add(out, "", 1);
}

static void
put_value(struct strbuf * out, const struct db_row * row, size_t i, char c)
{
	const uint8_t * bytes;
	struct sr_id id;
	size_t len;

	strbuf_putc(out, c);
	switch (c) {
	case 'u':
		id = db_col_uuid(row, i);
		strbuf_add(out, id.b, sizeof(id.b));
		break;
	case 's':
		put_bytes(out, db_col_text(row, i), strlen(db_col_text(row,
		    i)), true);
		break;
	case 'b':
		bytes = db_col_bytes(row, i, &len);
		put_bytes(out, bytes, len, false);
		break;
	case 'i':
		put_number(out, db_col_int(row, i));
		break;
	default:
		must(c == 't');
		put_number(out, db_col_time(row, i));
		break;
	}
}

/** backup_row_encode(row, types, out): the values of a row, one by one. */
enum sr_error
backup_row_encode(const struct db_row * row, const char * types,
    struct strbuf * out)
{
	size_t i;

	for (i = 0; types[i] != '\0'; i++) {
		if (db_col_null(row, i)) {
			strbuf_putc(out, VALUE_NULL);
			continue;
		}
		/* None of our texts has one; it would be cut off there. */
		if ((types[i] | 0x20) == 's' && db_col_len(row, i) !=
		    strlen(db_col_text(row, i)))
			return (sr_fail(SR_E_SCHEMA_MISMATCH,
			    log_const("text", "holds a NUL")));
		put_value(out, row, i, (char)(types[i] | 0x20));
	}
	return (strbuf_status(out));
}

/* What is still to be read. */
struct rest {
	const uint8_t * p;
	size_t len;
};

static const uint8_t *
take(struct rest * r, size_t n)
{
	const uint8_t * p = r->p;

	if (r->len < n)
		return (NULL);
	r->p += n;
	r->len -= n;
	return (p);
}

static bool
take_bytes(struct rest * r, bool text, struct db_param * out)
{
	const uint8_t * p = take(r, 4);
	size_t len;

	if (p == NULL)
		return (false);
	len = backup_get32(p);
	if (len > BACKUP_ROW_MAX ||
	    (p = take(r, len + (text ? 1 : 0))) == NULL)
		return (false);
	if (!text) {
		*out = DB_BYTES(p, len);
		return (true);
	}
	/* The first NUL is the one at its end. */
	if (memchr(p, '\0', len + 1) != p + len)
		return (false);
	*out = DB_TEXT((const char *)p);
	return (true);
}

static bool
take_number(struct rest * r, char c, struct db_param * out)
{
	const uint8_t * p = take(r, 8);
	int64_t v;

	if (p == NULL)
		return (false);
	v = (int64_t)((uint64_t)backup_get32(p) << 32 | backup_get32(p + 4));
	if (c == 'i') {
		*out = DB_INT(v);
		return (true);
	}
	/* Years that DATETIME has; INT64_MIN would be NULL. */
	*out = DB_TIME(v);
	return (v > -SR_SECOND * 62135596801 && v < SR_SECOND * 253402300800);
}

static bool
take_value(struct rest * r, char type, struct db_param * out)
{
	const uint8_t * c = take(r, 1);
	const uint8_t * p;

	if (c == NULL)
		return (false);
	if (*c == VALUE_NULL) {
		*out = DB_NULL;
		return (type < 'a');
	}
	if (*c != (type | 0x20))
		return (false);
	switch (*c) {
	case 'u':
		if ((p = take(r, sizeof(struct sr_id))) == NULL)
			return (false);
		*out = DB_UUID((const struct sr_id *)(const void *)p);
		return (true);
	case 's':
	case 'b':
		return (take_bytes(r, *c == 's', out));
	default:
		return (take_number(r, (char)*c, out));
	}
}

/** backup_row_decode(bytes, len, types, out): false if they are no row. */
bool
backup_row_decode(const uint8_t * bytes, size_t len, const char * types,
    struct db_param out[BACKUP_COLUMNS_MAX])
{
	struct rest r = { .p = bytes, .len = len };
	size_t i;

	for (i = 0; types[i] != '\0'; i++) {
		must(i < BACKUP_COLUMNS_MAX);
		if (!take_value(&r, types[i], &out[i]))
			return (false);
	}
	return (r.len == 0);
}
