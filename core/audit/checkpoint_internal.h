#ifndef SR_CORE_AUDIT_CHECKPOINT_INTERNAL_H
#define SR_CORE_AUDIT_CHECKPOINT_INTERNAL_H

/* Kin of checkpoint*.c and verify*.c. */

#include "core/audit/checkpoint.h"
#include "core/audit/verify.h"
#include "core/store/db.h"

/* Version of the system key "sign". */
#define CHECKPOINT_KEY_VERSION	1

/* A row of audit_checkpoint. */
struct stored_checkpoint {
	struct checkpoint cp;
	struct merkle frontier;
	bool whole;		/* The frontier has the nodes of its size. */
};

/** stored_read(row, out): columns CHECKPOINT_COLS. */
void stored_read(const struct db_row * row, struct stored_checkpoint * out);

/** stored_latest(db, out, found): as checkpoint_latest, with its frontier. */
SR_NODISCARD enum sr_error stored_latest(struct db * db,
    struct stored_checkpoint * out, bool * found);

/**
 * stored_check(s, public_key):
 * Whether signature, root and frontier belong together and to that key:
 * FINDING__MAX, or what is wrong.
 */
enum audit_finding_kind stored_check(const struct stored_checkpoint * s,
    const uint8_t public_key[SIGN_PUBLIC_LEN]);

/** same_bytes(a, b, len): whether they are; none of them is a secret. */
bool same_bytes(const uint8_t * a, const uint8_t * b, size_t len);

/** checkpoint_name_key(public_key, named): what a note calls that key. */
void checkpoint_name_key(const uint8_t public_key[SIGN_PUBLIC_LEN],
    uint8_t named[CHECKPOINT_NAMED_LEN]);

/** checkpoint_log(cp): the head as a line of the log. */
void checkpoint_log(const struct checkpoint * cp);

#endif /* !SR_CORE_AUDIT_CHECKPOINT_INTERNAL_H */
