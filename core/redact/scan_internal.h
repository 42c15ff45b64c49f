#ifndef SR_CORE_REDACT_SCAN_INTERNAL_H
#define SR_CORE_REDACT_SCAN_INTERNAL_H

/*
 * For core/redact alone: both passes over what is there of a text, and how far
 * it is settled. Each pass goes on from where it was sure last; what both are
 * sure of and no union lies across can leave. A text that is there as a whole
 * is one step that is the last.
 */

#include "core/redact/known_internal.h"
#include "core/redact/rule_internal.h"
#include "core/redact/view_internal.h"

/* Offsets count from the begin of the text that scan_step is given. */
struct scan {
	struct span_list known;		/* Walls before ${out}, found after. */
	struct span_list rules;		/* Found, not out yet. */
	struct span_list spans;		/* Merged; of the last step. */
	size_t known_from, rules_from;	/* What the passes settled. */
	size_t out;			/* What was settled before. */
	size_t more_end;		/* Of a union; its mask is out. */
	bool more;
	uint64_t generation;		/* Of the live set. */
};

/* The live set is being changed: nothing found in it can be kept. */
#define SCAN_CHANGING	UINT64_MAX

/* What a scan looks with; nothing of it changes during a step. */
struct scan_with {
	const struct known * known;	/* NULL: rules alone. */
	const struct fingerprint * fingerprint;
	const struct rules * rules;	/* NULL: known secrets alone. */
	struct rule_scratch * scratch;
	uint64_t generation;
};

/**
 * scan_step(s, with, view, cut):
 * Look at ${view} (its from is not used). [s->out, *cut) is settled, with the
 * unions s->spans. Return NONE, or why nobody knows.
 */
enum redact_cause scan_step(struct scan * s, const struct scan_with * with,
    const struct view * view, size_t * cut);

/**
 * scan_advance(s, cut): what scan_step settled is out. Return how many bytes
 * at the begin of the text are needed no more.
 */
size_t scan_advance(struct scan * s, size_t cut);

/** scan_shift(s, n): the first ${n} bytes of the text are gone. */
void scan_shift(struct scan * s, size_t n);

/** scan_reset(s): for another text. */
void scan_reset(struct scan * s);

/** scan_free(s): release. */
void scan_free(struct scan * s);

#endif /* !SR_CORE_REDACT_SCAN_INTERNAL_H */
