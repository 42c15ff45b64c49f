#ifndef SR_CORE_REDACT_VIEW_INTERNAL_H
#define SR_CORE_REDACT_VIEW_INTERNAL_H

/*
 * For core/redact alone: a stretch of a stream as the passes see it. The known
 * pass and the rules' pass both look at views; a text that is there as a whole
 * is one view with from 0 and last true.
 *
 * A pass appends spans with start >= from, and says how far it is sure: all
 * spans that start before *open are final (the same start, end and name
 * whatever bytes follow), and no others start there. *open is in [from, len];
 * with last it is len. What a pass finds depends on the bytes of the stream
 * alone and never on where views begin and end, provided that every view has
 * VIEW_BEHIND bytes of context before from, or begins with the stream.
 *
 * scan.c calls both, each from where it was sure last, so that neither sees
 * twice what it has settled: *open of one view is from of the pass's next one.
 * - known_pass(known, fingerprint, view, spans, open) sees all there is.
 * - rules_pass(rules, scratch, view, known, spans, open) sees what the known
 *   pass is sure of: its view ends at that *open, and is last only if that is
 *   the end of the stream. ${known} is sorted and merged, ends within the
 *   view, and begins with spans that lie in the context before from: they are
 *   walls too.
 */

#include "core/base/base.h"

/* Context kept in front of what is looked at. */
#define VIEW_BEHIND	((size_t)544)

/* A rule's match is at most so long; what is longer is masked up to here. */
#define VIEW_RULE_MAX	((size_t)64 * 1024)

struct view {
	const char * text;
	size_t len;
	size_t from;		/* Bytes before it are out already. */
	uint64_t at;		/* Offset of text[0] in the stream. */
	bool last;		/* Nothing follows. */
};

#endif /* !SR_CORE_REDACT_VIEW_INTERNAL_H */
