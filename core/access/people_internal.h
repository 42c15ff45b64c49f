#ifndef SR_CORE_ACCESS_PEOPLE_INTERNAL_H
#define SR_CORE_ACCESS_PEOPLE_INTERNAL_H

/* What the files that implement people.h share. Not for other rooms. */

#include "core/access/people.h"
#include "core/store/db.h"
#include "core/store/tx.h"

/** account_from_row(row, out): the columns ACCOUNT_COLS of stmt.def. */
SR_NODISCARD enum sr_error account_from_row(const struct db_row * row,
    struct account * out);

/**
 * people_turn(tx, now, actor):
 * Take the turn at changing who may do what, until the commit; an actor that is
 * an account must be an owner. Errors: ROLE_FORBIDDEN, DATABASE_*.
 */
SR_NODISCARD enum sr_error people_turn(struct tx * tx, sr_time now,
    const struct actor * actor);

/**
 * people_refused(store, audit, error): one line in the log, and a row; returns
 * ${error}. What is refused while the database fails is no row.
 */
enum sr_error people_refused(const struct store * store,
    const struct audit_entry * audit, enum sr_error error);

#endif /* !SR_CORE_ACCESS_PEOPLE_INTERNAL_H */
