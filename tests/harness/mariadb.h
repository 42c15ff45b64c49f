#ifndef SR_TESTS_HARNESS_MARIADB_H
#define SR_TESTS_HARNESS_MARIADB_H

/*
 * A private MariaDB for one test program: a data directory of its own in a
 * temporary folder, a unix socket, no network. It has an empty database
 * `strongroom` and a user strongroom_worker@localhost with a random password
 * and no grants (migrate_run gives them). It dies with the test program. Run
 * as root, the server runs as `mysql`, or `nobody` where there is no such user.
 *
 * Whatever cannot be started or asked is a broken test environment: it is told
 * on standard error and the call says so.
 */

#include "core/base/base.h"
#include "core/store/db.h"

struct mariadb;

/* For tests the limits of a connection are short. */
#define MARIADB_TEST_TIMEOUT	5

/** mariadb_start(out): 0 when it answers; caller ends it with mariadb_stop. */
SR_NODISCARD int mariadb_start(struct mariadb ** out);

/**
 * mariadb_start_with(args, out): as mariadb_start, with more arguments of
 * mariadbd (a NULL-terminated list, or NULL); they are kept over a restart.
 */
SR_NODISCARD int mariadb_start_with(const char * const * args,
    struct mariadb ** out);

/** mariadb_stop(m): end it, remove its folder; *m becomes NULL; may be NULL. */
void mariadb_stop(struct mariadb ** m);

/** mariadb_socket(m), mariadb_dir(m): its unix socket; the folder of both. */
const char * mariadb_socket(const struct mariadb * m);
const char * mariadb_dir(const struct mariadb * m);

/** mariadb_admin(m), mariadb_worker_password(m): the names to sign in with. */
const char * mariadb_admin(const struct mariadb * m);
const char * mariadb_worker_password(const struct mariadb * m);

/* Options of a connection; what they point at lives with ${m}. */
void mariadb_admin_options(const struct mariadb * m, struct db_options * o);
void mariadb_worker_options(const struct mariadb * m, struct db_options * o);

/** mariadb_pause / mariadb_continue(m): SIGSTOP, SIGCONT. */
void mariadb_pause(const struct mariadb * m);
void mariadb_continue(const struct mariadb * m);

/** mariadb_kill9(m): SIGKILL, and wait for its end. The data stays. */
void mariadb_kill9(struct mariadb * m);

/** mariadb_restart(m): start it on its data; 0 when it answers. */
SR_NODISCARD int mariadb_restart(struct mariadb * m);

/**
 * mariadb_sql(m, sql): run ${sql} as the admin in database strongroom (one
 * line a row, tabs between columns, NULL as "NULL"). Caller frees. If it fails
 * the server's message goes to standard error and NULL is returned.
 */
char * mariadb_sql(const struct mariadb * m, const char * sql);

/**
 * mariadb_sql_error(m, sql) / mariadb_worker_sql_error(m, sql): run ${sql} as
 * the admin or the worker, expecting a failure: its message, "ERROR 4025
 * (23000) …"; caller frees. NULL if it succeeded.
 */
char * mariadb_sql_error(const struct mariadb * m, const char * sql);
char * mariadb_worker_sql_error(const struct mariadb * m, const char * sql);

/** mariadb_dump(m): a full dump of the database; caller frees; NULL: failed. */
char * mariadb_dump(const struct mariadb * m);

#endif /* !SR_TESTS_HARNESS_MARIADB_H */
