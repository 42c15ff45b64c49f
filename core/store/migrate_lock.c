#include <mysql.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "core/base/random.h"
#include "core/log/log.h"
#include "core/store/migrate_internal.h"

/*
 * The lock is a row, because GET_LOCK does not reach other Galera nodes. It is
 * held until expires_at, and renewed between statements. A holder that died is
 * not waited for if its end can be seen: its connection was made to this very
 * server by this very user, and is in the list of processes no more.
 */
#define LEASE		"INTERVAL 120 SECOND"
#define HERE							\
    "CONCAT_WS(' ', @@hostname, @@port, @@datadir, CURRENT_USER())"
#define RENEW_MS	20000
#define WAIT_MS		3000
#define POLL_MS		100
#define SQL_MAX		1024

static const char make_migration[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " version INT UNSIGNED NOT NULL PRIMARY KEY,"
    " name VARCHAR(64) NOT NULL,"
    " applied_at DATETIME(6) NOT NULL"
    ") ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";

static const char make_lock[] =
    "CREATE TABLE IF NOT EXISTS schema_lock ("
    " id TINYINT UNSIGNED NOT NULL PRIMARY KEY,"
    " holder CHAR(32) NOT NULL,"
    " place VARCHAR(600) NOT NULL,"
    " connection BIGINT UNSIGNED NOT NULL,"
    " expires_at DATETIME(6) NOT NULL,"
    " CONSTRAINT schema_lock_one_row CHECK (id = 1)"
    ") ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";

static const char make_row[] =
    "INSERT IGNORE INTO schema_lock"
    " VALUES (1, '', '', 0, '1970-01-01 00:00:00')";

static const char * const tables[] = { make_migration, make_lock, make_row };

static enum sr_error
make_tables(struct db * db)
{
	enum sr_error err = SR_OK;
	size_t i;

	for (i = 0; i < COUNTOF(tables) && err == SR_OK; i++)
		err = migrate_sql(db, MIGRATE_LOCK, (unsigned)i + 1, tables[i],
		    strlen(tables[i]), NULL);
	return (err);
}

static enum sr_error
make_holder(struct migrate_lock * lock)
{
	uint8_t raw[MIGRATE_HOLDER_LEN / 2];
	enum sr_error err;
	size_t i;

	if ((err = random_bytes(raw, sizeof(raw))) != SR_OK)
		return (sr_fail(err, log_const("for", "schema_lock")));
	for (i = 0; i < sizeof(raw); i++)
		(void)snprintf(lock->holder + 2 * i, 3, "%02x", raw[i]);
	return (SR_OK);
}

/* One UPDATE of the row; *done tells whether it was ours to make. */
static enum sr_error
update(struct migrate_lock * lock, const char * set, const char * where,
    bool * done)
{
	char sql[SQL_MAX];
	uint64_t affected = 0;
	enum sr_error err;
	int n;

	n = snprintf(sql, sizeof(sql), "UPDATE schema_lock SET %s "
	    "WHERE id = 1 AND %s", set, where);
	must(n > 0 && (size_t)n < sizeof(sql));
	err = migrate_sql(lock->db, MIGRATE_LOCK, 0, sql, (size_t)n,
	    &affected);
	*done = affected == 1;
	return (err);
}

static enum sr_error
try_take(struct migrate_lock * lock)
{
	char set[SQL_MAX / 2];
	int n;

	n = snprintf(set, sizeof(set), "holder = '%s', place = " HERE ", "
	    "connection = CONNECTION_ID(), "
	    "expires_at = UTC_TIMESTAMP(6) + " LEASE, lock->holder);
	must(n > 0 && (size_t)n < sizeof(set));
	return (update(lock, set, "(expires_at < UTC_TIMESTAMP(6) OR "
	    "(place = " HERE " AND connection NOT IN "
	    "(SELECT ID FROM information_schema.PROCESSLIST)))",
	    &lock->held));
}

/** migrate_lock_take(db, lock): wait some seconds for schema_lock. */
enum sr_error
migrate_lock_take(struct db * db, struct migrate_lock * lock)
{
	int64_t end = clock_monotonic_ms() + WAIT_MS;
	enum sr_error err;

	lock->db = db;
	lock->held = false;
	if ((err = make_holder(lock)) != SR_OK ||
	    (err = make_tables(db)) != SR_OK)
		return (err);
	for (;;) {
		lock->renewed_ms = clock_monotonic_ms();
		if ((err = try_take(lock)) != SR_OK || lock->held)
			return (err);
		if (clock_monotonic_ms() >= end)
			return (sr_fail(SR_E_MIGRATION_BUSY,
			    log_const("lock", "taken")));
		(void)poll(NULL, 0, POLL_MS);
	}
}

static enum sr_error
update_own(struct migrate_lock * lock, const char * set, bool * done)
{
	char where[MIGRATE_HOLDER_LEN + 16];

	(void)snprintf(where, sizeof(where), "holder = '%s'", lock->holder);
	return (update(lock, set, where, done));
}

/** migrate_lock_renew(lock): if it is time to. */
enum sr_error
migrate_lock_renew(struct migrate_lock * lock)
{
	int64_t now = clock_monotonic_ms();
	enum sr_error err;

	if (now - lock->renewed_ms < RENEW_MS)
		return (SR_OK);
	lock->renewed_ms = now;
	err = update_own(lock, "expires_at = UTC_TIMESTAMP(6) + " LEASE,
	    &lock->held);
	if (err == SR_OK && !lock->held)
		err = sr_fail(SR_E_MIGRATION_BUSY, log_const("lock", "lost"));
	return (err);
}

/** migrate_lock_drop(lock): let it go. */
void
migrate_lock_drop(struct migrate_lock * lock)
{
	bool done;

	if (!lock->held || lock->db->my == NULL)
		return;
	lock->held = false;
	/* If this fails, the lease ends by itself. */
	if (update_own(lock, "holder = '', expires_at = '1970-01-01 00:00:00'",
	    &done) != SR_OK)
		return;
}
