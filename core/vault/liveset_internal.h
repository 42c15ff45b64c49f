#ifndef SR_CORE_VAULT_LIVESET_INTERNAL_H
#define SR_CORE_VAULT_LIVESET_INTERNAL_H

/* Loading forms, for liveset.c alone. */

#include "core/store/store.h"
#include "core/vault/change.h"

/**
 * liveset_load_all(store, days) / liveset_load_new(store, days, seen, heads):
 * Load the forms of every secret, or of those that the log names between
 * ${seen} and ${heads}, into store->redact; of former values only those that
 * were retired in the last ${days}. Errors: as db_query, OUT_OF_MEMORY,
 * SCHEMA_MISMATCH.
 */
SR_NODISCARD enum sr_error liveset_load_all(const struct store * store,
    unsigned days);
SR_NODISCARD enum sr_error liveset_load_new(const struct store * store,
    unsigned days, const struct change_heads * seen,
    const struct change_heads * heads);

#endif /* !SR_CORE_VAULT_LIVESET_INTERNAL_H */
