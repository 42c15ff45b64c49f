#ifndef SR_TESTS_CORE_STORE_FIXTURE_H
#define SR_TESTS_CORE_STORE_FIXTURE_H

/* What the suites of core/store share: a migrated private MariaDB, a
 * connection of the worker's user, and the rows they play with. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/migrate.h"
#include "tests/harness/mariadb.h"
#include "tests/harness/suite.h"

static struct mariadb * m;
static struct db * db;

/* A connection as the worker's, with its own limit on waits. */
static inline struct db *
worker_with(const char * socket, unsigned seconds)
{
	struct db_options o;
	struct db * out;

	mariadb_worker_options(m, &o);
	if (socket != NULL)
		o.socket = socket;
	o.timeout_seconds = seconds;
	must(db_new(&o, &out) == SR_OK);
	return (out);
}

/* Settings that nobody would choose: sessions must not depend on them. */
static const char * const lax[] = { "--sql-mode=",
    "--default-time-zone=+05:00", "--transaction-isolation=SERIALIZABLE",
    "--innodb-lock-wait-timeout=100", NULL };

static inline int
fixture_start(void)
{
	struct migrate_report report;
	struct db_options o;

	log_open(NULL, 2);
	if (db_library_init() != SR_OK || mariadb_start_with(lax, &m) != 0)
		return (-1);
	mariadb_admin_options(m, &o);
	if (migrate_run(&o, "strongroom_worker", &report) != SR_OK)
		return (-1);
	db = worker_with(NULL, MARIADB_TEST_TIMEOUT);
	return (0);
}

static inline int
fixture_stop(void)
{

	db_free(&db);
	mariadb_stop(&m);
	db_library_end();
	return (0);
}

/* Run SQL as the admin, whatever it answers. */
static inline void
admin(const char * sql)
{
	char * out = mariadb_sql(m, sql);

	CU_ASSERT_PTR_NOT_NULL(out);
	free(out);
}

/* The first line of the answer. */
static inline bool
admin_says(const char * sql, const char * expected)
{
	char * out = mariadb_sql(m, sql);
	bool same;

	if (out != NULL)
		out[strcspn(out, "\n")] = '\0';
	same = out != NULL && strcmp(out, expected) == 0;
	if (!same)
		suite_note("%s: %s, expected %s", sql, out, expected);
	free(out);
	return (same);
}

static inline struct sr_id
new_id(void)
{
	struct sr_id id;

	must(sr_id_new(&id) == SR_OK);
	return (id);
}

/* A row that needs no other row: a line of the log of changes. */
static inline enum sr_error
put_change(struct db * to, const struct sr_id * id)
{
	struct sr_id secret = new_id();

	return (db_exec(to, STMT_CHANGE_INSERT,
	    DB_ARGS(DB_UUID(id), DB_UUID(&secret), DB_INT(0)), NULL));
}

static inline bool
change_exists(const struct sr_id * id)
{
	char sql[128], text[SR_ID_STRLEN + 1];

	sr_id_format(id, text);
	(void)snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM redaction_change"
	    " WHERE id = '%s'", text);
	return (admin_says(sql, "1"));
}

#endif /* !SR_TESTS_CORE_STORE_FIXTURE_H */
