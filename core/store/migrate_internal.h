#ifndef SR_CORE_STORE_MIGRATE_INTERNAL_H
#define SR_CORE_STORE_MIGRATE_INTERNAL_H

/* Kin of migrate*.c. Includers include <mysql.h> first, as for db_internal.h. */

#include "core/store/db_internal.h"

#define MIGRATE_HOLDER_LEN	32
#define MIGRATE_WORKER_MAX	80

/* A run's hold on schema_lock. */
struct migrate_lock {
	struct db * db;
	char holder[MIGRATE_HOLDER_LEN + 1];
	bool held;
};

/**
 * migrate_sql(db, what, number, sql, len, affected):
 * Run one statement of a migration; ${what} and ${number} (its place in the
 * file) are for the log line, which carries the server's message: migrations
 * hold no values. Errors: DATABASE_UNAVAILABLE, MIGRATION_FAILED.
 */
SR_NODISCARD enum sr_error migrate_sql(struct db * db, const char * what,
    unsigned number, const char * sql, size_t len, uint64_t * affected);

/**
 * migrate_lock_take(db, lock): wait some seconds for schema_lock, which is
 * made if it is not there. Errors: MIGRATION_BUSY, as migrate_sql.
 */
SR_NODISCARD enum sr_error migrate_lock_take(struct db * db,
    struct migrate_lock * lock);

/** migrate_lock_renew(lock): MIGRATION_BUSY if it was lost meanwhile. */
SR_NODISCARD enum sr_error migrate_lock_renew(struct migrate_lock * lock);

/** migrate_lock_drop(lock): let it go; harmless when it is not held. */
void migrate_lock_drop(struct migrate_lock * lock);

/**
 * migrate_script(lock, what, text): run the statements of ${text}, each ended
 * by ";" at a line's end, renewing the lock before each. Lines that begin with
 * "--" are comments. Errors: as migrate_sql and migrate_lock_renew.
 */
SR_NODISCARD enum sr_error migrate_script(struct migrate_lock * lock,
    const char * what, const char * text);

/** migrate_worker_valid(user): letters, digits and _, at most 80. */
SR_NODISCARD bool migrate_worker_valid(const char * user);

/** migrate_grant(lock, user): the grants of schema/grants.sql for ${user}. */
SR_NODISCARD enum sr_error migrate_grant(struct migrate_lock * lock,
    const char * user);

#endif /* !SR_CORE_STORE_MIGRATE_INTERNAL_H */
