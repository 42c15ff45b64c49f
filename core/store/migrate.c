#include <mysql.h>

#include <stdio.h>
#include <string.h>

#include "core/log/log.h"
#include "core/store/migrate.h"
#include "core/store/migrate_files.h"
#include "core/store/migrate_internal.h"

/* A statement that rebuilds a large table takes its time. */
#define STATEMENT_SECONDS	3600

/** migrate_latest(): the version this program needs. */
unsigned
migrate_latest(void)
{

	return (migrate_files[migrate_files_count - 1].version);
}

static enum sr_error
take_version(const struct db_row * row, void * cookie)
{
	unsigned * version = cookie;

	*version = (unsigned)db_col_int(row, 0);
	return (SR_OK);
}

/* The statements of a session that an ordinary one would give up. */
static enum sr_error
open_admin(const struct db_options * options, struct db ** out)
{
	static const char unlimited[] = "SET SESSION max_statement_time = 0, "
	    "lock_wait_timeout = 60, innodb_lock_wait_timeout = 60";
	struct db_options o = *options;
	enum sr_error err;

	o.timeout_seconds = STATEMENT_SECONDS;
	if ((err = db_new(&o, out)) != SR_OK)
		return (sr_fail(err, log_const("for", "migration")));
	if ((err = db_ready(*out)) != SR_OK)
		return (err);
	return (db_text(*out, DB_AT_SESSION, unlimited, NULL));
}

/* The row is written last: a file whose run was cut short is run again. */
static enum sr_error
apply(struct migrate_lock * lock, const struct migrate_file * file)
{
	char sql[256];
	enum sr_error err;
	int n;

	if ((err = migrate_script(lock, file->version, file->sql)) != SR_OK)
		return (err);
	n = snprintf(sql, sizeof(sql), "INSERT INTO schema_migration "
	    "(version, name, applied_at) VALUES (%u, '%s', UTC_TIMESTAMP(6))",
	    file->version, file->name);
	must(n > 0 && (size_t)n < sizeof(sql));
	if ((err = migrate_lock_renew(lock)) != SR_OK ||
	    (err = migrate_sql(lock->db, file->version, 0, sql,
	    (size_t)n, NULL)) != SR_OK)
		return (err);
	LOG(MIGRATION_APPLIED, log_u64("version", file->version),
	    log_const("file", migrate_script_name(file->version)));
	return (SR_OK);
}

static enum sr_error
apply_missing(struct migrate_lock * lock, struct migrate_report * report)
{
	enum sr_error err;
	size_t i;

	if ((err = db_query(lock->db, STMT_MIGRATION_VERSION, DB_NOARGS,
	    take_version, &report->from)) != SR_OK)
		return (err);
	report->to = report->from;
	if (report->from > migrate_latest())
		return (sr_fail(SR_E_SCHEMA_NEWER,
		    log_u64("version", report->from)));
	for (i = 0; i < migrate_files_count; i++) {
		if (migrate_files[i].version <= report->from)
			continue;
		if ((err = apply(lock, &migrate_files[i])) != SR_OK)
			return (err);
		report->to = migrate_files[i].version;
		report->applied++;
	}
	return (SR_OK);
}

/**
 * migrate_run(options, worker_user, report):
 * Apply what is missing, then the grants.
 */
enum sr_error
migrate_run(const struct db_options * options, const char * worker_user,
    struct migrate_report * report)
{
	struct migrate_lock lock = { .held = false };
	struct db * db = NULL;
	enum sr_error err;
	bool grants = worker_user != NULL && worker_user[0] != '\0';

	memset(report, 0, sizeof(*report));
	if (grants && !migrate_worker_valid(worker_user))
		return (sr_fail(SR_E_CONFIG_INVALID,
		    log_const("setting", "database.user")));
	if ((err = open_admin(options, &db)) != SR_OK ||
	    (err = migrate_lock_take(db, &lock)) != SR_OK)
		goto out;
	if ((err = apply_missing(&lock, report)) == SR_OK && grants)
		err = migrate_grant(&lock, worker_user);
	migrate_lock_drop(&lock);
out:
	db_free(&db);
	return (err);
}

/* What an empty database, or one whose grants are not there yet, answers. */
static bool
not_migrated(unsigned err_no)
{

	/* No database for this user, none at all, no right, no table. */
	return (err_no == 1044 || err_no == 1049 || err_no == 1142 ||
	    err_no == 1146);
}

/* A restore that was cut short leaves a half. */
static enum sr_error
no_restore(struct db * db)
{
	unsigned open = 0;
	enum sr_error err;

	err = db_query(db, STMT_RESTORE_OPEN, DB_NOARGS, take_version, &open);
	if (err == SR_OK && open != 0)
		err = sr_fail(SR_E_RESTORE_INCOMPLETE, log_u64("open", open));
	return (err);
}

/**
 * migrate_status(db):
 * SR_OK when the database has exactly this program's version.
 */
enum sr_error
migrate_status(struct db * db)
{
	unsigned version = 0;
	enum sr_error err;

	err = db_query(db, STMT_MIGRATION_VERSION, DB_NOARGS, take_version,
	    &version);
	if (err == SR_E_DATABASE_REFUSED && not_migrated(db_errno(db)))
		return (SR_E_SCHEMA_OUTDATED);
	if (err != SR_OK)
		return (err);
	if (version > migrate_latest())
		return (sr_fail(SR_E_SCHEMA_NEWER,
		    log_u64("version", version)));
	if (version < migrate_latest())
		return (sr_fail(SR_E_SCHEMA_OUTDATED,
		    log_u64("version", version)));
	return (no_restore(db));
}
