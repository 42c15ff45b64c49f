#include <string.h>

#include "core/base/clock.h"
#include "core/base/secbuf.h"
#include "core/keys/mac.h"
#include "core/keys/seal.h"
#include "core/log/log.h"
#include "core/store/db.h"
#include "core/store/keystore_internal.h"
#include "core/store/tx.h"

/* Two workers that start at once can collide once; a third time is a fault. */
#define ROUNDS	3

/* The purposes in table system_key. */
static const char * const purposes[KEYSET__MAX] = {
	[KEYSET_AUDIT] = "audit",
	[KEYSET_REDACTION] = "redaction",
	[KEYSET_SIGN] = "sign",
	[KEYSET_REQUEST] = "request",
	[KEYSET_FACTOR] = "factor",
	[KEYSET_STREAM] = "stream",
};

/* What table kek says, held against the loaded keys row by row. */
struct kek_check {
	const struct keyring * keyring;
	size_t rows;
	uint32_t wrapping;		/* 0: none. */
};

/* New keys: all of an empty database, or those that an older one lacks. */
struct new_keys {
	uint32_t kek_version;
	sr_time now;
	bool first;			/* The root key is new here as well. */
	bool moved;			/* Out: that version wraps no more. */
	uint8_t check_value[KEK_CHECK_LEN];
	bool wanted[KEYSET__MAX];
	uint8_t wrapped[KEYSET__MAX][SEAL_WRAPPED_LEN];
};

static enum sr_error
check_value_of(const struct kek_check * c, uint32_t version,
    const uint8_t * stored, size_t len)
{
	uint8_t own[KEK_CHECK_LEN];
	enum sr_error err;

	/* Older root keys may be gone once nothing is wrapped by them. */
	if (!keyring_has(c->keyring, version))
		return (SR_OK);
	if ((err = keyring_check_value(c->keyring, version, own)) != SR_OK)
		return (err);
	if (len != sizeof(own) || !mac_equal(own, stored))
		return (sr_fail(SR_E_ROOT_KEY_MISMATCH,
		    log_u64("kek_version", version)));
	return (SR_OK);
}

static enum sr_error
take_kek(const struct db_row * row, void * cookie)
{
	struct kek_check * c = cookie;
	uint32_t version = (uint32_t)db_col_int(row, 0);
	const uint8_t * stored;
	size_t len;

	stored = db_col_bytes(row, 1, &len);
	c->rows++;
	if (strcmp(db_col_text(row, 2), "wrapping") == 0)
		c->wrapping = version;
	return (check_value_of(c, version, stored, len));
}

static enum sr_error
check_keks(struct db * db, struct kek_check * c)
{
	enum sr_error err;

	c->rows = 0;
	c->wrapping = 0;
	if ((err = db_query(db, STMT_KEK_LIST, DB_NOARGS, take_kek, c)) !=
	    SR_OK || c->rows == 0)
		return (err);
	if (c->wrapping == 0 || !keyring_has(c->keyring, c->wrapping))
		return (sr_fail(SR_E_ROOT_KEY_MISMATCH,
		    log_u64("wrapping_kek_version", c->wrapping)));
	return (SR_OK);
}

static enum sr_error
take_flag(const struct db_row * row, void * cookie)
{
	bool * flag = cookie;

	*flag = db_col_int(row, 0) != 0;
	return (SR_OK);
}

/* Sealed rows without the row of the key that sealed them: the table was
 * emptied or restored in part. New keys would bury what is there. */
static enum sr_error
refuse_sealed(struct db * db)
{
	bool sealed = false;
	enum sr_error err;

	if ((err = db_query(db, STMT_SEALED_ORPHANS, DB_NOARGS, take_flag,
	    &sealed)) != SR_OK || !sealed)
		return (err);
	return (sr_fail(SR_E_ROOT_KEY_MISMATCH,
	    log_const("kek", "missing beside sealed rows")));
}

/* A new key to sign with, beside checkpoints that the former one signed, would
 * make all heads that are kept elsewhere look like another instance's. */
static enum sr_error
refuse_signed(struct db * db)
{
	bool is_signed = false;
	enum sr_error err;

	if ((err = db_query(db, STMT_SIGNED_ORPHANS, DB_NOARGS, take_flag,
	    &is_signed)) != SR_OK || !is_signed)
		return (err);
	return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
	    log_const("system_key", "sign missing beside checkpoints")));
}

static enum sr_error
new_wrapped(const struct keyring * kr, uint32_t kek_version,
    const char * purpose, uint8_t out[SEAL_WRAPPED_LEN])
{
	struct secbuf * key = NULL;
	enum sr_error err;

	if ((err = secbuf_random(KEYSET_KEY_LEN, &key)) != SR_OK)
		return (sr_fail(err, log_const("for", "system key")));
	err = system_key_wrap(kr, kek_version, purpose, KEYSET_KEY_VERSION,
	    key, out);
	secbuf_free(&key);
	return (err);
}

static enum sr_error
insert_key(struct db * db, const struct new_keys * k, enum keyset_key which)
{

	return (db_exec(db, STMT_SYSTEM_KEY_INSERT,
	    DB_ARGS(DB_TEXT(purposes[which]), DB_INT(KEYSET_KEY_VERSION),
	    DB_BYTES(k->wrapped[which], SEAL_WRAPPED_LEN),
	    DB_INT(k->kek_version), DB_TIME(k->now)), NULL));
}

static enum sr_error
take_wrapping(const struct db_row * row, void * cookie)
{
	uint32_t * wrapping = cookie;

	*wrapping = (uint32_t)db_col_int(row, 0);
	return (SR_OK);
}

/** keyset_look(db, wrapping): the version that wraps; 0: none. */
enum sr_error
keyset_look(struct db * db, uint32_t * wrapping)
{

	*wrapping = 0;
	return (db_query(db, STMT_KEK_WRAPPING, DB_NOARGS, take_wrapping,
	    wrapping));
}

/* The lock keeps the version wrapping until the keys are in the table: none is
 * ever written under a version that has been moved away from. */
static enum sr_error
lock_wrapping(struct db * db, struct new_keys * k)
{
	uint32_t wrapping;
	enum sr_error err;

	if ((err = keyset_look(db, &wrapping)) != SR_OK)
		return (err);
	k->moved = wrapping != k->kek_version;
	return (k->moved ? SR_E_ROOT_KEY_MISMATCH : SR_OK);
}

static enum sr_error
insert_keys(struct tx * tx, void * cookie)
{
	struct new_keys * k = cookie;
	struct db * db = tx_db(tx);
	enum sr_error err;
	size_t i;

	if (k->first)
		err = db_exec(db, STMT_KEK_INSERT,
		    DB_ARGS(DB_INT(k->kek_version), DB_BYTES(k->check_value,
		    sizeof(k->check_value)), DB_TIME(k->now)), NULL);
	else
		err = lock_wrapping(db, k);
	/* These rows also keep apart two first workers whose root keys have
	 * different versions. */
	for (i = 0; err == SR_OK && i < KEYSET__MAX; i++)
		if (k->wanted[i])
			err = insert_key(db, k, (enum keyset_key)i);
	return (err);
}

/* Make the keys that ${k} wants. SR_OK too when another worker made them
 * meanwhile: the caller reads what is there now. */
static enum sr_error
make_wanted(struct db * db, const struct keyring * kr, struct new_keys * k)
{
	enum sr_error err;
	size_t i;

	for (i = 0; i < KEYSET__MAX; i++)
		if (k->wanted[i] && (err = new_wrapped(kr, k->kek_version,
		    purposes[i], k->wrapped[i])) != SR_OK)
			return (err);
	k->moved = false;
	err = tx_run(db, NULL, insert_keys, k);
	if (k->moved || (err == SR_E_DATABASE_REFUSED && db_duplicate(db)) ||
	    err == SR_E_COMMIT_OUTCOME_UNKNOWN)
		return (SR_OK);
	return (err);
}

/* Make the keys of an empty database. */
static enum sr_error
make_keys(struct db * db, const struct keyring * kr)
{
	struct new_keys k = { .kek_version = keyring_newest(kr),
	    .now = clock_now(), .first = true };
	enum sr_error err;
	size_t i;

	for (i = 0; i < KEYSET__MAX; i++)
		k.wanted[i] = true;
	if ((err = refuse_sealed(db)) != SR_OK ||
	    (err = keyring_check_value(kr, k.kek_version, k.check_value)) !=
	    SR_OK)
		return (err);
	return (make_wanted(db, kr, &k));
}

static enum sr_error
take_system_key(const struct db_row * row, void * cookie)
{
	struct keyset * set = cookie;
	const char * purpose = db_col_text(row, 0);
	struct secbuf ** to = NULL;
	const uint8_t * wrapped;
	size_t len, i;

	if (db_col_int(row, 1) != KEYSET_KEY_VERSION)
		return (SR_OK);
	for (i = 0; i < KEYSET__MAX; i++)
		if (strcmp(purpose, purposes[i]) == 0)
			to = &set->key[i];
	if (to == NULL)
		return (SR_OK);
	wrapped = db_col_bytes(row, 2, &len);
	if (len != SEAL_WRAPPED_LEN)
		return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
		    log_const("system_key", "length")));
	secbuf_free(to);
	return (system_key_unwrap(keyset_keyring(set), purpose,
	    KEYSET_KEY_VERSION, wrapped, to));
}

static enum sr_error
open_system_keys(struct db * db, struct keyset * set)
{
	enum sr_error err;

	if ((err = db_query(db, STMT_SYSTEM_KEY_LIST, DB_NOARGS,
	    take_system_key, set)) != SR_OK)
		return (err);
	if (set->key[KEYSET_AUDIT] == NULL ||
	    set->key[KEYSET_REDACTION] == NULL)
		return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
		    log_const("system_key", "missing")));
	return (SR_OK);
}

/* A database that an earlier version made lacks the purposes that came later.
 * Nothing was sealed by them yet, so new ones are right. ${moved}: another
 * version of the root key wraps meanwhile, and nothing was made. */
static enum sr_error
add_missing(struct db * db, struct keyset * set, bool * moved)
{
	struct new_keys k = { .kek_version = set->wrapping,
	    .now = clock_now() };
	bool missing = false;
	enum sr_error err;
	size_t i;

	for (i = 0; i < KEYSET__MAX; i++)
		missing = (k.wanted[i] = set->key[i] == NULL) || missing;
	if (k.wanted[KEYSET_SIGN] && (err = refuse_signed(db)) != SR_OK)
		return (err);
	if (!missing)
		return (SR_OK);
	if ((err = make_wanted(db, keyset_keyring(set), &k)) != SR_OK ||
	    (*moved = k.moved) ||
	    (err = open_system_keys(db, set)) != SR_OK)
		return (err);
	for (i = 0; i < KEYSET__MAX; i++)
		if (set->key[i] == NULL)
			return (sr_fail(SR_E_SECRET_ENCRYPTION_FAILED,
			    log_const("system_key", "missing after it was"
			    " written")));
	return (SR_OK);
}

/* ${again}: what was read has changed meanwhile, or was made first. */
static enum sr_error
bind_once(struct keyset * loaded, struct db * db, struct keyset ** out,
    bool * again)
{
	struct kek_check c = { .keyring = keyset_keyring(loaded) };
	enum sr_error err;

	*again = false;
	if ((err = check_keks(db, &c)) != SR_OK)
		return (err);
	if (c.rows == 0) {
		err = make_keys(db, c.keyring);
		*again = err == SR_OK;
		return (err);
	}
	if ((err = keyset_new(loaded, out)) != SR_OK)
		return (err);
	(*out)->wrapping = c.wrapping;
	if ((err = open_system_keys(db, *out)) != SR_OK ||
	    (err = add_missing(db, *out, again)) != SR_OK || *again)
		keyset_drop(out);
	return (err);
}

/** keyset_bind(loaded, db, out): a full set on the root keys of ${loaded}. */
enum sr_error
keyset_bind(struct keyset * loaded, struct db * db, struct keyset ** out)
{
	enum sr_error err;
	bool again;
	unsigned n;

	*out = NULL;
	for (n = 0; n < ROUNDS; n++) {
		err = bind_once(loaded, db, out, &again);
		if (!again)
			return (err);
	}
	return (sr_fail(SR_E_DATABASE_UNAVAILABLE,
	    log_const("kek", "not what it was when it was read")));
}
