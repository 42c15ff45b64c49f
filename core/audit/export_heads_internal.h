#ifndef SR_CORE_AUDIT_EXPORT_HEADS_INTERNAL_H
#define SR_CORE_AUDIT_EXPORT_HEADS_INTERNAL_H

/* For export_heads.c and export_verify.c. */

#include "core/audit/export_verify.h"

/* So many are kept; of more every second one, evenly, as often as needed: a
 * tree that departs from them departs from all that follow. */
#define KEPT_HEADS_MAX	65536

struct kept_head {
	uint64_t size;
	uint8_t root[MERKLE_LEN];
};

struct kept_heads {
	struct kept_head * v;		/* By size. */
	size_t n;
	size_t next;			/* Not looked at yet. */
	uint64_t largest;		/* Size there is, thinned or not. */
};

/**
 * kept_heads_read(q, fn, cookie, out, h):
 * Read q->heads, if there is such a file. Errors: INPUT_UNREADABLE,
 * OUT_OF_MEMORY, what ${fn} returns. Caller frees in any case.
 */
SR_NODISCARD enum sr_error kept_heads_read(const struct export_question * q,
    audit_finding_fn * fn, void * cookie, struct export_answer * out,
    struct kept_heads * h);

/** kept_heads_free(h): release. */
void kept_heads_free(struct kept_heads * h);

#endif /* !SR_CORE_AUDIT_EXPORT_HEADS_INTERNAL_H */
