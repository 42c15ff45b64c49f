#ifndef SR_CORE_REDACT_RULE_ANCHOR_INTERNAL_H
#define SR_CORE_REDACT_RULE_ANCHOR_INTERNAL_H

/* For core/redact/rule*.c alone: what is known of the anchors beforehand. */

#include "core/redact/rule_internal.h"

#define RULES_MAX	2048

struct rule_anchors {
	struct rule_extent {
		unsigned anchor;	/* Its length. */
		unsigned lead;	/* What the rule wants before it. */
		unsigned least;	/* ...and behind it, at least. */
		unsigned same;	/* 0, or 1 + the next row with that anchor. */
		bool again;	/* Another row has it before. */
		bool begins;	/* It is the begin of a token. */
	} extent[RULES_MAX];
	size_t longest;		/* Of the anchors. */
	size_t lead;		/* The longest. */
	/* Rows by what their anchors begin with; 0: none, else row + 1. */
	unsigned first[256][2], next[RULES_MAX][2];
};

/** rule_anchors_measure(a): fill ${a}, which is all zero, from the rows. */
void rule_anchors_measure(struct rule_anchors * a);

/**
 * rule_anchors_unseen(a, p, len):
 * Where what more bytes behind ${p} may complete begins at the earliest.
 */
size_t rule_anchors_unseen(const struct rule_anchors * a, const char * p,
    size_t len);

#endif /* !SR_CORE_REDACT_RULE_ANCHOR_INTERNAL_H */
