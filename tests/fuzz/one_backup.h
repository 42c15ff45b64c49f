#ifndef SR_TESTS_FUZZ_ONE_BACKUP_H
#define SR_TESTS_FUZZ_ONE_BACKUP_H

/*
 * What a restore reads before it has proved anything: a file, a row, a
 * manifest. Whatever they are, values point into them, and texts end there.
 */

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log/log.h"
#include "core/store/backup_internal.h"
#include "core/store/migrate.h"
#include "tests/fuzz/one.h"

static void
one_backup_row(const uint8_t * data, size_t size, enum backup_table table)
{
	struct db_param v[BACKUP_COLUMNS_MAX];
	const char * types = backup_column_types(table);
	const uint8_t * p;
	size_t i, len;

	if (!backup_row_decode(data, size, types, v))
		return;
	for (i = 0; types[i] != '\0'; i++) {
		if (v[i].kind == DB_KIND_NULL && types[i] >= 'a')
			ONE_FAILS("%s", "NULL where there is none");
		if ((p = v[i].p) == NULL)
			continue;
		len = v[i].kind == DB_KIND_TEXT ? strlen(v[i].p) + 1 :
		    v[i].kind == DB_KIND_UUID ? sizeof(struct sr_id) :
		    v[i].len;
		if (p < data || p + len > data + size)
			ONE_FAILS("%s", "a value that lies outside");
	}
}

/* The file as it is, and as the records behind a good beginning. */
static void
one_backup_file(const uint8_t * data, size_t size, bool begun)
{
	struct backup_manifest m;
	struct strbuf first;
	int fd = memfd_create("backup", 0);

	if (fd < 0)
		abort();
	strbuf_init(&first, BACKUP_TEXT_MAX);
	backup_first_line(migrate_latest(), &first);
	if ((begun && write(fd, strbuf_str(&first), first.len) < 0) ||
	    write(fd, data, size) < 0)
		abort();
	strbuf_free(&first);
	if (backup_read(fd, NULL, NULL, &m) == SR_OK)
		ONE_FAILS("%s", "a file that nobody signed");
	(void)close(fd);
}

static inline void
one_backup_input(const uint8_t * data, size_t size)
{
	struct backup_manifest m = { .schema = migrate_latest() };
	char * text;

	if (size < 2)
		return;
	log_open(NULL, -1);
	switch (data[0] % 4) {
	case 0:
		one_backup_file(data + 1, size - 1, false);
		break;
	case 1:
		one_backup_file(data + 1, size - 1, true);
		break;
	case 2:
		if ((text = strndup((const char *)data + 1, size - 1)) == NULL)
			abort();
		ONE_IGNORE(backup_manifest_take(text, strlen(text), &m));
		free(text);
		break;
	default:
		one_backup_row(data + 2, size - 2,
		    (enum backup_table)(data[1] % BACKUP__MAX));
		break;
	}
}

#endif /* !SR_TESTS_FUZZ_ONE_BACKUP_H */
