#ifndef SR_CORE_REDACT_MASK_INTERNAL_H
#define SR_CORE_REDACT_MASK_INTERNAL_H

/*
 * For core/redact alone: [REDACTED:<what>:<tag>], or [REDACTED:<what>] where
 * there is no tag: no key, or a value that the tag would help to guess.
 */

#include "core/redact/known_internal.h"

#define MASK_MAX	256

/* What the mask of a value says that its key tells to be secret. */
#define NAMED_WORD	"named_value"

struct redacted;

struct mask_source {
	const struct known * known;		/* NULL: locked. */
	const struct fingerprint * fingerprint;	/* NULL: locked. */
	const struct redact_reader * reader;	/* NULL: of all names. */
	bool untagged;				/* No tags in masks. */
};

/** mask_names(reader, form): whether its masks may say which secret it is. */
bool mask_names(const struct redact_reader * reader,
    const struct known_form * form);

/**
 * mask_apply(m, text, from, to, spans):
 * [${from}, ${to}) of ${text} with a mask in place of each of the merged
 * ${spans}, which lie in it. Line ends inside of a span stay. NULL when out of
 * memory.
 */
struct redacted * mask_apply(const struct mask_source * m, const char * text,
    size_t from, size_t to, const struct span_list * spans);

#endif /* !SR_CORE_REDACT_MASK_INTERNAL_H */
