#ifndef SR_CORE_STORE_MIGRATE_INTERNAL_H
#define SR_CORE_STORE_MIGRATE_INTERNAL_H

/* Kin of migrate*.c; <mysql.h> comes first, as for db_internal.h. */

#include <limits.h>

#include "core/store/db_internal.h"

#define MIGRATE_HOLDER_LEN	32
#define MIGRATE_WORKER_MAX	80

/* What is run: the version of a file, or one of these. */
#define MIGRATE_LOCK		0u
#define MIGRATE_GRANTS		UINT_MAX

/** migrate_script_name(script): "0001-foundation", "schema_lock", "grants". */
const char * migrate_script_name(unsigned script);

/* A run's hold on schema_lock. */
struct migrate_lock {
	struct db * db;
	char holder[MIGRATE_HOLDER_LEN + 1];
	bool held;
	int64_t renewed_ms;	/* clock_monotonic_ms of the last renewal. */
};

/**
 * migrate_sql(db, script, number, sql, len, affected):
 * Run one statement of a migration; ${script} and ${number} (its place in it)
 * are for the log line, which carries the server's message: migrations hold no
 * values. Errors: DATABASE_UNAVAILABLE, MIGRATION_FAILED.
 */
SR_NODISCARD enum sr_error migrate_sql(struct db * db, unsigned script,
    unsigned number, const char * sql, size_t len, uint64_t * affected);

/**
 * migrate_lock_take(db, lock): wait some seconds for schema_lock, which is
 * made if it is not there. Errors: MIGRATION_BUSY, as migrate_sql.
 */
SR_NODISCARD enum sr_error migrate_lock_take(struct db * db,
    struct migrate_lock * lock);

/**
 * migrate_lock_renew(lock): between statements: lengthen the lease when a part
 * of it is over. Errors: MIGRATION_BUSY if it was lost meanwhile.
 */
SR_NODISCARD enum sr_error migrate_lock_renew(struct migrate_lock * lock);

/** migrate_lock_drop(lock): let it go; harmless when it is not held. */
void migrate_lock_drop(struct migrate_lock * lock);

/**
 * migrate_script(lock, script, text): run the statements of ${text}, each ended
 * by ";" at a line's end, renewing the lock before each. Lines that begin with
 * "--" are comments. Errors: as migrate_sql and migrate_lock_renew.
 */
SR_NODISCARD enum sr_error migrate_script(struct migrate_lock * lock,
    unsigned script, const char * text);

/** migrate_worker_valid(user): letters, digits and _, at most 80. */
SR_NODISCARD bool migrate_worker_valid(const char * user);

/** migrate_grant(lock, user): the grants of schema/grants.sql for ${user}. */
SR_NODISCARD enum sr_error migrate_grant(struct migrate_lock * lock,
    const char * user);

#endif /* !SR_CORE_STORE_MIGRATE_INTERNAL_H */
