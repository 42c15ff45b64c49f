#ifndef SR_CORE_ACCESS_PURGE_H
#define SR_CORE_ACCESS_PURGE_H

/* Sessions and counters of failures that are of no use to anybody any more. */

#include "core/base/error.h"

struct db;

/* Rows of a table that one step deletes at most. */
#define ACCESS_PURGE_STEP	1000

/**
 * access_purge(db, more):
 * One step: delete sessions that are over for a day by their age, and counters
 * of throttle whose last failure is older than a day. Who did what stays in
 * the audit history. ${more}: a limit was met, there may be more. Errors: as
 * db_exec.
 */
SR_NODISCARD enum sr_error access_purge(struct db * db, bool * more);

#endif /* !SR_CORE_ACCESS_PURGE_H */
