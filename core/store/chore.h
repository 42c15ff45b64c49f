#ifndef SR_CORE_STORE_CHORE_H
#define SR_CORE_STORE_CHORE_H

/*
 * Work that one process does for all of them, not more often than it says:
 * rows of table chore, by the database's clock.
 */

#include "core/base/error.h"

struct db;

/**
 * chore_claim(db, name, seconds, mine):
 * Whether ${name} was due and is ours now; it is due again in ${seconds}.
 * Errors: as db_exec.
 */
SR_NODISCARD enum sr_error chore_claim(struct db * db, const char * name,
    unsigned seconds, bool * mine);

/** chore_soon(db, name, seconds): it is due in ${seconds}; there is more. */
SR_NODISCARD enum sr_error chore_soon(struct db * db, const char * name,
    unsigned seconds);

/** chore_now(db, name): it is due. Errors: as db_exec. */
SR_NODISCARD enum sr_error chore_now(struct db * db, const char * name);

#endif /* !SR_CORE_STORE_CHORE_H */
