#ifndef SR_CORE_AUDIT_ROW_INTERNAL_H
#define SR_CORE_AUDIT_ROW_INTERNAL_H

/*
 * Kin of audit_*.c, checkpoint_*.c and verify*.c: a row of audit_event as it
 * is read (columns AUDIT_COLS, prev_mac, mac), and what holds of it.
 */

#include "core/audit/chain.h"
#include "core/audit/merkle.h"
#include "core/store/db.h"

#define ROW_PREV_MAC	16	/* Columns behind AUDIT_COLS. */
#define ROW_MAC		17
#define ROW_COLUMNS	18

struct read_row {
	struct chain_row row;		/* Points into this and the db_row. */
	struct sr_id actor_id;
	struct sr_id target_id;
	const uint8_t * mac;		/* MAC_LEN bytes, or NULL. */
};

/** row_read(from, out): valid as long as ${from} is. */
void row_read(const struct db_row * from, struct read_row * out);

/**
 * row_digests(key, r, scratch, mac, leaf):
 * What the row's MAC and its leaf hash must be. ${scratch} is used again for
 * each row. Errors: as chain_mac.
 */
SR_NODISCARD enum sr_error row_digests(const struct secbuf * key,
    const struct read_row * r, struct strbuf * scratch, uint8_t mac[MAC_LEN],
    uint8_t leaf[MERKLE_LEN]);

/** row_may_be_unsealed(r): what audit.c writes without a key, and no more. */
bool row_may_be_unsealed(const struct chain_row * r);

#endif /* !SR_CORE_AUDIT_ROW_INTERNAL_H */
