#ifndef SR_CORE_STORE_SNAPSHOT_H
#define SR_CORE_STORE_SNAPSHOT_H

/* Many reads of one moment, while others go on writing. */

#include "core/store/db.h"

typedef enum sr_error db_snapshot_fn(struct db * db, void * cookie);

/**
 * db_snapshot(db, fn, cookie):
 * Run ${fn}, which reads alone, in a REPEATABLE READ transaction: all of its
 * statements see what was committed when it began. Nothing is locked, and
 * nothing repeated: a lost connection ends it. It may take as long as it
 * needs, but not be idle for TX_IDLE_SECONDS. Errors: as db_query, and what
 * ${fn} returns.
 */
SR_NODISCARD enum sr_error db_snapshot(struct db * db, db_snapshot_fn * fn,
    void * cookie);

#endif /* !SR_CORE_STORE_SNAPSHOT_H */
