#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/secbuf.h"
#include "core/store/db_internal.h"

static const struct stmt_row rows[STMT__MAX] = {
#define STMT(id, params, cols, sql) [STMT_##id] = { #id, params, cols, sql },
#include "core/store/stmt.def"
#undef STMT
};

#define STMT(id, params, cols, sql)					\
	_Static_assert(sizeof(params) - 1 <= DB_PARAMS_MAX, #id);	\
	_Static_assert(sizeof(cols) - 1 <= DB_COLUMNS_MAX, #id);
#include "core/store/stmt.def"
#undef STMT

/** stmt_row(id): the row of stmt.def. */
const struct stmt_row *
stmt_row(enum stmt id)
{

	must(id < STMT__MAX);
	return (&rows[id]);
}

/** db_stmt_name(stmt): "SECRET_INSERT", for messages. */
const char *
db_stmt_name(enum stmt stmt)
{

	return (stmt_row(stmt)->name);
}

/** db_library_init(): once per process, before threads. */
enum sr_error
db_library_init(void)
{

	if (mysql_library_init(0, NULL, NULL) != 0)
		return (SR_E_OUT_OF_MEMORY);
	return (SR_OK);
}

/** db_library_end(): once per process, after the threads. */
void
db_library_end(void)
{

	mysql_library_end();
}

/** db_thread_end(): in each thread that used a connection. */
void
db_thread_end(void)
{

	mysql_thread_end();
}

static enum sr_error
copy_text(const char * text, const char ** out)
{

	*out = strdup(text == NULL ? "" : text);
	return (*out == NULL ? SR_E_OUT_OF_MEMORY : SR_OK);
}

static void
free_text(const char ** text)
{

	free((void *)(uintptr_t)*text);
	*text = NULL;
}

static enum sr_error
copy_options(const struct db_options * o, struct db * db)
{
	enum sr_error err;

	if ((err = copy_text(o->socket, &db->o.socket)) != SR_OK ||
	    (err = copy_text(o->host, &db->o.host)) != SR_OK ||
	    (err = copy_text(o->name, &db->o.name)) != SR_OK ||
	    (err = copy_text(o->user, &db->o.user)) != SR_OK ||
	    (err = copy_text(o->tls_ca, &db->o.tls_ca)) != SR_OK)
		return (err);
	if (o->password != NULL)
		return (db_password_copy(o->password, &db->password));
	return (SR_OK);
}

/**
 * db_new(options, out):
 * A connection not yet made; ${options} is copied.
 */
enum sr_error
db_new(const struct db_options * options, struct db ** out)
{
	struct db * db;
	enum sr_error err;

	*out = NULL;
	if ((db = calloc(1, sizeof(*db))) == NULL)
		return (SR_E_OUT_OF_MEMORY);
	db->o.port = options->port;
	db->o.timeout_seconds = options->timeout_seconds;
	db->o.tx_seconds = options->tx_seconds;
	db->o.row_by_row = options->row_by_row;
	if ((err = copy_options(options, db)) != SR_OK) {
		db_free(&db);
		return (err);
	}
	*out = db;
	return (SR_OK);
}

/** db_free(db): close and release. */
void
db_free(struct db ** db)
{

	if (*db == NULL)
		return;
	must(!(*db)->reading);
	db_close(*db);
	free_text(&(*db)->o.socket);
	free_text(&(*db)->o.host);
	free_text(&(*db)->o.name);
	free_text(&(*db)->o.user);
	free_text(&(*db)->o.tls_ca);
	secbuf_free(&(*db)->password);
	free(*db);
	*db = NULL;
}

/** db_close(db): forget the connection and what was prepared on it. */
void
db_close(struct db * db)
{
	int id;

	for (id = 0; id < STMT__MAX; id++)
		db_unprepare(db, (enum stmt)id);
	if (db->my != NULL)
		mysql_close(db->my);
	db->my = NULL;
}

/** db_hurry(db, seconds): it waits no longer than that. */
void
db_hurry(struct db * db, unsigned seconds)
{

	must(!db->in_tx && !db->reading);
	db_close(db);
	if (db->o.timeout_seconds == 0 || db->o.timeout_seconds > seconds)
		db->o.timeout_seconds = seconds;
}

/** db_errno(db): the server's number for the last failure. */
unsigned
db_errno(const struct db * db)
{

	return (db->err_no);
}

/** db_duplicate(db): whether the last failure was a duplicate key. */
bool
db_duplicate(const struct db * db)
{

	return (db->err_no == 1062);
}
