#ifndef SR_CORE_AUDIT_VERIFY_H
#define SR_CORE_AUDIT_VERIFY_H

/*
 * Proving the whole audit of a database: each row by its MAC and its place in
 * its chain, each row's leaf, the tree over all leaves, the signed checkpoints,
 * and, where there are any, heads that were kept outside of the database.
 *
 * What is proved when nothing is found: every row up to the newest checkpoint
 * is as a holder of the audit key wrote it, none of them is missing, and none
 * was put in. What is not: that what was written is true; anything about rows
 * newer than the newest checkpoint beyond their own MACs (the last ones of a
 * chain can have been taken away); and, without heads from outside, that the
 * whole database is not an older one put back, or its tree one that was made
 * anew after all of the former one was taken away.
 */

#include "core/audit/checkpoint.h"

enum audit_finding_kind {
#define AUDIT_FINDING(id, name, text) FINDING_##id,
#include "core/audit/finding.def"
#undef AUDIT_FINDING
	FINDING__MAX
};

/* The same for whoever runs it. The last one where no heads were given. */
#define AUDIT_PROVED_TEXT						\
	"Proved: every row up to the newest checkpoint is as it was written" \
	" by a holder of the audit key; none is missing, none was put in."
#define AUDIT_NOT_PROVED_TEXT						\
	"Not proved: that what was written is true; that no row newer than" \
	" the newest checkpoint was taken away."
#define AUDIT_NOT_PROVED_WITHOUT_HEADS_TEXT				\
	"Not proved without heads from outside (--heads): that this is not" \
	" an older database put back, or a tree made anew as a whole."

#define FINDING_NO_NUMBER	UINT64_MAX

/* Ids that do not apply are nil, numbers FINDING_NO_NUMBER (chain_seq: 0). */
struct audit_finding {
	enum audit_finding_kind kind;
	struct sr_id event_id;
	struct sr_id chain_id;
	uint32_t chain_seq;
	uint64_t leaf_index;		/* The first, */
	uint64_t leaves;		/* and how many, if several. */
	uint64_t tree_size;		/* Of a checkpoint or a head. */
};

struct audit_verified {
	uint64_t rows;			/* Looked at. */
	uint64_t good;			/* Whose MAC holds. */
	uint64_t unsealed;		/* Without a MAC, and rightly so. */
	uint64_t chains;
	uint64_t pending;		/* Newer than the newest checkpoint. */
	uint64_t leaves;		/* Rows that it covers. */
	uint64_t checkpoints;
	sr_time newest;			/* When it was made, or SR_TIME_NONE. */
	uint64_t heads;			/* From outside, of this instance. */
	uint64_t foreign_heads;		/* Of others: not looked at, unless
					   there are no other ones. */
	uint64_t found[FINDING__MAX];
	uint64_t findings;
};

/** audit_finding_name(kind), audit_finding_text(kind): "row_changed" … */
const char * audit_finding_name(enum audit_finding_kind kind);
const char * audit_finding_text(enum audit_finding_kind kind);

/**
 * audit_verify_database(store, heads, fn, cookie, out):
 * Verify everything there is; ${heads} is a file of heads (checkpoint_heads.h)
 * or -1. ${fn} is called with each finding, as it is found, and may end it by
 * returning an error. Findings are no error of this function. Sealing may go on
 * meanwhile; memory is constant. Errors: SECRET_AUDIT_UNAVAILABLE,
 * SECRET_ENCRYPTION_UNAVAILABLE and ROOT_KEY_MISMATCH (no key to verify with),
 * INPUT_UNREADABLE (heads), OUT_OF_MEMORY, and what ${fn} returns.
 */
typedef enum sr_error audit_finding_fn(const struct audit_finding * finding,
    void * cookie);
SR_NODISCARD enum sr_error audit_verify_database(const struct store * store,
    int heads, audit_finding_fn * fn, void * cookie,
    struct audit_verified * out);

#endif /* !SR_CORE_AUDIT_VERIFY_H */
