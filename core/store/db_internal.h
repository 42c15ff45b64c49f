#ifndef SR_CORE_STORE_DB_INTERNAL_H
#define SR_CORE_STORE_DB_INTERNAL_H

/*
 * Kin of db_*.c, tx.c and migrate*.c: the inside of a connection. These files
 * include <mysql.h> first of all, before banned.h bans words that it uses.
 */

#include <mysql.h>

#include "core/store/db.h"

#define DB_TIMEOUT_STANDARD	15	/* Seconds, where options say 0. */
#define DB_PARAMS_MAX	32
#define DB_COLUMNS_MAX	32

/* What failed, for db_failed: a statement of stmt.def, or one of these. */
enum {
	DB_AT_CONNECT = STMT__MAX,
	DB_AT_BEGIN,
	DB_AT_BLOCK,		/* Statements that were sent together. */
	DB_AT_SESSION		/* Settings of a migration's session. */
};

/* A row of stmt.def. */
struct stmt_row {
	const char * name;
	const char * params;
	const char * cols;
	const char * sql;
};

/* Where one column of the current row is. */
struct db_value {
	char * p;		/* s, b, the text of u. Never shrinks. */
	size_t cap;
	unsigned long len;	/* The column's true length. */
	my_bool null;
	my_bool cut;		/* The buffer was too short. */
	long long i;
	MYSQL_TIME t;
	struct sr_id id;
};

/* A statement as prepared on the connection. */
struct db_stmt {
	MYSQL_STMT * s;
	enum stmt id;
	size_t cols;
	MYSQL_BIND * out;
	struct db_value * values;
	bool outgrown;		/* A value has a larger buffer than is bound. */
};

struct db_row {
	const struct db_stmt * st;
};

/* Statements that are sent together (db_later), and how many such sequences
 * stay prepared. */
#define DB_STEPS_MAX	24
#define DB_BLOCKS_MAX	8

struct db_step {
	enum stmt id;
	bool some;		/* It must find or change a row. */
};

/* A parameter that waits; what it points at is at ${at} of the queue's. */
struct db_kept {
	enum db_kind kind;
	size_t at;
	size_t len;
	long long i;
};

struct db_queue {
	struct db_step step[DB_STEPS_MAX];
	size_t steps;
	struct db_kept value[DB_STEPS_MAX * DB_PARAMS_MAX];
	size_t values;
	char * bytes;
	size_t len;
	size_t cap;
};

/* A sequence of statements as prepared on the connection. */
struct db_block {
	struct db_step step[DB_STEPS_MAX];
	size_t steps;
	bool begin;		/* It begins the transaction, */
	bool commit;		/* and ends it. */
	MYSQL_STMT * s;		/* NULL: none. */
};

struct db {
	struct db_options o;	/* Strings are copies of our own. */
	struct secbuf * password; /* With room for a NUL; NULL: none. */
	MYSQL * my;		/* NULL: not connected. */
	struct db_stmt * stmts[STMT__MAX];
	unsigned err_no;
	bool in_tx;
	enum sr_error broken;	/* Why the transaction cannot go on; SR_OK. */
	bool reading;		/* A row function runs. */
	struct db_queue * queue; /* What waits to be sent; NULL: never any. */
	struct db_block block[DB_BLOCKS_MAX];
	unsigned block_next;	/* The one that goes next. */
	bool begin_due;		/* START TRANSACTION is sent with the first. */
	bool apart;		/* db_later sends at once: after a refusal. */
	bool no_blocks;		/* As apart, for the whole connection. */
	bool refused;		/* A block was, and it is not known which of
				   its statements. */
};

/**
 * db_closed_by_server(db):
 * Whether the server has ended the connection, which is made and waits for no
 * answer.
 */
bool db_closed_by_server(const struct db * db);

/** stmt_row(id): the row of stmt.def. */
const struct stmt_row * stmt_row(enum stmt id);

/** db_password_copy(from, out): a copy that has a NUL after its end. */
SR_NODISCARD enum sr_error db_password_copy(const struct secbuf * from,
    struct secbuf ** out);

/** db_connect(db): make the connection anew. Logs. */
SR_NODISCARD enum sr_error db_connect(struct db * db);

/** db_close(db): forget the connection and what was prepared on it. */
void db_close(struct db * db);

/**
 * db_ready(db): before a statement: in a transaction its own error if it is
 * broken; else connect if not connected, or if the server has closed the idle
 * connection, which shows without a round trip.
 */
SR_NODISCARD enum sr_error db_ready(struct db * db);

/** db_classify(err_no): the error that a server's or client's number means. */
enum sr_error db_classify(unsigned err_no);

/** db_lost(err_no): whether the connection is of no more use after it. */
bool db_lost(unsigned err_no);

/**
 * db_failed(db, where, err_no):
 * Keep the number, drop a lost connection, mark the transaction, log once
 * with the name of ${where} (never with the server's text, which may quote
 * values) and return the error. Not logged are duplicate keys, which callers
 * expect, and conflicts inside of a transaction, which tx_run logs.
 */
enum sr_error db_failed(struct db * db, int where, unsigned err_no);

/** db_prepare(db, id, out): the statement, prepared if it is not yet. */
SR_NODISCARD enum sr_error db_prepare(struct db * db, enum stmt id,
    struct db_stmt ** out);

/** db_unprepare(db, id): close it; the next use prepares it anew. */
void db_unprepare(struct db * db, enum stmt id);

/** db_param_null(p): whether the parameter is SQL NULL. */
bool db_param_null(const struct db_param * p);

/**
 * db_check_param(c, p):
 * A parameter that does not fit its letter is a mistake in a caller: end.
 */
void db_check_param(char c, const struct db_param * p);

/** db_execute(db, id, params, n, out): prepare, bind, execute. */
SR_NODISCARD enum sr_error db_execute(struct db * db, enum stmt id,
    const struct db_param * params, size_t n, struct db_stmt ** out);

/** db_queue_clear(db) / db_queue_free(db): what waits is forgotten. */
void db_queue_clear(struct db * db);
void db_queue_free(struct db * db);

/** db_blocks_free(db): close what is prepared of them. */
void db_blocks_free(struct db * db);

/**
 * db_block_run(db, commit, doubt):
 * Send what waits, with the transaction's begin if that is due, and with COMMIT
 * if ${commit} says so; ${doubt}: it failed and may be committed all the same.
 * A refusal sets db->refused; it is not logged, since it is told when the
 * transaction is run again with db->apart.
 */
SR_NODISCARD enum sr_error db_block_run(struct db * db, bool commit,
    bool * doubt);

/** db_catch_up(db): send what waits, and at least the transaction's begin. */
SR_NODISCARD enum sr_error db_catch_up(struct db * db);

/** db_time_to_server / db_time_from_server: DATETIME(6) in UTC. */
void db_time_to_server(sr_time t, MYSQL_TIME * out);
sr_time db_time_from_server(const MYSQL_TIME * in);

/**
 * db_text(db, where, sql, affected): run constant SQL without parameters in
 * the text protocol (BEGIN, DDL), on the connection there is: it is not made.
 */
SR_NODISCARD enum sr_error db_text(struct db * db, int where,
    const char * sql, uint64_t * affected);

#endif /* !SR_CORE_STORE_DB_INTERNAL_H */
