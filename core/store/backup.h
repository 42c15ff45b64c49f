#ifndef SR_CORE_STORE_BACKUP_H
#define SR_CORE_STORE_BACKUP_H

/*
 * The file that holds a backup: backup.FORMAT describes it, backup.def says
 * what is in it. Sealed values stay sealed. Rows are streamed, so that memory
 * does not grow with the database.
 */

#include "core/keys/mac.h"
#include "core/keys/sign.h"
#include "core/store/db.h"

enum backup_table {
#define BACKUP_TABLE1(id, ...) BACKUP_##id,
#define BACKUP_TABLE2(id, ...) BACKUP_##id,
#define BACKUP_TABLE3(id, ...) BACKUP_##id,
#define BACKUP_ROWS(id, ...) BACKUP_##id,
#include "core/store/backup.def"
#undef BACKUP_TABLE1
#undef BACKUP_TABLE2
#undef BACKUP_TABLE3
#undef BACKUP_ROWS
	BACKUP__MAX
};

struct backup_content {
	uint64_t rows;
	uint8_t digest[MAC_LEN];	/* SHA-256 of the table's records. */
};

/* What is signed. */
struct backup_manifest {
	unsigned schema;		/* Version of the tables. */
	sr_time made_at;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	uint64_t tree_size;		/* Of the newest checkpoint; 0: none. */
	uint8_t root[MAC_LEN];
	struct backup_content table[BACKUP__MAX];
	uint64_t rows;			/* Of all tables, */
	uint64_t bytes;			/* and of the file; not in it. */
};

/** backup_table_name(table), backup_column_types(table), backup_columns. */
const char * backup_table_name(enum backup_table table);
const char * backup_column_types(enum backup_table table);
const char * backup_columns(enum backup_table table);

/**
 * backup_write(db, fd, seed, out):
 * Write one moment of the database to ${fd}, signed with ${seed}. The file is
 * neither synced nor closed. Errors: OUTPUT_DISK_FULL, OUTPUT_FAILED,
 * DATABASE_*, SCHEMA_MISMATCH, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error backup_write(struct db * db, int fd,
    const struct secbuf * seed, struct backup_manifest * out);

/**
 * backup_texts(db, fn, cookie):
 * Call ${fn} with each text, not empty, of each table of a backup, for a check
 * of what is stored. Errors: as db_query, and what ${fn} returns.
 */
typedef enum sr_error backup_text_fn(enum backup_table table, size_t column,
    const char * text, size_t len, void * cookie);
SR_NODISCARD enum sr_error backup_texts(struct db * db, backup_text_fn * fn,
    void * cookie);

/** backup_column_name(table, column, out): "run_event.payload". */
#define BACKUP_COLUMN_MAX	96
void backup_column_name(enum backup_table table, size_t column,
    char out[BACKUP_COLUMN_MAX + 1]);

/* A row of a backup: its values, and its bytes as they are in the file. */
struct backup_row {
	enum backup_table table;
	const struct db_param * value;
	size_t values;
	const uint8_t * bytes;
	size_t len;
};
typedef enum sr_error backup_row_fn(const struct backup_row * row,
    void * cookie);

/**
 * backup_read(fd, fn, cookie, out):
 * Read a file from its beginning to its end, and hold every byte of it against
 * the manifest, and that against its signature by the key that it names; who
 * that is must be asked by the caller. ${fn} (may be NULL) is called with each
 * row before all of that is known. Errors: BACKUP_INVALID (cut off, changed,
 * none at all), BACKUP_SIGNATURE_INVALID, BACKUP_SCHEMA_DIFFERS,
 * INPUT_UNREADABLE, OUT_OF_MEMORY, and what ${fn} returns.
 */
SR_NODISCARD enum sr_error backup_read(int fd, backup_row_fn * fn,
    void * cookie, struct backup_manifest * out);

/**
 * backup_empty(db, filled):
 * Whether the tables of a backup are as a migration leaves them; ${filled}:
 * the first that is not, or BACKUP__MAX. Errors: as db_query.
 */
SR_NODISCARD enum sr_error backup_empty(struct db * db,
    enum backup_table * filled);

/* Rows on their way into a database: collected, and written in transactions. */
struct backup_load;

/** backup_load_new(db, out): Errors: OUT_OF_MEMORY. Caller frees. */
SR_NODISCARD enum sr_error backup_load_new(struct db * db,
    struct backup_load ** out);

/**
 * backup_load_row(row, cookie): a backup_row_fn; ${cookie} is the struct
 * backup_load. backup_load_end writes what is left. Errors: as tx_run.
 */
SR_NODISCARD enum sr_error backup_load_row(const struct backup_row * row,
    void * cookie);
SR_NODISCARD enum sr_error backup_load_end(struct backup_load * l);
void backup_load_free(struct backup_load ** l);

#endif /* !SR_CORE_STORE_BACKUP_H */
