#include <mysql.h>

#include "core/base/metric.h"
#include "core/log/log.h"
#include "core/store/db_internal.h"

/*
 * What the numbers of MariaDB (1000 and up: the server's; 2000 to 2999: the
 * client library's) mean to callers. Whatever is not here is a refusal.
 */
static const struct {
	unsigned number;
	enum sr_error error;
	bool lost;		/* The connection must not be used again. */
} numbers[] = {
	/* Rolled back by the server; the whole transaction may be repeated. */
	{ 1020, SR_E_TRANSACTION_CONFLICT, false },	/* row has changed */
	{ 1205, SR_E_TRANSACTION_CONFLICT, false },	/* lock wait timeout */
	{ 1213, SR_E_TRANSACTION_CONFLICT, false },	/* deadlock, Galera */
	/* No connection, or none any more. */
	{ 1040, SR_E_DATABASE_UNAVAILABLE, true },	/* server is full */
	{ 1043, SR_E_DATABASE_UNAVAILABLE, true },	/* bad handshake */
	{ 1047, SR_E_DATABASE_UNAVAILABLE, true },	/* Galera: not ready */
	{ 1053, SR_E_DATABASE_UNAVAILABLE, true },	/* shutting down */
	{ 1129, SR_E_DATABASE_UNAVAILABLE, true },	/* host blocked */
	{ 1152, SR_E_DATABASE_UNAVAILABLE, true },	/* aborted connection */
	{ 1158, SR_E_DATABASE_UNAVAILABLE, true },	/* net read error */
	{ 1159, SR_E_DATABASE_UNAVAILABLE, true },	/* net read timeout */
	{ 1160, SR_E_DATABASE_UNAVAILABLE, true },	/* net write error */
	{ 1161, SR_E_DATABASE_UNAVAILABLE, true },	/* net write timeout */
	{ 1180, SR_E_DATABASE_UNAVAILABLE, true },	/* Galera: no quorum */
	{ 1203, SR_E_DATABASE_UNAVAILABLE, true },	/* user's connections */
	{ 1927, SR_E_DATABASE_UNAVAILABLE, true },	/* connection killed */
	{ 2001, SR_E_DATABASE_UNAVAILABLE, true },	/* no socket */
	{ 2002, SR_E_DATABASE_UNAVAILABLE, true },	/* unix connect */
	{ 2003, SR_E_DATABASE_UNAVAILABLE, true },	/* TCP connect */
	{ 2004, SR_E_DATABASE_UNAVAILABLE, true },
	{ 2005, SR_E_DATABASE_UNAVAILABLE, true },	/* unknown host */
	{ 2006, SR_E_DATABASE_UNAVAILABLE, true },	/* gone away */
	{ 2012, SR_E_DATABASE_UNAVAILABLE, true },
	{ 2013, SR_E_DATABASE_UNAVAILABLE, true },	/* lost, or timed out */
	{ 2026, SR_E_DATABASE_UNAVAILABLE, true },	/* TLS */
	{ 2055, SR_E_DATABASE_UNAVAILABLE, true },	/* lost, with errno */
	/* The connection stays, the answer did not come in time. */
	{ 1317, SR_E_DATABASE_UNAVAILABLE, false },	/* interrupted */
	{ 1969, SR_E_DATABASE_UNAVAILABLE, false },	/* max_statement_time */
	/* No grant in the database: migrations end with the grants. */
	{ 1044, SR_E_SCHEMA_OUTDATED, true },
	/* Ours. */
	{ 2008, SR_E_OUT_OF_MEMORY, true },
	/* The protocol is out of step: only a new connection helps. */
	{ 2000, SR_E_DATABASE_REFUSED, true },
	{ 2014, SR_E_DATABASE_REFUSED, true },
	{ 2027, SR_E_DATABASE_REFUSED, true },
};

/** db_classify(err_no): the error that the number means. */
enum sr_error
db_classify(unsigned err_no)
{
	size_t i;

	for (i = 0; i < COUNTOF(numbers); i++) {
		if (numbers[i].number == err_no)
			return (numbers[i].error);
	}
	return (SR_E_DATABASE_REFUSED);
}

/** db_lost(err_no): whether the connection is of no more use after it. */
bool
db_lost(unsigned err_no)
{
	size_t i;

	for (i = 0; i < COUNTOF(numbers); i++) {
		if (numbers[i].number == err_no)
			return (numbers[i].lost);
	}
	return (false);
}

static const char *
where_name(int where)
{

	switch (where) {
	case DB_AT_CONNECT:
		return ("connect");
	case DB_AT_BEGIN:
		return ("begin");
	case DB_AT_BLOCK:
		return ("together");
	case DB_AT_SESSION:
		return ("session");
	default:
		return (db_stmt_name((enum stmt)where));
	}
}

/* A duplicate key is expected by who asks db_duplicate; a conflict inside of a
 * transaction is tx_run's to repeat and to log. */
static bool
worth_a_line(const struct db * db, unsigned err_no)
{

	if (err_no == 1062)
		return (false);
	return (!db->in_tx || db_classify(err_no) != SR_E_TRANSACTION_CONFLICT);
}

/**
 * db_failed(db, where, err_no):
 * Keep the number, drop a lost connection, mark the transaction, log once.
 */
enum sr_error
db_failed(struct db * db, int where, unsigned err_no)
{
	enum sr_error err = db_classify(err_no);
	bool lost = db_lost(err_no);

	db->err_no = err_no;
	if (db->in_tx && (lost || err == SR_E_TRANSACTION_CONFLICT))
		db->broken = err;
	if (lost) {
		db_close(db);
		metric_count(METRIC_DATABASE_LOST);
		LOG(DATABASE_LOST, log_const("statement", where_name(where)),
		    log_u64("errno", err_no), log_error(err));
	} else if (worth_a_line(db, err_no)) {
		LOG(STATEMENT_FAILED, log_const("statement", where_name(where)),
		    log_u64("errno", err_no), log_error(err));
	}
	return (err);
}
