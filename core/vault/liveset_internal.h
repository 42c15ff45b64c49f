#ifndef SR_CORE_VAULT_LIVESET_INTERNAL_H
#define SR_CORE_VAULT_LIVESET_INTERNAL_H

/* Reading the change log and loading forms, for liveset.c alone. */

#include "core/store/db.h"
#include "core/store/store.h"

struct liveset_change {
	struct sr_id id;	/* First: changes sort as ids do. */
	struct sr_id secret_id;
	sr_time at;		/* By the database's clock. */
};

/* Changes, ordered by id. All zero is none. */
struct liveset_changes {
	sr_time now;		/* When they were read, by that clock. */
	struct liveset_change * v;
	size_t n;
	size_t cap;
};

/** liveset_now(db, now): the database's clock. Errors: as db_query. */
SR_NODISCARD enum sr_error liveset_now(struct db * db, sr_time * now);

/**
 * liveset_changes_read(db, newest, out):
 * The changes not older than the window before ${newest} (or before now, if
 * the database's clock was set back). Caller frees. Errors: as db_query;
 * ${out} is empty then.
 */
SR_NODISCARD enum sr_error liveset_changes_read(struct db * db, sr_time newest,
    struct liveset_changes * out);

/** liveset_changes_free(c): release; empty after. */
void liveset_changes_free(struct liveset_changes * c);

/** liveset_changes_newest(c, t): the latest of ${t} and the changes' times. */
sr_time liveset_changes_newest(const struct liveset_changes * c, sr_time t);

/** liveset_id_order(a, b): for qsort and bsearch, by the id at the start. */
int liveset_id_order(const void * a, const void * b);

/**
 * liveset_load_all(store, days) / liveset_load_new(store, days, seen, found):
 * Load the forms of every secret, or of those that ${found} names in a change
 * which is not in ${seen}, into store->redact; of former values only those
 * that were retired in the last ${days}. Errors: as db_query, OUT_OF_MEMORY,
 * SCHEMA_MISMATCH.
 */
SR_NODISCARD enum sr_error liveset_load_all(const struct store * store,
    unsigned days);
SR_NODISCARD enum sr_error liveset_load_new(const struct store * store,
    unsigned days, const struct liveset_changes * seen,
    const struct liveset_changes * found);

#endif /* !SR_CORE_VAULT_LIVESET_INTERNAL_H */
