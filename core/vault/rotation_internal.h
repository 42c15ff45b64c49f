#ifndef SR_CORE_VAULT_ROTATION_INTERNAL_H
#define SR_CORE_VAULT_ROTATION_INTERNAL_H

/* What the files rotation*.c share. */

#include <string.h>

#include "core/store/tx.h"

#include "core/vault/rotation.h"
#include "core/vault/secret_internal.h"

/** rotation_row(row, out): the columns of ROTATION_COLS in stmt.def. */
SR_NODISCARD enum sr_error rotation_row(const struct db_row * row,
    struct rotation * out);

/** rotation_check_of(verdict): its outcome in a rotation's words. */
enum rotation_check rotation_check_of(const struct provider_verdict * verdict);

/** rotation_error(err): what a failed transaction is called. */
enum sr_error rotation_error(enum sr_error err);

/**
 * rotation_ask(r, provider, secret_id, version, verdict):
 * Open that version and ask the provider. A version that does not open counts
 * as refused. Errors: as provider_ask, without its value's.
 */
SR_NODISCARD enum sr_error rotation_ask(const struct rotating * r,
    const struct provider * provider, const struct sr_id * secret_id,
    uint32_t version, struct provider_verdict * verdict);

/** rotation_audit(r, provider, action, rotation, e): fill in ${e}. */
SR_NODISCARD enum sr_error rotation_audit(const struct rotating * r,
    const struct provider * provider, enum audit_action action,
    const struct rotation * rotation, struct audit_entry * e);

/* A transaction that ends a step. */
struct rotation_end {
	const struct rotating * r;
	const struct provider * provider;
	struct rotation * rotation;
	enum rotation_state from;	/* What it must be in still. */
	enum rotation_state to;
	struct audit_entry audit;
	bool overtaken;			/* Out: it is not; nothing was done. */
};

/**
 * rotation_end_write(tx, e): write ${e->rotation} in state ${e->to}, unless it
 * is not in ${e->from} any more (${e->overtaken}).
 */
SR_NODISCARD enum sr_error rotation_end_write(struct tx * tx,
    struct rotation_end * e);

/** rotation_status(db, provider, status, rotation, now): of the provider. */
SR_NODISCARD enum sr_error rotation_status(struct db * db,
    const struct provider * provider, enum provider_status status,
    const struct rotation * rotation, sr_time now);

/**
 * rotation_again(r, rotation): the row as it is now: another worker may have
 * gone on.
 */
SR_NODISCARD enum sr_error rotation_again(const struct rotating * r,
    struct rotation * rotation);

/**
 * rotation_call_off(r, provider, rotation, why): from PRECHECKED to CANCELLED,
 * because of ${why}, or by hand (SR_OK). If it is in another state by now,
 * nothing is done and ${rotation} is not touched.
 */
SR_NODISCARD enum sr_error rotation_call_off(const struct rotating * r,
    const struct provider * provider, struct rotation * rotation,
    enum sr_error why);

/** rotation_roll_back(r, provider, rotation): to the former version. */
SR_NODISCARD enum sr_error rotation_roll_back(const struct rotating * r,
    const struct provider * provider, struct rotation * rotation);

#endif /* !SR_CORE_VAULT_ROTATION_INTERNAL_H */
