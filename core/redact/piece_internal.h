#ifndef SR_CORE_REDACT_PIECE_INTERNAL_H
#define SR_CORE_REDACT_PIECE_INTERNAL_H

/*
 * For core/redact alone: the pieces of a value that may leak on their own:
 * the whole, its lines, and the leaves of a JSON or .env shaped one.
 */

#include <jansson.h>

#include "core/redact/variant.h"

/* Every piece becomes four forms: itself and three base64. */
#define PIECES_MAX	(REDACT_FORMS_MAX / 4)

struct piece {
	enum redact_kind kind;		/* RAW, LINE or LEAF. */
	const uint8_t * p;
	size_t len;
};

struct pieces {
	struct piece * v;
	size_t n;
	bool too_many;
	json_t * json;			/* Leaves point into it... */
	struct secbuf * scratch;	/* ...or into this. */
};

/**
 * pieces_of(value, out):
 * Find the pieces of ${value}, no bytes twice, the whole one first. They live
 * as long as ${value} and ${out}. Errors: SECRET_VALUE_INVALID (more than
 * PIECES_MAX), OUT_OF_MEMORY, RANDOM_UNAVAILABLE. pieces_free ends it.
 */
SR_NODISCARD enum sr_error pieces_of(const struct secbuf * value,
    struct pieces * out);

/** pieces_free(p): release. */
void pieces_free(struct pieces * p);

#endif /* !SR_CORE_REDACT_PIECE_INTERNAL_H */
