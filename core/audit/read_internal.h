#ifndef SR_CORE_AUDIT_READ_INTERNAL_H
#define SR_CORE_AUDIT_READ_INTERNAL_H

/* For audit_read.c and query.c: from a row of the table to struct audit_row. */

#include "core/audit/audit.h"
#include "core/store/db.h"

/* The caller's function, and what it said, which is no database error. */
struct row_reading {
	audit_row_fn * fn;
	void * cookie;
	enum sr_error said;
};

/** audit_take_row(row, reading): a db_row_fn for AUDIT_COLS. */
enum sr_error audit_take_row(const struct db_row * row, void * reading);

/** audit_read_error(reading, err): what a reader answers for db_query's. */
enum sr_error audit_read_error(const struct row_reading * reading,
    enum sr_error err);

#endif /* !SR_CORE_AUDIT_READ_INTERNAL_H */
