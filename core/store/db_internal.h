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

struct db {
	struct db_options o;	/* Strings are copies of our own. */
	struct secbuf * password; /* With room for a NUL; NULL: none. */
	MYSQL * my;		/* NULL: not connected. */
	struct db_stmt * stmts[STMT__MAX];
	unsigned err_no;
	bool in_tx;
	enum sr_error broken;	/* Why the transaction cannot go on; SR_OK. */
	bool reading;		/* A row function runs. */
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
