#ifndef SR_CORE_VAULT_SECRET_OF_KEY_H
#define SR_CORE_VAULT_SECRET_OF_KEY_H

#include "core/vault/secret.h"

/**
 * secret_list_of_key(db, key_id, after, limit, fn, cookie):
 * As secret_list, of the projects that the API key ${key_id} is limited to.
 */
SR_NODISCARD enum sr_error secret_list_of_key(struct db * db,
    const struct sr_id * key_id, const struct sr_id * after, unsigned limit,
    secret_meta_fn * fn, void * cookie);

#endif /* !SR_CORE_VAULT_SECRET_OF_KEY_H */
