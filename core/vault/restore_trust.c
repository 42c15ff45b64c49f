#include <string.h>
#include <unistd.h>

#include "core/audit/checkpoint_heads.h"
#include "core/base/secbuf.h"
#include "core/keys/keyring.h"
#include "core/keys/seal.h"
#include "core/log/log.h"

#include "core/vault/backup_internal.h"

/* Columns of both tables, as backup.def has them. */
enum { KEK_VERSION, KEK_CHECK, KEK_STATE };
enum { KEY_PURPOSE, KEY_VERSION, KEY_WRAPPED };

#define SIGN_PURPOSE	"sign"
#define SIGN_VERSION	1

static enum sr_error
take_kek(const struct backup_row * row, struct restore_keys * k)
{
	const struct db_param * v = row->value;
	uint8_t own[KEK_CHECK_LEN];
	uint32_t version;
	enum sr_error err;

	if (v[KEK_VERSION].i < 1 || v[KEK_VERSION].i > UINT32_MAX ||
	    v[KEK_CHECK].len != sizeof(own))
		return (sr_fail(SR_E_BACKUP_INVALID, log_const("at", "kek")));
	version = (uint32_t)v[KEK_VERSION].i;
	k->keks++;
	/* Older root keys may be gone once nothing is wrapped by them. */
	if (!keyring_has(k->keyring, version))
		return (SR_OK);
	if ((err = keyring_check_value(k->keyring, version, own)) != SR_OK)
		return (err);
	if (!mac_equal(own, v[KEK_CHECK].p))
		return (sr_fail(SR_E_ROOT_KEY_MISMATCH,
		    log_u64("kek_version", version)));
	if (strcmp(v[KEK_STATE].p, "wrapping") == 0)
		k->wrapping = true;
	return (SR_OK);
}

static enum sr_error
take_sign_key(const struct backup_row * row, struct restore_keys * k)
{
	const struct db_param * v = row->value;
	struct secbuf * seed = NULL;
	enum sr_error err;

	if (strcmp(v[KEY_PURPOSE].p, SIGN_PURPOSE) != 0 ||
	    v[KEY_VERSION].i != SIGN_VERSION)
		return (SR_OK);
	if (v[KEY_WRAPPED].len != SEAL_WRAPPED_LEN)
		return (sr_fail(SR_E_BACKUP_INVALID,
		    log_const("at", "system_key")));
	err = system_key_unwrap(k->keyring, SIGN_PURPOSE, SIGN_VERSION,
	    v[KEY_WRAPPED].p, &seed);
	if (err != SR_OK)
		return (err);
	sign_public(seed, k->public_key);
	secbuf_free(&seed);
	k->found = true;
	return (SR_OK);
}

/** restore_take_key(row, cookie): what the tables say about keys. */
enum sr_error
restore_take_key(const struct backup_row * row, void * cookie)
{

	if (row->table == BACKUP_KEK)
		return (take_kek(row, cookie));
	if (row->table == BACKUP_SYSTEM_KEY)
		return (take_sign_key(row, cookie));
	return (SR_OK);
}

/**
 * restore_trust(q, manifest, keys):
 * A signature proves nothing by itself, anybody can make one. The key is the
 * one that is wrapped under our root key, which nobody else can wrap.
 */
enum sr_error
restore_trust(const struct restore_question * q,
    const struct backup_manifest * m, const struct restore_keys * keys)
{

	if (keys->keks == 0 || !keys->wrapping)
		return (sr_fail(SR_E_ROOT_KEY_MISMATCH,
		    log_const("kek", "the one that wraps is not loaded")));
	if (!keys->found || !mac_equal(keys->public_key, m->public_key))
		return (sr_fail(SR_E_BACKUP_SIGNATURE_INVALID,
		    log_const("key", "not the instance's")));
	if (q->public_key != NULL && !mac_equal(q->public_key, m->public_key))
		return (sr_fail(SR_E_BACKUP_SIGNATURE_INVALID,
		    log_const("key", "not the one kept outside")));
	return (SR_OK);
}

struct heads {
	const struct backup_manifest * m;
	uint64_t newest;
	bool contradicts;
};

static enum sr_error
take_head(const struct checkpoint * head, void * cookie)
{
	struct heads * h = cookie;
	struct checkpoint c = *head;

	if (!checkpoint_take_key(&c, h->m->public_key) ||
	    !checkpoint_verify(&c))
		return (SR_OK);
	if (c.tree_size > h->newest)
		h->newest = c.tree_size;
	if (c.tree_size == h->m->tree_size &&
	    !mac_equal(c.root, h->m->root))
		h->contradicts = true;
	return (SR_OK);
}

/** restore_age(q, a): hold the heads of q->heads against the manifest. */
enum sr_error
restore_age(const struct restore_question * q, struct restore_answer * a)
{
	struct heads h = { .m = &a->manifest };
	enum sr_error err;

	if (q->heads < 0)
		return (SR_OK);
	if ((err = checkpoint_heads_read(q->heads, take_head, &h)) != SR_OK)
		return (err);
	a->newest_head = h.newest;
	if (h.newest == 0)
		return (sr_fail(SR_E_INPUT_MALFORMED,
		    log_const("heads", "none of this instance")));
	if (h.contradicts)
		return (sr_fail(SR_E_BACKUP_INVALID,
		    log_const("heads", "another tree of that size")));
	if (h.newest > a->manifest.tree_size && !q->accept_older)
		return (sr_fail(SR_E_BACKUP_OLDER,
		    log_u64("newest", h.newest),
		    log_u64("backup", a->manifest.tree_size)));
	if (lseek(q->heads, 0, SEEK_SET) != 0)
		return (sr_fail(SR_E_INPUT_UNREADABLE,
		    log_const("heads", "not a file")));
	return (SR_OK);
}
