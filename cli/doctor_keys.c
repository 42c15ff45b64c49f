#include <stdio.h>

#include "cli/cli.h"
#include "cli/doctor.h"
#include "core/keys/keyring.h"
#include "core/store/keystore.h"
#include "core/vault/rewrap.h"

struct key_versions {
	const struct keyset * keys;
	uint64_t loaded;	/* Those that something is wrapped under, */
	bool wrapping;		/* the one that wraps among them. */
};

static enum sr_error
add_version(const struct rewrap_count * count, void * cookie)
{
	struct key_versions * v = cookie;

	const uint32_t wrapping = keyset_wrapping(v->keys);

	if (count->kek_version <= wrapping &&
	    keyring_has(keyset_keyring(v->keys), count->kek_version))
		v->loaded++;
	if (count->kek_version == wrapping)
		v->wrapping = true;
	return (SR_OK);
}

/* How many older ones are loaded; newer ones wait for a rotation. */
static uint64_t
older_loaded(const struct keyset * keys)
{
	const struct keyring * kr = keyset_keyring(keys);
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < keyring_count(kr); i++)
		n += keyring_version(kr, i) < keyset_wrapping(keys);
	return (n);
}

/**
 * doctor_key_versions(cli, d):
 * Whether all that is stored can be opened, and how many keys may go.
 */
enum sr_error
doctor_key_versions(struct cli * cli, struct doctor * d)
{
	struct key_versions v = { .loaded = 0 };
	uint32_t missing = 0;
	enum sr_error err;

	if ((v.keys = keystore_hold(cli->store.keys)) == NULL)
		return (keystore_reason(cli->store.keys));
	err = rewrap_missing(cli->store.db, keyset_keyring(v.keys), &missing);
	if (err == SR_OK)
		err = rewrap_counts(cli->store.db, add_version, &v);
	if (err == SR_OK && missing != 0) {
		(void)snprintf(d->missing, sizeof(d->missing), "%u", missing);
		d->detail = d->missing;
		err = SR_E_ROOT_KEY_VERSION_MISSING;
	}
	d->needed = v.loaded + !v.wrapping;
	d->spare = 1 + older_loaded(v.keys) - d->needed;
	keyset_release(&v.keys);
	return (err);
}
