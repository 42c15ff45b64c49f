#ifndef SR_CORE_VAULT_RETENTION_H
#define SR_CORE_VAULT_RETENTION_H

/*
 * The forms of former values are kept, and masked, for a retention time after
 * they were retired (config redaction.retention_days). What is older is
 * deleted in bounded steps; a row of redaction_change, written with each
 * deletion, makes every process forget it. Changes themselves are kept for a
 * day: a process that has not looked for half of that loads everything anew
 * (liveset.c), so that none misses one. Requests with an idempotency key are
 * deleted when their time is over. The database's clock alone counts.
 */

#include "core/store/store.h"

/* Rows of a table that one step deletes at most. */
#define RETENTION_STEP	1000

/**
 * retention_purge(store, days, more):
 * One step: delete forms that were retired more than ${days} ago, changes that
 * are older than a day, and requests whose time is over. ${more}: a limit was
 * met, there may be more.
 * Errors: as tx_run, OUT_OF_MEMORY.
 */
SR_NODISCARD enum sr_error retention_purge(const struct store * store,
    unsigned days, bool * more);

#endif /* !SR_CORE_VAULT_RETENTION_H */
