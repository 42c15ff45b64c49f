#include <stdlib.h>

#include "core/base/config.h"
#include "core/keys/keyring.h"
#include "core/store/keystore.h"

/**
 * keystore_sources(config, sources, value):
 * Where settings and environment say that the root keys come from.
 */
enum sr_error
keystore_sources(const struct config * config,
    struct keyring_sources * sources, struct secbuf ** value)
{
	enum sr_error err;

	*sources = (struct keyring_sources){ .file = NULL };
	if ((err = config_secret(config, CFG_ROOT_KEY, value)) != SR_OK)
		return (err);
	sources->file = config_secret_file(config, CFG_ROOT_KEY);
	sources->credentials_dir = getenv("CREDENTIALS_DIRECTORY");
	sources->value = *value;
	return (SR_OK);
}
