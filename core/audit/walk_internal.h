#ifndef SR_CORE_AUDIT_WALK_INTERNAL_H
#define SR_CORE_AUDIT_WALK_INTERNAL_H

/*
 * Kin of audit_verify.c and verify*.c: rows of chains in the order of chain_id
 * and chain_seq, each held against the one before it and its own MAC. A walk
 * goes on behind whatever it finds.
 */

#include "core/audit/row_internal.h"
#include "core/audit/verify.h"
#include "core/base/strbuf.h"

struct walk {
	const struct secbuf * key;
	struct strbuf scratch;
	struct sr_id chain_id;
	uint32_t seq;			/* Of the row before; 0: none. */
	bool sealed;			/* Whether that one has a MAC. */
	uint8_t mac[MAC_LEN];
	uint64_t chains;
	uint64_t rows;
	uint64_t good;
	uint64_t unsealed;
};

/* What a row was found to be, beside its leaf's hash. */
struct walked {
	bool missing_before;
	bool moved;
	bool unsealed;			/* That never is. */
	bool changed;
	bool rightly_unsealed;
	uint8_t leaf[MERKLE_LEN];
};

/** walk_begin(w, key) / walk_end(w). */
void walk_begin(struct walk * w, const struct secbuf * key);
void walk_end(struct walk * w);

/** walk_row(w, r, out): the next row. Errors: as chain_mac. */
SR_NODISCARD enum sr_error walk_row(struct walk * w, const struct read_row * r,
    struct walked * out);

#endif /* !SR_CORE_AUDIT_WALK_INTERNAL_H */
