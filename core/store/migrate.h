#ifndef SR_CORE_STORE_MIGRATE_H
#define SR_CORE_STORE_MIGRATE_H

/*
 * Migrations: the numbered files of schema/, compiled into the program. Each
 * statement of a file can be run again (IF NOT EXISTS), so a run that was
 * killed goes on where it was; the row of schema_migration is written last. A
 * row of schema_lock, held for a time and renewed, keeps runs apart (GET_LOCK
 * does not work on Galera).
 */

#include "core/store/db.h"

struct migrate_report {
	unsigned from;		/* Version before, 0 for an empty database. */
	unsigned to;		/* Version now. */
	unsigned applied;	/* Files applied by this run. */
};

/** migrate_latest(): the version this program needs. */
unsigned migrate_latest(void);

/**
 * migrate_run(options, worker_user, report):
 * As the admin user of ${options}: apply what is missing, then the grants of
 * schema/grants.sql for ${worker_user}@localhost (NULL or "": none). Errors:
 * SCHEMA_NEWER, MIGRATION_BUSY, MIGRATION_FAILED, DATABASE_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error migrate_run(const struct db_options * options,
    const char * worker_user, struct migrate_report * report);

/**
 * migrate_status(db):
 * SR_OK when the database has exactly this program's version. Errors:
 * SCHEMA_OUTDATED (also an empty database), SCHEMA_NEWER, RESTORE_INCOMPLETE (a
 * restore is going on, or did not come to its end), DATABASE_UNAVAILABLE.
 */
SR_NODISCARD enum sr_error migrate_status(struct db * db);

#endif /* !SR_CORE_STORE_MIGRATE_H */
