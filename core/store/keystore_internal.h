#ifndef SR_CORE_STORE_KEYSTORE_INTERNAL_H
#define SR_CORE_STORE_KEYSTORE_INTERNAL_H

/* Kin of keystore.c and keyset*.c. */

#include "core/store/keystore.h"

/* The system keys, all with version 1. */
enum keyset_key { KEYSET_AUDIT, KEYSET_REDACTION, KEYSET_SIGN, KEYSET_REQUEST,
    KEYSET_FACTOR, KEYSET_STREAM, KEYSET__MAX };
#define KEYSET_KEY_VERSION	1
#define KEYSET_KEY_LEN		32

/** keyset_load(sources, out): a set of root keys alone, held once. */
SR_NODISCARD enum sr_error keyset_load(const struct keyring_sources * sources,
    struct keyset ** out);

/**
 * keyset_bind(loaded, db, out): a full set, held once, that shares the root
 * keys of ${loaded}. Errors: as keystore_bind.
 */
SR_NODISCARD enum sr_error keyset_bind(struct keyset * loaded, struct db * db,
    struct keyset ** out);

/**
 * keyset_look(db, wrapping):
 * The version that wraps; 0: none. Inside of a transaction it goes on wrapping
 * until the end. Errors: as db_query.
 */
SR_NODISCARD enum sr_error keyset_look(struct db * db, uint32_t * wrapping);

/** keyset_share(set): hold it once more. */
struct keyset * keyset_share(struct keyset * set);

/** keyset_drop(set): let go; *set becomes NULL; may be NULL. */
void keyset_drop(struct keyset ** set);

/* Kin of keyset.c and keyset_bind.c: the inside of a set. */
struct keyset {
	_Atomic unsigned refs;
	struct keyring * keyring;	/* NULL when ${root} owns it. */
	struct keyset * root;		/* The loaded set this one stands on. */
	uint32_t wrapping;
	struct secbuf * key[KEYSET__MAX];
};

/** keyset_new(root, out): an empty set on ${root} (may be NULL), held once. */
SR_NODISCARD enum sr_error keyset_new(struct keyset * root,
    struct keyset ** out);

#endif /* !SR_CORE_STORE_KEYSTORE_INTERNAL_H */
