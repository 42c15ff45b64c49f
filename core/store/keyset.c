#include <stdlib.h>

#include "core/base/secbuf.h"
#include "core/log/log.h"
#include "core/store/keystore_internal.h"

/** keyset_new(root, out): an empty set on ${root}, held once. */
enum sr_error
keyset_new(struct keyset * root, struct keyset ** out)
{
	struct keyset * set;

	*out = NULL;
	if ((set = calloc(1, sizeof(*set))) == NULL)
		return (sr_fail(SR_E_OUT_OF_MEMORY,
		    log_const("for", "keyset")));
	set->refs = 1;
	if (root != NULL)
		set->root = keyset_share(root);
	*out = set;
	return (SR_OK);
}

/** keyset_load(sources, out): a set of root keys alone, held once. */
enum sr_error
keyset_load(const struct keyring_sources * sources, struct keyset ** out)
{
	enum sr_error err;

	if ((err = keyset_new(NULL, out)) != SR_OK)
		return (err);
	if ((err = keyring_load(sources, &(*out)->keyring)) != SR_OK)
		keyset_drop(out);
	return (err);
}

/** keyset_share(set): hold it once more. */
struct keyset *
keyset_share(struct keyset * set)
{

	set->refs++;
	return (set);
}

/** keyset_drop(set): let go; *set becomes NULL. */
void
keyset_drop(struct keyset ** set)
{
	struct keyset * s = *set;
	size_t i;

	*set = NULL;
	if (s == NULL || --s->refs != 0)
		return;
	keyset_drop(&s->root);
	keyring_free(&s->keyring);
	for (i = 0; i < KEYSET__MAX; i++)
		secbuf_free(&s->key[i]);
	free(s);
}

/** keyset_release(set): end of keystore_hold; *set becomes NULL. */
void
keyset_release(const struct keyset ** set)
{
	struct keyset * s = (struct keyset *)(uintptr_t)*set;

	*set = NULL;
	keyset_drop(&s);
}

const struct keyring *
keyset_keyring(const struct keyset * set)
{

	return (set->root != NULL ? set->root->keyring : set->keyring);
}

uint32_t
keyset_wrapping(const struct keyset * set)
{

	return (set->wrapping);
}

const struct secbuf *
keyset_audit_key(const struct keyset * set)
{

	return (set->key[KEYSET_AUDIT]);
}

const struct secbuf *
keyset_redaction_key(const struct keyset * set)
{

	return (set->key[KEYSET_REDACTION]);
}

const struct secbuf *
keyset_sign_key(const struct keyset * set)
{

	return (set->key[KEYSET_SIGN]);
}

const struct secbuf *
keyset_request_key(const struct keyset * set)
{

	return (set->key[KEYSET_REQUEST]);
}

const struct secbuf *
keyset_factor_key(const struct keyset * set)
{

	return (set->key[KEYSET_FACTOR]);
}

const struct secbuf *
keyset_stream_key(const struct keyset * set)
{

	return (set->key[KEYSET_STREAM]);
}
