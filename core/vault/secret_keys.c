#include "core/store/keystore.h"

#include "core/vault/secret_internal.h"

/**
 * secret_take_keys(store, out):
 * The keys for a write.
 */
enum sr_error
secret_take_keys(const struct store * store, const struct keyset ** out)
{
	enum sr_error err;

	err = keystore_take(store->keys, store->db, out);
	if (err == SR_OK || err == SR_E_DATABASE_UNAVAILABLE)
		return (err);
	err = keystore_write_error(store->keys);
	return (err == SR_OK ? SR_E_SECRET_ENCRYPTION_UNAVAILABLE : err);
}
