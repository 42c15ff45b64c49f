#include <string.h>

#include "core/store/backup_internal.h"

#define KIND(at, read_id, write_id, table, n, letters, names, of_key, \
    by_migration)							\
	[at] = { .name = table, .types = letters, .columns = names,	\
	    .keys = of_key, .rows = n, .made = by_migration,		\
	    .read = read_id, .write = write_id },
#define BACKUP_TABLE1(id, table, n, letters, names, marks, t1, k1)	\
	KIND(BACKUP_##id, STMT_BACKUP_READ_##id, STMT_BACKUP_WRITE_##id, \
	    table, n, letters, names, t1, false)
#define BACKUP_TABLE2(id, table, n, letters, names, marks, t1, k1,	\
    t2, k2)								\
	KIND(BACKUP_##id, STMT_BACKUP_READ_##id, STMT_BACKUP_WRITE_##id, \
	    table, n, letters, names, t1 t2, false)
#define BACKUP_TABLE3(id, table, n, letters, names, marks, t1, k1,	\
    t2, k2, t3, k3)							\
	KIND(BACKUP_##id, STMT_BACKUP_READ_##id, STMT_BACKUP_WRITE_##id, \
	    table, n, letters, names, t1 t2 t3, false)
#define BACKUP_ROWS(id, table, n, letters, names, sets, t1, k1)		\
	KIND(BACKUP_##id, STMT_BACKUP_READ_##id, STMT_BACKUP_WRITE_##id, \
	    table, n, letters, names, t1, true)
static const struct backup_kind kinds[BACKUP__MAX] = {
#include "core/store/backup.def"
};

/** backup_kind(table): the row of backup.def. */
const struct backup_kind *
backup_kind(enum backup_table table)
{

	must(table < BACKUP__MAX);
	return (&kinds[table]);
}

const char *
backup_table_name(enum backup_table table)
{

	return (backup_kind(table)->name);
}

const char *
backup_column_types(enum backup_table table)
{

	return (backup_kind(table)->types);
}

const char *
backup_columns(enum backup_table table)
{

	return (backup_kind(table)->columns);
}

/** backup_table_head(table, out): "kek (kek_version, …) ibst". */
void
backup_table_head(enum backup_table table, struct strbuf * out)
{
	const struct backup_kind * k = backup_kind(table);

	strbuf_printf(out, "%s (%s) %s", k->name, k->columns, k->types);
}

/** backup_first_line(schema, out): of the file and of its manifest. */
void
backup_first_line(unsigned schema, struct strbuf * out)
{

	strbuf_printf(out, "strongroom-backup 1 schema %u\n", schema);
}

static enum sr_error
note_row(const struct db_row * row, void * cookie)
{
	bool * there = cookie;

	(void)row;
	*there = true;
	return (SR_OK);
}

/* The key before all keys. */
static struct db_param
before_all(char letter)
{

	switch (letter) {
	case 'u':
		return (DB_UUID(&sr_id_nil));
	case 's':
		return (DB_TEXT(""));
	case 'b':
		return (DB_BYTES("", 0));
	default:
		must(letter == 'i');
		return (DB_INT(-1));
	}
}

/** backup_page_params(table, after, limit, out): of its statement. */
size_t
backup_page_params(enum backup_table table, const struct db_param * after,
    unsigned limit, struct db_param out[BACKUP_PAGE_PARAMS])
{
	const char * keys = backup_kind(table)->keys;
	struct db_param k[3] = { 0 };
	const size_t n_keys = strlen(keys);
	size_t n = 0, i;

	must(n_keys >= 1 && n_keys <= 3);
	for (i = 0; i < n_keys; i++)
		k[i] = after == NULL ? before_all(keys[i]) : after[i];
	out[n++] = k[0];
	if (n_keys > 1) {
		out[n++] = k[0];
		out[n++] = k[1];
	}
	if (n_keys > 2) {
		out[n++] = k[1];
		out[n++] = k[2];
	}
	out[n++] = DB_INT(limit);
	return (n);
}

/** backup_empty(db, filled): whether there is nothing in any table. */
enum sr_error
backup_empty(struct db * db, enum backup_table * filled)
{
	struct db_param params[BACKUP_PAGE_PARAMS];
	enum sr_error err = SR_OK;
	bool there = false;
	size_t n;
	int i;

	*filled = BACKUP__MAX;
	for (i = 0; i < BACKUP__MAX && err == SR_OK && !there; i++) {
		if (kinds[i].made)
			continue;
		n = backup_page_params((enum backup_table)i, NULL, 1, params);
		err = db_query(db, kinds[i].read, params, n, note_row, &there);
		if (there)
			*filled = (enum backup_table)i;
	}
	return (err);
}
