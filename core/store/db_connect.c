#include <mysql.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/metric.h"
#include "core/base/secbuf_bytes.h"
#include "core/log/log.h"
#include "core/store/db_internal.h"
#include "core/store/tx.h"

#define CONNECT_SECONDS		5
#define SR_STRINGIFY_(x)	#x
#define SR_STRINGIFY(x)		SR_STRINGIFY_(x)
#define HOST_MAX		255

/* One place to connect to. */
struct place {
	char host[HOST_MAX + 1];	/* "" for the unix socket. */
	unsigned port;
};

/* What every session is set to, whatever the server's defaults are. */
static const char * const session[] = {
	"SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
	"NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_AUTO_CREATE_USER,"
	"NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1, "
	"innodb_lock_wait_timeout = 5, lock_wait_timeout = 5, "
	"max_statement_time = 10, wsrep_sync_wait = 1, "
	"idle_transaction_timeout = " SR_STRINGIFY(TX_IDLE_SECONDS),
	"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
};

/** db_password_copy(from, out): a copy that has a NUL after its end. */
enum sr_error
db_password_copy(const struct secbuf * from, struct secbuf ** out)
{
	size_t len = secbuf_len(from);
	enum sr_error err;

	/* New buffers are zeroed: the byte that is left over is the NUL. */
	if ((err = secbuf_new(len + 1, out)) != SR_OK)
		return (err);
	if (len != 0)
		memcpy(secbuf_writable(*out), secbuf_bytes(from), len);
	secbuf_set_len(*out, len);
	return (SR_OK);
}

static const char *
password_text(const struct db * db)
{

	return (db->password == NULL ? NULL :
	    (const char *)secbuf_bytes(db->password));
}

static bool
loopback(const char * host)
{

	return (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	    strncmp(host, "127.", 4) == 0);
}

static int
set_limits(struct db * db, MYSQL * my)
{
	unsigned limit = db->o.timeout_seconds != 0 ? db->o.timeout_seconds :
	    DB_TIMEOUT_STANDARD;
	unsigned connect = limit < CONNECT_SECONDS ? limit : CONNECT_SECONDS;

	return (mysql_optionsv(my, MYSQL_OPT_CONNECT_TIMEOUT, &connect) |
	    mysql_optionsv(my, MYSQL_OPT_READ_TIMEOUT, &limit) |
	    mysql_optionsv(my, MYSQL_OPT_WRITE_TIMEOUT, &limit));
}

static int
set_session(MYSQL * my)
{
	static const my_bool off = 0, on = 1;
	static const unsigned no_infile = 0;
	int rc = 0;
	size_t i;

	rc |= mysql_optionsv(my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	rc |= mysql_optionsv(my, MYSQL_OPT_LOCAL_INFILE, &no_infile);
	rc |= mysql_optionsv(my, MYSQL_OPT_RECONNECT, &off);
	rc |= mysql_optionsv(my, MYSQL_REPORT_DATA_TRUNCATION, &on);
	for (i = 0; i < COUNTOF(session); i++)
		rc |= mysql_optionsv(my, MYSQL_INIT_COMMAND, session[i]);
	return (rc);
}

/* Off this machine: TLS, and the server proves its name. */
static int
set_tls(const struct db * db, MYSQL * my)
{
	static const my_bool on = 1;
	int rc = 0;

	rc |= mysql_optionsv(my, MYSQL_OPT_SSL_ENFORCE, &on);
	rc |= mysql_optionsv(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &on);
	rc |= mysql_optionsv(my, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
	if (db->o.tls_ca[0] != '\0')
		rc |= mysql_optionsv(my, MYSQL_OPT_SSL_CA, db->o.tls_ca);
	return (rc);
}

static MYSQL *
new_handle(struct db * db, const struct place * at)
{
	unsigned protocol = at->host[0] == '\0' ? MYSQL_PROTOCOL_SOCKET :
	    MYSQL_PROTOCOL_TCP;
	MYSQL * my = mysql_init(NULL);

	if (my == NULL)
		return (NULL);
	if ((set_limits(db, my) | set_session(my) |
	    mysql_optionsv(my, MYSQL_OPT_PROTOCOL, &protocol)) != 0 ||
	    (at->host[0] != '\0' && !loopback(at->host) &&
	    set_tls(db, my) != 0)) {
		mysql_close(my);
		return (NULL);
	}
	return (my);
}

/* The library keeps a copy, for connecting again by itself; it never does. */
static void
forget_password(MYSQL * my)
{

	if (my->passwd != NULL)
		explicit_bzero(my->passwd, strlen(my->passwd));
}

static enum sr_error
connect_to(struct db * db, const struct place * at)
{
	const char * host = at->host[0] == '\0' ? NULL : at->host;
	const char * socket = host == NULL ? db->o.socket : NULL;
	MYSQL * my = new_handle(db, at);
	unsigned err_no;

	if (my == NULL)
		return (SR_E_OUT_OF_MEMORY);
	/* Found rows, so that "affected" tells whether a row was there. */
	if (mysql_real_connect(my, host, db->o.user, password_text(db),
	    db->o.name, at->port, socket, CLIENT_FOUND_ROWS) == NULL) {
		err_no = mysql_errno(my);
		mysql_close(my);
		return (db_failed(db, DB_AT_CONNECT, err_no));
	}
	forget_password(my);
	db->my = my;
	LOG(DATABASE_CONNECTED, log_u64("connection", mysql_thread_id(my)));
	return (SR_OK);
}

/* Take "host", "host:port" or "[v6]:port" from ${*list}; false at its end or
 * when it is none. */
static bool
next_place(const char ** list, unsigned port, struct place * at)
{
	const char * s = *list, * end = s + strcspn(s, ","), * host_end;
	char * after;
	bool bracket = *s == '[';

	if (bracket)
		s++;
	host_end = s + strcspn(s, bracket ? "]," : ":,");
	if (host_end == s || host_end - s > HOST_MAX ||
	    (bracket && *host_end != ']'))
		return (false);
	memset(at, 0, sizeof(*at));
	memcpy(at->host, s, (size_t)(host_end - s));
	at->port = port;
	if (bracket)
		host_end++;
	if (*host_end == ':') {
		at->port = (unsigned)strtoul(host_end + 1, &after, 10);
		if (after != end || at->port == 0 || at->port > 65535)
			return (false);
	} else if (host_end != end) {
		return (false);
	}
	*list = *end == ',' ? end + 1 : end;
	return (true);
}

/** db_connect(db): make it anew, to the first place that answers. */
enum sr_error
db_connect(struct db * db)
{
	const char * list = db->o.host;
	struct place at = { .port = 0 };
	enum sr_error err = SR_E_CONFIG_INVALID;

	db_close(db);
	if (db->o.socket[0] != '\0')
		return (connect_to(db, &at));
	do {
		if (!next_place(&list, db->o.port, &at))
			return (sr_fail(SR_E_CONFIG_INVALID,
			    log_const("setting", "database.host")));
		if ((err = connect_to(db, &at)) == SR_OK)
			return (SR_OK);
	} while (*list != '\0');
	return (err);
}

/**
 * db_closed_by_server(db):
 * Whether the server has ended the connection, which waits for no answer. Such
 * a one has nothing to say: a byte, or its end, means that the server has
 * closed it. Costs one system call.
 */
bool
db_closed_by_server(const struct db * db)
{
	struct pollfd p = { .events = POLLIN };

	p.fd = mysql_get_socket(db->my);
	return (poll(&p, 1, 0) != 0);
}

/** db_ready(db): connect if there is no connection, or none any more. */
enum sr_error
db_ready(struct db * db)
{

	must(!db->reading);
	if (db->in_tx) {
		if (db->broken != SR_OK)
			return (db->broken);
		must(db->my != NULL);
		return (SR_OK);
	}
	db->err_no = 0;
	if (db->my != NULL && db_closed_by_server(db)) {
		metric_count(METRIC_DATABASE_LOST);
		LOG(DATABASE_LOST, log_const("statement", "idle"));
		db_close(db);
	}
	return (db->my == NULL ? db_connect(db) : SR_OK);
}
