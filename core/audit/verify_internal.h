#ifndef SR_CORE_AUDIT_VERIFY_INTERNAL_H
#define SR_CORE_AUDIT_VERIFY_INTERNAL_H

/* Kin of verify*.c: a verification that is going on. */

#include "core/audit/checkpoint_internal.h"
#include "core/audit/verify.h"
#include "core/store/keystore.h"

struct verification {
	const struct store * store;
	const struct keyset * set;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	audit_finding_fn * fn;
	void * cookie;
	struct audit_verified * out;
	enum sr_error said;		/* What ${fn} returned. */
	uint64_t leaves;		/* How many there were at the start, */
	uint64_t checkpoints_to;	/* and the newest checkpoint's size. */
	uint64_t matched;		/* Rows whose leaf is one of these. */
};

/* A finding with nothing but its kind. */
#define FINDING(k)							\
	((struct audit_finding){ .kind = FINDING_##k,			\
	    .leaf_index = FINDING_NO_NUMBER,				\
	    .tree_size = FINDING_NO_NUMBER })

/** verify_found(v, finding): count it and hand it out. */
SR_NODISCARD enum sr_error verify_found(struct verification * v,
    const struct audit_finding * finding);

/** verify_rows(v): every row, chain by chain, and its leaf. */
SR_NODISCARD enum sr_error verify_rows(struct verification * v);

/** verify_tree(v): leaves, nodes and checkpoints. */
SR_NODISCARD enum sr_error verify_tree(struct verification * v);

/** verify_orphans(v): leaves and places whose row is gone; after both. */
SR_NODISCARD enum sr_error verify_orphans(struct verification * v);

/** verify_heads(v, fd): what was kept outside. */
SR_NODISCARD enum sr_error verify_heads(struct verification * v, int fd);

#endif /* !SR_CORE_AUDIT_VERIFY_INTERNAL_H */
