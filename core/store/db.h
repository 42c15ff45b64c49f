#ifndef SR_CORE_STORE_DB_H
#define SR_CORE_STORE_DB_H

/*
 * A connection to MariaDB and the statements of stmt.def. SQL exists by id
 * alone: a statement is prepared once per connection and its parameters and
 * columns are the letters of its row. A connection belongs to one thread; it
 * is made when first used and made again when lost (outside of transactions).
 * Every wait has a limit.
 *
 * Letters: u UUID, s text, b bytes, i integer, t time; an upper-case letter
 * may be NULL. UUIDs travel as text in both directions, the form in which a
 * UUID column is unmistakable for the server.
 *
 * Sessions are strict (sql_mode), in UTC, READ COMMITTED, wait at most 5 s for
 * a lock, 10 s for a statement and 30 s (TX_IDLE_SECONDS) for the next one of a
 * transaction, which the server rolls back then, and read what any Galera node
 * committed before (wsrep_sync_wait). READ COMMITTED: each statement sees what
 * was committed before it, and a locking read locks rows and no gaps, so a row
 * that is not there cannot be locked: of two inserts the second one is a
 * duplicate key (db_duplicate), which a transaction answers with
 * TRANSACTION_CONFLICT when running it again is right.
 */

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/id.h"

struct db;
struct db_row;
struct secbuf;

enum stmt {
#define STMT(id, params, cols, sql) STMT_##id,
#include "core/store/stmt.def"
#undef STMT
	STMT__MAX
};

struct db_options {
	const char * socket;	/* A path: no host and port; or "". */
	const char * host;	/* Or a list, "db1,db2:3307,[::1]", in order. */
	unsigned port;
	const char * name;
	const char * user;
	const struct secbuf * password;	/* NULL: none. */
	const char * tls_ca;	/* File of CA certificates, for hosts that are
				   not loopback addresses; "": the system's. */
	unsigned timeout_seconds; /* Of each read and write. 0: 15. */
	unsigned tx_seconds;	/* From BEGIN to COMMIT, at most, and 0:
				   TX_SECONDS_MAX (tx.h). */
	bool row_by_row;	/* As with a server that takes no arrays. */
};

enum db_kind { DB_KIND_NULL, DB_KIND_UUID, DB_KIND_TEXT, DB_KIND_BYTES,
    DB_KIND_INT, DB_KIND_TIME };

/* A parameter. Pointers must live until the call returns. */
struct db_param {
	enum db_kind kind;
	const void * p;
	size_t len;
	int64_t i;
};

/* A NULL pointer and SR_TIME_NONE are SQL NULL; the nil UUID is a value. */
#define DB_PARAM(...)	((struct db_param){ __VA_ARGS__ })
#define DB_NULL		DB_PARAM(.kind = DB_KIND_NULL)
#define DB_UUID(id)	DB_PARAM(.kind = DB_KIND_UUID, .p = (id))
#define DB_TEXT(s)	DB_PARAM(.kind = DB_KIND_TEXT, .p = (s))
#define DB_BYTES(b, n)	DB_PARAM(.kind = DB_KIND_BYTES, .p = (b), .len = (n))
#define DB_INT(v)	DB_PARAM(.kind = DB_KIND_INT, .i = (int64_t)(v))
#define DB_TIME(t)	DB_PARAM(.kind = DB_KIND_TIME, .i = (t))
#define DB_ARGS(...)	(const struct db_param[]){ __VA_ARGS__ },	\
    sizeof((const struct db_param[]){ __VA_ARGS__ }) /			\
    sizeof(struct db_param)
#define DB_NOARGS	NULL, 0

/**
 * db_hurry(db, seconds): from now on it waits no longer than that, and than its
 * options say. The connection is made anew; not in a transaction.
 */
void db_hurry(struct db * db, unsigned seconds);

/**
 * db_library_init() / db_library_end(): once per process, before threads.
 * db_thread_end(): in each thread that used a connection, before it ends.
 */
SR_NODISCARD enum sr_error db_library_init(void);
void db_library_end(void);
void db_thread_end(void);

/**
 * db_new(options, out):
 * A connection not yet made; ${options} is copied. Errors: OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error db_new(const struct db_options * options,
    struct db ** out);

/** db_free(db): close and release; *db becomes NULL; may be NULL. */
void db_free(struct db ** db);

/**
 * db_ping(db): connect if needed, ask for an answer. Errors:
 * DATABASE_UNAVAILABLE; DATABASE_REFUSED (that user, password or database is
 * not there: db_errno is 1044, 1045 or 1049); CONFIG_INVALID (the list of
 * hosts); OUT_OF_MEMORY. Whatever connects has these.
 */
SR_NODISCARD enum sr_error db_ping(struct db * db);

/**
 * db_exec(db, stmt, params, n, affected):
 * Run a statement without rows; ${affected} (may be NULL) receives how many
 * rows it matched, changed or not. Outside of a transaction it commits by
 * itself and a lost connection is made anew only before the statement was
 * sent. Errors: DATABASE_UNAVAILABLE, TRANSACTION_CONFLICT (deadlock, lock
 * wait), DATABASE_REFUSED (the rest; the server's error number is in
 * db_errno), SCHEMA_MISMATCH (a result is not what the statement's row says),
 * OUT_OF_MEMORY. Failures are logged here with the statement's name, except a
 * duplicate key (db_duplicate), which callers expect. A transaction whose
 * connection was lost or that was rolled back by the server does nothing more:
 * its later statements return the same error.
 */
SR_NODISCARD enum sr_error db_exec(struct db * db, enum stmt stmt,
    const struct db_param * params, size_t n, uint64_t * affected);

/**
 * db_exec_many(db, stmt, rows, n_rows, n_params, affected):
 * db_exec for each of ${n_rows} rows of ${n_params} parameters, one row after
 * the other in ${rows}, sent together where the server takes arrays. Only in a
 * transaction, if there are two rows or more, which is given up on error: some
 * of them may have been done. ${affected} is of all. Errors: as db_exec.
 */
SR_NODISCARD enum sr_error db_exec_many(struct db * db, enum stmt stmt,
    const struct db_param * rows, size_t n_rows, size_t n_params,
    uint64_t * affected);

/**
 * db_query(db, stmt, params, n, fn, cookie):
 * Run a statement and call ${fn} for each row, in order, while it returns
 * SR_OK; its first other result ends the query and is returned. ${fn} must not
 * use ${db}. Errors: as db_exec, and what ${fn} returns.
 */
typedef enum sr_error db_row_fn(const struct db_row * row, void * cookie);
SR_NODISCARD enum sr_error db_query(struct db * db, enum stmt stmt,
    const struct db_param * params, size_t n, db_row_fn * fn, void * cookie);

/* Columns of a row, by index from 0; valid inside the row function. SQL NULL
 * is the nil UUID, "", NULL with length 0, 0, SR_TIME_NONE. */
bool db_col_null(const struct db_row * row, size_t i);
struct sr_id db_col_uuid(const struct db_row * row, size_t i);
const char * db_col_text(const struct db_row * row, size_t i);
const uint8_t * db_col_bytes(const struct db_row * row, size_t i, size_t * len);
int64_t db_col_int(const struct db_row * row, size_t i);
/* How many bytes a text or bytes column has: a text may hold a NUL. */
size_t db_col_len(const struct db_row * row, size_t i);
sr_time db_col_time(const struct db_row * row, size_t i);

/** db_errno(db): the number of the last failure (1062, 4025 …), or 0. */
unsigned db_errno(const struct db * db);

/** db_duplicate(db): whether the last failure was a duplicate key (1062). */
bool db_duplicate(const struct db * db);

/**
 * db_check_schema(db, bad):
 * Prepare every statement of stmt.def and compare the number of parameters
 * and the number and types of columns with its row. A
 * statement that this user may not run is a mismatch too.
 * ${bad} (may be NULL) receives the first that differs, STMT__MAX if none.
 * Errors: DATABASE_UNAVAILABLE, SCHEMA_MISMATCH.
 */
SR_NODISCARD enum sr_error db_check_schema(struct db * db, enum stmt * bad);

/** db_stmt_name(stmt): "SECRET_INSERT", for messages. */
const char * db_stmt_name(enum stmt stmt);

#endif /* !SR_CORE_STORE_DB_H */
