#ifndef SR_CORE_REDACT_SPAN_INTERNAL_H
#define SR_CORE_REDACT_SPAN_INTERNAL_H

/* For core/redact alone: what was found in a text. */

#include "core/redact/redact.h"

struct known_form;

/* More in one text is past all sense and memory: REDACT_CAUSE_LIMIT. */
#define SPANS_MAX	((size_t)1 << 22)

/* What names a union begins in so much of it: the rest need not be awaited. */
#define SPAN_NAMED	((size_t)1 << 20)

struct span {
	size_t start, end;	/* What the mask takes the place of. */
	size_t from, to;	/* The match that names the mask; its tag. */
	const struct known_form * known;	/* NULL: a rule's. */
	unsigned rule;
	bool blank;		/* More of the span before: no mask. */
	bool more;		/* More of a union whose mask is out. */
};

struct span_list {
	struct span * v;
	size_t n, cap;
	enum redact_cause cause;	/* MEMORY, LIMIT: spans are missing. */
};

/**
 * span_add(list, span):
 * Append ${span}, or widen the last one if both are of one form and overlap.
 * Return false, list->cause set, when it cannot be kept.
 */
bool span_add(struct span_list * list, const struct span * span);

/**
 * span_merge(list):
 * Sort, and make one of what overlaps (not of what only touches). A known
 * secret names the union before a rule, a longer one before a shorter, a
 * rule further up in rule.def before one further down; what begins more than
 * SPAN_NAMED behind the union's begin has no say.
 */
void span_merge(struct span_list * list);

/** span_count(list, hits): add the merged spans to ${hits}. */
void span_count(const struct span_list * list, struct redact_hits * hits);

/** span_reset(list): empty it; memory is kept unless there is much of it. */
void span_reset(struct span_list * list);

/** span_free(list): release. */
void span_free(struct span_list * list);

#endif /* !SR_CORE_REDACT_SPAN_INTERNAL_H */
